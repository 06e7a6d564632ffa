"""The vectors of a store: the one place that knows how their numbers lie on disk."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .layout import VECTORS, Manifest


class Matrix:
    """A mapped matrix of shape (rows, dimension), read as float32."""

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        self.shape = (manifest.rows, manifest.dimension)
        self._folder, self._manifest = folder, manifest
        self._mapped = manifest.map_array(folder, VECTORS)

    def take(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return some rows, in the order asked for.

        Returns
        -------
        ndarray of shape (len(rows), dimension), float32
            A copy.
        """
        return np.asarray(self._mapped[rows])

    def blocks(self, step: int) -> Iterator[tuple[int, NDArray[np.float32]]]:
        """Yield all rows in order, at most `step` at a time.

        Yields
        ------
        start : int
            Number of the first row.
        block : ndarray of shape (n, dimension), float32
            Read-only; it may be the mapped memory itself.
        """
        for start in range(0, len(self._mapped), step):
            yield start, np.asarray(self._mapped[start : start + step])

    def map_privately(self) -> NDArray[np.float32]:
        """Map the vectors again, privately, for code that may write to them.

        Returns
        -------
        memmap of shape (rows, dimension), float32, read-only
            Writing to it past numpy, as by a tensor over the same memory, changes
            neither the file nor what the other methods return. If the file cannot be
            mapped again, the memory of the first map.
        """
        try:
            mapped = self._manifest.map_array(self._folder, VECTORS, "c")
        except (OSError, ValueError):
            return self._mapped
        mapped.flags.writeable = False
        return mapped
