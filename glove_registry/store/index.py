"""From tokens to rows without a dictionary in memory: a hash table, mapped from disk.

The table is an array of rows, half of it empty. The hash of a token is the slot where
the search for its row begins, which goes on to the next empty slot (open addressing
with linear probing). Whether a row is the token's is decided by the token's bytes.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from xxhash import xxh3_64_intdigest

from .tokens import TokenBytes

MISS = -1

MOST_ROWS = 2**31 - 1  # that a slot of the table, an int32, can name

_EMPTY = -1
_BATCH = 1 << 13  # tokens looked up at a time, so that the work arrays stay small
_FEW = 64  # below this, one-by-one look-up is faster

# The same wherever a store is read. Tests replace it by one with many collisions.
hash_token = xxh3_64_intdigest


def hash_tokens(tokens: Sequence[bytes]) -> NDArray[np.uint64]:
    """Return the hash of each token."""
    return np.fromiter(map(hash_token, tokens), np.uint64, len(tokens))


def build_table(hashes: NDArray[np.uint64], tokens: TokenBytes) -> NDArray[np.int32]:
    """Return the table, which has two slots for each different token.

    A repeated token is looked up at its first row.

    Parameters
    ----------
    hashes : ndarray of shape (rows,)
        Of all tokens. They are overwritten: in a large store, each array counts.
    tokens : TokenBytes
    """
    # The last bits of each hash give way to its row. Sorted like that, equal tokens are
    # side by side, the first of them first.
    bits = len(hashes).bit_length()
    hashes >>= bits
    hashes <<= bits
    hashes |= np.arange(len(hashes), dtype=np.uint32)
    hashes.sort()
    rows = hashes.astype(np.uint32).view(np.int32)
    rows &= (1 << bits) - 1
    first = _find_first(hashes >> np.uint64(bits), rows, tokens)
    if not first.all():
        hashes, rows = hashes[first], rows[first]
    # Each row gets the slot of its hash, or the one after that of the row before it.
    slots = _find_slots(hashes, 2 * len(rows))
    counted = np.arange(len(rows), dtype=np.int32)
    slots -= counted
    np.maximum.accumulate(slots, out=slots)
    slots += counted
    table = np.full(2 * len(rows), _EMPTY, "<i4")
    fitting = np.searchsorted(slots, 0)
    table[slots[:fitting]] = rows[:fitting]
    rest = rows[fitting:]
    if len(rest):
        # After the last slot comes the first one.
        empty = np.flatnonzero(table == _EMPTY)
        table[empty[: len(rest)]] = rest
    return table


def _find_first(
    hashes: NDArray[np.uint64], rows: NDArray[np.int32], tokens: TokenBytes
) -> NDArray[np.bool_]:
    """Return which of some rows, in order of hashes, do not repeat an earlier token."""
    first = np.ones(len(rows), np.bool_)
    seen: set[bytes] = set()
    end = 0
    # Tokens are compared only where hashes are equal.
    for place in map(int, np.flatnonzero(hashes[1:] == hashes[:-1]) + 1):
        if place != end:
            seen = {tokens[rows[place - 1]]}
        token = tokens[rows[place]]
        first[place] = token not in seen
        seen.add(token)
        end = place + 1
    return first


def _find_slots(hashes: NDArray[np.uint64], count: int) -> NDArray[np.int64]:
    """Return where in a table the search for tokens begins; overwrite their hashes.

    Slots are counted from the end, so that after the last one, -1, comes the first one.
    """
    hashes >>= 32
    hashes *= count
    hashes >>= 32
    hashes -= count
    return hashes.view(np.int64)


class Index:
    """The index of some tokens: a table and their bytes."""

    def __init__(self, table: NDArray[np.int32], tokens: TokenBytes) -> None:
        self._table = np.asarray(table)
        self._slots = self._table.data
        self._tokens = tokens

    def list_rows(self) -> NDArray[np.int32]:
        """Return the rows of all different tokens, in no particular order."""
        rows: NDArray[np.int32] = self._table[self._table != _EMPTY]
        return rows

    def find(self, token: bytes) -> int:
        """Return the row of a token, or `MISS`."""
        slots, tokens = self._slots, self._tokens
        if not len(slots):
            return MISS
        # As `_find_slots`, without numpy, which is slow for a single number.
        slot = ((hash_token(token) >> 32) * len(slots) >> 32) - len(slots)
        while (row := slots[slot]) != _EMPTY:
            if tokens[row] == token:
                return row
            slot += 1
        return MISS

    def find_all(self, tokens: Sequence[bytes]) -> NDArray[np.int64]:
        """Return the row of each token, or `MISS`."""
        found = np.full(len(tokens), MISS, np.int64)
        if len(self._table):
            for start in range(0, len(tokens), _BATCH):
                part = slice(start, start + _BATCH)
                self._find_batch(tokens[part], found[part])
        return found

    def _find_batch(self, tokens: Sequence[bytes], found: NDArray[np.int64]) -> None:
        asked = TokenBytes.join(tokens)
        slots = _find_slots(hash_tokens(tokens), len(self._table))
        sought = np.arange(len(tokens))
        while len(sought) > _FEW:
            rows = self._table[slots]
            full = rows != _EMPTY
            sought, slots, rows = sought[full], slots[full], rows[full]
            equal = self._tokens.equal(rows, asked, sought)
            found[sought[equal]] = rows[equal]
            sought, slots = sought[~equal], slots[~equal] + 1
        for place in sought.tolist():
            found[place] = self.find(tokens[place])
