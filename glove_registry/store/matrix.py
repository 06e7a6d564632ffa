"""The vectors of a store: the one place that knows how their numbers lie on disk.

Rows are copied from a map, or read by system calls. Once its pages are in the process,
a map is faster; but at the first touch of a piece of 64 KiB, the system maps all of it,
and reads as much or more from the disk. A call reads one row. So rows that are close
together are mapped, and rows that are far apart are read.
"""

import mmap
import os
import weakref
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import CacheError
from .layout import NGRAM_SCALES, NGRAMS, SCALES, VECTORS, Manifest
from .numbers import decode_numbers

# What Linux maps at a page fault, of a file that is in memory (fault_around_bytes).
_PIECE = 1 << 16
# To map a piece takes as long as 4 to 8 calls. With so many rows asked for in each, the
# memory of the map is also not much more than that of the rows.
_ROWS_PER_PIECE = 12
# Systems may ignore what exceeds their largest request to a disk.
_MOST_ANNOUNCED = 1 << 20
# A consumer may still be using blocks up to 64 MiB behind the scan.
_LAG = 1 << 10
# Rows converted at a time: all at once, a large matrix would be in memory twice.
_STEP = 1 << 12


class Matrix:
    """A matrix of shape (rows, dimension) on disk, read as float32.

    It is that of the vectors, unless `name` is `NGRAMS`.
    """

    def __init__(self, folder: Path, manifest: Manifest, name: str = VECTORS) -> None:
        self._path, self._manifest = folder / name, manifest
        descr, (rows, dimension) = manifest.arrays[name]
        self.shape = rows, dimension
        with manifest.open_file(folder, name) as file:
            self._start = file.tell()
            self._file = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            self._kept = _KeptFile(self, file.fileno())
        # A plain array copies single rows several times faster than a memmap.
        numbers = np.frombuffer(self._file, descr, rows * dimension, self._start)
        self._mapped: NDArray[Any] = numbers.reshape(rows, dimension)
        self._row_bytes = self._mapped.strides[0]
        self._scales: NDArray[np.float32] | None = None
        if manifest.dtype == "int8":
            # A wrong one would change a whole row, and they are few.
            scales = NGRAM_SCALES if name == NGRAMS else SCALES
            self._scales = np.asarray(manifest.map_unchanged(folder, scales))
        # Whether each piece of the file is mapped, as far as this object knows.
        self._is_mapped = np.zeros(-(-len(self._file) // _PIECE), np.bool_)
        self._rows_read = 0
        self._is_scanned = False

    def row(self, row: int) -> NDArray[np.float32]:
        """Return one row.

        Returns
        -------
        ndarray of shape (dimension,), float32
            A copy.
        """
        first = self._start + row * self._row_bytes
        if self._is_frugal() and not self._is_mapped[first // _PIECE]:
            self._rows_read += 1
            self._announce(first, first + self._row_bytes)
        numbers: NDArray[np.float32] = self._mapped[row].astype(np.float32)
        if self._scales is not None:
            numbers *= self._scales[row]
        return numbers

    def take(self, rows: ArrayLike) -> NDArray[np.float32]:
        """Return some rows, in the order asked for.

        Returns
        -------
        ndarray of shape (len(rows), dimension), float32
            A copy.

        Raises
        ------
        IndexError
            There is no such row; a negative number is none.
        TypeError
            `rows` is not a list of row numbers.
        CacheError
            The file cannot be read any more.
        """
        rows = check_row_numbers(rows, len(self._mapped))
        return self._decode(self._collect(rows, self._choose_file(rows)), rows)

    def fill(
        self,
        target: NDArray[Any],
        places: NDArray[np.int64],
        rows: ArrayLike,
    ) -> None:
        """Write some rows into ``target[places]``, converted to its type.

        Raises what `take` does.
        """
        rows = check_row_numbers(rows, len(self._mapped))
        descriptor = self._choose_file(rows)
        for start in range(0, len(rows), _STEP):
            some = rows[start : start + _STEP]
            numbers = self._collect(some, descriptor)
            if numbers.dtype != target.dtype or self._scales is not None:
                numbers = self._decode(numbers, some)
            target[places[start : start + _STEP]] = numbers

    def blocks(self, step: int) -> Iterator[tuple[int, NDArray[np.float32]]]:
        """Yield all rows in order, at most `step` at a time.

        Yields
        ------
        start : int
            Number of the first row.
        block : ndarray of shape (n, dimension), float32
            Read-only; it may be the mapped memory itself.
        """
        # The first scan may be the only one, and leaves no pages behind.
        stays, self._is_scanned = self._is_scanned, True
        self._announce_rows(0, step)
        for start in range(0, len(self._mapped), step):
            # The next block comes from the disk while this one is worked on.
            self._announce_rows(start + step, step)
            rows = slice(start, start + step)
            block = self._decode(self._mapped[rows], rows)
            block.flags.writeable = False
            yield start, block
            self._leave_rows(start, step, stays)

    def map_privately(self) -> NDArray[np.float32]:
        """Return all rows, for code that may write to them past numpy.

        Returns
        -------
        ndarray of shape (rows, dimension), float32, read-only
            Writing to it, as by a tensor over the same memory, changes neither the file
            nor what the other methods return. Of float32, a private map of the file
            that is open, even if it was removed; an array in memory if the process has
            closed it, and of other types.

        Raises
        ------
        CacheError
            The file has become shorter.
        """
        whole = self._map_again() if self._manifest.dtype == "float32" else None
        if whole is None:
            whole = np.empty(self.shape, np.float32)
            for start, block in self.blocks(_STEP):
                whole[start : start + _STEP] = block
        whole.flags.writeable = False
        return whole

    def _map_again(self) -> NDArray[np.float32] | None:
        """Return a private, writable map of the open file; None if there is none."""
        descriptor = self._kept.find()
        if descriptor is None:
            return None
        if os.fstat(descriptor).st_size < len(self._file):
            raise self._explain_shorter()
        with (
            suppress(OSError, ValueError),
            open(descriptor, "rb", closefd=False) as file,
        ):
            return np.memmap(file, self._mapped.dtype, "c", self._start, self.shape)
        return None

    def _decode(
        self, numbers: NDArray[Any], rows: NDArray[np.int64] | slice
    ) -> NDArray[np.float32]:
        return decode_numbers(
            numbers, None if self._scales is None else self._scales[rows]
        )

    def _choose_file(self, rows: NDArray[np.int64]) -> int | None:
        """Return the descriptor to read rows from, or None, and prepare the map.

        The map is used if the rows are close together, and for any rows after many
        others.
        """
        if not len(rows):
            return None
        needed = np.zeros_like(self._is_mapped)
        needed[(self._start + rows * self._row_bytes) // _PIECE] = True
        new = np.flatnonzero(needed > self._is_mapped)
        if (
            len(rows) < _ROWS_PER_PIECE * len(new)
            and self._is_frugal()
            and hasattr(os, "RWF_NOWAIT")
            and (descriptor := self._kept.find()) is not None
        ):
            self._rows_read += len(rows)
            return descriptor
        # Neighbours are announced together: a call for each piece takes milliseconds.
        for run in np.split(new, np.flatnonzero(np.diff(new) > 1) + 1):
            if len(run):
                self._announce(int(run[0]) * _PIECE, (int(run[-1]) + 1) * _PIECE)
        self._is_mapped[new] = True
        return None

    def _is_frugal(self) -> bool:
        """Return whether to read single rows.

        Not after as many as there are pieces: to map the file costs not much more.
        """
        return self._rows_read < len(self._is_mapped)

    def _collect(self, rows: NDArray[np.int64], descriptor: int | None) -> NDArray[Any]:
        """Return rows as they are stored: a copy, from the map if nothing is open."""
        if descriptor is None:
            return self._mapped[rows]
        numbers = np.empty((len(rows), self.shape[1]), self._mapped.dtype)
        memory = numbers.reshape(-1).view(np.uint8).data
        size = self._row_bytes
        begins = range(0, len(memory), size)
        offsets = (self._start + rows * size).tolist()
        late = []
        for begin, offset in zip(begins, offsets, strict=True):
            row = memory[begin : begin + size]
            try:
                if os.preadv(descriptor, (row,), offset, os.RWF_NOWAIT) == size:
                    continue
            except OSError:
                pass  # It is not in memory, or this file system cannot tell.
            late.append((row, offset))
        # The disk is asked for all of them before the first is waited for.
        for _, offset in late:
            self._announce(offset, offset + size)
        for row, offset in late:
            if os.preadv(descriptor, (row,), offset) != size:
                raise self._explain_shorter()
        return numbers

    def _explain_shorter(self) -> CacheError:
        return CacheError(f"{self._path} has become shorter: load the vectors again")

    def _announce_rows(self, row: int, count: int) -> None:
        """Tell the system that successive rows are needed soon, if not mapped yet."""
        pieces = self._find_pieces(row, count)
        if not self._is_mapped[pieces].all():
            self._announce(pieces.start * _PIECE, pieces.stop * _PIECE)

    def _leave_rows(self, row: int, count: int, stays: bool) -> None:
        """Keep successive rows mapped, or not."""
        pieces = self._find_pieces(row, count)
        self._is_mapped[pieces] = stays
        if not stays and hasattr(mmap, "MADV_DONTNEED"):
            # Threads may have come back to the blocks before.
            first, stop = max(0, pieces.start - _LAG) * _PIECE, pieces.stop * _PIECE
            self._file.madvise(mmap.MADV_DONTNEED, first, stop - first)

    def _find_pieces(self, row: int, count: int) -> slice:
        first = self._start + row * self._row_bytes
        stop = min(first + count * self._row_bytes, len(self._file))
        return slice(first // _PIECE, -(-stop // _PIECE))

    def _announce(self, first: int, stop: int) -> None:
        """Tell the system that these bytes of the file are needed soon."""
        if hasattr(mmap, "MADV_WILLNEED"):
            first -= first % mmap.PAGESIZE
            for begin in range(first, stop, _MOST_ANNOUNCED):
                size = min(_MOST_ANNOUNCED, stop - begin)
                self._file.madvise(mmap.MADV_WILLNEED, begin, size)


class _KeptFile:
    """Another descriptor of a file, open as long as its owner lives.

    A process that becomes a daemon closes all descriptors, and the number may be that
    of another file later.
    """

    def __init__(self, owner: object, number: int) -> None:
        self._number = os.dup(number)
        self._identity = _identify(self._number)
        weakref.finalize(owner, self._close)

    def find(self) -> int | None:
        """Return the descriptor; None if it is not that of the file any more."""
        with suppress(OSError):
            if _identify(self._number) == self._identity:
                return self._number
        return None

    def _close(self) -> None:
        if self.find() is not None:
            os.close(self._number)


def _identify(number: int) -> tuple[int, int]:
    status = os.fstat(number)
    return status.st_dev, status.st_ino


def check_row_numbers(rows: ArrayLike, count: int) -> NDArray[np.int64]:
    """Return row numbers as int64: the place of a row would overflow narrower types.

    Raises `IndexError` if one is not among `count` rows, and `TypeError` if these are
    not row numbers.
    """
    numbers = np.asarray(rows)
    if numbers.ndim != 1 or (numbers.size and numbers.dtype.kind not in "iu"):
        hint = ": use numpy.flatnonzero(mask)" if numbers.dtype.kind == "b" else ""
        raise TypeError(
            "expected a list of row numbers, found an array of shape "
            f"{numbers.shape} and type {numbers.dtype}{hint}"
        )
    if len(numbers):
        low, high = numbers.min(), numbers.max()
        if low < 0 or high >= count:
            hint = "; -1 marks a word without a vector: keep only rows >= 0"
            raise IndexError(
                f"rows are numbered from 0 to {count - 1:,}, found rows from {low:,} "
                f"to {high:,}{hint if low == -1 else ''}"
            )
    return numbers.astype(np.int64, copy=False)
