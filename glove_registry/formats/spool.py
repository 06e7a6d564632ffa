"""What arrives in another order than it is read waits in a temporary file."""

import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import IO

from ..cache.files import measure_spare_room
from ..errors import CacheError


def fill(file: IO[bytes], pieces: Iterable[bytes], folder: str | None) -> None:
    """Write pieces to a temporary file in a folder, and go to its beginning.

    How many come is unknown: a megabyte may unpack to gigabytes. `CacheError` is raised
    before they fill the disk. Without a folder, the file is where the system has them.
    """
    place = Path(folder or tempfile.gettempdir())
    for piece in pieces:
        if (spare := measure_spare_room(place)) < len(piece):
            way = "cache_dir=" if folder else "the environment variable TMPDIR"
            raise CacheError(
                f"the file is unpacked to {place}, and would fill that disk, of which "
                f"{max(spare, 0):,} bytes may be used: free some disk space, or name "
                f"another folder by {way}"
            )
        file.write(piece)
    file.seek(0)
