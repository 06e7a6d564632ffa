"""The entries of registry files in layers, joined by name."""

from collections.abc import Mapping, Sequence
from itertools import zip_longest
from pathlib import Path

from ..errors import RegistryError
from .files import builtin_path, parse_registry, read_file
from .reader import Entry
from .urls import is_pinned


def join_layers(
    layers: Sequence[Mapping[str, Entry]], places: Sequence[Path | str]
) -> dict[str, Entry]:
    """Return entries by name; only ``override`` replaces one of a lower layer.

    `places` are those of the layers, but for one that is not in use yet.
    """
    joined: dict[str, Entry] = {}
    # Folders are named after variants, and some file systems ignore case.
    by_folded: dict[str, Entry] = {}
    by_alias: dict[str, Entry] = {}
    for layer, place in zip_longest(layers, places):
        for entry in layer.values():
            if reason := _find_conflict(entry, by_folded, by_alias):
                if isinstance(place, str) and not is_pinned(place):
                    reason += f"; `glove-registry update {place}` fetches it again"
                raise RegistryError(f"{entry.origin}: {reason}")
            by_folded[entry.name.lower()] = joined[entry.name] = entry
            if entry.variants:
                aliases = entry.variants[0].aliases
                by_alias |= {alias.lower(): entry for alias in aliases}
    return joined


def is_builtin(name: str) -> bool:
    """Return whether a name means something in the built-in registry.

    That one is below every other: a registry that is named by a URL, and has an entry
    of this name, cannot be read on top of it.
    """
    known = parse_registry(*read_file(builtin_path()))
    new = Entry(name, (), override=False, origin="", from_url=True)
    try:
        join_layers([known, {name: new}], ())
    except RegistryError:
        return True
    return False


def _find_conflict(
    entry: Entry, by_folded: dict[str, Entry], by_alias: dict[str, Entry]
) -> str | None:
    """Return the reason why an entry cannot stand above those of lower layers."""
    known = by_folded.get(entry.name.lower())
    if known is not None and not (entry.override and known.name == entry.name):
        return (
            f"{entry.name!r} is also defined at {known.origin}"
            + (f" as {known.name!r}" * (entry.name != known.name))
            + ": choose another name"
            + (
                ", as a registry that is named by a URL cannot replace entries"
                if entry.from_url
                else ", or write `override: true` in an entry of exactly that name to "
                "replace it"
            )
        )
    aliases = entry.variants[0].aliases if entry.variants else ()
    if not entry.from_url:
        for alias in aliases:
            known = by_folded.get(alias.lower())
            if known is not None and known.name.lower() != entry.name.lower():
                return (
                    f"alias {alias!r} of {entry.name!r} is also the name of "
                    f"{known.name!r}, which is defined at {known.origin} and would be "
                    "found instead: remove the alias"
                )
        return None
    # Whoever controls the URL of a registry could otherwise answer for other names.
    for word in (entry.name, *aliases):
        known = by_folded.get(word.lower()) or by_alias.get(word.lower())
        if known is None:
            continue
        words = [known.name, *(known.variants[0].aliases if known.variants else ())]
        taken = next(taken for taken in words if taken.lower() == word.lower())
        return (
            f"{word!r} already means {known.name!r}"
            if word == taken
            else f"{word!r} differs from {taken!r} only in case"
        ) + (
            f", which is defined at {known.origin}: a registry that is named by a URL "
            "cannot change that"
        )
    return None
