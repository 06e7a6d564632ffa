"""`TextEmbedder` does in scikit-learn what `Vectors.embed` does by itself."""

import pickle
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from entries import sha256, write_registry
from plain_rows import SAMPLE
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import TruncatedSVD
from sklearn.exceptions import NotFittedError, SkipTestWarning
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline, make_union
from sklearn.utils import estimator_checks
from texts_by_hand import POOLINGS, Pooling

import glove_registry
from glove_registry import TextEmbedder, Vectors
from glove_registry.errors import ChecksumError, TextError, UnknownVariantError

TEXTS = [
    "the film was good and the king was in it",
    "a good king saw a film in paris",
    "the weather in paris was bad",
    "they saw the king and the queen",
]
LABELS = [1, 1, 0, 0]
WEIGHTS: list[Any] = [None, "tfidf", "sif", {"king": 2, "film": 1}, TfidfVectorizer()]

# The checks that need no numbers to fit with.
CHECKS = [
    estimator_checks.check_do_not_raise_errors_in_init_or_set_params,
    estimator_checks.check_estimator_cloneable,
    estimator_checks.check_estimator_repr,
    estimator_checks.check_estimator_tags_renamed,
    estimator_checks.check_get_feature_names_out_error,
    estimator_checks.check_get_params_invariance,
    estimator_checks.check_mixin_order,
    estimator_checks.check_no_attributes_set_in_init,
    estimator_checks.check_parameters_default_constructible,
    estimator_checks.check_set_params,
    estimator_checks.check_valid_tag_types,
]


def test_scikit_learn_finds_nothing_amiss() -> None:
    """check_estimator passes; of an estimator for texts, it checks little."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SkipTestWarning)
        estimator_checks.check_estimator(TextEmbedder(SAMPLE))


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_checks_of_scikit_learn_pass(check: Callable[..., None]) -> None:
    """Each check that fits with no array of numbers passes when it is called itself."""
    check("TextEmbedder", TextEmbedder(SAMPLE, weights="tfidf"))


@pytest.mark.parametrize("pooling", POOLINGS)
@pytest.mark.parametrize("weights", WEIGHTS, ids=lambda w: type(w).__name__)
def test_vectors_are_those_of_embed(
    sample: Vectors, pooling: Pooling, weights: Any
) -> None:
    """On its training texts it agrees with embed, whichever weights are learned."""
    embedder = TextEmbedder(sample, pooling=pooling, weights=weights)
    found = embedder.fit_transform(TEXTS)
    if weights == "tfidf":
        analyzer = TfidfVectorizer(analyzer=str.split)
        weights = analyzer.fit(TEXTS)
    elif isinstance(weights, TfidfVectorizer):
        weights = clone(weights).fit(TEXTS)
    expected = sample.embed(TEXTS, pooling, weights)
    np.testing.assert_allclose(found, expected, 1e-6, 1e-7)
    assert found.dtype == np.float32
    # Any text has the same vector alone as among others.
    for text, vector in zip(TEXTS, found, strict=True):
        alone = embedder.transform([text])[0]
        np.testing.assert_allclose(alone, vector, 1e-6, 1e-7)
    split = [text.split() for text in TEXTS]
    assert (embedder.transform(iter(split)) == embedder.transform(TEXTS)).all()


def test_words_that_no_training_text_has_weigh_most(sample: Vectors) -> None:
    """Their document frequency is 0; case makes no word another one."""
    embedder = TextEmbedder(sample, weights="tfidf").fit(["Film film", "FILM king"])
    assert embedder.weights_["film"] == 1
    assert embedder.weights_["king"] == pytest.approx(np.log(3 / 2) + 1)
    (found,) = embedder.transform(["Film queen"])
    weight = np.log(3) + 1
    expected = (sample["film"] + weight * sample["queen"]) / (1 + weight)
    np.testing.assert_allclose(found, expected, 1e-5, 1e-7)
    assert "queen" not in embedder.weights_


def test_the_removed_component_is_that_of_the_training_texts(sample: Vectors) -> None:
    """New texts lose what the training texts have in common, not what they have."""
    embedder = TextEmbedder(sample, weights="sif").fit(TEXTS)
    harmonic = np.log(len(sample)) + np.euler_gamma + 0.5 / len(sample)
    rows = []
    for text in [*TEXTS, "a film about a queen"]:
        words = sample.rows(text.split())
        factors = 1e-3 / (1e-3 + 1 / (words + 1) / harmonic)
        rows.append(factors @ sample.take(words) / len(words))
    svd = TruncatedSVD(1, algorithm="arpack").fit(np.array(rows[:-1]))
    (component,) = svd.components_
    expected = rows[-1] - rows[-1] @ component * component
    (found,) = embedder.transform(["a film about a queen"])
    np.testing.assert_allclose(found, expected, 1e-4, 1e-6)
    assert np.linalg.norm(embedder.component_) == pytest.approx(1)


def test_an_iterator_is_read_once_by_fit_transform(sample: Vectors) -> None:
    """No text is lost, although weights are learned before texts are embedded."""
    for weights in (None, "tfidf", "sif"):
        embedder = TextEmbedder(sample, weights=weights)
        found = embedder.fit_transform(iter(TEXTS))
        assert found.tobytes() == embedder.fit_transform(TEXTS).tobytes()
        assert len(found) == len(TEXTS)


@pytest.mark.parametrize("weights", WEIGHTS, ids=lambda w: type(w).__name__)
def test_a_pickle_is_small_and_embeds_alike(weights: Any) -> None:
    """It has the name and what was learned, but none of 500,000 numbers."""
    embedder = TextEmbedder(SAMPLE, weights=weights).fit(TEXTS)
    pickled = pickle.dumps(embedder)
    assert len(pickled) < 5000
    restored = pickle.loads(pickled)
    expected = embedder.transform(TEXTS)
    assert restored.transform(TEXTS).tobytes() == expected.tobytes()
    assert restored.get_feature_names_out()[-1] == "textembedder49"


def test_a_pickle_refuses_other_bytes_under_its_name(tmp_path: Path) -> None:
    """If the registry has another file by that name, the model would be wrong."""
    entries = []
    for number, text in enumerate([b"film 1 2\n", b"film 3 4\n"]):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "small.txt").write_bytes(text)
        url = (folder / "small.txt").as_uri()
        entries.append((folder, {"url": url, "sha256": sha256(text)}))
    first, second = (write_registry(f, "small", **entry) for f, entry in entries)
    embedder = TextEmbedder("small", registry=first).fit(["film"])
    restored = pickle.loads(pickle.dumps(embedder))
    assert restored.transform(["film"]).tolist() == [[1, 2]]
    restored = pickle.loads(pickle.dumps(embedder.set_params(registry=second)))
    with pytest.raises(ChecksumError):
        restored.transform(["film"])


def test_a_clone_has_the_parameters_and_has_learned_nothing(sample: Vectors) -> None:
    """Vectors are cloned with their parameters: the clone maps the same store."""
    for name in (SAMPLE, sample):
        embedder = TextEmbedder(name, pooling="max", weights="tfidf").fit(TEXTS)
        copied = clone(embedder)
        with pytest.raises(NotFittedError):
            copied.transform(TEXTS)
        with pytest.raises(NotFittedError):
            _ = copied.vectors_
        found = copied.fit(TEXTS).transform(TEXTS)
        assert found.tobytes() == embedder.transform(TEXTS).tobytes()


def test_results_can_be_data_frames(sample: Vectors) -> None:
    """Columns have names of their own."""
    embedder = TextEmbedder(sample).set_output(transform="pandas")
    frame = embedder.fit_transform(pd.Series(TEXTS))
    assert list(frame.columns) == [f"textembedder{i}" for i in range(50)]
    assert (frame.to_numpy() == sample.embed(TEXTS)).all()


def test_it_is_a_step_among_others(sample: Vectors) -> None:
    """Pipelines, unions and columns accept it where they accept a TfidfVectorizer."""
    model = make_pipeline(
        make_union(TextEmbedder(sample), TfidfVectorizer()), LogisticRegression()
    )
    assert model.fit(TEXTS, LABELS).predict(TEXTS).tolist() == LABELS
    frame = pd.DataFrame({"text": TEXTS, "length": [1, 2, 3, 4]})
    columns = ColumnTransformer(
        [("embed", TextEmbedder(sample), "text"), ("keep", "passthrough", ["length"])]
    )
    made = columns.fit_transform(frame)
    assert (made[:, :50].astype(np.float32) == sample.embed(TEXTS)).all()
    assert columns.get_feature_names_out()[0] == "embed__textembedder0"
    with pytest.raises(TextError, match="choose one column"):
        TextEmbedder(sample).fit(frame[["text"]])


@pytest.mark.slow
def test_parameters_are_searched_in_several_processes() -> None:
    """Names, poolings and weights are chosen by cross-validation, as by hand."""
    model = make_pipeline(TextEmbedder(SAMPLE), LogisticRegression())
    grid = {
        "textembedder__pooling": ["mean", "max"],
        "textembedder__weights": [None, "tfidf", "sif"],
        "textembedder__name": [SAMPLE],
    }
    searches = [
        GridSearchCV(model, grid, cv=2, n_jobs=jobs).fit(TEXTS * 4, LABELS * 4)
        for jobs in (1, 2)
    ]
    scores = [search.cv_results_["mean_test_score"].tolist() for search in searches]
    assert scores[0] == scores[1]
    assert len(scores[0]) == 6


@pytest.mark.parametrize(
    ("parameters", "error", "sentence"),
    [
        ({"name": "no.such.name"}, UnknownVariantError, "no.such.name"),
        ({"pooling": "median"}, ValueError, "pooling='median': expected one of"),
        ({"case": "lower"}, ValueError, "case='lower': expected one of"),
        ({"weights": "idf"}, ValueError, "weights='idf': expected 'tfidf', 'sif', a"),
        ({"weights": 5}, TypeError, "weights=5: expected a mapping"),
        ({"weights": TfidfVectorizer}, TypeError, "found the class TfidfVectorizer"),
        (
            {"weights": LogisticRegression()},
            TypeError,
            "found LogisticRegression, which",
        ),
        ({"dtype": "float8"}, ValueError, "float8"),
    ],
)
def test_wrong_parameters_are_refused_by_fit(
    parameters: dict[str, Any], error: type[Exception], sentence: str
) -> None:
    """Nothing is checked before, so that set_params works in any order."""
    embedder = TextEmbedder(SAMPLE).set_params(**parameters)
    with pytest.raises(error, match=sentence):
        embedder.fit(TEXTS)


def test_options_of_load_need_a_name(sample: Vectors) -> None:
    """Vectors are loaded already, so that a checksum would be ignored."""
    embedder = TextEmbedder(sample, sha256="0" * 64, offline=True)
    with pytest.raises(TypeError, match="sha256, offline: cannot be used with Vectors"):
        embedder.fit(TEXTS)
    with pytest.raises(ChecksumError):
        TextEmbedder(SAMPLE, sha256="0" * 64).fit(TEXTS)


def test_a_single_text_is_refused_by_fit_too(sample: Vectors) -> None:
    """Without weights fit reads no texts, but says what is none."""
    with pytest.raises(TextError, match="found one str: write"):
        TextEmbedder(sample).fit("a film")


def test_without_scikit_learn_the_error_says_what_to_install() -> None:
    """The package imports all of its other names where scikit-learn is missing."""
    code = (
        "import sys; sys.modules['sklearn'] = None\n"
        "from glove_registry import *\n"
        "import glove_registry\n"
        "try:\n    glove_registry.TextEmbedder\n"
        "except ImportError as error:\n    print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert "pip install 'glove_registry[sklearn]'" in done.stdout
    assert glove_registry.TextEmbedder is TextEmbedder
