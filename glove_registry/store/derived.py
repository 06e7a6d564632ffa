"""What can be made again from a store: kept beside it in the cache, never needed.

Beside each file is a record of the store's vectors and of the file's own sha256: a file
that is damaged, or of other vectors, is made again.
"""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from ..cache import Cache
from ..cache.digests import hash_file
from ..cache.records import name_record, read_record, write_record
from .layout import VECTORS
from .reader import Store


class DerivedFile:
    """A file that is made from the vectors of a store.

    Parameters
    ----------
    store : Store
    name : str
        Name of the file in the folder of the store's derived files.
    """

    def __init__(self, store: Store, name: str) -> None:
        self._vectors = store.manifest.files[VECTORS].sha256
        self._cache = Cache(store.folder.parents[1])
        self._path = self._cache.derived / store.folder.name / name
        # A store may have been opened outside of a cache.
        self._has_place = store.folder.parent == self._cache.stores

    def find(self) -> Path | None:
        """Return the path of the file; None if there is none that can be used."""
        record = read_record(name_record(self._path)) if self._has_place else None
        if record is None or record.get("vectors") != self._vectors:
            return None
        with suppress(OSError):
            if hash_file(self._path) == record.get("sha256"):
                return self._path
        return None

    def keep(self, write: Callable[[Path], None]) -> Path | None:
        """Publish the file that a function writes, and return its path.

        None if the cache cannot be written, or if the store is in none.
        """
        from ..cache.publish import publish  # not needed later

        if not self._has_place:
            return None
        cache = self._cache
        with suppress(OSError):
            for folder in (cache.derived, self._path.parent, cache.workspace):
                cache.make_folder(folder)
            with publish(self._path, workspace=cache.workspace) as part:
                write(part)
                sha256 = hash_file(part)
            write_record(
                name_record(self._path), cache, vectors=self._vectors, sha256=sha256
            )
            return self._path
        return None
