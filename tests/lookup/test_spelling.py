"""An unknown word leads to the most frequent word that may have been meant."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from glove_registry import Vectors, from_arrays
from glove_registry.lookup.spelling import find_near_word

SPELLINGS = st.text("abc", min_size=2, max_size=5)


def make_vectors(words: list[str]) -> Vectors:
    """Return vectors of some words."""
    return from_arrays(words, np.ones((len(words), 2), np.float32), name="made")


def is_one_edit(a: str, b: str) -> bool:
    """Return whether words differ by one letter, or by the order of two neighbours."""
    if len(a) != len(b):
        short, long = sorted((a, b), key=len)
        return short in {long[:i] + long[i + 1 :] for i in range(len(long))}
    differ = [i for i in range(len(a)) if a[i] != b[i]]
    if len(differ) == 2:
        i, j = differ
        return j == i + 1 and (a[i], a[j]) == (b[j], b[i])
    return len(differ) == 1


@example(["abc", "bb"], "ab")
@given(st.lists(SPELLINGS, unique=True, min_size=1, max_size=9), SPELLINGS)
def test_the_most_frequent_word_one_edit_away(words: list[str], wrong: str) -> None:
    """Each single edit leads to a word, and of several words to the first."""
    near = [word for word in words if is_one_edit(word, wrong)]
    if wrong not in words and near:
        assert find_near_word(make_vectors(words), wrong) == near[0]


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("PLANET", "planet"),
        ("paris", "Paris"),
        ("nasa", "NASA"),
        ("new york", "New York"),
        ("Lpanet", "planet"),  # an edit in another case
        ("plnaett", "planet"),  # two edits
        ("planetary", None),  # three letters more
        ("xlanett", None),  # two edits, one of them of the first letter
        ("x", None),  # any letter is an edit from any other
    ],
)
def test_another_case_and_what_is_spelled_alike(word: str, meant: str | None) -> None:
    """Words in another case come first, and those with two edits and more last."""
    known = make_vectors(["planet", "Paris", "NASA", "New York", "y"])
    assert find_near_word(known, word) == meant


@pytest.mark.parametrize(("letters", "is_found"), [(40, True), (41, False)])
def test_words_that_are_too_long_to_compare(letters: int, is_found: bool) -> None:
    """No time is spent on what is hardly a word."""
    known = make_vectors(["a" * letters + "b"])
    assert (find_near_word(known, "a" * letters) is not None) == is_found
