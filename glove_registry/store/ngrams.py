"""The n-grams of words, as fastText finds and hashes them.

As in `computeSubwords` and `hash` of fastText's ``src/dictionary.cc``. A word is put
between ``<`` and ``>``; characters are those of UTF-8, by the first bytes of each. The
hash is 32-bit FNV-1a, with bytes from 128 on extended by their sign: all published
models were trained with that.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

# Ends a line in the texts that models are trained on; it has no n-grams.
LINE_END = b"</s>"
_BASIS, _PRIME = np.uint32(2_166_136_261), np.uint32(16_777_619)


def find_buckets(
    words: Sequence[bytes], shortest: int, longest: int, buckets: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the buckets of the n-grams of words.

    Parameters
    ----------
    words : sequence of bytes
    shortest, longest : int
        Characters of an n-gram, 1 or more. One of a single character is left out at
        either end of the word, where it is ``<`` or ``>``.
    buckets : int
        The bucket of an n-gram is the remainder of its hash.

    Returns
    -------
    found : ndarray of shape (n,), int64
        The buckets of the first word, by where their n-grams begin and then by their
        lengths; then those of the second word, and so on.
    counts : ndarray of shape (len(words),), int64
        How many there are of each word.

    Examples
    --------
    >>> find_buckets([b"ab", b"</s>", b"a"], 3, 4, 1000)
    (array([508, 742, 756, 600]), array([3, 0, 1]))
    """
    marked = [b"" if word == LINE_END else b"<%b>" % word for word in words]
    codes = np.frombuffer(b"".join(marked), np.int8)
    extended = codes.astype(np.int32).view(np.uint32)
    ends = np.cumsum(np.fromiter(map(len, marked), np.int64, len(marked)))
    # Bytes 128 to 191 continue a character.
    begins = np.flatnonzero(codes >= -64)
    word_of = np.searchsorted(ends, begins, "right")
    # Where the characters of each character's word end, counted in characters.
    stops = np.searchsorted(begins, ends)[word_of]
    begins = np.append(begins, len(codes))
    hashes = np.full(len(word_of), _BASIS)
    found = np.full((len(word_of), longest - shortest + 1), -1, np.int64)
    first = np.arange(len(word_of))  # characters that n-grams begin with
    for length in range(1, longest + 1):
        first = first[first + length <= stops[first]]
        if not len(first):
            break
        last = first + length - 1
        widths = begins[last + 1] - begins[last]
        for i in range(widths.max()):
            has_byte = widths > i
            some = first[has_byte]
            hashes[some] ^= extended[begins[last[has_byte]] + i]
            hashes[some] *= _PRIME
        if length >= shortest:
            some = first
            if length == 1:
                is_begun = word_of[some - 1] == word_of[some]
                some = some[is_begun & (some > 0) & (some + 1 < stops[some])]
            found[some, length - shortest] = hashes[some] % np.uint32(buckets)
    is_found = found >= 0
    counts = np.bincount(word_of, is_found.sum(axis=1), len(words))
    return found[is_found], counts.astype(np.int64)
