"""Where words are on the map: as scikit-learn and UMAP have it."""

import sys
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from sklearn.decomposition import PCA

from glove_registry import Vectors, from_arrays
from glove_registry.explorer.extract import take_extract
from glove_registry.explorer.projection import make_map


def test_the_plane_is_that_of_scikit_learn(sample: Vectors) -> None:
    """PCA of directions, except for sign, middle and scale; and its share of variance.

    There are more words than are read at a time.
    """
    numbers = take_extract(sample, 6_000).numbers
    found = make_map(numbers, "pca")
    wide = numbers.astype(float)
    model = PCA(2, svd_solver="full")
    expected = model.fit_transform(wide / np.linalg.norm(wide, axis=1)[:, None])
    # One scale for both axes.
    assert np.ptp(found.points) > 0
    ratio = np.ptp(found.points, axis=0) / np.ptp(expected, axis=0)
    assert ratio[0] == pytest.approx(ratio[1], rel=1e-4)
    for axis in range(2):
        correlation = np.corrcoef(found.points[:, axis], expected[:, axis])[0, 1]
        assert abs(correlation) > 1 - 1e-6
        weights = model.components_[axis]
        assert np.sign(correlation) == np.sign(weights[np.abs(weights).argmax()])
    assert found.variance == pytest.approx(model.explained_variance_ratio_.sum())
    assert found.projection == "pca"
    assert found.points.dtype == np.float32


def test_nearly_all_words_are_in_view(sample: Vectors) -> None:
    """Half the words are at each side of the middle, one of 200 beyond the circle."""
    points = make_map(take_extract(sample, 2_000).numbers, "pca").points
    assert np.abs(np.median(points, axis=0)).max() < 1e-6
    assert (np.hypot(*points.T) > 1).sum() == pytest.approx(10, abs=1)


@pytest.mark.parametrize(
    ("rows", "variance"),
    [([[5, -3]], None), ([[1, 2], [1, 2]], None), ([[1], [-1], [2]], 1), ([[0]], None)],
    ids=("one word", "the same twice", "one dimension", "zeros"),
)
def test_few_words_have_a_place(rows: list[list[int]], variance: float | None) -> None:
    """However few there are, or alike, each word has finite numbers."""
    found = make_map(np.array(rows, np.int8), "pca")
    assert found.points.shape == (len(rows), 2)
    assert np.isfinite(found.points).all()
    assert found.variance == (variance and pytest.approx(variance))


def test_mistakes_are_errors(sample: Vectors, monkeypatch: pytest.MonkeyPatch) -> None:
    """An unknown projection is refused, and UMAP if it is not installed."""
    with pytest.raises(ValueError, match="projection='tsne': expected one of pca, um"):
        sample.explore(projection="tsne")  # type: ignore[arg-type]
    monkeypatch.setitem(sys.modules, "umap", None)
    with pytest.raises(ImportError, match="install umap-learn, or use 'pca'"):
        sample.explore(words=100, projection="umap")
    assert '"projection": "pca"' in sample.explore(words=100).html


def test_what_umap_is_given(sample: Vectors, monkeypatch: pytest.MonkeyPatch) -> None:
    """Directions, with a seed; its points are the map. Few words have PCA.

    A stand-in for umap-learn, which no extra brings; the real one is below.
    """
    given: list[Any] = []

    class Stub:
        def __init__(self, **options: Any) -> None:
            given.append(options)

        def fit_transform(self, directions: np.ndarray) -> np.ndarray:
            given.append(directions)
            return 40 + 7 * directions[:, :2]

    module = ModuleType("umap")
    module.__spec__ = ModuleSpec("umap", None)
    module.UMAP = Stub  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "umap", module)

    numbers = take_extract(sample, 500).numbers
    found = make_map(numbers)  # installed, and so the default
    assert (found.projection, found.variance) == ("umap", None)
    options, directions = given
    assert options == {"random_state": 0, "n_jobs": 1}
    wide = numbers.astype(float)
    wide /= np.linalg.norm(wide, axis=1)[:, None]
    assert directions.dtype == np.float32
    np.testing.assert_allclose(directions, wide, atol=1e-6)
    # Moved and scaled alike, they lie as UMAP has placed them.
    ratio = np.ptp(found.points, axis=0) / np.ptp(wide[:, :2], axis=0)
    assert ratio[0] == pytest.approx(ratio[1], rel=1e-4)
    for axis in range(2):
        assert np.corrcoef(found.points[:, axis], wide[:, axis])[0, 1] > 1 - 1e-6
    assert make_map(numbers[:31], "umap").projection == "pca"
    assert len(given) == 2


@pytest.mark.slow
def test_umap_keeps_neighbours_together() -> None:
    """Three clusters are three on the map, the same in every run."""
    pytest.importorskip("umap", reason="needs umap-learn, which no extra brings")
    rng = np.random.default_rng(7)
    matrix = np.repeat(np.eye(3, 8), 40, axis=0) + rng.normal(0, 0.05, (120, 8))
    words = [f"w{i}" for i in range(len(matrix))]
    vectors = from_arrays(words, matrix.astype(np.float32), name="clusters")
    numbers = take_extract(vectors, 1_000).numbers
    found = make_map(numbers)
    assert found.projection == "umap"
    assert found.variance is None
    distances = np.linalg.norm(found.points[:, None] - found.points, axis=-1)
    is_same = np.repeat(np.arange(3), 40)[:, None] == np.repeat(np.arange(3), 40)
    assert distances[is_same].mean() < distances[~is_same].min()
    np.testing.assert_array_equal(make_map(numbers, "umap").points, found.points)
    assert make_map(numbers[:31]).projection == "pca"
