"""What there is in the cache: every file and folder, by kind and name."""

import errno
import os
import re
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ..cache import Cache
from ..cache.files import find_last_change, walk
from ..cache.records import SUFFIX, name_record
from ..cache.scratch import name_lock

_OF_A_VARIANT = re.compile(r"(.+)-([0-9a-f]{12}|[0-9a-f]{64})(?:-v[0-9]+|\.txt|\.bin)")
_OF_AN_ARCHIVE = re.compile(r"([0-9a-f]{12}|[0-9a-f]{64})-.+")
# Earlier versions of this package let pooch write its temporary files there.
LEFT_BY_POOCH = re.compile(r"tmp[a-z0-9_]{8}")


@dataclass(frozen=True, slots=True)
class Item:
    """One thing in the cache.

    Attributes
    ----------
    kind : {"store", "original", "partial", "pin", "temporary", "record", "other"}
        A compiled store, a file that `fetch` kept or somebody put there, a download
        on its way, a hash that was trusted on first use, what is being written or was
        left by a process that died, notes of the cache's own, or what does not belong
        to this package.
    name : str
        Of the file or folder.
    path : Path
    bytes : int
        On disk. A file that several items share counts for the first of them.
    last_used : float
        Seconds since 1970.
    """

    kind: str
    name: str
    path: Path
    bytes: int
    last_used: float

    @property
    def variant(self) -> str | None:
        """Name of the variant; None for what belongs to no single one."""
        match = _OF_A_VARIANT.fullmatch(self.name)
        return match[1] if match else None

    @property
    def digest(self) -> str | None:
        """Digest that its name spells, which may be the beginning of one."""
        if match := _OF_A_VARIANT.fullmatch(self.name):
            return match[2]
        match = _OF_AN_ARCHIVE.fullmatch(self.name)
        return match[1] if match else None

    def to_dict(self) -> dict[str, str | int | float | None]:
        """Give plain values for JSON."""
        return {
            "kind": self.kind,
            "name": self.name,
            "variant": self.variant,
            "path": str(self.path),
            "bytes": self.bytes,
            "last_used": self.last_used,
        }


def list_items(cache: Cache) -> list[Item]:
    """List all that is in the cache, by kind and name.

    Raises
    ------
    CacheError
        The cache is no folder, or cannot be read.
    """
    with cache.access():
        if cache.root.exists():
            next(cache.root.iterdir(), None)  # says if it cannot be looked into
        counted: set[int] = set()
        items = []
        for kind, path in _find_kinds(cache):
            parts = [path, *find_companions(path, cache)]
            size = sum(_measure(part, counted) for part in parts)
            # Records of what is listed count there.
            if size or kind != "record":
                used = _find_last_use(path, cache)
                items.append(Item(kind, path.name, path, size, used))
        return items


def _find_kinds(cache: Cache) -> Iterator[tuple[str, Path]]:
    """Find what is in the cache, and of which kind it is."""
    for path in iterate(cache.stores):
        yield ("store" if _OF_A_VARIANT.fullmatch(path.name) else "other"), path
    for path in iterate(cache.sources):
        if is_companion(path):
            continue
        if LEFT_BY_POOCH.fullmatch(path.name):
            yield "temporary", path
        elif path.suffix == SUFFIX:
            yield "record", path
        elif _OF_A_VARIANT.fullmatch(path.name) or _OF_AN_ARCHIVE.fullmatch(path.name):
            yield "original", path
        else:
            yield "other", path
    for folder, kind in (
        (cache.partial, "partial"),
        (cache.trusted, "pin"),
        (cache.workspace, "temporary"),
    ):
        for path in iterate(folder):
            if is_companion(path):
                continue
            # A link in the place of the folder can lead to where others' files are.
            is_ours = kind != "partial" or path.suffix in (".part", ".json", ".tmp")
            yield (kind if is_ours else "other"), path
    known = {cache.stores, cache.sources, cache.partial, cache.trusted, cache.workspace}
    records = {cache.used, cache.hashes, cache.locks}
    for path in iterate(cache.root):
        if path in records:
            yield "record", path
        elif path not in known or not path.is_dir():
            yield "other", path


def find_companions(path: Path, cache: Cache) -> list[Path]:
    """List where what goes with a file or folder would be."""
    if path.suffix == ".part":
        return [path.with_suffix(".json")]
    return [name_record(path), name_lock(path), cache.used / path.name]


def is_companion(path: Path) -> bool:
    """Return whether a file goes with another one, which is there."""
    if path.suffix in (SUFFIX, ".lock"):
        return os.path.lexists(path.with_suffix(""))
    return path.suffix == ".json" and os.path.lexists(path.with_suffix(".part"))


def iterate(folder: Path) -> list[Path]:
    """List what is in a folder, or nothing where there is none."""
    try:
        return sorted(folder.iterdir())
    except OSError as error:
        if error.errno not in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP):
            raise
        return []


def _find_last_use(path: Path, cache: Cache) -> float:
    with suppress(OSError):
        return (cache.used / path.name).lstat().st_mtime
    return find_last_change(path)


def _measure(path: Path, counted: set[int]) -> int:
    """Count the bytes of the files in a folder, or of one file, each once."""
    size = 0
    for entry in walk(path):
        with suppress(OSError):
            status = entry.lstat()
            if stat.S_ISREG(status.st_mode):
                size += status.st_size * (status.st_ino not in counted)
                counted.add(status.st_ino)
    return size
