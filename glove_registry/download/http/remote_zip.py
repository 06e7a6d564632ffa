"""One member of a remote zip archive, by ranges of bytes and in two requests.

The first request is for the end of the archive, and brings its directory, its size and
its validator; the second is for the member. `open_archived_member` is for servers
without ranges.
"""

import io
import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from ..archives import TAIL_SIZE, ZipDirectory, ZipError, ZipMember, read_directory
from .answer import Span
from .client import Client, OnBytes, Piece
from .download import Download
from .errors import BadArchive, RangesUnsupported, WrongBytes
from .part import Facts, Part


@dataclass(frozen=True, slots=True)
class RemoteArchive:
    """The directory of a remote archive."""

    url: str
    directory: ZipDirectory
    facts: Facts

    def pick(self, name: str | None) -> ZipMember:
        """Return a member; None: the archive's only file.

        Raises `BadArchive` if it does not exist or cannot be trusted; `kind` says
        which.
        """
        with _bad_archive(self.url):
            return self.directory.pick(name)


class _RemoteFile(io.RawIOBase):
    """The end of a remote file, as a file that can be sought; the rest is fetched."""

    def __init__(self, client: Client, url: str, has_checksum: bool) -> None:
        self._client = client
        self._url = url
        piece = _read_tail(client, url, has_checksum)
        self.facts = piece.facts
        self._data = piece.data
        self._first = piece.first
        self._total = piece.first + len(piece.data)
        self._seen = Facts(total=self._total) if has_checksum else piece.facts
        self._at = 0

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        self._at = offset + (0, self._at, self._total)[whence]
        return self._at

    def readinto(self, buffer: Any, /) -> int:
        if self._at < self._first:
            span = Span(self._at, self._first)
            piece = self._client.read_span(self._url, span, seen=self._seen)
            self._data = piece.data + self._data
            self._first = self._at
        start = self._at - self._first
        found = self._data[start : start + len(buffer)]
        buffer[: len(found)] = found
        self._at += len(found)
        return len(found)


def read_archive(
    client: Client, url: str, *, has_checksum: bool = False
) -> RemoteArchive:
    """Return the directory of a remote archive, mostly by one request.

    `has_checksum` is whether a checksum will verify what is taken from it, so that the
    validators of answers may differ. Raises `BadArchive` if it is no sound zip archive,
    and what `Client.read_span` raises.
    """
    file = _RemoteFile(client, url, has_checksum)
    with _bad_archive(url):
        directory = read_directory(cast("IO[bytes]", file))
    return RemoteArchive(url, directory, file.facts)


@contextmanager
def open_member(
    client: Client,
    url: str,
    name: str | None,
    folder: Path,
    *,
    sha256: str | None = None,
    size: int | None = None,
    on_bytes: OnBytes | None = None,
) -> Iterator[Download]:
    """Open one member of a remote archive, and transfer nothing but its bytes.

    `name` is exact; None: the archive's only file. Part files are kept in `folder`;
    `sha256` and `size` are those of the text, `on_bytes` counts compressed bytes.
    Raises `BadArchive` if the archive or the member is not sound, `RangesUnsupported`
    if the server does not serve ranges (see `open_archived_member`), `WrongBytes` if
    the member has another size or sha256, and what `Client.stream` raises.
    """
    has_checksum = sha256 is not None
    archive = read_archive(client, url, has_checksum=has_checksum)
    member = archive.pick(name)
    _check_size(url, member, size)
    # By what the bytes are and not by the URL: mirrors of one archive share a part. The
    # offset and the total ensure that it is the same archive.
    key = (
        f"member {member.info.CRC:08x} {member.info.compress_size} "
        f"{member.info.compress_type} {member.offset} {archive.facts.total}"
    )
    with Part(folder, key, has_checksum=has_checksum) as part:
        raw = client.stream(
            url,
            part,
            start=member.offset,
            end=member.end,
            seen=archive.facts,
            on_bytes=on_bytes,
        )
        with closing(raw):
            download = _read(url, member, raw, part, sha256)
            yield download
        if download.finished:
            part.remove()


@contextmanager
def open_archived_member(
    client: Client,
    url: str,
    name: str | None,
    folder: Path,
    *,
    sha256: str | None = None,
    size: int | None = None,
    on_bytes: OnBytes | None = None,
) -> Iterator[Download]:
    """Fetch a whole archive, and open one member of it.

    The text is unpacked as it is read from the archive on disk, and `on_bytes` counts
    bytes of the archive. Raises what `open_member` does, except `RangesUnsupported`.
    """
    has_checksum = sha256 is not None
    with Part(folder, f"file {url}", has_checksum=has_checksum) as part:
        raw = client.stream(url, part, on_bytes=on_bytes)
        with closing(raw):
            archive = Download(url, "the archive", raw, part, None)
            for _ in archive:
                pass
        try:
            with _bad_archive(url):
                member = read_directory(part.file).pick(name)
            _check_size(url, member, size)
        except (BadArchive, WrongBytes) as fault:
            archive.reject(fault)
        raw_member = part.read(member.offset, member.end)
        download = _read(url, member, raw_member, part, sha256)
        yield download
        if download.finished:
            part.remove()


def _read_tail(client: Client, url: str, has_checksum: bool) -> Piece:
    try:
        return client.read_span(url, Span(-TAIL_SIZE))
    except RangesUnsupported:
        # Some servers serve ranges, but not those counted from the end.
        facts = client.read_span(url, Span(0, 1)).facts
        if facts.total is None:
            raise
        span = Span(max(facts.total - TAIL_SIZE, 0), facts.total)
        seen = Facts(total=facts.total) if has_checksum else facts
        return client.read_span(url, span, seen=seen)


@contextmanager
def _bad_archive(url: str) -> Iterator[None]:
    try:
        yield
    except ZipError as fault:
        raise BadArchive(url, fault.reason, fault.kind) from None


def _check_size(url: str, member: ZipMember, size: int | None) -> None:
    if size not in (None, member.size):
        what = f"member {member.name}"
        raise WrongBytes(url, what, f"{size} bytes", f"{member.size} bytes")


def _read(
    url: str, member: ZipMember, raw: Iterator[bytes], part: Part, sha256: str | None
) -> Download:
    what = f"member {member.name}"
    return Download(url, what, member.read(raw), part, sha256)
