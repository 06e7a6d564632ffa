"""Write large files of vectors quickly, in the binary format of word2vec."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

STEP = 1 << 14


def write_random(target: Path, rows: int, dimension: int) -> None:
    """Write vectors of normally distributed numbers."""
    generator = np.random.default_rng(840)

    def make_blocks() -> Iterator[Any]:
        for start in range(0, rows, STEP):
            count = min(STEP, rows - start)
            yield generator.standard_normal((count, dimension), dtype=np.float32)

    _write(target, rows, dimension, make_blocks())


def write_mixed(text: Path, target: Path, rows: int, dimension: int) -> None:
    """Write the first vectors of a text, mixed into more dimensions, with noise.

    The noise has a tenth of their power. Random vectors would have no neighbourhoods,
    which an approximate index searches.
    """
    with text.open(encoding="utf-8", newline="\n") as file:
        lines = (line.split(" ")[1:] for line in islice(file, rows))
        vectors = np.array([[*map(float, line)] for line in lines], np.float32)
    generator = np.random.default_rng(200)
    mixing = generator.standard_normal((vectors.shape[1], dimension), dtype=np.float32)
    mixed = vectors @ (mixing / np.sqrt(dimension))
    noise = generator.standard_normal(mixed.shape, dtype=np.float32)
    mixed += noise * np.sqrt(0.1 * np.square(mixed).mean(axis=1, keepdims=True))
    blocks = (mixed[i : i + STEP] for i in range(0, len(mixed), STEP))
    _write(target, len(mixed), dimension, blocks)


def _write(target: Path, rows: int, dimension: int, blocks: Iterator[Any]) -> None:
    kind = np.dtype([("token", "S9"), ("vector", "<f4", dimension)])
    with target.open("wb") as file:
        file.write(f"{rows} {dimension}\n".encode())
        start = 0
        for block in blocks:
            records = np.empty(len(block), kind)
            numbers = range(start, start + len(block))
            records["token"] = [b"w%07d " % number for number in numbers]
            records["vector"] = block
            file.write(records.tobytes())
            start += len(block)
