"""The hash of a file of the user's, remembered for as long as the file is the same.

Hashing gigabytes at each opening would take longer than everything else; a look at the
file's size and times takes microseconds, and tells whenever it was written to.
"""

import hashlib
import json
import os
from contextlib import suppress
from pathlib import Path

from ..cache import Cache
from ..cache.files import read_regular
from .verified import hash_file


def find_hash(path: Path, cache: Cache) -> str:
    """Give the sha256 of a file, hashed anew only if it is not the one it was.

    Parameters
    ----------
    path : Path
    cache : Cache
        Where hashes are remembered; a cache that is read-only stays as it is.

    Raises
    ------
    OSError
        The file cannot be read.
    """
    state = _describe(path)
    key = hashlib.sha256(os.fsencode(path)).hexdigest()[:32]
    stamp = cache.stamps / f"{key}.json"
    with suppress(OSError, ValueError, KeyError, RecursionError):
        known = json.loads(read_regular(stamp).decode("ascii"))
        if isinstance(known, dict) and known.get("state") == state:
            return str(known["sha256"])
    sha256 = hash_file(path)
    # Written to while it was hashed: the next opening looks again.
    if _describe(path) == state:
        with suppress(OSError):
            cache.root.mkdir(parents=True, exist_ok=True)
            content = json.dumps({"state": state, "sha256": sha256})
            cache.replace(stamp, content.encode("ascii"))
    return sha256


def _describe(path: Path) -> list[str | int]:
    status = path.stat()
    return [
        os.fsdecode(path),
        status.st_size,
        status.st_mtime_ns,
        status.st_ctime_ns,
        status.st_ino,
        status.st_dev,
    ]
