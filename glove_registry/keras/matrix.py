"""The matrix an embedding layer starts from."""

import warnings
from collections.abc import Iterable, Mapping
from typing import Protocol, SupportsIndex

import numpy as np
from numpy.typing import NDArray

from ..errors import VocabularyError
from .vocabulary import read_word_index

# Rows that no word uses cost memory all the same. Real vocabularies have a few (the
# padding, reserved specials); far more of them is a slip such as a hash for an index.
_MOST_ROWS_PER_WORD = 1000
_ALWAYS_ALLOWED = 10_000_000


class Rows(Protocol):
    """What a matrix is made from; `glove_registry.Vectors` are such."""

    @property
    def dimension(self) -> int:
        """Numbers in a row."""

    @property
    def matrix(self) -> NDArray[np.float32]:
        """All rows."""

    def rows(self, words: Iterable[str]) -> NDArray[np.int64]:
        """Give the row of each word, -1 for a miss."""


def embedding_matrix(
    vectors: Rows,
    word_index: Mapping[str, SupportsIndex],
    *,
    mask_zero: bool = False,
) -> NDArray[np.float32]:
    """Put the vector of each word at its index.

    Parameters
    ----------
    vectors : Rows
    word_index : mapping of str to int
    mask_zero : bool
        Whether index 0 is padding.

    Returns
    -------
    ndarray of shape (max index + 1, dimension), float32
        Zeros where there is no word, or the word has no vector.

    Raises
    ------
    VocabularyError
        No matrix can be made from `word_index`.
    """
    plain = read_word_index(word_index, mask_zero=mask_zero)
    size = max(plain.values()) + 1
    if size > max(_ALWAYS_ALLOWED, _MOST_ROWS_PER_WORD * len(plain)):
        raise VocabularyError(
            f"the largest index is {size - 1:,} for {len(plain):,} words: the layer "
            "would need a row for each index up to it; number the words from 1 on"
        )
    indices = np.fromiter(plain.values(), np.int64, len(plain))
    rows = vectors.rows(plain)
    found = rows >= 0
    if not found.any():
        lowered = (vectors.rows(word.lower() for word in plain) >= 0).any()
        warnings.warn(
            f"none of the {len(plain):,} words has a vector: the layer is all zeros"
            + (". These vectors are of lower-case words" * bool(lowered)),
            stacklevel=3,
        )
    matrix = np.zeros((size, vectors.dimension), np.float32)
    matrix[indices[found]] = vectors.matrix[rows[found]]
    return matrix
