"""Whether a disk has room for what is about to come over a network."""

import shutil
from pathlib import Path

from .faults import NoRoom

# Bytes, or a twentieth of a small disk, that are left free by what has no known end.
_RESERVE = 256 << 20


def check_room(url: str, folder: Path, coming: int | None) -> None:
    """Raise `NoRoom` if a disk is too small for a file.

    Parameters
    ----------
    url : str
        Of the file. It may be the one that is wrong, and not the disk.
    folder : pathlib.Path
        On the disk.
    coming : int or None
        Bytes that are still to come; None if nobody knows.
    """
    disk = shutil.disk_usage(folder)
    if coming is None:
        if disk.free >= min(_RESERVE, disk.total // 20):
            return
        problem = "nobody says how many bytes there are, and they would fill the disk"
    else:
        if disk.free >= coming:
            return
        problem = f"{coming:,} bytes are still to come"
    raise NoRoom(
        url,
        f"{problem}: {folder} has {disk.free:,} bytes free; free some disk space, or "
        "choose another cache folder or source",
        coming,
    )
