"""Regular files and what lies in folders, safe in a cache that others may write to.

Only regular files are opened: reading a FIFO without a writer waits forever, and a
device such as ``/dev/zero`` has no end.
"""

import errno
import os
import stat
from contextlib import suppress
from io import BufferedReader
from pathlib import Path

# Of errors: the disk is full, or what a user may have of it.
FULL = frozenset({errno.ENOSPC, errno.EDQUOT})

_RESERVE = 256 << 20

_KINDS = {
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


class NotRegularError(OSError):
    """What lies at a path is not a regular file."""


def open_regular(path: str | os.PathLike[str]) -> BufferedReader:
    """Open a regular file for reading.

    Raises
    ------
    NotRegularError
        It is not a regular file; ``strerror`` says what it is.
    OSError
        It does not exist or cannot be read.
    """
    # Without O_NONBLOCK, opening a FIFO waits for its writer.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        descriptor = os.open(path, flags)
    except ValueError as error:  # a null character
        raise OSError(errno.EINVAL, str(error), os.fspath(path)) from None
    except OSError as error:
        if error.errno not in (errno.ELOOP, errno.ENXIO):  # a loop of links, a socket
            raise
        raise NotRegularError(error.errno, error.strerror, os.fspath(path)) from None
    kind = stat.S_IFMT(os.fstat(descriptor).st_mode)
    if kind == stat.S_IFREG:
        return open(descriptor, "rb")
    os.close(descriptor)
    if kind == stat.S_IFDIR:
        raise NotRegularError(errno.EISDIR, os.strerror(errno.EISDIR), os.fspath(path))
    found = _KINDS.get(kind, "of unknown kind")
    raise NotRegularError(errno.EINVAL, f"{found}, not a regular file", os.fspath(path))


def read_regular(path: Path) -> bytes:
    """Return the content of a regular file; raises as `open_regular` does."""
    with open_regular(path) as file:
        return file.read() or b""  # None where nothing can be read now, as /proc/kmsg


def expand_user(path: str | os.PathLike[str]) -> Path:
    """Return a path with a home folder for ``~``; where nobody has one, it stays."""
    with suppress(ValueError):  # a null character
        path = os.path.expanduser(path)
    return Path(path)


def advise(error: OSError, otherwise: str) -> str:
    """Return what to do after an error of writing, with `otherwise` as one way out."""
    return "free some disk space, or " * (error.errno in FULL) + otherwise


def measure_spare_room(folder: Path) -> int:
    """Return how many bytes of unknown total may still be written to a folder's disk.

    256 MiB, or a twentieth of a small disk, stay free for others. The result is
    negative if less than that is free.
    """
    import shutil

    disk = shutil.disk_usage(folder)
    return disk.free - min(_RESERVE, disk.total // 20)


def remove_all(path: Path) -> None:
    """Remove what lies at a path, as far as possible; links are not followed."""
    import shutil  # it imports all of Python's archive formats

    with suppress(OSError):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def find_last_change(path: Path) -> float:
    """Return when a file, or anything in a folder, last changed; 0.0 if missing."""
    newest = 0.0
    for entry in walk(path):
        with suppress(OSError):
            newest = max(newest, entry.lstat().st_mtime)
    return newest


def walk(path: Path) -> list[Path]:
    """List a path and everything below it; links are not followed."""
    found = [path]
    if path.is_dir() and not path.is_symlink():
        for folder, folders, files in os.walk(path):
            found += [Path(folder, name) for name in (*folders, *files)]
    return found
