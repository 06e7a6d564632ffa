"""A whole file, exactly as it is at its source, on this machine for a while.

For who has to look at all of it before anything is known of it.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from ..cache import Cache
from ..errors import FormatError, OfflineError
from ..messages.progress import Bar, count_up
from ..registry import Source
from .elsewhere import retrieve
from .route import OFFLINE_VARIABLE, is_offline
from .sources import is_local, locate


@contextmanager
def open_whole(source: Source, cache: Cache, bar: Bar) -> Iterator[Path]:
    """Have the file of a source on this machine while the block runs.

    Parameters
    ----------
    source : Source
    cache : Cache
        Where it is fetched to.
    bar : Bar
        Where progress is drawn.

    Yields
    ------
    Path
        Of the file itself where the source is local, else of a copy, which is gone
        afterwards unless it is moved away. One that is not moved counts as a transfer
        that was interrupted, so that the next one need not move the same bytes again;
        but if the block raises `FormatError`, they are not gone on with.

    Raises
    ------
    FetchError
        It did not come.
    OfflineError
        It would have to be fetched, and the network is out of bounds.
    """
    if is_local(source):
        yield locate(source)
        return
    if is_offline():
        raise OfflineError(
            f"{source.url} would have to be fetched, and {OFFLINE_VARIABLE} puts the "
            "network out of bounds"
        )
    if urlsplit(source.url).scheme in ("https", "http"):
        with _transfer(source.url, cache, bar) as path:
            yield path
        return
    with ExitStack() as stack:
        with cache.writing():
            folder = stack.enter_context(cache.open_scratch("whole"))
            path = retrieve(source.url, folder, source.bytes)
        yield path


def list_remote_members(url: str) -> list[str] | None:
    """List what a remote zip holds, by a small request; None if it does not tell."""
    from .http import BadArchive, RangesUnsupported, read_archive

    if is_offline():
        return None
    try:
        directory = read_archive(url).directory
    except (BadArchive, RangesUnsupported):
        return None
    return [entry.name for entry in directory.entries if not entry.is_folder]


class _Unfinished(Exception):
    """Leaves the block of a transfer, whose part file then stays."""


@contextmanager
def _transfer(url: str, cache: Cache, bar: Bar) -> Iterator[Path]:
    from .http import open_file, restarting

    def draw(done: int, total: int | None) -> None:
        count_up(bar, done, total)

    def attempt(path: Path) -> ExitStack:
        with ExitStack() as transfer, path.open("wb") as file:
            for piece in transfer.enter_context(
                open_file(url, cache.partial, on_bytes=draw)
            ):
                file.write(piece)
            file.flush()
            return transfer.pop_all()

    with ExitStack() as stack:
        with cache.writing():
            path = stack.enter_context(cache.open_scratch("whole")) / "whole"
            transfer = restarting(partial(attempt, path))
        fault = None
        with suppress(_Unfinished), transfer:
            try:
                yield path
            except FormatError as error:
                # Nothing vouches for these bytes.
                fault = error
            else:
                if path.exists():
                    raise _Unfinished
        if fault is not None:
            raise fault
