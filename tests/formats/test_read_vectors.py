"""Rows are read exactly as in the file, and anything else is an error."""

import io
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from written_files import Dripping

from glove_registry.errors import FormatError
from glove_registry.formats import read_vectors
from glove_registry.formats.block import BLOCK_BYTES


def read(
    content: bytes, step: int | None = None, **known: object
) -> list[tuple[bytes, list[float]]]:
    """Return a file as (token, numbers) pairs; ignore warnings about words."""
    stream = Dripping(content, step) if step else io.BytesIO(content)
    known["warn"] = lambda sentence: None
    return [
        (token, row.tolist())
        for block in read_vectors(stream, **known)
        for token, row in zip(block.tokens, block.values, strict=True)
    ]


def as_float32(number: str) -> float:
    """Return the value of a number, by the standard library alone."""
    (value,) = struct.unpack("<f", struct.pack("<f", float(number)))
    return float(value)


# Tokens of real files that break readers.
NASTY = [
    b'"',
    b"''",
    b"'",
    b"nan",
    b"null",
    b"NULL",
    b"inf",
    b"-1.5",
    b"true",
    b"\\N",
    b"",
    b"#",
    b",",
    b"\xc2\x85",  # U+0085, a line end to str.splitlines
    b"a\xc2\xa0b",  # a no-break space, a blank to str.split
    b"\xe2\x80\xa8",  # U+2028
    b"\xff\xfe",  # no UTF-8
    b"\x00",
    b"a\tb",
    b"a\rb",
    b"\x1c",
    b"\xef\xbb\xbf",  # a byte-order mark
    b". . .",
    b"at name@domain.com",
    b" ",
]


@pytest.mark.parametrize("step", [None, 1, 7])
def test_nasty_tokens_come_back_as_they_are(step: int | None) -> None:
    """Tokens with blanks, quotes, line separators or stray bytes keep their row."""
    rows = [(token, f"{i}.5 -0.25 1e-3") for i, token in enumerate(NASTY)]
    content = b"the 1 2 3\n" + b"".join(t + b" " + n.encode() + b"\n" for t, n in rows)

    found = read(content, step)

    assert [token for token, _ in found] == [b"the", *NASTY]
    for (_, numbers), (_, written) in zip(found[1:], rows, strict=True):
        assert numbers == [as_float32(n) for n in written.split()]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"a 1 2\nb 3 4", [b"a", b"b"]),
        (b"a 1 2\r\nb 3 4\r\n", [b"a", b"b"]),
        (b"a 1 2 \nb 3 4 \n", [b"a", b"b"]),
        (b"2 2\na 1 2\nb 3 4\n", [b"a", b"b"]),
        (b"2 2 \na 1 2 \nb 3 4 \n", [b"a", b"b"]),
        (b"2 2\r\na 1 2\r\nb 3 4", [b"a", b"b"]),
    ],
    ids=["no-last-line-end", "crlf", "blank-at-end", "header", "fasttext", "mixed"],
)
def test_harmless_differences_between_writers(
    content: bytes, words: list[bytes]
) -> None:
    """Line ends, trailing spaces and a header make no difference."""
    assert read(content) == [(words[0], [1, 2]), (words[1], [3, 4])]


def binary(rows: list[tuple[bytes, list[float]]], end: bytes) -> bytes:
    """Write word2vec's binary form."""
    header = f"{len(rows)} {len(rows[0][1])}\n".encode()
    return header + b"".join(
        token + b" " + struct.pack(f"<{len(v)}f", *v) + end for token, v in rows
    )


@pytest.mark.parametrize("end", [b"", b"\n", b"\n\n"])
@pytest.mark.parametrize("step", [None, 5])
@pytest.mark.parametrize("known", [{}, {"format": "word2vec-binary"}])
def test_word2vec_binary(end: bytes, step: int | None, known: dict[str, str]) -> None:
    """The binary format is read with and without line ends, named or recognized."""
    rows = [(b"</s>", [1.5, -2.0]), (b"in", [0.0, 3e-9]), (b"\xc3\xbc", [7.0, 8.0])]
    expected = [
        (t, [struct.unpack("<f", struct.pack("<f", x))[0] for x in v]) for t, v in rows
    ]
    assert read(binary(rows, end), step, **known) == expected


FAULTS: dict[str, tuple[bytes, dict[str, object], str]] = {
    "empty": (b"", {}, "the file is empty"),
    "html": (b"<!DOCTYPE html>\n<html>\n", {}, "line 1: .*<!DOCTYPE"),
    "short row": (b"a 1 2\nb 3\n", {}, "line 2: expected a token and 2 numbers"),
    "cut off in the last row": (b"a 1 2\nb 3 4\nc 5", {}, "line 3"),
    "long row": (
        b"a 1 2\nb 3 4 5\n",
        {},
        "line 2: expected 2 numbers as in the first row, found more",
    ),
    "empty line": (b"a 1 2\n\nb 3 4\n", {}, "line 2"),
    "not a number": (b"a 1 2\nb 3 x\n", {}, "line 2: .*'x'"),
    "nan": (b"a 1 2\nb 3 nan\n", {}, "line 2: .*'nan'"),
    "infinite": (b"a 1 2\nb inf 3\n", {}, "line 2: .*'inf'"),
    "too large": (b"a 1 2\nb 1e39 3\n", {}, "line 2: .*too large"),
    "much too large": (b"a 1 2\nb 1e999 3\n", {}, "line 2: .*too large"),
    "underscore": (b"a 1 2\nb 1_0 3\n", {}, "line 2: .*'1_0'"),
    "hexadecimal": (b"a 1 2\nb 0x1 3\n", {}, "line 2: .*'0x1'"),
    "other digits": ("a 1 2\nb ٣ 3\n".encode(), {}, "line 2"),
    "two blanks": (b"a 1 2\nb 3  4\n", {}, "line 2"),
    "tab before a number": (b"a 1 2\nb 3 \t4\n", {}, "line 2"),
    "another dimension": (b"a 1 2\n", {"dimension": 3}, "expected 3 numbers, found 2"),
    "header's dimension": (b"1 2\na 1 2\n", {"dimension": 3}, "expected 3"),
    "header's dimension is not the rows'": (
        b"1 3\na 1 2\n",
        {"format": "word2vec"},
        "line 2: expected 3 numbers, found 2",
    ),
    "header of nothing": (b"0 3\n", {}, "announces 0 rows"),
    "fewer rows than announced": (
        b"3 2\na 1 2\nb 3 4\n",
        {},
        "2 rows, its header says",
    ),
    "more rows than announced": (b"1 2\na 1 2\nb 3 4\n", {}, "2 rows, its header says"),
    "rows of the registry": (b"a 1 2\n", {"rows": 2}, "holds 1 row, expected 2"),
    "no header": (b"a 1 2\n", {"format": "word2vec"}, "expected the header"),
    "binary cut off": (b"2 1\na \0\0\0\0b \0\0", {}, "row 2 of 2: .* found 'b .*cut"),
    "binary with a row too few": (
        b"2 1\na \0\0\0\0\n",
        {},
        "row 2 of 2: .* found the end: ",
    ),
    "binary with a tail": (b"1 1\na \0\0\0\0b \0", {}, "bytes follow"),
    "binary not finite": (b"1 1\na \0\0\xc0\x7f", {}, "row 1 of 1: .* not finite"),
    "binary with a line feed in a token": (
        b"2 1\nx\ny \0\0\0\0b \0\0\0\0",
        {},
        "row 1 of 2: a token contains a line feed",
    ),
    "binary with a line feed in a later token": (
        b"2 1\nb \0\0\0\0x\ny \0\0\0\0",
        {"format": "word2vec-binary"},
        "row 2 of 2: a token contains a line feed",
    ),
    "text that is said to be binary": (
        b"2 2\na 1 2\nb 3 4\n",
        {"format": "word2vec-binary"},
        "line 2: expected a token and 8 bytes of numbers, found a row of text: 'a 1 2'",
    ),
    "binary without blanks": (b"1 1\n" + b"\1" * 70_000, {}, "line 2"),
    "named binary without blanks": (
        b"1 1\n" + b"\1" * 70_000,
        {"format": "word2vec-binary"},
        "row 1 of 1: expected a token, a space and 4 bytes",
    ),
}


@pytest.mark.parametrize("step", [None, 3])
@pytest.mark.parametrize("case", FAULTS)
def test_what_is_no_row_is_an_error_with_its_line(case: str, step: int | None) -> None:
    """A damaged file is refused with the line's number and its beginning."""
    content, known, message = FAULTS[case]
    with pytest.raises(FormatError, match=message):
        read(content, step, **known)


@given(st.binary(max_size=200))
def test_any_bytes_are_rows_or_an_error(content: bytes) -> None:
    """Any bytes give rows, warnings or FormatError, and nothing else."""
    try:
        found = read(content)
    except FormatError:
        return
    assert found


def test_a_byte_order_mark_belongs_to_its_token_unless_it_begins_the_file() -> None:
    """A byte-order mark at the beginning of a block is kept in the token."""
    token = "\ufeffword".encode()
    content = b"a 1 2\n" * (BLOCK_BYTES // 6 + 1) + token + b" 3 4\n"
    assert len(content) > BLOCK_BYTES
    assert read(content)[-1] == (token, [3, 4])
    assert read(b"2 2\n" + token + b" 1 2\nb 3 4\n")[0] == (token, [1, 2])
    assert read(token + b" 1 2\nb 3 4\n")[0] == (b"word", [1, 2])


def test_a_run_of_blanks_costs_no_time() -> None:
    """A line of a million spaces is refused as fast as it is read."""
    with pytest.raises(FormatError, match="line 2"):
        read(b"a 1 2\nb" + b" " * 1_000_000 + b"\n")


@pytest.mark.parametrize("known", [{}, {"format": "word2vec-binary"}])
def test_a_header_is_no_reason_to_ask_for_memory(known: dict[str, str]) -> None:
    """No more than a block is read at once, however much a header announces."""

    class Careful(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            assert size is not None and 0 < size <= BLOCK_BYTES
            return super().read(size)

    stream = Careful(b"9 16384\na \0\0\0\0")
    with pytest.raises(FormatError, match=r"line 2|row 1 of 9"):
        list(read_vectors(stream, **known))
