"""floret's tables: rows of buckets, to which words and their n-grams are hashed.

A table has no words: the vector of any is the mean of the rows that it is hashed to.
The first line has the number of buckets, the dimension, the lengths of n-grams, the
hashes of each, their seed, and what stands at the beginning and end of a word
(https://github.com/explosion/floret, `saveFloretVectors` in ``src/fasttext.cc``).
"""

import re
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from ..errors import FormatError
from ..messages.layout import format_count
from .arrays import check_dimension
from .block import Block, Ngrams, show
from .first_line import check_first_row
from .start import Expected, Opened, Start
from .text import read_text_blocks

_HEADER = re.compile(
    rb"([0-9]{1,10}) ([0-9]{1,9}) ([0-9]{1,9}) ([0-9]{1,9}) ([0-9]{1,9}) ([0-9]{1,10})"
    rb" ([^ 0-9]+) ([^ 0-9]+)[ \r]*"
)
# What floret always writes.
_FIXED = (b"2166136261", b"<", b">")
_MOST_HASHES = 4
_LONGEST_NGRAM = 64


def recognize(start: Start) -> bool:
    """Return whether the first line is a table's."""
    return _HEADER.fullmatch(start.read_line()) is not None


def open_rows(start: Start, expected: Expected) -> Opened:
    """Open the rows of buckets; there are none of words."""
    first = start.read_line()
    match = _HEADER.fullmatch(first)
    if match is None:
        raise FormatError(
            f"line 1: expected the header of a floret table, found {show(first)}"
        )
    buckets, dimension, shortest, longest, hashes = map(int, match.groups()[:5])
    check_dimension(dimension, expected.dimension)
    if (
        match.groups()[5:] != _FIXED
        or not 1 <= hashes <= _MOST_HASHES
        or not 0 < buckets < 1 << 31
        or longest > _LONGEST_NGRAM
    ):
        raise FormatError(
            f"line 1: a floret table of another kind than floret writes: {show(first)}"
        )
    begin = len(first) + 1
    row = start.read_line(begin, 4 * dimension)
    rest = start.bytes[begin:]
    check_first_row(row, rest, 2, dimension)
    blocks = read_text_blocks(start.stream, rest, dimension, 2)

    def read_ngrams() -> Iterator[NDArray[np.float32]]:
        count = 0
        for block in blocks:
            for token in block.tokens:
                if token != b"%d" % count:
                    raise FormatError(
                        f"line {count + 2:,}: expected the row of bucket {count}, "
                        f"found {show(token)}"
                    )
                count += 1
            yield block.values
        if count != buckets:
            raise FormatError(
                f"the table holds {format_count(count, 'row')}, its header says "
                f"{buckets:,}: it may be cut off"
            )

    none = Block([], np.empty((0, dimension), np.float32))
    numbers = max(shortest, 1), longest, buckets, buckets
    ngrams = Ngrams(*numbers, None, read_ngrams(), hashes)
    return Opened(dimension, iter([none]), ngrams=ngrams)
