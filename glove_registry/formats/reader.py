"""Recognize the format of a stream of vectors, and read it."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from ..errors import FormatError
from ..messages.caller import warn_caller
from .binary import read_binary_blocks
from .block import BLOCK_BYTES, LONGEST_LINE, MOST_NUMBERS, Block, ByteStream, show
from .separators import count_numbers, explain_separators, holds_numbers
from .signatures import recognize, recognize_binary
from .text import read_text_blocks
from .tokens import TokenChecker

_HEADER = re.compile(rb"([0-9]{1,18}) ([0-9]{1,9})[ \r]*")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_HEAD_BYTES = 512  # enough for every signature

# Bytes that float32 numbers contain and text does not.
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_FIELDS = re.compile(rb"[ \t,;|]+")
_PRINTABLE = re.compile(rb"[\r\x21-\x7e]+")


@dataclass(frozen=True, slots=True)
class OpenedVectors:
    """A stream of vectors whose format and dimension are known.

    Attributes
    ----------
    format : {"glove", "word2vec", "word2vec-binary"}
        The last two begin with a header.
    dimension : int
        Numbers in a row.
    blocks : iterator of Block
        All rows in the file's order, at least one in each block. It can be consumed
        once, and raises `FormatError` as `open_vectors` does.
    """

    format: str
    dimension: int
    blocks: Iterator[Block]


def read_vectors(stream: ByteStream, **known: Any) -> Iterator[Block]:
    """Yield the rows of a stream; takes the arguments of `open_vectors`."""
    yield from open_vectors(stream, **known).blocks


def open_vectors(
    stream: ByteStream,
    *,
    format: str | None = None,
    dimension: int | None = None,
    rows: int | Literal["any"] | None = None,
    warn: Callable[[str], None] = warn_caller,
) -> OpenedVectors:
    """Recognize the format of a stream by its first lines.

    Parameters
    ----------
    stream : ByteStream
        Uncompressed bytes.
    format : {"glove", "word2vec", "word2vec-binary"}, optional
        The expected format; recognized if not given.
    dimension : int, optional
        The expected dimension.
    rows : int or "any", optional
        The expected number of rows. With ``"any"``, a header that announces another
        number causes a warning instead of an error.
    warn : callable, optional
        Called with the sentence of each warning: words that no lookup would find, for
        example.

    Returns
    -------
    OpenedVectors

    Raises
    ------
    FormatError
        The bytes are not vectors in the expected format. The message names the line or
        row, and the cause.
    """
    start = b""
    while len(start) < _HEAD_BYTES and (piece := stream.read(BLOCK_BYTES)):
        start += piece
    if not start:
        raise FormatError("expected rows of vectors, found nothing: the file is empty")
    if what := recognize_binary(start):
        raise FormatError(f"line 1: expected rows of vectors, found {what}")
    start, first = _complete_line(stream, start.removeprefix(_BYTE_ORDER_MARK))
    header = _HEADER.fullmatch(first) if format != "glove" else None
    guessed = header is None and dimension is None
    if header is None:
        if format not in (None, "glove"):
            raise FormatError(
                f"line 1: expected the header of a {format} file, two whole numbers, "
                f"found {_describe(first, start)}"
            )
        format, announced = "glove", None
        found = _check_first_row(first, start, 1, dimension)
    else:
        announced, found = int(header[1]), int(header[2])
        if not announced or not found or dimension not in (None, found):
            raise FormatError(
                f"line 1: the header announces {announced:,} rows of {found} numbers"
                + (f", expected {dimension} numbers" if dimension else "")
            )
        _check_bound(1, found)
        start, first = _complete_line(stream, start[len(first) + 1 :], 4 * found)
        if format is None:
            is_binary = _is_binary(start, first, found)
            format = "word2vec-binary" if is_binary else "word2vec"
        if format == "word2vec":
            _check_first_row(first, start, 2, found)
        elif count_numbers(first) >= found > 1:
            raise FormatError(
                f"line 2: expected a token and {4 * found} bytes of numbers, found a "
                f"row of text: {show(first)}; its format is 'word2vec'"
            )
    if format == "word2vec-binary":
        expected = None if rows == "any" else announced
        blocks = read_binary_blocks(stream, start, found, expected)
        checker = TokenChecker(found, warn, unit="row", is_text=False)
    else:
        line = 1 if header is None else 2
        blocks = read_text_blocks(stream, start, found, line, guessed=guessed)
        checker = TokenChecker(found, warn, first=line, guessed=guessed)
    blocks = _check_count(checker.check(blocks), announced, rows, warn)
    return OpenedVectors(format, found, blocks)


def _check_count(
    blocks: Iterator[Block],
    announced: int | None,
    rows: int | Literal["any"] | None,
    warn: Callable[[str], None],
) -> Iterator[Block]:
    """Yield the blocks, then compare the number of rows with what was expected."""
    count = 0
    for block in blocks:
        count += len(block.tokens)
        yield block
    if announced not in (None, count):
        if rows != "any":
            raise FormatError(
                f"the file holds {count:,} rows, its header says {announced:,}: it may "
                "be cut off. If it is complete, use rows='any' (`rows: any` in an "
                "entry)"
            )
        warn(
            f"the file holds {count:,} rows and its header announces {announced:,}; "
            f"all {count:,} are used, as rows is 'any'"
        )
    if rows not in (None, "any", count):
        raise FormatError(f"the file holds {count:,} rows, expected {rows:,}")


def _complete_line(
    stream: ByteStream, start: bytes, least: int = 0
) -> tuple[bytes, bytes]:
    """Read on until `start` contains a line; return both.

    A longer line is cut off at about `LONGEST_LINE`. At least twice `least` bytes are
    read, if the file has as many.
    """
    while len(start) <= LONGEST_LINE and (b"\n" not in start or len(start) < 2 * least):
        chunk = stream.read(BLOCK_BYTES)
        if not chunk:
            break
        start += chunk
    return start, start.partition(b"\n")[0]


def _check_first_row(row: bytes, start: bytes, line: int, expected: int | None) -> int:
    """Return the dimension, which is guessed from the row if none is expected."""
    found = count_numbers(row)
    if not found:
        raise FormatError(
            f"line {line}: expected a token and numbers, separated by single spaces, "
            f"found {_describe(row, start)}"
        )
    if expected is None:
        _check_bound(line, found)
        token = row.rstrip(b" \r").rsplit(b" ", found)[0]
        if holds_numbers(token, found):
            raise FormatError(
                f"line {line}: expected a token before {found} numbers, found numbers "
                f"in it, too: {show(row)}{explain_separators(row)}; if {show(token)} "
                f"is a token, pass dimension={found} (`dimension: {found}` in an "
                "entry)"
            )
        return found
    if found < expected:
        raise FormatError(
            f"line {line}: expected {expected} numbers, found {found}: "
            f"{show(row)}{explain_separators(row)}"
        )
    return expected


def _check_bound(line: int, dimension: int) -> None:
    if dimension > MOST_NUMBERS:
        raise FormatError(
            f"line {line}: expected at most {MOST_NUMBERS:,} numbers in a row, found "
            f"{dimension:,}: this is not a file of word vectors"
        )


def _is_binary(start: bytes, line: bytes, dimension: int) -> bool:
    """Return whether binary rows follow a header.

    Parameters
    ----------
    start, line : bytes
        What follows the header, and its first line.
    dimension : int
        From the header.
    """
    if count_numbers(line) >= dimension:
        return False
    numbers = start.partition(b" ")[2][: 4 * dimension]
    if len(numbers) < 4 * dimension or not (
        _CONTROL.search(numbers) or not _is_utf8(numbers)
    ):
        return False
    # A line feed can be a byte of a number, and the bytes before it can look like text,
    # but hardly ever like as many fields as a damaged row of text has.
    least = max(dimension // 2, 1)
    fields = _FIELDS.split(line)[1:][-least:]
    if (
        len(fields) == least
        and all(map(_PRINTABLE.fullmatch, fields))
        and not _CONTROL.search(line)
    ):
        raise FormatError(
            f"line 2 can be text or binary numbers: {show(line)}; say which by the "
            "format, 'word2vec' or 'word2vec-binary'"
        )
    return True


def _is_utf8(text: bytes) -> bool:
    """Return whether bytes are UTF-8, or the beginning of such."""
    try:
        text.decode()
    except UnicodeDecodeError as error:
        return error.reason == "unexpected end of data"
    return True


def _describe(row: bytes, start: bytes) -> str:
    """Return what was found instead of a first row, recognized if possible."""
    what = recognize(start)
    if what is not None:
        return f"{what}: {show(row)}" if len(row) < 40 else what
    return f"{show(row)}{explain_separators(row)}"
