"""List what is in the cache: every file and folder, by kind and name."""

import errno
import os
import re
import stat
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ..cache import Cache
from ..cache.files import find_last_change, walk
from ..cache.places import read_name
from ..cache.records import SUFFIX, name_record, read_record
from ..cache.scratch import name_lock
from ..download.originals import ENDINGS, name_archives, read_original_sha256
from ..errors import CacheError, UnknownVariantError
from ..registries import Registry
from ..registry import Variant, split_reference
from .layout import Manifest, holds_text_of

_OF_A_VARIANT = re.compile(
    rf"(.+)-([0-9a-f]{{12}}|[0-9a-f]{{64}})(?:{'|'.join(map(re.escape, ENDINGS))})"
)
_OF_AN_ARCHIVE = re.compile(r"([0-9a-f]{12}|[0-9a-f]{64})-.+")
_NAMES: dict[str, Callable[[str], object]] = {
    "store": read_name,
    "derived": read_name,
    "original": re.compile(
        f"{_OF_A_VARIANT.pattern}|{_OF_AN_ARCHIVE.pattern}"
    ).fullmatch,
    "partial": re.compile(r".+\.(?:part|json|tmp)").fullmatch,
}


@dataclass(frozen=True, slots=True)
class Item:
    """One file or folder in the cache.

    Attributes
    ----------
    kind : str
        ``"store"``, compiled vectors; ``"derived"``, what was computed from them;
        ``"original"``, a file that `fetch` kept or the user put there; ``"partial"``,
        an unfinished download; ``"pin"``, a hash that was trusted on first use;
        ``"temporary"``, what is being written or was left by a process that died;
        ``"record"``, a record of the cache itself; ``"other"``, a file that does not
        belong to this package.
    name : str
        Name of the file or folder.
    path : Path
    bytes : int
        Size on disk. A file that several items share counts for the first of them.
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
        """Name of the variant; None if it does not belong to a single one."""
        if store := read_name(self.name):
            return store.variant
        match = _OF_A_VARIANT.fullmatch(self.name)
        return match[1] if match else None

    @property
    def digest(self) -> str | None:
        """Digest in its name, which may be the beginning of one."""
        if store := read_name(self.name):
            return store.digest
        if match := _OF_A_VARIANT.fullmatch(self.name):
            return match[2]
        match = _OF_AN_ARCHIVE.fullmatch(self.name)
        return match[1] if match else None

    @property
    def url(self) -> str | None:
        """Where the text of a pin came from; None for anything else."""
        record = read_record(self.path) if self.kind == "pin" else None
        return str(record["url"]) if record and "url" in record else None

    def find_digest(self) -> str | None:
        """Return the complete digest that the name of an original begins to spell."""
        if len(self.digest or "") == 64:
            return self.digest
        return read_original_sha256(self.path)

    def to_dict(self) -> dict[str, str | int | float | None]:
        """Return plain values for JSON."""
        return {
            "kind": self.kind,
            "name": self.name,
            "variant": self.variant,
            "path": str(self.path),
            "url": self.url,
            "bytes": self.bytes,
            "last_used": self.last_used,
        }


def list_items(cache: Cache) -> list[Item]:
    """List all that is in the cache, by kind and name.

    Raises
    ------
    CacheError
        The cache is not a folder, or cannot be read.
    """
    with cache.access():
        try:
            next(cache.root.iterdir(), None)  # raises if it cannot be read
        except FileNotFoundError:
            if cache.root.is_symlink():  # no folder can be made there
                raise
        counted: set[int] = set()
        items = []
        for kind, path in _find_kinds(cache):
            parts = [path, *list_companions(path, cache)]
            size = sum(_measure(part, counted) for part in parts)
            # Records of the items above are counted there.
            if size or kind != "record":
                used = _find_last_use(path, cache)
                items.append(Item(kind, path.name, path, size, used))
        return items


def find_items(cache: Cache, registry: Registry, name: str) -> list[Item]:
    """Return all items of a variant or a revision, or the item of that name.

    Raises
    ------
    CacheError
        There are none.
    UnknownVariantError
        There are none, and no variant has that name.
    """
    wanted, revision = split_reference(name)
    variant = None
    with suppress(UnknownVariantError):
        variant = registry.find(name)
        wanted = variant.name  # of an alias
    if revision and variant is None:
        registry.find(name)  # raises, and lists the revisions
    archives = {
        (path, source.sha256)
        for source in (variant.sources if variant else ())
        for path in name_archives(source, cache)
    }
    items = [
        item
        for item in list_items(cache)
        if item.name == name
        or any(
            item.path == path and item.find_digest() in (None, sha256)
            for path, sha256 in archives
        )
        or (
            item.variant == wanted
            and item.kind in ("store", "derived", "original")
            # Revisions differ in the digests of their texts.
            and not (revision and variant and not _belongs_to(item, variant, cache))
        )
    ]
    if not items:
        raise (CacheError if variant else UnknownVariantError)(
            f"the cache {cache.root} has no item or variant {name!r}: "
            "`glove-registry cache list` shows what it holds"
        )
    return items


def _belongs_to(item: Item, variant: Variant, cache: Cache) -> bool:
    if item.kind in ("store", "derived"):
        with suppress(OSError):
            return holds_text_of(Manifest.read(cache.stores / item.name), variant)
    elif digest := item.find_digest():
        return digest == variant.key
    # Damaged, or put there by hand: only the name tells.
    return item.digest is not None and variant.key.startswith(item.digest)


def _find_kinds(cache: Cache) -> Iterator[tuple[str, Path]]:
    """Yield the kind and path of each thing in the cache."""
    folders = {
        cache.stores: "store",
        cache.derived: "derived",
        cache.sources: "original",
        cache.partial: "partial",
        cache.trusted: "pin",
        cache.workspace: "temporary",
    }
    for folder, kind in folders.items():
        for path in list_folder(folder):
            if is_companion(path):
                continue
            if kind == "original" and path.suffix == SUFFIX:
                yield "record", path
            elif kind in _NAMES and not _NAMES[kind](path.name):
                # The folder may be a link to one with other files.
                yield "other", path
            else:
                yield kind, path
    records = {cache.used, cache.hashes, cache.locks}
    for path in list_folder(cache.root):
        if path in records:
            yield "record", path
        elif path not in folders or not path.is_dir():
            yield "other", path


def list_companions(path: Path, cache: Cache) -> list[Path]:
    """List the files that may lie beside an item and belong to it."""
    if path.parent == cache.derived:  # its store has the same name, and the others
        return []
    if path.suffix == ".part":
        return [path.with_suffix(".json")]
    return [name_record(path), name_lock(path), cache.used / path.name]


def is_companion(path: Path) -> bool:
    """Return whether a file belongs to another one that exists."""
    if path.suffix in (SUFFIX, ".lock"):
        return os.path.lexists(path.with_suffix(""))
    return path.suffix == ".json" and os.path.lexists(path.with_suffix(".part"))


def list_folder(folder: Path) -> list[Path]:
    """List what is in a folder, or nothing if it does not exist."""
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
    """Return the bytes of a file, or of the files in a folder, counting each once."""
    size = 0
    for entry in walk(path):
        with suppress(OSError):
            status = entry.lstat()
            if stat.S_ISREG(status.st_mode):
                size += status.st_size * (status.st_ino not in counted)
                counted.add(status.st_ino)
    return size
