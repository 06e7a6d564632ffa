"""Vectors of words from those of their n-grams, as fastText makes them.

The vector of a word is the mean of its own row, if it has one, and the rows of its
n-grams: `getWordVector` in fastText's ``src/fasttext.cc``.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from .layout import NGRAM_ROWS, NGRAMS, Manifest, NgramRecord
from .matrix import Matrix
from .ngrams import find_buckets

# Words whose n-grams are found at a time, and bytes of vectors that are added up.
_WORDS = 1 << 11
_IN_MEMORY = 1 << 26

TakeRows: TypeAlias = Callable[[NDArray[np.int64]], NDArray[np.float32]]


class Subwords:
    """Which n-grams have vectors, and how these are read.

    Parameters
    ----------
    record : NgramRecord
    kept : ndarray of shape (rows, 2), int32, or None
        Buckets in ascending order and the row of each, if not all have one.
    take : callable
        From row numbers, in ascending order, to their vectors.
    dimension : int
    """

    def __init__(
        self,
        record: NgramRecord,
        kept: NDArray[np.int32] | None,
        take: TakeRows,
        dimension: int,
    ) -> None:
        self._record, self._kept, self._take = record, kept, take
        self._dimension = dimension
        self._step = max(1, _IN_MEMORY // (4 * dimension))

    @classmethod
    def open(cls, folder: Path, manifest: Manifest, record: NgramRecord) -> "Subwords":
        """Map the n-grams of a store."""
        kept = None
        if not record.has_all:
            kept = np.asarray(manifest.map_unchanged(folder, NGRAM_ROWS))
        matrix = Matrix(folder, manifest, NGRAMS)
        return cls(record, kept, matrix.take, manifest.dimension)

    def find(
        self, words: Sequence[bytes]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the rows of the n-grams of words, and how many each word has."""
        known = self._record[:3]
        if self._record.hashes:
            from . import floret  # not needed for most releases

            found, counts = floret.find_buckets(words, *known, self._record.hashes)
        else:
            found, counts = find_buckets(words, *known)
        if self._kept is None:
            return found, counts
        places = np.searchsorted(self._kept[:, 0], found)
        places[places == len(self._kept)] = 0
        is_kept = self._kept[places, 0] == found
        word_of = np.repeat(np.arange(len(words)), counts)[is_kept]
        rows = self._kept[places[is_kept], 1].astype(np.int64)
        return rows, np.bincount(word_of, minlength=len(words))

    def make(
        self, words: Sequence[bytes], own: NDArray[np.float32] | None = None
    ) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Return the vectors of words.

        Parameters
        ----------
        words : sequence of bytes
        own : ndarray of shape (len(words), dimension), float32, optional
            Their rows, if they have one.

        Returns
        -------
        vectors : ndarray of shape (len(words), dimension), float32
            Zeros for a word without a row and without an n-gram.
        made : ndarray of shape (len(words),), bool
            Which words have an n-gram.
        """
        vectors = np.zeros((len(words), self._dimension), np.float32)
        if own is not None:
            vectors[:] = own
        counts = np.zeros(len(words), np.int64)
        for start in range(0, len(words), _WORDS):
            part = slice(start, start + _WORDS)
            rows, counts[part] = self.find(words[part])
            self._add(vectors[part], rows, np.cumsum(counts[part]))
        summed = np.maximum(counts + (own is not None), 1)
        vectors *= (1 / summed).astype(np.float32)[:, None]
        return vectors, counts > 0

    def _add(
        self,
        sums: NDArray[np.float32],
        rows: NDArray[np.int64],
        ends: NDArray[np.int64],
    ) -> None:
        """Add rows to sums: those before ``ends[0]`` to the first, and so on."""
        for start in range(0, len(rows), self._step):
            # Common n-grams are read once.
            unique, places = np.unique(
                rows[start : start + self._step], return_inverse=True
            )
            values = self._take(unique)
            stops = np.clip(ends - start, 0, len(places))
            begins = np.concatenate([[0], stops[:-1]])
            # In the order of n-grams, and therefore the same however many words are
            # asked for: first the first of all words, then the second, ...
            order = np.argsort(begins - stops, kind="stable")
            lengths = (stops - begins)[order]
            for i in range(lengths[0]):
                some = order[: np.searchsorted(-lengths, -i)]
                sums[some] += values[places[begins[some] + i]]
