"""From a name straight to its store, while nothing that led there has changed.

To look a name up, YAML has to be imported and every registry file to be parsed, which
takes longer than all else a later `load` does. So whoever has looked it up signs the
store's mark in the cache (the one that says when it was last used) with a digest of
all that decided: the name, the registry's files, this package, the store's manifest. A
mark is followed only where that digest comes out again: a registry that has changed is
seen at once, and a mark that is missing, damaged or signed for something else leads
nowhere. By a mark nothing is ever fetched or compiled, and nothing can be mapped but
what is in the cache under that name: who can forge a mark can forge a store.
"""

import hashlib
from contextlib import suppress
from pathlib import Path

from ..cache import Cache
from ..cache.records import read_sha256, write_record
from ..registry import Registry
from ..version import __version__
from .layout import holds_text_of, name_folders
from .reader import Store


def follow_shortcut(name: str, registry: Registry, cache: Cache) -> Store | None:
    """Map the store that a name led to before; None where it has to be looked up.

    Parameters
    ----------
    name : str
        As it is asked for, with its revision; may be anything.
    registry : Registry
        Where it would be looked up.
    cache : Cache
    """
    if registry.sha256 is None:
        return None
    variant = f"{name}".partition("@")[0]
    # What is wrong with a store, or with the cache, is said by who looks the name up.
    with suppress(OSError):
        for folder in cache.stores.iterdir():
            if folder.name.rsplit("-", 2)[0] == variant:
                store = _open_signed(folder, name, registry, cache)
                if store is not None:
                    return store
    return None


def leave_shortcut(name: str, registry: Registry, cache: Cache, store: Store) -> None:
    """Sign the mark of the store that a name led to; a read-only cache stays as it is.

    Parameters
    ----------
    name, registry, cache
        As for `follow_shortcut`.
    store : Store
        What a later `load` would find again, asked the same.
    """
    if registry.sha256 is None:
        return
    variant = registry.find(name)
    # Not where a pin or the caller's own sha256 led there: who trusts it says so again.
    names = name_folders(variant.name, variant.key) if variant.key else []
    if store.folder.name not in names or not holds_text_of(store.manifest, variant):
        return
    mark = cache.used / store.folder.name
    with suppress(OSError):
        write_record(mark, cache, sha256=_sign(name, registry, store))


def _open_signed(
    folder: Path, name: str, registry: Registry, cache: Cache
) -> Store | None:
    with suppress(OSError):
        signed = read_sha256(cache.used / folder.name)
        # Opened first: looked at before, it could be another store by then.
        store = Store.open(folder) if signed else None
        if store is not None and signed == _sign(name, registry, store):
            return store
    return None


def _sign(name: str, registry: Registry, store: Store) -> str:
    # The manifest, as the same bytes can be compiled anew in another way.
    decided = (__version__, name, registry.sha256, store.folder.name, store.manifest)
    return hashlib.sha256(ascii(decided).encode()).hexdigest()
