"""Publish files and folders: write them beside their place, flush, rename.

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
    with publish_all(
        target.parent, _make_label(target), workspace=workspace, replace=replace
    ) as folder:
        yield folder / target.name


def clear_unpublished(target: Path) -> None:
    """Remove what processes that died while they published a target have left."""
    sweep_scratch(target.parent, _make_label(target))


def _make_label(target: Path) -> str:
    return f".{target.name}"


@contextmanager
def publish_all(
    place: Path, label: str, *, workspace: Path | None = None, replace: bool = True
) -> Iterator[Path]:
    """Publish what the block writes into a folder, each thing under its name there.

    Parameters
    ----------
    place : Path
        Folder to publish in.
    label : str
        What names of temporary folders begin with.
    workspace, replace
        As for `publish`.

    Yields
    ------
    Path
        The empty folder to write into.
    """
    if workspace is None:
        workspace = place
        sweep_scratch(workspace, label)
    with open_scratch(workspace, label) as folder:
        yield folder
        parts = sorted(folder.iterdir())
        # All before the first rename: one by one, many files would take seconds.
        for part in parts:
            flush(part)
        for part in parts:
            target = place / part.name
            if not replace and os.path.lexists(target):
                taken = os.strerror(errno.EEXIST)
                raise FileExistsError(errno.EEXIST, taken, str(target))
            part.replace(target)
        flush_folder(place)


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
