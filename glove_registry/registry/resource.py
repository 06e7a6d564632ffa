"""A verified text that the registry describes: where it is, and which bytes it has."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

from ..messages.layout import format_bytes, format_sources
from .schemes import find_scheme

# Archives that are read from the beginning; any other archive is a zip.
_TAR = re.compile(r"\.(tar|tgz|tbz2?|txz|tzst)$|\.tar\.[a-z0-9]+$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One place from which the bytes of a revision can be fetched.

    Attributes
    ----------
    url : str
        ``https:``, ``http:``, ``hf:ORG/REPO/FILE@REVISION`` (the Hugging Face Hub),
        ``s3:``, ``gs:``, ``az:``, ``ftp:``, ``sftp:``, ``doi:``, ``file:`` or
        ``package:PACKAGE/PATH`` (a file inside an installed Python package).
    sha256 : str or None
        Of the file at `url`, which can be an archive.
    attested : int or None
        How many independent public sources give that `sha256`, if the entry states it.
    bytes : int or None
        Size of the file at `url`.
    credentials : {"environment"} or None
        Where the credentials for `url` come from: the environment of whoever fetches.
        None: none are sent.
    """

    url: str
    sha256: str | None = None
    attested: int | None = None
    bytes: int | None = None
    credentials: Literal["environment"] | None = None

    @property
    def path(self) -> str:
        """The path of the file, from which its kind can be told."""
        return find_scheme(self.url).read_path(self.url)


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """The text inside an archive or a compressed file.

    Attributes
    ----------
    name : str or None
        Its name in the archive; None if there is only one file.
    sha256 : str or None
        Of the text itself, uncompressed.
    attested : int or None
        How many independent public sources give that `sha256`, if the entry states it.
    bytes : int or None
        Size of the text itself.
    packed : int or None
        Approximate size in the archive; for people, and not verified.
    """

    name: str | None = None
    sha256: str | None = None
    attested: int | None = None
    bytes: int | None = None
    packed: int | None = None


def is_zip(source: Source, member: Member) -> bool:
    """Return whether a source is a zip archive, as far as the entry tells."""
    path = source.path.lower()
    return path.endswith(".zip") or (bool(member.name) and not _TAR.search(path))


def is_fetched_by_range(source: Source, member: Member) -> bool:
    """Return whether only the member of a remote archive is to be fetched.

    The member's own hash makes the rest of the archive unnecessary, if the server
    supports requests for ranges of bytes.
    """
    ranges = find_scheme(source.url).ranges
    return ranges and bool(member.sha256) and is_zip(source, member)


def _describe(name: str | None, file: Source | Member) -> str:
    """Return the name of a file and what is known of its checksum."""
    sha256 = f"sha256 {file.sha256}" if file.sha256 else None
    attested = f"attested by {format_sources(file.attested)}" if file.attested else None
    return "; ".join(filter(None, (name, sha256, attested)))


@dataclass(frozen=True, slots=True, kw_only=True)
class DownloadSize:
    """What a first load transfers over the network, as far as the entry tells.

    Attributes
    ----------
    bytes : int or None
        None if unknown; 0 for a file on this machine.
    at_most : bool
        Whether `bytes` is an upper bound: the size in the archive is unknown, but is
        smaller than both the text and the archive.

    Examples
    --------
    >>> str(DownloadSize(bytes=347_116_733, at_most=True))
    'at most 347 MB'
    """

    bytes: int | None
    at_most: bool = False

    def __str__(self) -> str:
        if self.bytes is None:
            return "-"
        return "at most " * self.at_most + format_bytes(self.bytes)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Resource:
    """One text that can be fetched and verified: what all kinds of entries share.

    Attributes
    ----------
    name : str
    sources : tuple of Source
        Where the text can be fetched, in the order in which they are tried.
    member : Member
        The text inside the file at a source.
    description, license, citation, homepage : str or None
        For people. `citation` is BibTeX.
    origin : str
        ``file:line`` of the entry.
    """

    name: str
    sources: tuple[Source, ...]
    member: Member = Member()
    description: str | None = None
    license: str | None = None
    citation: str | None = None
    homepage: str | None = None
    origin: str = ""

    @property
    def reference(self) -> str:
        """The name by which it is requested."""
        return self.name

    @property
    def anchor(self) -> str | None:
        """The sha256 that identifies the text: the member's, else the source's.

        None if the entry states neither.
        """
        return self.member.sha256 or self.sources[0].sha256

    @property
    def key(self) -> str:
        """64 hexadecimal digits that identify the text; empty if there is no anchor.

        They are the anchor or, if that is the hash of an archive, a hash of it and the
        member's name.
        """
        if self.anchor is None or self.member.sha256 or self.member.name is None:
            return self.anchor or ""
        return hashlib.sha256(f"{self.anchor}/{self.member.name}".encode()).hexdigest()

    @property
    def is_included(self) -> bool:
        """Whether the file is inside an installed package."""
        return find_scheme(self.sources[0].url).place == "included"

    @property
    def by_range(self) -> bool:
        """Whether only the member of a remote archive is fetched."""
        return is_fetched_by_range(self.sources[0], self.member)

    @property
    def download(self) -> DownloadSize:
        """What a first load transfers over the network, from the first source."""
        source, member = self.sources[0], self.member
        if find_scheme(source.url).is_local:
            return DownloadSize(bytes=0)
        if not self.by_range:
            return DownloadSize(bytes=source.bytes)
        if member.packed is not None:
            return DownloadSize(bytes=member.packed)
        bounds = [size for size in (source.bytes, member.bytes) if size is not None]
        return DownloadSize(bytes=min(bounds, default=None), at_most=True)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.reference}>"

    def _repr_html_(self) -> str:
        from ..messages.html import format_html_facts  # only notebooks need it

        shown = {
            "sources": tuple(_describe(source.url, source) for source in self.sources),
            "member": _describe(self.member.name, self.member),
        }
        facts = [
            (field.name, shown.get(field.name, getattr(self, field.name)))
            for field in fields(self)
        ]
        return format_html_facts([*facts, ("download", self.download)])

    def to_dict(self) -> Mapping[str, Any]:
        """Return all fields and `download` as plain values for JSON."""
        return {**asdict(self), "download": asdict(self.download)}
