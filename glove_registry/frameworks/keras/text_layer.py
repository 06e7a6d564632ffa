"""A model that takes texts and gives a vector for each, made of stock parts alone."""

from collections import Counter
from importlib import import_module
from types import ModuleType
from typing import Any, Literal, TypeAlias

import numpy as np

from ...errors import VocabularyError
from ...lookup.case import match_words
from ...lookup.matrix import EmbeddingPlan, warn_if_unsuitable
from ...lookup.rows import Rows
from ...lookup.special_tokens import is_padding, is_special
from ...lookup.vocabulary import Vocabulary, read_vocabulary
from ...messages.caller import warn_caller
from .indexing import flatten, index_words
from .layer import find_keras, make_layer
from .spellings import Spellings, find_spellings

Pooling: TypeAlias = Literal["mean", "sum", "sqrtn", "max"]
POOLINGS: tuple[Pooling, ...] = ("mean", "sum", "sqrtn", "max")

# What a TextVectorization puts before the words: neither has a vector.
_PADDING = {0: ""}
_UNKNOWN = {1: "[UNK]"}
_FIRST_WORD = 2


def check_pooling(pooling: object) -> None:
    """Raise `ValueError` if there is no such pooling."""
    if pooling not in POOLINGS:
        raise ValueError(f"pooling={pooling!r}: expected one of {', '.join(POOLINGS)}")


def make_text_layer(
    rows: Rows,
    vocabulary: Any = None,
    pooling: Pooling = "mean",
    *,
    trainable: bool = False,
    dtype: Any = None,
    name: str | None = None,
) -> Any:
    """Make a model from texts to vectors.

    Parameters
    ----------
    rows : Rows
    vocabulary : mapping, sequence, layer, tokenizer or Counter, optional
        What `read_vocabulary` takes, or words with their counts; all tokens of the
        release without it. A ``TextVectorization`` also says how texts become words.
    pooling : {"mean", "sum", "sqrtn", "max"}
    trainable : bool
    dtype : str or keras.DTypePolicy, optional
    name : str, optional

    Returns
    -------
    keras.Model
        From strings of shape (n_texts,) or (n_texts, 1) to floats of shape
        (n_texts, dimension).

    Raises
    ------
    VocabularyError
        None of the words has a vector, or it is no vocabulary.
    ValueError
        There is no such pooling.
    RuntimeError
        Keras runs on another backend than TensorFlow.
    """
    if find_keras() is not import_module("keras"):
        raise RuntimeError(
            "TF_USE_LEGACY_KERAS makes tf.keras Keras 2, whose models train nothing of "
            "a layer of Keras 3, and a layer of texts takes Keras 3: unset the "
            "variable; or make indices of the texts with a TextVectorization of "
            "tf.keras, and give that to to_keras_layer()"
        )
    return build_text_model(rows, vocabulary, pooling, trainable, dtype, name)


def build_text_model(
    rows: Rows,
    vocabulary: Any,
    pooling: Pooling,
    trainable: bool,
    dtype: Any,
    name: str | None = None,
) -> Any:
    """Build the model of `make_text_layer` by Keras 3, whatever ``tf.keras`` is."""
    import keras

    check_pooling(pooling)
    if (backend := keras.backend.backend()) != "tensorflow":
        raise RuntimeError(
            "a layer can take texts on the TensorFlow backend of Keras alone, and this "
            f"is {backend}: make indices of the texts with a TextVectorization in "
            "tf.data, and give that to to_keras_layer()"
        )
    ops = keras.ops
    tokens = _find_tokens(rows, vocabulary)
    shape: tuple[None, ...] = ()
    if isinstance(vocabulary, keras.layers.TextVectorization):
        vectorize = _cut_vectorization(vocabulary, words := [*tokens])
        # Without a split, a text is a row of words.
        shape = (None,) if vectorize.get_config()["split"] is None else ()
        texts = keras.Input(shape, dtype="string", name="texts")
        indices, numbers = flatten(vectorize(texts), keras)
        indices = ops.maximum(indices, 0)
    else:
        spellings = _find_spellings(rows, vocabulary, tokens)
        words = spellings.words
        texts = keras.Input(shape, dtype="string", name="texts")
        indices, numbers = index_words(texts, spellings, keras)
        indices += _FIRST_WORD - 1
    embedding = make_layer(_plan(rows, words), keras, trainable=trainable, dtype=dtype)
    known = ops.greater_equal(indices, _FIRST_WORD)
    pooled = _pool(embedding(indices), known, numbers, pooling, keras)
    model = keras.Model(texts, ops.cast(pooled, embedding.compute_dtype), name=name)
    model.trainable = trainable
    # As TextVectorization says of itself: a Sequential without an Input makes one of
    # the first layer's type, and texts are no floats.
    model.dtype_policy = keras.DTypePolicy("string")
    return model


def _find_tokens(rows: Rows, vocabulary: Any) -> dict[str, str]:
    """Find the words of a vocabulary that have a vector, in its order.

    Returns
    -------
    dict of str to str
        Each with the token of the release whose vector it is.
    """
    if vocabulary is None:
        tokens = dict.fromkeys(rows.tokens)
        return {t: t for t in tokens if not (is_padding(t) or is_special(t))}
    if isinstance(vocabulary, Counter):
        # Its numbers are no indices, and words are all that is asked for.
        vocabulary = list(vocabulary)
    words = read_vocabulary(vocabulary).words
    matches = match_words(rows, words)
    found = np.flatnonzero(matches.found)
    if not len(found):
        raise VocabularyError(
            f"none of the {len(words):,} words, such as {words[0]!r}, has a vector in "
            f"{rows.name}, and every text would be zeros: was it made of other texts, "
            "or of pieces of words?"
        )
    warn_if_unsuitable(rows, words, matches)
    return {words[i]: rows.tokens[matches.rows[i]] for i in found}


def _find_spellings(rows: Rows, vocabulary: Any, tokens: dict[str, str]) -> Spellings:
    """Find how texts spell the words, and say which of them no text can have."""
    spellings = find_spellings(rows, dict.fromkeys(tokens.values()))
    met = set(spellings.words)
    unmet = [word for word, token in tokens.items() if token not in met]
    if not met:
        raise VocabularyError(
            f"none of the {len(tokens):,} words, such as {unmet[0]!r}, can be met in a "
            "text, as texts lose their punctuation and are split at white space: give "
            "a TextVectorization that does otherwise as the vocabulary"
        )
    if unmet and vocabulary is not None:
        warn_caller(
            f"{len(unmet):,} of {len(tokens):,} words cannot be met in a text, such as "
            f"{unmet[0]!r}: texts lose their punctuation and are split at white space, "
            "and of words that become one by that, the first is met; to keep them, "
            "give a TextVectorization that does otherwise as the vocabulary"
        )
    return spellings


def _cut_vectorization(layer: Any, words: list[str]) -> Any:
    """Copy a TextVectorization with a smaller vocabulary."""
    config = {**layer.get_config(), "vocabulary": _to_array(words), "ragged": False}
    # Not by from_config(), which takes no function for `standardize` or `split`.
    return type(layer)(**config)


def _to_array(words: list[str]) -> Any:
    # As an array of objects: Keras would make one of strings, all as long as the
    # longest. In the layer's configuration they last, whatever characters they have;
    # a file of them is read back by splitlines() and in the locale's encoding.
    return np.array(words, dtype=object)


def _plan(rows: Rows, words: list[str]) -> EmbeddingPlan:
    """Plan the matrix of words that stand after padding and unknown words."""
    size = _FIRST_WORD + len(words)
    indices = np.arange(_FIRST_WORD, size)
    vocabulary = Vocabulary(words, indices, _PADDING, _UNKNOWN, size, counts=None)
    return EmbeddingPlan(rows, vocabulary, match_words(rows, words), "zeros", size)


def _pool(
    vectors: Any, known: Any, numbers: Any, pooling: Pooling, keras: ModuleType
) -> Any:
    """Make one vector of each text's, without those that stand for no word.

    Parameters
    ----------
    vectors : KerasTensor of shape (n_words, dimension)
    known : KerasTensor of shape (n_words,), bool
    numbers : KerasTensor of shape (n_words,), int64
        Of the text that each is of, in order, none left out.
    pooling : {"mean", "sum", "sqrtn", "max"}
    keras : module

    Returns
    -------
    KerasTensor of shape (n_texts, dimension), float32 or more
        Zeros for a text without a word.
    """
    ops = keras.ops
    # A text may have more words than float16 can count.
    dtype = keras.backend.result_type(vectors.dtype, "float32")
    vectors = ops.cast(vectors, dtype)
    known = ops.expand_dims(known, -1)
    count = ops.segment_sum(ops.cast(known, dtype), numbers, sorted=True)
    if pooling == "max":
        # Infinity is no JSON, and the model's configuration is to be.
        lowest = float(np.finfo(np.float32).min)
        vectors = ops.where(known, vectors, lowest)
        largest = ops.segment_max(vectors, numbers, sorted=True)
        return ops.where(ops.greater(count, 0), largest, 0.0)
    total = ops.segment_sum(ops.where(known, vectors, 0.0), numbers, sorted=True)
    if pooling == "sum":
        return total
    count = ops.maximum(count, 1.0)
    return total / (count if pooling == "mean" else ops.sqrt(count))
