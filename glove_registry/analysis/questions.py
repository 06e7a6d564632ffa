"""The two kinds of questions: a direction, and a product of cosines."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .directions import Part, normalize

# Keeps the division in 3CosMul finite, as in gensim.
_EPSILON = 1e-6


class Nearest:
    """Questions for the rows whose cosine with a vector is largest.

    Parameters
    ----------
    queries : ndarray of shape (n_questions, dimension)
        Of any length; the cosine with a vector of zeros is 0.

    Attributes
    ----------
    queries : ndarray of shape (n_questions, dimension), float32
        The same with length 1.
    """

    def __init__(self, queries: NDArray[np.floating]) -> None:
        self._exact = normalize(queries)
        self.queries = self._exact.astype(np.float32)

    def __len__(self) -> int:
        return len(self.queries)

    def score(self, some: slice, part: Part) -> NDArray[np.float32]:
        """Return the cosine of each row with each of some queries."""
        return part.compare(self.queries[some])

    def score_exactly(
        self, which: NDArray[np.int64], vectors: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Return the cosine of the i-th vector with the query which[i]."""
        return _multiply(self._exact[which], vectors)


class ThreeCosMul:
    """Analogies, answered by 3CosMul: formula (4) of Levy and Goldberg (2014).

    Parameters
    ----------
    a, b, c : ndarray of shape (n_questions, dimension)
        `a` is to `b` as `c` is to the answer.
    """

    def __init__(
        self,
        a: NDArray[np.floating],
        b: NDArray[np.floating],
        c: NDArray[np.floating],
    ) -> None:
        self._exact = [normalize(term) for term in (a, b, c)]
        self._terms = [term.astype(np.float32) for term in self._exact]

    def __len__(self) -> int:
        return len(self._terms[0])

    def score(self, some: slice, part: Part) -> NDArray[np.float32]:
        """Return the score of each row for each of some questions."""
        return _combine(*(part.compare(term[some]) for term in self._terms))

    def score_exactly(
        self, which: NDArray[np.int64], vectors: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Return the score of the i-th vector for the question which[i]."""
        return _combine(*(_multiply(term[which], vectors) for term in self._exact))


def _multiply(
    left: NDArray[np.float64], right: NDArray[np.float64]
) -> NDArray[np.float64]:
    return np.asarray(np.einsum("ij,ij->i", left, right))


def _combine(a: NDArray[Any], b: NDArray[Any], c: NDArray[Any]) -> NDArray[Any]:
    """Combine cosines, shifted to the range from 0 to 1, in place."""
    for cosines in (a, b, c):
        cosines += 1
        cosines /= 2
    a += _EPSILON
    b *= c
    b /= a
    return b
