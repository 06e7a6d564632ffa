"""Locks between processes: one does the work, the others wait for it.

A lock only saves work: files are complete because they are published by a rename. Where
there can be no lock, because the file system has none or the lock file belongs to
another user, the work goes on without it.
"""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ..errors import CacheError
from ..messages.log import log

# The largest archive takes half an hour at 10 Mbit/s: a process that holds a lock for
# longer is likely to hang.
PATIENCE_SECONDS = 3600.0

_POLL_SECONDS = 0.2
# A link could lead to a file outside the cache; opening a pipe could wait forever.
_FLAGS = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


@contextmanager
def hold_lock(path: Path, what: str) -> Iterator[None]:
    """Hold the lock of a file, which stays afterwards, while the block runs.

    `what` is being done, and is shown to those who wait. Raises `CacheError` if another
    process holds the lock for an hour.
    """
    descriptor = _acquire(path, what)
    try:
        yield
    finally:
        if descriptor is not None:
            _release(descriptor)


@contextmanager
def hold_if_free(path: Path) -> Iterator[bool]:
    """Hold the lock of a file while the block runs, unless another process does.

    Yields whether no other does, as far as the file system tells. The block may remove
    the file.
    """
    try:
        descriptor = _open(path)
    except OSError:
        yield True
        return
    try:
        locked = try_lock(descriptor)
        yield locked is None or (locked and is_at(path, descriptor))
    finally:
        _release(descriptor)


def try_lock(descriptor: int) -> bool | None:
    """Lock an open file without waiting; closing it, or dying, releases the lock.

    Return False if it is locked already, by any process or thread; None where the file
    system has no locks.
    """
    if sys.platform == "win32":
        import msvcrt

        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True


def _release(descriptor: int) -> None:
    """Unlock a file and close it."""
    if sys.platform != "win32":
        import fcntl

        # A process that was forked meanwhile has the file open, and would keep the
        # lock: from others for as long as it lives, and from itself.
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_UN)
    os.close(descriptor)


def is_at(path: Path, descriptor: int) -> bool:
    """Return whether an open file is still the one at a path."""
    try:
        return os.path.samestat(os.fstat(descriptor), os.lstat(path))
    except OSError:
        return False


def _acquire(path: Path, what: str) -> int | None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    is_waiting = False
    while True:
        try:
            descriptor = _open(path)
        except OSError as error:
            log.info("%s is not locked (%s)", what, error)
            return None
        locked = try_lock(descriptor)
        # A lock on a file that has been removed meanwhile excludes nobody.
        if locked is None or (locked and is_at(path, descriptor)):
            return descriptor
        os.close(descriptor)
        if time.monotonic() > deadline:
            raise CacheError(
                f"another process has been busy with {what} for more than "
                f"{PATIENCE_SECONDS / 60:.0f} minutes and holds {path}: end it, or use "
                "another cache folder"
            )
        if not is_waiting:
            is_waiting = True
            log.warning(
                "another process or thread is busy with %s: waiting for it, for up to "
                "%d minutes (lock file %s)",
                what,
                PATIENCE_SECONDS // 60,
                path,
            )
        time.sleep(_POLL_SECONDS)


def _open(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | _FLAGS, 0o666)
    except PermissionError:
        # Another user's file: on a local file system, reading is enough for a lock.
        return os.open(path, os.O_RDONLY | _FLAGS)
