"""Numbers as text: the fewest digits that give the same float32 back."""

import numpy as np
from numpy.typing import NDArray


def format_rows(vectors: NDArray[np.float32], separator: str) -> list[bytes]:
    """Write each row as text.

    Parameters
    ----------
    vectors : ndarray of shape (n, dimension), float32
    separator : str

    Returns
    -------
    list of bytes
        n of them. ``float()`` of each number, rounded to float32, is the number.
    """
    # Arrow's compiled digits are the shortest ones, as those of numpy's repr, and come
    # several times faster; "%.9g" is as exact and writes 0.418 as 0.418000013.
    import pyarrow as pa
    import pyarrow.compute as pc

    n, dimension = vectors.shape
    digits = pc.cast(pa.array(np.ascontiguousarray(vectors).ravel()), pa.string())
    offsets = pa.array(np.arange(n + 1, dtype=np.int32) * dimension)
    lines = pc.binary_join(pa.ListArray.from_arrays(offsets, digits), separator)
    return [line.encode("ascii") for line in lines.to_pylist()]
