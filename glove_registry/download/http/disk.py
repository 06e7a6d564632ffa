"""Whether a disk has room for what is about to come over a network."""

import shutil
from pathlib import Path

from ...cache.files import measure_spare_room
from .faults import NoRoom


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
        if measure_spare_room(folder) >= 0:
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
