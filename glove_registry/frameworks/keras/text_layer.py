"""A Keras model from texts to vectors, made of stock parts alone."""

import re
from collections import Counter
from collections.abc import Collection
from types import ModuleType
from typing import Any

import numpy as np

from ...errors import VocabularyError
from ...lookup.case import match_words
from ...lookup.matrix import EmbeddingPlan, warn_if_unsuitable
from ...lookup.rows import Rows
from ...lookup.vocabulary import (
    DEFAULT_OPTIONS,
    Vocabulary,
    VocabularyOptions,
    read_vocabulary,
)
from ...messages.caller import warn_caller
from ...registry import Tokenizer, check_tokenizer
from ...text.pooling import Pooling, check_pooling
from ...text.tokenizers import tokenize
from .casing import fold
from .indexing import can_index, flatten, get_respelled, index_words
from .layer import check_keras, make_layer
from .operations import find_operations

# A TextVectorization begins with these, which have no vector.
_PADDING = {0: ""}
_UNKNOWN = {1: "[UNK]"}
_FIRST_WORD = 2

# Lone surrogates stand for bytes that are not UTF-8, which TensorFlow's texts cannot
# hold. numpy, and so a loaded layer, takes a NUL alone for an empty string.
_REACHABLE = re.compile(r"[^\s\0\ud800-\udfff]+")


def make_text_layer(
    vectors: Rows,
    vocabulary: Any = None,
    pooling: Pooling = "mean",
    *,
    tokenizer: Tokenizer | None = None,
    options: VocabularyOptions = DEFAULT_OPTIONS,
    trainable: bool = False,
    dtype: Any = None,
    name: str | None = None,
    keras: ModuleType | None = None,
) -> Any:
    """Return a Keras model from texts to vectors.

    Parameters
    ----------
    vectors : Rows
    vocabulary : mapping, sequence, layer, tokenizer, Counter or None
        As for `read_vocabulary`, or words with their counts; None for all tokens of the
        release. A ``TextVectorization`` also decides how texts become words.
    pooling : {"mean", "sum", "sqrtn", "max"}
    tokenizer : {"ptb", "lower-ptb", "words", "whitespace"}, optional
        By default, that of the release.
    options : VocabularyOptions
    trainable : bool
    dtype : str, DTypePolicy or None
    name : str, optional
    keras : module, optional
        ``keras`` or ``tf_keras``; by default, `find_keras`.

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
        `pooling` or `tokenizer` is unknown, or no graph can follow the tokenizer.
    RuntimeError
        Keras does not run on TensorFlow.
    """
    keras = check_keras(keras)
    check_pooling(pooling)
    backend = keras.backend.backend()
    if backend != "tensorflow":
        raise RuntimeError(
            f"text layers need the TensorFlow backend of Keras, found {backend}: make "
            "vectors of the texts with embed(); or make indices of them with a "
            "TextVectorization in tf.data, and pass that to to_keras_layer()"
        )
    ops = find_operations(keras)
    is_layer = _is_text_vectorization(vocabulary, keras)
    tokens = _find_tokens(vectors, vocabulary, options)
    # A layer that does not split its texts takes rows of words.
    takes_rows = is_layer and vocabulary.get_config()["split"] is None
    texts = keras.Input((None,) if takes_rows else (), dtype="string", name="texts")
    if is_layer:
        if tokenizer is not None:
            raise ValueError(
                f"tokenizer={tokenizer!r}: a TextVectorization splits the texts itself"
            )
        words = [*tokens]
        indices, numbers = flatten(_restrict(vocabulary, words)(texts), ops)
        indices = ops.maximum(indices, 0)
    else:
        tokenizer = _check_tokenizer(vectors, tokenizer)
        words = [*_find_reachable(tokens.values(), tokenizer)]
        _warn_of_lost_words(vectors, vocabulary, tokens, tokenizer)
        others = _find_others(vectors, words, tokenizer)
        indices, numbers = index_words(texts, words, others, tokenizer, keras)
        indices += _FIRST_WORD - 1
    size = _FIRST_WORD + len(words)
    positions = np.arange(_FIRST_WORD, size)
    numbered = Vocabulary(words, positions, _PADDING, _UNKNOWN, size, counts=None)
    matches = match_words(vectors, words)
    plan = EmbeddingPlan(vectors, numbered, matches, "zeros", size)
    embedding = make_layer(plan, keras, trainable=trainable, dtype=dtype)
    known = ops.greater_equal(indices, _FIRST_WORD)
    pooled = _pool(embedding(indices), known, numbers, pooling, ops)
    model = keras.Model(texts, ops.cast(pooled, embedding.compute_dtype), name=name)
    model.trainable = trainable
    if hasattr(keras, "DTypePolicy"):
        # As for TextVectorization: a Sequential without an Input makes one of its first
        # layer's type.
        model.dtype_policy = keras.DTypePolicy("string")
    return model


def _is_text_vectorization(vocabulary: Any, keras: ModuleType) -> bool:
    """Return whether a vocabulary is a layer that also splits texts."""
    kind = type(vocabulary)
    if isinstance(vocabulary, keras.layers.TextVectorization):
        return True
    if kind.__name__ == "TextVectorization" and hasattr(vocabulary, "get_vocabulary"):
        raise TypeError(
            f"the TextVectorization is a layer of {kind.__module__.partition('.')[0]}, "
            f"and the text layer one of {keras.__name__}: make both of one Keras, by "
            "the argument keras="
        )
    return False


def _check_tokenizer(vectors: Rows, tokenizer: Tokenizer | None) -> Tokenizer:
    """Return the tokenizer that a graph has to follow, if it can."""
    if tokenizer is None:
        tokenizer = vectors.tokenizer
    check_tokenizer(tokenizer)
    if not can_index(tokenizer):
        raise ValueError(
            f"no graph of Keras can follow the tokenizer {tokenizer!r}: pass "
            "tokenizer='whitespace', and give the layer texts that are tokenized by "
            "texts.map(vectors.tokenize_tensor), where texts is a tf.data.Dataset"
        )
    return tokenizer


def _find_tokens(
    vectors: Rows, vocabulary: Any, options: VocabularyOptions
) -> dict[str, str]:
    """Return the token of each word of a vocabulary that has a vector, in its order."""
    if vocabulary is None:
        if options != DEFAULT_OPTIONS:
            raise VocabularyError(
                "padding and specials are those of a vocabulary: pass one"
            )
        if not len(vectors):
            raise VocabularyError(
                f"{vectors.name} has n-grams and no words, and a layer cannot compose "
                "vectors: make them by embed(), or of vectors.subset(words)"
            )
        _warn_of_composed_words(vectors, "words of a text without a row")
        return {token: token for token in vectors.tokens}
    if isinstance(vocabulary, Counter):
        # Its values are not indices, and only its words matter.
        vocabulary = list(vocabulary)
    read = read_vocabulary(vocabulary, options)
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
    if len(found) < len(words):
        first = words[int(np.flatnonzero(~matches.found)[0])]
        skipped = f"{len(words) - len(found):,} of {len(words):,} words"
        _warn_of_composed_words(vectors, f"{skipped}, such as {first!r},")
    return {words[i]: vectors.tokens[matches.rows[i]] for i in found}


def _warn_of_composed_words(vectors: Rows, skipped: str) -> None:
    """Warn of words that a look-up would compose a vector for, and the layer skips."""
    if vectors.has_subwords:
        warn_caller(
            f"{vectors.name}: no graph of Keras composes vectors of n-grams, so that "
            f"{skipped} are skipped: make the layer of vectors.subset(words), which "
            "composes those of your words, or embed() the texts"
        )


def _find_reachable(tokens: Collection[str], tokenizer: Tokenizer) -> dict[str, None]:
    """Return the tokens that may be found in a text, without duplicates."""
    respelled = get_respelled(tokenizer)
    return {
        token: None
        for token in tokens
        if _REACHABLE.fullmatch(token) and token not in respelled
    }


def _warn_of_lost_words(
    vectors: Rows, vocabulary: Any, tokens: dict[str, str], tokenizer: Tokenizer
) -> None:
    """Warn of words of a vocabulary that no text can contain."""
    if vocabulary is None:
        return
    lost = []
    for word, token in tokens.items():
        found = tokenize(word, tokenizer)
        rows = match_words(vectors, found).rows
        if len(found) != 1 or vectors.tokens[rows[0]] != token:
            lost.append(word)
    if len(lost) == len(tokens):
        raise VocabularyError(
            f"none of the {len(tokens):,} words, such as {lost[0]!r}, can be found in "
            f"a text by the tokenizer {tokenizer!r}: pass tokenizer='whitespace' and "
            "texts whose words are separated by blanks"
        )
    if lost:
        warn_caller(
            f"{len(lost):,} of {len(tokens):,} words cannot be found in a text, such "
            f"as {lost[0]!r}, which the tokenizer {tokenizer!r} splits or changes: to "
            "keep them, pass tokenizer='whitespace' and texts whose words are "
            "separated by blanks"
        )


def _find_others(
    vectors: Rows, words: Collection[str], tokenizer: Tokenizer
) -> list[str]:
    """Return further tokens of the release, which words in another case may mean."""
    if len(words) >= len(vectors):
        return []
    wanted = set(words)
    folded = set(map(fold, words))
    others = {token for token in vectors.tokens if fold(token) in folded}
    return [*_find_reachable(sorted(others - wanted), tokenizer)]


def _restrict(layer: Any, words: list[str]) -> Any:
    """Return a copy of a TextVectorization with a smaller vocabulary."""
    # A vocabulary in the layer's configuration survives saving, whatever its
    # characters; a file of one is read by splitlines() and in the locale's encoding.
    # Not by from_config(), which accepts no function for `standardize` or `split`.
    config = {**layer.get_config(), "vocabulary": words, "ragged": True}
    return type(layer)(**config)


def _pool(vectors: Any, known: Any, numbers: Any, pooling: Pooling, ops: Any) -> Any:
    """Return one vector for each text, as `pool_texts` does.

    Parameters
    ----------
    vectors : KerasTensor of shape (n_words, dimension)
    known : KerasTensor of shape (n_words,), bool
        Which of them stand for a word.
    numbers : KerasTensor of shape (n_words,), int64
        The number of the text each belongs to, ascending, without gaps.
    pooling : {"mean", "sum", "sqrtn", "max"}
    ops : module

    Returns
    -------
    KerasTensor of shape (n_texts, dimension), float64
        Zeros for a text without a known word.
    """
    vectors = ops.cast(vectors, "float64")
    known = ops.expand_dims(known, -1)
    count = ops.segment_sum(ops.cast(known, "float64"), numbers, sorted=True)
    zeros = ops.zeros_like(vectors)
    if pooling == "max":
        # Not infinity, as the model's configuration has to be JSON.
        lowest = zeros + float(np.finfo(np.float32).min)
        largest = ops.segment_max(
            ops.where(known, vectors, lowest), numbers, sorted=True
        )
        return ops.where(ops.greater(count, 0), largest, ops.zeros_like(largest))
    total = ops.segment_sum(ops.where(known, vectors, zeros), numbers, sorted=True)
    if pooling == "sum":
        return total
    count = ops.maximum(count, 1.0)
    return total / (count if pooling == "mean" else ops.sqrt(count))
