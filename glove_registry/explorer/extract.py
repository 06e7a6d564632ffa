"""What a page holds of a release: its first words, with numbers of 8 bits."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..analysis.directions import check_rows, normalize
from ..analysis.terms import check_count
from ..lookup.rows import Rows
from ..store.numbers import encode_numbers

# Rows in memory as floats at a time.
_STEP = 1 << 12
# Words whose cosines with all others are compared with the exact ones.
_MEASURED = 1_000


@dataclass(frozen=True, eq=False)
class Extract:
    """The first words of a release and their vectors.

    Attributes
    ----------
    rows : Rows
        The release.
    words : list of str
        Each token once.
    numbers : ndarray of shape (n_words, dimension), int8
        Multiples of a number that differs from row to row. A cosine does not depend on
        it, so it is left out.
    error : float
        The largest difference of a cosine from the exact one, among those of up to
        1,000 words with all words.
    """

    rows: Rows
    words: list[str]
    numbers: NDArray[np.int8]
    error: float


def take_extract(rows: Rows, count: int) -> Extract:
    """Return the first rows of a release, or all if there are fewer.

    Rows that repeat an earlier token, which look-ups never return, are left out.

    Raises
    ------
    ValueError
        `rows` are no vectors, or have no words; or `count` is not a positive int.
    """
    check_rows(rows)
    count = check_count(count, "words")
    if not len(rows):
        raise ValueError(
            f"{rows.name} has n-grams and no words of its own: explore "
            "vectors.subset(words)"
        )
    is_kept = np.ones(min(count, len(rows)), np.bool_)
    repeated = rows.find_repeated()
    is_kept[repeated[repeated < len(is_kept)]] = False
    kept = np.flatnonzero(is_kept)
    numbers = np.empty((len(kept), rows.dimension), np.int8)
    for start in range(0, len(kept), _STEP):
        some = slice(start, start + _STEP)
        numbers[some], _ = encode_numbers(rows.take(kept[some]), "int8")
    words = [rows.tokens[row] for row in kept.tolist()]
    return Extract(rows, words, numbers, _measure_error(rows, kept, numbers))


def _measure_error(
    rows: Rows, kept: NDArray[np.int64], numbers: NDArray[np.int8]
) -> float:
    measured = np.linspace(0, len(kept) - 1, min(_MEASURED, len(kept))).astype(int)
    exact = _point(rows.take(kept[measured]))
    rounded = _point(numbers[measured])
    largest = 0.0
    for start in range(0, len(kept), _STEP):
        some = slice(start, start + _STEP)
        difference = exact @ _point(rows.take(kept[some])).T
        difference -= rounded @ _point(numbers[some]).T
        largest = max(largest, float(np.abs(difference, out=difference).max()))
    return largest


def _point(vectors: NDArray[np.float32] | NDArray[np.int8]) -> NDArray[np.float32]:
    # The rounding errors of float32 are far below those of 8 bits.
    return normalize(vectors.astype(np.float32)).astype(np.float32)
