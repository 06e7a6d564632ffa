"""Any file is read correctly, or refused with a sentence that names the cause."""

import io
import re
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from odd_files import ODD, Reads
from written_files import to_float32

import glove_registry
from glove_registry.errors import FormatError
from glove_registry.formats import read_vectors
from glove_registry.lookup.rows import Rows


def open_quietly(path: Path, how: dict[str, object]) -> tuple[Rows, list[str]]:
    """Open a file; return its rows and warnings."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        vectors = glove_registry.open_file(path, **how)  # type: ignore[arg-type]
    assert all(Path(warning.filename) == Path(__file__) for warning in caught)
    return vectors, [str(warning.message) for warning in caught]


@pytest.mark.parametrize("name", ODD)
def test_an_odd_file_is_read_rightly_or_refused(name: str, tmp_path: Path) -> None:
    """Each file gives the rows that it contains, or an error with place and cause."""
    case = ODD[name]
    path = tmp_path / "v"
    path.write_bytes(case.content)
    if not isinstance(case, Reads):
        with pytest.raises(FormatError, match=case.error) as refusal:
            open_quietly(path, case.how)
        # One sentence that a person can read, whatever the file holds.
        assert str(refusal.value).isprintable() and len(str(refusal.value)) < 700
        return
    vectors, said = open_quietly(path, case.how)
    tokens = [t.encode() if isinstance(t, str) else t for t, _ in case.rows]
    found = [token.encode("utf-8", "surrogateescape") for token in vectors.tokens]
    assert found == tokens
    numbers = np.array([numbers for _, numbers in case.rows], np.float32)
    assert vectors.matrix.tobytes() == numbers.tobytes()
    assert len(said) == (case.warning is not None)
    if case.warning is not None:
        assert re.search(case.warning, said[0]), said


# -- one change -----------------------------------------------------------------------

WORDS = ["de", "la", ",", ".", "été", "naïve", "的", "10", "3.5", "new york", "12:30"]
SEPARATORS = [" ", "\n", "  ", "\t", "\r", "\r\n", ",", ", ", ";", "|", ":", "\xa0"]
SEPARATORS += ["", "\u2028", "\u3000", "\v", "\x1f", "\0", " \t", "\n\n"]
FIELDS = ["", "nan", "inf", "x", "0,5", "1.5.2", "--1", "1e", "\u22121", "0x1", "NULL"]
ENCODINGS = [
    "utf-16",
    "utf-16-le",
    "utf-16-be",
    "utf-32",
    "latin-1",
    "gbk",
    "utf-8-sig",
]


@st.composite
def lines_of_fields(draw: st.DrawFn) -> list[list[str]]:
    """Draw rows as lists of fields, as trained vectors have them."""
    dimension = draw(st.integers(2, 6))
    number = st.integers(-99_999, 99_999).map(lambda n: f"{n / 10_000:g}")
    numbers = st.lists(number, min_size=dimension, max_size=dimension)
    words = draw(st.lists(st.sampled_from(WORDS), min_size=2, max_size=6, unique=True))
    # If all words were numbers, the file would be refused.
    return [[word, *draw(numbers)] for word in ["en", *words]]


@st.composite
def changed_files(draw: st.DrawFn) -> tuple[bytes, list[list[str]]]:
    """Draw a valid file with one change, and the rows it had before."""
    rows = draw(lines_of_fields())
    fields = [list(row) for row in rows]
    row = draw(st.integers(0, len(rows) - 1))
    place = draw(st.integers(0, len(rows[row]) - 1))
    separators = [[" "] * (len(row) - 1) + ["\n"] for row in rows]
    encoding = "utf-8"
    change = draw(st.sampled_from(["separator", "field", "double", "drop", "encoding"]))
    if change == "separator":
        separators[row][place] = draw(st.sampled_from(SEPARATORS))
    elif change == "encoding":
        encoding = draw(st.sampled_from(ENCODINGS))
    elif change == "double":
        separators[row][place] = f" {fields[row][place]}{separators[row][place]}"
    elif place:  # without or with another word, a row is as good as before
        fields[row][place] = draw(st.sampled_from(FIELDS)) if change == "field" else ""
        if change == "drop":
            separators[row][place - 1] = ""
    text = f"{len(rows)} {len(rows[0]) - 1}\n" if draw(st.booleans()) else ""
    for names, ends in zip(fields, separators, strict=True):
        text += "".join(f + s for f, s in zip(names, ends, strict=True))
    return text.encode(encoding, "replace"), rows


@given(changed_files())
def test_one_change_never_makes_another_matrix_without_a_word(
    case: tuple[bytes, list[list[str]]],
) -> None:
    """After one change, a file gives the same matrix, or an error or warning."""
    content, rows = case
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            blocks = list(read_vectors(io.BytesIO(content)))
        except FormatError:
            return
    found = b"".join(block.values.tobytes() for block in blocks)
    expected = b"".join(
        to_float32(number) for _, *numbers in rows for number in numbers
    )
    assert caught or found == expected
