"""A registry that is named by a URL: what has changed in it, and its new text kept."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from itertools import takewhile
from typing import Any

from ..cache import Cache
from ..download.remote_registries import fetch_registry, find_kept, keep, read_reference
from ..download.sources import refuse_offline
from ..errors import RegistryError
from ..registries import Registry, check_flags
from ..registry import Resource
from ..registry.files import list_default_files, parse_registry
from ..registry.reader import Entry


@dataclass(frozen=True, slots=True)
class Update:
    """How a registry differs from the text that is in the cache.

    Attributes
    ----------
    url : str
    before, after : str or None
        The sha256 of the text in the cache, None if there is none; and of the new one.
    added, removed : tuple of str
        Names of entries.
    changed : mapping of str to tuple of str
        Names of entries, and the fields that differ.
    is_accepted : bool
        Whether the new text is used from now on.
    """

    url: str
    before: str | None
    after: str
    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: Mapping[str, tuple[str, ...]]
    is_accepted: bool

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {
            "url": self.url,
            "before": self.before,
            "after": self.after,
            "added": list(self.added),
            "removed": list(self.removed),
            "changed": {name: list(names) for name, names in self.changed.items()},
            "accepted": self.is_accepted,
        }


def update(
    name: str,
    *,
    dry_run: bool = False,
    cache_dir: str | os.PathLike[str] | None = None,
) -> Update:
    """Fetch a registry again that is named by a URL, and use its text from now on.

    With `dry_run`, the text in the cache is kept.

    Raises `RegistryError` if its sha256 is stated behind the URL, or the new text has
    faults, or takes over a name or alias of the default registry (of the layers below,
    if it is one of its layers); `FetchError` and `OfflineError` if it cannot be
    fetched; and `CacheError`. After an error, the cache is unchanged.
    """
    check_flags(dry_run=dry_run)
    reference = read_reference(name)
    if reference.sha256 is not None:
        raise RegistryError(
            f"{reference} is named with its sha256: state that of the new text, or none"
        )
    refuse_offline(str(reference))
    cache = Cache.locate(cache_dir)
    lower = Registry(
        takewhile(
            lambda place: (
                not isinstance(place, str) or read_reference(place) != reference
            ),
            list_default_files(),
        ),
        cache_dir=cache_dir,
    )
    with cache.writing(), cache.hold_lock(reference.key, str(reference)):
        known = find_kept(reference, cache)
        fetched = fetch_registry(reference, cache, lower.check_next)
        # Read as from one place: the commit of a file is not a change of its entry.
        new = parse_registry(str(reference), fetched.content)
        old = {} if known is None else parse_registry(str(reference), known.content)
        if not dry_run:
            keep(reference, fetched, cache)
    changed = {name: _compare(old[name], new[name]) for name in new if name in old}
    return Update(
        url=str(reference),
        before=None if known is None else known.sha256,
        after=fetched.sha256,
        added=tuple(name for name in new if name not in old),
        removed=tuple(name for name in old if name not in new),
        changed={name: found for name, found in changed.items() if found},
        is_accepted=not dry_run,
    )


def _compare(old: Entry, new: Entry) -> tuple[str, ...]:
    """Return the fields in which two entries of one name differ."""
    before, after = _list_resources(old), _list_resources(new)
    if len(before) != len(after) or type(before[0]) is not type(after[0]):
        return ("revisions",)
    names = [one.name for one in fields(after[0]) if one.name != "origin"]
    return tuple(
        name
        for name in names
        if any(
            getattr(a, name) != getattr(b, name)
            for a, b in zip(before, after, strict=True)
        )
    )


def _list_resources(entry: Entry) -> tuple[Resource, ...]:
    return entry.variants or ((entry.benchmark,) if entry.benchmark else ())
