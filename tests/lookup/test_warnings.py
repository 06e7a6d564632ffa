"""A vocabulary that hardly any vector is for is warned of, and no other one is."""

import warnings
from pathlib import Path

import pytest

import glove_registry
from glove_registry import Vectors


@pytest.fixture
def vectors(tmp_path: Path) -> Vectors:
    """A release of three words."""
    text = tmp_path / "small.txt"
    text.write_text("the 1 2\nof 3 4\nfilm 5 6\n")
    return glove_registry.open_file(text)


def find_warnings(
    vectors: Vectors, words: list[str], case: str = "fallback", oov: str = "zeros"
) -> list[str]:
    """Return what the warnings say of a vocabulary."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        vectors.embedding_matrix(words, case=case, oov=oov)  # type: ignore[arg-type]
    return [str(warning.message) for warning in caught]


@pytest.mark.parametrize(
    ("pieces", "others", "is_warned"), [(1, 9, False), (2, 17, True), (1, 8, True)]
)
def test_more_pieces_than_one_in_ten(
    vectors: Vectors, pieces: int, others: int, is_warned: bool
) -> None:
    """Pieces of words are warned of if more than a tenth of all looks like them."""
    words = [f"w{i}" for i in range(others - 1)]
    words = ["the", *words, *(f"##p{i}" for i in range(pieces))]
    found = find_warnings(vectors, words)
    assert len(found) == is_warned
    if is_warned:
        total = pieces + others
        assert found[0].startswith(f"{pieces} of {total} tokens look like pieces of w")
        assert "(such as '##p0')" in found[0]


def test_a_vocabulary_without_a_vector(vectors: Vectors) -> None:
    """Not one word is found: that is said, with the first word or the way out."""
    assert find_warnings(vectors, ["flim", "the"]) == []
    (said,) = find_warnings(vectors, ["flim", "fo"])
    assert said.startswith("no word of the vocabulary has a vector in small")
    assert said.endswith(", such as 'flim'")
    # One that has the first row of all would be found in lower case.
    (said,) = find_warnings(vectors, ["flim", "THE"], "exact")
    assert said.endswith(": some would have one in lower case; use case='fallback'")
    (said,) = find_warnings(vectors, ["flim", "Flim"], "exact")
    assert said.endswith(", such as 'flim'")


def test_a_vocabulary_of_phrases(vectors: Vectors) -> None:
    """Phrases and short texts are warned of, unless phrases get a mean."""
    (said,) = find_warnings(vectors, ["the_film", "of film"])
    assert ", such as 'the_film': with oov='parts', phrases get the mean" in said
    assert find_warnings(vectors, ["the_film", "of film"], oov="parts") == []
