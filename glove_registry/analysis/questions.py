"""The two kinds of questions: a direction, and a product of cosines."""

from copy import copy
from typing import Any, Self

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

    def __getitem__(self, some: Any) -> Self:
        """Return some of the questions."""
        chosen = copy(self)
        chosen._exact, chosen.queries = self._exact[some], self.queries[some]
        return chosen

    def score(self, part: Part) -> NDArray[np.float32]:
        """Return the cosine of each row with each query."""
        return part.compare(self.queries)

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

    def __getitem__(self, some: Any) -> Self:
        """Return some of the questions."""
        chosen = copy(self)
        chosen._exact = [term[some] for term in self._exact]
        chosen._terms = [term[some] for term in self._terms]
        return chosen

    def score(self, part: Part) -> NDArray[np.float32]:
        """Return the score of each row for each question, or a little more than it."""
        a, b, c = (part.compare(term) for term in self._terms)
        return _combine(a, b, c, part.rounding)

    def score_exactly(
        self, which: NDArray[np.int64], vectors: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Return the score of the i-th vector for the question which[i]."""
        a, b, c = (_multiply(term[which], vectors) for term in self._exact)
        return _combine(a, b, c)


def _multiply(
    left: NDArray[np.float64], right: NDArray[np.float64]
) -> NDArray[np.float64]:
    return np.asarray(np.einsum("ij,ij->i", left, right))


def _combine(
    a: NDArray[Any], b: NDArray[Any], c: NDArray[Any], rounding: float = 0
) -> NDArray[Any]:
    """Combine cosines, shifted to the range from 0 to 1, in place.

    If they may be wrong by `rounding`, the result is the largest that it could be.
    """
    for cosines, shift in ((a, 1 - rounding), (b, 1 + rounding), (c, 1 + rounding)):
        cosines += shift
        cosines /= 2
    np.maximum(a, 0, out=a)
    a += _EPSILON
    b *= c
    b /= a
    return b
