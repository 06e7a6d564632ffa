"""Whether a disk has room for what is about to come over a network."""

import shutil
from pathlib import Path

# Bytes, or a twentieth of a small disk, that are left free by what has no known end.
_RESERVE = 256 << 20


def find_shortage(folder: Path, coming: int | None) -> str | None:
    """Return why there is no room, and what to do; None if there is.

    Parameters
    ----------
    folder : pathlib.Path
        On the disk.
    coming : int or None
        Bytes that are still to come; None if nobody knows.
    """
    disk = shutil.disk_usage(folder)
    if coming is None:
        if disk.free >= min(_RESERVE, disk.total // 20):
            return None
        problem = "nobody says how many bytes there are, and they would fill the disk"
    else:
        if disk.free >= coming:
            return None
        problem = f"{coming:,} bytes are still to come"
    return (
        f"{problem}: {folder} has {disk.free:,} bytes free; free some disk space, or "
        "choose another cache folder or source"
    )
