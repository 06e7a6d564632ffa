"""What the vectors of texts have in common, found and removed."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from ..lookup.oov import refuse_overflow

# Of a vector's numbers, which are float32.
_ROUNDING = np.finfo(np.float32).eps
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
        All vectors have one direction, as that of a single text has, so that nothing
        but rounding errors would be left of them.
    """
    products = np.zeros((embedded.shape[1], embedded.shape[1]))
    for _, block in _divide(embedded):
        products += block.T @ block
    if not products.any():
        return np.zeros(embedded.shape[1])
    # Ordered by their squared lengths, the largest of which comes last.
    squares, components = np.linalg.eigh(products)
    if len(squares) < 2 or squares[-2] <= _ROUNDING**2 * squares[-1]:
        raise ValueError(
            "weights='sif' removes from texts what they have in common, which needs "
            "more than one text with a known word, and not the same one in all; fit a "
            "glove_registry.TextEmbedder with many texts, which then embeds single ones"
        )
    component: NDArray[np.float64] = components[:, -1]
    return component


def remove_component(
    embedded: NDArray[np.float32], component: NDArray[np.float64]
) -> None:
    """Subtract from vectors, in place, their projection on a direction of length 1."""
    for rows, block in _divide(embedded):
        with refuse_overflow(
            "weights='sif': the vector of a text is too large for float32"
        ):
            embedded[rows] = block - np.outer(block @ component, component)


def _divide(
    embedded: NDArray[np.float32],
) -> Iterator[tuple[slice, NDArray[np.float64]]]:
    for start in range(0, len(embedded), _STEP):
        rows = slice(start, start + _STEP)
        yield rows, embedded[rows].astype(np.float64)
