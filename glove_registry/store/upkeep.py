"""What is in the cache: listed, verified, removed, cleared of leftovers.

Files are unlinked, never cut, so that whoever has them mapped keeps them; a folder
loses its name before its files, so that it is never seen half.
"""

import logging
import os
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..cache import Cache
from ..cache.files import find_last_change
from ..cache.records import SUFFIX
from ..cache.scratch import PATIENCE_SECONDS, name_lock, sweep_scratch
from ..download.originals import name_archives, read_original_sha256
from ..errors import CacheError, UnknownVariantError
from ..registry import Registry, Variant, split_reference
from .items import (
    LEFT_BY_POOCH,
    Item,
    find_companions,
    is_companion,
    iterate,
    list_items,
)

# A download that nobody has gone on with for a week is not waited for any more.
LEFTOVER_SECONDS = 7 * 24 * 3600.0

_ADVICE = "remove it by `glove-registry cache remove` and its name"
# Parts of other names are of one process, and no other one goes on with them.
_RESUMED = re.compile(r"[^.-]+\.(?:part|json)")

_log = logging.getLogger("glove_registry")


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
        As each is done. What is still being written is left out, and so is what is
        removed meanwhile.
    """
    for item in list_items(cache) if name is None else _find(cache, registry, name):
        if item.kind == "store":
            verdict = _judge(item, lambda item: _find_fault_of_store(item, registry))
        elif item.kind == "original":
            verdict = _judge(item, lambda item: _find_fault_of_original(item, registry))
        else:
            continue
        if verdict is not None:
            yield verdict


def _judge(item: Item, find_fault: Callable[[Item], str | None]) -> Verdict | None:
    """Judge an item; None if it is removed while it is looked at."""
    while (before := _identify(item.path)) is not None:
        fault = find_fault(item)
        # What another process puts in its place meanwhile is no damage.
        if fault is None or _identify(item.path) == before:
            return Verdict(item, fault)
    return None


def _identify(path: Path) -> tuple[int, ...] | None:
    try:
        status = path.lstat()
    except OSError:
        return None
    return status.st_dev, status.st_ino, status.st_mtime_ns, status.st_size


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
            _discard(item.path, cache)
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
        What was removed: what processes that died have left, downloads that nobody
        went on with for a week, stores of other versions of this package, and what has
        been unused for too long. What cannot be removed is logged.
    """
    from .layout import FORMAT_VERSION

    now = time.time()

    def is_needless(item: Item) -> bool:
        if item.kind == "store" and not item.name.endswith(f"-v{FORMAT_VERSION}"):
            return True
        if item.kind not in ("store", "original", "partial"):
            return False
        return unused_seconds is not None and now - item.last_used > unused_seconds

    items = list_items(cache)
    with cache.writing():
        clear_leftovers(cache)
        for item in filter(is_needless, items):
            try:
                _discard(item.path, cache)
            except OSError as error:
                _log.warning("%s cannot be removed (%s)", item.path, error.strerror)
        names = {item.name for item in items if os.path.lexists(item.path)}
        for mark in _iterate_own(cache.used):
            if mark.name not in names:
                cache.discard(mark)
    return [item for item in items if not os.path.lexists(item.path)]


def clear_leftovers(cache: Cache) -> None:
    """Remove what processes that died have left.

    What is being written is told from it by its lock, see `scratch`; where nothing has
    one, by its age.
    """
    sweep_scratch(cache.workspace)
    now = time.time()

    def clear(path: Path, patience: float) -> None:
        # Another process may be clearing, too, and another user's files may stay.
        with suppress(OSError):
            if now - find_last_change(path) > patience:
                _discard(path, cache)

    for path in _iterate_own(cache.workspace):
        if path.suffix != ".lock" and not name_lock(path).exists():
            clear(path, PATIENCE_SECONDS)
    for path in _iterate_own(cache.partial):
        if not is_companion(path):  # as old as its part
            is_resumed = _RESUMED.fullmatch(path.name)
            clear(path, LEFTOVER_SECONDS if is_resumed else PATIENCE_SECONDS)
    for path in _iterate_own(cache.sources):
        is_note = path.suffix == SUFFIX and not is_companion(path)
        if is_note or LEFT_BY_POOCH.fullmatch(path.name):
            clear(path, PATIENCE_SECONDS)


def _iterate_own(folder: Path) -> list[Path]:
    """List what is in a folder that is no link: behind one are others' files, too."""
    return [] if folder.is_symlink() else iterate(folder)


def _find(cache: Cache, registry: Registry, name: str) -> list[Item]:
    wanted, revision = split_reference(name)
    variant = None
    with suppress(UnknownVariantError):
        variant = registry.find(name)
    if revision and variant is None:
        registry.find(name)  # says which revisions there are
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
            item.path == path and _find_digest(item) in (None, sha256)
            for path, sha256 in archives
        )
        or (
            item.variant == wanted
            and item.kind in ("store", "original")
            # One revision is told from another by the digest of its text.
            and not (revision and variant and not _is_of(item, variant))
        )
    ]
    if not items:
        raise CacheError(
            f"the cache {cache.root} holds nothing of {name!r}: "
            "`glove-registry cache list` shows what it holds"
        )
    return items


def _is_of(item: Item, variant: Variant) -> bool:
    from .layout import Manifest, holds_text_of

    if item.kind == "store":
        with suppress(OSError):
            return holds_text_of(Manifest.read(item.path), variant)
    elif digest := _find_digest(item):
        return digest == variant.key
    # Damaged, or put there by hand: there is but the name to tell.
    return item.digest is not None and variant.key.startswith(item.digest)


def _find_digest(item: Item) -> str | None:
    """Find the whole digest that the name of an original begins to spell."""
    return (
        item.digest if len(item.digest or "") == 64 else read_original_sha256(item.path)
    )


def _discard(path: Path, cache: Cache) -> None:
    for companion in (*find_companions(path, cache), path):
        cache.discard(companion)


def _find_fault_of_store(item: Item, registry: Registry) -> str | None:
    from .layout import Manifest, record_file
    from .reader import Store

    folder = item.path
    try:
        manifest = Manifest.read(folder)
        for name, record in manifest.files.items():
            if record_file(folder / name) != record:
                return f"{name} has changed since it was written: {_ADVICE}"
        Store.open(folder)
    except (CacheError, OSError) as error:
        return str(error)
    origin = manifest.provenance
    if "key" in origin and not str(origin["key"]).startswith(item.digest or ""):
        return f"it is the store of another text than its name says: {_ADVICE}"
    with suppress(UnknownVariantError):
        variant = registry.find(_refer(origin))
        if _name_file(variant.origin) != _name_file(str(origin.get("registry"))):
            # Made for another file's entry of that name, which may override this one.
            return None
        found, promised = origin["sha256"], {variant.member.sha256}
        if promised == {None} and variant.member.name:
            found = origin.get("url_sha256")
            promised = {source.sha256 for source in variant.sources}
            # Earlier versions wrote down the hash of the original it was made from.
            promised.add(origin["sha256"])
        known = sorted(filter(None, promised))
        if found and known and found not in known:
            return (
                f"it was compiled from bytes of sha256 {found}, the registry says "
                f"{' or '.join(known)}: {_ADVICE}"
            )
    return None


def _name_file(origin: str) -> str:
    return origin.rpartition(":")[0]


def _refer(origin: Mapping[str, Any]) -> str:
    name, revision = origin["name"], origin["revision"]
    return f"{name}@{revision}" if revision else str(name)


def _find_fault_of_original(item: Item, registry: Registry) -> str | None:
    from .layout import record_file

    try:
        found = record_file(item.path).sha256
    except OSError as error:
        return str(error)
    expected = _find_promises(item, registry)
    if not expected and item.digest:
        # Put there by hand, and no registry knows it: there is but the name to tell.
        expected, found = {item.digest}, found[: len(item.digest)]
    if found in expected:
        return None
    promised = " or ".join(sorted(expected)) or "another name"
    return f"it has sha256 {found}, expected {promised}: {_ADVICE}"


def _find_promises(item: Item, registry: Registry) -> set[str]:
    """Find what an original may hash to, as the registry says, or else its note."""
    key = _find_digest(item) or item.digest or "no digest"
    promises = set()
    for variant in registry.list_revisions(item.variant or "*"):
        if item.variant is None:  # an archive
            hashes = {source.sha256 or "" for source in variant.sources}
            promises |= {sha256 for sha256 in hashes if sha256.startswith(key)}
        elif variant.member.sha256 and variant.key.startswith(key):
            promises.add(variant.member.sha256)
    return promises or set(filter(None, [read_original_sha256(item.path)]))
