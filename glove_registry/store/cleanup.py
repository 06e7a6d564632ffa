"""Remove what is in the cache: items by name, unused ones, leftovers.

Files are unlinked, never truncated, so that processes that have them mapped keep them.
"""

import os
import re
import time
from contextlib import suppress
from pathlib import Path

from ..cache import Cache
from ..cache.files import find_last_change
from ..cache.lock import hold_if_free
from ..cache.places import FORMAT_VERSION, read_name
from ..cache.records import SUFFIX
from ..cache.scratch import PATIENCE_SECONDS, name_lock, sweep_scratch
from ..download.hashes import is_current_hash
from ..messages.log import log
from ..registries import Registry
from .layout import Manifest
from .listing import (
    Item,
    find_items,
    is_companion,
    list_companions,
    list_folder,
    list_items,
)

# A download that nobody has resumed for a week is not waited for.
LEFTOVER_SECONDS = 7 * 24 * 3600.0

# Parts of other names belong to a single process, and no other one resumes them.
_RESUMED = re.compile(r"[^.-]+\.(?:part|json)")


def remove_items(cache: Cache, registry: Registry, name: str) -> list[Item]:
    """Remove all that belongs to a variant or revision, or the one item of that name.

    A pin is removed by its own name only, because the next load then trusts what comes
    first. Return what was removed. Raises `CacheError` if there is nothing of that
    name, or if it cannot be removed.
    """
    items = find_items(cache, registry, name)
    with cache.writing():
        for item in items:
            discard(item.path, cache)
    return items


def prune_items(cache: Cache, unused_seconds: float | None = None) -> list[Item]:
    """Remove what is no longer needed, and what was not used for `unused_seconds`.

    Leftovers of processes that died, downloads that nobody resumed for a week, stores
    of older versions of the format, records of what is gone, locks that nobody holds
    and empty folders. What cannot be removed is logged. Return what was removed.
    """
    items = list_items(cache)
    with cache.writing():
        clear_leftovers(cache)
        cache.make_folder(cache.locks)
        for item in items:
            if not _is_needless(item, unused_seconds, cache):
                continue
            with hold_if_free(_find_lock(item, cache)) as is_free:
                if is_free:
                    _try_discard(item.path, cache)
        for path in _list_own(cache.used):
            places = (cache.stores / path.name, cache.sources / path.name)
            if not any(map(os.path.lexists, places)):
                _try_discard(path, cache)
        for path in _list_own(cache.hashes):
            if not is_current_hash(path):
                _try_discard(path, cache)
        _remove_empty(cache)
    return [item for item in items if not os.path.lexists(item.path)]


def _remove_empty(cache: Cache) -> None:
    """Remove free locks and, unless a process holds one, the folders that are empty."""
    for path in _list_own(cache.locks):
        if path.suffix == ".lock":
            with suppress(OSError), hold_if_free(path) as is_free:
                if is_free:
                    path.unlink()
    # A process that needs these folders holds a lock; stamps and hashes are optional.
    if not list_folder(cache.locks):
        # The folder of locks stays: a process that is about to make one would go on
        # without it.
        for folder in (
            *(cache.sources, cache.partial),
            *(cache.used, cache.trusted, cache.hashes),
        ):
            with suppress(OSError):
                folder.rmdir()


def discard(path: Path, cache: Cache) -> None:
    """Remove an item and what belongs to it; raises `OSError` if it cannot be."""
    for companion in (*list_companions(path, cache), path):
        cache.discard(companion)


def _try_discard(path: Path, cache: Cache) -> None:
    try:
        discard(path, cache)
    except OSError as error:  # another user's, for example
        log.warning("%s cannot be removed (%s)", path, error.strerror)


def clear_leftovers(cache: Cache) -> None:
    """Remove the leftovers of processes that have died.

    They are known by their locks, see `scratch`, or else by their age.
    """
    sweep_scratch(cache.workspace)
    for path in _list_own(cache.workspace):
        if path.suffix != ".lock" and not name_lock(path).exists():
            _discard_old(path, PATIENCE_SECONDS, cache)
    for path in _list_own(cache.partial):
        if not is_companion(path):  # as old as its part
            is_resumed = _RESUMED.fullmatch(path.name)
            patience = LEFTOVER_SECONDS if is_resumed else PATIENCE_SECONDS
            _discard_old(path, patience, cache)
    for path in _list_own(cache.sources):
        if path.suffix == SUFFIX and not is_companion(path):
            _discard_old(path, PATIENCE_SECONDS, cache)


def _is_needless(item: Item, unused_seconds: float | None, cache: Cache) -> bool:
    if item.kind == "derived":
        # The stores come first, and are gone by now.
        return not os.path.lexists(cache.stores / item.name)
    store = read_name(item.name)
    if item.kind == "store" and store and store.version < FORMAT_VERSION:
        return True
    if unused_seconds is None or item.kind not in ("store", "original", "partial"):
        return False
    return time.time() - item.last_used > unused_seconds


def _find_lock(item: Item, cache: Cache) -> Path:
    """Return the lock that a process holds while it makes or fetches an item."""
    if item.kind == "partial":
        return item.path  # locked itself
    key = item.digest
    if item.kind == "store":
        with suppress(OSError):
            key = Manifest.read(item.path).provenance.get("key", key)
    elif item.kind == "original":
        key = item.find_digest() or key
    return cache.locks / f"{key}.lock"


def _list_own(folder: Path) -> list[Path]:
    """List what is in a folder, unless it is a link to one with other files."""
    return [] if folder.is_symlink() else list_folder(folder)


def _discard_old(path: Path, patience: float, cache: Cache) -> None:
    # Another process may be clearing too, and another user's files may stay.
    with suppress(OSError):
        if time.time() - find_last_change(path) > patience:
            discard(path, cache)
