"""What the first rows have in common is refused or reported, from its bound on."""

import io
import re

import pytest

from glove_registry.errors import FormatError
from glove_registry.formats import read_vectors

NUMBERS = "0.25 -0.5 0.125"


def read(rows: list[str], header: bool = False) -> list[str]:
    """Read a file, and return the warnings about it."""
    count = len(rows[0].split(" ")) - 1
    lines = [f"{len(rows)} {count}"] if header else []
    warnings: list[str] = []
    content = "\n".join([*lines, *rows, ""]).encode()
    blocks = [*read_vectors(io.BytesIO(content), warn=warnings.append)]
    assert sum(len(block.tokens) for block in blocks) == len(rows)
    return warnings


def refuse(content: str, message: str, **known: int) -> None:
    """Check that a file is refused with an error that begins so."""
    with pytest.raises(FormatError, match="^" + re.escape(message)):
        for _ in read_vectors(io.BytesIO(content.encode()), **known):
            pass


def words(marked: int, others: int, mark: str = "#") -> list[str]:
    """Return rows of words, some of them with a mark before it."""
    return [f"{mark}w{i}x {NUMBERS}" for i in range(marked)] + [
        f"{'abcdefghij'[i % 10]}{i} {NUMBERS}" for i in range(others)
    ]


@pytest.mark.parametrize("header", [False, True])
@pytest.mark.parametrize(
    ("marked", "others", "is_reported"),
    [
        *[(2, 0, True), (1, 0, False), (1, 1, False), (3, 1, False)],
        *[(19, 1, True), (18, 2, False), (95, 5, True), (94, 6, False)],
        *[(100, 500, True), (94, 500, False)],
    ],
)
def test_a_mark_that_nearly_all_words_have(
    marked: int, others: int, is_reported: bool, header: bool
) -> None:
    """A mark of 95 % of the words is reported, with the first word and its line."""
    # Only the first hundred rows of the last two files are checked.
    warnings = read(words(marked, others), header)
    if is_reported:
        (warning,) = warnings
        line = 2 if header else 1
        start = f"line {line}: each token begins with '#', such as '#w0x': "
        assert warning.startswith(start)
    else:
        assert warnings == []


@pytest.mark.parametrize(
    ("tokens", "decoration"),
    [
        (["a#", "b#", "c#"], "ends with '#'"),
        (["#a", "#b", "c"], None),
        (["#a", "#b", "#c", "."], None),
        (["#", "#"], None),
        (["en:a", "en:b"], "begins with 'en:'"),
        (["en:", "en:b"], None),
        (["ena", "enb"], None),
        (["1. a", "2. b"], "begins with a number"),
        (["1. a", "b"], None),
        (["abc", "abd"], None),
    ],
)
def test_what_words_begin_or_end_with(
    tokens: list[str], decoration: str | None
) -> None:
    """Marks at either end, numbers and prefixes are distinguished from words."""
    found = [
        sentence
        for sentence in read([f"{token} {NUMBERS}" for token in tokens], header=False)
        if "each token" in sentence
    ]
    assert len(found) == (decoration is not None)
    if decoration:
        assert f"each token {decoration}, such as {tokens[0]!r}: " in found[0]


@pytest.mark.parametrize("token", ["word", "the"])
@pytest.mark.parametrize("count", [2, 3, 7, 8])
@pytest.mark.parametrize("header", [False, True])
def test_names_of_columns(header: bool, count: int, token: str) -> None:
    """A first row that counts is reported, if it is long or its token is a name."""
    rows = [
        f"{token} {' '.join(map(str, range(4, 4 + count)))}",
        f"de {' '.join(['0.5'] * count)}",
        f"la {' '.join(['0.25'] * count)}",
    ]
    warnings = read(rows, header)
    if count >= (3 if token == "word" else 8):
        (warning,) = warnings
        start = f"line {1 + header}: this row has the token {token!r} and the numbers "
        assert warning.startswith(start + "4, 5, ...")
    else:
        assert warnings == []


def columns(*numbers: list[float]) -> list[str]:
    """Return rows of words with these columns of numbers."""
    return [
        f"{chr(97 + i % 26)}{i}b {' '.join(f'{x:g}' for x in row)}"
        for i, row in enumerate(zip(*numbers, strict=True))
    ]


TEN = [0.5 + i / 8 for i in range(9)] + [0.0625]


@pytest.mark.parametrize("header", [False, True])
@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        (columns([*range(10)]), "each row has one whole number"),
        (columns([*range(9)]), None),
        (columns([*range(9), 0.5]), None),
        (columns([7] * 10), None),
        (columns([*range(10)], TEN, TEN), "the first number of each row is a whole"),
        (columns(TEN, TEN, [*range(10)]), "the last number of each row is a whole"),
        (columns(TEN, [*range(10)], TEN), None),
        (columns([*range(9)], TEN[:9], TEN[1:]), None),
        (columns([*range(10)], TEN), None),
        (columns([7] * 10, TEN, TEN), None),
        (columns([*range(-1, 9)], TEN, TEN), None),
        (columns([*range(10)], TEN, [*range(10)]), None),
        (columns([*range(9), 0.5], TEN, TEN), None),
    ],
)
def test_a_column_of_whole_numbers(
    rows: list[str], sentence: str | None, header: bool
) -> None:
    """From ten rows on, one column of counts, labels or row numbers is reported."""
    warnings = read(rows, header)
    assert len(warnings) == (sentence is not None)
    if sentence:
        assert warnings[0].startswith(f"line {1 + header}: {sentence}")


@pytest.mark.parametrize(("first", "is_reported"), [(99, False), (100, True)])
def test_a_hundred_rows_are_looked_at(first: int, is_reported: bool) -> None:
    """Whole numbers in the first hundred rows are reported, whatever follows."""
    whole = [float(i) for i in range(first)] + [0.5] * 50
    others = [0.5 + i / 512 for i in range(first + 50)]
    assert len(read(columns(whole, others, others))) == is_reported


@pytest.mark.parametrize(
    ("decimals", "numbers", "others", "is_refused"),
    [
        *[(19, 0, 1, True), (18, 0, 2, False), (11, 9, 0, True), (10, 10, 0, False)],
        *[(1, 0, 0, True), (0, 1, 0, False)],
    ],
)
def test_rows_of_numbers_alone(
    decimals: int, numbers: int, others: int, is_refused: bool
) -> None:
    """Rows are refused if 95 % begin with numbers, and most of these are decimals."""
    tokens = [f"0.{i}5" for i in range(decimals)] + [str(i) for i in range(numbers)]
    tokens += ["ab", "bc"][:others]
    rows = "".join(f"{token} {NUMBERS}\n" for token in tokens)
    message = f"rows begin with numbers, such as {tokens[0]!r}: "
    for content, line in ((rows, 1), (f"{len(tokens)} 3\n{rows}", 2)):
        if is_refused:
            refuse(content, f"line {line}: {message}")
        else:
            assert [*read_vectors(io.BytesIO(content.encode()))]


def test_what_is_neither_word_nor_number() -> None:
    """Missing values are refused, in every row and with the number of numbers."""
    start = "line 1: before the last {} of each row is something that is neither"
    refuse("de nan 0.5 0.25\nla nan 0.5 0.25\n", start.format("2 numbers"))
    refuse("de nan 0.5\nla nan 0.5\n", start.format("number"))
    refuse("at 12:30 0.5\nat 11:45 0.5\n", start.format("number"))
    refuse("a/5 0.5\nb/5 0.25\n", start.format("number"))
    with pytest.raises(FormatError, match=r"as in 'de nan': "):
        read(["de nan 0.5", "la nan 0.5"])
    assert read(["de nan 0.5", "la 0.5"]) == []
    assert read(["a/5 0.5", "la 0.5"]) == []
    assert read(["a/5 0.5"]) == []


@pytest.mark.parametrize(
    ("row", "count", "is_refused"),
    [
        ("top 0.5 0.25", 1, True),
        ("top 10 0.25", 1, False),
        ("top 10 0.25", 2, True),
        ("top 10 0.5 0.25", 2, True),
        ("the top 0.25", 2, False),
    ],
)
def test_more_numbers_than_the_header_announces(
    row: str, count: int, is_refused: bool
) -> None:
    """Rows with too many numbers are refused; a single word may end in a number."""
    *token, _ = row.split(" ")
    for dimension in (1, 2):
        numbers = " 0.125" * (dimension - 1)
        content = f"{count} {dimension}\n" + f"{row}{numbers}\n" * count
        if is_refused:
            several = "2 numbers" if dimension == 2 else "number"
            start = f"line 2: each row has more than the {several} expected: a number "
            word = " ".join(token)
            refuse(content, f"{start}would become part of the word {word!r}")
        else:
            assert [*read_vectors(io.BytesIO(content.encode()), warn=lambda _: None)]
