"""The buckets of words and their n-grams, as floret finds and hashes them.

As in `computeSubwords` and `murmurhash` of ``src/dictionary.cc`` of
https://github.com/explosion/floret. The hash is MurmurHash3 for 64-bit processors, with
128 bits, by Austin Appleby, in the public domain
(https://github.com/aappleby/smhasher).
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from .ngrams import LINE_END

_SEED = np.uint64(2_166_136_261)
_C1, _C2 = np.uint64(0x87C37B91114253D5), np.uint64(0x4CF5AD432745937F)
_F1, _F2 = np.uint64(0xFF51AFD7ED558CCD), np.uint64(0xC4CEB9FE1A85EC53)
_A1, _A2 = np.uint64(0x52DCE729), np.uint64(0x38495AB5)
_FIVE = np.uint64(5)
_WIDTH = 16  # bytes of a block of the hash


def find_buckets(
    words: Sequence[bytes], shortest: int, longest: int, buckets: int, hashes: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the buckets of words and their n-grams, as `ngrams.find_buckets` does.

    The word as a whole, between ``<`` and ``>``, comes before its n-grams, and each has
    `hashes` buckets.

    Examples
    --------
    >>> find_buckets([b"ab", b"</s>"], 3, 4, 1000, 1)
    (array([486, 845, 486, 120]), array([4, 0]))
    """
    pieces: list[bytes] = []
    counts = np.zeros(len(words), np.int64)
    for place, word in enumerate(words):
        before = len(pieces)
        if word != LINE_END:
            pieces += _list_pieces(b"<%b>" % word, shortest, longest)
        counts[place] = len(pieces) - before
    found = hash_bytes(pieces)[:, :hashes].astype(np.int64) % buckets
    return found.ravel(), counts * hashes


def _list_pieces(word: bytes, shortest: int, longest: int) -> Iterator[bytes]:
    yield word
    # Bytes 128 to 191 continue a character.
    begins = [i for i, byte in enumerate(word) if byte & 0xC0 != 0x80]
    end = len(begins)
    begins.append(len(word))
    for first in range(end):
        for stop in range(first + shortest, min(first + longest, end) + 1):
            if stop - first > 1 or 0 < first < end - 1:
                yield word[begins[first] : begins[stop]]


def hash_bytes(pieces: Sequence[bytes]) -> NDArray[np.uint32]:
    """Return the hash of each piece, as four numbers.

    Returns
    -------
    ndarray of shape (len(pieces), 4), uint32
        The lower half of each number of 64 bits comes first.
    """
    lengths = np.fromiter(map(len, pieces), np.int64, len(pieces))
    hashed = np.empty((len(pieces), 2), np.uint64)
    # Those with as many blocks are hashed together.
    blocks = lengths // _WIDTH
    for count in np.unique(blocks).tolist():
        some = np.flatnonzero(blocks == count)
        # After the last whole block, zeros count for nothing.
        width = (count + 1) * _WIDTH
        text = b"".join(pieces[i].ljust(width, b"\0") for i in some.tolist())
        halves = np.frombuffer(text, "<u8").reshape(len(some), count + 1, 2)
        hashed[some] = _hash_halves(halves, lengths[some].astype(np.uint64))
    lower, upper = hashed.astype(np.uint32), (hashed >> np.uint64(32)).astype(np.uint32)
    return np.stack([lower, upper], axis=2).reshape(len(pieces), 4)


def _hash_halves(
    halves: NDArray[np.uint64], lengths: NDArray[np.uint64]
) -> NDArray[np.uint64]:
    """Hash texts of as many blocks, given as pairs of numbers."""
    h1 = np.full(len(halves), _SEED)
    h2 = h1.copy()
    for i in range(halves.shape[1]):
        h1 ^= _rotate(halves[:, i, 0] * _C1, 31) * _C2
        if i < halves.shape[1] - 1:
            h1 = (_rotate(h1, 27) + h2) * _FIVE + _A1
        h2 ^= _rotate(halves[:, i, 1] * _C2, 33) * _C1
        if i < halves.shape[1] - 1:
            h2 = (_rotate(h2, 31) + h1) * _FIVE + _A2
    h1 ^= lengths
    h2 ^= lengths
    h1 += h2
    h2 += h1
    h1, h2 = _finish(h1), _finish(h2)
    h1 += h2
    h2 += h1
    return np.stack([h1, h2], axis=1)


def _rotate(numbers: NDArray[np.uint64], bits: int) -> NDArray[np.uint64]:
    return (numbers << np.uint64(bits)) | (numbers >> np.uint64(64 - bits))


def _finish(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    for factor in (_F1, _F2):
        numbers = (numbers ^ (numbers >> np.uint64(33))) * factor
    return numbers ^ (numbers >> np.uint64(33))
