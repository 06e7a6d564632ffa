"""What a page holds of a release, beside plain numpy and the vectors themselves."""

from pathlib import Path

import floret_files
import numpy as np
import pytest
from numpy.typing import NDArray

import glove_registry
from glove_registry import Vectors, from_arrays
from glove_registry.explorer.extract import take_extract


def compare_all(vectors: NDArray[np.generic]) -> NDArray[np.float64]:
    """Return the cosines of all pairs, in float64."""
    wide = vectors.astype(np.float64)
    directions = wide / np.linalg.norm(wide, axis=1)[:, None]
    return np.asarray(directions @ directions.T)


def test_rows_are_rounded_to_127_steps(sample: Vectors) -> None:
    """Each number is the nearest multiple of a 127th of its row's largest one."""
    extract = take_extract(sample, 300)
    assert extract.words == list(sample)[:300]
    for number, row in enumerate(sample.matrix[:300].astype(float)):
        steps = np.rint(row / (np.abs(row).max() / 127))
        # A number in the middle of two steps may go to either.
        assert np.abs(extract.numbers[number] - steps).max() <= 1
        assert (extract.numbers[number] != steps).sum() <= 1


def test_cosines_are_as_exact_as_is_said(sample: Vectors) -> None:
    """The error of a release is the largest of its words' cosines, by a plain loop."""
    extract = take_extract(sample, 1_000)  # of which all are measured
    exact, rounded = compare_all(sample.matrix[:1_000]), compare_all(extract.numbers)
    largest = np.abs(exact - rounded).max()
    assert extract.error == pytest.approx(largest, abs=1e-5)
    assert largest < 0.01


def test_neighbours_are_those_of_most_similar(sample: Vectors) -> None:
    """Of the ten nearest words, 97 of 100 are the same, at the same scores."""
    count = 2_000
    extract = take_extract(sample, count)
    cosines = compare_all(extract.numbers)
    same = 0
    for row in range(0, count, 20):
        near = sample.most_similar(extract.words[row], topn=10, restrict=count)
        scores = cosines[row].copy()
        scores[row] = -np.inf
        found = [extract.words[i] for i in np.argsort(-scores)[:10]]
        same += len({*found} & {*near.words})
        for word, score in near:
            other = extract.words.index(word)
            assert scores[other] == pytest.approx(score, abs=extract.error + 1e-6)
    assert same / (count / 20 * 10) > 0.97


def test_a_word_that_is_repeated_is_there_once(tmp_path: Path) -> None:
    """The first row of a token counts, as in look-ups; later ones are left out."""
    path = tmp_path / "v.txt"
    path.write_text("a 1 0\nb 0 1\na 1 1\nc 2 1\nb 1 2\n")
    vectors = glove_registry.open_file(path)
    extract = take_extract(vectors, 4)
    assert extract.words == ["a", "b", "c"]
    assert extract.numbers.tolist() == [[127, 0], [0, 127], [127, 64]]


def test_more_words_than_there_are_is_all_of_them() -> None:
    """The number of words is a limit; vectors of zeros and of any size fit."""
    matrix = np.array([[0, 0], [1e-38, -1e-38], [3e38, 0]], np.float32)
    extract = take_extract(from_arrays(["o", "s", "l"], matrix, name="odd"), 100)
    assert extract.words == ["o", "s", "l"]
    assert extract.numbers.tolist() == [[0, 0], [127, -127], [127, 0]]
    assert extract.error < 1e-6


@pytest.mark.parametrize("count", [0, -1, 2.5, True, "all"])
def test_another_number_of_words_is_an_error(sample: Vectors, count: object) -> None:
    """The error says what was found and what was expected."""
    with pytest.raises(ValueError, match=r"^words=.*expected a whole number from 1 on"):
        sample.explore(words=count)  # type: ignore[arg-type]


def test_a_table_without_words_is_an_error(tmp_path: Path) -> None:
    """Vectors of n-grams alone have nothing to show, and the error says what has."""
    path = tmp_path / "v.floret"
    path.write_bytes(floret_files.TABLE)
    vectors = glove_registry.open_file(path)
    with pytest.raises(ValueError, match=r"explore vectors\.subset\(words\)"):
        vectors.explore()
    assert vectors.subset(["film", "book"]).explore(projection="pca").words == [2]


def test_what_is_no_release_is_an_error(sample: Vectors) -> None:
    """Something else to show beside is named."""
    with pytest.raises(ValueError, match=r"expected vectors .* found str 'film'"):
        sample.explore("film")  # type: ignore[arg-type]
    for others in ([sample], (sample, sample)):
        with pytest.raises(ValueError, match=r"found a .*: write explore\(\*others\)"):
            sample.explore(others)  # type: ignore[arg-type]
