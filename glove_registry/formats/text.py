r"""Rows of text: a token, then as many numbers as the vectors have dimensions.

A token can contain anything but a line feed: spaces (840B), U+0085 (twitter), quotes,
and words such as ``nan`` (6B). So lines end at b"\n" and nowhere else, and numbers are
counted from the right, as `read_row` defines. A compiled parser reads the same from
all rows of which it can be certain, and leaves the others to it.
"""

import re
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from ..errors import FormatError
from .block import BLOCK_BYTES, LONGEST_LINE, Block, ByteStream, show
from .separators import NUMBER, explain_separators, holds_numbers

try:
    from ._rows import read_rows
except ImportError:
    # No wheel for this platform, and no compiler when the package was installed.
    from .arrow_rows import read_rows

# Parsing releases the interpreter's lock: a second worker is busy while the block of
# the first is written. More would only wait for the thread that reads and hashes.
_WORKERS = 2

_WHITE_SPACE = re.compile(rb"[ \t\r]")


def read_text_blocks(
    stream: ByteStream,
    start: bytes,
    dimension: int,
    first_line: int,
    *,
    guessed: bool = False,
) -> Iterator[Block]:
    """Read rows to the end of the stream.

    Parameters
    ----------
    stream : ByteStream
    start : bytes
        What has been read from the stream already, from the first row on.
    dimension : int
        Numbers in a row.
    first_line : int
        Number of the first row's line, for errors.
    guessed : bool
        Whether the dimension is known from the first row alone. Then a token that
        contains numbers is an error, as the dimension may be another.

    Raises
    ------
    FormatError
        With the line's number and its beginning.
    """
    line = first_line
    pieces = _read_whole_lines(stream, start)
    pending: deque[Future[Block]] = deque()
    with ThreadPoolExecutor(_WORKERS, thread_name_prefix="parse") as pool:
        try:
            while True:
                while len(pending) <= _WORKERS and (lines := next(pieces, None)):
                    pending.append(pool.submit(parse, lines, dimension, guessed))
                if not pending:
                    break
                block = pending.popleft().result()
                line += len(block.tokens)
                yield block
        except BadRow as bad:
            sentence = f"line {line + bad.index}: {bad.sentence}"
            if guessed and line + bad.index == first_line + 1:
                first = start.partition(b"\n")[0]
                sentence += (
                    f" (line {first_line} is {show(first)}: if it is a header, write "
                    "it as two whole numbers separated by one space; if it is a "
                    "comment, remove it)"
                )
            raise FormatError(sentence) from None


class BadRow(Exception):
    """A row is invalid; `index` counts from the first row of the block."""

    def __init__(self, index: int, sentence: str) -> None:
        super().__init__(sentence)
        self.index = index
        self.sentence = sentence


def parse(lines: bytes, dimension: int, guessed: bool) -> Block:
    """Parse complete lines, each with its line end, into a block.

    Raise `BadRow` at the first invalid row.
    """
    tokens, numbers, left = read_rows(lines, dimension, guessed)
    count = len(tokens) * dimension
    values = np.frombuffer(numbers, np.float32, count).reshape(-1, dimension)
    for i in left:
        tokens[i], values[i] = read_row(tokens[i], i, dimension, guessed)
    return Block(tokens, values)


def read_row(
    row: bytes, index: int, dimension: int, guessed: bool
) -> tuple[bytes, NDArray[np.float32]]:
    """Read a row, without its line end: the definition of what a row is.

    Raise `BadRow` with its index if it is invalid.
    """
    token, *numbers = row.rsplit(b" ", dimension)
    if len(numbers) < dimension:
        raise BadRow(
            index,
            f"expected a token and {dimension} numbers, found {len(numbers)} "
            f"fields after the token: "
            f"{show(row)}{explain_separators(row)}"
            if row
            else "it is empty: remove empty lines between rows",
        )
    if guessed and _WHITE_SPACE.search(token) and holds_numbers(token, dimension):
        raise BadRow(
            index,
            f"expected {dimension} numbers as in the first row, found more: "
            f"{show(row)}{explain_separators(row)}; if {show(token)} is a token, pass "
            f"dimension={dimension} (`dimension: {dimension}` in an entry)",
        )
    return token, _parse_numbers(numbers, index, row)


def _parse_numbers(numbers: list[bytes], index: int, row: bytes) -> NDArray[np.float32]:
    for number in numbers:
        if not NUMBER.fullmatch(number):
            raise BadRow(
                index,
                f"expected {len(numbers)} finite numbers at its end, found "
                f"{show(number)} among them: {show(row)}{explain_separators(row)}",
            )
    with np.errstate(over="ignore"):
        values = np.array([float(number) for number in numbers]).astype(np.float32)
    if not np.isfinite(values).all():
        raise BadRow(index, f"a number is too large for float32: {show(row)}")
    return values


def _read_whole_lines(stream: ByteStream, start: bytes) -> Iterator[bytes]:
    """Cut the stream after line ends, into pieces of about `BLOCK_BYTES`.

    Empty lines at the end of the file are left out.
    """
    rest = start
    while len(chunk := _read_block(stream)) >= BLOCK_BYTES:
        # Empty lines are kept back: they may be the last ones.
        filled = len(chunk.rstrip(b" \r\n"))
        end = chunk.rfind(b"\n", 0, filled) + 1
        if end:
            yield b"".join((rest, memoryview(chunk)[:end]))
            rest = b""
        rest += chunk[end:]
        if len(rest) > LONGEST_LINE:
            raise FormatError(
                f"a line does not end within {LONGEST_LINE:,} bytes, or is followed by "
                "as many bytes of empty lines: this is not a text of vectors"
            )
    lines = (rest + chunk).rstrip(b" \r\n")
    if lines:
        # The last line may have no line end.
        yield lines + b"\n"


def _read_block(stream: ByteStream) -> bytes:
    """Read `BLOCK_BYTES`, or less at the end of the stream."""
    pieces = []
    missing = BLOCK_BYTES
    while missing > 0 and (piece := stream.read(missing)):
        pieces.append(piece)
        missing -= len(piece)
    return b"".join(pieces)
