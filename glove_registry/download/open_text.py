"""Open one source: its text as a verified stream, wherever and however it is kept."""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from io import BufferedReader, FileIO
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from ..cache import Cache
from ..errors import ChecksumError, FetchError, FormatError, GloveRegistryError
from ..messages.caller import warn_caller
from ..messages.printable import quote, shorten
from ..messages.progress import Bar, count_up
from ..registry import Member, Source, is_fetched_by_range
from ..registry.schemes import find_scheme
from ..registry.urls import is_loopback, redact
from .containers import LookaheadText, is_npz, open_zipped, unpack
from .copies import copy_file
from .openers import load_opener
from .remote import Remote, is_packed_otherwise
from .verified import Text, VerifiedText, read_to_end

if TYPE_CHECKING:
    from .http import Client

Show = Callable[[int, int | None], None]


class WholeArchiveNeeded(FetchError):
    """The source has the text, but only with the whole archive around it."""


def open_text(
    source: Source,
    member: Member,
    cache: Cache,
    bar: Bar,
    *,
    remote: Remote | None = None,
    whole_archive: bool = False,
) -> AbstractContextManager[Text]:
    """Open the text that `member` describes, inside the file of a source.

    `remote` is the file as `locate` finds it, if the scheme of the source has ranges.

    Raises
    ------
    FetchError
        The source does not have the text.
    WholeArchiveNeeded
        It has, but its server has no ranges, or this is no zip archive: open it again
        with `whole_archive`.
    ChecksumError
        The source has another text.
    FormatError
        The text is the right one and cannot be unpacked.
    """
    scheme = find_scheme(source.url)
    if scheme.is_local:
        path = load_opener(source.url)(source.url)
        return _open_path(path, cache, source, member, bar)
    if remote is None:
        return _open_copy(cache, source, member, bar)
    _warn_without_tls(source.url)
    bar.reset(source.bytes)
    show = partial(count_up, bar)
    # The member's own hash makes the rest of the archive needless.
    if is_fetched_by_range(source, member) and not whole_archive:
        return _open_member(remote, cache, member, show)
    return _open_file(remote, cache, source, member, show)


# -- this machine -------------------------------------------------------------------


@contextmanager
def _open_path(
    path: Path, cache: Cache, source: Source, member: Member, bar: Bar
) -> Iterator[Text]:
    with _SourceFile(path) as raw_file, BufferedReader(raw_file) as file:
        size = os.fstat(file.fileno()).st_size
        if source.bytes not in (None, size):
            # Known without hashing hundreds of megabytes.
            raise ChecksumError(
                f"the file has {size:,} bytes, expected {source.bytes:,}"
            )
        bar.reset(size)
        expected = Member(sha256=source.sha256, bytes=source.bytes)
        whole = VerifiedText(file, expected, "the file", bar.update)
        # Without a hash that vouches for the file, a fault in it is the source's.
        unread = FetchError if source.sha256 is None else FormatError
        with (
            _translate(FormatError, unread),
            _open_inside(whole, file, cache, source, member, bar) as text,
        ):
            yield text


@contextmanager
def _open_copy(
    cache: Cache, source: Source, member: Member, bar: Bar
) -> Iterator[Text]:
    with cache.open_scratch("copy") as folder:
        path = copy_file(source.url, folder, source.bytes)
        with _open_path(path, cache, source, member, bar) as text:
            yield text


class _SourceFile(FileIO):
    """A file whose faults are the source's: `FetchError`, not the cache's `OSError`."""

    def __init__(self, path: Path) -> None:
        with _blame_source():
            super().__init__(path, "rb")

    def readinto(self, buffer: Any, /) -> int | None:
        with _blame_source():
            return super().readinto(buffer)


@contextmanager
def _blame_source() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise FetchError(f"the file cannot be read ({error.strerror})") from error


# -- the network --------------------------------------------------------------------


@contextmanager
def _open_file(
    remote: Remote, cache: Cache, source: Source, member: Member, show: Show
) -> Iterator[Text]:
    """Fetch a whole file; unless it is a zip archive, unpack it while it arrives."""
    from .http import BadArchive, open_remote_file

    with (
        remote.open_client() as client,
        open_remote_file(
            client,
            remote.url,
            cache.partial,
            sha256=source.sha256,
            size=source.bytes,
            has_checksum=member.sha256 is not None,
            on_bytes=show,
        ) as raw,
    ):
        try:
            # What is shown is the transfer alone.
            with _open_inside(raw, raw.file, cache, source, member, Bar()) as text:
                yield text
        except (FormatError, ChecksumError) as error:
            if source.sha256 is not None:
                raise
            # Nothing vouches for these bytes: no later run goes on from them.
            if isinstance(error, FormatError):
                raw.reject(BadArchive(raw.url, str(error), "text"))
            raw.reject(error)


@contextmanager
def _open_member(
    remote: Remote, cache: Cache, member: Member, show: Show
) -> Iterator[Text]:
    """Stream one member of an archive, and nothing else of it."""
    from .http import RangesUnsupported, open_member

    with (
        _translate(RangesUnsupported, WholeArchiveNeeded),
        remote.open_client() as client,
        _only_for_zip(client, remote.url),
        open_member(
            client,
            remote.url,
            member.name,
            cache.partial,
            sha256=member.sha256,
            size=member.bytes,
            on_bytes=show,
        ) as text,
        _verified_to_end(text),
    ):
        yield text


@contextmanager
def _only_for_zip(client: "Client", url: str) -> Iterator[None]:
    """Raise `WholeArchiveNeeded` if a file is an archive of another kind than zip."""
    from .http import BadArchive

    try:
        yield
    except BadArchive as error:
        if not is_packed_otherwise(client, url):
            raise
        raise WholeArchiveNeeded(f"{error.url}: this is no zip archive") from error


def _warn_without_tls(url: str) -> None:
    if not (find_scheme(url).encrypted or is_loopback(url)):
        warn_caller(
            f"{redact(url)} is fetched without TLS: others can see what is fetched; "
            "the checksum still decides whether it is used"
        )


# -- whose fault it is --------------------------------------------------------------


@contextmanager
def _translate(
    theirs: type[Exception], ours: type[GloveRegistryError]
) -> Iterator[None]:
    try:
        yield
    except theirs as error:
        raise ours(str(error)) from error


@contextmanager
def _verified_to_end(raw: Text) -> Iterator[None]:
    """If a text cannot be read, verify first that the right bytes arrived.

    Wrong ones are the source's fault, which the error at their end says.
    """
    try:
        yield
    except FormatError:
        read_to_end(raw)
        raise


@contextmanager
def _blame_entry(source: Source) -> Iterator[None]:
    """If a verified archive holds another text than promised, the entry is wrong."""
    try:
        yield
    except ChecksumError as error:
        if source.sha256 is None:
            raise
        raise ChecksumError(
            f"{error}; the archive around it has the right sha256, so that the "
            "entry must be wrong about the member: please report it to its author"
        ) from error


# -- what is inside -----------------------------------------------------------------


@contextmanager
def _open_inside(
    whole: Text,
    file: IO[bytes],
    cache: Cache,
    source: Source,
    member: Member,
    bar: Bar,
) -> Iterator[Text]:
    """Open the text inside a file, wherever that came from.

    `whole` is the file as it arrives; once it has been read to its end, `file` has all
    of it, and can be sought.
    """
    has_member = member.name is not None and not _is_original(source, cache)
    start = LookaheadText(whole, has_member=has_member)
    if not start.is_zip:
        with _verified_to_end(start), _unpack(start, cache, source, member) as text:
            yield text
        return
    # A member need not lie in the file's order: the file is verified before.
    read_to_end(start)
    bar.reset(member.bytes)
    if is_npz(start.head) and start.sha256 == member.sha256:
        # A member of an archive in another source; here it is the file.
        file.seek(0)
        yield VerifiedText(file, member, "the text", bar.update)
        return
    with open_zipped(file, member.name) as inside, _blame_entry(source):
        shown = f"member {shorten(member.name, 80)}" if member.name else "the text"
        yield VerifiedText(inside, member, shown, bar.update)


def _is_original(source: Source, cache: Cache) -> bool:
    return source.url.startswith(f"{cache.sources.as_uri()}/")


@contextmanager
def _unpack(
    start: LookaheadText, cache: Cache, source: Source, member: Member
) -> Iterator[Text]:
    """Open the text inside a file; that of a plain file is the file itself."""
    # A text of its own hash may be a member in one source and plain in another, and an
    # original that the cache has kept is plain.
    may_be_plain = (
        member.name is None or member.sha256 is not None or _is_original(source, cache)
    )
    with unpack(start, member.name) as content:
        if content is start and not may_be_plain:
            raise FormatError(
                f"the file is no archive, and has no member {quote(member.name)}"
            )
        if content is start and member.sha256 is None and member.bytes is None:
            yield start
        else:
            yield VerifiedText(content, member, "the text")
