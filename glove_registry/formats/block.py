"""What a reader hands on: some rows at a time, tokens beside numbers."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

# Text read at a time. Large enough that the work per block is in compiled loops,
# small enough that a few blocks under way are nothing beside the bars on memory.
BLOCK_BYTES = 1 << 21

# No line of a real file is longer; what has no line end until here is no text.
LONGEST_LINE = 32 * BLOCK_BYTES


class ByteStream(Protocol):
    """Anything that gives its bytes in order."""

    def read(self, size: int, /) -> bytes:
        """Give at most `size` bytes, and none at the end."""


@dataclass(frozen=True, slots=True)
class Block:
    """Consecutive rows of a file.

    Attributes
    ----------
    tokens : list of bytes
        As they stand in the file.
    values : ndarray of shape (len(tokens), dimension), float32
    """

    tokens: list[bytes]
    values: NDArray[np.float32]
