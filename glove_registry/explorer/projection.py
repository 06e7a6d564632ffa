"""Where each word is on the map: directions in two dimensions."""

from importlib.util import find_spec
from typing import Literal, NamedTuple, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from ..analysis.directions import normalize
from ..messages.printable import quote

Projection: TypeAlias = Literal["pca", "umap"]
PROJECTIONS: tuple[Projection, ...] = get_args(Projection)

# Directions in memory as floats at a time.
_STEP = 1 << 12
# UMAP finds the 15 nearest of each word, and begins with eigenvectors of that graph.
_FEWEST = 32
# Of the words, the share that is within a distance of 1 from the middle: without those
# far out, the others would be a blot.
_INSIDE = 0.995


class Map(NamedTuple):
    """Words as points.

    Attributes
    ----------
    points : ndarray of shape (n_words, 2), float32
        Around the middle of all, nearly all of them within a distance of 1.
    projection : {"pca", "umap"}
        How they were found.
    variance : float or None
        The share of the variance of the directions that they show, from 0 to 1; with
        PCA alone.
    """

    points: NDArray[np.float32]
    projection: Projection
    variance: float | None


def make_map(numbers: NDArray[np.int8], projection: Projection | None = None) -> Map:
    """Return where words are on the map, the same in every run.

    Parameters
    ----------
    numbers : ndarray of shape (n_words, dimension), int8
    projection : {"pca", "umap"}, optional
        By default UMAP if it is installed, and PCA otherwise. So few words that UMAP
        cannot place them have PCA, too.

    Raises
    ------
    ValueError
        There is no such projection.
    ImportError
        UMAP was asked for and is not installed.
    """
    projection = choose_projection(projection)
    if projection == "umap" and len(numbers) >= _FEWEST:
        return Map(_fit(_run_umap(numbers)), "umap", None)
    points, variance = _find_components(numbers)
    return Map(_fit(points), "pca", variance)


def choose_projection(projection: Projection | None) -> Projection:
    """Return a projection, or the default one; raise what `make_map` does."""
    if projection is None:
        return "umap" if find_spec("umap") else "pca"
    if projection not in PROJECTIONS:
        raise ValueError(
            f"projection={quote(projection)}: expected one of {', '.join(PROJECTIONS)}"
        )
    if projection == "umap" and not find_spec("umap"):
        raise ImportError(
            "the projection 'umap' needs UMAP: install umap-learn, or use 'pca'"
        )
    return projection


def _run_umap(numbers: NDArray[np.int8]) -> NDArray[np.floating]:
    from umap import UMAP  # type: ignore[import-not-found, unused-ignore]

    # Vectors of length 1 have the same neighbours by distance as by cosine.
    directions = normalize(numbers.astype(np.float32)).astype(np.float32)
    # A seed makes it the same in every run, on one core.
    points: NDArray[np.floating] = UMAP(random_state=0, n_jobs=1).fit_transform(
        directions
    )
    return points


def _find_components(
    numbers: NDArray[np.int8],
) -> tuple[NDArray[np.float64], float | None]:
    """Return the two principal components, and their share of the variance."""
    count, dimension = numbers.shape
    parts = [slice(start, start + _STEP) for start in range(0, count, _STEP)]
    total, products = np.zeros(dimension), np.zeros((dimension, dimension))
    for part in parts:
        directions = normalize(numbers[part].astype(np.float32))
        total += directions.sum(axis=0)
        products += directions.T @ directions
    mean = total / count
    variances, axes = np.linalg.eigh(products / count - np.outer(mean, mean))
    # The largest come last. A vector of one number has one component.
    plane = np.zeros((dimension, 2))
    plane[:, : min(dimension, 2)] = axes[:, ::-1][:, :2]
    # An axis has no direction by itself.
    largest = np.abs(plane).argmax(axis=0)
    plane *= np.where(plane[largest, [0, 1]] < 0, -1, 1)
    points = np.empty((count, 2))
    for part in parts:
        points[part] = normalize(numbers[part].astype(np.float32)) @ plane
    whole = variances.clip(0).sum()
    share = float(variances.clip(0)[-2:].sum() / whole) if whole > 0 else None
    return points, share


def _fit(points: NDArray[np.floating]) -> NDArray[np.float32]:
    """Return points around 0, nearly all within a distance of 1."""
    centred = points - np.median(points, axis=0)
    distance = np.quantile(np.hypot(*centred.T), _INSIDE)
    fitted: NDArray[np.float32]
    fitted = (centred / (distance if distance > 0 else 1)).astype(np.float32)
    return fitted
