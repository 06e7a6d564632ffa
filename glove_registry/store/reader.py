"""Open a store: check the sizes, map the files."""

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
    VECTORS,
    DamagedStoreError,
    Manifest,
    map_array,
    record_file,
)

# Bytes that are no UTF-8 come out as lone surrogates and go back in as they were.
_ENCODING, _ERRORS = "utf-8", "surrogateescape"

_LINE_FEED = ord("\n")


@dataclass(frozen=True, slots=True)
class Store:
    """A published store, mapped from disk.

    Attributes
    ----------
    folder : Path
    manifest : Manifest
    vectors : memmap of shape (rows, dimension), float32, read-only
    tokens : Tokens
    index : Index
    """

    folder: Path
    manifest: Manifest
    vectors: NDArray[np.float32]
    tokens: "Tokens"
    index: Index

    @classmethod
    def open(cls, folder: Path) -> "Store":
        """Map a store's files.

        Raises
        ------
        DamagedStoreError
            The folder is not a whole store; nothing of it is used.
        OSError
            It cannot be read, which says nothing of it.
        """
        # A file that is shorter than its header says kills the process that touches
        # the missing part, so that no file is mapped before all sizes are right.
        manifest = Manifest.read(folder)
        try:
            # The trie is followed without a look at what it says: a flipped bit in it
            # can kill the process. It is a few MB, and hashed in milliseconds.
            for name in (INDEX, INDEX_ROWS):
                if record_file(folder / name) != manifest.files[name]:
                    raise DamagedStoreError(f"{folder / name} has changed")
            store = cls(
                folder=folder,
                manifest=manifest,
                vectors=map_array(
                    folder / VECTORS, "<f4", (manifest.rows, manifest.dimension)
                ),
                tokens=Tokens(folder, manifest.rows),
                index=Index(folder, manifest.distinct),
            )
        except (
            FileNotFoundError,
            NotRegularError,
            ValueError,
            RuntimeError,
        ) as error:
            # Removed since its manifest was read, or garbled at the same size.
            raise DamagedStoreError(f"{folder} is damaged: {error}") from error
        return store

    def map_apart(self) -> NDArray[np.float32]:
        """Map the vectors once more, for code that may write to them all the same.

        Returns
        -------
        memmap of shape (rows, dimension), float32, read-only
            What is written there past numpy, as by a tensor over the same memory, stays
            there: in this process, neither on disk nor in `vectors`. Where the file
            cannot be mapped once more, `vectors`.
        """
        shape = (self.manifest.rows, self.manifest.dimension)
        try:
            mapped = map_array(self.folder / VECTORS, "<f4", shape, "c")
        except (OSError, ValueError):
            return self.vectors
        mapped.flags.writeable = False
        return mapped


class Tokens(Sequence[str]):
    """The tokens of a store in row order: a sequence that is read as it is used."""

    def __init__(self, folder: Path, rows: int) -> None:
        self._offsets = map_array(folder / TOKEN_OFFSETS, "<i8", (rows + 1,))
        with open_regular(folder / TOKENS) as file:
            self._text = np.memmap(file, np.uint8, "r")
        # Hashing both files would take longer than all else that `load` does. Their
        # ends tell at once of files that were emptied or that belong elsewhere.
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
        """Give the tokens of some rows as the bytes that the file has."""
        # Plain numbers and a plain view: many times faster than numpy's, row by row.
        starts = self._offsets[rows].tolist()
        stops = (self._offsets[rows + 1] - 1).tolist()
        text = self._text.data
        return [bytes(text[i:j]) for i, j in zip(starts, stops, strict=True)]

    def __iter__(self) -> Iterator[str]:
        # In pieces of a few MB: many times faster than row by row.
        step = 1 << 16
        for start in range(0, len(self), step):
            stop = min(start + step, len(self))
            text = self._text[self._offsets[start] : self._offsets[stop]].tobytes()
            yield from decode(text[:-1]).split("\n")

    def __contains__(self, token: object) -> bool:
        return any(token == known for known in self)

    def __repr__(self) -> str:
        shown = ", ".join(repr(token) for token in self[:5])
        return f"<{len(self):,} tokens: {shown}{', ...' if len(self) > 5 else ''}>"


def encode(word: str) -> bytes:
    """Turn a word into the bytes of a token."""
    try:
        return word.encode(_ENCODING, _ERRORS)
    except UnicodeEncodeError:
        # Half a character, which no file can hold. Nor can a token hold a line feed.
        return b"\n"


def encode_all(words: list[str]) -> list[bytes]:
    """Do as `encode` for many words at once."""
    try:
        # Almost always: no word has bytes that are no UTF-8, and no half characters.
        return list(map(str.encode, words))
    except UnicodeEncodeError:
        return list(map(encode, words))


def decode(token: bytes) -> str:
    """Turn the bytes of a token into a word."""
    return token.decode(_ENCODING, _ERRORS)
