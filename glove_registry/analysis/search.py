"""Search for the best rows of many questions, block by block.

Blocks of scores are computed in float32. The best of them, and a few more, are then
scored exactly: a score does not depend on which other questions were asked, and equal
vectors have equal scores. Where the rounding errors of float32 could hide a row that is
as good, as among many equal vectors, the search is repeated with more candidates.
"""

from collections.abc import Iterator
from functools import partial
from math import ceil, isqrt
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from ..lookup.rows import Rows
from .directions import Directions, Part, Restriction, bound_rounding, normalize
from .workers import start_workers

NO_ROW = -1

# Rows that are scored exactly beyond those that were asked for: enough for the rounding
# errors of float32 unless many scores are equal, when it is multiplied.
_SPARE, _MORE = 8, 16
# Questions for which all rows are read at a time.
_GROUP = 1 << 14
# Questions whose scores are computed at a time on one core, and scores: they stay in
# the cache of the processor. For few questions, many rows at a time: each product of
# matrices makes the processor's cores wait for each other.
_QUESTIONS, _SCORES = 1 << 9, 1 << 20
# Numbers of vectors at a time.
_BLOCK = 1 << 25
# Numbers in memory at a time while scoring exactly.
_NUMBERS = 1 << 20

_SIGN = np.uint32(1 << 31)
_HALF, _ALL = np.uint64(32), np.uint64((1 << 32) - 1)


class Questions(Protocol):
    """Questions to which rows are more or less good answers."""

    def __len__(self) -> int: ...

    def __getitem__(self, some: Any) -> Self:
        """Return some of the questions, by a slice or by their numbers."""
        ...

    def score(self, part: Part) -> NDArray[np.float32]:
        """Return the score of each row for each question, or a little more than it.

        Returns
        -------
        ndarray of shape (n_questions, n_rows), float32
            No less than the exact score, except for `Part.rounding`.
        """
        ...

    def score_exactly(
        self, which: NDArray[np.int64], vectors: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Return the score of the i-th vector, of length 1, for question which[i]."""
        ...


def search(
    directions: Directions,
    questions: Questions,
    k: int,
    *,
    restrict: Restriction = None,
    exclude: NDArray[np.int64] | None = None,
    spare: int = _SPARE,
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Return the `k` best rows for each question, the best first.

    Rows with equal scores are in the order of the file. Rows that repeat an earlier
    token, which look-ups never return, are left out.

    Parameters
    ----------
    directions : Directions
    questions : Questions
    k : int
    restrict : int or ndarray of int64, optional
        Search the first rows only, or rows by number, ascending.
    exclude : ndarray of shape (n_questions, n), int64, optional
        Rows to leave out for each question; `NO_ROW` is none.
    spare : int
        How many more candidates are scored exactly; it does not change the result.

    Returns
    -------
    rows : ndarray of shape (n_questions, n), int64
        `n` is `k`, or the number of rows if there are fewer; `NO_ROW` where no row is
        left.
    scores : ndarray of shape (n_questions, n), float32
        -inf where there is no row.
    """
    if exclude is None:
        exclude = np.empty((len(questions), 0), np.int64)
    count = directions.count(restrict)
    k = min(k, count)
    candidates = min(k + exclude.shape[1] + spare, count)
    rows, worst = _find_candidates(directions, questions, candidates, restrict)
    found, scores = rank_exactly(directions.rows, questions, rows, k, exclude)
    if candidates == count:
        return found, scores
    # No other row is better than the worst candidate, if that is exact.
    rounding = bound_rounding(directions.rows.dimension)
    limit = worst + rounding * np.maximum(1, np.abs(worst))
    unsure = np.flatnonzero((worst > -np.inf) & (limit >= scores[:, -1]))
    step = max(_NUMBERS // (candidates * _MORE), 1)
    for start in range(0, len(unsure), step):
        some = unsure[start : start + step]
        found[some], scores[some] = search(
            directions,
            questions[some],
            k,
            restrict=restrict,
            exclude=exclude[some],
            spare=spare * _MORE,
        )
    return found, scores


def in_groups(count: int) -> Iterator[slice]:
    """Yield slices of so many questions, each of which can be in memory."""
    for start in range(0, count, _GROUP):
        yield slice(start, min(start + _GROUP, count))


def rank_exactly(
    rows: Rows,
    questions: Questions,
    candidates: NDArray[np.int64],
    k: int,
    exclude: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Return the `k` best of each question's candidates, as `search` does."""
    is_left = candidates != NO_ROW
    for excluded in exclude.T:
        is_left &= candidates != excluded[:, None]
    which, column = np.nonzero(is_left)
    scores = np.full(candidates.shape, -np.inf, np.float32)
    step = max(_NUMBERS // rows.dimension, 1)
    for start in range(0, len(which), step):
        asked, at = which[start : start + step], column[start : start + step]
        vectors = normalize(rows.take(candidates[asked, at]))
        # Adding 0 turns -0 into 0.
        scores[asked, at] = questions.score_exactly(asked, vectors) + 0.0
    found = np.where(is_left, candidates, NO_ROW)
    order = np.lexsort((found, -scores))[:, :k]
    return np.take_along_axis(found, order, 1), np.take_along_axis(scores, order, 1)


def _find_candidates(
    directions: Directions, questions: Questions, k: int, restrict: Restriction
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Return the `k` best rows of each question in float32, and the worst score."""
    best = _Best(len(questions), k)
    count = ceil(len(questions) / ceil(len(questions) / _QUESTIONS))
    starts = range(0, len(questions), count)
    step = max(min(_SCORES // count, _BLOCK // directions.rows.dimension), 1)

    def add(part: Part, start: int) -> None:
        scores = questions[start : start + count].score(part)
        scores[:, part.repeated] = -np.inf
        best.add(start, part, scores)

    with start_workers(len(starts)) as run:
        for part in directions.read(restrict, step):
            if len(questions) > directions.rows.dimension:
                part = part.normalize()
            run(partial(add, part), starts)
    return best.list_rows(), best.worst


class _Best:
    """The best rows of each question so far.

    Score and row are one number, which is larger for a better score and, at the same
    score, for an earlier row.
    """

    def __init__(self, count: int, k: int) -> None:
        self._k = k
        self._packed = np.zeros((count, k), np.uint64)  # ascending; 0 is no row
        self.worst = np.full(count, -np.inf, np.float32)

    def add(self, first: int, part: Part, scores: NDArray[np.float32]) -> None:
        """Add the scores of some rows for the questions from `first` on."""
        worst = self.worst[first : first + len(scores)]
        # Column i is in group i % n. Few groups have a better row, as their best tells.
        groups = _find_best_of_groups(scores, self._k)
        width, n = scores.shape[1], groups.shape[1]
        if worst.min() == -np.inf and n >= self._k:
            # Each of the k best groups has a row that is as good as the worst of these.
            limit = np.partition(groups, n - self._k, axis=1)[:, n - self._k]
            worst = np.maximum(worst, np.nextafter(limit, np.float32(-np.inf)))
        # This is ten times as fast as np.nonzero.
        which, group = np.divmod(np.flatnonzero(groups > worst[:, None]), n)
        if not len(which):
            return
        columns = group[:, None] + np.arange(0, width, n)
        which, columns = np.repeat(which, columns.shape[1]), columns.ravel()
        found = scores[which, np.minimum(columns, width - 1)]
        better = (found > worst[which]) & (columns < width)
        which, columns, found = which[better], columns[better], found[better]
        self._merge(first + which, _pack(found, part.number(columns)))

    def list_rows(self) -> NDArray[np.int64]:
        """Return the rows of each question, the best first."""
        return _unpack_rows(self._packed[:, ::-1])

    def _merge(self, which: NDArray[np.int64], packed: NDArray[np.uint64]) -> None:
        """Add rows for the questions `which`, in ascending order."""
        questions, counts = np.unique(which, return_counts=True)
        lines_of_rows = np.repeat(np.arange(len(questions)), counts)
        places = np.arange(len(which)) - np.repeat(np.cumsum(counts) - counts, counts)
        # One line for each question, with zeros where others have more.
        lines = np.zeros((len(questions), self._k + counts.max()), np.uint64)
        lines[:, : self._k] = self._packed[questions]
        lines[lines_of_rows, self._k + places] = packed
        lines.sort(axis=1)
        self._packed[questions] = lines[:, -self._k :]
        self.worst[questions] = _unpack_scores(lines[:, -self._k])


def _find_best_of_groups(scores: NDArray[np.float32], k: int) -> NDArray[np.float32]:
    """Return the best score of each group of columns, as many as serve to find `k`.

    Column i is in group i % n.

    Returns
    -------
    ndarray of shape (n_questions, n), float32
    """
    width = scores.shape[1]
    # More groups take longer to compare, and fewer have more columns to look at.
    size = max(isqrt(width // k) // 2, 1)
    n = width // size
    groups: NDArray[np.float32] = (
        scores[:, : n * size].reshape(len(scores), size, n).max(axis=1)
    )
    rest = scores[:, n * size :]
    some = groups[:, : rest.shape[1]]
    np.maximum(some, rest, out=some)
    return groups


def _pack(scores: NDArray[np.float32], rows: NDArray[np.int64]) -> NDArray[np.uint64]:
    # The bits of a float without a sign are in the order of the numbers; those of one
    # with a sign are in the opposite order. Adding 0 turns -0 into 0.
    bits = (scores + np.float32(0)).view(np.uint32)
    ordered = np.where(bits & _SIGN, ~bits, bits | _SIGN).astype(np.uint64)
    return ordered << _HALF | (_ALL - rows.astype(np.uint64))


def _unpack_rows(packed: NDArray[np.uint64]) -> NDArray[np.int64]:
    rows = (_ALL - (packed & _ALL)).astype(np.int64)
    return np.where(packed > 0, rows, NO_ROW)


def _unpack_scores(packed: NDArray[np.uint64]) -> NDArray[np.float32]:
    ordered = (packed >> _HALF).astype(np.uint32)
    bits = np.where(ordered & _SIGN, ordered ^ _SIGN, ~ordered)
    return np.where(packed > 0, bits.view(np.float32), np.float32(-np.inf))
