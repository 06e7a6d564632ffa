"""Read the verified text of a variant: source by source, until one has it."""

import errno
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from ..cache import Cache
from ..cache.files import open_regular
from ..cache.places import NumberType
from ..errors import ChecksumError, FetchError, FormatError
from ..messages.log import log
from ..messages.progress import Bar, announce, open_bar
from ..registry import Resource, Source, is_fetched_by_range
from ..registry.schemes import find_scheme
from ..registry.urls import read_file_path, redact
from .costs import describe_cost
from .hashes import apply_trusted_hash, record_trusted_hash
from .open_text import WholeArchiveNeeded, open_text
from .originals import find_verified_original, keep_original
from .remote import locate
from .sources import choose_sources
from .verified import Text, read_to_end

T = TypeVar("T")
Consume = Callable[[Text, Source], T]

_PIECE = 1 << 20


def read_verified(
    variant: Resource,
    cache: Cache,
    consume: Consume[T],
    *,
    action: str,
    sources: list[Source],
    progress: bool | None = None,
    dtype: NumberType | None = None,
) -> T:
    """Read the text of a variant from the first source that has it.

    Parameters
    ----------
    variant, cache
    consume : callable
        Takes a `Text` and the source that it comes from, which has a sha256 only if the
        whole file there is verified; what it returns is returned. It must read the text
        to its end, where it is verified, and keep nothing if that raises: it is then
        called again, for this source or the next.
    action : str
        What the consumer does, for the progress bar.
    sources : list of Source
        From `choose_sources`.
    progress : bool or None
        See `open_bar`.
    dtype : str, optional
        Type of the numbers, if a store is what is kept.

    Raises
    ------
    ChecksumError, FetchError
        No source had the text; each is listed with its reason.
    FormatError
        The text is the right one and cannot be read.
    OSError
        No source had a text that there is room for.
    """
    failures: list[tuple[Source, FetchError]] = []
    if not find_scheme(sources[0].url).is_local:
        cost = describe_cost(variant, cache, dtype)
        announce(f"{action} {variant.name}: {cost}", progress)
    with open_bar(f"{action} {variant.name}", progress) as bar:
        for source in sources:
            try:
                return _read(source, variant, cache, bar, consume)
            except FormatError as error:
                raise FormatError(f"{_name(variant, source)}: {error}") from error
            except FetchError as failure:
                failures.append((source, failure))
                if source is not sources[-1]:
                    reason = _describe(source, failure)
                    log.warning("%s; trying the next source", reason)
        bar.leave = False
    raise _sum_up(variant, failures, cache)


def ensure_original(
    variant: Resource,
    cache: Cache,
    *,
    from_file: Path | None = None,
    offline: bool | None = None,
    progress: bool | None = None,
    clear: Callable[[Cache], None] = lambda _: None,
) -> Path:
    """Return the path of a verified original in the cache, fetched if it is missing.

    Parameters
    ----------
    variant, cache
    from_file : Path, optional
        Use this file instead of the sources. It is verified even if the cache has the
        original.
    offline, progress
        See `choose_sources` and `open_bar`.
    clear : callable, optional
        Removes leftovers from the cache before a file is fetched.

    Raises
    ------
    ChecksumError, FetchError, FormatError, OfflineError
        See `read_verified` and `choose_sources`.
    CacheError
        The cache folder cannot be used.
    """
    given = [] if from_file is None else [_make_source(from_file, variant)]
    with cache.access():
        path = find_verified_original(variant, cache)
    if path is not None and given:
        # The file is not needed, but the user wants to know whether it is right.
        try:
            read_verified(
                variant,
                cache,
                lambda text, source: read_to_end(text),
                action="verify",
                sources=given,
                progress=progress,
            )
        except FetchError as error:
            raise type(error)(
                f"{error}\nThe cache has the right file: {path}"
            ) from error
    if path is None:
        with (
            cache.writing(),
            cache.hold_lock(variant.key or variant.reference, variant.name),
        ):
            clear(cache)
            if variant.anchor is None:
                variant = apply_trusted_hash(variant, cache)
            # Another process may have fetched it meanwhile.
            path = find_verified_original(variant, cache)
            if path is None:
                sources = given or choose_sources(variant, cache, offline)
                path = fetch_original(
                    variant, cache, sources=sources, progress=progress
                )
    cache.note_use(path.name)
    return path


def fetch_original(
    variant: Resource,
    cache: Cache,
    *,
    sources: list[Source],
    progress: bool | None = None,
) -> Path:
    """Fetch the original of a variant, keep it in the cache and return its path.

    Takes and raises the same as `read_verified`.
    """
    known = variant.member.bytes or 0
    cache.check_room(known)
    with cache.open_scratch(variant.name) as folder:
        path = folder / "original"

        def write(text: Text, source: Source) -> str:
            with path.open("wb") as file:
                while piece := text.read(_PIECE):
                    if file.tell() + len(piece) > known:
                        cache.check_spare_room(len(piece))
                    file.write(piece)
            if variant.anchor is None:
                record_trusted_hash(variant, cache, text.sha256, redact(source.url))
            return text.sha256

        sha256 = read_verified(
            variant, cache, write, action="fetch", sources=sources, progress=progress
        )
        return keep_original(path, sha256, variant, cache)


def _make_source(path: Path, variant: Resource) -> Source:
    """Return the user's file as a source of a variant."""
    try:
        open_regular(path).close()
    except OSError as error:
        raise FetchError(
            f"{path} cannot be read ({error.strerror}): give the path of the text, or "
            "of its archive"
        ) from error
    # A text with a hash of its own is verified in any container; without one, only the
    # archive as published can be verified.
    published = Source(url="") if variant.member.sha256 else variant.sources[0]
    return replace(published, url=path.absolute().as_uri())


def _read(
    source: Source, variant: Resource, cache: Cache, bar: Bar, consume: Consume[T]
) -> T:
    remote = locate(source) if find_scheme(source.url).ranges else None
    found = source if remote is None else replace(source, url=remote.source_url)

    def attempt(*, whole_archive: bool = False) -> T:
        by_range = is_fetched_by_range(source, variant.member) and not whole_archive
        verified = replace(found, sha256=None) if by_range else found
        with open_text(
            source,
            variant.member,
            cache,
            bar,
            remote=remote,
            whole_archive=whole_archive,
        ) as text:
            return consume(text, verified)

    if remote is None:
        return attempt()
    from .http import restarting

    # A file that changes during the transfer is read again from its beginning.
    try:
        return restarting(attempt)
    except WholeArchiveNeeded as reason:
        log.warning("%s; the whole archive is fetched", reason)
    return restarting(lambda: attempt(whole_archive=True))


def _name(variant: Resource, source: Source) -> str:
    """Name a text for an error; a file of the user's by its path alone."""
    shown = _show(source)
    return shown if shown == variant.origin else f"{variant.reference} ({shown})"


def _sum_up(
    variant: Resource, failures: list[tuple[Source, FetchError]], cache: Cache
) -> OSError:
    """Return the one error that lists the reason of each source."""
    from .http import NoRoom

    needed = [
        failure.coming
        for _, failure in failures
        if isinstance(failure, NoRoom) and failure.coming is not None
    ]
    if failures and len(needed) == len(failures):
        # The same error as for a disk that turns out to be full.
        full = os.strerror(errno.ENOSPC)
        return OSError(errno.ENOSPC, f"{full}, {min(needed):,} bytes are needed")
    reasons = "\n".join(f"  {_describe(*failure)}" for failure in failures)
    if all(isinstance(failure, ChecksumError) for _, failure in failures):
        advice = (
            "Either the file has changed or the entry is wrong: compare with what the "
            "file's authors publish"
        )
        kept = f"{cache.sources.as_uri()}/"
        if any(source.url.startswith(kept) for source, _ in failures):
            advice += (
                ". A damaged copy in the cache is removed by `glove-registry cache "
                f"remove {variant.name}`"
            )
        return ChecksumError(
            f"{variant.reference} was refused: its sources have other bytes than "
            f"promised ({variant.origin}), and none of them are used\n{reasons}\n"
            f"{advice}"
        )
    advice = "Check the path, the file and its entry"
    if not all(find_scheme(source.url).is_local for source, _ in failures):
        advice = (
            "Check the connection and try again, give the entry another source in a "
            "registry file of your own, or bring the file by other means: "
            f"`glove-registry fetch {variant.reference} --from FILE`"
        )
    return FetchError(
        f"{variant.reference} could not be fetched: no source had it\n{reasons}\n"
        f"{advice}"
    )


def _describe(source: Source, failure: FetchError) -> str:
    # Some errors begin with it already, as those of downloads do.
    reason, shown = str(failure), _show(source)
    return reason if reason.startswith(shown) else f"{shown}: {reason}"


def _show(source: Source) -> str:
    """Return the URL of a source for people; of a file, its path."""
    url = urlsplit(source.url)
    return str(read_file_path(url.path)) if url.scheme == "file" else redact(source.url)
