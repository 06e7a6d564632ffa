"""What the vectors of texts have in common, found and removed."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

# Rows converted to float64 at a time.
_STEP = 1 << 12


def find_component(embedded: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the first principal component of the vectors of texts.

    It is the direction in which they are largest: their first singular vector. As in
    the paper of `Vectors.embed`, their mean is not subtracted before.

    Parameters
    ----------
    embedded : ndarray of shape (n_texts, dimension), float32

    Returns
    -------
    ndarray of shape (dimension,), float64
        Of length 1; zeros if there are only vectors of zeros.

    Raises
    ------
    ValueError
        Only one text has a word with a vector, so that nothing would be left of it.
    """
    if np.count_nonzero(embedded.any(axis=1)) == 1:
        raise ValueError(
            "weights='sif' removes from texts what they have in common, which needs "
            "more than one text with a known word; fit a glove_registry.TextEmbedder "
            "with many texts, which then embeds single ones"
        )
    products = np.zeros((embedded.shape[1], embedded.shape[1]))
    for _, block in _divide(embedded):
        products += block.T @ block
    if not products.any():
        return np.zeros(embedded.shape[1])
    # Ordered by their eigenvalues, the largest of which comes last.
    component: NDArray[np.float64] = np.linalg.eigh(products)[1][:, -1]
    return component


def remove_component(
    embedded: NDArray[np.float32], component: NDArray[np.float64]
) -> None:
    """Subtract from vectors, in place, their projection on a direction of length 1."""
    for rows, block in _divide(embedded):
        embedded[rows] = block - np.outer(block @ component, component)


def _divide(
    embedded: NDArray[np.float32],
) -> Iterator[tuple[slice, NDArray[np.float64]]]:
    for start in range(0, len(embedded), _STEP):
        rows = slice(start, start + _STEP)
        yield rows, embedded[rows].astype(np.float64)
