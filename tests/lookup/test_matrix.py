"""The matrix of a vocabulary: every number where it belongs, in the type asked for."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import glove_registry
from glove_registry import Vectors
from glove_registry.errors import VocabularyError

SAMPLE = "glove.6B.50d-first10k"


@pytest.fixture(scope="module")
def vectors(tmp_path_factory: pytest.TempPathFactory) -> Vectors:
    """The embedded sample."""
    return glove_registry.load(SAMPLE, cache_dir=tmp_path_factory.mktemp("cache"))


@pytest.fixture
def large(tmp_path: Path) -> Vectors:
    """A release with a number that float16 has no room for."""
    text = tmp_path / "large.txt"
    text.write_text("the 1 2\nfilm 70000 -1\nsmall 1e-9 65519\n")
    return glove_registry.open_file(text)


@given(
    st.dictionaries(
        st.sampled_from(["the", "film", "The", "flim", "[UNK]", "", "<pad>", "i"]),
        st.integers(1, 60),
    ).filter(lambda index: len({*index.values()}) == len(index)),
    st.sampled_from(["zeros", "mean", "normal"]),
    st.integers(0, 10),
)
def test_a_matrix_is_what_a_plain_loop_fills(
    word_index: dict[str, int], oov: str, more: int
) -> None:
    """Row by row: padding zeros, marks and misses by the rule, words their vectors."""
    word_index["of"] = 0
    vectors = glove_registry.load(SAMPLE)
    rows = max(word_index.values()) + 1 + more
    expected = np.zeros((rows, 50), np.float32)
    for word, index in word_index.items():
        if word in ("", "<pad>"):
            continue
        if word.lower() in vectors:
            expected[index] = vectors[word.lower()]
        else:
            expected[index] = vectors.lookup([word], oov=oov)[0]
    found = vectors.embedding_matrix(word_index, oov=oov, input_dim=rows)
    assert found.shape == expected.shape
    assert (found == expected).all()


@pytest.mark.parametrize("count", [1, 4095, 4096, 4097, 8193])
def test_the_last_word_of_a_piece_is_a_word_like_others(
    vectors: Vectors, count: int
) -> None:
    """Hits and misses at and around the borders of pieces get what is theirs."""
    misses = [f"-{i}" for i in range(1, count + 1)]
    words = [one for pair in zip(vectors.tokens, misses, strict=False) for one in pair]
    expected = np.zeros((2 * count + 1, 50), np.float32)
    expected[1::2] = vectors.matrix[:count]
    expected[2::2] = -np.arange(1, count + 1)[:, None]

    def rule(word: str) -> list[float]:
        return [float(word)] * 50

    assert (vectors.lookup(words, oov=rule) == expected[1:]).all()
    index = {word: i for i, word in enumerate(words, 1)}
    assert (vectors.embedding_matrix(index, oov=rule) == expected).all()


def test_no_words_are_no_rows(vectors: Vectors) -> None:
    """An empty list of words is an empty array of the right width."""
    assert vectors.lookup([]).shape == (0, 50)


def test_it_is_a_matrix_of_one_s_own(vectors: Vectors) -> None:
    """It can be written to, and what is written is nowhere else."""
    matrix = vectors.embedding_matrix(["film"])
    assert matrix.flags.owndata
    matrix[:] = 0
    assert vectors["film"].any()


@pytest.mark.parametrize(
    ("dtype", "expected"),
    [
        ("float32", np.float32),
        ("float16", np.float16),
        ("float64", np.float64),
        ("bfloat16", ml_dtypes.bfloat16),
        (np.float16, np.float16),
        (ml_dtypes.bfloat16, ml_dtypes.bfloat16),
        (np.dtype("float64"), np.float64),
    ],
    ids=str,
)
def test_numbers_are_rounded_once(vectors: Vectors, dtype: Any, expected: Any) -> None:
    """Every number is what numpy's, or ml_dtypes' own cast makes of it."""
    words = vectors.tokens[:2000]
    plain = np.array(vectors.matrix[:2000]).astype(expected)
    for found in (
        vectors.lookup(words, dtype=dtype),
        vectors.embedding_matrix(words, dtype=dtype),
    ):
        assert found.dtype == expected
        assert found.tobytes() == plain.tobytes()


def test_a_number_that_is_too_large_is_an_error(large: Vectors) -> None:
    """Nothing becomes infinite: it is said which type has no room."""
    for ask in (large.lookup, large.embedding_matrix):
        with pytest.raises(ValueError, match="too large for float16: use a wider"):
            ask(["the", "film"], dtype="float16")
        # What is too small is as good as zero, and what fits is taken.
        assert ask(["small"], dtype="float16").tolist() == [[0, 65504]]
        assert ask(["film"], dtype="bfloat16").astype(float).tolist() == [[70144, -1]]
    with pytest.raises(ValueError, match="too large for float16"):
        large.to_keras_layer(["film"], dtype="float16")


def test_bfloat16_without_its_package_says_what_to_install(
    vectors: Vectors, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error has the pip command, whatever is asked for."""
    monkeypatch.setitem(sys.modules, "ml_dtypes", None)
    for ask in (vectors.lookup, vectors.embedding_matrix):
        with pytest.raises(ModuleNotFoundError, match="pip install ml_dtypes"):
            ask(["film"], dtype="bfloat16")


def test_bfloat16_has_no_infinity_for_the_largest_numbers() -> None:
    """The largest of float32 are nearer to infinity than to a number of bfloat16."""
    fits, border = np.float32(3.3961e38), np.float32(3.3962e38)
    numbers = np.array([[fits, -fits], [0, border], [-border, 0]])
    vectors = glove_registry.from_arrays(["a", "b", "c"], numbers, name="largest")
    for ask in (vectors.lookup, vectors.embedding_matrix):
        found = ask(["a"], dtype="bfloat16").astype(float)
        assert found.tolist() == [[2.0**128 - 2.0**120, 2.0**120 - 2.0**128]]
        for word in "bc":
            with pytest.raises(ValueError, match="too large for bfloat16: use a wider"):
                ask(["a", word], dtype="bfloat16")


def test_without_a_type_it_is_float32(vectors: Vectors) -> None:
    """None is the default, as it is for layers, and not numpy's float64."""
    none: Any = None
    for ask in (vectors.lookup, vectors.embedding_matrix):
        assert ask(["the"], dtype=none).dtype == np.float32


@pytest.mark.parametrize("words", [["flim", "the"], ["[UNK]", "the"]])
def test_what_oov_gives_may_be_too_large_as_well(
    large: Vectors, words: list[str]
) -> None:
    """A rule's numbers become infinite no more than a release's."""
    with pytest.raises(ValueError, match=r"or what oov returns, .* too large"):
        large.embedding_matrix(words, oov=lambda word: [1e5, 0], dtype="float16")


@pytest.mark.parametrize("dtype", ["int8", "complex64", "bool", "U3", "float31"])
def test_other_types_hold_no_vectors(vectors: Vectors, dtype: str) -> None:
    """A type without a floating point is refused, with those there are."""
    with pytest.raises(TypeError, match="'float32', 'float16' or 'bfloat16'"):
        vectors.embedding_matrix(["the"], dtype=dtype)


def test_rows_without_a_word_are_zeros(vectors: Vectors) -> None:
    """Indices may have gaps, and input_dim may ask for more rows."""
    matrix = vectors.embedding_matrix({"the": 3, "film": 70_000}, input_dim=70_010)
    assert np.flatnonzero(matrix.any(axis=1)).tolist() == [3, 70_000]
    assert matrix.shape == (70_010, 50)


def test_a_matrix_may_be_no_smaller_than_its_vocabulary(vectors: Vectors) -> None:
    """As many rows as the vocabulary needs are enough, and one less is an error."""
    assert vectors.embedding_matrix({"the": 3}, input_dim=4).shape == (4, 50)
    assert vectors.embedding_matrix({"the": 3}).shape == (4, 50)
    with pytest.raises(VocabularyError, match=r"input_dim=3, and .* needs 4 rows"):
        vectors.embedding_matrix({"the": 3}, input_dim=3)
    with pytest.raises(VocabularyError, match="input_dim='4': expected an int"):
        vectors.embedding_matrix({"the": 3}, input_dim="4")  # type: ignore[arg-type]


@pytest.mark.parametrize("size", [10_000_001, 2**40, 2**70])
def test_a_matrix_that_no_memory_would_hold_is_refused(
    vectors: Vectors, size: int
) -> None:
    """As for an index; nothing of the size is made."""
    with pytest.raises(VocabularyError, match=f"input_dim={size:,} for 1 words: leave"):
        vectors.embedding_matrix({"the": 3}, input_dim=size)


@pytest.mark.parametrize("index", [10_000_000, 2**40, 2**70])
def test_an_index_that_no_memory_would_hold_is_refused(
    vectors: Vectors, index: int
) -> None:
    """Nothing of the size is made: it is said to number the words."""
    message = re.escape(f"the largest index is {index:,} for 2 words")
    with pytest.raises(VocabularyError, match=message):
        vectors.embedding_matrix({"the": 1, "film": index})


OPTIONS: list[dict[str, Any]] = [
    {},
    {"oov": "normal"},
    {"dtype": "float16"},
    {"dtype": "bfloat16"},
]
WITHOUT_FRAMEWORKS = f"""
import sys

for name in ("keras", "tensorflow", "jax", "torch", "tf_keras"):
    sys.modules[name] = None
import glove_registry

vectors = glove_registry.load(sys.argv[1])
words = ["", "[UNK]", "film", "Film", "flim"]
for options in {OPTIONS}:
    matrix = vectors.embedding_matrix(words, **options)
    sys.stdout.buffer.write(matrix.tobytes())
"""


def test_no_framework_takes_part(vectors: Vectors) -> None:
    """Where neither Keras nor a backend can be imported, the numbers are the same."""
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_FRAMEWORKS, SAMPLE],
        capture_output=True,
        check=True,
    )
    expected = b""
    for options in OPTIONS:
        layer = vectors.to_keras_layer(["", "[UNK]", "film", "Film", "flim"], **options)
        expected += layer.get_weights()[0].tobytes()
    assert done.stdout == expected
