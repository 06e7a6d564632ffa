"""From the vectors of a text's words to one vector."""

from collections.abc import Sequence
from typing import Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from ..lookup.case import Case, match_words
from ..lookup.rows import Rows

Pooling: TypeAlias = Literal["mean", "sum", "sqrtn", "max"]
POOLINGS: tuple[Pooling, ...] = get_args(Pooling)


def check_pooling(pooling: object) -> None:
    """Raise `ValueError` if `pooling` is not one of `POOLINGS`."""
    if pooling not in POOLINGS:
        raise ValueError(f"pooling={pooling!r}: expected one of {', '.join(POOLINGS)}")


def pool_words(
    vectors: Rows,
    words: Sequence[str],
    *,
    pooling: Pooling = "mean",
    case: Case = "fallback",
) -> NDArray[np.float32]:
    """Return one vector for the words of a text.

    Parameters
    ----------
    vectors : Rows
    words : sequence of str
        Words without a vector are ignored: they are neither summed nor counted.
    pooling : {"mean", "sum", "sqrtn", "max"}
        The mean of the vectors, their sum, their sum divided by the square root of
        their number, or the maximum in each dimension.
    case : {"fallback", "exact"}

    Returns
    -------
    ndarray of shape (dimension,), float32
        Computed in float64. Zeros if no word has a vector.
    """
    matches = match_words(vectors, words, case)
    rows = matches.rows[matches.found]
    if not len(rows):
        return np.zeros(vectors.dimension, np.float32)
    found = vectors.take(rows).astype(np.float64)
    if pooling == "max":
        pooled = found.max(axis=0)
    else:
        divisors = {"sum": 1.0, "mean": len(rows), "sqrtn": len(rows) ** 0.5}
        pooled = found.sum(axis=0) / divisors[pooling]
    return np.asarray(pooled, np.float32)
