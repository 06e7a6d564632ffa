"""A model that takes texts and gives a vector for each, made of stock parts alone."""

import re
import string
from collections import Counter
from importlib import import_module
from types import ModuleType
from typing import Any, Literal, TypeAlias

import numpy as np

from ..errors import VocabularyError
from ..lookup import EmbeddingPlan, plan_embedding, warn_of_doubts
from ..rows import Rows
from ..vocabulary import Vocabulary, read_vocabulary
from ..vocabulary.specials import is_padding, is_special
from .layer import make_layer

Pooling: TypeAlias = Literal["mean", "sum", "sqrtn", "max"]
POOLINGS: tuple[Pooling, ...] = ("mean", "sum", "sqrtn", "max")

# What a TextVectorization puts before the words: neither has a vector.
_PADDING = {0: ""}
_UNKNOWN = {1: "[UNK]"}
_FIRST_WORD = 2

# What TextVectorization's own rules do to ASCII; it leaves all else as it is.
_STANDARDIZE = {
    "lower_and_strip_punctuation": str.maketrans(
        string.ascii_uppercase, string.ascii_lowercase, string.punctuation
    ),
    "strip_punctuation": str.maketrans("", "", string.punctuation),
}
# What can come out of a split at white space. Bytes that are not UTF-8 are lone
# surrogates here, and no str that TensorFlow takes.
_REACHABLE = re.compile(r"[^ \t\n\v\f\r\ud800-\udfff]+")
# A release of lower-case words may have a few that are not; of a cased one, many are.
_FEW_UPPER_CASE = 0.01


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
    keras = import_module("keras")
    check_pooling(pooling)
    if (backend := keras.backend.backend()) != "tensorflow":
        raise RuntimeError(
            "a layer can take texts on the TensorFlow backend of Keras alone, and this "
            f"is {backend}: make indices of the texts with a TextVectorization in "
            "tf.data, and give that to to_keras_layer()"
        )
    words = _find_words(rows, vocabulary)
    if isinstance(vocabulary, keras.layers.TextVectorization):
        vectorize = _cut_vectorization(vocabulary, words)
    else:
        vectorize, words = _make_vectorization(words, keras)
    embedding = make_layer(_plan(rows, words), keras, trainable=trainable, dtype=dtype)
    # Without a split, a text is a row of words.
    shape = (None,) if vectorize.get_config()["split"] is None else ()
    texts = keras.Input(shape, dtype="string", name="texts")
    indices = vectorize(texts)
    known = indices >= _FIRST_WORD
    pooled = _pool(embedding(indices), known, pooling, keras)
    model = keras.Model(
        texts, keras.ops.cast(pooled, embedding.compute_dtype), name=name
    )
    model.trainable = trainable
    # As TextVectorization says of itself: a Sequential without an Input makes one of
    # the first layer's type, and texts are no floats.
    model.dtype_policy = keras.DTypePolicy("string")
    return model


def _find_words(rows: Rows, vocabulary: Any) -> list[str]:
    """Find the words of a vocabulary that have a vector, in its order."""
    if vocabulary is None:
        tokens = dict.fromkeys(rows.tokens)
        return [word for word in tokens if not (is_padding(word) or is_special(word))]
    if isinstance(vocabulary, Counter):
        # Its numbers are no indices, and words are all that is asked for.
        vocabulary = list(vocabulary)
    plan = plan_embedding(rows, read_vocabulary(vocabulary))
    words = plan.vocabulary.words
    if not plan.matches.found.any():
        raise VocabularyError(
            f"none of the {len(words):,} words, such as {words[0]!r}, has a vector in "
            f"{rows.name}, and every text would be zeros: was it made of other texts, "
            "or of pieces of words?"
        )
    warn_of_doubts(plan)
    return [words[i] for i in np.flatnonzero(plan.matches.found)]


def _cut_vectorization(layer: Any, words: list[str]) -> Any:
    """Copy a TextVectorization with a smaller vocabulary."""
    config = {**layer.get_config(), "vocabulary": _to_array(words), "ragged": False}
    # Not by from_config(), which takes no function for `standardize` or `split`.
    return type(layer)(**config)


def _make_vectorization(words: list[str], keras: ModuleType) -> tuple[Any, list[str]]:
    """Make a TextVectorization whose texts meet as many of the words as can be.

    Returns
    -------
    keras.layers.TextVectorization
    list of str
        The words whose vectors its own words get, in their order.
    """
    upper_case = sum(word != word.lower() for word in words)
    standardize = (
        "strip_punctuation"
        if upper_case > _FEW_UPPER_CASE * len(words)
        else "lower_and_strip_punctuation"
    )
    table = _STANDARDIZE[standardize]
    # "well-made" is met as "wellmade", which is what becomes of it in a text. Where
    # two words become one, the one that is spelled so goes first.
    met = {word: word for word in words if word.translate(table) == word}
    for word in words:
        met.setdefault(word.translate(table), word)
    met = {text: word for text, word in met.items() if _REACHABLE.fullmatch(text)}
    if not met:
        raise VocabularyError(
            f"none of the {len(words):,} words, such as {words[0]!r}, can be met in a "
            "text, as texts lose their punctuation and are split at white space: give "
            "a TextVectorization that does otherwise as the vocabulary"
        )
    layer = keras.layers.TextVectorization(
        standardize=standardize, vocabulary=_to_array(list(met))
    )
    return layer, list(met.values())


def _to_array(words: list[str]) -> Any:
    # As an array of objects: Keras would make one of strings, all as long as the
    # longest. In the layer's configuration they last, whatever characters they have;
    # a file of them is read back by splitlines() and in the locale's encoding.
    return np.array(words, dtype=object)


def _plan(rows: Rows, words: list[str]) -> EmbeddingPlan:
    """Plan the matrix of words that stand after padding and unknown words."""
    size = _FIRST_WORD + len(words)
    indices = np.arange(_FIRST_WORD, size)
    return plan_embedding(
        rows, Vocabulary(words, indices, _PADDING, _UNKNOWN, size, counts=None)
    )


def _pool(vectors: Any, known: Any, pooling: Pooling, keras: ModuleType) -> Any:
    """Make one vector of each text's, without those that stand for no word.

    Parameters
    ----------
    vectors : KerasTensor of shape (n_texts, n_words, dimension)
    known : KerasTensor of shape (n_texts, n_words), bool
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
    count = ops.sum(ops.cast(known, dtype), axis=1)
    if pooling == "max":
        # Infinity is no JSON, and the model's configuration is to be. `initial` is
        # for texts none of which has a word.
        lowest = float(np.finfo(np.float32).min)
        largest = ops.max(ops.where(known, vectors, lowest), axis=1, initial=lowest)
        return ops.where(count > 0, largest, 0.0)
    total = ops.sum(ops.where(known, vectors, 0.0), axis=1)
    if pooling == "sum":
        return total
    count = ops.maximum(count, 1.0)
    return total / (count if pooling == "mean" else ops.sqrt(count))
