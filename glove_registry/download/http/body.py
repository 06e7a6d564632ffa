"""A file or a member on its way: iterate to get its bytes, verified at the end."""

import hashlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NoReturn

from ...errors import FetchError
from ...registry.urls import redact
from ..archives import ZipError
from .faults import BadArchive, Changed, TransportError, WrongBytes
from .part import Part
from .policy import Policy
from .stream import OnBytes, stream


class Download:
    """Bytes on their way, which can be taken once, by iterating or by `read`.

    The end is reached without an exception only if every check held. The part file
    behind it stays until the ``with`` block that made it is left without an
    exception, so that whoever dies while publishing finds it again.

    Parameters
    ----------
    url : str
        Where they come from.
    what : str
        What to call them in messages.
    chunks : iterator of bytes
        They themselves.
    part : Part
        Where the raw bytes are kept.
    size : int or None
        How many there will be, where it is known.
    sha256 : str or None
        What they must hash to.

    Attributes
    ----------
    url : str
        Fit to be shown.
    what : str
        As given.
    size : int or None
        As given.
    finished : bool
        Whether the end was reached.
    """

    def __init__(
        self,
        url: str,
        what: str,
        chunks: Iterator[bytes],
        part: Part,
        size: int | None,
        sha256: str | None,
    ) -> None:
        self.url = redact(url)
        self.what = what
        self.size = size
        self.finished = False
        self._expected = sha256
        self._part = part
        self._digest = hashlib.sha256()
        self._count = 0
        self._chunks = self._verify(chunks)
        self._rest = memoryview(b"")

    def __iter__(self) -> Iterator[bytes]:
        """Iterate over the bytes as they arrive.

        Raises
        ------
        WrongBytes
            If the sha256 is another one.
        BadArchive
            If they are a member and its archive is not sound.
        Changed
            If either happens to bytes that were resumed: begin again, from zero.
        TransportError
            If they do not arrive: see `transport.stream`.
        """
        return self._chunks

    def read(self, size: int, /) -> bytes:
        """Give at most `size` bytes, and none at the end."""
        while not self._rest:
            chunk = next(self._chunks, None)
            if chunk is None:
                return b""
            self._rest = memoryview(chunk)
        piece = bytes(self._rest[:size])
        self._rest = self._rest[size:]
        return piece

    @property
    def sha256(self) -> str:
        """Hexadecimal digest of the bytes so far."""
        return self._digest.hexdigest()

    @property
    def count(self) -> int:
        """Number of bytes so far."""
        return self._count

    @property
    def resumed(self) -> bool:
        """Whether they come from more than one answer of a server."""
        return self._part.resumed

    def distrust(self, fault: FetchError) -> NoReturn:
        """Drop the part, and raise `fault`: its bytes turned out to be wrong.

        Raises
        ------
        Changed
            In place of `fault`, where bytes were resumed and the seam may be to
            blame: they are worth another go, from zero.
        """
        if self.resumed:
            self._part.distrust()
            reason = fault.reason if isinstance(fault, TransportError) else str(fault)
            raise Changed(self.url, f"{reason} (after a resume)") from None
        self._part.reset()
        raise fault from None

    def _verify(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        try:
            for chunk in chunks:
                self._digest.update(chunk)
                self._count += len(chunk)
                yield chunk
        except ZipError as fault:
            self.distrust(BadArchive(self.url, fault.reason, fault.kind))
        if self._expected is not None and self._expected != self.sha256:
            expected, got = (
                f"sha256 {self._expected}",
                f"sha256 {self.sha256} ({self.count:,} bytes)",
            )
            self.distrust(WrongBytes(self.url, self.what, expected, got))
        self.finished = True


@contextmanager
def open_file(
    url: str,
    folder: Path,
    *,
    sha256: str | None = None,
    size: int | None = None,
    pinned: bool = False,
    policy: Policy | None = None,
    on_bytes: OnBytes | None = None,
) -> Iterator[Download]:
    """Open a whole remote file for reading, as it arrives.

    Parameters
    ----------
    url : str
        ``https:`` or ``http:``.
    folder : pathlib.Path
        Where part files lie.
    sha256 : str, optional
        Of the file.
    size : int, optional
        Of the file, in bytes.
    pinned : bool
        Whether the caller has a hash of what is inside the file, and will `distrust`
        it if that is wrong.
    policy : Policy, optional
        How patient to be.
    on_bytes : callable, optional
        Told of progress as ``on_bytes(done, all_or_none)``.

    Yields
    ------
    Download
        Its bytes, exactly as the server has them.
    """
    pinned = pinned or sha256 is not None
    with Part(folder, f"file {url}", pinned=pinned) as part:
        chunks = stream(url, part, size=size, policy=policy, on_bytes=on_bytes)
        with closing(chunks):
            download = Download(url, "the file", chunks, part, size, sha256)
            yield download
        if download.finished:
            part.remove()
