"""Vectors of words as a matrix: in the words' order, or at any indices."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from .case import Case, match_words
from .oov import OovRule, choose_oov, make_oov_vectors, refuse_overflow
from .rows import Rows, list_words

# Vectors made at a time: all at once, they would be in memory twice.
_STEP = 1 << 12


def look_up(
    vectors: Rows,
    words: Iterable[str],
    *,
    oov: OovRule | None = None,
    case: Case = "fallback",
    dtype: DTypeLike = np.float32,
) -> NDArray[Any]:
    """Return the vectors of words, in their order."""
    words = list_words(words)
    rows = match_words(vectors, words, case).rows
    rule = choose_oov(oov, vectors, [words[i] for i in np.flatnonzero(rows < 0)])
    size = len(words)
    return gather(vectors, words, rows, np.arange(size), size, rule, dtype, case)


def gather(
    vectors: Rows,
    words: Sequence[str],
    rows: NDArray[np.int64],
    indices: NDArray[np.int64],
    size: int,
    oov: OovRule,
    dtype: DTypeLike,
    case: Case = "fallback",
) -> NDArray[Any]:
    """Return a matrix of zeros with the vector of each word written at its index.

    `case` is the rule for the parts of a word, with ``oov="parts"``.
    """
    matrix = np.zeros((size, vectors.dimension), find_dtype(dtype))
    found = rows >= 0
    sentence = (
        f"{vectors.name}, or what oov returns, has numbers that are too large for "
        f"{matrix.dtype}: use a wider dtype"
    )
    with refuse_overflow(sentence):
        vectors.fill(matrix, indices[found], rows[found])
    missing = np.flatnonzero(~found)
    for start in range(0, len(missing), _STEP):
        some = missing[start : start + _STEP]
        made = make_oov_vectors(oov, vectors, [words[i] for i in some], case)
        with refuse_overflow(sentence):
            matrix[indices[some]] = made
    # Of a conversion to bfloat16, numpy hears of no overflow.
    if matrix.dtype.name == "bfloat16" and not all(
        np.isfinite(matrix[start : start + _STEP]).all()
        for start in range(0, size, _STEP)
    ):
        raise ValueError(sentence)
    return matrix


def find_dtype(dtype: DTypeLike) -> np.dtype[Any]:
    """Return numpy's data type for a name, bfloat16 included; float32 for None.

    Raises `TypeError` if it is not a type of floating-point numbers.
    """
    if dtype is None:  # numpy would take it for float64
        dtype = np.float32
    if str(dtype) == "bfloat16":
        # numpy has no such type; TensorFlow and JAX bring the package that adds it.
        try:
            from ml_dtypes import bfloat16
        except ModuleNotFoundError as error:
            raise ModuleNotFoundError(
                "dtype='bfloat16' needs ml_dtypes: pip install ml_dtypes",
                name=error.name,
            ) from error
        dtype = bfloat16
    with suppress(TypeError):
        found = np.dtype(dtype)
        if found.kind == "f" or found.name == "bfloat16":
            return found
    raise TypeError(
        f"dtype={dtype!r}: expected a floating-point type such as 'float32', "
        "'float16' or 'bfloat16'"
    )
