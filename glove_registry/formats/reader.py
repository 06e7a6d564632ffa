"""Find out what a stream holds, and read it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ..errors import FormatError
from .binary import read_binary_blocks
from .block import BLOCK_BYTES, LONGEST_LINE, Block, ByteStream
from .text import count_numbers, read_text_blocks, show

_HEADER = re.compile(rb"([0-9]{1,18}) ([0-9]{1,9})[ \r]*")


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
    rows: int | None = None,
) -> Iterator[Block]:
    """Read a stream of vectors from its first byte to its last.

    Parameters
    ----------
    stream : ByteStream
        Uncompressed bytes.
    format : {"glove", "word2vec", "word2vec-binary"}, optional
        How they are written; found out from the first rows if not given.
    dimension, rows : int, optional
        What the file must agree with, where it is known.

    Yields
    ------
    Block
        At least one row each, in the file's order.

    Raises
    ------
    FormatError
        The bytes are not vectors in that form, with the line's number, or not as
        many as expected.
    """
    yield from open_vectors(
        stream, format=format, dimension=dimension, rows=rows
    ).blocks


def open_vectors(
    stream: ByteStream,
    *,
    format: str | None = None,
    dimension: int | None = None,
    rows: int | None = None,
) -> OpenedVectors:
    """Find out from its first lines how a stream of vectors is to be read.

    Parameters
    ----------
    stream, format, dimension, rows
        As for `read_vectors`.

    Returns
    -------
    OpenedVectors

    Raises
    ------
    FormatError
        Nothing that begins like this is vectors, or not in the form they should have.
    """
    start = stream.read(BLOCK_BYTES)
    if not start:
        raise FormatError("expected rows of vectors, found nothing: the file is empty")
    start, first = _complete_line(stream, start)
    header = _HEADER.fullmatch(first) if format != "glove" else None
    if header is None:
        if format not in (None, "glove"):
            raise FormatError(
                f"line 1: expected the header of a {format} file, two whole numbers, "
                f"found {show(first)}"
            )
        found = _check_dimension(first, 1, dimension)
        blocks = read_text_blocks(stream, start, found, first_line=1)
        return OpenedVectors("glove", found, _count(blocks, None, rows))
    announced, found = int(header[1]), int(header[2])
    if not announced or not found or dimension not in (None, found):
        raise FormatError(
            f"line 1: the header announces {announced:,} rows of {found} numbers"
            + (f", expected {dimension} numbers" if dimension else "")
        )
    start, first = _complete_line(stream, start[len(first) + 1 :])
    if format is None:
        format = "word2vec" if count_numbers(first) >= found else "word2vec-binary"
    if format == "word2vec-binary":
        blocks = read_binary_blocks(stream, start, found, announced)
    else:
        _check_dimension(first, 2, found)
        blocks = read_text_blocks(stream, start, found, first_line=2)
    return OpenedVectors(format, found, _count(blocks, announced, rows))


def _count(
    blocks: Iterator[Block], announced: int | None, rows: int | None
) -> Iterator[Block]:
    """Hand blocks on, and see at the end whether there were as many rows as said."""
    count = 0
    for block in blocks:
        count += len(block.tokens)
        yield block
    for said, whose in ((announced, "its header says"), (rows, "the registry says")):
        if said not in (None, count):
            raise FormatError(f"the file holds {count:,} rows, {whose} {said:,}")


def _complete_line(stream: ByteStream, start: bytes) -> tuple[bytes, bytes]:
    """Read on until `start` holds a whole line; give it and that line."""
    while b"\n" not in start and len(start) < LONGEST_LINE:
        chunk = stream.read(BLOCK_BYTES)
        if not chunk:
            break
        start += chunk
    return start, start.partition(b"\n")[0]


def _check_dimension(row: bytes, line: int, expected: int | None) -> int:
    found = count_numbers(row)
    if not found:
        raise FormatError(
            f"line {line}: expected a token and numbers, separated by blanks, "
            f"found {show(row)}"
        )
    if expected not in (None, found):
        raise FormatError(
            f"line {line}: expected {expected} numbers, found {found}: {show(row)}"
        )
    return found
