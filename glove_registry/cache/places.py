"""The cache folder.

::

    <cache>/stores/<variant>-<digest>-v<format>/   what `load` maps
    <cache>/derived/<store>/   what can be made again from a store, see `store/derived`
    <cache>/sources/     verified originals, and files the user put there
    <cache>/partial/     unfinished downloads
    <cache>/tmp/         what is being written
    <cache>/locks/       who is writing it
    <cache>/used/        when each store was last used, and how it was found
    <cache>/trusted/     hashes that were trusted on first use
    <cache>/hashes/      hashes of files that were opened in place

Digests in names are shortened, see `spell_digest`: they help to find things, and only
complete digests are trusted.
"""

import errno
import os
import re
import stat
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Literal, NamedTuple, TypeAlias, cast

from ..errors import CacheError, GloveRegistryError
from .digests import spell_digest
from .files import FULL, expand_user, measure_spare_room

CACHE_VARIABLE = "GLOVE_REGISTRY_CACHE"

FORMAT_VERSION = 2  # of stores
MANIFEST = "manifest.json"  # in each of them
NumberType: TypeAlias = Literal["float32", "float16", "int8"]

_STORE = re.compile(
    r"(.+)-([0-9a-f]{12}|[0-9a-f]{64})-v([0-9]{1,9})(?:-(float16|int8))?"
)

_OTHER_FOLDER = (
    f"or name another folder by cache_dir= or the environment variable {CACHE_VARIABLE}"
)
# The target of a link in the cache is left alone, where the system supports that.
_FOLLOW = os.utime not in os.supports_follow_symlinks
_WRITABLE_BY_OTHERS = stat.S_IWGRP | stat.S_IWOTH


def name_folders(
    variant: str,
    key: str,
    dtype: NumberType = "float32",
    *,
    version: int = FORMAT_VERSION,
) -> list[str]:
    """List the names that a store can have: of its variant, text, format and type.

    It has the first one, unless that is the store of another text.
    """
    ending = f"v{version}" if dtype == "float32" else f"v{version}-{dtype}"
    return [f"{variant}-{digest}-{ending}" for digest in spell_digest(key)]


class StoreName(NamedTuple):
    """What the name of a store says; only its manifest is believed."""

    variant: str
    digest: str  # the beginning of its variant's key, or all of it
    version: int
    dtype: NumberType


def read_name(folder: str) -> StoreName | None:
    """Return what a name made by `name_folders` says; None if it is another name."""
    match = _STORE.fullmatch(folder)
    if match is None:
        return None
    variant, digest, version, dtype = match.groups("float32")
    return StoreName(variant, digest, int(version), cast("NumberType", dtype))


class Cache:
    """A cache folder and the folders in it; none of them need exist.

    Parameters
    ----------
    root : Path
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.stores = root / "stores"
        self.derived = root / "derived"
        self.sources = root / "sources"
        self.partial = root / "partial"
        self.workspace = root / "tmp"
        self.locks = root / "locks"
        self.used = root / "used"
        self.trusted = root / "trusted"
        self.hashes = root / "hashes"

    @classmethod
    def locate(cls, cache_dir: str | os.PathLike[str] | None = None) -> "Cache":
        """Return the cache at a path, at GLOVE_REGISTRY_CACHE, or the user's own.

        Raises
        ------
        CacheError
            There is no home folder to put a cache into, or no working folder; or no
            folder can have such a path.
        """
        given = cache_dir or os.environ.get(CACHE_VARIABLE)
        if given:
            odd = "a null character" if "\0" in str(given) else None
            try:
                os.fsencode(given)
            except UnicodeEncodeError as error:
                odd = f"the character {error.object[error.start]!a}"
            if odd:
                raise CacheError(
                    f"the cache folder {given} has {odd}, which no path can have: "
                    "name another folder"
                )
            try:
                return cls(expand_user(given).absolute())
            except FileNotFoundError:
                raise CacheError(
                    f"the cache folder {given} is named from the working folder, which "
                    "was removed: name it by its absolute path"
                ) from None
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

    def hold_lock(self, name: str, what: str) -> AbstractContextManager[None]:
        """Hold a lock while the block runs: see `lock.hold_lock`."""
        from .lock import hold_lock  # not needed on the warm path

        with suppress(OSError):  # a read-only cache needs no lock
            self.root.mkdir(parents=True, exist_ok=True)
            self.make_folder(self.locks)
        return hold_lock(self.locks / f"{name}.lock", what)

    def open_scratch(self, label: str) -> AbstractContextManager[Path]:
        """Make a temporary folder, and remove those of processes that died.

        See `scratch.open_scratch`.
        """
        from .scratch import open_scratch, sweep_scratch

        self.make_folder(self.workspace)
        sweep_scratch(self.workspace)
        return open_scratch(self.workspace, label)

    def make_folder(self, folder: Path) -> None:
        """Make a folder right below the root, unless it exists.

        If others may write to the root, the cache is shared, and so are its folders,
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

    def discard(self, path: Path) -> None:
        """Remove what lies at a path, if anything does.

        A folder is renamed first, so that it is never seen in part. Processes that have
        its files mapped keep them.

        Raises
        ------
        OSError
            It cannot be removed.
        """
        if path.is_symlink() or not path.is_dir():
            path.unlink(missing_ok=True)
            return
        try:
            with self.open_scratch(path.name) as aside, suppress(FileNotFoundError):
                path.rename(aside / path.name)
        except OSError as error:
            if error.errno not in FULL:
                raise
            # The disk has no room for another name.
            from shutil import rmtree

            rmtree(path)

    def note_use(self, name: str) -> None:
        """Record that an item is used now; a read-only cache stays as it is."""
        path = self.used / name
        with suppress(OSError):
            try:
                os.utime(path, follow_symlinks=_FOLLOW)
            except FileNotFoundError:
                self.make_folder(self.used)
                path.touch(exist_ok=False)

    def check_room(self, needed: int) -> None:
        """Raise `CacheError` if there is no room for so many bytes."""
        free = self._measure_room()
        if free < needed:
            raise CacheError(
                f"the cache folder {self.root} needs {needed:,} bytes for this and has "
                f"{free:,}: free some (`glove-registry cache list` shows what it "
                f"holds), {_OTHER_FOLDER}"
            )

    def check_spare_room(self, coming: int) -> None:
        """Raise `CacheError` if there is no room for bytes beyond what was known."""
        if measure_spare_room(self.root) < coming:
            raise CacheError(
                f"the vectors would fill the disk of the cache folder {self.root}, "
                f"which has {self._measure_room():,} bytes free: free some disk space, "
                f"{_OTHER_FOLDER}"
            )

    @contextmanager
    def access(self) -> Iterator[None]:
        """Raise errors of the file system as a `CacheError` that says what to do."""
        try:
            yield
        except OSError as error:
            if isinstance(error, GloveRegistryError):
                raise
            if error.errno in (errno.EMFILE, errno.ENFILE):
                raise CacheError(
                    f"too many files are open to use the cache folder {self.root}: "
                    "close some, or raise the limit (ulimit -n)"
                ) from error
            reason = error.strerror or str(error)
            in_the_way = error.filename2 or error.filename
            if isinstance(in_the_way, str) and in_the_way != str(self.root):
                reason = f"{reason}: {in_the_way}"
            advice = "make it readable and writable"
            if error.errno in FULL:
                reason = f"{reason}: {self._measure_room():,} bytes free"
                advice = "free some disk space"
            elif error.errno == errno.ENOENT and self.root.exists():
                advice = "something in it was removed meanwhile: try again"
            raise CacheError(
                f"cannot use the cache folder {self.root} ({reason}): {advice}, "
                f"{_OTHER_FOLDER}"
            ) from error

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Make the folder if needed, then do as `access`."""
        with self.access():
            self.root.mkdir(parents=True, exist_ok=True)
            yield

    def _measure_room(self) -> int:
        import shutil  # it imports all of Python's archive formats

        return shutil.disk_usage(self.root).free
