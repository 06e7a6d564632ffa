"""Files at the bounds: of blocks, of sizes, of what a header announces."""

import io
import struct
import warnings
from typing import Any

import pytest
from written_files import blocks_of

from glove_registry.errors import FormatError
from glove_registry.formats import open_vectors, read_vectors
from glove_registry.formats.start import Start

Pairs = list[tuple[bytes, list[float]]]


def read(content: bytes, **known: Any) -> Pairs:
    """Return a file as pairs of token and numbers; warnings are errors."""
    return [
        (token, row.tolist())
        for block in read_vectors(io.BytesIO(content), **known)
        for token, row in zip(block.tokens, block.values, strict=True)
    ]


def make_binary(rows: Pairs, end: bytes = b"\n", announced: int | None = None) -> bytes:
    """Write word2vec's binary format."""
    count = len(rows) if announced is None else announced
    return b"%d %d\n" % (count, len(rows[0][1])) + b"".join(
        token + b" " + struct.pack(f"<{len(numbers)}f", *numbers) + end
        for token, numbers in rows
    )


@pytest.mark.parametrize("size", [1, 5, 16, 64, 1000])
@pytest.mark.parametrize("header", [b"", b"30 2\n"])
def test_an_error_names_its_line_whatever_the_blocks(size: int, header: bytes) -> None:
    """The line's number is that in the file, from the first block to the last."""
    rows = [b"w%d 1 2" % i for i in range(30)]
    for bad in (1, 2, 3, 4, 15, 29):
        lines = header + b"\n".join([*rows[:bad], b"x 1 y", *rows[bad + 1 :], b""])
        line = bad + 1 + bool(header)
        with blocks_of(size), pytest.raises(FormatError, match=rf"^line {line}: .*'y'"):
            read(lines)


@pytest.mark.parametrize("size", [1, 7, 50, 1000])
def test_an_error_names_its_row_whatever_the_blocks(size: int) -> None:
    """Binary rows are counted from the first one of the file."""
    rows: Pairs = [(b"w%d" % i, [1.5, float(i)]) for i in range(30)]
    for bad in (1, 2, 15, 29):
        damaged = [*rows]
        damaged[bad] = (b"x", [1.5, float("nan")])
        with (
            blocks_of(size),
            pytest.raises(FormatError, match=rf"^row {bad + 1} of 30: "),
        ):
            read(make_binary(damaged))


@pytest.mark.parametrize("size", [1, 4, 9, 1000])
@pytest.mark.parametrize(
    "ends", [b"\n", b"\n\n\n", b"\r\n \r\n", b"  \n\n", b"", b"\r"]
)
def test_empty_lines_at_the_end_are_none(size: int, ends: bytes) -> None:
    """Spaces and line ends after the last row are ignored, and nothing else is."""
    with blocks_of(size):
        assert read(b"a 1 2\nb 3 4" + ends) == [(b"a", [1, 2]), (b"b", [3, 4])]
        if b"\n" in ends.rstrip(b" \r")[:-1]:
            with pytest.raises(FormatError, match=r"^line 3: "):
                read(b"a 1 2\nb 3 4" + ends + b"c 5 6\n")


MOST = 1 << 14


def test_the_widest_rows() -> None:
    """Rows of 16,384 numbers are read, as text or not; one more is too many."""
    row = b" 1" * MOST
    expected = [(b"a", [1.0] * MOST)]
    assert read(b"a" + row + b"\n") == expected
    assert read(make_binary([(b"a", [1.0] * MOST)])) == expected
    message = "expected at most 16,384 numbers in a row, found 16,385"
    with pytest.raises(FormatError, match=f"^line 1: {message}"):
        read(b"a 1" + row + b"\n")
    for rest in (b"a 1" + row + b"\n", make_binary([(b"a", [1.0])])):
        with pytest.raises(FormatError, match=f"^line 1: {message}"):
            read(b"1 %d\n" % (MOST + 1) + rest)


LONGEST = 1 << 16


@pytest.mark.parametrize("place", [0, 1])
def test_the_longest_tokens(place: int) -> None:
    """A token of 65,536 bytes is read, in each form; one more byte is too many."""
    for length in (LONGEST - 1, LONGEST, LONGEST + 1):
        rows: Pairs = [(b"a", [1.0, 2.0]), (b"b", [1.0, 2.0])]
        rows[place] = (b"x" * length, [1.0, 2.0])
        text = b"".join(token + b" 1 2\n" for token, _ in rows)
        for content in (text, b"2 2\n" + text, make_binary(rows)):
            if length <= LONGEST:
                assert read(content) == rows
            else:
                with pytest.raises(FormatError):
                    read(content)


@pytest.mark.parametrize("size", [1, 10, 100, 1000, 5000])
@pytest.mark.parametrize("end", [b"", b"\n"])
def test_phrases_whatever_the_blocks(size: int, end: bytes) -> None:
    """A token with spaces is recognized by what follows its row, in any block."""
    tokens = [
        b"new york",
        b"a b c",
        b"the",
        b"pad ",
        b"x " * 200 + b"x",
        b"s o s",
        b"end",
    ]
    # The bytes of these numbers are not letters, nor those of letters such numbers.
    rows: Pairs = [(token, [0.5, -0.25, 1.0, 2.0]) for token in tokens]
    with blocks_of(size), warnings.catch_warnings(action="ignore"):
        assert read(make_binary(rows, end)) == rows


# A float32 that is smaller than numbers of trained vectors.
ODD = struct.unpack("<f", struct.pack("<f", 1e-20))[0]


def test_a_look_ahead_may_end_inside_a_character() -> None:
    """Text after unusual numbers is recognized, even if cut inside a character."""
    for before in (b"", b"x"):
        word = before + "é".encode() * 1000
        rows: Pairs = [(b"a", [ODD, 1.0]), (word, [0.5, 1.0]), (b"b", [0.5, 1.0])]
        assert read(make_binary(rows, b"")) == rows
    for invalid in (b"ab\xc3", b"x" * 100 + b"\xff" + b"x" * 2000):
        damaged = make_binary([(b"a", [ODD, 1.0]), (invalid, [0.5, 1.0])], b"")
        with pytest.raises(FormatError, match=r"not numbers of vectors \(.* 1e-20"):
            read(damaged)


@pytest.mark.parametrize("size", [1, 1000])
@pytest.mark.parametrize("end", [b"", b"\n"])
def test_a_token_of_no_bytes(size: int, end: bytes) -> None:
    """An empty token is read like others, wherever it is."""
    for number in (0.5, ODD):
        rows: Pairs = [(b"", [number, -0.25]), (b"a", [1.0, 2.0]), (b"", [3.0, 4.0])]
        with blocks_of(size):
            assert read(make_binary(rows, end)) == rows


@pytest.mark.parametrize(
    ("number", "is_usual"),
    [(1e6, True), (1000001.0, False), (1e-12, True), (0.9999e-12, False)],
)
def test_sizes_of_numbers_that_vectors_have(number: float, is_usual: bool) -> None:
    """If no text follows, a row must have numbers from 1e-12 to a million."""
    number = struct.unpack("<f", struct.pack("<f", number))[0]
    for sign in (1, -1):
        rows: Pairs = [(b"a", [sign * number, 0.0]), (b"\xff", [1.0, 2.0])]
        with warnings.catch_warnings(action="ignore"):
            if is_usual:
                assert read(make_binary(rows, b"")) == rows
            else:
                with pytest.raises(FormatError, match="not numbers of vectors"):
                    read(make_binary(rows, b""))


SWAPPED = struct.pack(">f", 1.5)
EITHER = b"\x3f\x80\x80\x3f"  # the same number in both orders
ZERO = bytes(4)


@pytest.mark.parametrize(
    ("numbers", "is_swapped"),
    [
        ([SWAPPED, SWAPPED], True),
        ([SWAPPED, SWAPPED, EITHER], True),
        ([SWAPPED, EITHER], False),
        ([SWAPPED, SWAPPED, ZERO], True),
        ([SWAPPED, SWAPPED, ZERO, ZERO, ZERO], True),
        ([SWAPPED, ZERO, ZERO], False),
        ([SWAPPED], False),
        ([EITHER, EITHER], False),
        ([SWAPPED, SWAPPED, b"\0\0\x80\x7f"], False),
    ],
)
def test_numbers_in_the_other_order_of_bytes(
    numbers: list[bytes], is_swapped: bool
) -> None:
    """A row is big-endian if most numbers are unusual, and none is when swapped."""
    content = b"1 %d\na " % len(numbers) + b"".join(numbers) + b"\n"
    known: dict[str, Any] = {"format": "word2vec-binary"}
    if is_swapped:
        with pytest.raises(FormatError, match=r"^row 1: .* big-endian order"):
            read(content, **known)
    elif b"\x7f" in content:
        with pytest.raises(FormatError, match="not finite"):
            read(content, **known)
    else:
        expected = [struct.unpack("<f", number)[0] for number in numbers]
        assert read(content, **known) == [(b"a", expected)]


@pytest.mark.parametrize("end", [b"", b"\n"])
def test_the_longest_binary_rows_in_small_blocks(end: bytes) -> None:
    """A row that is many blocks long is read, and not mistaken for damage."""
    numbers = [1.0] * (MOST // 4)
    rows = [(b"x" * LONGEST, numbers), (b"y" * LONGEST, numbers), (b"z", numbers)]
    with blocks_of(1000):
        assert read(make_binary(rows, end)) == rows


def test_what_has_no_rows_is_not_read_to_its_end() -> None:
    """Of a file without a space, no more is read than the longest line and row."""

    class Endless(io.BytesIO):
        given = 0

        def read(self, size: int | None = -1, /) -> bytes:
            assert size is not None
            assert 0 < size <= 1000
            assert self.given < (1 << 20) + LONGEST + 6000, "it was read on"
            self.given += size
            return super().read(size) or b"\1" * size

    for known in ({}, {"rows": 3}, {"rows": "any"}):
        with blocks_of(1000), pytest.raises(FormatError, match=r"^row 1\b"):
            for _ in read_vectors(
                Endless(b"3 2\n"),
                format="word2vec-binary",
                **known,
            ):
                pass


@pytest.mark.parametrize("form", ["text", "binary"])
def test_as_many_rows_as_are_known(form: str) -> None:
    """The number of rows is compared with those of the header and the caller."""
    rows: Pairs = [(b"a", [1.0, 2.0]), (b"b", [3.0, 4.0])]

    def write(announced: int) -> bytes:
        if form == "binary":
            return make_binary(rows, announced=announced)
        return b"%d 2\na 1 2\nb 3 4\n" % announced

    assert (
        read(write(2)) == read(write(2), rows=2) == read(write(2), rows="any") == rows
    )
    for announced in (1, 3):
        with pytest.raises(FormatError, match=r"rows?\b|cut off"):
            read(write(announced))
        with pytest.raises(FormatError, match=r"rows?\b|cut off"):
            read(write(announced), rows=2)
        with pytest.warns(
            UserWarning, match=rf"holds 2 rows .* announces {announced};"
        ):
            assert read(write(announced), rows="any") == rows
        with pytest.raises(FormatError, match=f"holds 2 rows, expected {announced}"):
            read(write(2), rows=announced)
    with pytest.raises(FormatError, match=r"announces 0 rows of 2 numbers$"):
        read(write(0))


def test_as_many_rows_as_are_known_without_a_header() -> None:
    """Without a header, the number of rows is compared with that of the caller."""
    content = b"a 1 2\nb 3 4\n"
    assert len(read(content, rows=2)) == len(read(content, rows="any")) == 2
    for rows in (1, 3):
        with pytest.raises(FormatError, match=f"2 rows, expected {rows}"):
            read(content, rows=rows)


@pytest.mark.parametrize(
    ("content", "form", "dimension"),
    [
        (b"a 1 2\n", "glove", 2),
        (b"1 2\na 1 2\n", "word2vec", 2),
        (make_binary([(b"a", [1.5, 2.5])]), "word2vec-binary", 2),
        (make_binary([(b"a", [1.5, 2.5])], b""), "word2vec-binary", 2),
    ],
)
def test_the_first_lines_tell_what_it_is(
    content: bytes, form: str, dimension: int
) -> None:
    """Format and dimension are known before any row is read, and may be given."""
    opened = open_vectors(io.BytesIO(content))
    assert (opened.format, opened.dimension) == (form, dimension)
    expected = [(block.tokens, block.values.tolist()) for block in opened.blocks]
    known: dict[str, Any] = {"format": form, "dimension": dimension, "rows": 1}
    opened = open_vectors(io.BytesIO(content), **known)
    assert (opened.format, opened.dimension) == (form, dimension)
    assert [
        (block.tokens, block.values.tolist()) for block in opened.blocks
    ] == expected
    with pytest.raises(FormatError, match=f"expected {dimension + 1} numbers"):
        read(content, dimension=dimension + 1)
    if form != "glove":
        with pytest.raises(FormatError, match=f"expected {dimension - 1} numbers"):
            read(content, dimension=dimension - 1)


@pytest.mark.parametrize("end", [b"", b"\n"])
@pytest.mark.parametrize("third", [b"c", b"new york"])
@pytest.mark.parametrize("swapped", [1, 2, 3, 4])
@pytest.mark.parametrize("others", [0, 5])
def test_the_first_three_rows_tell_the_order_of_bytes(
    others: int, swapped: int, third: bytes, end: bytes
) -> None:
    """If all three are big-endian, the file is refused, whatever rows follow."""
    tokens = [b"a", b"b", third, b"d"][:swapped]
    content = b"%d 2\n" % (swapped + others)
    content += b"".join(token + b" " + SWAPPED * 2 + end for token in tokens)
    content += (b"x " + struct.pack("<2f", 1.5, 0.5) + end) * others
    with warnings.catch_warnings(action="ignore"):
        if swapped < 3 and others:
            assert len(read(content)) == swapped + others
        else:
            with pytest.raises(FormatError, match=r"^row 1: .* big-endian order"):
                read(content)


def test_the_order_of_bytes_is_told_before_anything_else() -> None:
    """Words in another encoding do not hide that the numbers are big-endian."""
    row = b"caf\xe9 " + SWAPPED * 2
    with pytest.raises(FormatError, match=r"^row 1: .* big-endian order"):
        read(b"9 2\n" + row * 9, format="word2vec-binary")


def test_all_rows_end_alike() -> None:
    """A row without the line feed that the row before has is damage."""
    rows: Pairs = [(b"a", [0.5, 1.0]), (b"b", [0.5, 1.0]), (b"c", [0.5, 1.0])]
    content = make_binary(rows)
    missing = content.rindex(b"\n", 0, content.index(b"c "))
    with pytest.raises(
        FormatError, match=r"^row 2 of 3: .* by a line feed as the rows"
    ):
        read(content[:missing] + content[missing + 1 :])


@pytest.mark.parametrize("size", [1, 1000])
def test_phrases_that_end_in_what_could_be_a_number(size: int) -> None:
    """If rows end with a line feed, one that does not is split again.

    The bytes of "1999", as a float32, are a number like any other.
    """
    rows: Pairs = [(b"a", [1.5]), (b"in 1999", [0.5]), (b"b", [2.0]), (b"in 1998", [1])]
    with blocks_of(size), warnings.catch_warnings(action="ignore"):
        assert read(make_binary(rows)) == rows


YORK = struct.unpack("<f", b"york")[0]


@pytest.mark.parametrize(
    ("odd", "usual", "is_phrase"),
    [
        *[(1, 1, True), (2, 2, True), (1, 4, True)],
        *[(1, 0, False), (2, 0, False), (2, 1, False), (4, 3, False)],
    ],
)
@pytest.mark.parametrize("size", [1, 1000])
def test_numbers_tell_phrases_unless_most_are_odd(
    size: int, odd: int, usual: int, is_phrase: bool
) -> None:
    """Letters are not numbers, unless more than half of the rows are unusual."""
    rows: Pairs = [(b"w", [1.5])] * usual + [(b"a", [ODD])] * odd
    if is_phrase:
        rows += [(b"new yorkshire", [2.5])]
    else:
        rows += [(b"new", [YORK]), (b"shire", [2.5])]
    rows += [(b"z", [0.5])]
    with blocks_of(size), warnings.catch_warnings(action="ignore"):
        assert read(make_binary(rows, b"")) == rows


@pytest.mark.parametrize("end", [b"", b"\n"])
def test_the_longest_phrase(end: bytes) -> None:
    """A binary token with spaces has up to 1,023 bytes; a longer one is refused."""
    for length in (1022, 1023, 1024):
        rows: Pairs = [(token, [0.5, 1.0]) for token in (b"a", b"b", b"c")]
        rows[1] = (b"a " + b"x" * (length - 2), [0.5, 1.0])
        if length < 1024:
            assert read(make_binary(rows, end)) == rows
        else:
            with pytest.raises(FormatError):
                read(make_binary(rows, end))


@pytest.mark.parametrize("size", [16, 1000])
@pytest.mark.parametrize("place", [0, 1, 299])
def test_a_line_feed_among_the_bytes_of_numbers(place: int, size: int) -> None:
    """A binary file is recognized, wherever its first line seems to end."""
    numbers = [0.5] * 300
    (numbers[place],) = struct.unpack("<f", b"\n\0\0\x3f")
    rows: Pairs = [(b"a", numbers), (b"b", numbers)]
    with blocks_of(size):
        assert read(make_binary(rows, b"")) == rows


@pytest.mark.parametrize("length", [59, 60, 61])
def test_what_is_shown_of_a_line(length: int) -> None:
    """An error shows the first 60 bytes of a line, and whether there are more."""
    row = b"a 1 " + b"x" * (length - 4)
    with pytest.raises(FormatError) as caught:
        read(b"b 1 2\n" + row + b"\n")
    shown = row.decode() if length <= 60 else row[:60].decode() + "..."
    assert f": '{shown}'" in str(caught.value)


def test_usual_numbers_outweigh_a_strange_token() -> None:
    """A token of one control character does not make the row before it a phrase."""
    rows = struct.pack("<2f", 717_650.0, 0), bytes(8)
    assert rows[0].startswith(b" 5/I")
    content = b"2 2\nx " + rows[0] + b"\0 " + rows[1]
    blocks = read_vectors(io.BytesIO(content), format="word2vec-binary")
    assert [token for block in blocks for token in block.tokens] == [b"x", b"\0"]


@pytest.mark.parametrize("length", [39, 40])
def test_a_short_line_of_a_file_of_another_kind_is_shown(length: int) -> None:
    """Up to 39 bytes of it are, beside what the file is; longer ones help nobody."""
    line = b"FiFu".ljust(length, b"x")
    with pytest.raises(FormatError, match="a finalfusion file") as caught:
        read(line + b"\n")
    assert (repr(line.decode()) in str(caught.value)) == (length == 39)


@pytest.mark.parametrize("begin", [0, 300, 2000])
def test_a_line_is_read_on_wherever_it_begins(begin: int) -> None:
    """It is read to twice what it should have, and cut off at a mebibyte."""

    class Pieces(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return super().read(min(size or 0, 1000))

    start = Start(Pieces(b"a\n" * 10_000))
    assert start.read_line(begin, 2500) == b"a"
    assert 5000 <= len(start.bytes) - begin < 6000
    start = Start(Pieces(b"a" * 3_000_000))
    assert (1 << 20) < len(start.read_line(begin)) <= (1 << 20) + 1000


@pytest.mark.parametrize("size", [1, 1000])
@pytest.mark.parametrize(
    ("content", "known", "line", "is_shown"),
    [
        (b"comment 1\na 1 x\n", {}, 2, True),
        (b"a 1\nb 2\nc 1 x\n", {}, 3, False),
        (b"a 1\nb 2\nc 2\nd 1 x\n", {}, 4, False),
        (b"comment 1\na 1 x\n", {"dimension": 1}, 2, False),
        (b"3 1\na 1\nb 1 x\nc 1\n", {}, 3, False),
    ],
)
def test_a_first_line_that_may_be_none(
    content: bytes, known: dict[str, int], line: int, is_shown: bool, size: int
) -> None:
    """If the second line does not fit the first, an error shows the first, too."""
    with blocks_of(size), pytest.raises(FormatError, match=f"^line {line}: ") as caught:
        read(content, **known)
    shown = "(line 1 is 'comment 1': if it is a header" in str(caught.value)
    assert shown == is_shown == ("(line 1 is" in str(caught.value))
