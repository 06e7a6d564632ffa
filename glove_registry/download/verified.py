"""Text that is held against the registry: right to its last byte, or an error."""

import hashlib
from collections.abc import Callable
from typing import Protocol

from ..errors import ChecksumError
from ..registry import Member

_PIECE = 1 << 20


class Readable(Protocol):
    """Anything whose bytes are read in order."""

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes, and none at the end."""


class Text(Readable, Protocol):
    """The uncompressed text of a variant, verified while it is read.

    If its end is reached without an error, the right bytes were read.
    """

    @property
    def sha256(self) -> str:
        """The sha256 of the bytes read so far."""

    @property
    def count(self) -> int:
        """Number of bytes read so far."""


class VerifiedText:
    """A stream of uncompressed bytes as a `Text`.

    It is held against the size and sha256 of a member, as far as they are known, and is
    called `shown` in errors. `on_bytes` is called with the size of each piece.
    """

    def __init__(
        self,
        stream: Readable,
        expected: Member,
        shown: str,
        on_bytes: Callable[[int], object] = lambda _: None,
    ) -> None:
        self.count = 0
        self._stream = stream
        self._expected = expected
        self._shown = shown
        self._on_bytes = on_bytes
        self._digest = hashlib.sha256()

    @property
    def sha256(self) -> str:
        """The sha256 of the bytes read so far."""
        return self._digest.hexdigest()

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes, and none at the end.

        Raises
        ------
        ChecksumError
            The end is reached, or the size passed, and the bytes are not the promised
            ones.
        """
        piece = self._stream.read(size)
        self._digest.update(piece)
        self.count += len(piece)
        self._on_bytes(len(piece))
        limit = self._expected.bytes
        if limit is not None and self.count > limit:
            raise ChecksumError(
                f"{self._shown} has more than the {limit:,} bytes that were promised"
            )
        if not piece:
            self._verify()
        return piece

    def _verify(self) -> None:
        expected = self._expected
        promised = f", of {expected.bytes:,} bytes" if expected.bytes else ""
        if expected.sha256 not in (None, self.sha256):
            raise ChecksumError(
                f"{self._shown} has sha256 {self.sha256} ({self.count:,} bytes), "
                f"expected {expected.sha256}{promised}"
            )
        if expected.bytes not in (None, self.count):
            raise ChecksumError(
                f"{self._shown} has {self.count:,} bytes, expected {expected.bytes:,}"
            )


def read_to_end(stream: Readable) -> None:
    """Read the rest of a stream, at whose end it is verified."""
    while stream.read(_PIECE):
        pass
