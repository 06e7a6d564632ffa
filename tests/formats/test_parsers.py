"""Each parser of rows gives what a plain loop does, to the bit and to the row."""

import io
import re
import struct
from collections.abc import Callable
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plain_parser import Row, make_lines, make_number, parse_line
from plain_reader import holds_numbers
from run_program import run_code

from glove_registry.errors import FormatError
from glove_registry.formats import arrow_rows, read_vectors, text
from glove_registry.formats.text import BadRow, parse

try:
    from glove_registry.formats import _rows
except ImportError:
    _rows = None  # type: ignore[assignment]

ReadRows = Callable[..., tuple[list[bytes], object, list[int]]]


def leave_all(
    lines: bytes, dimension: int, guessed: bool
) -> tuple[list[bytes], bytearray, list[int]]:
    """Leave each row to `read_row`, as a parser may."""
    rows = [re.sub(rb" *\r?$", b"", row) for row in lines.split(b"\n")[:-1]]
    rows = rows[: len(lines) // (2 * dimension + 1) + 1]
    return rows, bytearray(4 * dimension * len(rows)), list(range(len(rows)))


PARSERS: dict[str, ReadRows] = {"arrow": arrow_rows.read_rows, "plain": leave_all}
if _rows is not None:
    PARSERS["compiled"] = _rows.read_rows
NEEDS_COMPILED = pytest.mark.skipif(
    _rows is None, reason="the compiled parser was not built"
)
# Hypothesis does not reset a fixture between its examples; this one has no state.
ALL = pytest.mark.parametrize("read_rows", PARSERS.values(), ids=PARSERS)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        pytest.param("", "glove_registry.formats._rows False", marks=NEEDS_COMPILED),
        (
            "import sys; sys.modules['glove_registry.formats._rows'] = None",
            "glove_registry.formats.arrow_rows True",
        ),
    ],
    ids=["compiled", "arrow"],
)
def test_arrow_is_imported_where_the_compiled_parser_is_missing(
    code: str, expected: str
) -> None:
    """There is one parser; arrow costs neither time nor memory beside the other."""
    code += """
import io, sys
from glove_registry.formats import read_vectors, text
(block,) = read_vectors(io.BytesIO(b"the 1 2\\n"))
assert block.values.tolist() == [[1, 2]]
print(text.read_rows.__module__, "pyarrow" in sys.modules)
"""
    assert run_code(code) == f"{expected}\n"


def parse_by(
    read_rows: ReadRows, lines: bytes, dimension: int, guessed: bool = False
) -> list[Row] | tuple[int, str]:
    """Return the rows of some lines, or the first bad one and what is said of it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text, "read_rows", read_rows)
        try:
            block = parse(lines, dimension, guessed)
        except BadRow as bad:
            return bad.index, bad.sentence
    numbers = [row.astype("<f4").tobytes() for row in block.values]
    return list(zip(block.tokens, numbers, strict=True))


def check(read_rows: ReadRows, lines: bytes, dimension: int, guessed: bool) -> None:
    """Compare a parser with the plain loop."""
    expected = []
    found = parse_by(read_rows, lines, dimension, guessed)
    for index, line in enumerate(lines.split(b"\n")[:-1]):
        row = parse_line(line, dimension)
        if row and guessed and re.search(rb"[ \t\r]", row[0]):
            row = None if holds_numbers(row[0], dimension) else row
        if row is None:
            assert found == (index, parse_by(leave_all, lines, dimension, guessed)[1])
            return
        expected.append(row)
    assert found == expected


@ALL
@given(
    st.lists(st.from_regex(rb"\A[ab.]{0,2}( [0-9+.e-]{1,6}){0,4} ?\r?\Z"), min_size=1),
    st.booleans(),
)
def test_rows_of_few_characters(
    read_rows: ReadRows, lines: list[bytes], guessed: bool
) -> None:
    """All short lines of digits, points and exponents are read as the loop reads."""
    check(read_rows, b"\n".join(lines) + b"\n", 2, guessed)


@ALL
@given(st.integers(0), st.integers(1, 4), st.booleans())
def test_damaged_rows(
    read_rows: ReadRows, seed: int, dimension: int, guessed: bool
) -> None:
    """Rows with any bytes in them are read, or refused, as the loop does."""
    check(read_rows, make_lines(Random(seed), dimension), dimension, guessed)


@ALL
@given(st.lists(st.integers(0), min_size=1))
def test_numbers_are_exact_to_the_bit(read_rows: ReadRows, seeds: list[int]) -> None:
    """A number becomes float32(float(text)), however long or near a border it is."""
    numbers = [make_number(Random(seed)) for seed in seeds]
    check(read_rows, ("x " + " ".join(numbers) + "\n").encode(), len(numbers), False)


@ALL
@pytest.mark.parametrize(
    "number",
    [
        "-0",
        "0e999999999999999999999",
        "-0.0e-400",
        "1.",
        "+.5E+1",
        "1e-400",
        "-1e-46",
        "7.006492321624085e-46",  # halfway to the least float32
        "1.1754943e-38",
        "3.4028235677973366e38",  # rounds to infinity
        "3.4028235677973365e38",
        "3.40282e38",
        "1e400",
        "16777217",
        "16777217.0000000000000000000000000000000001",
        "1.00000005960464477539062500",
        "1.000000059604644775390625000000000000001",
        "0." + "0" * 400 + "1e401",
        "1" + "0" * 400 + "e-400",
        "9" * 40,
        "0" * 40 + "1.5",
        "1.234567890123456789e-01",
        "18446744073709551616",
        "e5",
        "1e",
        "1e+",
        ".",
        "+-1",
        "1_0",
        "0x1",
        "1,5",
        "nan",
        "-inf",
        "1\0",
        "\u0663",
    ],
)
def test_odd_numbers(read_rows: ReadRows, number: str) -> None:
    """Numbers at the bounds of float32, and what is not a number, are told apart."""
    check(read_rows, f"a 1 2\nb {number} 2\n{number} 1 {number}\n".encode(), 2, False)


@ALL
def test_the_first_bad_row_is_named_among_good_ones(read_rows: ReadRows) -> None:
    """Of several bad rows the first is named, with the number of its line."""
    lines = [b"a 1 2\n"] * 7 + [b"b 1 x\n", b"c\n"] + [b"d 3 4\n"] * 5
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text, "read_rows", read_rows)
        with pytest.raises(FormatError, match=r"line 8: .* found 'x'"):
            list(read_vectors(io.BytesIO(b"".join(lines))))


@ALL
def test_short_rows_ask_for_no_memory(read_rows: ReadRows) -> None:
    """A block of empty lines is refused without memory for a row from each."""
    lines = b"a" + b" 1" * 16_384 + b"\n" + b"\n" * 1_000_000
    found = parse_by(read_rows, lines, 16_384)
    assert found == (1, "it is empty: remove empty lines between rows")


@ALL
def test_a_row_of_many_numbers(read_rows: ReadRows) -> None:
    """Rows of the largest dimension are read to their last number."""
    numbers = struct.pack("<16384f", *range(16_384))
    row = b"x y " + " ".join(map(str, range(16_384))).encode()
    assert parse_by(read_rows, row + b"\n" + row + b"\r\n", 16_384) == [
        (b"x y", numbers),
        (b"x y", numbers),
    ]


@pytest.mark.parametrize(
    ("lines", "tokens", "left"),
    [
        (b"a 1 2\nb 3 4\n", [b"a", b"b"], []),
        (b"a 1 2 \r\nb 3 4\n", [b"a", b"b"], []),
        (
            b"a 1 2\nnew york 3 4\nc\t 5 6\nd 7 8\n",
            [b"a", b"new york 3 4", b"c\t 5 6", b"d"],
            [1, 2],
        ),
        (b"a 1 2\nb 3\nc 5 6\n", [b"a", b"b 3"], [1]),
    ],
)
def test_arrow_leaves_few_rows(
    lines: bytes, tokens: list[bytes], left: list[int]
) -> None:
    """Only rows of another form are left to the slow loop, up to one that is short."""
    found = arrow_rows.read_rows(lines, 2, False)
    assert (found[0], found[2]) == (tokens, left)


@NEEDS_COMPILED
@pytest.mark.parametrize(
    ("lines", "dimension"), [(b"a 1", 1), (b"a 1\n", 0), (b"a 1\n", -1)]
)
def test_the_compiled_parser_refuses_what_it_cannot_bound(
    lines: bytes, dimension: int
) -> None:
    """Lines that do not end, and rows of no number, are a mistake of the caller."""
    with pytest.raises(ValueError, match="expected lines that end"):
        _rows.read_rows(lines, dimension, False)


@NEEDS_COMPILED
def test_the_compiled_parser_leaves_few_rows() -> None:
    """Rows with blanks, padding or many digits are not left to the slow loop."""
    numbers = ["0.41800", "-1.234567890123456789e-01", "+7", "1e-45", "0.1234567890123"]
    tokens = ["the", ". . .", "\u00a0", "a\tb", ""]
    lines = "".join(f"{token} {' '.join(numbers)} \r\n" for token in tokens).encode()
    _, _, left = _rows.read_rows(lines, 5, False)
    assert left == []
