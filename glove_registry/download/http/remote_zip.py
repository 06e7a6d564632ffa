"""One member of a remote zip archive, by ranges of bytes and in two requests.

The first asks for the end of the archive, which brings its directory, its size and
its validator; the second for the member. `open_archived_member` is for servers
without ranges and for archives of which only the whole has a checksum.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from ..archives import (
    TAIL_SIZE,
    Directory,
    Entry,
    Missing,
    ZipError,
    parse_directory,
    read_member,
)
from .body import Download
from .exchange import Span
from .faults import BadArchive, RangesUnsupported, WrongBytes
from .part import Facts, Part
from .policy import Policy
from .stream import OnBytes, read_span, stream


@dataclass(frozen=True, slots=True)
class RemoteArchive:
    """The directory of a remote archive.

    Attributes
    ----------
    url : str
        Of the archive.
    directory : Directory
        Its members.
    facts : Facts
        Size and validators of the archive, as the server told them.
    """

    url: str
    directory: Directory
    facts: Facts

    def pick(self, name: str | None) -> Entry:
        """Find a member; None: the archive's only file.

        Raises
        ------
        BadArchive
            If it is missing or cannot be trusted; `kind` says which.
        """
        return _pick(self.url, self.directory, name)


def read_archive(
    url: str, *, pinned: bool = False, policy: Policy | None = None
) -> RemoteArchive:
    """Read the directory of a remote archive, mostly in one request.

    Parameters
    ----------
    url : str
        ``https:`` or ``http:``.
    pinned : bool
        Whether a hash decides on what is taken from it, so that the validators of
        its answers need not be the same.
    policy : Policy, optional
        How patient to be.

    Raises
    ------
    BadArchive
        If it is no sound zip archive.
    RangesUnsupported
        If the server does not serve ranges; it tells the archive's size if it can.
    RetriesExhausted, Changed, Refused
        As for `transport.stream`.
    """
    try:
        piece = read_span(url, Span(-TAIL_SIZE), policy=policy)
    except RangesUnsupported:
        # Some servers know ranges and yet not those that count from the end.
        piece = read_span(url, Span(0, 1), policy=policy)
        total = piece.facts.total
        if total is None:
            raise
        span = Span(max(total - TAIL_SIZE, 0), total)
        seen = Facts(total=total) if pinned else piece.facts
        piece = read_span(url, span, seen=seen, policy=policy)
    facts, tail, first = piece.facts, piece.data, piece.first
    total = first + len(tail)
    seen = Facts(total=total) if pinned else facts
    try:
        # Goes round at most thrice: for the two records of zip64, for the directory.
        while isinstance(found := parse_directory(tail, total), Missing):
            span = Span(found.first, first)
            piece = read_span(url, span, seen=seen, policy=policy)
            tail, first = piece.data + tail, found.first
    except ZipError as fault:
        raise BadArchive(url, fault.reason, fault.kind) from None
    return RemoteArchive(url, found, facts)


@contextmanager
def open_member(
    url: str,
    name: str | None,
    folder: Path,
    *,
    sha256: str | None = None,
    size: int | None = None,
    policy: Policy | None = None,
    on_bytes: OnBytes | None = None,
) -> Iterator[Download]:
    """Open one member of a remote archive, and move nothing but its bytes.

    Parameters
    ----------
    url : str
        Of the archive.
    name : str or None
        Exact name of the member; None: the archive's only file.
    folder : pathlib.Path
        Where part files lie.
    sha256 : str, optional
        Of the member's text.
    size : int, optional
        Of the member's text, in bytes.
    policy : Policy, optional
        How patient to be.
    on_bytes : callable, optional
        Told of progress as ``on_bytes(done, all)``, in compressed bytes.

    Yields
    ------
    Download
        The text, inflated as it arrives.

    Raises
    ------
    BadArchive
        If the archive or the member is not sound; `kind` says in which way.
    RangesUnsupported
        If the server does not serve ranges: see `open_archived_member`.
    WrongBytes
        If the member is of another size or sha256.
    RetriesExhausted, Changed, Refused
        As for `transport.stream`.
    """
    pinned = sha256 is not None
    archive = read_archive(url, pinned=pinned, policy=policy)
    entry = archive.pick(name)
    _check_size(url, entry, size)
    # What the bytes are, not where they are from: mirrors of one archive share it.
    # The offset and the total see to it that it is the same archive.
    key = (
        f"member {entry.crc:08x} {entry.compressed_size} {entry.method} "
        f"{entry.offset} {archive.facts.total}"
    )
    with Part(folder, key, pinned=pinned) as part:
        raw = stream(
            url,
            part,
            start=entry.offset,
            end=entry.end,
            seen=archive.facts,
            policy=policy,
            on_bytes=on_bytes,
        )
        with closing(raw):
            text = read_member(entry, raw)
            download = _download(url, entry, text, part, sha256)
            yield download
        if download.finished:
            part.remove()


@contextmanager
def open_archived_member(
    url: str,
    name: str | None,
    folder: Path,
    *,
    sha256: str | None = None,
    size: int | None = None,
    archive_sha256: str | None = None,
    archive_size: int | None = None,
    policy: Policy | None = None,
    on_bytes: OnBytes | None = None,
) -> Iterator[Download]:
    """Take a whole archive, verify it, and open one member of it.

    Parameters
    ----------
    url, name, folder, sha256, size, policy
        As for `open_member`.
    archive_sha256 : str, optional
        Of the archive.
    archive_size : int, optional
        Of the archive, in bytes.
    on_bytes : callable, optional
        Told of progress as ``on_bytes(done, all_or_none)``, in bytes of the archive.

    Yields
    ------
    Download
        The text, inflated as it is read from the archive on disk.

    Raises
    ------
    BadArchive, WrongBytes, RetriesExhausted, Changed, Refused
        As for `open_member`.
    """
    pinned = archive_sha256 is not None or sha256 is not None
    with Part(folder, f"file {url}", pinned=pinned) as part:
        raw = stream(url, part, size=archive_size, policy=policy, on_bytes=on_bytes)
        with closing(raw):
            whole = Download(
                url, "the archive", raw, part, archive_size, archive_sha256
            )
            for _ in whole:
                pass
        if archive_sha256 is not None:
            part.resumed = False  # what is verified has no seam to blame
        try:
            entry = _pick(url, _read_directory(url, part), name)
            _check_size(url, entry, size)
        except (BadArchive, WrongBytes) as fault:
            if archive_sha256 is None:
                whole.distrust(fault)
            raise
        text = read_member(entry, part.read(entry.offset, entry.end))
        download = _download(url, entry, text, part, sha256)
        yield download
        if download.finished:
            part.remove()


def _read_directory(url: str, part: Part) -> Directory:
    first = max(part.size - TAIL_SIZE, 0)
    while True:
        tail = b"".join(part.read(first))
        try:
            found = parse_directory(tail, part.size)
        except ZipError as fault:
            raise BadArchive(url, fault.reason, fault.kind) from None
        if isinstance(found, Directory):
            return found
        first = found.first


def _pick(url: str, directory: Directory, name: str | None) -> Entry:
    try:
        return directory.pick(name)
    except ZipError as fault:
        raise BadArchive(url, fault.reason, fault.kind) from None


def _check_size(url: str, entry: Entry, size: int | None) -> None:
    if size not in (None, entry.size):
        what = f"member {entry.name}"
        raise WrongBytes(url, what, f"{size} bytes", f"{entry.size} bytes")


def _download(
    url: str, entry: Entry, text: Iterator[bytes], part: Part, sha256: str | None
) -> Download:
    return Download(url, f"member {entry.name}", text, part, entry.size, sha256)
