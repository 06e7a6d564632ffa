"""What is written is read back to the bit, wherever blocks end."""

import re
import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from plain_reader import NoVectors, is_binary
from written_files import (
    CONTAINERS,
    FORMS,
    Dripping,
    Row,
    blocks_of,
    make_quick_folder,
    to_float32,
    write_word2vec_binary,
)

import glove_registry
from glove_registry.download.containers import LookaheadText, unpack
from glove_registry.download.verified import VerifiedText
from glove_registry.errors import FormatError
from glove_registry.formats import ByteStream, read_vectors
from glove_registry.registry import Format, Member

# A token may have any bytes but those that end it: in text a line feed, in binary a
# line feed or a space, in a model of fastText a line feed or a zero byte. If the
# dimension is known, nothing else is changed or removed: no carriage return, space or
# byte-order mark. The first word is a plain one, as padding that all words have is
# removed.
PIECES = st.sampled_from(
    (
        *(b" ", b"\r", b"\t", b"\0", b"1", b"-.5", b"e3", b"nan", b'"', b"\\", b"a"),
        *(b"\xc2\x85", b"\xc2\xa0", b"\xe2\x80\xa8", b"\xef\xbb\xbf", b"\xff", b"\xc3"),
    )
)
ANY = st.binary(max_size=8) | st.lists(PIECES, max_size=5).map(b"".join)
TEXT_TOKENS = ANY.filter(lambda token: b"\n" not in token)
BINARY_TOKENS = ANY.filter(lambda token: b"\n" not in token and b" " not in token)


FLOATS = st.floats(width=32, allow_nan=False, allow_infinity=False)
# In binary, only the size of numbers shows whether a row begins where it seems to.
USUAL = st.just(0.0) | st.builds(
    lambda size, sign: size * sign,
    st.floats(1.0000000116860974e-07, 1e6, width=32),
    st.sampled_from([1, -1]),
)

# A little above and below the middle of two float32: the value of a number is the
# float32 of its float64, which is the middle itself.
HALFWAY = [
    "1.00000005960464477539062500001",
    "1.00000017881393432617187499999",
    "-16777217.0000000000000001",
    "7.0064923216240853546186479164495806564013097093825788587854e-46",
]


@st.composite
def tables(draw: st.DrawFn, form: str) -> list[Row]:
    """Draw tokens and float32 numbers, written as by GloVe or in full."""
    tokens = BINARY_TOKENS if form == "word2vec-binary" else TEXT_TOKENS
    if form == "fasttext":
        tokens = tokens.filter(lambda token: b"\0" not in token)
    dimension = draw(st.integers(1, 4))
    style = draw(st.sampled_from(["%.5g", "%r"]))
    floats = USUAL if form == "word2vec-binary" else FLOATS
    halfway = HALFWAY[:2] if form == "word2vec-binary" else HALFWAY
    number = floats.map(lambda x: style % x) | st.sampled_from(halfway)
    numbers = st.lists(number, min_size=dimension, max_size=dimension)
    first = st.tuples(st.just(b"x"), numbers)
    return [
        draw(first),
        *draw(st.lists(st.tuples(tokens, numbers), min_size=1, max_size=6)),
    ]


def looks_like_another(form: str, content: bytes) -> bool:
    """Return whether a file's format cannot be recognized, and must be given.

    A GloVe file can begin with a token and a number that read as a header, and the
    bytes of the first numbers in a binary file can be those of a row of text.
    """
    first, _, rest = content.partition(b"\n")
    if form == "glove":
        return bool(re.fullmatch(rb"[0-9]+ [0-9]+", first))
    if form == "word2vec-binary":
        line = rest.partition(b"\n")[0]
        try:
            return not is_binary(rest, line, int(first.split()[1]))
        except NoVectors:
            return True
    return False


def read(
    stream: ByteStream, dimension: int | None = None, form: Format | None = None
) -> list[tuple[bytes, bytes]]:
    """Return rows as a token and the bytes of its numbers; ignore warnings."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return [
            (token, row.tobytes())
            for block in read_vectors(stream, format=form, dimension=dimension)
            for token, row in zip(block.tokens, block.values, strict=True)
        ]


def expect(rows: Iterable[Row]) -> list[tuple[bytes, bytes]]:
    """Return what `read` should."""
    return [(token, b"".join(map(to_float32, numbers))) for token, numbers in rows]


# Every token that has broken a reader, in a file so small that a block can end at each
# byte; the first line of the binary one is not text.
NASTY: Sequence[Row] = [
    (token, [number, "-0.25", "1e-3"])
    for token, number in [
        (b"the", HALFWAY[0]),
        (b"", "-7"),
        (b"\xef\xbb\xbf", "+.5"),
        (b"nan", "3.4028e+38"),
        (b"1.5", "1.4013e-45"),
        (b"\xc2\x85", "-0"),
        (b"a\r", "1"),
        (b"\xff\0", "16777217"),
        (b"last", "5."),
    ]
]
BLANKS: Sequence[Row] = [
    (token, ["1", "2", "3"]) for token in (b". . .", b" ", b"a 1 2 3\ra")
]
FILES: dict[str, Sequence[Row]] = {
    "glove": [*NASTY, *BLANKS],
    "word2vec": [*NASTY, *BLANKS],
    "word2vec-binary": NASTY,
    "fasttext": [row for row in [*NASTY, *BLANKS] if b"\0" not in row[0]],
}


@pytest.mark.parametrize("step", [None, 1, 3])
@pytest.mark.parametrize("form", FORMS)
def test_no_border_of_a_block_changes_a_row(form: str, step: int | None) -> None:
    """Rows are the same wherever a block ends: in a token, a number or a line end."""
    content = FORMS[form](FILES[form])
    for size in range(1, len(content) + 2):
        with blocks_of(size):
            stream = Dripping(content, step or len(content))
            assert read(stream, 3) == expect(FILES[form]), size


@pytest.mark.parametrize("form", FORMS)
def test_no_border_of_the_stream_changes_a_row(form: str) -> None:
    """Rows are the same, however many bytes a stream returns at a time."""
    content = FORMS[form](FILES[form])
    for step in range(1, len(content) + 2):
        assert read(Dripping(content, step), 3) == expect(FILES[form]), step


@pytest.mark.parametrize("form", FORMS)
@given(
    data=st.data(),
    named=st.booleans(),
    end=st.sampled_from([b"", b"\n"]),
    step=st.integers(1, 64),
    block=st.integers(1, 64),
)
def test_any_token_and_number_comes_back(
    form: Format, data: st.DataObject, named: bool, end: bytes, step: int, block: int
) -> None:
    """All rows are read back to the bit, in blocks and steps of any size."""
    rows = data.draw(tables(form))
    content = FORMS[form](rows)
    if form == "word2vec-binary":
        content = write_word2vec_binary(rows, end)
    assume(named or not looks_like_another(form, content))
    with blocks_of(block):
        found = read(Dripping(content, step), len(rows[0][1]), form if named else None)
    assert found == expect(rows)


@pytest.mark.parametrize("container", CONTAINERS)
@pytest.mark.parametrize("form", FORMS)
@settings(max_examples=5)
@given(data=st.data(), named=st.booleans(), block=st.integers(1, 64))
def test_any_token_and_number_comes_back_from_a_packed_file(
    container: str, form: Format, data: st.DataObject, named: bool, block: int
) -> None:
    """`open_file` reads all rows back from any format and container."""
    rows = data.draw(tables(form))
    content = FORMS[form](rows)
    assume(named or not looks_like_another(form, content))
    with make_quick_folder() as folder, blocks_of(block):
        path = Path(folder, "vectors")
        path.write_bytes(CONTAINERS[container](content))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            vectors = glove_registry.open_file(
                path,
                format=form if named else None,
                dimension=len(rows[0][1]),
                cache_dir=Path(folder, "cache"),
            )
        words = [token.decode("utf-8", "surrogateescape") for token, _ in rows]
        numbers = [numbers for _, numbers in expect(rows)]
        assert list(vectors.tokens) == words
        assert vectors.matrix.tobytes() == b"".join(numbers)
        for word in words:
            # A token that occurs twice means its first row.
            assert vectors[word].tobytes() == numbers[words.index(word)]


@pytest.mark.parametrize("container", sorted({*CONTAINERS} - {"zip", "zip stored"}))
def test_no_border_of_a_packed_stream_changes_what_is_inside(container: str) -> None:
    """All bytes are unpacked, however many arrive or are requested at a time."""
    content = FORMS["glove"](FILES["glove"])
    packed = CONTAINERS[container](content)
    for step in range(1, len(packed) + 2):
        for size in (1, 2, 3, 7, len(content) + 1):
            stream = VerifiedText(Dripping(packed, step), Member(), "it")
            with unpack(LookaheadText(stream)) as unpacked:
                pieces = iter(lambda s=size, u=unpacked: u.read(s), b"")  # type: ignore[misc]
                assert b"".join(pieces) == content, (step, size)


@pytest.mark.parametrize(
    ("good", "bad", "place"),
    [
        (b"a 1 2\n", b"b 3 x\n", "line 12: "),
        (b"a b 1 2\n", b"c 3\n", "line 12: "),
        (b"a 1 2\r\n", b"b 3 4 5\r\n", "line 12: "),
    ],
)
def test_no_border_changes_the_line_of_an_error(
    good: bytes, bad: bytes, place: str
) -> None:
    """An error has the line's number, wherever blocks end before or in that line."""
    content = good * 11 + bad + good * 3
    for size in range(1, len(content) + 2):
        with blocks_of(size), pytest.raises(FormatError, match=place):
            read(Dripping(content, len(content)))
