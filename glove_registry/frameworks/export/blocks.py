"""What the writers share: blocks of rows, so that no file is ever held as a whole."""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from ...errors import OutputError
from ...lookup.rows import Rows

# Numbers in a block: a few MB of float32, a few tens of MB as text.
_NUMBERS = 1 << 19


def iterate_blocks(rows: Rows) -> Iterator[tuple[list[bytes], NDArray[np.float32]]]:
    """Give the tokens, as bytes of the file, and the vectors of all rows, in order."""
    step = max(1, _NUMBERS // rows.dimension)
    for start in range(0, len(rows), step):
        stop = min(start + step, len(rows))
        # "<f4" is what every format here has; on most machines nothing is changed.
        vectors = rows.stored[start:stop].astype("<f4", copy=False)
        yield rows.tokens.read_bytes(np.arange(start, stop)), vectors


def iterate_tokens(rows: Rows) -> Iterator[list[bytes]]:
    """Give the tokens of all rows, in order, many at a time."""
    step = 1 << 16
    for start in range(0, len(rows), step):
        yield rows.tokens.read_bytes(np.arange(start, min(start + step, len(rows))))


def join_tokens(rows: Rows) -> Iterator[bytes]:
    """Give the tokens with a line feed between any two; no token holds one."""
    for number, tokens in enumerate(iterate_tokens(rows)):
        yield (b"\n" if number else b"") + b"\n".join(tokens)


def count_token_bytes(rows: Rows) -> int:
    """Count the bytes that `join_tokens` gives."""
    return sum(map(len, join_tokens(rows)))


def refuse_tokens(rows: Rows, is_bad: Callable[[bytes], bool], sentence: str) -> None:
    """See that a format can hold every token, before anything is written.

    Raises
    ------
    OutputError
        It cannot: `sentence`, with the first such token for ``{token}``.
    """
    for tokens in iterate_tokens(rows):
        for token in tokens:
            if is_bad(token):
                word = token.decode("utf-8", "surrogateescape")
                raise OutputError(sentence.format(token=ascii(word)))
