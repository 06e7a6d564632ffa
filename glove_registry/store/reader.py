"""Open a store: check its files' sizes and map them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import overload

import numpy as np
from numpy.typing import NDArray

from ..cache.files import NotRegularError, open_regular
from .index import Index
from .layout import (
    INDEX,
    INDEX_ROWS,
    TOKEN_OFFSETS,
    TOKENS,
    DamagedStoreError,
    Manifest,
)
from .matrix import Matrix

# Bytes that are not UTF-8 become lone surrogates, and the same bytes again.
_ENCODING, _ERRORS = "utf-8", "surrogateescape"

_LINE_FEED = ord("\n")


@dataclass(frozen=True, slots=True)
class Store:
    """A published store, mapped from disk.

    Attributes
    ----------
    folder : Path
    manifest : Manifest
    vectors : Matrix
    tokens : Tokens
    index : Index
    """

    folder: Path
    manifest: Manifest
    vectors: Matrix
    tokens: "Tokens"
    index: Index

    @classmethod
    def open(cls, folder: Path) -> "Store":
        """Map a store's files.

        Raises
        ------
        DamagedStoreError
            The folder is not a complete store.
        OSError
            It cannot be read, so that its state is unknown.
        """
        # Reading a mapped file beyond its end kills the process: all sizes are checked
        # before any file is mapped.
        manifest = Manifest.read(folder)
        try:
            # The trie is used unchecked, and a flipped bit in it can kill the process.
            # It has a few MB, which are hashed in milliseconds.
            for name in (INDEX, INDEX_ROWS):
                if manifest.has_changed(folder, name):
                    raise DamagedStoreError(f"{folder / name} has changed")
            store = cls(
                folder=folder,
                manifest=manifest,
                vectors=Matrix(folder, manifest),
                tokens=Tokens(folder, manifest),
                index=Index(folder, manifest),
            )
        except (
            FileNotFoundError,
            NotRegularError,
            ValueError,
            RuntimeError,
        ) as error:
            # Removed since the manifest was read, or changed at the same size.
            raise DamagedStoreError(f"{folder} is damaged: {error}") from error
        return store


class Tokens(Sequence[str]):
    """The tokens of a store in row order, read from disk as they are used."""

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        self._offsets = manifest.map_array(folder, TOKEN_OFFSETS)
        with open_regular(folder / TOKENS) as file:
            self._text = np.memmap(file, np.uint8, "r")
        # Hashing both files would take longer than the rest of `load`. Their ends show
        # at once that a file was emptied or replaced.
        if (
            self._offsets[0] != 0
            or self._offsets[-1] != len(self._text)
            or self._text[-1] != _LINE_FEED
        ):
            raise DamagedStoreError(f"the tokens in {folder} are damaged")

    def __len__(self) -> int:
        return len(self._offsets) - 1

    @overload
    def __getitem__(self, row: int) -> str: ...
    @overload
    def __getitem__(self, row: slice) -> list[str]: ...
    def __getitem__(self, row: int | slice) -> str | list[str]:
        if isinstance(row, slice):
            return [self[i] for i in range(*row.indices(len(self)))]
        if row < 0:
            row += len(self)
        if not 0 <= row < len(self):
            raise IndexError(f"row {row} of {len(self)}")
        start, stop = self._offsets[row], self._offsets[row + 1] - 1
        return decode(self._text[start:stop].tobytes())

    def read_bytes(self, rows: NDArray[np.int64]) -> list[bytes]:
        """Return the tokens of some rows as bytes."""
        # Python's numbers and memoryview are many times faster here than numpy's.
        starts = self._offsets[rows].tolist()
        stops = (self._offsets[rows + 1] - 1).tolist()
        text = self._text.data
        return [bytes(text[i:j]) for i, j in zip(starts, stops, strict=True)]

    def __iter__(self) -> Iterator[str]:
        # Pieces of a few MB are many times faster than single rows.
        step = 1 << 16
        for start in range(0, len(self), step):
            stop = min(start + step, len(self))
            text = self._text[self._offsets[start] : self._offsets[stop]].tobytes()
            yield from decode(text[:-1]).split("\n")

    def __repr__(self) -> str:
        shown = ", ".join(repr(token) for token in self[:5])
        return f"<{len(self):,} tokens: {shown}{', ...' if len(self) > 5 else ''}>"


def encode(word: str) -> bytes:
    """Return a word as the bytes of a token."""
    try:
        return word.encode(_ENCODING, _ERRORS)
    except UnicodeEncodeError:
        # Half of a surrogate pair, which no file can hold; nor can a token hold this:
        return b"\n"


def encode_all(words: list[str]) -> list[bytes]:
    """Return words as the bytes of tokens."""
    try:
        # Fast, and right for all words that are valid UTF-8.
        return list(map(str.encode, words))
    except UnicodeEncodeError:
        return list(map(encode, words))


def decode(token: bytes) -> str:
    """Return the bytes of a token as a word."""
    return token.decode(_ENCODING, _ERRORS)
