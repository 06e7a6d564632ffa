"""Words' rows and the n-grams that follow them in a file become words' vectors."""

import mmap
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryFile

import numpy as np
from numpy.typing import NDArray

from ..formats import Block, Ngrams
from .subwords import Subwords
from .writer import describe_ngrams

# Of a temporary file, the bytes that are mapped at a time.
_MAPPED = 1 << 25
_BLOCK_BYTES = 1 << 21


@contextmanager
def average_words(
    blocks: Iterable[Block],
    ngrams: Ngrams,
    folder: Path,
    leave_room: Callable[[int], None],
) -> Iterator[tuple[Iterator[Block], Ngrams]]:
    """Read all rows of a file, and yield the vectors of its words and the n-grams.

    The rows of words come first and their n-grams last, so they wait in a temporary
    file in a folder. Memory is needed for the words alone. `leave_room` is as for
    `write_store`.
    """
    texts: list[tuple[int, bytes]] = []
    with TemporaryFile(dir=folder) as file:
        dimension = words = 0
        for block in blocks:
            # Joined, as single tokens would need several times the memory.
            texts.append((len(block.tokens), b"\n".join(block.tokens)))
            words += len(block.tokens)
            dimension = block.values.shape[1]
            leave_room(block.values.nbytes)
            file.write(np.ascontiguousarray(block.values).data)
        for values in ngrams.blocks:
            leave_room(values.nbytes)
            file.write(np.ascontiguousarray(values).data)
        file.flush()
        rows = _Rows(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ), dimension)
        subwords = Subwords(
            describe_ngrams(ngrams),
            ngrams.kept,
            lambda numbers: rows.take(words + numbers),
            dimension,
        )

        def read_words() -> Iterator[Block]:
            row = 0
            for count, text in texts:
                tokens = text.split(b"\n")[:count]
                own = rows.take(np.arange(row, row + count))
                if ngrams.hashes:
                    vectors = subwords.make(tokens)[0]
                    if not row:
                        # floret takes the first word for the end of a line.
                        vectors[:1] = subwords.make(tokens[:1], own[:1])[0]
                else:
                    vectors = subwords.make(tokens, own)[0]
                yield Block(tokens, vectors)
                row += count

        def read_ngrams() -> Iterator[NDArray[np.float32]]:
            step = max(1, _BLOCK_BYTES // (4 * dimension))
            for row in range(words, words + ngrams.count, step):
                stop = min(row + step, words + ngrams.count)
                yield rows.take(np.arange(row, stop))

        yield read_words(), replace(ngrams, blocks=read_ngrams())


class _Rows:
    """Rows of a mapped file, of which little is in memory at a time."""

    def __init__(self, mapped: mmap.mmap, dimension: int) -> None:
        self._file = mapped
        self._rows = np.frombuffer(mapped, "<f4").reshape(-1, dimension)
        step = max(1, _MAPPED // (4 * dimension))
        self._borders = np.arange(0, len(self._rows) + step, step)

    def take(self, numbers: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return rows whose numbers ascend."""
        taken = np.empty((len(numbers), self._rows.shape[1]), np.float32)
        for start, stop in pairwise(np.searchsorted(numbers, self._borders).tolist()):
            if start < stop:
                taken[start:stop] = self._rows[numbers[start:stop]]
                self._forget()
        return taken

    def _forget(self) -> None:
        """Unmap what was read; it stays in the system's cache."""
        if hasattr(mmap, "MADV_DONTNEED"):
            self._file.madvise(mmap.MADV_DONTNEED)
