"""What can be made again from a store: kept in the cache, never needed.

Beside each file is a record with the sha256 of the store's vectors and of the file: a
file that is damaged, or made from other vectors, is not used.
"""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from ..cache import Cache
from ..cache.digests import hash_file
from ..cache.records import name_record, read_record, write_record


class NoDerivedFile:
    """What is made from vectors that are in no store, and is never kept."""

    def find(self) -> None:
        """Return None: there is no file."""

    def keep(self, write: Callable[[Path], None], **facts: Any) -> None:
        """Keep nothing."""


class DerivedFile:
    """A file that is made from the vectors of a store.

    Parameters
    ----------
    store : Path
        Folder of the store.
    vectors : str
        sha256 of its vectors.
    name : str
        Name of the file in the folder of the store's derived files.
    """

    def __init__(self, store: Path, vectors: str, name: str) -> None:
        self._vectors = vectors
        self._cache = Cache(store.parents[1])
        self._path = self._cache.derived / store.name / name
        # A store may have been opened outside of a cache.
        self._has_place = store.parent == self._cache.stores

    def find(self) -> tuple[Path, dict[str, Any]] | None:
        """Return the path of the file and its record; None if it cannot be used."""
        record = read_record(name_record(self._path)) if self._has_place else None
        if record is None or record.get("vectors") != self._vectors:
            return None
        with suppress(OSError):
            if hash_file(self._path) == record.get("sha256"):
                return self._path, record
        return None

    def keep(self, write: Callable[[Path], None], **facts: Any) -> Path | None:
        """Publish the file that a function writes, and return its path.

        None if the cache cannot be written, or if the store is not in a cache. The
        facts, plain values for JSON, become part of its record.
        """
        # Not needed later.
        from ..cache.publish import publish
        from ..cache.scratch import sweep_scratch

        if not self._has_place:
            return None
        cache = self._cache
        with suppress(OSError):
            for folder in (cache.derived, self._path.parent, cache.workspace):
                cache.make_folder(folder)
            sweep_scratch(cache.workspace)
            with publish(self._path, workspace=cache.workspace) as part:
                write(part)
                facts |= {"vectors": self._vectors, "sha256": hash_file(part)}
                # At no moment is there a file with the record of another.
                cache.discard(self._path)
                write_record(name_record(self._path), cache, **facts)
            return self._path
        return None
