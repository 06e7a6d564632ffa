"""Rows of word2vec's binary form: token, blank, little-endian float32 numbers.

The form is that of ``fwrite`` in the original word2vec.c, which ends each row with a
line feed; gensim and others write none. A token ends at the first blank, and nothing
marks one that holds a blank itself, as gensim writes phrases. All that follows would
then be shifted, so each row is held against what rows look like: those of one file all
end with a line feed or none does, numbers have the size that numbers of vectors have,
and the next token is text.
"""

import re
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from ..errors import FormatError
from .block import BLOCK_BYTES, LONGEST_TOKEN, Block, ByteStream, show

# Sizes that numbers of trained vectors have. Others are no error, but a reason to look
# whether the row begins where it seems to: the ASCII bytes " car" are 1e-19 or so.
_SMALLEST, _LARGEST = 1e-12, 1e6

# How far a phrase is looked for, and what follows a row is looked at.
_LONGEST_PHRASE = 1024
_AHEAD = 2 * _LONGEST_PHRASE

# Rows that tell the order of bytes; one alone may hold odd numbers.
_FIRST_ROWS = 3

_FEW_ROWS, _MANY_ROWS = 4, 1 << 14

_CONTROL = re.compile(rb"[\x00-\x08\x0a-\x0c\x0e-\x1f\x7f]")


def read_binary_blocks(
    stream: ByteStream, start: bytes, dimension: int, rows: int | None
) -> Iterator[Block]:
    """Read rows to the end of the stream.

    Parameters
    ----------
    stream : ByteStream
        What follows `start`.
    start : bytes
        What has been read from the stream already, from the first row on.
    dimension : int
        As the header says.
    rows : int or None
        How many rows there must be; None: as many as there are.

    Raises
    ------
    FormatError
        With the number of the row.
    """
    reader = _Reader(dimension, rows)
    rest = start
    while True:
        chunk = stream.read(BLOCK_BYTES)
        rest += chunk
        position = 0
        while taken := reader.take(rest, position, is_last=not chunk):
            block, position = taken
            yield block
        rest = rest[position:]
        if not chunk:
            reader.check_end(rest)
            return
        if len(rest) > LONGEST_TOKEN + 4 * dimension + 2 * _AHEAD:
            # A header that lies is no reason to hold the whole file.
            reader.check_end(rest)


class _Reader:
    """What is known of a file from the rows that have been read."""

    def __init__(self, dimension: int, rows: int | None) -> None:
        self._dimension = dimension
        self._width = 4 * dimension
        self._rows = rows
        self._done = 0
        # Rows that are split at a time: few where those before had to be split again.
        self._most = _MANY_ROWS
        # Whether rows end with a line feed; known from the first one.
        self._have_line_feeds: bool | None = None
        # How many rows hold numbers of another size than those of trained vectors.
        self._odd = 0
        # Whether all rows so far are odd, and none is in the other order of bytes.
        self._are_big_endian = True

    def take(
        self, data: bytes, position: int, *, is_last: bool
    ) -> tuple[Block, int] | None:
        """Take the whole rows that stand from a position on.

        Returns
        -------
        tuple of Block and int, or None
            The rows and where they end; None where there is no whole one.
        """
        spans = self._split(data, position, is_last=is_last)
        if not spans:
            return None
        values = self._read_numbers(data, spans)
        for i in np.flatnonzero(~_are_usual(values).all(axis=1)).tolist():
            begin, blank = spans[i]
            chosen = self._choose_blank(data, begin, i, is_last=is_last)
            if chosen == blank:
                self._odd += 1
                continue
            # The rows after it begin elsewhere: it is the first of the next ones.
            spans = spans[:i] or [(begin, chosen)]
            values = self._read_numbers(data, spans)
            self._most = _FEW_ROWS
            break
        else:
            self._most = min(2 * self._most, _MANY_ROWS)
        self._check_order(values)
        self._done += len(spans)
        tokens = [data[begin:blank] for begin, blank in spans]
        end = spans[-1][1] + 1 + self._width
        return Block(tokens, values.astype(np.float32, copy=False)), end

    def check_end(self, rest: bytes) -> None:
        """Raise `FormatError` if anything but line feeds follows the rows."""
        rest = rest.strip(b"\n")
        if 0 < self._done < _FIRST_ROWS and self._are_big_endian:
            raise FormatError(_BIG_ENDIAN)
        if (self._rows is not None and self._done < self._rows) or rest:
            if self._done == self._rows:
                raise FormatError(
                    f"bytes follow the {self._rows:,} rows that the header announces"
                )
            found = show(rest) if rest else "the end"
            raise FormatError(
                f"{self._name(0)}: expected a token, a blank and {self._width} bytes, "
                f"found {found}: the file is cut off or damaged"
            )

    def _check_order(self, values: NDArray[np.float32]) -> None:
        """Raise `FormatError` if the first rows are in the other order of bytes."""
        for numbers in values[: max(_FIRST_ROWS - self._done, 0)]:
            self._are_big_endian = self._are_big_endian and _is_big_endian(numbers)
        if self._are_big_endian and self._done + len(values) >= _FIRST_ROWS:
            raise FormatError(_BIG_ENDIAN)

    def _split(
        self, data: bytes, position: int, *, is_last: bool
    ) -> list[tuple[int, int]]:
        """Find where whole rows begin, and the blank after the token of each."""
        spans: list[tuple[int, int]] = []
        rows = None if self._rows is None else self._rows - self._done
        while (rows is None or len(spans) < rows) and len(spans) < self._most:
            while data[position : position + 1] == b"\n":
                position += 1
            blank = _find_blank(data, position)
            end = blank + 1 + self._width
            if blank < 0 or end > len(data) - (0 if is_last else _AHEAD):
                break
            is_ended = data[end : end + 1] in (b"\n", b"")
            if (
                self._have_line_feeds is None
                or (self._have_line_feeds and not is_ended)
                or b"\n" in data[position:blank]
            ):
                if spans:
                    # It may look so for a row before it, which is looked at first.
                    break
                blank = self._choose_blank(data, position, len(spans), is_last=is_last)
                end = blank + 1 + self._width
            if self._have_line_feeds is None:
                self._have_line_feeds = data[end : end + 1] == b"\n"
            spans.append((position, blank))
            position = end
        return spans

    def _choose_blank(self, data: bytes, begin: int, row: int, *, is_last: bool) -> int:
        """Choose the blank that ends the token of a row which looks odd."""
        first = blank = _find_blank(data, begin)
        numbers = self._read_numbers(data, [(begin, first)])
        possible: list[int] = []
        while blank >= 0:
            end = blank + 1 + self._width
            token = data[begin:blank]
            if end > len(data) or (blank > first and _CONTROL.search(token)):
                break
            is_token = _is_text(token) if blank > first else b"\n" not in token
            if is_token and self._ends_well(data, end, is_last=is_last):
                values = self._read_numbers(data, [(begin, blank)])
                # In a file of odd numbers, their sizes say nothing.
                is_odd_file = 2 * self._odd > self._done + row
                if _are_usual(values).all() and not (possible and is_odd_file):
                    return blank
                if np.isfinite(values).all():
                    possible.append(blank)
            blank = data.find(b" ", blank + 1, begin + _LONGEST_PHRASE)
        if possible:
            return possible[0]
        if (
            not self._have_line_feeds
            and b"\n" not in data[begin:first]
            and _are_usual(numbers).all()
        ):
            # What follows is a token in an encoding that is not UTF-8.
            return first
        if self._are_big_endian and _is_big_endian(numbers):
            raise FormatError(_BIG_ENDIAN)
        raise FormatError(f"{self._name(row)}: {self._explain(data, begin, numbers)}")

    def _ends_well(self, data: bytes, end: int, *, is_last: bool) -> bool:
        """Say whether what follows a row is what follows one in this file."""
        if end == len(data) and is_last:
            return True
        is_ended = data[end : end + 1] == b"\n"
        if self._have_line_feeds or is_ended:
            return is_ended and self._have_line_feeds is not False
        token = data[end : end + _LONGEST_PHRASE].partition(b" ")[0]
        return not _CONTROL.search(token) and _is_text(token)

    def _read_numbers(
        self, data: bytes, spans: list[tuple[int, int]]
    ) -> NDArray[np.float32]:
        width = self._width
        numbers = b"".join(data[b + 1 : b + 1 + width] for _, b in spans)
        return np.frombuffer(numbers, "<f4").reshape(-1, self._dimension)

    def _explain(self, data: bytes, begin: int, values: NDArray[np.float32]) -> str:
        token, _, _ = data[begin : begin + LONGEST_TOKEN].partition(b" ")
        if b"\n" in token:
            return f"a token holds a line feed, which no token can: {show(token)}"
        if self._have_line_feeds:
            return (
                f"the token {show(token)} and {self._dimension} numbers are not "
                "followed by a line feed as the rows before are: the file is damaged"
            )
        if not np.isfinite(values).all():
            return f"{show(token)} has a number that is not finite"
        return (
            f"after the token {show(token)} stand {self._width} bytes that are no "
            f"numbers of vectors (such as {float(values.flat[0]):g}), and no text "
            "follows them: the file is damaged, or its numbers are not float32"
        )

    def _name(self, row: int) -> str:
        number = f"row {self._done + row + 1:,}"
        return number if self._rows is None else f"{number} of {self._rows:,}"


_BIG_ENDIAN = (
    "row 1: the numbers are in big-endian order of bytes, expected little-endian as "
    "word2vec writes them: write the file again on the other kind of machine, or by "
    "numpy.ndarray.byteswap"
)


def _find_blank(data: bytes, begin: int) -> int:
    """Return where the first blank after a token is, -1 if none can be."""
    return data.find(b" ", begin, begin + LONGEST_TOKEN + 1)


def _are_usual(values: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Say of each number whether it is one that trained vectors have."""
    sizes = np.abs(values)
    with np.errstate(invalid="ignore"):
        usual: NDArray[np.bool_] = (sizes == 0) | (
            (sizes >= _SMALLEST) & (sizes <= _LARGEST)
        )
    return usual


def _is_big_endian(numbers: NDArray[np.float32]) -> bool:
    """Say whether most numbers of a row are odd, and none is in the other order."""
    filled = numbers[numbers != 0]
    return bool(
        len(filled) > 1
        and 2 * np.count_nonzero(_are_usual(filled)) < len(filled)
        and _are_usual(filled.byteswap()).all()
    )


def _is_text(token: bytes) -> bool:
    try:
        token.decode()
    except UnicodeDecodeError as error:
        # What is cut off at the end of a look ahead is no fault.
        return len(token) == _LONGEST_PHRASE and error.end == len(token)
    return True
