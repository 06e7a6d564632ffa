"""One process does the work, the others wait for it.

The lock is for economy alone: what is published is whole because it is published by a
rename. So where a file system knows no locks, everybody goes on without one.
"""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import CacheError
from .log import log

# The largest archive takes half an hour at 10 Mbit/s; who waits longer waits for a
# process that hangs.
PATIENCE_SECONDS = 3600.0

_NO_LOCKS_HERE = {errno.ENOSYS, errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP}


@contextmanager
def hold_lock(path: Path, what: str) -> Iterator[None]:
    """Hold the lock of a file while the block runs.

    Parameters
    ----------
    path : Path
        The lock file; it stays when the lock is released.
    what : str
        What the lock is for, told to those who wait.

    Raises
    ------
    CacheError
        Another process held the lock for an hour.
    """
    # Only cold loads lock anything; the warm path does not pay for the import.
    from filelock import FileLock, Timeout

    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path)
    try:
        try:
            lock.acquire(timeout=0)
        except Timeout:
            log.warning(
                "another process or thread is busy with %s: waiting for it, for up to "
                "%d minutes (lock file %s)",
                what,
                PATIENCE_SECONDS // 60,
                path,
            )
            lock.acquire(timeout=PATIENCE_SECONDS, poll_interval=0.2)
    except Timeout:
        raise CacheError(
            f"another process has been busy with {what} for more than "
            f"{PATIENCE_SECONDS / 60:.0f} minutes and holds {path}: end it, or use "
            "another cache folder"
        ) from None
    except OSError as error:
        if error.errno not in _NO_LOCKS_HERE:
            raise
    try:
        yield
    finally:
        lock.release()
