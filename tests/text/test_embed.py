"""`Vectors.embed`: texts of any kind in, one vector for each out."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from weakref import WeakSet

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from texts_by_hand import POOLINGS, Pooling, Table, pool

import glove_registry
from glove_registry import Vectors
from glove_registry.errors import GloveRegistryError, TextError
from glove_registry.registry import Tokenizer
from glove_registry.text import pooling as pooling_module

TEXTS = ["A truly good film", "", "qqzz", "the the THE film", "José the king"]
WORDS = ["the", "The", "film", "good", "king", "josé", "qqzz", "", "don't", "\ud800"]


def tabulate(vectors: Vectors) -> Table:
    """Return the vector of each token, as it is written."""
    return dict(zip(vectors.tokens, vectors.matrix, strict=True))


@pytest.fixture(scope="module")
def expected(sample: Vectors) -> bytes:
    """The vectors of `TEXTS`, as plain loops compute them."""
    table = tabulate(sample)
    rows = [pool(table, text.lower().split(), "mean") for text in TEXTS]
    return np.array(rows, np.float32).tobytes()


@pytest.mark.parametrize(
    "contain",
    [
        list,
        tuple,
        iter,
        np.array,
        lambda texts: np.array(texts, dtype=object),
        lambda texts: pd.Series(texts, index=[7, 7, 1, 0, 3]),
        lambda texts: pd.Series(texts, dtype="string"),
        lambda texts: pd.Series(texts, dtype="category"),
        lambda texts: pd.Index(texts),
        lambda texts: dict.fromkeys(texts).keys().__iter__(),
        lambda texts: (text for text in texts),
    ],
)
def test_texts_in_any_container_have_the_vectors_of_a_plain_loop(
    sample: Vectors, expected: bytes, contain: Callable[[list[str]], Any]
) -> None:
    """Lists, arrays, series and iterators give the same bits in the same order."""
    found = sample.embed(contain(TEXTS))
    assert found.dtype == np.float32
    assert found.shape == (len(TEXTS), sample.dimension)
    assert found.flags.c_contiguous
    assert found.flags.owndata
    assert found.tobytes() == expected


@pytest.mark.parametrize("contain", [list, tuple, iter, np.array, pd.Series])
def test_texts_can_be_split_already(
    sample: Vectors, expected: bytes, contain: Callable[[list[str]], Any]
) -> None:
    """The words of a text may be in any container, and are not split again."""
    words = [["A", "truly", "good", "film"], [], ["qqzz"], ["the", "the", "THE"]]
    words[3].append("film")
    words.append(["José", "the", "king"])
    assert sample.embed([contain(text) for text in words]).tobytes() == expected
    assert not sample.embed([["good film"]]).any()


@pytest.mark.parametrize("tokenizer", ["ptb", "lower-ptb", "words", "whitespace"])
def test_texts_are_split_by_the_convention_of_the_release(
    tmp_path: Path, tokenizer: Tokenizer
) -> None:
    """A text has the vector of the words that tokenize returns, which differ here."""
    words = ["a", "can", "n't", "can't", "film", ".", "film.", '"', "(", "u.s."]
    lines = [f"{word} {2**i} 1" for i, word in enumerate(words)]
    (tmp_path / "few.txt").write_text("\n".join(lines))
    vectors = glove_registry.open_file(tmp_path / "few.txt", tokenizer=tokenizer)
    texts = ["A \u201cfilm\u201d.", "can't (film)", "U.S. film.\xa0a"]
    split = [vectors.tokenize(text) for text in texts]
    expected = [
        sum(float(vectors.get(w.lower(), np.zeros(2))[0]) for w in words)
        for words in split
    ]
    assert vectors.embed(texts, "sum")[:, 0].tolist() == expected
    assert all(expected)


@pytest.mark.parametrize("pooling", POOLINGS)
@given(texts=st.lists(st.lists(st.sampled_from(WORDS), max_size=12), max_size=12))
def test_blocks_change_no_bit_of_a_plain_loops_vectors(
    sample: Vectors, pooling: Pooling, texts: list[list[str]]
) -> None:
    """All poolings equal a loop in float64, whatever lies together in a block."""
    table = {word: sample[word] for word in WORDS if word in sample}
    rows = [
        pool(table, [w if w in sample else w.lower() for w in words], pooling)
        for words in texts
    ]
    expected = np.reshape(np.array(rows, np.float32), (-1, sample.dimension))
    one_word = 8 * (sample.dimension + 1)
    for block in (one_word, 5 * one_word, 1 << 24):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(pooling_module, "_BLOCK_BYTES", block)
            for given_texts in (texts, iter(texts)):
                found = sample.embed(given_texts, pooling)
                assert found.tobytes() == expected.tobytes()


@pytest.mark.parametrize("pooling", POOLINGS)
def test_one_dimension_is_summed_in_order_too(tmp_path: Path, pooling: Pooling) -> None:
    """Numpy's pairwise sums would differ from a plain loop's in the last bits."""
    numbers = np.random.default_rng(0).normal(size=999).astype(np.float32)
    lines = [f"w{i} {number!r}" for i, number in enumerate(numbers.tolist())]
    (tmp_path / "one.txt").write_text("\n".join(lines))
    vectors = glove_registry.open_file(tmp_path / "one.txt")
    words = list(vectors.tokens)
    expected = pool(tabulate(vectors), words, pooling)
    found = vectors.embed([words], pooling)
    assert found.tobytes() == expected.astype(np.float32).tobytes()


def test_an_iterator_is_not_kept(
    sample: Vectors, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of 5,000 texts, no more than those of a block exist at a time."""

    class Text(list[str]):
        """A list that can be counted while it exists."""

        __hash__ = object.__hash__  # type: ignore[assignment]

    existing: WeakSet[Text] = WeakSet()
    most = 0

    def write() -> Iterator[list[str]]:
        nonlocal most
        for _ in range(5000):
            text = Text(["good", "film"])
            existing.add(text)
            most = max(most, len(existing))
            yield text
            del text

    monkeypatch.setattr(pooling_module, "_BLOCK_BYTES", 8 * 51 * 100)
    assert sample.embed(write()).shape == (5000, 50)
    assert most <= 102


def test_no_texts_have_no_vectors(sample: Vectors) -> None:
    """The result of nothing has the shape of a result."""
    nothing: list[Any] = [[], (), iter([]), np.array([], dtype=str), pd.Series([])]
    for texts in nothing:
        found = sample.embed(texts)
        assert found.shape == (0, 50)
        assert found.dtype == np.float32


def test_a_generator_of_unknown_length_may_be_long(sample: Vectors) -> None:
    """The result grows by itself, and ends with the last text."""
    words = [["film"], ["good"]]
    found = sample.embed(words[i % 2] for i in range(100_000))
    assert found.shape == (100_000, 50)
    assert (found[::2] == sample["film"]).all()
    assert (found[1::2] == sample["good"]).all()


@pytest.mark.parametrize(
    ("texts", "sentence"),
    [
        ("A film", r"found one str: write \['A film'\]"),
        (b"A film", r"write \[text.decode\(\)\]"),
        (5, "an iterable of texts, found int 5"),
        (None, "an iterable of texts, found NoneType"),
        (np.array("A film"), "an iterable of texts, found ndarray"),
        ({"a": "A film"}, r"found dict: pass list\(texts.values\(\)\)"),
        ({"A film"}, r"found set: pass sorted\(texts\)"),
        (pd.DataFrame({"t": ["a"]}), r"DataFrame of shape \(1, 1\): choose one column"),
        (np.array([["a", "b"]]), r"ndarray of shape \(1, 2\): choose one column"),
        (["a", None], r"texts\[1\] is NoneType None: leave it out, or replace it"),
        (["a", float("nan")], r"texts\[1\] is float nan: leave it out"),
        (
            pd.Series(["a", None], dtype="string"),
            r"texts\[1\] is (NAType|float) .*: leave it out",
        ),
        (["a", "b", pd.NA], r"texts\[2\] is NAType <NA>: leave it out"),
        ([b"a"], r"texts\[0\] is bytes b'a': pass text.decode\(\)"),
        (["a", 1], r"texts\[1\] is int 1: expected a str, or a list of words"),
        ([{"a"}], r"texts\[0\] is set"),
        ([{"a": 1}], r"texts\[0\] is dict"),
        ([np.array([["a"]])], r"texts\[0\] is ndarray"),
        ([["a", "b", 1]], r"texts\[0\]\[2\] is int 1: expected a word"),
        ([["a"], ["b", None]], r"texts\[1\]\[1\] is NoneType None: expected a word"),
        ([["a", ["b"]]], r"texts\[0\]\[1\] is list \['b'\]: expected a word"),
        (["a", ["b"]], r"texts\[1\] is a list of words, but those before it are texts"),
        ([["a"], "b"], r"texts\[1\] is a text, but those before it are lists of words"),
    ],
)
def test_what_is_no_text_is_named_with_its_place(
    sample: Vectors, texts: Any, sentence: str
) -> None:
    """The error says which one is wrong, what it is, and what to pass instead."""
    with pytest.raises(TextError, match=sentence) as caught:
        sample.embed(texts)
    assert isinstance(caught.value, TypeError)
    assert isinstance(caught.value, GloveRegistryError)


def test_case_and_pooling_are_checked_before_any_text_is_read(sample: Vectors) -> None:
    """A wrong argument is an error even if there is nothing to embed."""
    with pytest.raises(ValueError, match="pooling='median': expected one of mean, sum"):
        sample.embed([], "median")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="case='lower': expected one of"):
        sample.embed([], case="lower")  # type: ignore[arg-type]


def test_words_can_be_taken_as_they_are_written(sample: Vectors) -> None:
    """With the exact rule, a word in another case is skipped."""
    found = sample.embed([["film", "FILM"]], "sum", case="exact")
    assert found[0].tolist() == sample["film"].tolist()


def test_sums_that_float32_cannot_hold_are_refused(tmp_path: Path) -> None:
    """Infinity is no vector; the mean of the same words is one."""
    (tmp_path / "large.txt").write_text("a 3e38 1\nb 1 1\n")
    vectors = glove_registry.open_file(tmp_path / "large.txt")
    with pytest.raises(ValueError, match="pooling='sum': a vector is too large"):
        vectors.embed(["a a"], "sum")
    assert vectors.embed(["a a"])[0].tolist() == vectors["a"].tolist()
