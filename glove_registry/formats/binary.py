"""Rows of word2vec's binary form: token, blank, little-endian float32 numbers.

The form is that of ``fwrite`` in the original word2vec.c: some writers end a row with
a line feed, others do not; a token holds neither blank nor line feed at its start.
"""

from collections.abc import Iterator

import numpy as np

from ..errors import FormatError
from .block import BLOCK_BYTES, LONGEST_LINE, Block, ByteStream
from .text import show

_LONGEST_TOKEN = 1 << 16


def read_binary_blocks(
    stream: ByteStream, start: bytes, dimension: int, rows: int
) -> Iterator[Block]:
    """Read `rows` rows, and make sure that nothing follows them.

    Parameters
    ----------
    stream : ByteStream
        What follows `start`.
    start : bytes
        What has been read from the stream already, from the first row on.
    dimension, rows : int
        As the header says.

    Raises
    ------
    FormatError
        With the number of the row.
    """
    width = 4 * dimension
    # A header that lies is no reason to hold the whole file.
    longest = min(_LONGEST_TOKEN + width + 2, LONGEST_LINE)
    rest = start
    row = 0
    while row < rows:
        chunk = stream.read(BLOCK_BYTES)
        data = rest + chunk
        tokens: list[bytes] = []
        numbers: list[bytes] = []
        position = 0
        while row + len(tokens) < rows:
            begin = position
            while data[begin : begin + 1] == b"\n":
                begin += 1
            blank = data.find(b" ", begin, begin + _LONGEST_TOKEN)
            if blank < 0 or blank + 1 + width > len(data):
                break
            token = data[begin:blank]
            if b"\n" in token:
                raise FormatError(
                    f"row {row + len(tokens) + 1} of {rows:,}: a token holds a line "
                    f"feed, which no token can: {show(token)}"
                )
            tokens.append(token)
            position = blank + 1 + width
            numbers.append(data[blank + 1 : position])
        if not tokens and (not chunk or len(data) > longest):
            raise FormatError(
                f"row {row + 1} of {rows:,}: expected a token, a blank and {width} "
                f"bytes, found {'the end' if not chunk else show(data)}: the file is "
                "cut off or damaged"
            )
        if tokens:
            values = np.frombuffer(b"".join(numbers), "<f4").reshape(-1, dimension)
            finite = np.isfinite(values).all(axis=1)
            if not finite.all():
                wrong = row + int(np.argmin(finite)) + 1
                raise FormatError(f"row {wrong} holds a number that is not finite")
            row += len(tokens)
            yield Block(tokens, values.astype(np.float32, copy=False))
        rest = data[position:]
    while not rest.strip(b"\n"):
        rest = stream.read(BLOCK_BYTES)
        if not rest:
            return
    raise FormatError(f"bytes follow the {rows:,} rows that the header announces")
