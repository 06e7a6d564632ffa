"""Vectors of words, whether they have a row or are composed of n-grams."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .case import Case, match_words
from .rows import Rows


class Found(NamedTuple):
    """The vectors of some words, as numbers.

    Attributes
    ----------
    numbers : ndarray of shape (n_words,), int64
        The row of a word; ``len(vectors)`` and more for one that is composed; -1 for a
        word without a vector.
    composed : ndarray of shape (n, dimension), float32
        The vectors with the numbers from ``len(vectors)`` on.
    """

    numbers: NDArray[np.int64]
    composed: NDArray[np.float32]


def find_vectors(vectors: Rows, words: Sequence[str], case: Case) -> Found:
    """Find each word: by its row, in another case by the rule, or by its n-grams."""
    numbers = match_words(vectors, words, case).rows
    without = np.flatnonzero(numbers < 0)
    composed, is_composed = vectors.compose(words[i] for i in without.tolist())
    numbers[without[is_composed]] = len(vectors) + np.arange(is_composed.sum())
    return Found(numbers, composed[is_composed])


def take_vectors(
    vectors: Rows, numbers: NDArray[np.int64], composed: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Return vectors by the numbers of `find_vectors`, none of which is -1.

    Returns
    -------
    ndarray of shape (len(numbers), dimension), float32
        A copy.
    """
    if not len(composed):
        return vectors.take(numbers)
    taken = np.empty((len(numbers), vectors.dimension), np.float32)
    has_row = numbers < len(vectors)
    vectors.fill(taken, np.flatnonzero(has_row), numbers[has_row])
    taken[~has_row] = composed[numbers[~has_row] - len(vectors)]
    return taken
