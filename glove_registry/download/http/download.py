"""A remote file or member of an archive, as a stream that is verified at its end."""

import hashlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO, NoReturn

from ...errors import FetchError
from ...registry.urls import redact
from ..archives import ZipError
from .client import Client, OnBytes
from .errors import BadArchive, Changed, TransportError, WrongBytes
from .part import Part


class Download:
    """A stream of bytes that can be read once, by iterating or by `read`.

    Its end is reached without an exception only if every check succeeded. The part file
    behind it stays until the ``with`` block that opened it is left without an
    exception, so that the bytes are still there if publishing them fails. `url` is kept
    without credentials; `what` names the bytes in messages.
    """

    def __init__(
        self,
        url: str,
        what: str,
        chunks: Iterator[bytes],
        part: Part,
        sha256: str | None,
    ) -> None:
        self.url = redact(url)
        self.what = what
        self.count = 0
        self.finished = False
        self._expected = sha256
        self._part = part
        self._digest = hashlib.sha256()
        self._chunks = self._verify(chunks)
        self._rest = memoryview(b"")

    def __iter__(self) -> Iterator[bytes]:
        """Iterate over the bytes as they arrive.

        Raises `WrongBytes` if the sha256 is another one, `BadArchive` if the bytes are
        a member and the archive is not sound, and what `Client.stream` raises. Raises
        `Changed` in place of the first two if bytes were resumed: start again, from
        zero.
        """
        return self._chunks

    def read(self, size: int, /) -> bytes:
        """Return `size` bytes, and fewer only at the end.

        A server may send them one by one, which no reader should have to put together.
        """
        pieces = []
        while size:
            self._rest = self._rest or memoryview(next(self._chunks, b""))
            piece, self._rest = self._rest[:size], self._rest[size:]
            if not piece:
                break
            pieces.append(piece)
            size -= len(piece)
        return b"".join(pieces)

    @property
    def file(self) -> IO[bytes]:
        """The part file, which has all that was received."""
        return self._part.file

    @property
    def sha256(self) -> str:
        """Hexadecimal digest of the bytes so far."""
        return self._digest.hexdigest()

    def reject(self, fault: FetchError) -> NoReturn:
        """Drop the part and raise `fault`, as its bytes turned out to be wrong.

        Raises `Changed` in its place if bytes were resumed and the seam may be to
        blame: another attempt, from zero, may succeed.
        """
        if self._part.resumed:
            self._part.reject()
            reason = fault.reason if isinstance(fault, TransportError) else str(fault)
            raise Changed(self.url, f"{reason} (after a resume)") from None
        self._part.reset()
        raise fault from None

    def _verify(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        try:
            for chunk in chunks:
                self._digest.update(chunk)
                self.count += len(chunk)
                yield chunk
        except ZipError as fault:
            self.reject(BadArchive(self.url, fault.reason, fault.kind))
        if self._expected is not None and self._expected != self.sha256:
            expected = f"sha256 {self._expected}"
            got = f"sha256 {self.sha256} ({self.count:,} bytes)"
            self.reject(WrongBytes(self.url, self.what, expected, got))
        self.finished = True


@contextmanager
def open_remote_file(
    client: Client,
    url: str,
    folder: Path,
    *,
    sha256: str | None = None,
    size: int | None = None,
    has_checksum: bool = False,
    on_bytes: OnBytes | None = None,
) -> Iterator[Download]:
    """Open a whole remote file for reading, exactly as the server sends it.

    Part files are kept in `folder`. `has_checksum` is whether the caller has a checksum
    of what is inside the file, and will `Download.reject` it if that is wrong.
    """
    has_checksum = has_checksum or sha256 is not None
    with Part(folder, f"file {url}", has_checksum=has_checksum) as part:
        chunks = client.stream(url, part, size=size, on_bytes=on_bytes)
        with closing(chunks):
            download = Download(url, "the file", chunks, part, sha256)
            yield download
        if download.finished:
            part.remove()
