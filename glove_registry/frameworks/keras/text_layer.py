"""A Keras model from texts to vectors, made of stock parts alone."""

from collections import Counter
from importlib import import_module
from types import ModuleType
from typing import Any

import numpy as np

from ...errors import VocabularyError
from ...lookup.case import match_words
from ...lookup.matrix import EmbeddingPlan, warn_if_unsuitable
from ...lookup.rows import Rows
from ...lookup.special_tokens import is_padding, is_special
from ...lookup.vocabulary import Vocabulary, read_vocabulary
from ...messages.caller import warn_caller
from ...text.pooling import Pooling, check_pooling
from ...text.spellings import Spellings, find_spellings
from .indexing import flatten, index_words
from .layer import find_keras, make_layer

# A TextVectorization begins with these, which have no vector.
_PADDING = {0: ""}
_UNKNOWN = {1: "[UNK]"}
_FIRST_WORD = 2


def make_text_layer(
    vectors: Rows,
    vocabulary: Any = None,
    pooling: Pooling = "mean",
    *,
    trainable: bool = False,
    dtype: Any = None,
    name: str | None = None,
) -> Any:
    """Return the model of `build_text_model`, for the Keras that ``tf.keras`` is.

    Raises
    ------
    RuntimeError
        ``tf.keras`` is Keras 2.
    """
    if find_keras() is not import_module("keras"):
        raise RuntimeError(
            "TF_USE_LEGACY_KERAS makes tf.keras Keras 2, and text layers need Keras 3, "
            "whose weights a model of Keras 2 does not train: unset the variable; or "
            "make indices of the texts with a TextVectorization of tf.keras, and pass "
            "that to to_keras_layer()"
        )
    return build_text_model(vectors, vocabulary, pooling, trainable, dtype, name)


def build_text_model(
    vectors: Rows,
    vocabulary: Any,
    pooling: Pooling,
    trainable: bool,
    dtype: Any,
    name: str | None = None,
) -> Any:
    """Return a Keras 3 model from texts to vectors.

    Parameters
    ----------
    vectors : Rows
    vocabulary : mapping, sequence, layer, tokenizer, Counter or None
        As for `read_vocabulary`, or words with their counts; None for all tokens of the
        release. A ``TextVectorization`` also decides how texts become words.
    pooling : {"mean", "sum", "sqrtn", "max"}
    trainable : bool
    dtype : str, keras.DTypePolicy or None
    name : str, optional

    Returns
    -------
    keras.Model
        From strings of shape (n_texts,) or (n_texts, 1) to floats of shape
        (n_texts, dimension).

    Raises
    ------
    VocabularyError
        `vocabulary` is invalid, or none of its words has a vector.
    ValueError
        `pooling` is unknown.
    RuntimeError
        Keras does not run on TensorFlow.
    """
    import keras

    check_pooling(pooling)
    if (backend := keras.backend.backend()) != "tensorflow":
        raise RuntimeError(
            f"text layers need the TensorFlow backend of Keras, found {backend}: make "
            "indices of the texts with a TextVectorization in tf.data, and pass that "
            "to to_keras_layer()"
        )
    ops = keras.ops
    tokens = _find_tokens(vectors, vocabulary)
    is_layer = isinstance(vocabulary, keras.layers.TextVectorization)
    # A layer that does not split its texts takes rows of words.
    takes_rows = is_layer and vocabulary.get_config()["split"] is None
    texts = keras.Input((None,) if takes_rows else (), dtype="string", name="texts")
    if is_layer:
        words = [*tokens]
        indices, numbers = flatten(_restrict(vocabulary, words)(texts), keras)
        indices = ops.maximum(indices, 0)
    else:
        spellings = _find_spellings(vectors, vocabulary, tokens)
        words = spellings.tokens
        indices, numbers = index_words(texts, spellings, keras)
        indices += _FIRST_WORD - 1
    size = _FIRST_WORD + len(words)
    positions = np.arange(_FIRST_WORD, size)
    numbered = Vocabulary(words, positions, _PADDING, _UNKNOWN, size, counts=None)
    matches = match_words(vectors, words)
    plan = EmbeddingPlan(vectors, numbered, matches, "zeros", size)
    embedding = make_layer(plan, keras, trainable=trainable, dtype=dtype)
    known = ops.greater_equal(indices, _FIRST_WORD)
    pooled = _pool(embedding(indices), known, numbers, pooling, keras)
    model = keras.Model(texts, ops.cast(pooled, embedding.compute_dtype), name=name)
    model.trainable = trainable
    # As for TextVectorization: a Sequential without an Input makes one of its first
    # layer's type.
    model.dtype_policy = keras.DTypePolicy("string")
    return model


def _find_tokens(vectors: Rows, vocabulary: Any) -> dict[str, str]:
    """Return the token of each word of a vocabulary that has a vector, in its order."""
    if vocabulary is None:
        tokens = dict.fromkeys(vectors.tokens)
        return {t: t for t in tokens if not (is_padding(t) or is_special(t))}
    if isinstance(vocabulary, Counter):
        # Its values are not indices, and only its words matter.
        vocabulary = list(vocabulary)
    read = read_vocabulary(vocabulary)
    read.check_indices()
    words = read.words
    matches = match_words(vectors, words)
    found = np.flatnonzero(matches.found)
    if not len(found):
        raise VocabularyError(
            f"none of the {len(words):,} words, such as {words[0]!r}, has a vector in "
            f"{vectors.name}, so every text would be zeros: pass whole words of the "
            "language of these vectors, not pieces of words"
        )
    warn_if_unsuitable(vectors, words, matches)
    return {words[i]: vectors.tokens[matches.rows[i]] for i in found}


def _find_spellings(
    vectors: Rows, vocabulary: Any, tokens: dict[str, str]
) -> Spellings:
    """Return how texts spell the tokens; warn of words that no text can contain."""
    spellings = find_spellings(vectors, dict.fromkeys(tokens.values()))
    reachable = set(spellings.tokens)
    lost = [word for word, token in tokens.items() if token not in reachable]
    if not reachable:
        raise VocabularyError(
            f"none of the {len(tokens):,} words, such as {lost[0]!r}, can be found in "
            "a text, as texts lose their punctuation and are split at white space: "
            "pass a TextVectorization that splits them differently as the vocabulary"
        )
    if lost and vocabulary is not None:
        warn_caller(
            f"{len(lost):,} of {len(tokens):,} words cannot be found in a text, such "
            f"as {lost[0]!r}: texts lose their punctuation and are split at white "
            "space, and of words that are equal without it, only the first is found; "
            "to keep them, pass a TextVectorization that splits texts differently as "
            "the vocabulary"
        )
    return spellings


def _restrict(layer: Any, words: list[str]) -> Any:
    """Return a copy of a TextVectorization with a smaller vocabulary."""
    # As an array of objects: Keras would make one of strings, each as long as the
    # longest. A vocabulary in the layer's configuration survives saving, whatever its
    # characters; a file of one is read by splitlines() and in the locale's encoding.
    vocabulary = np.array(words, dtype=object)
    # Not by from_config(), which accepts no function for `standardize` or `split`.
    config = {**layer.get_config(), "vocabulary": vocabulary, "ragged": True}
    return type(layer)(**config)


def _pool(
    vectors: Any, known: Any, numbers: Any, pooling: Pooling, keras: ModuleType
) -> Any:
    """Return one vector for each text, as `pool_words` does.

    Parameters
    ----------
    vectors : KerasTensor of shape (n_words, dimension)
    known : KerasTensor of shape (n_words,), bool
        Which of them stand for a word.
    numbers : KerasTensor of shape (n_words,), int64
        The number of the text each belongs to, ascending, without gaps.
    pooling : {"mean", "sum", "sqrtn", "max"}
    keras : module

    Returns
    -------
    KerasTensor of shape (n_texts, dimension), float32 or wider
        Zeros for a text without a known word.
    """
    ops = keras.ops
    # A text may have more words than float16 can count.
    dtype = keras.backend.result_type(vectors.dtype, "float32")
    vectors = ops.cast(vectors, dtype)
    known = ops.expand_dims(known, -1)
    count = ops.segment_sum(ops.cast(known, dtype), numbers, sorted=True)
    if pooling == "max":
        # Not infinity, as the model's configuration has to be JSON.
        lowest = float(np.finfo(np.float32).min)
        vectors = ops.where(known, vectors, lowest)
        largest = ops.segment_max(vectors, numbers, sorted=True)
        return ops.where(ops.greater(count, 0), largest, 0.0)
    total = ops.segment_sum(ops.where(known, vectors, 0.0), numbers, sorted=True)
    if pooling == "sum":
        return total
    count = ops.maximum(count, 1.0)
    return total / (count if pooling == "mean" else ops.sqrt(count))
