"""What is in the cache: listed, verified, removed, cleared of leftovers.

Files are unlinked, never cut, so that whoever has them mapped keeps them; a folder
loses its name before its files, so that it is never seen half.
"""

import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .cache import Cache
from .errors import CacheError, UnknownVariantError
from .fetching import name_archive
from .registry import Registry, Variant, split_reference

# A download that nobody has gone on with for a week is not waited for any more.
LEFTOVER_SECONDS = 7 * 24 * 3600.0

_ADVICE = "remove it by `glove-registry cache remove` and its name"
_NOTES = {".sha256", ".json"}
_OF_A_VARIANT = re.compile(r"(.+)-([0-9a-f]{12})(?:-v[0-9]+|\.txt|\.bin)")


@dataclass(frozen=True, slots=True)
class Item:
    """One thing in the cache.

    Attributes
    ----------
    kind : {"store", "original", "partial", "pin"}
        A compiled store, a file that `fetch` kept or somebody put there, a download
        on its way, or a hash that was trusted on first use.
    name : str
        Of the file or folder.
    path : Path
    bytes : int
        On disk.
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
    def hash(self) -> str | None:
        """Beginning of the sha256 that decides on its bytes, as far as it is named."""
        match = _OF_A_VARIANT.fullmatch(self.name)
        return match[2] if match else None

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


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether an item of the cache is what it was when it was put there."""

    item: Item
    fault: str | None

    def to_dict(self) -> dict[str, str | None]:
        """Give plain values for JSON."""
        return {
            "kind": self.item.kind,
            "name": self.item.name,
            "path": str(self.item.path),
            "fault": self.fault,
        }


def list_items(cache: Cache) -> list[Item]:
    """List what is in the cache, by kind and name.

    Raises
    ------
    CacheError
        The cache is no folder, or cannot be read.
    """
    with cache.access():
        if cache.root.exists():
            next(cache.root.iterdir(), None)  # says if it cannot be looked into
        return [
            Item(kind, path.name, path, _measure(path), _find_last_use(path, cache))
            for folder, kind in (
                (cache.stores, "store"),
                (cache.sources, "original"),
                (cache.partial, "partial"),
                (cache.pins, "pin"),
            )
            if folder.is_dir()
            for path in sorted(folder.iterdir())
            # Notes beside a file go with it.
            if path.suffix not in _NOTES or kind == "pin"
        ]


def verify_items(
    cache: Cache, registry: Registry, name: str | None = None
) -> Iterator[Verdict]:
    """Hash what is in the cache again, and hold it against manifests and registry.

    Parameters
    ----------
    cache : Cache
    registry : Registry
        What it says of a variant now, what was compiled must be.
    name : str, optional
        Of a variant or an item; without it all are verified.

    Yields
    ------
    Verdict
        As each is done; downloads on their way are left out.
    """
    for item in list_items(cache) if name is None else _find(cache, registry, name):
        if item.kind == "store":
            yield Verdict(item, _find_fault_of_store(item.path, registry))
        elif item.kind == "original":
            yield Verdict(item, _find_fault_of_original(item, registry))


def remove_items(cache: Cache, registry: Registry, name: str) -> list[Item]:
    """Remove all that belongs to a variant, or the one item of that name.

    Parameters
    ----------
    cache : Cache
    registry : Registry
        Tells which bytes ``name@revision`` means.
    name : str
        Of a variant, a revision of one, or an item. A pin goes only by its own name:
        removing it means to trust anew.

    Raises
    ------
    CacheError
        There is nothing of that name, or it cannot be removed.
    """
    items = _find(cache, registry, name)
    with cache.writing():
        for item in items:
            _remove_item(item, cache)
    return items


def prune_items(cache: Cache, unused_seconds: float | None = None) -> list[Item]:
    """Remove what nobody needs.

    Parameters
    ----------
    cache : Cache
    unused_seconds : float, optional
        Also remove whatever nobody has used for so long.

    Returns
    -------
    list of Item
        What was removed: downloads that nobody went on with for a week, stores of
        other versions of this package, and what has been unused for too long.
    """
    from .store.layout import FORMAT_VERSION

    now = time.time()

    def is_needless(item: Item) -> bool:
        idle = now - item.last_used
        if item.kind == "pin":
            return False
        if item.kind == "partial" and idle > LEFTOVER_SECONDS:
            return True
        if item.kind == "store" and not item.name.endswith(f"-v{FORMAT_VERSION}"):
            return True
        return unused_seconds is not None and idle > unused_seconds

    items = [item for item in list_items(cache) if is_needless(item)]
    with cache.writing():
        for item in items:
            _remove_item(item, cache)
        collect_leftovers(cache)
    return items


def collect_leftovers(cache: Cache) -> None:
    """Remove what processes that were killed have left, once it is a week old."""
    oldest = time.time() - LEFTOVER_SECONDS
    for folder in (cache.workspace, cache.partial):
        if folder.is_dir():
            for path in folder.iterdir():
                if path.suffix == ".json" and path.with_suffix(".part").exists():
                    continue  # as old as its part
                # Another process may be collecting, too.
                with suppress(OSError):
                    if _find_last_change(path) < oldest:
                        _remove(path, cache)


def _find(cache: Cache, registry: Registry, name: str) -> list[Item]:
    wanted, revision = split_reference(name)
    # One revision is told from another by the hash in its items' names.
    key = registry.find(name).key[:12] if revision else None
    archives = set()
    with suppress(UnknownVariantError):
        for source in registry.find(name).sources:
            archives.add(name_archive(source, cache))
    items = [
        item
        for item in list_items(cache)
        if item.name == name
        or item.path in archives
        or (item.variant == wanted and key in (None, item.hash))
    ]
    if not items:
        raise CacheError(
            f"the cache {cache.root} holds nothing of {name!r}: "
            "`glove-registry cache list` shows what it holds"
        )
    return items


def _remove_item(item: Item, cache: Cache) -> None:
    _remove(item.path, cache)
    (cache.used / item.name).unlink(missing_ok=True)


def _remove(path: Path, cache: Cache) -> None:
    if path.is_dir():
        cache.workspace.mkdir(exist_ok=True)
        aside = cache.workspace / f"{path.name}-removed-{secrets.token_hex(4)}"
        path.rename(aside)
        shutil.rmtree(aside)
    else:
        for note in (path.with_name(path.name + ".sha256"), path.with_suffix(".json")):
            note.unlink(missing_ok=True)
        path.unlink(missing_ok=True)


def _find_fault_of_store(folder: Path, registry: Registry) -> str | None:
    from .store import Store
    from .store.layout import Manifest, record_file

    try:
        manifest = Manifest.read(folder)
        for name, record in manifest.files.items():
            if record_file(folder / name) != record:
                return f"{name} has changed since it was written: {_ADVICE}"
        Store.open(folder)
    except (CacheError, OSError) as error:
        return str(error)
    origin = manifest.provenance
    with suppress(UnknownVariantError):
        variant = registry.find(_refer(origin))
        if _name_file(variant.origin) != _name_file(str(origin.get("registry"))):
            # Made for another file's entry of that name, which may override this one.
            return None
        archives = {source.sha256 for source in variant.sources}
        for promised, found in (
            ({variant.member.sha256}, origin["sha256"]),
            (archives, origin.get("url_sha256") if variant.member.name else None),
        ):
            if found is not None and promised != {None} and found not in promised:
                return (
                    f"it was compiled from bytes of sha256 {found}, the registry says "
                    f"{' or '.join(sorted(filter(None, promised)))}: {_ADVICE}"
                )
    return None


def _name_file(origin: str) -> str:
    return origin.rpartition(":")[0]


def _refer(origin: Mapping[str, Any]) -> str:
    name, revision = origin["name"], origin["revision"]
    return f"{name}@{revision}" if revision else str(name)


def _find_fault_of_original(item: Item, registry: Registry) -> str | None:
    from .store.layout import record_file

    try:
        found = record_file(item.path).sha256
    except OSError as error:
        return str(error)
    variant = _find_promise(item, registry)
    if variant is not None and variant.member.sha256:
        expected = variant.member.sha256
    else:
        note = item.path.with_name(item.name + ".sha256")
        try:
            expected = note.read_text("ascii").partition(" ")[0]
        except (OSError, ValueError):
            # Put there by hand: its name holds the beginning of the hash.
            expected = item.hash or item.name.partition("-")[0]
            found = found[: len(expected)]
    if found == expected:
        return None
    return f"it has sha256 {found}, expected {expected}: {_ADVICE}"


def _find_promise(item: Item, registry: Registry) -> Variant | None:
    """Find what the registry says of the text in an original."""
    for variant in registry.list_revisions(item.variant or ""):
        if variant.key[:12] == item.hash:
            return variant
    return None


def _find_last_use(path: Path, cache: Cache) -> float:
    with suppress(OSError):
        return (cache.used / path.name).stat().st_mtime
    return _find_last_change(path)


def _find_last_change(path: Path) -> float:
    return max((file.stat().st_mtime for file in _walk(path)), default=0.0)


def _measure(path: Path) -> int:
    return sum(file.stat().st_size for file in _walk(path) if file.is_file())


def _walk(path: Path) -> Iterator[Path]:
    yield path
    if path.is_dir():
        for folder, _, files in os.walk(path):
            yield from (Path(folder, file) for file in files)
