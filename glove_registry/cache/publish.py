"""Publish a file or folder: write it beside its place, flush it, rename it.

Under its name there is the old content, the new content or nothing, never a part of
either, even after a power cut.
"""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from .files import walk
from .scratch import open_scratch, sweep_scratch


@contextmanager
def publish(
    target: Path, *, workspace: Path | None = None, replace: bool = True
) -> Iterator[Path]:
    """Publish the file or folder that the block writes, unless the block raises.

    Parameters
    ----------
    target : Path
        The name it gets. `FileExistsError` is raised if that is taken, unless a file
        is to be replaced.
    workspace : Path, optional
        Folder to write in, on the same file system. By default the one of `target`,
        from which the leftovers of processes that died are removed first.
    replace : bool

    Yields
    ------
    Path
        Where to write; nothing is there yet.
    """
    label = f".{target.name}"
    if workspace is None:
        workspace = target.parent
        sweep_scratch(workspace, label)
    with open_scratch(workspace, label) as folder:
        part = folder / target.name
        yield part
        flush(part)
        if not replace and os.path.lexists(target):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target))
        part.replace(target)
        flush_folder(target.parent)


def flush(path: Path) -> None:
    """Flush a file, or a folder and everything in it, to the disk.

    Raises
    ------
    OSError
        The disk is full or failing, which some report only now.
    """
    for entry in reversed(walk(path)):
        if entry.is_dir():
            flush_folder(entry)
        else:
            # Only files that were written need it, and not those that are linked from
            # a store which is read-only.
            with suppress(PermissionError):
                _flush(entry, os.O_RDWR)


def flush_folder(folder: Path) -> None:
    """Flush the names in a folder to the disk, where the file system can do that.

    Elsewhere a rename is atomic all the same; only when it reaches the disk is unknown.
    """
    with suppress(OSError):
        _flush(folder, os.O_RDONLY)


def _flush(path: Path, mode: int) -> None:
    descriptor = os.open(path, mode)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
