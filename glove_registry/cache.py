"""Where things lie on this machine.

::

    <cache>/stores/<variant>-<sha256[:12]>-v<format>/   what `load` maps
    <cache>/sources/                                    verified originals
    <cache>/partial/     downloads on their way
    <cache>/tmp/         what is being written
    <cache>/locks/       who is writing it
    <cache>/used/        when each store was last used, and how it was found
    <cache>/pins/        hashes that were trusted on first use
    <cache>/stamps/      hashes of files that were opened in place
"""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from .errors import CacheError, GloveRegistryError

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
            with suppress(RuntimeError):  # ~nobody stays as it is
                given = Path(given).expanduser()
            return cls(Path(given).absolute())
        # The folder pooch.os_cache names, without importing pooch.
        from platformdirs import user_cache_path

        with suppress(RuntimeError):
            root = user_cache_path("glove_registry")
            if root.is_absolute():
                return cls(root)
        raise CacheError(
            "there is no home folder to keep a cache in: set the environment "
            f"variable {CACHE_VARIABLE} to a folder"
        )

    @property
    def stores(self) -> Path:
        """Folder of the published stores."""
        return self.root / "stores"

    @property
    def sources(self) -> Path:
        """Folder of the verified originals."""
        return self.root / "sources"

    @property
    def partial(self) -> Path:
        """Folder of downloads on their way, which a later run goes on with."""
        return self.root / "partial"

    @property
    def pins(self) -> Path:
        """Folder of the hashes that were trusted on first use."""
        return self.root / "pins"

    @property
    def stamps(self) -> Path:
        """Folder of the hashes of files that `open_file` has seen."""
        return self.root / "stamps"

    @property
    def locks(self) -> Path:
        """Folder of the lock files."""
        return self.root / "locks"

    @property
    def used(self) -> Path:
        """Folder of marks: when each store was last used, and how it was found."""
        return self.root / "used"

    @property
    def workspace(self) -> Path:
        """Folder of what is being written; on the same file system as `stores`."""
        return self.root / "tmp"

    def name_lock(self, variant: str) -> Path:
        """Say which file is locked while a variant is fetched or compiled."""
        return self.locks / f"{variant}.lock"

    def note_use(self, store: str) -> None:
        """Note that a store is used now; a cache that is read-only stays as it is."""
        with suppress(OSError):
            mark = self.used / store
            try:
                os.utime(mark)
            except FileNotFoundError:
                mark.parent.mkdir(exist_ok=True)
                mark.touch()

    def check_room(self, needed: int) -> None:
        """See that there is room for what is about to be written.

        Raises
        ------
        CacheError
            There is not; the message says how much is needed and how much there is.
        """
        free = self._measure_room()
        if free < needed:
            raise CacheError(
                f"the cache folder {self.root} needs {needed:,} bytes for this and has "
                f"{free:,}: make room (`glove-registry cache list` shows what it "
                "holds), or name another folder by cache_dir= or the environment "
                f"variable {CACHE_VARIABLE}"
            )

    @contextmanager
    def access(self) -> Iterator[None]:
        """Turn the refusals of the file system into an error a person can act upon."""
        try:
            yield
        except OSError as error:
            if isinstance(error, GloveRegistryError):
                raise
            reason = error.strerror or error
            advice = "make it readable and writable"
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                reason = f"{reason}: {self._measure_room():,} bytes free"
                advice = "make room"
            elif error.errno == errno.ENOENT and self.root.exists():
                advice = "something in it was removed meanwhile: try again"
            raise CacheError(
                f"cannot use the cache folder {self.root} ({reason}): {advice}, or "
                f"name another folder by cache_dir= or the environment variable "
                f"{CACHE_VARIABLE}"
            ) from error

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Do as `access`, for what needs the folder to be there."""
        with self.access():
            self.root.mkdir(parents=True, exist_ok=True)
            yield

    def _measure_room(self) -> int:
        # Here, as it brings all of Python's archives along.
        import shutil

        return shutil.disk_usage(self.root).free
