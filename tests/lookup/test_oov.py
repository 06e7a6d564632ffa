"""What a word gets that has no vector is what the rule says, in any vocabulary."""

import hashlib
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

import glove_registry
from glove_registry import Vectors
from glove_registry.errors import UnknownWordError

SAMPLE = "glove.6B.50d-first10k"


@pytest.fixture(scope="module")
def vectors(tmp_path_factory: pytest.TempPathFactory) -> Vectors:
    """The embedded sample."""
    return glove_registry.load(SAMPLE, cache_dir=tmp_path_factory.mktemp("cache"))


@pytest.fixture
def small(tmp_path: Path) -> Vectors:
    """A release of four words that has a row of its own for unknown ones."""
    text = tmp_path / "small.txt"
    text.write_text("the 1 2 3\nfilm 4 5 6\n<unk> 7 8 9\nunk 0 0 1\n")
    return glove_registry.open_file(text)


def test_zeros_are_what_misses_get_if_nothing_is_said(small: Vectors) -> None:
    """By default, misses, special tokens and padding are zeros."""
    matrix = small.embedding_matrix(["", "[UNK]", "the", "flim"])
    assert matrix.tolist() == [[0, 0, 0], [0, 0, 0], [1, 2, 3], [0, 0, 0]]
    assert (small.embedding_matrix(["", "the"], oov="zeros") == matrix[[0, 2]]).all()
    assert small.lookup(["flim", "the"]).tolist() == [[0, 0, 0], [1, 2, 3]]


def test_mean_is_that_of_all_rows(vectors: Vectors) -> None:
    """oov="mean" is numpy's mean over the whole release, for misses and marks."""
    expected = np.mean(np.asarray(vectors.matrix, np.float64), axis=0)
    found = vectors.embedding_matrix(["", "[UNK]", "flim", "the"], oov="mean")
    np.testing.assert_allclose(found[1], expected, rtol=1e-6, atol=1e-9)
    assert (found[2] == found[1]).all()
    assert not found[0].any()
    assert (found[3] == vectors["the"]).all()
    assert (vectors.lookup(["flim"], oov="mean")[0] == found[1]).all()


@pytest.mark.parametrize(
    ("phrase", "parts"),
    [
        ("new_york", ["new", "york"]),
        ("New York", ["new", "york"]),
        ("new\u00a0york\ttimes", ["new", "york", "times"]),
        ("_new__york_", ["new", "york"]),
        ("united states_of america", ["united", "states", "of", "america"]),
        ("new_new_york", ["new", "new", "york"]),
        # A part without a vector is neither summed nor counted.
        ("flim_festival", ["festival"]),
    ],
)
def test_a_phrase_is_the_mean_of_its_parts(
    vectors: Vectors, phrase: str, parts: list[str]
) -> None:
    """oov="parts" is numpy's mean over the words between underscores and blanks."""
    expected = np.mean([vectors[part].astype(np.float64) for part in parts], axis=0)
    for found in (
        vectors.lookup([phrase], oov="parts")[0],
        vectors.embedding_matrix(["", "film", phrase], oov="parts")[2],
    ):
        np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-7)


def test_what_has_no_parts_is_zeros(vectors: Vectors) -> None:
    """A word without a vector, hyphens, and the names of special tokens have none."""
    words = [
        "",
        "<start_of_turn>",
        "[UNK]",
        "xx_of",
        "flim",
        "well-madee",
        "qzq xzx",
    ]
    found = vectors.embedding_matrix(words, specials=["xx_of"], oov="parts")
    assert not found.any()
    assert vectors.lookup([], oov="parts").shape == (0, 50)


def test_a_phrase_with_a_vector_keeps_it(tmp_path: Path) -> None:
    """A token of the release is looked up whole, and parts follow the rule for case."""
    text = tmp_path / "phrases.txt"
    text.write_text("new 1\nyork 3\nNEW_york 7\nParis 9\n")
    phrases = glove_registry.open_file(text, dimension=1)
    words = ["NEW_york", "new_york", "NEW_PARIS", "paris_new"]
    found = phrases.lookup(words, oov="parts")[:, 0]
    assert found.tolist() == [7, 2, 5, 5]
    exact = phrases.lookup(words, oov="parts", case="exact")[:, 0]
    assert exact.tolist() == [7, 2, 0, 1]


def test_many_phrases_are_each_their_own(vectors: Vectors) -> None:
    """Phrases are made in steps, at whose borders none gets another's parts."""
    left, right = vectors.tokens[1000:6000], vectors.tokens[2000:7000]
    pairs = [(a, b) for a, b in zip(left, right, strict=True) if "_" not in a + b]
    found = vectors.lookup([f"{a}_{b}" for a, b in pairs], oov="parts")
    both = [np.float64(vectors.lookup(side)) for side in zip(*pairs, strict=True)]
    np.testing.assert_allclose(found, (both[0] + both[1]) / 2, rtol=1e-5, atol=1e-6)


def test_each_index_for_unknown_words_is_drawn_anew(vectors: Vectors) -> None:
    """Several of them hold different words, so that their vectors differ."""
    lookup = keras.layers.StringLookup(
        vocabulary=["film"], mask_token="", num_oov_indices=3
    )
    found = vectors.embedding_matrix(lookup, oov="normal:4")
    assert len({row.tobytes() for row in found}) == 5
    # The first is that of a vocabulary with one such index, and none depends on others.
    alone = vectors.embedding_matrix(["", "[UNK]", "film"], oov="normal:4")
    assert (found[[0, 1, 4]] == alone).all()
    again = vectors.embedding_matrix(["[UNK]", "[UNK]", "the"], oov="normal:4")
    assert (again[:2] == found[1:3]).all()
    # Other rules give each the same.
    same = vectors.embedding_matrix(lookup, oov="mean")
    assert (same[1:4] == same[1]).all()
    asked = []

    def give(word: str) -> NDArray[np.float64]:
        asked.append(word)
        return np.zeros(50)

    vectors.embedding_matrix(lookup, oov=give)
    assert asked == ["[UNK]"] * 3


def test_unk_is_the_row_of_a_release_that_has_one(small: Vectors) -> None:
    """oov="unk" is the row <unk>: not that of the ordinary word unk."""
    found = small.embedding_matrix(["", "[UNK]", "flim", "<unk>", "unk"], oov="unk")
    assert found.tolist() == [[0, 0, 0], [7, 8, 9], [7, 8, 9], [7, 8, 9], [0, 0, 1]]


def test_unk_of_a_release_without_one_is_an_error(vectors: Vectors) -> None:
    """A release without the row says so, and what is nearest to it."""
    assert "<unk>" not in vectors
    with pytest.raises(UnknownWordError, match=r"has no <unk> row; use oov='mean'"):
        vectors.to_keras_layer(["the", "flim"], oov="unk")


def test_error_names_what_is_missing(vectors: Vectors) -> None:
    """oov="error" counts all misses, however many, and names the first of them."""
    words = ["the", *(f"flim{i}" for i in range(10_000))]
    expected = re.escape(
        f"10,000 words have no vector in {SAMPLE}, a sample of 10,000 words"
    )
    for ask in (vectors.to_keras_layer, vectors.embedding_matrix, vectors.lookup):
        with pytest.raises(UnknownWordError, match=f"{expected}: 'flim0', 'flim1', .*"):
            ask(words, oov="error")
    # A mark is no word, so that nothing is missing here.
    found = vectors.embedding_matrix(["", "[UNK]", "the"], oov="error")
    assert not found[:2].any()
    assert (found[2] == vectors["the"]).all()


@pytest.mark.parametrize("count", [1, 4, 5, 6, 7])
def test_error_shows_up_to_five_words(small: Vectors, count: int) -> None:
    """Five words are shown, and that there are more only where there are."""
    words = [f"flim{i}" for i in range(count)]
    with pytest.raises(UnknownWordError) as caught:
        small.lookup(["the", *words], oov="error")
    shown = ", ".join(f"'flim{i}'" for i in range(min(count, 5)))
    shown += ", ..." if count > 5 else ""
    assert str(caught.value).endswith(
        f"{count} words have no vector in small.txt: {shown}"
    )
    assert small.lookup(["the"], oov="error").tolist() == [[1, 2, 3]]


def test_a_function_is_asked_for_each_miss(small: Vectors) -> None:
    """It gets the words that have no vector, and special tokens, and nothing else."""
    asked = []

    def give(word: str) -> list[float]:
        asked.append(word)
        return [len(word), 0, -1]

    found = small.embedding_matrix(["", "[UNK]", "the", "flim"], oov=give)
    assert sorted(asked) == ["[UNK]", "flim"]
    assert found.tolist() == [[0, 0, 0], [5, 0, -1], [1, 2, 3], [4, 0, -1]]


@pytest.mark.parametrize(
    ("given_back", "shape"), [([1.0], "(1,)"), (1.0, "()"), (np.ones((1, 3)), "(1, 3)")]
)
def test_a_function_that_gives_another_shape_is_refused(
    small: Vectors, given_back: Any, shape: str
) -> None:
    """What is no vector of this dimension is refused, and never broadcast."""
    expected = rf"shape {re.escape(shape)}, .* for 'flim', expected 3 numbers"
    with pytest.raises(ValueError, match=expected):
        small.lookup(["flim"], oov=lambda word: given_back)


@pytest.mark.parametrize(
    "given_back",
    [
        [0, float("nan"), 1],
        np.array([0, -np.inf, 1], np.float32),
        ["0", "1", "2"],
        [True, False, True],
        [1 + 2j, 0, 0],
        np.ma.masked_equal([0.0, 1, 2], 1),
        [[0], [1, 2], 3],
        None,
        b"012",
    ],
)
def test_a_function_that_gives_no_numbers_is_refused(
    small: Vectors, given_back: Any
) -> None:
    """NaN, text, flags and complex numbers never end up in a matrix."""
    for ask in (small.lookup, small.embedding_matrix, small.subset):
        with pytest.raises(ValueError, match=r"oov: the function returned .* 'flim'"):
            ask(["the", "flim"], oov=lambda word: given_back)


def test_a_function_computes_by_its_own_rules(small: Vectors) -> None:
    """An overflow inside the function is not an error, nor is what is raised there."""

    def give(word: str) -> NDArray[np.float64]:
        assert np.geterr()["over"] == before
        return np.full(3, np.float64(7))

    before = np.geterr()["over"]
    assert small.lookup(["flim"], oov=give).tolist() == [[7, 7, 7]]

    def fail(word: str) -> list[float]:
        raise FloatingPointError("mine")

    with pytest.raises(FloatingPointError, match="mine"):
        small.lookup(["flim"], oov=fail)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("kind", [list, np.array])
def test_a_function_that_gives_too_large_numbers_is_refused(
    small: Vectors, kind: Any, dtype: str
) -> None:
    """What does not fit float32 is refused in any type, as the vectors are float32."""
    with pytest.raises(ValueError, match=r"function returned .* too large for float32"):
        small.lookup(["flim"], oov=lambda word: kind([1e39, 0, 0]), dtype=dtype)


def test_a_function_may_return_the_same_array_each_time(small: Vectors) -> None:
    """Each word gets the numbers that the array had when it was returned."""
    buffer = np.zeros(3)

    def give(word: str) -> NDArray[np.float64]:
        buffer[:] = len(word)
        return buffer

    assert small.lookup(["flim", "xy"], oov=give)[:, 0].tolist() == [4, 2]


def test_normal_of_the_largest_numbers_is_refused(tmp_path: Path) -> None:
    """Numbers are drawn around those of the release, and may be beyond float32."""
    text = tmp_path / "large.txt"
    text.write_text("the 3e38 1\nfilm -3e38 1\n")
    large = glove_registry.open_file(text)
    words = [f"flim{i}" for i in range(50)]
    with pytest.raises(ValueError, match=r"oov='normal': .* too large for float32"):
        large.lookup(words, oov="normal")


def draw(word: str, seed: int, mean: Any, deviation: Any) -> NDArray[np.float64]:
    """Draw numbers by the transform of Box and Muller, as it stands in textbooks."""
    count = len(mean)
    half = -(-count // 2)
    key = seed.to_bytes(8, "little") + word.encode()
    digest = hashlib.shake_128(key).digest(8 * half)
    uniform = [
        (int.from_bytes(digest[i : i + 4], "little") + 0.5) / 2**32
        for i in range(0, len(digest), 4)
    ]
    pairs = list(zip(uniform[:half], uniform[half:], strict=True))
    radius = [np.sqrt(-2 * np.log(u)) for u, _ in pairs]
    normal = [
        r * np.cos(2 * np.pi * v) for r, (_, v) in zip(radius, pairs, strict=True)
    ]
    normal += [
        r * np.sin(2 * np.pi * v) for r, (_, v) in zip(radius, pairs, strict=True)
    ]
    return np.asarray(mean + deviation * np.array(normal[:count]))


def test_normal_is_drawn_as_it_is_written(vectors: Vectors) -> None:
    """A word's numbers are those of the published formula: no version changes them."""
    rows = np.asarray(vectors.matrix, np.float64)
    mean, deviation = rows.mean(axis=0), rows.std(axis=0)
    for word, seed in (("flim", 0), ("Ünsinn", 7)):
        (found,) = vectors.lookup([word], oov=f"normal:{seed}")
        expected = draw(word, seed, mean, deviation)
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)
    assert (
        vectors.lookup(["flim"], oov="normal")
        == vectors.lookup(["flim"], oov="normal:0")
    ).all()


def test_normal_of_an_odd_number_of_dimensions(small: Vectors) -> None:
    """Numbers are drawn in pairs; of the last pair one is left over."""
    rows = np.asarray(small.matrix, np.float64)
    expected = draw("flim", 12, rows.mean(axis=0), rows.std(axis=0))
    (found,) = small.lookup(["flim"], oov="normal:12")
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


def test_normal_is_of_the_word_alone(vectors: Vectors) -> None:
    """A word gets the same numbers in any vocabulary, order, release handle or call."""
    alone = vectors.lookup(["flim"], oov="normal")
    words = ["the", "teh", "flim", "[UNK]"]
    for some in (words, words[::-1]):
        matrix = vectors.embedding_matrix(some, oov="normal")
        assert (matrix[some.index("flim")] == alone[0]).all()
        rows = {row.tobytes() for row in matrix}
        assert len(rows) == 4
        assert (matrix[some.index("the")] == vectors["the"]).all()


def test_normal_is_the_same_in_another_process(vectors: Vectors) -> None:
    """No seed of a process takes part, such as that of Python's hashes."""
    code = (
        "import glove_registry, sys\n"
        "vectors = glove_registry.load(sys.argv[1])\n"
        "found = vectors.lookup(['flim', 'teh'], oov='normal:5')\n"
        "sys.stdout.buffer.write(found.tobytes())"
    )
    expected = vectors.lookup(["flim", "teh"], oov="normal:5").tobytes()
    done = subprocess.run(
        [sys.executable, "-c", code, SAMPLE], capture_output=True, check=True
    )
    assert done.stdout == expected


def test_another_seed_is_another_draw(vectors: Vectors) -> None:
    """Seeds give numbers that have nothing to do with each other."""
    words = [f"flim{i}" for i in range(500)]
    first, second = (
        vectors.lookup(words, oov=f"normal:{seed}") - vectors.moments[0]
        for seed in (1, 2)
    )
    assert (first != second).all(axis=1).all()
    correlation = np.corrcoef(first.ravel(), second.ravel())[0, 1]
    # Of 25,000 pairs without any, it has a standard deviation of 0.0063.
    assert abs(correlation) < 0.03


def test_normal_has_the_moments_of_the_release(vectors: Vectors) -> None:
    """In each dimension, mean and deviation of many draws are those of the rows."""
    drawn = vectors.lookup([f"flim{i}" for i in range(5000)], oov="normal")
    rows = np.asarray(vectors.matrix, np.float64)
    mean, deviation = rows.mean(axis=0), rows.std(axis=0)
    # Standard errors of 5,000 draws: 1/sqrt(5000) and 1/sqrt(10000) of a deviation.
    assert (abs(drawn.mean(axis=0) - mean) < 4.5 * deviation / np.sqrt(5000)).all()
    assert (abs(drawn.std(axis=0) / deviation - 1) < 4.5 / np.sqrt(10_000)).all()
    standard = ((drawn - mean) / deviation).ravel()
    # The shares of a normal distribution within one, two and three deviations.
    for width, share in ((1, 0.6827), (2, 0.9545), (3, 0.9973)):
        assert abs((abs(standard) < width).mean() - share) < 0.005


@given(st.lists(st.text(min_size=1), unique=True, min_size=1, max_size=5))
def test_normal_takes_any_word(words: list[str]) -> None:
    """Whatever text a word is, it has finite numbers of its own."""
    vectors = glove_registry.load(SAMPLE)
    drawn = vectors.lookup(words, oov="normal:3", case="exact")
    assert np.isfinite(drawn).all()
    assert len({row.tobytes() for row in drawn}) == len(words)


@pytest.mark.parametrize(
    "rule",
    ["zero", "", "Normal", "normal:", "normal:-1", "normal:1.5", 0, np.zeros(3)],
    ids=repr,
)
def test_what_is_no_rule_is_explained(vectors: Vectors, rule: Any) -> None:
    """An unknown rule is refused with the list of those there are."""
    expected = re.escape(
        f"oov={rule!r}: expected one of zeros, mean, unk, normal, error"
    )
    for ask in (vectors.to_keras_layer, vectors.lookup):
        with pytest.raises(ValueError, match=expected):
            ask(["the"], oov=rule)


def test_the_moments_cannot_be_changed(small: Vectors) -> None:
    """They are kept, so that writing to them would change what later words get."""
    with pytest.raises(ValueError, match="read-only"):
        small.moments[0] = 7
    assert small.lookup(["flim"], oov="mean").tolist() == [
        np.asarray(small.matrix, np.float64).mean(axis=0).astype(np.float32).tolist()
    ]
