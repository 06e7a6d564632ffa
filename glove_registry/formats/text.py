r"""Rows of text: a token, then as many numbers as the vectors have dimensions.

A token can hold anything but a line feed: blanks (840B), U+0085 (twitter), quotes and
words such as ``nan`` (6B). So lines end at b"\n" and nowhere else, and numbers are
counted from the right. `parse_carefully` says that in a plain loop; `parse` gets the
same result from a compiled parser wherever that can be trusted.
"""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
import pyarrow as pa
from pyarrow import csv

from ..errors import FormatError
from .block import BLOCK_BYTES, LONGEST_LINE, Block, ByteStream, show
from .separators import NUMBER, explain_separators, holds_numbers

# Parsing leaves the interpreter's lock; a second worker is busy while the first one's
# block is written. More than that only waits for the one that reads and hashes.
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
        What follows `start`.
    start : bytes
        What has been read from the stream already, from the first row on.
    dimension : int
        Numbers in a row.
    first_line : int
        Number of the first row's line, for errors.
    guessed : bool
        Whether nothing but the first row says what the dimension is, so that a token
        that holds numbers is a sign of another one.

    Raises
    ------
    FormatError
        With the line's number and its beginning.
    """
    line = first_line
    first = start.partition(b"\n")[0]
    with ThreadPoolExecutor(_WORKERS, thread_name_prefix="parse") as pool:
        ahead: deque[Future[Block]] = deque()

        def take() -> Block:
            try:
                return ahead.popleft().result()
            except BadRow as bad:
                sentence = f"line {line + bad.index}: {bad.sentence}"
                if guessed and line + bad.index == first_line + 1:
                    sentence += (
                        f" (line {first_line} is {show(first)}: "
                        "if it is a header, write it as two whole numbers with one "
                        "blank between; if it is a comment, remove it)"
                    )
                raise FormatError(sentence) from None

        try:
            for lines in _read_whole_lines(stream, start):
                ahead.append(pool.submit(parse, lines, dimension, guessed))
                if len(ahead) > _WORKERS:
                    block = take()
                    line += len(block.tokens)
                    yield block
            while ahead:
                block = take()
                line += len(block.tokens)
                yield block
        finally:
            for future in ahead:
                future.cancel()
    # The parser keeps what it has used, and the index needs memory next.
    pa.default_memory_pool().release_unused()


class BadRow(Exception):
    """A row of a block is none; `index` counts from the block's first row."""

    def __init__(self, index: int, sentence: str) -> None:
        super().__init__(sentence)
        self.index = index
        self.sentence = sentence


def parse(lines: bytes, dimension: int, guessed: bool = False) -> Block:
    """Parse whole lines, each with its line end, into a block."""
    # Few files have blanks or carriage returns before their line ends, which the
    # compiled parser refuses: they are looked for only then.
    block = _parse_fast(lines, dimension)
    if block is None:
        lines = _strip_line_ends(lines)
        block = _parse_fast(lines, dimension)
    return block or parse_carefully(lines, dimension, guessed)


def parse_carefully(lines: bytes, dimension: int, guessed: bool = False) -> Block:
    """Do as `parse` row by row; find the row that is wrong, if one is."""
    rows = lines.split(b"\n")
    rows.pop()  # what follows the last line end: nothing
    # Before memory is asked for, which short rows could make as large as they like.
    short = [row.count(b" ") < dimension for row in rows]
    if True in short:
        first = short.index(True)
        row = rows[first]
        parse_carefully(b"".join(r + b"\n" for r in rows[:first]), dimension, guessed)
        raise BadRow(
            first,
            f"expected a token and {dimension} numbers, found {row.count(b' ')} of "
            f"them: {show(row)}{explain_separators(row)}"
            if row
            else "it is empty: remove empty lines between rows",
        )
    values = np.empty((len(rows), dimension), np.float32)
    # A few rows whose token holds a blank must not slow down the thousands beside them.
    simple = [
        i
        for i, row in enumerate(rows)
        if row.count(b" ") == dimension and not _holds_white_space(row)
    ]
    done: set[int] = set()
    if 0 < len(simple) < len(rows):
        block = _parse_fast(b"".join(rows[i] + b"\n" for i in simple), dimension)
        if block is not None:
            values[simple] = block.values
            done.update(simple)
    tokens = []
    for i, row in enumerate(rows):
        token, *numbers = row.rsplit(b" ", dimension)
        tokens.append(token)
        if i in done:
            continue
        if guessed and holds_numbers(token, dimension):
            raise BadRow(
                i,
                f"expected {dimension} numbers as in the first row, found more: "
                f"{show(row)}{explain_separators(row)}; if {show(token)} is a token, "
                f"say that the dimension is {dimension}",
            )
        for number in numbers:
            if not NUMBER.fullmatch(number):
                raise BadRow(
                    i,
                    f"expected {dimension} finite numbers at its end, found "
                    f"{show(number)} among them: {show(row)}{explain_separators(row)}",
                )
        with np.errstate(over="ignore"):
            values[i] = np.array([float(n) for n in numbers]).astype(np.float32)
        if not np.isfinite(values[i]).all():
            raise BadRow(i, f"a number is too large for float32: {show(row)}")
    return Block(tokens, values)


def _read_whole_lines(stream: ByteStream, start: bytes) -> Iterator[bytes]:
    """Cut the stream after line ends, into pieces of about `BLOCK_BYTES`.

    Empty lines at the end of the file are left out.
    """
    rest = start
    while True:
        pieces = [rest]
        missing = BLOCK_BYTES
        while missing > 0 and (chunk := stream.read(missing)):
            pieces.append(chunk)
            missing -= len(chunk)
        lines = b"".join(pieces)
        if missing > 0:
            break
        # Whether empty lines are the last ones is known only once another line comes.
        filled = lines.rstrip(b" \r\n")
        end = lines.rfind(b"\n", 0, len(filled)) + 1
        if end:
            yield lines[:end]
        rest = lines[end:]
        if len(rest) > LONGEST_LINE:
            raise FormatError(
                f"a line does not end within {LONGEST_LINE:,} bytes, or is followed by "
                "as many of empty lines: this is no text of vectors"
            )
    lines = lines.rstrip(b" \r\n")
    if lines:
        # The last line need not be ended.
        yield lines + b"\n"


def _strip_line_ends(lines: bytes) -> bytes:
    """Take away blanks and a carriage return before line ends: no number's part."""
    lines = lines.replace(b"\r\n", b"\n")
    if b" \n" in lines:
        lines = b"\n".join(line.rstrip(b" ") for line in lines.split(b"\n"))
    return lines


def _parse_fast(lines: bytes, dimension: int) -> Block | None:
    """Parse rows of exactly `dimension` blanks; None if any row is not like that."""
    # The compiled parser would take a byte-order mark away from the first token.
    if _holds_white_space(lines) or lines.startswith(b"\xef\xbb\xbf"):
        return None
    # Of an empty line it would make a row of as many columns as there are, however many
    # these are; a row has a blank and a digit for each, and a line feed. (Counted by
    # numpy, which is three times as fast as bytes.count.)
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
    values = np.empty((table.num_rows, dimension), np.float32)
    with np.errstate(over="ignore"):
        for i in range(dimension):
            # Not by to_numpy(), which imports pandas wherever that is installed.
            values[:, i] = np.from_dlpack(table.column(i + 1).chunk(0))
    if not np.isfinite(values).all():
        return None
    return Block(table.column(0).to_pylist(), values)


def _holds_white_space(lines: bytes) -> bool:
    # The compiled parser ends a line at b"\r" too, and takes b"\t" around a number.
    return b"\r" in lines or b"\t" in lines
