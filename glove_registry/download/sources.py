"""One source, opened: its text as a stream, wherever it lies and however it is packed.

=====================  ==================================================
``https:``, ``http:``  streamed by `transport`; of a zip only the member
``file:``              read where it is
``package:``           read inside an installed Python package
``ftp:`` and others    brought to a file, then read like one
=====================  ==================================================
"""

import importlib.util
import os
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import partial
from io import BufferedReader, FileIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ..cache import Cache
from ..errors import ChecksumError, FetchError, FormatError, GloveRegistryError
from ..messages.progress import Bar, count_up
from ..registry import Member, Source, is_zip
from ..registry.urls import read_file_path, redact
from .containers import Peeked, open_zipped, unpack
from .elsewhere import retrieve
from .verified import Text, VerifiedText, read_to_end

Way = Callable[[], AbstractContextManager[Text]]
"""Opens the text of a source; what it yields is to be read to its end."""

_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class AnotherWay(FetchError):
    """The source has the text, but not in this way."""


def list_ways(source: Source, member: Member, cache: Cache, bar: Bar) -> list[Way]:
    """List the ways to a source's text, the shortest one first.

    Parameters
    ----------
    source : Source
    member : Member
        What is inside the file at the source.
    cache : Cache
        Where part files of downloads lie.
    bar : Bar
        Where progress is drawn.

    Returns
    -------
    list of callable
        Each opens the text as a context manager, which raises `FetchError` if the
        source does not have it, `ChecksumError` if it is another one, `FormatError`
        if it is the right one and cannot be unpacked. `AnotherWay` means that the next
        way in the list is the right one.
    """
    parts = urlsplit(source.url)
    if is_local(source):
        ways = [_open_in_place]
    elif parts.scheme not in ("https", "http"):
        ways = [partial(_open_from_elsewhere, cache)]
    elif not is_zip(source, member):
        ways = [partial(_open_file, cache), partial(_open_archive, cache)]
    elif member.sha256:
        # A member's own hash makes the rest of the archive needless.
        ways = [partial(_open_member, cache), partial(_open_archive, cache)]
    else:
        ways = [partial(_open_archive, cache)]
    return [partial(way, source, member, bar) for way in ways]


def is_local(source: Source) -> bool:
    """Say whether a source is on this machine."""
    return urlsplit(source.url).scheme in ("file", "package")


def is_here(source: Source) -> bool:
    """Say whether a source is on this machine and has its file."""
    if not is_local(source):
        return False
    try:
        locate(source)
    except FetchError:
        return False
    return True


# -- this machine -------------------------------------------------------------------


def locate(source: Source) -> Path:
    """Find the file of a ``file:`` or ``package:`` source.

    Raises
    ------
    FetchError
        It is not on this machine.
    """
    parts = urlsplit(source.url)
    if parts.scheme == "file":
        paths = [read_file_path(parts.path)]
    else:
        package, _, inside = parts.path.partition("/")
        top, *folders = package.split(".")
        # Found, not imported: no code runs for a file to be read.
        spec = None
        with suppress(ValueError):  # a module that is no package and has no spec
            spec = importlib.util.find_spec(top)
        if spec is None or not spec.submodule_search_locations:
            raise FetchError(f"the Python package {package!r} is not installed")
        paths = [
            Path(location, *folders, *inside.split("/"))
            for location in spec.submodule_search_locations
        ]
    for path in paths:
        if path.is_file():
            return path
    raise FetchError(f"{paths[0]} does not exist or is not a regular file")


@contextmanager
def _open_in_place(source: Source, member: Member, bar: Bar) -> Iterator[Text]:
    """Read a file of this machine where it is."""
    with _open_path(locate(source), source, member, bar) as text:
        yield text


@contextmanager
def _open_path(path: Path, source: Source, member: Member, bar: Bar) -> Iterator[Text]:
    with _SourceFile(path) as raw_file, BufferedReader(raw_file) as file:
        size = os.fstat(file.fileno()).st_size
        if source.bytes not in (None, size):
            # The hash of hundreds of megabytes is not needed to know.
            raise ChecksumError(f"{path} has {size:,} bytes, expected {source.bytes:,}")
        bar.reset(size)
        expected = Member(sha256=source.sha256, bytes=source.bytes)
        raw = Peeked(VerifiedText(file, expected, str(path), bar.update))
        # Where no hash vouches for the file, what is wrong with it is its own fault.
        unread = FetchError if source.sha256 is None else FormatError
        with _translate(FormatError, unread):
            if not raw.is_zip:
                with (
                    _find_whose_fault(raw),
                    _unpack(raw, member, str(path)) as text,
                ):
                    yield text
                return
            # A member is not read in the file's order: all of it is verified before.
            read_to_end(raw)
            bar.reset(member.bytes)
            with open_zipped(file, member.name, str(path)) as text, _accuse(source):
                shown = f"member {member.name}" if member.name else str(path)
                yield VerifiedText(text, member, shown, bar.update)


class _SourceFile(FileIO):
    """A file whose failures are told as the source's own, not as the cache's."""

    def __init__(self, path: Path) -> None:
        with _blame(path):
            super().__init__(path, "rb")

    def readinto(self, buffer: Any, /) -> int | None:
        with _blame(Path(self.name)):
            return super().readinto(buffer)

    def readall(self) -> bytes:
        with _blame(Path(self.name)):
            return super().readall()


@contextmanager
def _blame(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise FetchError(f"{path} cannot be read ({error.strerror})") from error


# -- the network --------------------------------------------------------------------


@contextmanager
def _open_file(
    cache: Cache, source: Source, member: Member, bar: Bar
) -> Iterator[Text]:
    """Stream a whole file and unpack it on its way."""
    from .http import BadArchive, open_file

    with (
        open_file(
            source.url,
            cache.partial,
            sha256=source.sha256,
            size=source.bytes,
            pinned=member.sha256 is not None,
            on_bytes=_draw_on(bar, source),
        ) as raw,
        _find_whose_fault(raw),
    ):
        start = Peeked(raw)
        if start.is_zip:
            raise AnotherWay(f"{redact(source.url)} turns out to be an archive")
        try:
            with _unpack(start, member, redact(source.url)) as text:
                yield text
        except FormatError as error:
            if source.sha256 is None:
                # Nothing vouches for these bytes: they are not gone on with.
                raw.distrust(BadArchive(raw.url, str(error), "text"))
            raise
        except ChecksumError as error:
            if source.sha256 is None:
                raw.distrust(error)
            raise


@contextmanager
def _open_member(
    cache: Cache, source: Source, member: Member, bar: Bar
) -> Iterator[Text]:
    """Stream one member of an archive, and nothing else of it."""
    from .http import RangesUnsupported, open_member

    with (
        _translate(RangesUnsupported, AnotherWay),
        open_member(
            source.url,
            member.name,
            cache.partial,
            sha256=member.sha256,
            size=member.bytes,
            on_bytes=_draw_on(bar, source),
        ) as text,
        _find_whose_fault(text),
    ):
        yield text


@contextmanager
def _open_archive(
    cache: Cache, source: Source, member: Member, bar: Bar
) -> Iterator[Text]:
    """Take a whole archive and read the member out of it."""
    from .http import BadArchive, open_archived_member

    with (
        _translate(BadArchive, FormatError if source.sha256 else FetchError),
        open_archived_member(
            source.url,
            member.name,
            cache.partial,
            sha256=member.sha256,
            size=member.bytes,
            archive_sha256=source.sha256,
            archive_size=source.bytes,
            on_bytes=_draw_on(bar, source),
        ) as text,
        _find_whose_fault(text),
        _accuse(source),
    ):
        yield text


@contextmanager
def _open_from_elsewhere(
    cache: Cache, source: Source, member: Member, bar: Bar
) -> Iterator[Text]:
    """Bring what is not on the web to a file, and read it like one."""
    with cache.open_scratch("retrieved") as folder:
        path = retrieve(source.url, folder, source.bytes)
        with _open_path(path, source, member, bar) as text:
            yield text


def _draw_on(bar: Bar, source: Source) -> Callable[[int, int | None], None]:
    """Draw the bytes that have arrived, those of an earlier run included."""
    parts = urlsplit(source.url)
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        warnings.warn(
            f"{redact(source.url)} is fetched without TLS: others can see what is "
            "fetched; "
            "the checksum still decides whether it is used",
            stacklevel=2,
        )
    bar.reset(source.bytes)

    def draw(done: int, total: int | None) -> None:
        count_up(bar, done, total)

    return draw


@contextmanager
def _translate(
    theirs: type[Exception], ours: type[GloveRegistryError]
) -> Iterator[None]:
    try:
        yield
    except theirs as error:
        raise ours(str(error)) from error


# -- whose fault --------------------------------------------------------------------


@contextmanager
def _find_whose_fault(raw: Text) -> Iterator[None]:
    """If text cannot be read, find out whether the right bytes arrived at all.

    The verdict is at their end: wrong ones are the source's fault, and say so there.
    """
    try:
        yield
    except FormatError:
        read_to_end(raw)
        raise


@contextmanager
def _accuse(source: Source) -> Iterator[None]:
    """If a verified archive holds another text than promised, say whose fault it is."""
    try:
        yield
    except ChecksumError as error:
        if source.sha256 is None:
            raise
        raise ChecksumError(
            f"{error}; the archive around it has the right sha256, so that the "
            "entry must be wrong about the member: please report it to its author"
        ) from error


@contextmanager
def _unpack(start: Peeked, member: Member, shown: str) -> Iterator[Text]:
    """Open the text inside a file; that of a plain one is the file itself."""
    with unpack(start, shown, member.name) as content:
        if content is start and member.sha256 is None and member.bytes is None:
            yield start
        else:
            yield VerifiedText(content, member, shown)
