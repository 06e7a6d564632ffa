"""Text separated by tabs: on each line a word, then numbers."""

import re
from collections.abc import Iterator

from ..errors import FormatError
from .block import Block, ByteStream, show
from .first_line import check_first_row, refuse_names
from .separators import NUMBER
from .start import Expected, Opened, Start
from .text import read_text_blocks
from .tokens import TokenChecker

# With tabs and spaces exchanged, rows are those of GloVe's text.
_EXCHANGE = bytes.maketrans(b"\t ", b" \t")


_HEADER = re.compile(rb"([0-9]{1,18})\t([0-9]{1,9})")


def recognize(start: Start) -> bool:
    """Return whether numbers follow the first word, each after a tab."""
    _, first = _find_rows(start)
    return _count_numbers(first) > 0


def open_rows(start: Start, expected: Expected) -> Opened:
    """Open rows whose dimension is that of the first."""
    announced, first = _find_rows(start)
    line = 1 if announced is None else 2
    begin = 0 if announced is None else start.bytes.index(b"\n") + 1
    data = start.bytes[begin:].translate(_EXCHANGE)
    dimension = check_first_row(
        first.translate(_EXCHANGE), data, line, expected.dimension
    )
    blocks = read_text_blocks(_Exchanged(start.stream), data, dimension, line)
    # Checked as they are: here a number after a space is part of the word.
    checked = TokenChecker(dimension, expected, first=line).check(blocks)
    return Opened(dimension, _restore_spaces(checked, line), announced)


def _find_rows(start: Start) -> tuple[int | None, bytes]:
    """Return the number of rows that a header announces, and the first row."""
    first = start.read_line()
    second = start.read_line(len(first) + 1)
    header = _HEADER.fullmatch(first.rstrip(b"\r\t "))
    if header is not None:
        if _count_numbers(second) == int(header[2]):
            return int(header[1]), second
        return None, b""  # it is a header, of rows with other separators
    fields = first.rstrip(b"\r").split(b"\t")
    if not (fields[0] and _count_numbers(first)):
        refuse_names(first, fields, _count_numbers(second))
    return None, first


def _count_numbers(row: bytes) -> int:
    """Return how many numbers follow a word, each after a tab; 0 if others do."""
    _, *numbers = row.rstrip(b"\r\t ").split(b"\t")
    return len(numbers) if all(map(NUMBER.fullmatch, numbers)) else 0


class _Exchanged:
    """A stream in which tabs are spaces, and spaces are tabs."""

    def __init__(self, stream: ByteStream) -> None:
        self._stream = stream

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes, and none at the end."""
        return self._stream.read(size).translate(_EXCHANGE)


def _restore_spaces(blocks: Iterator[Block], line: int) -> Iterator[Block]:
    for block in blocks:
        for i, token in enumerate(block.tokens):
            if b" " in token:
                raise FormatError(
                    f"line {line + i}: expected {block.values.shape[1]} numbers after "
                    f"a word, found more fields: {show(token.translate(_EXCHANGE))}"
                )
        line += len(block.tokens)
        tokens = [
            token.translate(_EXCHANGE) if b"\t" in token else token
            for token in block.tokens
        ]
        yield Block(tokens, block.values)
