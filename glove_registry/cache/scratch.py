"""Temporary folders that show whether their process is still alive.

Beside each folder lies a lock file that its process holds while it uses the folder. A
process that ends in any way, even by a kill or a power cut, releases the lock, so that
the next process may remove the folder at once::

    glove.6B.50d-0f3a91c2/        what is being written
    glove.6B.50d-0f3a91c2.lock    locked, and names the machine
"""

import os
import platform
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from .files import find_last_change, remove_all
from .lock import is_at, try_lock

# On some network file systems, a lock is seen by one machine alone. Folders of another
# machine are left alone until nothing in them has changed for an hour.
PATIENCE_SECONDS = 3600.0

_FLAGS = os.O_RDWR | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
_MAX_LABEL = 200


@contextmanager
def open_scratch(parent: Path, label: str) -> Iterator[Path]:
    """Make a temporary folder, and remove it with its content after the block.

    Its name begins with the label. `parent` is on the file system that the result is to
    be renamed to.
    """
    descriptor, folder = _claim(parent, label)
    try:
        folder.mkdir()
        yield folder
    finally:
        remove_all(folder)
        os.close(descriptor)
        with suppress(OSError):
            name_lock(folder).unlink()


def sweep_scratch(parent: Path, label: str = "") -> None:
    """Remove the temporary folders, of one label or of all, of processes that died."""
    label = re.escape(label[:_MAX_LABEL]) if label else ".*"
    ours = re.compile(rf"{label}-[0-9a-f]{{8}}\.lock", re.DOTALL)
    # Others may be sweeping too, and files of another user may not be readable.
    with suppress(OSError):
        for path in sorted(parent.iterdir()):
            if ours.fullmatch(path.name):
                with suppress(OSError):
                    _sweep_one(path)


def name_lock(folder: Path) -> Path:
    """Return the path of the lock file of a temporary folder."""
    return folder.with_name(f"{folder.name}.lock")


def _claim(parent: Path, label: str) -> tuple[int, Path]:
    """Create and lock a lock file; return its descriptor and the path of its folder."""
    while True:
        folder = parent / f"{label[:_MAX_LABEL]}-{os.urandom(4).hex()}"
        path = name_lock(folder)
        try:
            descriptor = os.open(path, _FLAGS | os.O_CREAT | os.O_EXCL, 0o666)
        except FileExistsError:
            continue
        # On a full disk, the file stays empty: a folder is needed to free space, too.
        with suppress(OSError):
            os.write(descriptor, platform.node().encode())
        # None: there are no locks here, and leftovers are known by their age alone.
        if try_lock(descriptor) is not False and is_at(path, descriptor):
            return descriptor, folder
        # Another process took it for a leftover before it was locked.
        os.close(descriptor)


def _sweep_one(path: Path) -> None:
    folder = path.with_suffix("")
    descriptor = os.open(path, _FLAGS)
    try:
        locked = try_lock(descriptor)
        if locked is False:
            return
        is_local = os.read(descriptor, 1024) == platform.node().encode()
        is_empty = not os.path.lexists(folder)
        if not (locked and (is_local or is_empty)):
            newest = max(find_last_change(folder), find_last_change(path))
            if time.time() - newest < PATIENCE_SECONDS:
                return
        remove_all(folder)
        # Another user's files may have stayed; then the lock file stays with them.
        if not os.path.lexists(folder):
            path.unlink()
    finally:
        os.close(descriptor)
