"""Where things lie on this machine.

::

    <cache>/stores/<variant>-<sha256[:12]>-v<format>/   what `load` maps
    <cache>/sources/                                    verified originals
    <cache>/downloads/                                  files as their hosts have them
    <cache>/tmp/                                        what is being written
"""

import errno
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .errors import CacheError

CACHE_VARIABLE = "GLOVE_REGISTRY_CACHE"


@dataclass(frozen=True, slots=True)
class Cache:
    """A cache folder and the places in it.

    Attributes
    ----------
    root : Path
        Need not exist.
    """

    root: Path

    @classmethod
    def locate(cls, cache_dir: str | os.PathLike[str] | None = None) -> "Cache":
        """Find the cache: the argument, GLOVE_REGISTRY_CACHE, or the user's own.

        Raises
        ------
        CacheError
            There is no home folder to put a cache into.
        """
        given = cache_dir or os.environ.get(CACHE_VARIABLE)
        if given:
            return cls(Path(given).expanduser().absolute())
        # The folder pooch.os_cache names, without importing pooch.
        from platformdirs import user_cache_path

        root = user_cache_path("glove_registry")
        if not root.is_absolute():
            raise CacheError(
                "there is no home folder to keep a cache in: set the environment "
                f"variable {CACHE_VARIABLE} to a folder"
            )
        return cls(root)

    @property
    def stores(self) -> Path:
        """Folder of the published stores."""
        return self.root / "stores"

    @property
    def sources(self) -> Path:
        """Folder of the verified originals."""
        return self.root / "sources"

    @property
    def downloads(self) -> Path:
        """Folder of the files at the sources, archives most of them."""
        return self.root / "downloads"

    @property
    def workspace(self) -> Path:
        """Folder of what is being written; on the same file system as `stores`."""
        return self.root / "tmp"

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Turn the refusals of the file system into an error a person can act upon."""
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            yield
        except OSError as error:
            if error.errno not in _REFUSALS:
                raise
            raise CacheError(
                f"cannot write into the cache folder {self.root} ({error.strerror}): "
                "make room or make it writable, or name another folder by "
                f"cache_dir= or the environment variable {CACHE_VARIABLE}"
            ) from error

    def list_items(self) -> list["Item"]:
        """List what is in the cache, by kind and name."""
        items = []
        for folder, kind in (
            (self.stores, "store"),
            (self.sources, "original"),
            (self.downloads, "download"),
        ):
            for path in sorted(folder.iterdir()) if folder.is_dir() else ():
                if path.suffix != ".sha256":
                    items.append(Item(kind, path.name, path, _measure(path)))
        return items

    def remove(self, name: str) -> list["Item"]:
        """Remove all that belongs to a variant, or the one item of that name.

        Files are unlinked, never cut, so that whoever has them open keeps them.

        Raises
        ------
        CacheError
            There is nothing of that name, or it cannot be removed.
        """
        items = [i for i in self.list_items() if name in (i.variant, i.name)]
        if not items:
            raise CacheError(
                f"the cache {self.root} holds nothing of {name!r}: "
                "`glove-registry cache list` shows what it holds"
            )
        for item in items:
            with self.writing():
                item.remove(self.workspace)
        return items


@dataclass(frozen=True, slots=True)
class Item:
    """One thing in the cache."""

    kind: str
    name: str
    path: Path
    bytes: int

    @property
    def variant(self) -> str | None:
        """Name of the variant; None for an archive, which can hold several."""
        match = _OF_A_VARIANT.fullmatch(self.name)
        return match[1] if match else None

    def remove(self, workspace: Path) -> None:
        """Remove it from disk; a folder loses its name first, so that none is half."""
        if self.path.is_dir():
            workspace.mkdir(exist_ok=True)
            aside = workspace / f"{self.name}-{os.getpid()}-removed"
            self.path.rename(aside)
            shutil.rmtree(aside)
        else:
            self.path.unlink()
            self.path.with_name(self.path.name + ".sha256").unlink(missing_ok=True)

    def to_dict(self) -> dict[str, str | int | None]:
        """Give plain values for JSON."""
        return {
            "kind": self.kind,
            "name": self.name,
            "variant": self.variant,
            "path": str(self.path),
            "bytes": self.bytes,
        }


_OF_A_VARIANT = re.compile(r"(.+)-[0-9a-f]{12}(?:-v[0-9]+|\.txt|\.bin)")


def _measure(path: Path) -> int:
    files = path.rglob("*") if path.is_dir() else (path,)
    return sum(file.stat().st_size for file in files)


_REFUSALS = {
    errno.EACCES,
    errno.EDQUOT,
    errno.EEXIST,
    errno.EIO,
    errno.ENAMETOOLONG,
    errno.ENOSPC,
    errno.ENOTDIR,
    errno.EPERM,
    errno.EROFS,
}
