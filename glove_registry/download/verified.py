"""Text that is held against the registry: right to its last byte, or an error."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from ..cache.files import open_regular
from ..errors import ChecksumError
from ..registry import Member

_PIECE = 1 << 20


class Readable(Protocol):
    """Anything that gives its bytes in order."""

    def read(self, size: int, /) -> bytes:
        """Give at most `size` bytes, and none at the end."""


class Text(Readable, Protocol):
    """The uncompressed text of a variant, verified while it is read.

    Whoever has read it to its end without an error has read the right bytes.
    """

    @property
    def sha256(self) -> str:
        """Of the bytes read so far."""

    @property
    def count(self) -> int:
        """Number of bytes read so far."""


class VerifiedText:
    """A stream that becomes a `Text`.

    Parameters
    ----------
    stream : Readable
        Uncompressed bytes.
    expected : Member
        Size and sha256 to hold them against, as far as they are known.
    shown : str
        What to call the stream in errors.
    on_bytes : callable, optional
        Called with the size of each piece.
    """

    def __init__(
        self,
        stream: Readable,
        expected: Member,
        shown: str,
        on_bytes: Callable[[int], object] = lambda _: None,
    ) -> None:
        self._stream = stream
        self._expected = expected
        self._shown = shown
        self._on_bytes = on_bytes
        self._digest = hashlib.sha256()
        self._bytes = 0

    def read(self, size: int, /) -> bytes:
        """Give at most `size` bytes, and none at the end.

        Raises
        ------
        ChecksumError
            The end is reached, or the size passed, and the bytes are not the ones
            that were promised.
        """
        piece = self._stream.read(size)
        self._digest.update(piece)
        self._bytes += len(piece)
        self._on_bytes(len(piece))
        limit = self._expected.bytes
        if limit is not None and self._bytes > limit:
            raise ChecksumError(
                f"{self._shown} has more than the {limit:,} bytes that were promised"
            )
        if not piece:
            self._judge()
        return piece

    @property
    def sha256(self) -> str:
        """Of the bytes read so far."""
        return self._digest.hexdigest()

    @property
    def count(self) -> int:
        """Number of bytes read so far."""
        return self._bytes

    def _judge(self) -> None:
        expected = self._expected
        promised = f", of {expected.bytes:,} bytes" if expected.bytes else ""
        if expected.sha256 not in (None, self.sha256):
            raise ChecksumError(
                f"{self._shown} has sha256 {self.sha256} ({self._bytes:,} bytes), "
                f"expected {expected.sha256}{promised}"
            )
        if expected.bytes not in (None, self._bytes):
            raise ChecksumError(
                f"{self._shown} has {self._bytes:,} bytes, expected {expected.bytes:,}"
            )


def hash_file(path: Path) -> str:
    """Give the sha256 of a file in hexadecimal digits."""
    with open_regular(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_to_end(stream: Readable) -> None:
    """Read whatever is left, for the verdict that is at the end."""
    while stream.read(_PIECE):
        pass
