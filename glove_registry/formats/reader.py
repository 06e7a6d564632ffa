"""Find out what a stream holds, and read it."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from ..errors import FormatError
from ..messages.caller import warn_caller
from .binary import read_binary_blocks
from .block import BLOCK_BYTES, LONGEST_LINE, MOST_NUMBERS, Block, ByteStream, show
from .separators import count_numbers, explain_separators, holds_numbers
from .signatures import recognize, recognize_binary
from .text import read_text_blocks
from .tokens import TokenWatch

_HEADER = re.compile(rb"([0-9]{1,18}) ([0-9]{1,9})[ \r]*")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_HEAD_BYTES = 512  # enough to know a file by

# What no text holds, and bytes of numbers do.
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_FIELDS = re.compile(rb"[ \t,;|]+")
_PRINTABLE = re.compile(rb"[\r\x21-\x7e]+")


@dataclass(frozen=True, slots=True)
class OpenedVectors:
    """A stream whose first lines have told what it holds.

    Attributes
    ----------
    format : {"glove", "word2vec", "word2vec-binary"}
        How the vectors are written; the last two begin with a header.
    dimension : int
        Numbers in a row.
    blocks : iterator of Block
        All rows; to be taken once. Raises what `read_vectors` raises.
    """

    format: str
    dimension: int
    blocks: Iterator[Block]


def read_vectors(
    stream: ByteStream,
    *,
    format: str | None = None,
    dimension: int | None = None,
    rows: int | Literal["any"] | None = None,
    warn: Callable[[str], None] = warn_caller,
) -> Iterator[Block]:
    """Read a stream of vectors from its first byte to its last.

    Parameters
    ----------
    stream : ByteStream
        Uncompressed bytes.
    format : {"glove", "word2vec", "word2vec-binary"}, optional
        How they are written; found out from the first rows if not given.
    dimension : int, optional
        What the file must agree with, where it is known.
    rows : int or "any", optional
        What the file must agree with, where it is known. With ``"any"``, the rows are
        counted, and a header that announces others is reported by a warning.
    warn : callable, optional
        Takes the sentence of each warning; by default it is warned at once.

    Yields
    ------
    Block
        At least one row each, in the file's order.

    Raises
    ------
    FormatError
        The bytes are not vectors in that form, with the line's number, or not as
        many as expected.

    Warns
    -----
    UserWarning
        Words stand in the file in a way in which no lookup will find them.
    """
    yield from open_vectors(
        stream, format=format, dimension=dimension, rows=rows, warn=warn
    ).blocks


def open_vectors(
    stream: ByteStream,
    *,
    format: str | None = None,
    dimension: int | None = None,
    rows: int | Literal["any"] | None = None,
    warn: Callable[[str], None] = warn_caller,
) -> OpenedVectors:
    """Find out from its first lines how a stream of vectors is to be read.

    Parameters
    ----------
    stream, format, dimension, rows, warn
        As for `read_vectors`.

    Returns
    -------
    OpenedVectors

    Raises
    ------
    FormatError
        Nothing that begins like this is vectors, or not in the form they should have.
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
    if header is None:
        if format not in (None, "glove"):
            raise FormatError(
                f"line 1: expected the header of a {format} file, two whole numbers, "
                f"found {_describe(first, start)}"
            )
        return _open_text("glove", stream, start, first, dimension, None, rows, warn)
    announced, found = int(header[1]), int(header[2])
    if not announced or not found or dimension not in (None, found):
        raise FormatError(
            f"line 1: the header announces {announced:,} rows of {found} numbers"
            + (f", expected {dimension} numbers" if dimension else "")
        )
    _check_bound(1, found)
    start, first = _complete_line(stream, start[len(first) + 1 :], 4 * found)
    if format is None:
        format = "word2vec-binary" if _is_binary(start, first, found) else "word2vec"
    if format == "word2vec-binary" and count_numbers(first) >= found > 1:
        raise FormatError(
            f"line 2: expected a token and {4 * found} bytes of numbers, found a row "
            f"of text: {show(first)}; its format is 'word2vec'"
        )
    if format == "word2vec":
        return _open_text(format, stream, start, first, found, announced, rows, warn)
    expected = None if rows == "any" else announced
    blocks = read_binary_blocks(stream, start, found, expected)
    watch = TokenWatch(
        found, False, lambda row: f"row {row + 1:,}", warn, is_text=False
    )
    blocks = _count(watch.follow(blocks), announced, rows, warn)
    return OpenedVectors(format, found, blocks)


def _open_text(
    format: str,
    stream: ByteStream,
    start: bytes,
    first: bytes,
    dimension: int | None,
    announced: int | None,
    rows: int | Literal["any"] | None,
    warn: Callable[[str], None],
) -> OpenedVectors:
    """Open rows of text, from the first one on; `dimension` is None where unknown."""
    first_line = 1 if announced is None else 2
    found = _check_first_row(first, start, first_line, dimension)
    guessed = dimension is None
    blocks = read_text_blocks(stream, start, found, first_line, guessed=guessed)
    watch = TokenWatch(found, guessed, lambda row: f"line {row + first_line:,}", warn)
    blocks = _count(watch.follow(blocks), announced, rows, warn)
    return OpenedVectors(format, found, blocks)


def _count(
    blocks: Iterator[Block],
    announced: int | None,
    rows: int | Literal["any"] | None,
    warn: Callable[[str], None],
) -> Iterator[Block]:
    """Hand blocks on, and see at the end whether there were as many rows as said."""
    count = 0
    for block in blocks:
        count += len(block.tokens)
        yield block
    if rows == "any":
        if announced not in (None, count):
            warn(
                f"the file holds {count:,} rows and its header announces "
                f"{announced:,}; all {count:,} are used, as rows is 'any'"
            )
        return
    if announced not in (None, count):
        raise FormatError(
            f"the file holds {count:,} rows, its header says {announced:,}: it may be "
            "cut off. If it is whole, say rows='any' (`rows: any` in an entry)"
        )
    if rows not in (None, count):
        raise FormatError(f"the file holds {count:,} rows, expected {rows:,}")


def _complete_line(
    stream: ByteStream, start: bytes, least: int = 0
) -> tuple[bytes, bytes]:
    """Read on until `start` holds a whole line; return it and that line.

    Of a longer line, what is read of it; `least` bytes are read past a shorter one.
    """
    while len(start) <= LONGEST_LINE and (b"\n" not in start or len(start) < 2 * least):
        chunk = stream.read(BLOCK_BYTES)
        if not chunk:
            break
        start += chunk
    return start, start.partition(b"\n")[0]


def _check_first_row(row: bytes, start: bytes, line: int, expected: int | None) -> int:
    """Return the dimension that the first row has, or that it must have at least."""
    found = count_numbers(row)
    if not found:
        raise FormatError(
            f"line {line}: expected a token and numbers with one blank between, "
            f"found {_describe(row, start)}"
        )
    if expected is None:
        _check_bound(line, found)
        token = row.rstrip(b" \r").rsplit(b" ", found)[0]
        if holds_numbers(token, found):
            raise FormatError(
                f"line {line}: expected a token before {found} numbers, found numbers "
                f"in it, too: {show(row)}{explain_separators(row)}; if {show(token)} "
                f"is a token, say that the dimension is {found}"
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
            f"{dimension:,}: this is no file of word vectors"
        )


def _is_binary(start: bytes, line: bytes, dimension: int) -> bool:
    """Say whether what follows a header is bytes of numbers, and not text.

    Parameters
    ----------
    start, line : bytes
        What follows the header, and the first line of it.
    dimension : int
        As the header says.
    """
    if count_numbers(line) >= dimension:
        return False
    numbers = start.partition(b" ")[2][: 4 * dimension]
    if len(numbers) < 4 * dimension or not (
        _CONTROL.search(numbers) or not _is_utf8(numbers)
    ):
        return False
    # A line feed is a byte of some numbers, and what is before it can be text then;
    # but hardly ever as many fields as a damaged row of text has.
    least = max(dimension // 2, 1)
    fields = _FIELDS.split(line)[1:][-least:]
    if (
        len(fields) == least
        and all(map(_PRINTABLE.fullmatch, fields))
        and not _CONTROL.search(line)
    ):
        raise FormatError(
            f"line 2 can be text or bytes of numbers: {show(line)}; say format "
            "'word2vec' or 'word2vec-binary'"
        )
    return True


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError as error:
        return error.reason == "unexpected end of data"
    return True


def _describe(row: bytes, start: bytes) -> str:
    """Show what stands in place of a first row, and say what it is if that is known."""
    what = recognize(start)
    if what is not None:
        return f"{what}: {show(row)}" if len(row) < 40 else what
    return f"{show(row)}{explain_separators(row)}"
