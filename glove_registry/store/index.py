"""Word to row without a dictionary in memory: a trie that is mapped from disk.

The trie (marisa) gives each distinct token a key of its own choosing; an array beside
it turns keys into rows. Tokens are bytes: what is no UTF-8 takes part as it is.
"""

from collections.abc import Iterable
from itertools import repeat
from pathlib import Path

import marisa_trie
import numpy as np
from numpy.typing import NDArray

from ..cache.files import read_regular
from .layout import INDEX, INDEX_ROWS, map_array, write_array

MISS = -1


def build_index(folder: Path, tokens: Iterable[bytes]) -> int:
    """Write the index of `tokens`, in row order, into a folder.

    Parameters
    ----------
    folder : Path
    tokens : iterable of bytes
        Gone through twice, so that it need not be held in memory.

    Returns
    -------
    int
        Number of distinct tokens; a repeated one means its first row.
    """
    trie = marisa_trie.BinaryTrie(tokens)
    keys = np.fromiter(map(trie.key_id, tokens), np.int64)
    rows = np.full(len(trie), len(keys), np.int32)
    # Of the rows of a repeated token the first one.
    np.minimum.at(rows, keys, np.arange(len(keys), dtype=np.int32))
    # By way of bytes, as the trie's own error on a full disk does not say so.
    (folder / INDEX).write_bytes(trie.tobytes())
    write_array(folder / INDEX_ROWS, rows)
    return len(rows)


class Index:
    """The index of a store, mapped.

    Parameters
    ----------
    folder : Path
        Of a store.
    distinct : int
        Tokens in it.
    """

    def __init__(self, folder: Path, distinct: int) -> None:
        path = folder / INDEX
        self._trie = marisa_trie.BinaryTrie()
        try:
            self._trie.mmap(str(path))
        except UnicodeEncodeError:
            # The library opens paths in UTF-8 alone; of others the index is read.
            self._trie.frombytes(read_regular(path))
        self._rows = map_array(folder / INDEX_ROWS, "<i4", (distinct,))

    def find(self, token: bytes) -> int:
        """Give a token's row, or `MISS`."""
        key = self._trie.get(token)
        return MISS if key is None else int(self._rows[key])

    def find_all(self, tokens: Iterable[bytes]) -> NDArray[np.int64]:
        """Give the row of each token, `MISS` for those there are none of."""
        get = self._trie.get
        keys = np.fromiter(map(get, tokens, repeat(MISS)), np.int64)
        rows = np.full(len(keys), MISS, np.int64)
        found = keys != MISS
        rows[found] = self._rows[keys[found]]
        return rows
