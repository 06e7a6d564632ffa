"""Numbers for many words: one row each, or each at its index."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from operator import index as as_int
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from ..errors import VocabularyError
from .case import FALLBACK, Case, Matches, match
from .oov import Fill, OovRule, check_misses, make_fill
from .rows import Rows, list_words
from .vocabulary import Vocabulary

# Rows gathered at a time, so that a large matrix is not there twice while it is made.
_STEP = 1 << 12


def look_up(
    rows: Rows,
    words: Iterable[str],
    *,
    oov: OovRule = "zeros",
    case: Case = FALLBACK,
    dtype: DTypeLike = np.float32,
) -> NDArray[Any]:
    """Give the vectors of words, in their order.

    Returns
    -------
    ndarray of shape (n_words, dimension), `dtype`
    """
    words = list_words(words)
    fill = make_fill(oov, rows)
    matches = match(rows, words, case)
    misses = np.flatnonzero(~matches.found)
    check_misses(oov, rows, [words[i] for i in misses])
    vectors = np.zeros((len(words), rows.dimension), find_dtype(dtype))
    with _no_overflow(rows, vectors.dtype):
        _copy(vectors, np.arange(len(words)), rows, matches)
        _fill(vectors, misses, [words[i] for i in misses], fill)
    return vectors


@dataclass(frozen=True, slots=True)
class EmbeddingPlan:
    """All that decides an embedding matrix; nothing of its size is in memory yet.

    Attributes
    ----------
    rows : Rows
    vocabulary : Vocabulary
    matches : Matches
        Of the vocabulary's words.
    fill : callable
        What a miss gets.
    size : int
        Rows of the matrix.
    """

    rows: Rows
    vocabulary: Vocabulary
    matches: Matches
    fill: Fill
    size: int

    @property
    def shape(self) -> tuple[int, int]:
        """Shape of the matrix."""
        return self.size, self.rows.dimension

    def make(self, dtype: DTypeLike = np.float32) -> NDArray[Any]:
        """Make the matrix.

        Returns
        -------
        ndarray of shape (size, dimension), `dtype`
            Row i is the vector of the word with index i. Special tokens other than
            padding get what a miss gets, as a text's unknown words have their index.
            Zeros for padding, and where nothing has the index.
        """
        matrix = np.zeros(self.shape, find_dtype(dtype))
        words, indices = self.vocabulary.words, self.vocabulary.indices
        misses = np.flatnonzero(~self.matches.found)
        specials = self.vocabulary.specials
        marks = np.fromiter(specials, np.int64, len(specials))
        with _no_overflow(self.rows, matrix.dtype):
            _copy(matrix, indices, self.rows, self.matches)
            _fill(matrix, indices[misses], [words[i] for i in misses], self.fill)
            _fill(matrix, marks, [*specials.values()], self.fill)
        return matrix


def plan_embedding(
    rows: Rows,
    vocabulary: Vocabulary,
    *,
    oov: OovRule = "zeros",
    case: Case = FALLBACK,
    input_dim: int | None = None,
) -> EmbeddingPlan:
    """Find out all that an embedding matrix needs.

    Parameters
    ----------
    rows : Rows
    vocabulary : Vocabulary
    oov : str or callable
        What `make_fill` takes.
    case : {"fallback", "exact"}
    input_dim : int, optional
        Number of rows if it is to be more than the vocabulary needs.

    Raises
    ------
    VocabularyError
        `input_dim` is less than the vocabulary needs.
    UnknownWordError
        A word has no vector, and `oov` is ``"error"``.
    """
    size = vocabulary.size if input_dim is None else as_int(input_dim)
    if size < vocabulary.size:
        raise VocabularyError(
            f"input_dim={size:,}, and the vocabulary needs {vocabulary.size:,} "
            "rows: leave input_dim away, or cut the vocabulary by num_words"
        )
    matches = match(rows, vocabulary.words, case)
    misses = np.flatnonzero(~matches.found)
    check_misses(oov, rows, [vocabulary.words[i] for i in misses])
    return EmbeddingPlan(rows, vocabulary, matches, make_fill(oov, rows), size)


def find_dtype(dtype: DTypeLike) -> np.dtype[Any]:
    """Give numpy's data type of a name, bfloat16 included."""
    if str(dtype) == "bfloat16":
        # Every framework that has it brings this package; numpy alone does not.
        from ml_dtypes import bfloat16

        dtype = bfloat16
    found = np.dtype(dtype)
    if found.kind != "f" and found.name != "bfloat16":
        raise TypeError(
            f"dtype={dtype!r}: expected a type of floating-point numbers, such as "
            "'float32', 'float16' or 'bfloat16'"
        )
    return found


def _copy(
    matrix: NDArray[Any], indices: NDArray[np.int64], rows: Rows, matches: Matches
) -> None:
    """Write the vector of each word that has one into the matrix, at its index."""
    hits = np.flatnonzero(matches.found)
    for start in range(0, len(hits), _STEP):
        some = hits[start : start + _STEP]
        matrix[indices[some]] = rows.stored[matches.rows[some]]


def _fill(
    matrix: NDArray[Any], indices: NDArray[np.int64], words: Sequence[str], fill: Fill
) -> None:
    """Write what words without a vector get into the matrix, at their indices."""
    for start in range(0, len(words), _STEP):
        matrix[indices[start : start + _STEP]] = fill(words[start : start + _STEP])


@contextmanager
def _no_overflow(rows: Rows, dtype: np.dtype[Any]) -> Iterator[None]:
    """See that no number becomes infinite on its way to a narrower type."""
    try:
        with np.errstate(over="raise"):
            yield
    except FloatingPointError:
        raise ValueError(
            f"{rows.name}, or what oov gives, holds numbers that are too large for "
            f"{dtype}: take a wider dtype"
        ) from None
