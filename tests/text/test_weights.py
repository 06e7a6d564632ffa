"""Weights of words in `Vectors.embed`, compared with other ways to compute them."""

import math
import pickle
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from fasttext_files import write_matrix, write_model
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import (
    CountVectorizer,
    HashingVectorizer,
    TfidfTransformer,
    TfidfVectorizer,
)
from texts_by_hand import POOLINGS, Pooling

import glove_registry
from glove_registry import Vectors
from glove_registry.sklearn import TextEmbedder
from glove_registry.text import frequencies
from glove_registry.text.component import find_component, remove_component

WEIGHTS = {"the": 0.25, "film": 2, "Good": np.float32(1.5), "KING": 3, "a": 0}
# Some with words that have no vector, no weight, or a weight of zero.
SPLIT = [
    ["the", "film", "the", "king"],
    ["qqzz", "good", "FILM", "Paris"],
    ["a", "queen"],
    [],
    ["Good"],
]
TEXTS = [
    "the film was good and the king was in it",
    "a good king saw a film in paris",
    "the weather in paris was bad",
    "they saw the king and the queen",
]


@pytest.mark.parametrize("pooling", POOLINGS)
def test_weighted_vectors_are_pooled_as_tensorflow_pools_them(
    sample: Vectors, pooling: Pooling
) -> None:
    """Mean, sum and sqrtn divide as embedding_lookup_sparse does, maxima by nothing."""
    weight = {"the": 0.25, "film": 2, "good": 1.5, "king": 3}
    for text, found in zip(SPLIT, sample.embed(SPLIT, pooling, WEIGHTS), strict=True):
        words = [word.lower() for word in text if word.lower() in weight]
        factors = np.array([weight[word] for word in words], np.float32)
        rows = sample.lookup(words)
        if not words:
            expected = np.zeros(sample.dimension, np.float32)
        elif pooling == "max":
            expected = (rows * factors[:, None]).max(axis=0)
        else:
            places = [[0, i] for i in range(len(words))]
            ids, numbers = (
                tf.SparseTensor(places, values, [1, len(words)])
                for values in (np.arange(len(words)), factors)
            )
            (expected,) = tf.nn.embedding_lookup_sparse(
                rows, ids, numbers, combiner=pooling
            ).numpy()
        np.testing.assert_allclose(found, expected, 1e-6, 1e-6)


def test_equal_weights_change_no_mean(sample: Vectors) -> None:
    """A weight of 2 for every word is divided out again, exactly."""
    twice: defaultdict[str, float] = defaultdict(lambda: 2.0)
    for pooling in ("mean", "sqrtn"):
        plain = sample.embed(TEXTS, pooling)
        assert sample.embed(TEXTS, pooling, twice).tobytes() == plain.tobytes()


def test_a_word_without_a_weight_is_skipped_unless_there_is_a_default(
    sample: Vectors,
) -> None:
    """A dict and a Counter skip it; a defaultdict weighs it, and does not grow."""
    text = [["film", "king"]]
    film = sample["film"]
    assert (sample.embed(text, weights={"film": 3})[0] == film).all()
    assert (sample.embed(text, weights=Counter(["film"]))[0] == film).all()
    assert (sample.embed(text, weights=pd.Series({"film": 0.5}))[0] == film).all()
    growing = defaultdict(lambda: 1.0, film=3.0)
    found = sample.embed(text, weights=growing)[0]
    expected = (3 * film.astype(np.float64) + sample["king"]) / 4
    np.testing.assert_allclose(found, expected, 1e-6)
    assert dict(growing) == {"film": 3.0}


def test_a_weight_is_found_by_the_rule_for_case(sample: Vectors) -> None:
    """As written, else in lower, title or upper case; or only as written."""
    text = [["film", "king"]]
    weights = {"FILM": 1.0, "King": 1.0, "king": 3.0}
    expected = (sample["film"] + 3.0 * sample["king"]) / 4
    np.testing.assert_allclose(sample.embed(text, weights=weights)[0], expected, 1e-6)
    exact = sample.embed(text, weights=weights, case="exact")[0]
    assert (exact == sample["king"]).all()


@pytest.mark.parametrize("options", [{}, {"analyzer": str.split}, {"norm": None}])
def test_a_vectorizer_weighs_words_by_their_document_frequency(
    sample: Vectors, options: dict[str, Any]
) -> None:
    """The mean is the vectorizer's matrix times the vectors, divided by its sums."""
    vectorizer = TfidfVectorizer(**options).fit(TEXTS)
    found = sample.embed(TEXTS, weights=vectorizer)
    unscaled = TfidfVectorizer(**options | {"norm": None}).fit(TEXTS)
    shares = unscaled.transform(TEXTS).toarray()
    known = np.array([word in sample for word in unscaled.get_feature_names_out()])
    rows = sample.lookup(unscaled.get_feature_names_out())
    expected = shares @ rows / (shares @ known)[:, None]
    np.testing.assert_allclose(found, expected, 1e-5, 1e-6)


def test_sif_is_what_the_paper_says(sample: Vectors) -> None:
    """Means weighted by a / (a + p), less their first singular vector."""
    count = len(sample)
    harmonic = sum(1 / rank for rank in range(1, count + 1))
    rows = []
    for text in TEXTS:
        total = np.zeros(sample.dimension)
        for word in text.split():
            probability = 1 / (sample.row(word) + 1) / harmonic
            total += 1e-3 / (1e-3 + probability) * sample[word]
        rows.append(total / len(text.split()))
    average = np.array(rows)
    (component,) = TruncatedSVD(1, algorithm="arpack").fit(average).components_
    expected = average - average @ component[:, None] * component
    found = sample.embed(TEXTS, weights="sif")
    np.testing.assert_allclose(found, expected, 1e-4, 1e-6)
    assert sample.embed(iter(TEXTS), weights="sif").tobytes() == found.tobytes()
    # Words without a vector and empty texts change nothing.
    longer = sample.embed([*(f"{text} qqzz" for text in TEXTS), ""], weights="sif")
    np.testing.assert_allclose(longer[:-1], found, 1e-5, 1e-7)
    assert not longer[-1].any()


@pytest.mark.parametrize("texts", [[], [""], ["qqzz", ""]])
def test_sif_of_nothing_is_zero(sample: Vectors, texts: list[str]) -> None:
    """Without a known word there is no component, and nothing to remove."""
    found = sample.embed(texts, weights="sif")
    assert found.shape == (len(texts), 50)
    assert not found.any()


@pytest.mark.parametrize("weight", [1e-100, 1e-50, 1e50, 1e100])
@pytest.mark.parametrize("pooling", ["mean", "sqrtn"])
def test_the_size_of_weights_does_not_matter(
    sample: Vectors, pooling: Pooling, weight: float
) -> None:
    """The smallest and the largest that are allowed lose no digit."""
    plain = sample.embed(["the film"], pooling)
    weighted = sample.embed(["the film"], pooling, {"the": weight, "film": weight})
    np.testing.assert_allclose(weighted, plain, rtol=1e-7)


@pytest.mark.parametrize(
    "texts",
    [["a film"], ["", "a film", "qqzz"], ["a film"] * 3, ["film a", "a film"]],
)
def test_sif_of_one_text_is_refused(sample: Vectors, texts: list[str]) -> None:
    """All of it would be removed but for rounding errors; the error says what to do."""
    with pytest.raises(ValueError, match=r"more than one text .* fit a .*TextEmbedder"):
        sample.embed(texts, weights="sif")


def test_sif_in_one_dimension_is_refused() -> None:
    """There, nothing is left of any text."""
    words = ["a", "b", "c"]
    vectors = glove_registry.from_arrays(words, [[1.0], [2.0], [-3.0]], name="one")
    with pytest.raises(ValueError, match="more than one text"):
        vectors.embed(words, weights="sif")


def test_what_is_left_of_a_text_may_be_too_large() -> None:
    """Without what it has in common, a number may be larger than it was before."""
    embedded = np.array([[3.4e38, 3.4e38], [3.4e38, -3e38]], np.float32)
    with pytest.raises(ValueError, match="too large for float32"):
        remove_component(embedded, find_component(embedded))


def test_sif_of_many_texts_goes_through_them_in_steps(
    sample: Vectors, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The component is that of all texts, however many are converted at a time."""
    whole = sample.embed(TEXTS * 3, weights="sif")
    monkeypatch.setattr("glove_registry.text.component._STEP", 5)
    np.testing.assert_allclose(sample.embed(TEXTS * 3, weights="sif"), whole, atol=1e-6)


@pytest.mark.parametrize(
    ("weights", "error", "sentence"),
    [
        ("tfidf", ValueError, "weights='tfidf': expected 'sif', a mapping"),
        (5, TypeError, "weights=5: expected a mapping .* found int"),
        ([("film", 1)], TypeError, "expected a mapping .* found list"),
        (np.ones(3), TypeError, "expected a mapping .* found ndarray"),
        (pd.DataFrame({"film": [1]}), TypeError, "expected a mapping .* DataFrame"),
        (pd.Series([1, 2], ["film", "film"]), ValueError, "1 words more than once"),
        (TfidfVectorizer, TypeError, "found the class TfidfVectorizer"),
        (TfidfVectorizer(), ValueError, "TfidfVectorizer is not fitted yet; call"),
        (TfidfVectorizer(vocabulary=["a"]), ValueError, "is not fitted yet"),
        (
            CountVectorizer(),
            TypeError,
            "expected a fitted TfidfVectorizer, found Count",
        ),
        (HashingVectorizer(), TypeError, "expected a fitted TfidfVectorizer, found H"),
        (TfidfTransformer(), TypeError, "expected a fitted TfidfVectorizer, found Tf"),
        (TfidfVectorizer(use_idf=False).fit(TEXTS), ValueError, "use_idf=False"),
        (TfidfVectorizer(analyzer="char").fit(TEXTS), ValueError, "analyzer='char'"),
        ({"film": -1}, ValueError, r"weights\['film'\] is -1: expected 0, or"),
        ({"film": float("nan")}, ValueError, r"weights\['film'\] is nan"),
        ({"film": float("inf")}, ValueError, r"weights\['film'\] is inf"),
        ({"film": "2"}, ValueError, r"weights\['film'\] is '2'"),
        ({"film": None}, ValueError, r"weights\['film'\] is None"),
        ({"film": 10**400}, ValueError, r"weights\['film'\] is 1000"),
        # Their squares would be 0, and infinite.
        ({"film": 1e-200}, ValueError, r"weights\['film'\] is 1e-200"),
        ({"film": 1e200}, ValueError, r"weights\['film'\] is 1e\+200"),
        (defaultdict(lambda: -1), ValueError, r"weights\['the'\] is -1"),
    ],
)
def test_what_weighs_nothing_is_refused(
    sample: Vectors, weights: Any, error: type[Exception], sentence: str
) -> None:
    """The error says what was found and what can be passed."""
    with pytest.raises(error, match=sentence):
        sample.embed(["the film"], weights=weights)


def test_weights_that_float32_cannot_hold_are_told(tmp_path: Path) -> None:
    """A sum that becomes infinite is an error, though the weights are finite."""
    (tmp_path / "two.txt").write_text("a 1 2\nb 3 4\n")
    vectors = glove_registry.open_file(tmp_path / "two.txt")
    with pytest.raises(ValueError, match="too large for float32; check the numbers"):
        vectors.embed(["a b"], "sum", {"a": 1e39, "b": 1})


def test_learned_weights_are_those_of_vectors() -> None:
    """A word has the weight of the token that it is found as, whatever its spelling."""
    numbers = np.eye(4, dtype=np.float32)
    words = ["film", "Film", "king", "of"]
    vectors = glove_registry.from_arrays(words, numbers, name="own")
    texts = ["film king", "film", "KING film", "of"]
    embedder = TextEmbedder(vectors, weights="tfidf", pooling="sum").fit(texts)

    def weigh(count: int) -> float:
        return math.log((1 + len(texts)) / (1 + count)) + 1

    # "FILM" has no row, and is found as "film"; "Film" has one, and is in no text.
    for again in (embedder, pickle.loads(pickle.dumps(embedder))):
        found = again.transform(["film", "Film", "FILM", "King", "of"])
        expected = np.zeros((5, 4))
        expected[0, 0] = expected[2, 0] = weigh(3)
        expected[1, 1] = weigh(0)
        expected[3, 2] = weigh(2)
        expected[4, 3] = weigh(1)
        np.testing.assert_allclose(found, expected, rtol=1e-6)
    assert {*embedder.weights_} == {"film", "king", "of"}


def test_learned_weights_of_composed_words(tmp_path: Path) -> None:
    """A word without a row is counted as itself, in whatever block of texts it is."""
    rows = np.random.default_rng(0).normal(size=(1 + 20, 5)).tolist()
    matrix = write_matrix(rows)
    model = write_model([b"film"], matrix, 5, lengths=(3, 3), buckets=20)
    (tmp_path / "m.bin").write_bytes(model)
    vectors = glove_registry.open_file(tmp_path / "m.bin")
    texts = ["flim film", "flim flim", "film", "xyz flim", "x"]
    with mock.patch.object(frequencies, "_WORDS", 2):
        embedder = TextEmbedder(vectors, weights="tfidf", pooling="sum").fit(texts)
    weights = embedder.weights_
    for word, count in (("flim", 3), ("film", 2), ("xyz", 1)):
        assert weights[word] == pytest.approx(math.log(6 / (1 + count)) + 1)
    (found,) = embedder.transform(["Flim flim unseen"])
    expected = (
        vectors["Flim"] * (math.log(6) + 1)
        + vectors["flim"] * weights["flim"]
        + vectors["unseen"] * (math.log(6) + 1)
    )
    np.testing.assert_allclose(found, expected, rtol=1e-5)
