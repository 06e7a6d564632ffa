"""word2vec's binary format: a header, then rows of a token and its numbers.

A space comes after each token, and the numbers are little-endian float32.
The original word2vec.c ends each row with a line feed; gensim and others do not. A
token ends at the first space, but gensim also writes phrases, whose spaces look the
same. A wrong guess would shift all that follows, so each row is checked: either all
rows of a file end with a line feed or none does, the numbers are of a size that trained
vectors have, and the next token is text.
"""

import re
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from ..errors import FormatError
from ..messages.layout import format_count
from .block import BLOCK_BYTES, LONGEST_TOKEN, Block, ByteStream, show
from .first_line import find_header, require_header
from .separators import count_numbers
from .start import Expected, Opened, Start
from .tokens import TokenChecker

# Sizes of numbers in trained vectors. Others are not an error, but a reason to check
# where the row's token ends: the ASCII bytes " car" are about 1e-19.
_SMALLEST, _LARGEST = 1e-12, 1e6

# Longest phrase that is tried, and how many bytes after a row are needed for a choice.
_LONGEST_PHRASE = 1024
_AHEAD = 2 * _LONGEST_PHRASE

# Rows that decide on the byte order; a single one may have unusual numbers.
_FIRST_ROWS = 3

_FEW_ROWS, _MANY_ROWS = 4, 1 << 14

_CONTROL = re.compile(rb"[\x00-\x08\x0a-\x0c\x0e-\x1f\x7f]")
# Bytes that float32 numbers contain and text, of several lines, does not.
_NOT_TEXT = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_FIELDS = re.compile(rb"[ \t,;|]+")
_PRINTABLE = re.compile(rb"[\r\x21-\x7e]+")


def recognize(start: Start) -> bool:
    """Return whether binary rows follow a header.

    Raises `FormatError` if both text and binary are possible.
    """
    header = find_header(start)
    if header is None or count_numbers(header.line) >= header.dimension:
        return False
    width = 4 * header.dimension
    numbers = header.rest.partition(b" ")[2][:width]
    if len(numbers) < width or not (
        _NOT_TEXT.search(numbers) or not _begins_text(numbers)
    ):
        return False
    # A line feed can be a byte of a number, and the bytes before it can look like text,
    # but hardly ever like as many fields as a damaged row of text has.
    least = max(header.dimension // 2, 1)
    fields = _FIELDS.split(header.line)[1:][-least:]
    if (
        len(fields) == least
        and all(map(_PRINTABLE.fullmatch, fields))
        and not _NOT_TEXT.search(header.line)
    ):
        raise FormatError(
            f"line 2 can be text or binary numbers: {show(header.line)}; say which by "
            "the format, 'word2vec' or 'word2vec-binary'"
        )
    return True


def _begins_text(data: bytes) -> bool:
    """Return whether bytes are UTF-8, or the beginning of such."""
    try:
        data.decode()
    except UnicodeDecodeError as error:
        return error.reason == "unexpected end of data"
    return True


def open_rows(start: Start, expected: Expected) -> Opened:
    """Open rows of the dimension that the header has."""
    header = require_header(start, "word2vec-binary", expected.dimension)
    if count_numbers(header.line) >= header.dimension > 1:
        raise FormatError(
            f"line 2: expected a token and {4 * header.dimension} bytes of numbers, "
            f"found a row of text: {show(header.line)}; its format is 'word2vec'"
        )
    rows = None if expected.rows == "any" else header.rows
    blocks = read_binary_blocks(start.stream, header.rest, header.dimension, rows)
    checker = TokenChecker(header.dimension, expected, unit="row", is_text=False)
    return Opened(header.dimension, checker.check(blocks), header.rows)


def read_binary_blocks(
    stream: ByteStream, start: bytes, dimension: int, rows: int | None
) -> Iterator[Block]:
    """Read rows to the end of the stream.

    Parameters
    ----------
    stream : ByteStream
    start : bytes
        What has been read from the stream already, from the first row on.
    dimension : int
        From the header.
    rows : int or None
        Expected number of rows; None if any number is accepted.

    Raises
    ------
    FormatError
        With the row's number.
    """
    reader = _Reader(start, dimension, rows)
    while chunk := stream.read(BLOCK_BYTES):
        yield from reader.read(chunk)
    yield from reader.read(b"")


class _Reader:
    """The rows that have been read of a file, and the bytes that follow them."""

    def __init__(self, start: bytes, dimension: int, rows: int | None) -> None:
        self._data = start
        self._is_last = False
        self._dimension = dimension
        self._width = 4 * dimension
        self._rows = rows
        self._done = 0
        # Rows to split at a time: few after some that had to be split again.
        self._most = _MANY_ROWS
        # Whether rows end with a line feed; None before the first one.
        self._have_line_feeds: bool | None = None
        # Rows with numbers of an unusual size.
        self._odd = 0
        # Whether all rows so far are unusual, and would not be in the other byte order.
        self._are_big_endian = True

    def read(self, chunk: bytes) -> Iterator[Block]:
        """Yield the rows that the next chunk completes; the last one is empty."""
        self._data += chunk
        self._is_last = not chunk
        position = 0
        while spans := self._split(position):
            block, position = self._take(spans)
            yield block
        self._data = self._data[position:]
        longest = LONGEST_TOKEN + self._width + 2 * _AHEAD
        # A wrong header must not make us keep the whole file in memory.
        if self._is_last or len(self._data) > longest:
            self._check_end()

    def _take(self, spans: list[tuple[int, int]]) -> tuple[Block, int]:
        """Return rows, as far as they were split correctly, and their end."""
        values = self._read_numbers(spans)
        for i in np.flatnonzero(~_are_usual(values).all(axis=1)).tolist():
            begin, space = spans[i]
            chosen = self._choose_space(begin, i)
            if chosen == space:
                self._odd += 1
                continue
            # Rows after it were split wrongly: it becomes the first of the next ones.
            spans = spans[:i] or [(begin, chosen)]
            values = self._read_numbers(spans)
            self._most = _FEW_ROWS
            break
        else:
            self._most = min(2 * self._most, _MANY_ROWS)
        self._check_order(values)
        self._done += len(spans)
        tokens = [self._data[begin:space] for begin, space in spans]
        end = spans[-1][1] + 1 + self._width
        return Block(tokens, values.astype(np.float32, copy=False)), end

    def _check_end(self) -> None:
        """Raise `FormatError` if rows are missing, or more than line feeds are left."""
        rest = self._data.strip(b"\n")
        if 0 < self._done < _FIRST_ROWS and self._are_big_endian:
            raise FormatError(_BIG_ENDIAN)
        if self._done < (self._rows or 1) or rest:
            if self._done == self._rows:
                count = format_count(self._rows, "row")
                raise FormatError(f"bytes follow the {count} that the header announces")
            found = show(rest) if rest else "the end"
            raise FormatError(
                f"{self._name(0)}: expected a token, a space and {self._width} bytes, "
                f"found {found}: the file is cut off or damaged"
            )

    def _check_order(self, values: NDArray[np.float32]) -> None:
        """Raise `FormatError` if the first rows are in the other byte order."""
        for numbers in values[: max(_FIRST_ROWS - self._done, 0)]:
            self._are_big_endian = self._are_big_endian and _is_big_endian(numbers)
        if self._are_big_endian and self._done + len(values) >= _FIRST_ROWS:
            raise FormatError(_BIG_ENDIAN)

    def _split(self, position: int) -> list[tuple[int, int]]:
        """Return where each complete row begins, and the space after its token."""
        data = self._data
        spans: list[tuple[int, int]] = []
        rows = None if self._rows is None else self._rows - self._done
        while (rows is None or len(spans) < rows) and len(spans) < self._most:
            while data[position : position + 1] == b"\n":
                position += 1
            space = _find_space(data, position)
            end = space + 1 + self._width
            if space < 0 or end > len(data) - (0 if self._is_last else _AHEAD):
                break
            is_ended = data[end : end + 1] in (b"\n", b"")
            if (
                self._have_line_feeds is None
                or (self._have_line_feeds and not is_ended)
                or b"\n" in data[position:space]
            ):
                if spans:
                    # A row before it may be the cause, and is checked first.
                    break
                space = self._choose_space(position, len(spans))
                end = space + 1 + self._width
            if self._have_line_feeds is None:
                self._have_line_feeds = data[end : end + 1] == b"\n"
            spans.append((position, space))
            position = end
        return spans

    def _choose_space(self, begin: int, row: int) -> int:
        """Choose the space that ends the token of an unusual row."""
        data = self._data
        first = space = _find_space(data, begin)
        numbers = self._read_numbers([(begin, first)])
        possible: list[int] = []
        while space >= 0:
            end = space + 1 + self._width
            token = data[begin:space]
            if end > len(data) or (space > first and _CONTROL.search(token)):
                break
            is_token = _is_text(token) if space > first else b"\n" not in token
            if is_token and self._can_end(end):
                values = self._read_numbers([(begin, space)])
                # In a file of unusual numbers, their sizes mean nothing.
                is_odd_file = 2 * self._odd > self._done + row
                if _are_usual(values).all() and not (possible and is_odd_file):
                    return space
                if np.isfinite(values).all():
                    possible.append(space)
            space = data.find(b" ", space + 1, begin + _LONGEST_PHRASE)
        if (
            not self._have_line_feeds
            and b"\n" not in data[begin:first]
            and _are_usual(numbers).all()
        ):
            # The next token is not text, or in another encoding than UTF-8.
            return first
        if possible:
            return possible[0]
        if self._are_big_endian and _is_big_endian(numbers):
            raise FormatError(_BIG_ENDIAN)
        raise FormatError(f"{self._name(row)}: {self._explain(begin, numbers)}")

    def _can_end(self, end: int) -> bool:
        """Return whether a row can end here, by what follows it."""
        if end == len(self._data) and self._is_last:
            return True
        is_ended = self._data[end : end + 1] == b"\n"
        if self._have_line_feeds or is_ended:
            return is_ended and self._have_line_feeds is not False
        token = self._data[end : end + _LONGEST_PHRASE].partition(b" ")[0]
        return not _CONTROL.search(token) and _is_text(token)

    def _read_numbers(self, spans: list[tuple[int, int]]) -> NDArray[np.float32]:
        data, width = self._data, self._width
        numbers = b"".join(data[b + 1 : b + 1 + width] for _, b in spans)
        return np.frombuffer(numbers, "<f4").reshape(-1, self._dimension)

    def _explain(self, begin: int, values: NDArray[np.float32]) -> str:
        token, _, _ = self._data[begin : begin + LONGEST_TOKEN].partition(b" ")
        if b"\n" in token:
            return f"a token contains a line feed, which no token can: {show(token)}"
        if self._have_line_feeds:
            return (
                f"the token {show(token)} and {self._dimension} numbers are not "
                "followed by a line feed as the rows before are: the file is damaged"
            )
        if not np.isfinite(values).all():
            return f"{show(token)} has a number that is not finite"
        return (
            f"the {self._width} bytes after the token {show(token)} are not numbers of "
            f"vectors (such as {float(values.flat[0]):g}), and no text follows them: "
            "the file is damaged, or its numbers are not float32"
        )

    def _name(self, row: int) -> str:
        number = f"row {self._done + row + 1:,}"
        return number if self._rows is None else f"{number} of {self._rows:,}"


_BIG_ENDIAN = (
    "row 1: the numbers are in big-endian order, expected little-endian as word2vec "
    "writes them: swap their bytes, with numpy.ndarray.byteswap for example"
)


def _find_space(data: bytes, begin: int) -> int:
    """Return where the first space after a token is, -1 without any."""
    return data.find(b" ", begin, begin + LONGEST_TOKEN + 1)


def _are_usual(values: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Return for each number whether trained vectors have such."""
    sizes = np.abs(values)
    with np.errstate(invalid="ignore"):
        usual: NDArray[np.bool_] = (sizes == 0) | (
            (sizes >= _SMALLEST) & (sizes <= _LARGEST)
        )
    return usual


def _is_big_endian(numbers: NDArray[np.float32]) -> bool:
    """Return whether most numbers are unusual, and none is if bytes are swapped."""
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
        # A character may be cut off where we stopped looking.
        return len(token) == _LONGEST_PHRASE and error.end == len(token)
    return True
