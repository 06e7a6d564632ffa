"""The tokens of a store as bytes, and words as the bytes of tokens.

A token need not be valid UTF-8. A word has lone surrogates for the bytes that are not.
"""

import mmap
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .layout import TOKEN_OFFSETS, TOKENS, Manifest

_ENCODING, _ERRORS = "utf-8", "surrogateescape"


class TokenBytes:
    """Tokens as bytes: one text, each followed by a line feed, and where they begin."""

    def __init__(self, text: bytes | mmap.mmap, offsets: NDArray[np.int64]) -> None:
        self.text = text
        self.offsets = offsets
        self._bytes = np.frombuffer(text, np.uint8)
        # Python's numbers are many times faster than numpy's, one by one.
        self._starts = offsets.data

    @classmethod
    def map(cls, folder: Path, manifest: Manifest) -> "TokenBytes":
        """Map the tokens of a store; raise `DamagedStoreError` if they have changed."""
        with manifest.open_unchanged(folder, TOKENS) as file:
            # An empty file cannot be mapped.
            text: bytes | mmap.mmap = b""
            if manifest.rows:
                text = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        return cls(text, manifest.map_unchanged(folder, TOKEN_OFFSETS))

    @classmethod
    def join(cls, tokens: Sequence[bytes]) -> "TokenBytes":
        """Return some tokens in memory."""
        offsets = np.zeros(len(tokens) + 1, np.int64)
        np.cumsum(np.fromiter(map(len, tokens), np.int64) + 1, out=offsets[1:])
        return cls(b"\n".join([*tokens, b""]), offsets)

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, row: int) -> bytes:
        return self.text[self._starts[row] : self._starts[row + 1] - 1]

    def take(self, rows: NDArray[np.int64]) -> list[bytes]:
        """Return the tokens of some rows."""
        starts = self.offsets[rows].tolist()
        stops = (self.offsets[rows + 1] - 1).tolist()
        return [self.text[i:j] for i, j in zip(starts, stops, strict=True)]

    def read(self, start: int, stop: int) -> bytes:
        """Return consecutive tokens with line feeds between them."""
        stop = min(stop, len(self))
        return self.text[self._starts[start] : self._starts[stop] - 1]

    def equal(
        self,
        rows: NDArray[np.int64],
        others: "TokenBytes",
        other_rows: NDArray[np.int64],
    ) -> NDArray[np.bool_]:
        """Return whether tokens are equal to others, one by one.

        Parameters
        ----------
        rows : ndarray of shape (n,)
            Of the first token of each pair, here.
        others : TokenBytes
        other_rows : ndarray of shape (n,)
            Of the second token, in `others`.
        """
        starts, other_starts = self.offsets[rows], others.offsets[other_rows]
        lengths = self.offsets[rows + 1] - starts
        equal: NDArray[np.bool_]
        equal = lengths == others.offsets[other_rows + 1] - other_starts
        # All bytes of the pairs that are equally long, one pair after the other.
        lengths = lengths[equal]
        ends = np.cumsum(lengths)
        begins = ends - lengths
        steps = np.arange(lengths.sum())
        differ = (
            self._bytes[steps + np.repeat(starts[equal] - begins, lengths)]
            != others._bytes[steps + np.repeat(other_starts[equal] - begins, lengths)]
        )
        same = np.ones(len(lengths), np.bool_)
        same[np.searchsorted(ends, np.flatnonzero(differ), "right")] = False
        equal[equal] = same
        return equal


def encode_word(word: str) -> bytes:
    """Return a word as the bytes of a token."""
    try:
        return word.encode(_ENCODING, _ERRORS)
    except UnicodeEncodeError:
        # Half of a surrogate pair, which no file can hold; nor can a token hold this:
        return b"\n"


def encode_words(words: list[str]) -> list[bytes]:
    """Return words as the bytes of tokens."""
    try:
        # Fast, and right for all words that are valid UTF-8.
        return list(map(str.encode, words))
    except UnicodeEncodeError:
        return list(map(encode_word, words))


def decode_token(token: bytes) -> str:
    """Return the bytes of a token as a word."""
    return token.decode(_ENCODING, _ERRORS)
