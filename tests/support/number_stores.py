"""Stores of any type of numbers, from arrays."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glove_registry.formats import Block
from glove_registry.store import Store
from glove_registry.store.numbers import NumberType
from glove_registry.store.writer import publish_store, write_store

# Of every store; one of int8 has its scales, too.
FILES = ("vectors.npy", "tokens.txt", "token-offsets.npy", "index.npy")
PROVENANCE = {
    "name": "small",
    "revision": None,
    "sha256": "a" * 64,
    "bytes": 9,
    "license": "CC0-1.0",
    "citation": "@misc{small}",
}


def make_store(
    folder: Path,
    numbers: NDArray[np.float32],
    dtype: NumberType = "float32",
    words: list[str] | None = None,
) -> Store:
    """Write and open a store; without words, ``w0``, ``w1`` and so on."""
    words = words or [f"w{i}" for i in range(len(numbers))]
    block = Block([word.encode() for word in words], numbers)
    manifest = write_store(folder / "new", [block], dtype)
    manifest = manifest._replace(provenance=PROVENANCE)
    return Store.open(publish_store(folder / "new", manifest, [folder / dtype]))


def read_plainly(store: Store) -> NDArray[np.float32]:
    """Return all vectors by numpy alone, as the layout of a store documents them."""
    numbers: NDArray[Any] = np.load(store.folder / "vectors.npy", allow_pickle=False)
    if store.manifest.dtype == "int8":
        scales = np.load(store.folder / "scales.npy", allow_pickle=False)
        return np.stack([row * s for row, s in zip(numbers, scales, strict=True)])
    return np.array([[float(x) for x in row] for row in numbers], np.float32)
