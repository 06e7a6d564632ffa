"""The start of a stream, by which its format is recognized, and what is read then."""

from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple

from .block import BLOCK_BYTES, LONGEST_LINE, Block, ByteStream, Ngrams

_HEAD_BYTES = 512  # enough for every signature
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class Start:
    """The bytes of a stream that were read to recognize its format.

    Attributes
    ----------
    stream : ByteStream
        What comes after them.
    bytes : bytes
        Some hundred at first, if the stream has as many.
    """

    def __init__(self, stream: ByteStream) -> None:
        self.stream = stream
        self.bytes = b""
        while len(self.bytes) < _HEAD_BYTES and self._read_on():
            pass

    def skip_byte_order_mark(self) -> None:
        """Leave out a byte-order mark at the very beginning."""
        self.bytes = self.bytes.removeprefix(_BYTE_ORDER_MARK)

    def read_line(self, begin: int = 0, least: int = 0) -> bytes:
        """Return the line that begins at a byte, reading on until it is complete.

        A longer line is cut off at about `LONGEST_LINE`. At least twice `least` bytes
        are read from its beginning, if the stream has as many.
        """
        while (size := len(self.bytes) - begin) <= LONGEST_LINE and (
            size < 2 * least or self.bytes.find(b"\n", begin) < 0
        ):
            if not self._read_on():
                break
        end = self.bytes.find(b"\n", begin)
        return self.bytes[begin : end if end >= 0 else None]

    def _read_on(self) -> bool:
        piece = self.stream.read(BLOCK_BYTES)
        self.bytes += piece
        return bool(piece)


class Expected(NamedTuple):
    """What a file must have, how it is read, and where warnings and files go."""

    dimension: int | None
    rows: int | Literal["any"] | None
    warn: Callable[[str], None]
    folder: str | None = None  # for temporary files; the system's own by default
    prefix: bytes = b""  # of the tokens whose rows are kept, without it


class Opened(NamedTuple):
    """Rows of a known dimension, at least one in each block."""

    dimension: int
    blocks: Iterator[Block]
    announced: int | None = None  # number of rows, by a header
    ngrams: Ngrams | None = None
    tokenizer: object = None  # what an export of this package says
