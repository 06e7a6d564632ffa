"""The matrices of fastText's models, read row by row from their first to their last."""

import struct
import weakref
from collections.abc import Iterator
from tempfile import SpooledTemporaryFile
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from ..errors import FormatError
from .block import BLOCK_BYTES, MOST_NUMBERS, ByteStream
from .spool import fill

_CENTROIDS = 256  # as a code is a byte
# Codes that are kept in memory rather than in a temporary file.
_MOST_CODES = 1 << 25


class Source:
    """A stream of which exact numbers of bytes are read, or `FormatError` is raised."""

    def __init__(self, start: bytes, stream: ByteStream) -> None:
        self._data = start  # read from the stream already
        self._at = 0  # where what was not asked for yet begins in it
        self._stream = stream

    def read_at_most(self, size: int) -> bytes:
        """Return so many bytes; fewer at the end of the file."""
        if self._at + size > len(self._data):
            pieces = [self._data[self._at :]]
            missing = size - len(pieces[0])
            while missing > 0 and (piece := self._stream.read(BLOCK_BYTES)):
                pieces.append(piece)
                missing -= len(piece)
            self._data, self._at = b"".join(pieces), 0
        found = self._data[self._at : self._at + size]
        self._at += len(found)
        return found

    def read(self, size: int) -> bytes:
        """Return so many bytes, no more than a block has."""
        found = self.read_at_most(size)
        if len(found) < size:
            raise FormatError("the file ends too early: it is cut off or damaged")
        return found

    def read_pieces(self, size: int) -> Iterator[bytes]:
        """Yield any number of bytes in pieces."""
        while size > 0:
            piece = self.read(min(size, BLOCK_BYTES))
            size -= len(piece)
            yield piece

    def read_all(self, size: int) -> bytes:
        """Return any number of bytes; memory is needed only for those that exist."""
        return b"".join(self.read_pieces(size))

    def read_to_zero(self, most: int) -> bytes:
        """Return the bytes before the next zero byte, and skip that."""
        while (end := self._data.find(b"\0", self._at)) < 0:
            if len(self._data) - self._at > most:
                break
            piece = self._stream.read(BLOCK_BYTES)
            self._data, self._at = self._data[self._at :] + piece, 0
            if not piece:
                break
        if end < 0 or end - self._at > most:
            raise FormatError(
                f"a word does not end within {most:,} bytes: the file is damaged"
            )
        found = self._data[self._at : end]
        self._at = end + 1
        return found

    def unpack(self, layout: str) -> tuple[Any, ...]:
        """Return numbers by a layout of `struct`."""
        return struct.unpack(layout, self.read(struct.calcsize(layout)))

    def read_flag(self) -> bool:
        """Return a truth value."""
        flag = self.read(1)
        if flag not in (b"\0", b"\1"):
            raise FormatError(f"expected 0 or 1, found {flag[0]}: the file is damaged")
        return flag == b"\1"


class DenseMatrix:
    """A matrix of float32."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.rows, self.dimension = _read_shape(source)

    def read(self, count: int) -> NDArray[np.float32]:
        """Return the next rows."""
        data = self._source.read_all(4 * count * self.dimension)
        return np.frombuffer(data, "<f4").reshape(count, self.dimension)

    def skip(self) -> None:
        """Read it to its end."""
        for _ in self._source.read_pieces(4 * self.rows * self.dimension):
            pass


class QuantizedMatrix:
    """A matrix of codes, each of which stands for some successive numbers of a row.

    Jégou, Douze and Schmid, Product Quantization for Nearest Neighbor Search, 2011; as
    in ``src/quantmatrix.cc`` and ``src/productquantizer.cc``.
    """

    def __init__(self, source: Source, folder: str | None) -> None:
        has_norms = source.read_flag()
        self.rows, self.dimension = _read_shape(source)
        (size,) = source.unpack("<i")
        # The centroids come after all codes.
        self._codes = self._keep(source, size, folder)
        self._quantizer = _Quantizer(source, self.dimension)
        if size != self.rows * self._quantizer.width:
            raise FormatError(
                f"expected {self.rows * self._quantizer.width:,} codes of a quantized "
                f"matrix, found {size:,}: the file is damaged"
            )
        self._norms = None
        if has_norms:
            self._norm_codes = self._keep(source, self.rows, folder)
            self._norms = _Quantizer(source, 1)

    def _keep(self, source: Source, size: int, folder: str | None) -> IO[bytes]:
        """Read bytes that are decoded later, and return a file of them."""
        # Closed with the matrix.
        kept = SpooledTemporaryFile(_MOST_CODES, dir=folder)  # noqa: SIM115
        weakref.finalize(self, kept.close)
        fill(kept, source.read_pieces(size), folder)
        return kept

    def read(self, count: int) -> NDArray[np.float32]:
        """Return the next rows."""
        values = self._quantizer.decode(self._codes.read(count * self._quantizer.width))
        if self._norms is not None:
            # Numbers that are not finite are found later.
            with np.errstate(over="ignore", invalid="ignore"):
                values *= self._norms.decode(self._norm_codes.read(count))
        return values

    def skip(self) -> None:
        """Do nothing: all of it has been read."""


class _Quantizer:
    """What codes stand for."""

    def __init__(self, source: Source, expected: int) -> None:
        dimension, self.width, length, last = source.unpack("<4i")
        if (
            dimension != expected
            or not 0 < last <= length
            or length * (self.width - 1) + last != dimension
        ):
            raise FormatError(
                f"expected a quantizer of {expected:,} numbers, found one of "
                f"{dimension:,} in {self.width:,} parts of {length:,}: the file is "
                "damaged"
            )
        self._dimension, self._length = dimension, length
        data = source.read_all(4 * _CENTROIDS * dimension)
        self._centroids = np.frombuffer(data, "<f4")

    def decode(self, codes: bytes) -> NDArray[np.float32]:
        """Return the rows that codes stand for."""
        places = np.frombuffer(codes, np.uint8).reshape(-1, self.width)
        values = np.empty((len(places), self._dimension), np.float32)
        for part in range(self.width):
            begin = part * self._length
            target = values[:, begin : begin + self._length]
            length = target.shape[1]
            first = _CENTROIDS * begin
            centroids = self._centroids[first : first + _CENTROIDS * length]
            target[:] = centroids.reshape(_CENTROIDS, length)[places[:, part]]
        return values


def _read_shape(source: Source) -> tuple[int, int]:
    rows, dimension = source.unpack("<2q")
    if rows < 0 or not 0 < dimension <= MOST_NUMBERS:
        raise FormatError(
            f"expected a matrix, found one of {rows:,} rows of {dimension:,} numbers: "
            "the file is damaged"
        )
    return rows, dimension
