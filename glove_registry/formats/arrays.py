"""Files of arrays: what npz, safetensors and Parquet have in common.

Their parts lie in any order, so that a stream of one is first written to a temporary
file that has no name. Then words and numbers are read side by side, in blocks.
"""

import os
import tempfile
import weakref
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from typing import IO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..errors import FormatError
from ..messages.layout import format_count
from ..messages.printable import quote
from .block import (
    BLOCK_BYTES,
    LONGEST_TOKEN,
    MOST_NUMBERS,
    TOKEN_RULE,
    Block,
    ByteStream,
    is_token,
    show,
)
from .spool import fill
from .start import Expected, Opened, Start
from .tokens import TokenChecker


class Numbers(NamedTuple):
    """A matrix in a file: its numbers, row by row."""

    stream: ByteStream
    shape: tuple[int, ...]
    dtype: np.dtype[np.generic]  # of uint16, if it is bfloat16


def open_spooled(
    start: Start, expected: Expected, read: Callable[[IO[bytes], Expected], Opened]
) -> Opened:
    """Return the rows of a stream that is first written to a temporary file.

    The file is gone when the rows are.
    """
    file = tempfile.TemporaryFile(dir=expected.folder)  # noqa: SIM115 - as the rows
    try:
        pieces = iter(lambda: start.stream.read(BLOCK_BYTES), b"")
        fill(file, chain([start.bytes], pieces), expected.folder)
        opened = read(file, expected)
    except BaseException:
        file.close()
        raise
    weakref.finalize(opened.blocks, file.close)
    return opened


def open_arrays(numbers: Numbers, words: Iterator[bytes], expected: Expected) -> Opened:
    """Open a matrix and the words of its rows."""
    check_shape(numbers.shape)
    rows, dimension = numbers.shape
    check_dimension(dimension, expected.dimension)
    blocks = _read_blocks(numbers, words)
    checker = TokenChecker(dimension, expected, unit="row", is_text=False)
    return Opened(dimension, checker.check(blocks), rows)


def check_shape(shape: tuple[int, ...]) -> None:
    """Raise `FormatError` if it is not that of a row for each of some words."""
    if len(shape) != 2 or min(shape) < 1:
        raise FormatError(
            "expected numbers of shape (words, dimension), found an array of shape "
            f"{quote(shape)}"
        )
    check_dimension(shape[1])


def list_arrays(shapes: Iterable[tuple[str, tuple[int, ...]]]) -> str:
    """Return the first names of some arrays and their shapes, for an error."""
    first = islice(shapes, 10)
    return ", ".join(f"{quote(name)} of {quote(shape)}" for name, shape in first)


def check_dimension(dimension: int, expected: int | None = None) -> None:
    """Raise `FormatError` if rows are too long, or not as long as expected."""
    if dimension > MOST_NUMBERS:
        raise FormatError(
            f"expected at most {MOST_NUMBERS:,} numbers in a row, found {dimension:,}"
        )
    if expected not in (None, dimension):
        raise FormatError(f"the rows have {dimension:,} numbers, expected {expected:,}")


def split_lines(stream: ByteStream) -> Iterator[bytes]:
    """Yield the words of a text that has one on each line."""
    rest = b""
    while piece := stream.read(BLOCK_BYTES):
        *lines, rest = (rest + piece).split(b"\n")
        yield from lines
        if len(rest) > LONGEST_TOKEN:
            raise FormatError(f"a word is longer than {LONGEST_TOKEN:,} bytes")
    yield rest


def read_exactly(stream: ByteStream, size: int) -> bytes:
    """Return `size` bytes, or what is left."""
    pieces = []
    while size > 0 and (piece := stream.read(min(size, BLOCK_BYTES))):
        pieces.append(piece)
        size -= len(piece)
    return b"".join(pieces)


def check_tokens(tokens: Iterable[bytes], first: int) -> None:
    """Raise `FormatError` for a token that no format can hold."""
    for i, token in enumerate(tokens, first):
        if not is_token(token):
            raise FormatError(f"row {i:,}: expected {TOKEN_RULE}, found {show(token)}")


def widen(numbers: NDArray[np.generic]) -> NDArray[np.float32]:
    """Return bfloat16, as uint16, as float32, of which it is the first half."""
    return (numbers.astype("<u4") << 16).view("<f4")


def convert(numbers: NDArray[np.generic], first: int) -> NDArray[np.float32]:
    """Return numbers of any type as float32; raise `FormatError` if one is infinite."""
    if numbers.dtype == np.uint16:
        values = widen(numbers)
    else:
        with np.errstate(over="ignore"):
            values = numbers.astype(np.float32, copy=False)
    finite = np.isfinite(values).all(axis=1)
    if not finite.all():
        row = first + int(np.argmin(finite))
        raise FormatError(f"row {row:,} has a number that is not finite in float32")
    return values


def _read_blocks(numbers: Numbers, words: Iterator[bytes]) -> Iterator[Block]:
    rows, dimension = numbers.shape
    width = dimension * numbers.dtype.itemsize
    step = max(1, BLOCK_BYTES // width)
    first = 0
    while first < rows:
        tokens = _take(words, min(step, rows - first))
        if not tokens:
            raise FormatError(
                f"found {format_count(first, 'word')} for "
                f"{format_count(rows, 'row')} of numbers"
            )
        data = read_exactly(numbers.stream, len(tokens) * width)
        if len(data) < len(tokens) * width:
            raise FormatError(
                f"the numbers end before row {rows:,}: the file is cut off or damaged"
            )
        check_tokens(tokens, first + 1)
        values = np.frombuffer(data, numbers.dtype).reshape(-1, dimension)
        yield Block(tokens, convert(values, first + 1))
        first += len(tokens)
    # To the very end, where the checksum of an archive's member is compared.
    if numbers.stream.read(1):
        raise FormatError(f"bytes follow the {format_count(rows, 'row')} of numbers")
    if next(words, None) is not None:
        raise FormatError(
            f"found more words than the {format_count(rows, 'row')} of numbers"
        )


def _take(words: Iterator[bytes], most: int) -> list[bytes]:
    """Return the next words, fewer if they are long."""
    taken: list[bytes] = []
    size = 0
    for word in islice(words, most):
        taken.append(word)
        size += len(word)
        if size >= BLOCK_BYTES:
            break
    return taken


def find_size(file: IO[bytes]) -> int:
    """Return the size of a file."""
    return file.seek(0, os.SEEK_END)
