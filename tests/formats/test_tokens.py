"""Tokens that no lookup would find are counted, and the first of them is named."""

import io
import struct

import pytest
from written_files import blocks_of

from glove_registry.formats import read_vectors

SPACES = "begin or end with spaces or invisible characters"


def read(content: bytes) -> tuple[list[bytes], list[str]]:
    """Read a file; return its tokens, and the warnings about it."""
    warnings: list[str] = []
    blocks = read_vectors(io.BytesIO(content), warn=warnings.append)
    return [token for block in blocks for token in block.tokens], warnings


def write(tokens: list[bytes], form: str) -> bytes:
    """Write a file in which each token has the same two numbers."""
    header = b"" if form == "glove" else b"%d 2\n" % len(tokens)
    numbers = b"0.5 -0.125" if form != "binary" else struct.pack("<2f", 0.5, -0.125)
    return header + b"".join(token + b" " + numbers + b"\n" for token in tokens)


@pytest.mark.parametrize("form", ["glove", "word2vec", "binary"])
@pytest.mark.parametrize("size", [16, 1 << 21])
@pytest.mark.parametrize(
    ("odd", "problem"),
    [
        ([b" a", b"b "], SPACES),
        ([b"\xc2\xa0a", b"b\xe2\x80\x8b"], SPACES),
        ([b'"new york"', b'"a ""b"""'], "are in quotes"),
        ([b"\xff", b"caf\xe9"], "are not UTF-8"),
    ],
)
@pytest.mark.parametrize("place", [1, 150])
def test_what_is_wrong_with_some_tokens(
    place: int, odd: list[bytes], problem: str, size: int, form: str
) -> None:
    """A warning has their number, the first of them, and its line or row."""
    tokens = [b"w%dx" % i for i in range(160)]
    tokens[place], tokens[place + 3] = odd
    with blocks_of(size):
        found, warnings = read(write(tokens, form))
    assert found == tokens
    (warning,) = warnings
    shown = repr(odd[0].decode("utf-8", "backslashreplace"))
    where = {"glove": "line", "word2vec": "line", "binary": "row"}[form]
    number = place + (2 if form == "word2vec" else 1)
    start = f"2 of 160 tokens {problem} (the first: {shown}, {where} {number}): "
    assert warning.startswith(start)


@pytest.mark.parametrize(
    "token",
    [b'"', b'""', b'"abc"', b'a "b c"', b"a b", b"\xc3\xa9", b"a\xc2\xa0b", b" ", b""],
)
def test_what_is_a_token_like_others(token: bytes) -> None:
    """Quotes, spaces and white space that make a token of their own are no mistake."""
    tokens = [b"one", b"two", token, b"three"]
    assert read(write(tokens, "glove")) == (tokens, [])


INVISIBLE = [0x7F, 0x85, 0xA0, 0xAD, 0x1680, 0x3000, 0xFEFF]
INVISIBLE += [*range(0x2000, 0x2010), *range(0x2028, 0x2030), *range(0x205F, 0x2065)]
VISIBLE = [0x21, 0x7E, 0xA1, 0xAE, 0x1681, 0x2010, 0x2030, 0x205E, 0x3001, 0xFEFE]


def test_which_characters_are_invisible() -> None:
    """Each is reported at either end of a word, and no neighbour of theirs is."""
    for number in (*INVISIBLE, *VISIBLE):
        for token in (f"{chr(number)}a", f"a{chr(number)}"):
            tokens = [b"one", b"two", token.encode(), b"three"]
            found, warnings = read(write(tokens, "glove"))
            assert found == tokens
            reported = [SPACES in warning for warning in warnings]
            assert reported == [True] * (number in INVISIBLE), hex(number)


@pytest.mark.parametrize(
    ("invalid", "others", "is_reported"),
    [(2, 198, False), (3, 197, True), (1, 0, True), (1, 98, True), (1, 99, False)],
)
def test_some_tokens_of_many_are_not_utf_8(
    invalid: int, others: int, is_reported: bool
) -> None:
    """One in a hundred words beyond ASCII is an accident; more are another encoding."""
    tokens = [b"a", b"b", *(b"\xc3\xa9%d" % i for i in range(others))]
    tokens += [b"\xe9%d" % i for i in range(invalid)] + [b"c"] * 300
    _, warnings = read(write(tokens, "glove"))
    assert len(warnings) == is_reported
    if is_reported:
        assert warnings[0].startswith(
            f"{invalid} of {len(tokens)} tokens are not UTF-8"
        )


@pytest.mark.parametrize(
    ("tokens", "are_stripped"),
    [
        ([" ab", " c"], True),
        (["ab  ", "a   ", "abcd"], True),
        (["ab  ", "a   ", "abcd", "efgh"], False),
        (["ab  ", "a  ", "abcd"], False),
        (["ab  ", "a   ", "b"], False),
        ([" ab"], False),
    ],
)
@pytest.mark.parametrize("form", ["glove", "word2vec"])
def test_padding_that_all_tokens_have(
    form: str, tokens: list[str], are_stripped: bool
) -> None:
    """Padding of all tokens, or of most to one width, is removed; other stays."""
    written = [token.encode() for token in tokens]
    found, warnings = read(write(written, form))
    assert found == ([t.strip() for t in written] if are_stripped else written)
    assert [SPACES in warning for warning in warnings] == [True] * (not are_stripped)


@pytest.mark.parametrize("form", ["word2vec", "binary"])
def test_numbers_in_tokens(form: str) -> None:
    """They are reported where numbers are text, and could be a row's."""
    tokens = [b"a", b"b", b"c 0.5", b"windows 95 user", b"e"]
    found, warnings = read(write(tokens, form))
    assert found == tokens
    if form == "binary":
        assert warnings == []
    else:
        (warning,) = warnings
        start = "2 of 5 tokens contain numbers (the first: 'c 0.5', line 4): "
        assert warning.startswith(start)
