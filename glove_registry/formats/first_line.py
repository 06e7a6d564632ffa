"""What the first line of a text tells: a header, or the dimension of a row."""

import re
from typing import NamedTuple

from ..errors import FormatError
from ..messages.layout import format_count
from .block import MOST_NUMBERS, show
from .separators import count_numbers, explain_separators, holds_numbers
from .signatures import recognize
from .start import Start

_HEADER = re.compile(rb"([0-9]{1,18}) ([0-9]{1,9})[ \r]*")


class Header(NamedTuple):
    """Two whole numbers on the first line, and what follows them."""

    rows: int
    dimension: int
    line: bytes  # the second line
    rest: bytes  # all that was read after the first line


def find_header(start: Start) -> Header | None:
    """Return the header of a file; None if its first line is none.

    Raises `FormatError` if it announces what no file of vectors has.
    """
    first = start.read_line()
    match = _HEADER.fullmatch(first)
    if match is None:
        return None
    rows, dimension = int(match[1]), int(match[2])
    if not rows or not dimension:
        raise FormatError(_describe_header(rows, dimension))
    _check_bound(1, dimension)
    begin = len(first) + 1
    line = start.read_line(begin, 4 * dimension)
    return Header(rows, dimension, line, start.bytes[begin:])


def require_header(start: Start, format: str, dimension: int | None) -> Header:
    """Return the header of a file; raise `FormatError` if it is not as expected."""
    header = find_header(start)
    if header is None:
        raise FormatError(
            f"line 1: expected the header of a {format} file, two whole numbers, "
            f"found {_describe(start.read_line(), start.bytes)}"
        )
    if dimension not in (None, header.dimension):
        raise FormatError(
            _describe_header(header.rows, header.dimension)
            + f", expected {dimension} numbers"
        )
    return header


def check_first_row(row: bytes, start: bytes, line: int, expected: int | None) -> int:
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


def refuse_names(line: bytes, fields: list[bytes], following: int) -> None:
    """Raise `FormatError` if fields name a word and as many numbers as follow."""
    if following == len(fields) - 1 > 0:
        raise FormatError(
            f"line 1: {show(line)} looks like the names of columns, as numbers follow "
            "in line 2: remove this line"
        )


def _check_bound(line: int, dimension: int) -> None:
    if dimension > MOST_NUMBERS:
        raise FormatError(
            f"line {line}: expected at most {MOST_NUMBERS:,} numbers in a row, found "
            f"{dimension:,}: this is not a file of word vectors"
        )


def _describe_header(rows: int, dimension: int) -> str:
    announced = f"{format_count(rows, 'row')} of {format_count(dimension, 'number')}"
    return f"line 1: the header announces {announced}"


def _describe(row: bytes, start: bytes) -> str:
    """Return what was found instead of a first row, recognized if possible."""
    what = recognize(start)
    if what is not None:
        return f"{what}: {show(row)}" if len(row) < 40 else what
    return f"{show(row)}{explain_separators(row)}"
