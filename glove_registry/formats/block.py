"""Blocks of rows, and the bounds that every reader keeps."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

# Bytes of text per block: large enough that most work is done in compiled loops, small
# enough that the memory of the few blocks in progress does not matter.
BLOCK_BYTES = 1 << 21

# Bounds on what an untrusted file can ask for, far beyond any real one: the widest
# embeddings in use have 12,288 numbers, and 16,384 of 30 characters make half a MiB.
MOST_NUMBERS = 1 << 14
LONGEST_LINE = 1 << 20
LONGEST_TOKEN = 1 << 16


class ByteStream(Protocol):
    """Anything that can be read from its beginning to its end."""

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes, and none at the end."""


@dataclass(frozen=True, slots=True)
class Block:
    """Consecutive rows of a file.

    Never changed later: a block is written while the next one is read.

    Attributes
    ----------
    tokens : list of bytes
        Exactly as in the file.
    values : ndarray of shape (len(tokens), dimension), float32
    """

    tokens: list[bytes]
    values: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Ngrams:
    """The n-grams of a file, which follow its rows of words.

    With these, the vector of a word is the mean of its row, if it has one, and of the
    rows of its n-grams.

    Attributes
    ----------
    shortest, longest : int
        Characters of an n-gram.
    buckets : int
        What the hash of an n-gram is divided by; the remainder is its bucket.
    count : int
        Number of their rows.
    kept : ndarray of shape (count, 2), int32, or None
        Buckets in ascending order and the row of each, if only some have one; None if
        each bucket has the row of its number.
    blocks : iterator of ndarray of shape (n, dimension), float32
        All rows, to be read once, after the blocks of words.
    hashes : int
        0: an n-gram has one bucket, by fastText's hash. From 1 to 4: it has so many, by
        floret's, and so has the word as a whole, which has no row of its own.
    """

    shortest: int
    longest: int
    buckets: int
    count: int
    kept: NDArray[np.int32] | None
    blocks: Iterator[NDArray[np.float32]]
    hashes: int


# What any file of this package's formats can hold as a word.
TOKEN_RULE = (
    "a word that is not empty, has no line feed and at most "
    f"{LONGEST_TOKEN:,} bytes of UTF-8"
)


def is_token(token: bytes) -> bool:
    """Return whether bytes are a word by `TOKEN_RULE`."""
    return bool(token) and len(token) <= LONGEST_TOKEN and b"\n" not in token


def show(line: bytes) -> str:
    """Return the beginning of a line as it is shown in an error."""
    text = line[:60].decode("utf-8", "backslashreplace")
    return repr(text + ("..." if len(line) > 60 else ""))
