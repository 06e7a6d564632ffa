"""Vectors in two dimensions."""

from collections.abc import Iterable
from typing import Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from ..lookup.case import Case
from ..lookup.compose import take_vectors
from ..lookup.rows import Rows, list_words
from ..messages.printable import quote
from .terms import find_words

Method: TypeAlias = Literal["pca"]
METHODS: tuple[Method, ...] = get_args(Method)


def project(
    rows: Rows,
    words: Iterable[str],
    method: Method = "pca",
    *,
    case: Case = "fallback",
) -> NDArray[np.float64]:
    """Return the vectors of some words in two dimensions.

    Parameters
    ----------
    rows : Vectors
    words : iterable of str
    method : {"pca"}
        Principal component analysis: the plane in which the words differ most.
    case : {"fallback", "exact"}
        As for `Vectors.to_keras_layer`.

    Returns
    -------
    ndarray of shape (n_words, 2), float64
        Centred, and the same in every run: along each axis, the dimension with the
        largest weight has a positive one. Distances are in units of the vectors.

    Raises
    ------
    UnknownWordError
        A word has no vector.
    ValueError
        There are no words, or no such method.

    Examples
    --------
    >>> import glove_registry
    >>> from glove_registry import analysis
    >>> vectors = glove_registry.load("glove.6B.50d-first10k")
    >>> analysis.project(vectors, ["france", "spain", "poetry"]).shape
    (3, 2)
    """
    if method not in METHODS:
        raise ValueError(
            f"method={quote(method)}: expected one of {', '.join(METHODS)}"
        )
    words = list_words(words)
    if not words:
        raise ValueError("words: expected at least one word, found none")
    found = find_words(rows, words, case)
    vectors = take_vectors(rows, *found).astype(np.float64)
    centred = vectors - vectors.mean(axis=0)
    _, lengths, axes = np.linalg.svd(centred, full_matrices=False)
    # Two words differ in one dimension only, and one word in none: what is measured in
    # others are rounding errors.
    rounding = lengths[0] * max(centred.shape) * np.finfo(float).eps
    axes = axes[:2][lengths[:2] > rounding]
    plane = np.zeros((2, rows.dimension))
    plane[: len(axes)] = axes
    largest = np.abs(plane).argmax(axis=1)
    plane *= np.where(plane[[0, 1], largest] < 0, -1, 1)[:, None]
    projected: NDArray[np.float64] = centred @ plane.T
    return projected
