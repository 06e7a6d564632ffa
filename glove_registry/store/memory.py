"""Vectors that lie in no file: their rows are in memory, or made on demand."""

import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..cache.places import FORMAT_VERSION
from .derived import NoDerivedFile
from .index import Index, build_table, hash_tokens
from .layout import Manifest
from .matrix import check_row_numbers
from .reader import Tokens
from .tokens import TokenBytes

# Rows made at a time: all at once, they might be in memory twice.
_STEP = 1 << 12
# From here on, a pickle is large enough to be a surprise.
_LARGE_PICKLE = 100_000_000
# What provenance says of a file; None, if there is none.
_OF_A_FILE = (
    *("name", "revision", "sha256", "bytes", "format", "prefix", "warnings"),
    *("url", "url_sha256", "member", "registry", "license", "citation", "compiled_by"),
)


class MadeRows:
    """Rows that a function of their numbers makes, with the methods of `Matrix`."""

    def __init__(self, rows: int, dimension: int) -> None:
        self.shape = rows, dimension

    def make(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return some rows, whose numbers have been checked; a copy."""
        raise NotImplementedError

    def row(self, row: int) -> NDArray[np.float32]:
        """Return one row; a copy."""
        made: NDArray[np.float32] = self.make(np.array([row]))[0]
        return made

    def take(self, rows: ArrayLike) -> NDArray[np.float32]:
        """Return some rows as `Matrix.take` does."""
        return self.make(check_row_numbers(rows, self.shape[0]))

    def fill(
        self, target: NDArray[Any], places: NDArray[np.int64], rows: ArrayLike
    ) -> None:
        """Write some rows as `Matrix.fill` does."""
        numbers = check_row_numbers(rows, self.shape[0])
        for start in range(0, len(numbers), _STEP):
            part = slice(start, start + _STEP)
            target[places[part]] = self.make(numbers[part])

    def blocks(self, step: int) -> Iterator[tuple[int, NDArray[np.float32]]]:
        """Yield all rows in order as `Matrix.blocks` does."""
        count = self.shape[0]
        for start in range(0, count, step):
            block = self.make(np.arange(start, min(start + step, count)))
            block.flags.writeable = False
            yield start, block

    def map_privately(self) -> NDArray[np.float32]:
        """Return all rows as `Matrix.map_privately` does: an array in memory."""
        whole = np.empty(self.shape, np.float32)
        every = np.arange(self.shape[0])
        self.fill(whole, every, every)
        whole.flags.writeable = False
        return whole


class ArrayRows(MadeRows):
    """The rows of an array in memory."""

    def __init__(self, numbers: NDArray[np.float32]) -> None:
        super().__init__(*numbers.shape)
        self.numbers = numbers

    def make(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return some rows; a copy."""
        return self.numbers[rows]

    def blocks(self, step: int) -> Iterator[tuple[int, NDArray[np.float32]]]:
        """Yield all rows in order: the memory itself, read-only."""
        for start in range(0, len(self.numbers), step):
            block = self.numbers[start : start + step]
            block.flags.writeable = False
            yield start, block


class Composes(Protocol):
    """What `Rows` need of n-grams."""

    def make(
        self, words: Sequence[bytes]
    ) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Return the vectors of words as `Subwords.make` does."""


class MadeStore:
    """What `Rows` need of a store: tokens, their index, and vectors that are made."""

    subwords: Composes | None = None

    def __init__(
        self,
        tokens: Sequence[bytes],
        vectors: MadeRows,
        provenance: Mapping[str, Any],
    ) -> None:
        text = TokenBytes.join(tokens)
        table = build_table(hash_tokens(tokens), text)
        self.index = Index(table, text)
        self.tokens = Tokens(text, self.index)
        self.vectors = vectors
        self.manifest = Manifest(
            format_version=FORMAT_VERSION,
            rows=len(tokens),
            dimension=vectors.shape[1],
            distinct=len(table) // 2,
            dtype="float32",
            provenance={**dict.fromkeys(_OF_A_FILE), **provenance},
            files={},
        )

    def locate_derived(self, name: str) -> NoDerivedFile:
        """Return a file that is never kept."""
        return NoDerivedFile()

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        # It never changes. Copies of an estimator would be warned about as pickles.
        return self


class MemoryStore(MadeStore):
    """Words and vectors in memory, which a pickle holds."""

    def __init__(
        self,
        tokens: Sequence[bytes],
        numbers: NDArray[np.float32],
        provenance: Mapping[str, Any],
    ) -> None:
        super().__init__(tokens, ArrayRows(numbers), provenance)
        self._arguments = tokens, numbers, provenance

    def __reduce__(self) -> tuple[Any, ...]:
        size = self._arguments[1].nbytes
        if size > _LARGE_PICKLE:
            warnings.warn(
                f"pickling {size / 1e6:,.0f} MB of vectors that are in memory alone: "
                "export() them and open_file() the file, whose pickles are its path",
                stacklevel=2,
            )
        return type(self), self._arguments
