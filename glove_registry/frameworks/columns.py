"""Some rows as columns: what every dataset is made of."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..lookup.rows import Rows


def read_columns(rows: Rows, index: NDArray[np.int64]) -> dict[str, NDArray[Any]]:
    """Read some rows.

    Parameters
    ----------
    rows : Rows
    index : ndarray of shape (n,), int64
        Which ones, from 0 on, in any order.

    Returns
    -------
    dict
        ``"index"`` as given; ``"word"``, ndarray of shape (n,) of the bytes of each
        token; ``"vector"``, ndarray of shape (n, dimension), float32, a copy.
    """
    return {
        "index": index,
        # As objects: numpy's own type for bytes would lose a NUL at a token's end.
        "word": np.array(rows.tokens.read_bytes(index), object),
        "vector": np.asarray(rows.stored[index]),
    }
