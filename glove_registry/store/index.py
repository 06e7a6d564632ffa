"""From tokens to rows without a dictionary in memory: a hash table, mapped from disk.

The table is an array of rows, half of it empty. The hash of a token is the slot where
the search for its row begins, which goes on to the next empty slot (open addressing
with linear probing). Whether a row is the token's is decided by the token's bytes.
"""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from xxhash import xxh3_64_intdigest

from .tokens import TokenBytes

MISS = -1

_EMPTY = -1
_BATCH = 1 << 15  # tokens that are looked up at a time: it bounds the memory for them

# The same wherever a store is read. Tests replace it by one with many collisions.
hash_token = xxh3_64_intdigest


def hash_tokens(tokens: Sequence[bytes]) -> NDArray[np.uint32]:
    """Return the upper half of the hash of each token."""
    hashes = np.fromiter(map(hash_token, tokens), np.uint64, len(tokens))
    return (hashes >> np.uint64(32)).astype(np.uint32)


def build_table(
    hashes: Iterable[NDArray[np.uint32]], tokens: TokenBytes
) -> NDArray[np.int32]:
    """Return the table, which has two slots for each different token.

    A repeated token means its first row.

    Parameters
    ----------
    hashes : iterable of ndarray
        Of all tokens, in row order.
    tokens : TokenBytes
    """
    # In order of hashes, then of rows. All is done in place: these arrays are large.
    keys = np.concatenate([*hashes], dtype=np.uint64)
    keys <<= 32
    keys |= np.arange(len(keys), dtype=np.uint32)
    keys.sort()
    rows = keys.astype(np.uint32).view(np.int32)
    keys >>= 32
    first = _find_first(keys, rows, tokens)
    if not first.all():
        keys, rows = keys[first], rows[first]
    # Each row gets the slot of its hash, or the one after that of the row before it.
    slots = _find_slots(keys, 2 * len(rows))
    del keys
    counted = np.arange(len(rows), dtype=np.int32)
    slots -= counted
    np.maximum.accumulate(slots, out=slots)
    slots += counted
    table = np.full(2 * len(rows), _EMPTY, "<i4")
    fitting = np.searchsorted(slots, 0)
    table[slots[:fitting]] = rows[:fitting]
    if fitting < len(rows):
        # After the last slot comes the first one.
        empty = np.flatnonzero(table == _EMPTY)
        table[empty[: len(rows) - fitting]] = rows[fitting:]
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


def _find_slots(hashes: NDArray[np.unsignedinteger], count: int) -> NDArray[np.int64]:
    """Return where in a table the search for tokens with these hashes begins.

    Slots are counted from the end, so that after the last one, -1, comes the first one.
    """
    slots = hashes.astype(np.uint64)
    slots *= count
    slots >>= 32
    slots -= count
    return slots.view(np.int64)


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
        for start in range(0, len(tokens), _BATCH):
            part = slice(start, start + _BATCH)
            self._find_batch(tokens[part], found[part])
        return found

    def _find_batch(self, tokens: Sequence[bytes], found: NDArray[np.int64]) -> None:
        asked = TokenBytes.join(tokens)
        slots = _find_slots(hash_tokens(tokens), len(self._table))
        sought = np.arange(len(tokens))
        while len(sought):
            rows = self._table[slots]
            full = rows != _EMPTY
            sought, slots, rows = sought[full], slots[full], rows[full]
            equal = self._tokens.equal(rows, asked, sought)
            found[sought[equal]] = rows[equal]
            sought, slots = sought[~equal], slots[~equal] + 1
