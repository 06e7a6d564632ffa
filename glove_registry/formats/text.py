r"""Rows of text: a token, then as many numbers as the vectors have dimensions.

A token can contain anything but a line feed: spaces (840B), U+0085 (twitter), quotes,
and words such as ``nan`` (6B). So lines end at b"\n" and nowhere else, and numbers are
counted from the right. `parse_carefully` does that in a plain loop; `parse` gets the
same result from a compiled parser wherever that can be trusted.
"""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import csv

from ..errors import FormatError
from .block import BLOCK_BYTES, LONGEST_LINE, Block, ByteStream, show
from .separators import NUMBER, explain_separators, holds_numbers

# Parsing releases the interpreter's lock: a second worker is busy while the block of
# the first is written. More would only wait for the thread that reads and hashes.
_WORKERS = 2


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
        finally:
            for future in pending:
                future.cancel()
    # The parser keeps memory that it has used, and the index needs some next.
    pa.default_memory_pool().release_unused()


class BadRow(Exception):
    """A row is invalid; `index` counts from the first row of the block."""

    def __init__(self, index: int, sentence: str) -> None:
        super().__init__(sentence)
        self.index = index
        self.sentence = sentence


def parse(lines: bytes, dimension: int, guessed: bool = False) -> Block:
    """Parse complete lines, each with its line end, into a block."""
    block = _parse_fast(lines, dimension)
    if block is None:
        # Spaces and carriage returns before line ends are rare, and the compiled parser
        # refuses them: they are removed only then.
        lines = lines.replace(b"\r\n", b"\n")
        if b" \n" in lines:
            lines = b"\n".join(line.rstrip(b" ") for line in lines.split(b"\n"))
        block = _parse_fast(lines, dimension)
    return block or parse_carefully(lines, dimension, guessed)


def parse_carefully(lines: bytes, dimension: int, guessed: bool = False) -> Block:
    """Do as `parse`, but row by row; raise `BadRow` at the first invalid one."""
    rows = lines.split(b"\n")[:-1]
    spaces = [row.count(b" ") for row in rows]
    # Memory is allocated only for rows that are long enough: short ones cost a file
    # next to nothing, and could ask for any amount.
    end = next((i for i, count in enumerate(spaces) if count < dimension), len(rows))
    values = np.empty((end, dimension), np.float32)
    # A few rows whose token contains a space must not slow down the thousands beside.
    simple = [
        i
        for i, row in enumerate(rows[:end])
        if spaces[i] == dimension and not _has_white_space(row)
    ]
    block = None
    if 0 < len(simple) < len(rows):
        block = _parse_fast(b"".join(rows[i] + b"\n" for i in simple), dimension)
    if block is not None:
        values[simple] = block.values
    done = set(simple if block is not None else ())
    tokens = []
    for i, row in enumerate(rows[:end]):
        token, *numbers = row.rsplit(b" ", dimension)
        tokens.append(token)
        if i not in done:
            if guessed and holds_numbers(token, dimension):
                raise BadRow(
                    i,
                    f"expected {dimension} numbers as in the first row, found more: "
                    f"{show(row)}{explain_separators(row)}; if {show(token)} is a "
                    f"token, say that the dimension is {dimension}",
                )
            values[i] = _parse_numbers(numbers, i, row)
    if end == len(rows):
        return Block(tokens, values)
    row = rows[end]
    raise BadRow(
        end,
        f"expected a token and {dimension} numbers, found {spaces[end]} of them: "
        f"{show(row)}{explain_separators(row)}"
        if row
        else "it is empty: remove empty lines between rows",
    )


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


def _parse_fast(lines: bytes, dimension: int) -> Block | None:
    """Parse rows of exactly `dimension` spaces; return None if any row is different."""
    # The compiled parser would remove a byte-order mark from the first token.
    if _has_white_space(lines) or lines.startswith(b"\xef\xbb\xbf"):
        return None
    # It would make a row of any number of columns from an empty line. A real row has a
    # space and a digit for each, and a line feed. (Counted by numpy, which is three
    # times as fast as bytes.count.)
    count = np.count_nonzero(np.frombuffer(lines, np.uint8) == ord("\n"))
    if count * (2 * dimension + 1) > len(lines):
        return None
    names = [str(i) for i in range(dimension + 1)]
    try:
        table = csv.read_csv(
            pa.BufferReader(lines),
            read_options=csv.ReadOptions(
                column_names=names, use_threads=False, block_size=len(lines) + 1
            ),
            # Quotes, escapes and words for "missing" are ordinary tokens here.
            parse_options=csv.ParseOptions(
                delimiter=" ",
                quote_char=False,
                double_quote=False,
                escape_char=False,
                newlines_in_values=False,
                ignore_empty_lines=False,
            ),
            # By way of float64, so that the result is float32(float(text)) to the bit.
            convert_options=csv.ConvertOptions(
                check_utf8=False,
                column_types=dict.fromkeys(names, pa.float64()) | {"0": pa.binary()},
                null_values=[],
                strings_can_be_null=False,
            ),
        )
    except pa.ArrowInvalid:
        return None
    table = table.combine_chunks()
    # Column by column, then turned at once: twice as fast as into the columns of rows.
    columns = np.empty((dimension, table.num_rows), np.float32)
    with np.errstate(over="ignore"):
        for i in range(dimension):
            # Not by to_numpy(), which imports pandas wherever that is installed.
            columns[i] = np.from_dlpack(table.column(i + 1).chunk(0))
    if not np.isfinite(columns).all():
        return None
    return Block(table.column(0).to_pylist(), np.ascontiguousarray(columns.T))


def _has_white_space(lines: bytes) -> bool:
    # The compiled parser ends a line at b"\r" too, and ignores b"\t" around a number.
    return b"\r" in lines or b"\t" in lines
