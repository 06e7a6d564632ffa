"""From tokens to rows without a dictionary in memory: a trie, mapped from disk.

The trie (marisa) gives each distinct token a key; an array maps keys to rows. Tokens
are bytes, and need not be valid UTF-8.
"""

from collections.abc import Iterable, Iterator
from itertools import repeat
from pathlib import Path

import marisa_trie
import numpy as np
from numpy.typing import NDArray

from ..cache.files import read_regular
from .layout import INDEX, INDEX_ROWS, TOKENS, Manifest

MISS = -1


def build_index(folder: Path) -> tuple[bytes, NDArray[np.int32]]:
    """Return the trie of the tokens in a folder, and the row of each of its keys.

    A repeated token means its first row.
    """
    # Read twice, so that they need not be held in memory.
    trie = marisa_trie.BinaryTrie(_read_tokens(folder))
    keys = np.fromiter(map(trie.key_id, _read_tokens(folder)), np.int64)
    rows = np.full(len(trie), len(keys), np.int32)
    np.minimum.at(rows, keys, np.arange(len(keys), dtype=np.int32))
    return trie.tobytes(), rows


def _read_tokens(folder: Path) -> Iterator[bytes]:
    with (folder / TOKENS).open("rb") as file:
        for line in file:
            yield line[:-1]


class Index:
    """The index of a store of `distinct` different tokens, mapped."""

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        path = folder / INDEX
        self._trie = marisa_trie.BinaryTrie()
        try:
            self._trie.mmap(str(path))
        except UnicodeEncodeError:
            # The library opens only paths in UTF-8.
            self._trie.frombytes(read_regular(path))
        self._rows = manifest.map_array(folder, INDEX_ROWS)

    def find(self, token: bytes) -> int:
        """Return the row of a token, or `MISS`."""
        key = self._trie.get(token)
        return MISS if key is None else int(self._rows[key])

    def find_all(self, tokens: Iterable[bytes]) -> NDArray[np.int64]:
        """Return the row of each token, or `MISS`."""
        get = self._trie.get
        keys = np.fromiter(map(get, tokens, repeat(MISS)), np.int64)
        rows = np.full(len(keys), MISS, np.int64)
        found = keys != MISS
        rows[found] = self._rows[keys[found]]
        return rows
