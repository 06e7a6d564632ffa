"""A word gets its own row, or else that of the same word in another case."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import glove_registry
from glove_registry import Vectors
from glove_registry.lookup.case import match_words

CASED = ["the", "The", "Paris", "NATO", "film", "Turkey", "turkey", "McDonald"]
UNCASED = ["the", "paris", "nato", "film", "ß", "don't"]


def write(path: Path, words: list[str]) -> Vectors:
    """Write a release whose rows hold their own number, from 1 on."""
    lines = (f"{word} {i} {-i}\n" for i, word in enumerate(words, 1))
    path.write_text("".join(lines), encoding="utf-8")
    return glove_registry.open_file(path)


@pytest.fixture
def cased(tmp_path: Path) -> Vectors:
    """A release that knows its words by case."""
    return write(tmp_path / "cased.txt", CASED)


@pytest.fixture
def uncased(tmp_path: Path) -> Vectors:
    """A release of lower-case words."""
    return write(tmp_path / "uncased.txt", UNCASED)


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("the", "the"),
        ("The", "The"),  # its own row comes first
        ("THE", "the"),  # lower case before title case
        ("film", "film"),
        ("Film", "film"),
        ("paris", "Paris"),  # which only a cased release has
        ("PARIS", "Paris"),
        ("nato", "NATO"),
        ("Nato", "NATO"),
        ("TURKEY", "turkey"),
        ("Turkey", "Turkey"),
        ("mcdonald", None),  # no rule gives its inner capital
        ("flim", None),
    ],
)
def test_a_cased_release(cased: Vectors, word: str, found: str | None) -> None:
    """Its own row, then that in lower, title and upper case, then none."""
    expected = [0, 0] if found is None else cased[found].tolist()
    assert cased.lookup([word]).tolist() == [expected]
    assert cased.embedding_matrix({word: 1, "NATO": 2})[1].tolist() == expected


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("The", "the"),
        ("PARIS", "paris"),
        ("NATO", "nato"),
        ("DON'T", "don't"),
        ("Don'T", "don't"),
        ("ß", "ß"),
        ("Flim", None),
    ],
)
def test_an_uncased_release(uncased: Vectors, word: str, found: str | None) -> None:
    """All that is written with capitals is found in lower case."""
    expected = [0, 0] if found is None else uncased[found].tolist()
    assert uncased.lookup([word]).tolist() == [expected]


def test_exact_is_exact(cased: Vectors, uncased: Vectors) -> None:
    """case="exact" finds what is written so, and nothing else."""
    assert cased.lookup(["The", "THE", "paris"], case="exact").any(axis=1).tolist() == [
        *(True, False, False),
    ]
    matrix = uncased.embedding_matrix(["The", "the"], case="exact")
    assert matrix.any(axis=1).tolist() == [False, True]


def test_words_themselves_are_always_exact(uncased: Vectors) -> None:
    """The rule is of lookup and of layers: `in`, [] and rows() ask as it is written."""
    assert "The" not in uncased
    assert uncased.rows(["The", "the"]).tolist() == [-1, 0]
    with pytest.raises(KeyError, match="'The' has no vector"):
        uncased["The"]


def test_two_words_may_have_one_row(uncased: Vectors) -> None:
    """A vocabulary that has a word in two cases gets its vector twice."""
    matrix = uncased.embedding_matrix({"Paris": 1, "paris": 2, "PARIS": 3})
    assert (matrix[1:] == uncased["paris"]).all()


@given(st.lists(st.text(max_size=3) | st.sampled_from(CASED + UNCASED)))
def test_many_words_are_found_as_one_by_one(words: list[str]) -> None:
    """What is asked for together is what a plain loop over the spellings finds."""
    vectors = glove_registry.load("glove.6B.50d-first10k")
    expected = np.zeros((len(words), 50), np.float32)
    for i, word in enumerate(words):
        for spelling in (word, word.lower(), word.title(), word.upper()):
            if spelling in vectors:
                expected[i] = vectors[spelling]
                break
    assert (vectors.lookup(words) == expected).all()


def test_it_is_told_how_each_word_was_found(cased: Vectors) -> None:
    """Each word that has a row was found in the first of the ways that find it."""
    words = ["The", "the", "THE", "paris", "nato", "flim", "TURKEY", "Film", "ß"]
    words += ["the", "NATO"]
    spellings: dict[str, Callable[[str], str]] = {
        "exact": str,
        "lower case": str.lower,
        "title case": str.title,
        "upper case": str.upper,
    }
    ways = {
        word: next(
            (way for way, spell in spellings.items() if spell(word) in CASED), ""
        )
        for word in words
    }
    found = match_words(cased, words)
    assert {*ways.values()} == {*spellings, ""}
    assert [*found.ways] == [*spellings]
    for way, marks in found.ways.items():
        assert marks.tolist() == [ways[word] == way for word in words], way
    assert found.found.tolist() == [ways[word] != "" for word in words]
    assert [*match_words(cased, words, "exact").ways] == ["exact"]
    assert match_words(cased, words, "exact").rows.tolist() == [
        CASED.index(word) if word in CASED else -1 for word in words
    ]


@pytest.mark.parametrize("case", ["lower", "", None, True])
def test_what_is_no_rule_is_explained(cased: Vectors, case: Any) -> None:
    """An unknown rule is refused with those there are."""
    with pytest.raises(ValueError, match="expected one of fallback, exact"):
        cased.lookup(["the"], case=case)
