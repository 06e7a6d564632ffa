"""Where things lie on this machine.

::

    <cache>/stores/<variant>-<digest>-v<format>/   what `load` maps
    <cache>/sources/                               verified originals
    <cache>/partial/     downloads on their way
    <cache>/tmp/         what is being written
    <cache>/locks/       who is writing it
    <cache>/used/        when each store was last used, and how it was found
    <cache>/trusted/     hashes that were trusted on first use
    <cache>/hashes/      hashes of files that were opened in place

A digest in a name is shortened, see `spell_digest`. It helps to find things; whether
they are the right ones is decided by whole digests alone.
"""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from ..errors import CacheError, GloveRegistryError
from .files import measure_spare_room

CACHE_VARIABLE = "GLOVE_REGISTRY_CACHE"

_SHORT = 12
_FULL = {errno.ENOSPC, errno.EDQUOT}
# What a link in the cache leads to is not ours to touch, where the system can tell.
_FOLLOW = os.utime not in os.supports_follow_symlinks
_WRITABLE_BY_OTHERS = stat.S_IWGRP | stat.S_IWOTH


def spell_digest(digest: str) -> tuple[str, ...]:
    """List the ways in which names in the cache spell a digest.

    Its beginning, which is easier on the eye; and all of it, for the rare case that
    the first name belongs to something else whose digest begins alike.

    Examples
    --------
    >>> spell_digest("e447503abefb14111480bb4c0ebdc484bf607da86ebd7807798cc51cb397bcf1")
    ('e447503abefb', 'e447503abefb14111480bb4c0ebdc484bf607da86ebd7807798cc51cb397bcf1')
    """
    return (digest[:_SHORT], digest) if len(digest) > _SHORT else (digest,)


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
    def trusted(self) -> Path:
        """Folder of the hashes that were trusted on first use."""
        return self.root / "trusted"

    @property
    def hashes(self) -> Path:
        """Folder of the hashes of files that `open_file` has seen."""
        return self.root / "hashes"

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

    def name_lock(self, name: str) -> Path:
        """Return the file that is locked while something of that name is written."""
        return self.locks / f"{name}.lock"

    def hold_lock(self, name: str, what: str) -> AbstractContextManager[None]:
        """Hold a lock while the block runs: see `lock.hold_lock`."""
        from .lock import hold_lock  # only what writes locks anything

        with suppress(OSError):  # nor does what cannot be written need a lock
            self.make_folder(self.locks)
        return hold_lock(self.name_lock(name), what)

    def open_scratch(self, label: str) -> AbstractContextManager[Path]:
        """Have a new folder to write in: see `scratch.open_scratch`."""
        from .scratch import open_scratch

        self.make_folder(self.workspace)
        return open_scratch(self.workspace, label)

    def make_folder(self, folder: Path) -> None:
        """Make a folder right below the root, if it is not there.

        A root that others may write to is shared, and so is all that is made in it,
        whatever the umask.
        """
        try:
            folder.mkdir()
        except FileExistsError:
            if not folder.is_dir():
                raise
            return
        mode = stat.S_IMODE(self.root.stat().st_mode)
        if mode & _WRITABLE_BY_OTHERS:
            with suppress(OSError):
                folder.chmod(mode)

    def replace(self, path: Path, content: bytes) -> None:
        """Replace a small file, or write a new one."""
        from .publish import publish  # only what writes publishes anything

        for folder in (path.parent, self.workspace):
            self.make_folder(folder)
        with publish(path, workspace=self.workspace) as part:
            part.write_bytes(content)

    def discard(self, path: Path) -> None:
        """Remove whatever is at a path, if anything is.

        A folder loses its name before its files, so that it is never seen in part, and
        processes that have its files mapped keep them.

        Raises
        ------
        OSError
            It cannot be removed.
        """
        if path.is_symlink() or not path.is_dir():
            path.unlink(missing_ok=True)
            return
        with ExitStack() as stack:
            try:
                aside = stack.enter_context(self.open_scratch(path.name))
            except OSError as error:
                if error.errno not in _FULL:
                    raise
                # There is no room for another name.
                from shutil import rmtree

                rmtree(path)
            else:
                with suppress(FileNotFoundError):
                    path.rename(aside / path.name)

    def note_use(self, name: str) -> None:
        """Note that an item is used now; a cache that is read-only stays as it is."""
        with suppress(OSError):
            mark = self.used / name
            try:
                os.utime(mark, follow_symlinks=_FOLLOW)
            except FileNotFoundError:
                self.make_folder(self.used)
                mark.touch(exist_ok=False)

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

    def check_spare_room(self, coming: int) -> None:
        """Raise `CacheError` if what has no known end is about to fill the disk."""
        if measure_spare_room(self.root) < coming:
            raise CacheError(
                f"nobody says how large the vectors are, and they would fill the disk "
                f"of the cache folder {self.root}, which has {self._measure_room():,} "
                "bytes free: free some disk space, or name another folder by "
                f"cache_dir= or the environment variable {CACHE_VARIABLE}"
            )

    @contextmanager
    def access(self) -> Iterator[None]:
        """Turn the refusals of the file system into an error a person can act upon."""
        try:
            yield
        except OSError as error:
            if isinstance(error, GloveRegistryError):
                raise
            reason = error.strerror or str(error)
            in_the_way = error.filename2 or error.filename
            if isinstance(in_the_way, str) and in_the_way != str(self.root):
                reason = f"{reason}: {in_the_way}"
            advice = "make it readable and writable"
            if error.errno in _FULL:
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
