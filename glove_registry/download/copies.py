"""Whole files, exactly as they are at their sources, on this machine.

What is not on the web is copied in one piece. The libraries for it know neither a
lowest speed nor an end of patience, so each try runs in a thread that is given up when
a download over HTTP would be.
"""

import ftplib
import re
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING
from urllib.parse import unquote

from ..cache import Cache
from ..errors import FetchError, FormatError, OfflineError
from ..messages.printable import make_line, shorten
from ..messages.progress import Bar, count_up
from ..registry import Source
from ..registry.schemes import find_scheme
from ..registry.urls import redact
from .openers import load_opener
from .remote import Remote, locate
from .sources import OFFLINE_VARIABLE, is_offline

if TYPE_CHECKING:
    from .http import Policy


def copy_file(url: str, folder: Path, size: int | None = None) -> Path:
    """Copy a remote file to a folder of its own, and return the path of the copy.

    Raises `FetchError` if the file could not be copied, `OSError` if it cannot be
    written.
    """
    from .http import Client, Interrupted, Patience, check_room

    policy = Client.policy
    patience = Patience(url, policy)
    check_room(url, folder, size)
    path = folder / "copy"
    while True:
        try:
            with path.open("xb") as file:
                _copy_once(url, _BoundedFile(url, file, size, policy), policy)
            return path
        except Interrupted as fault:
            path.unlink(missing_ok=True)
            patience.spend(fault)
        except BaseException:
            path.unlink(missing_ok=True)
            raise


@contextmanager
def open_local_copy(source: Source, cache: Cache, bar: Bar) -> Iterator[Path]:
    """Provide a local copy of a source's file for the duration of the block.

    Yields the path of the file itself where the source is local, else of a copy, which
    is removed afterwards unless it is moved away. A copy that is not moved counts as
    an interrupted download, so that the next one need not transfer the same bytes
    again; but if the block raises `FormatError`, it is dropped.

    Raises
    ------
    FetchError
        The file could not be fetched.
    OfflineError
        It would have to be fetched, and the network must not be used.
    """
    scheme = find_scheme(source.url)
    if scheme.is_local:
        yield load_opener(source.url)(source.url)
        return
    if is_offline():
        raise OfflineError(
            f"{source.url} would have to be fetched, and {OFFLINE_VARIABLE} forbids "
            "using the network: fetch it elsewhere and add the file"
        )
    with suppress(_NotMoved), ExitStack() as stack:
        download = ExitStack()
        with cache.writing():
            folder = stack.enter_context(cache.open_scratch("copy"))
            if scheme.ranges:
                path = folder / "copy"
                download = _download(locate(source), path, cache, bar)
                stack.enter_context(download)
            else:
                path = copy_file(source.url, folder, source.bytes)
        try:
            yield path
        except FormatError:
            # Nothing vouches for these bytes.
            download.close()
            raise
        if path.exists():
            raise _NotMoved


class _NotMoved(Exception):
    """Leave a download as one that was interrupted, so that its part file stays."""


def list_remote_members(source: Source) -> list[str] | None:
    """List the files in a remote zip archive; None if small requests cannot tell."""
    from .http import BadArchive, RangesUnsupported, read_archive

    if is_offline():
        return None
    remote = locate(source)
    try:
        with remote.open_client() as client:
            archive = read_archive(client, remote.url)
    except (BadArchive, RangesUnsupported):
        return None
    return [one.name for one in archive.directory.members if not one.is_folder]


def _download(remote: Remote, path: Path, cache: Cache, bar: Bar) -> ExitStack:
    """Write a file of the web to a path; closing what is returned drops its part."""
    from .http import open_remote_file, restarting

    def attempt() -> ExitStack:
        with ExitStack() as stack, path.open("wb") as file:
            client = stack.enter_context(remote.open_client())
            show = partial(count_up, bar)
            pieces = open_remote_file(client, remote.url, cache.partial, on_bytes=show)
            for piece in stack.enter_context(pieces):
                file.write(piece)
            file.flush()
            return stack.pop_all()

    return restarting(attempt)


def _copy_once(url: str, file: "_BoundedFile", policy: "Policy") -> None:
    from .http import Interrupted, watch

    copy = load_opener(url)
    begun = policy.clock()
    try:
        watch(lambda: copy(url, file, policy), file.measure, policy)
    except (Interrupted, FetchError):
        raise
    # Answers of all kinds become exceptions of all kinds in the libraries.
    except Exception as error:
        if file.fault is not None:
            raise file.fault from None
        reason = make_line(shorten(redact(_describe(error, url)), 300))
        if _is_temporary(error):
            raise Interrupted(reason, lost=policy.clock() - begun) from None
        raise FetchError(f"{reason} (check the URL and the network)") from None


def _describe(error: Exception, url: str) -> str:
    text = str(error)
    if isinstance(error, ftplib.Error):
        # The opener reads replies as Latin-1.
        text = text.encode("latin-1").decode(errors="replace")
    text = _hide_login(text, url)
    if isinstance(error, EOFError):
        return text or "the server closed the connection"
    if isinstance(error, ftplib.Error):
        return f"the server answered {text}"
    return f"{type(error).__name__}: {text}"


def _hide_login(text: str, url: str) -> str:
    """Remove the user and password of a URL, which a server may repeat."""
    place = re.split("[/?#]", url.partition("://")[2])[0]
    quoted = place.rpartition("@")[0].split(":", 1)
    secrets = {form for one in quoted for form in (one, unquote(one)) if form}
    # Each before those that are part of it.
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, "***")
    return text


def _is_temporary(error: Exception) -> bool:
    import requests

    if isinstance(error, socket.gaierror):
        return error.errno == socket.EAI_AGAIN
    passing = (ConnectionError, TimeoutError, EOFError, ftplib.error_temp)
    theirs = (requests.exceptions.ConnectionError, requests.exceptions.Timeout)
    return isinstance(error, (*passing, *theirs))


class _BoundedFile:
    """A file that takes no more than is expected of it, and leaves room on the disk.

    It is closed when the try that writes to it is given up, which then ends, too, as
    soon as another byte arrives.
    """

    def __init__(
        self, url: str, file: IO[bytes], size: int | None, policy: "Policy"
    ) -> None:
        self.fault: OSError | None = None
        self._url = url
        self._file = file
        self._size = size
        self._limit = policy.undeclared_limit if size is None else size
        self._count = 0

    def write(self, data: bytes) -> int:
        """Write all of it."""
        self._count += len(data)
        try:
            self._check()
            return self._file.write(data)
        except OSError as fault:
            self.fault = fault
            raise

    def measure(self) -> int:
        """Return the number of bytes that have arrived."""
        return self._count

    def _check(self) -> None:
        from .http import check_room

        if self._count > self._limit:
            raise FetchError(
                f"it goes on past the {self._limit:,} bytes it should have: choose "
                "another source"
            )
        if self._size is None:
            check_room(self._url, Path(self._file.name).parent, None)
