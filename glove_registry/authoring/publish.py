"""A small file of somebody's, changed whole or not at all."""

import hashlib
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ..cache import Cache
from ..cache.files import open_regular
from ..cache.publish import flush, publish
from ..errors import GloveRegistryError, OutputError, RegistryError


class _ChangedMeanwhile(Exception):
    """The file changed between reading it and replacing it."""


def read_text(path: Path) -> str:
    """Read a registry file that is to be changed; one that is not there is empty.

    Raises
    ------
    RegistryError
        It is no text.
    OutputError
        It cannot be read, or is not a regular file.
    """
    with _told(path):
        return _decode(_read(_follow(path)) or b"", path)


def check_writable(path: Path) -> None:
    """See that a file can be changed, before much is done for what goes into it.

    Raises
    ------
    OutputError
        It cannot, as far as this can be told without doing it.
    """
    target = _follow(path)
    if not target.parent.is_dir():
        raise OutputError(f"{path}: there is no folder {target.parent}: make it first")
    for place in (target.parent, target):
        if place.exists() and not os.access(place, os.W_OK):
            raise OutputError(f"{path}: you may not write to {place}")


def rewrite(path: Path, change: Callable[[str], str], cache: Cache) -> str:
    """Give a file the text that a function makes of the one it has.

    The new text is written beside the old one, flushed to the disk, and takes its
    name: at each moment one of the two is there, and whole. A symbolic link stays
    one, and permissions stay.

    Parameters
    ----------
    path : Path
        It need not be there.
    change : callable
        Called again with the newer text if somebody else changes the file meanwhile.
    cache : Cache
        Where the lock is, which those hold who change the file in this way.

    Returns
    -------
    str
        The new text.

    Raises
    ------
    RegistryError
        The file is no text, or what `change` raises.
    OutputError
        The file cannot be read or written.

    In either case it is as it was.
    """
    with _told(path), _hold(path, cache):
        target = _follow(path)
        while True:
            before = _read(target)
            text = change(_decode(before or b"", path))
            with suppress(_ChangedMeanwhile), publish(target) as part:
                _write(part, text.encode(), target)
                flush(part)
                # Editors do not take the lock.
                if _read(target) != before:
                    raise _ChangedMeanwhile
                return text


def _follow(path: Path) -> Path:
    return Path(os.path.realpath(path))


def _read(target: Path) -> bytes | None:
    try:
        with open_regular(target) as file:
            return file.read()
    except FileNotFoundError:
        return None


def _decode(content: bytes, path: Path) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise RegistryError(
            f"{path}: not UTF-8 at byte {error.start}: save the file as UTF-8"
        ) from None


def _write(part: Path, content: bytes, like: Path) -> None:
    # open(), as files of tempfile are their owner's alone.
    with part.open("xb") as file:
        with suppress(FileNotFoundError):
            status = like.stat()
            # Only who owns a file may give it away, and not on every system.
            with suppress(OSError, AttributeError):
                os.chown(part, status.st_uid, status.st_gid)
            part.chmod(stat.S_IMODE(status.st_mode))
        file.write(content)


@contextmanager
def _hold(path: Path, cache: Cache) -> Iterator[None]:
    """Let only one process at a time change a file, where there can be a lock."""
    key = hashlib.sha256(os.fsencode(_follow(path))).hexdigest()
    # A cache that is read-only has no room for one; who changes the file at the same
    # time is then told from its bytes alone.
    with cache.hold_lock(f"registry-{key}", str(path)):
        yield


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Turn the refusals of the file system into an error that names the file."""
    try:
        yield
    except OSError as error:
        if isinstance(error, GloveRegistryError):
            raise
        raise OutputError(
            f"{path} cannot be changed ({error.strerror or error}): it is as it was"
        ) from error
