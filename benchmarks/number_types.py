"""Compare the numbers of each type with those of float32, over all rows of a file.

    python benchmarks/number_types.py --text glove.6B.50d.txt

Errors are computed in float64. Pairs and words are drawn at random, the same for each
type.
"""

import argparse
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import numpy as np
from numpy.typing import NDArray

import glove_registry
from glove_registry.store.numbers import NumberType

PAIRS = 1_000_000
WORDS = 1_000
NEAREST = 10
# Rows at a time.
STEP = 1 << 14


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table: what one type makes of the vectors.

    Attributes
    ----------
    dtype : str
    megabytes : float
        Numbers and scales on disk.
    largest_error, mean_error : float
        Absolute, of single numbers.
    largest_turn, mean_turn : float
        1 - cosine of a vector and its original.
    largest_change, mean_change : float
        Absolute, of the cosine of two random words.
    same_nearest : float
        Share of the nearest words that stay among the nearest.
    """

    dtype: str
    megabytes: float
    largest_error: float
    mean_error: float
    largest_turn: float
    mean_turn: float
    largest_change: float
    mean_change: float
    same_nearest: float


def compare(
    dtype: str,
    megabytes: float,
    original: NDArray[np.float32],
    found: NDArray[np.float32],
    seed: int = 0,
) -> Row:
    """Compare all rows with the originals."""
    random = np.random.default_rng(seed)
    count = len(original)
    largest_error = sum_of_errors = 0.0
    cosines = np.empty(count)
    for start in range(0, count, STEP):
        rows = slice(start, start + STEP)
        one, other = original[rows].astype(np.float64), found[rows].astype(np.float64)
        errors = np.abs(one - other)
        largest_error = max(largest_error, float(errors.max()))
        sum_of_errors += float(errors.sum())
        cosines[rows] = (normalize(one) * normalize(other)).sum(axis=1)
    pairs = random.integers(0, count, (2, PAIRS))
    changes = np.abs(find_cosines(original, pairs) - find_cosines(found, pairs))
    words = random.choice(count, min(WORDS, count), replace=False)
    before, after = find_nearest(original, words), find_nearest(found, words)
    same = [len({*a} & {*b}) for a, b in zip(before, after, strict=True)]
    return Row(
        dtype,
        megabytes,
        largest_error,
        sum_of_errors / original.size,
        float(1 - cosines.min()),
        float(1 - cosines.mean()),
        float(changes.max()),
        float(changes.mean()),
        sum(same) / (len(words) * NEAREST),
    )


def normalize(vectors: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return vectors of length 1; a row of zeros stays as it is."""
    lengths = np.linalg.norm(vectors.astype(np.float64), axis=1, keepdims=True)
    return np.asarray(vectors / np.where(lengths > 0, lengths, 1))


def find_cosines(
    vectors: NDArray[np.float32], pairs: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return the cosine of each pair of rows."""
    parts = [
        (normalize(vectors[ones]) * normalize(vectors[others])).sum(axis=1)
        for ones, others in (
            pairs[:, start : start + STEP] for start in range(0, pairs.shape[1], STEP)
        )
    ]
    return np.concatenate(parts)


def find_nearest(
    vectors: NDArray[np.float32], words: NDArray[np.int64]
) -> list[list[int]]:
    """Return the rows of the nearest words of each word, itself left out."""
    units = normalize(vectors).astype(np.float32)
    nearest = []
    for start in range(0, len(words), 50):
        some = words[start : start + 50]
        others = -(units[some] @ units.T)
        others[np.arange(len(some)), some] = 2  # no word is near to itself
        nearest += np.argpartition(others, NEAREST)[:, :NEAREST].tolist()
    return nearest


def write_table(rows: Sequence[Row]) -> str:
    """Return the table of the documentation, as Markdown."""
    lines = [
        "| `dtype` | on disk | error of a number | 1 - cosine to the original | change "
        "of the cosine of two words | same ten nearest |",
        "|---|---|---|---|---|---|",
    ]
    for row in rows:
        pairs = (
            (row.mean_error, row.largest_error),
            (row.mean_turn, row.largest_turn),
            (row.mean_change, row.largest_change),
        )
        shown = " | ".join(f"{mean:.1g}, at most {most:.1g}" for mean, most in pairs)
        if row.dtype == "float32":
            shown = "0 | 0 | 0"
        lines.append(
            f"| `{row.dtype}` | {row.megabytes:,.0f} MB | {shown} "
            f"| {row.same_nearest:.2%} |"
        )
    return "\n".join(lines)


def find_megabytes(vectors: glove_registry.Vectors) -> float:
    """Return the size of numbers and scales on disk."""
    size = np.dtype(vectors.provenance["dtype"]).itemsize * vectors.dimension
    scale = 4 if vectors.provenance["dtype"] == "int8" else 0
    return len(vectors) * (size + scale) / 1e6


def main(arguments: Sequence[str] | None = None) -> None:
    """Compile a text with each type, compare, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--text", required=True, type=Path, help="a file of vectors")
    options = parser.parse_args(arguments)
    table = []
    with tempfile.TemporaryDirectory() as folder:
        original = glove_registry.open_file(options.text, cache_dir=folder).matrix
        for dtype in get_args(NumberType):
            vectors = glove_registry.open_file(
                options.text, cache_dir=folder, dtype=dtype
            )
            matrix = vectors.matrix
            found = compare(dtype, find_megabytes(vectors), original, matrix)
            table.append(found)
    print(write_table(table))


if __name__ == "__main__":
    main()
