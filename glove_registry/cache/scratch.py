"""Folders to write in, of which anybody can tell whether their process still lives.

Beside each such folder lies a lock file that its process holds for as long as it uses
the folder. A process that ends in any way, be it by a kill or a power cut, lets go of
it, so that the next one may clear what was left at once::

    glove.6B.50d-0f3a91c2/        what is being written
    glove.6B.50d-0f3a91c2.lock    held, and names the machine
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

# Some clusters mount their file systems so that a lock is seen by one machine alone.
# What another machine holds is left alone until nothing has happened in it for an hour.
PATIENCE_SECONDS = 3600.0

_FLAGS = os.O_RDWR | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
_LONGEST_LABEL = 200


@contextmanager
def open_scratch(parent: Path, label: str) -> Iterator[Path]:
    """Have a new folder to write in while the block runs.

    Parameters
    ----------
    parent : Path
        A folder on the file system that the result is to be renamed to.
    label : str
        What its name begins with.

    Yields
    ------
    Path
        Of the folder. It is removed afterwards, with everything left in it.
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
    """Remove the folders of processes that have died.

    Parameters
    ----------
    parent : Path
    label : str
        Only those with exactly this label; by default, all.
    """
    label = re.escape(label[:_LONGEST_LABEL]) if label else ".*"
    ours = re.compile(rf"{label}-[0-9a-f]{{8}}\.lock", re.DOTALL)
    # Others may be sweeping, too, and what belongs to another user cannot be opened.
    with suppress(OSError):
        for path in sorted(parent.iterdir()):
            if ours.fullmatch(path.name):
                with suppress(OSError):
                    _sweep_one(path)


def name_lock(folder: Path) -> Path:
    """Return the lock file of a folder to write in."""
    return folder.with_name(f"{folder.name}.lock")


def _claim(parent: Path, label: str) -> tuple[int, Path]:
    """Make a lock file and hold it."""
    while True:
        folder = parent / f"{label[:_LONGEST_LABEL]}-{os.urandom(4).hex()}"
        path = name_lock(folder)
        try:
            descriptor = os.open(path, _FLAGS | os.O_CREAT | os.O_EXCL, 0o666)
        except FileExistsError:
            continue
        # A disk that is too full for a name must not keep anybody from making room.
        with suppress(OSError):
            os.write(descriptor, platform.node().encode())
        # None: there are no locks here, and time alone tells what was left.
        if try_lock(descriptor) is not False and is_at(path, descriptor):
            return descriptor, folder
        # Somebody sweeping took it for one that was left.
        os.close(descriptor)


def _sweep_one(path: Path) -> None:
    folder = path.with_suffix("")
    descriptor = os.open(path, _FLAGS)
    try:
        locked = try_lock(descriptor)
        if locked is False:
            return
        is_of_here = os.read(descriptor, 1024) == platform.node().encode()
        is_empty = not os.path.lexists(folder)
        if not (locked and (is_of_here or is_empty)):
            newest = max(find_last_change(folder), find_last_change(path))
            if time.time() - newest < PATIENCE_SECONDS:
                return
        remove_all(folder)
        # What another user owns may have stayed: its lock file then says whose it is.
        if not os.path.lexists(folder):
            path.unlink()
    finally:
        os.close(descriptor)
