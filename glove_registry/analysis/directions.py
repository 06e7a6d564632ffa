"""The directions of vectors: what is left of them when their lengths do not count."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TypeAlias
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from ..lookup.rows import Rows
from ..messages.printable import quote

# Products of numbers beyond these bounds leave the range of float32.
_SMALLEST, _LARGEST = 1e-15, 1e15

_STEP = 1 << 14

# Bytes of a number whose square is within the range of float64.
_NARROW = 4

_NORMS = "norms.npy"

# The first n rows, rows by number, or all.
Restriction: TypeAlias = int | NDArray[np.int64] | None


@dataclass(frozen=True, slots=True)
class Part:
    """Some rows of a store.

    Attributes
    ----------
    first : int
        Number of the first row.
    vectors : ndarray of shape (n, dimension), float32
    scale : ndarray of shape (n,), float32, optional
        What makes each vector's length 1; 0 for a vector of zeros, so that its cosine
        with any other is 0. None if the lengths are 1, or 0, already.
    repeated : ndarray of int64
        Positions of the rows that repeat an earlier token; look-ups never return them.
    chosen : ndarray of shape (n,), int64, optional
        Numbers of the rows, ascending; by default, they follow the first.
    """

    first: int
    vectors: NDArray[np.float32]
    scale: NDArray[np.float32] | None
    repeated: NDArray[np.int64]
    chosen: NDArray[np.int64] | None = None

    def number(self, positions: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the numbers of the rows at some positions in this part."""
        if self.chosen is None:
            return self.first + positions
        return self.chosen[positions]

    @property
    def rounding(self) -> float:
        """The bound of the rounding errors of `compare`."""
        return bound_rounding(self.vectors.shape[1])

    def compare(self, queries: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the cosine of each query, of length 1, with each row."""
        cosines = queries @ self.vectors.T
        if self.scale is not None:
            cosines *= self.scale
        return cosines

    def normalize(self) -> "Part":
        """Return the same rows with length 1, for many queries."""
        if self.scale is None:
            return self
        return replace(self, vectors=self.vectors * self.scale[:, None], scale=None)


class _Lengths:
    """What is computed once of the rows of a store.

    It does not refer to them: what is kept for as long as they are used must not itself
    use them, or their files would stay open.
    """

    def __init__(self, rows: Rows) -> None:
        self.repeated = rows.find_repeated()
        norms = find_norms(rows)
        used = norms[norms > 0]
        self.are_usual = (
            not len(used) or _SMALLEST < used.min() <= used.max() < _LARGEST
        )
        # Infinite or imprecise only for lengths that are not usual.
        with np.errstate(over="ignore", under="ignore"):
            self.scale = np.divide(
                np.float32(1), norms, out=np.zeros_like(norms), where=norms > 0
            )


_known: WeakKeyDictionary[Rows, _Lengths] = WeakKeyDictionary()


class Directions:
    """The rows of a store and what makes the length of each 1."""

    def __init__(self, rows: Rows) -> None:
        if rows not in _known:
            _known[rows] = _Lengths(rows)
        self.rows, self._lengths = rows, _known[rows]
        self.repeated = self._lengths.repeated

    def count(self, restrict: Restriction = None) -> int:
        """Return the number of rows, or of those that are left."""
        if isinstance(restrict, np.ndarray):
            return len(restrict)
        return len(self.rows) if restrict is None else min(restrict, len(self.rows))

    def read(self, restrict: Restriction = None, step: int = _STEP) -> Iterator[Part]:
        """Yield all rows, or some of them, at most `step` at a time."""
        if isinstance(restrict, np.ndarray):
            for start in range(0, len(restrict), step):
                chosen = restrict[start : start + step]
                repeated = np.flatnonzero(np.isin(chosen, self.repeated))
                vectors, scale = self._scale_some(self.rows.take(chosen), chosen)
                yield Part(int(chosen[0]), vectors, scale, repeated, chosen)
            return
        stop = self.count(restrict)
        for start, block in self.rows.blocks(step):
            if start >= stop:
                break
            block = block[: stop - start]
            some = slice(start, start + len(block))
            inside = slice(
                *np.searchsorted(self.repeated, (some.start, some.stop)).tolist()
            )
            vectors, scale = self._scale_some(block, some)
            yield Part(start, vectors, scale, self.repeated[inside] - start)

    def _scale_some(
        self, vectors: NDArray[np.float32], some: NDArray[np.int64] | slice
    ) -> tuple[NDArray[np.float32], NDArray[np.float32] | None]:
        """Return some rows, and what makes the length of each 1."""
        if self._lengths.are_usual:
            return vectors, self._lengths.scale[some]
        return normalize(vectors).astype(np.float32), None


def check_rows(rows: object) -> None:
    """Raise `ValueError` if this is something other than vectors of a release."""
    if not isinstance(rows, Rows):
        raise ValueError(
            f"expected vectors that load() has returned, found {type(rows).__name__} "
            f"{quote(rows)}"
        )


def find_directions(rows: Rows) -> Directions:
    """Return the directions of a store, whose lengths are computed once."""
    check_rows(rows)
    return Directions(rows)


def normalize(vectors: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return vectors with length 1; zeros stay zeros.

    Parameters
    ----------
    vectors : ndarray of shape (..., dimension)
    """
    wide = vectors.astype(np.float64)
    if vectors.dtype.itemsize > _NARROW:
        wide = scale(wide, axis=-1)
    lengths = np.sqrt(np.einsum("...i,...i->...", wide, wide))
    # A length of zero divides only zeros.
    return wide / np.where(lengths > 0, lengths, 1)[..., None]


def bound_rounding(dimension: int) -> float:
    """Return a bound of the rounding errors of a cosine of vectors in float32.

    Products are added up in several sums at a time, of which each has at most a fourth
    of them.
    """
    return float(np.finfo(np.float32).eps) * (8 + dimension / 8)


def scale(vectors: NDArray[np.float64], axis: int | None = None) -> NDArray[np.float64]:
    """Return vectors times a power of 2, so that the largest number is about 1.

    Sums and products then neither overflow nor vanish, and no digit is lost.

    Parameters
    ----------
    vectors : ndarray of shape (..., dimension)
    axis : int, optional
        -1 scales each vector; by default, all have one factor.
    """
    largest = np.abs(vectors).max(axis=axis, keepdims=True, initial=0)
    scaled: NDArray[np.float64] = np.ldexp(vectors, -np.frexp(largest)[1])
    return scaled


def find_norms(rows: Rows) -> NDArray[np.float32]:
    """Return the length of each vector, as kept in the cache or else computed."""
    file = rows.locate_derived(_NORMS)
    found = file.find()
    if found is not None:
        with suppress(OSError, ValueError):
            norms = np.load(found[0], allow_pickle=False)
            if norms.shape == (len(rows),) and norms.dtype == np.float32:
                return np.asarray(norms)
    norms = _measure(rows)
    file.keep(lambda path: np.save(path, norms))
    return norms


def _measure(rows: Rows) -> NDArray[np.float32]:
    norms = np.empty(len(rows), np.float32)
    with np.errstate(over="ignore", under="ignore"):
        for start, block in rows.blocks(_STEP):
            squares = np.einsum("ij,ij->i", block, block, dtype=np.float64)
            norms[start : start + len(block)] = np.sqrt(squares)
    return norms
