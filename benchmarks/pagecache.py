"""Remove files from the page cache of the operating system (Linux)."""

import ctypes
import mmap
import os
from pathlib import Path


def drop(folder: Path) -> float:
    """Remove the files of a folder from the page cache.

    Returns
    -------
    float
        Share of them that is still there: more than nearly 0 if this does not work.
    """
    cached = pages = 0
    for path in folder.rglob("*"):
        if path.is_file() and path.stat().st_size:
            with path.open("rb") as file:
                # Pages that are not on the disk yet cannot be removed.
                os.fsync(file.fileno())
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
                states = look_at_pages(file.fileno())
            cached += sum(states)
            pages += len(states)
    return cached / max(pages, 1)


def look_at_pages(descriptor: int) -> bytes:
    """Return 1 for each page of a file that is in the page cache, and 0 for others."""
    # A private map, as ctypes takes the address of nothing that is read-only.
    with mmap.mmap(descriptor, 0, access=mmap.ACCESS_COPY) as mapped:
        states = (ctypes.c_ubyte * -(-len(mapped) // mmap.PAGESIZE))()
        first = ctypes.c_char.from_buffer(mapped)
        size = ctypes.c_size_t(len(mapped))
        libc = ctypes.CDLL(None, use_errno=True)
        failed = libc.mincore(ctypes.byref(first), size, states)
        del first  # or the map could not be closed
        if failed:
            raise OSError(ctypes.get_errno(), "mincore")
    # All other bits are reserved.
    return bytes(state & 1 for state in states)
