"""Open a store: check its files and map them."""

import operator
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, SupportsIndex, overload

import numpy as np
from numpy.typing import NDArray

from ..cache.files import NotRegularError
from ..errors import CacheError
from ..messages.printable import quote
from .index import MISS, Index
from .layout import INDEX, VECTORS, DamagedStoreError, Manifest
from .matrix import Matrix
from .tokens import TokenBytes, decode_token, encode_word

if TYPE_CHECKING:
    from .derived import DerivedFile
    from .subwords import Subwords


class Store:
    """A published store, mapped from disk.

    Attributes
    ----------
    folder : Path
    manifest : Manifest
    vectors : Matrix
    tokens : Tokens
    index : Index
    subwords : Subwords or None
        None if only words have vectors.
    """

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        self.folder, self.manifest = folder, manifest
        # All that a look-up reads is hashed, in a few milliseconds: a flipped bit would
        # hide a word.
        tokens = TokenBytes.map(folder, manifest)
        self.index = Index(manifest.map_unchanged(folder, INDEX), tokens)
        self.tokens = Tokens(tokens, self.index)
        self.vectors = Matrix(folder, manifest)
        self.subwords: Subwords | None = None
        if (record := manifest.ngrams) is not None:
            from . import subwords  # not needed for most releases

            self.subwords = subwords.Subwords.open(folder, manifest, record)

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
            return cls(folder, manifest)
        except (FileNotFoundError, NotRegularError, ValueError) as error:
            # Removed since the manifest was read, or changed at the same size.
            raise DamagedStoreError(f"{folder} is damaged: {error}") from error

    def locate_derived(self, name: str) -> "DerivedFile":
        """Return where a file is kept that can be made again from the vectors."""
        from .derived import DerivedFile

        vectors = self.manifest.files[VECTORS].sha256
        return DerivedFile(self.folder, vectors, name)

    def __reduce__(self) -> tuple[Any, ...]:
        # Another process maps the store itself; nothing is copied.
        return _reopen, (str(self.folder),)


def _reopen(folder: str) -> Store:
    try:
        return Store.open(Path(folder))
    except (DamagedStoreError, OSError) as error:
        raise CacheError(
            "pickled vectors are the path of their store, which cannot be opened "
            f"here ({error}): load them by name in this process instead"
        ) from error


class Tokens(Sequence[str]):
    """The tokens of a store in row order, read from disk as they are used."""

    def __init__(self, tokens: TokenBytes, index: Index) -> None:
        self._bytes = tokens
        self._index = index

    def __len__(self) -> int:
        return len(self._bytes)

    @overload
    def __getitem__(self, row: SupportsIndex) -> str: ...
    @overload
    def __getitem__(self, row: slice) -> list[str]: ...
    def __getitem__(self, row: SupportsIndex | slice) -> str | list[str]:
        if isinstance(row, slice):
            return [self[i] for i in range(*row.indices(len(self)))]
        try:
            if isinstance(row, (bool, np.bool_)):  # an index to older releases of numpy
                raise TypeError
            # A number of numpy would overflow at the end of its type.
            number = operator.index(row)
        except TypeError:
            raise TypeError(
                f"expected a row number or a slice, found {quote(row)}; "
                "vectors.row(word) returns the row of a word"
            ) from None
        if number < 0:
            number += len(self)
        if not 0 <= number < len(self):
            raise IndexError(f"row {row} of {len(self)}")
        return decode_token(self._bytes[number])

    def __contains__(self, word: object) -> bool:
        return isinstance(word, str) and self._index.find(encode_word(word)) != MISS

    def index(self, word: Any, start: int = 0, stop: int | None = None) -> int:
        """Return the first row of a word, at once if it is sought in all rows.

        Raises
        ------
        ValueError
            It is not among the tokens, or not from row `start` to before row `stop`.
        """
        if word in self:
            if (start, stop) == (0, None):
                return self._index.find(encode_word(word))
            # A repeated token has other rows, too.
            with suppress(ValueError):
                stop = len(self) if stop is None else stop
                return super().index(word, start, stop)
        raise ValueError(f"{word!r} is not among the tokens")

    def read_bytes(self, rows: NDArray[np.int64]) -> list[bytes]:
        """Return the tokens of some rows as bytes."""
        return self._bytes.take(np.asarray(rows, np.int64))

    def __iter__(self) -> Iterator[str]:
        # Pieces of a few MB are many times faster than single rows.
        step = 1 << 16
        for start in range(0, len(self), step):
            yield from decode_token(self._bytes.read(start, start + step)).split("\n")

    def __repr__(self) -> str:
        shown = ", ".join(repr(token) for token in self[:5])
        from ..messages.layout import format_count  # not needed to load vectors

        count = format_count(len(self), "token")
        return f"<{count}: {shown}{', ...' if len(self) > 5 else ''}>"
