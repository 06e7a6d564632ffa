"""The fields that entries take from their groups."""

from typing import Any, TypeAlias

from .spelling import MOST_SHOWN, did_you_mean
from .strict_yaml import Document, Mapping, Node, Position
from .tables import Fields

# Fields with those of the groups above, and how long the chain has become.
_Resolved: TypeAlias = tuple[dict[str, Any], int]

# Groups above one another. No reader of the file follows a longer chain, and an error
# about it would list all of it.
MAX_CHAIN = 100
# Texts under one name. A release is republished a handful of times; and each entry of a
# group has all revisions of the group.
MAX_REVISIONS = 100


class Groups:
    """The groups of one registry file, each of which is resolved once.

    `groups` has what each states itself. A group with a fault is reported once.
    """

    def __init__(self, groups: dict[str, Fields], document: Document) -> None:
        self._groups = groups
        self._document = document
        # None where a fault has been reported.
        self._resolved: dict[str, _Resolved | None] = {}

    def complete(self, own: Fields) -> dict[str, Any] | None:
        """Return an entry's fields with those of its groups; None if there is a fault.

        Fields are replaced as a whole, except for revisions, which are joined by name.
        The group is the nearest.
        """
        resolved = self._resolve(own, ())
        return resolved and resolved[0]

    def _resolve(self, own: Fields, below: tuple[str, ...]) -> _Resolved | None:
        """Complete what has certain groups below itself."""
        name = own.get("group")
        above: _Resolved | None = ({}, 0)
        if name is not None:
            if fault := self._explain_end(name, below):
                self._document.add_fault(_find_position(own.node), fault)
                return None
            if name not in self._resolved:
                self._resolved[name] = self._resolve(self._groups[name], (*below, name))
            above = self._resolved[name]
        if above is None:
            return None
        merged, height = _merge(above[0], own), above[1]
        if height > MAX_CHAIN:
            self._document.add_fault(_find_position(own.node), _TOO_LONG)
            return None
        if (count := len(merged.get("revisions", ()))) > MAX_REVISIONS:
            self._document.add_fault(
                _find_position(own.node),
                f"expected at most {MAX_REVISIONS} revisions, found {count:,}: give "
                "the others entries of their own",
            )
            return None
        return merged, height + 1

    def _explain_end(self, name: str, below: tuple[str, ...]) -> str | None:
        """Return why a chain of groups cannot continue with a name, if it cannot."""
        if name in below:
            circle = [*below[below.index(name) :], name]
            return f"groups form a circle: {' -> '.join(circle)}"
        if name not in self._groups:
            some = ", ".join(list(self._groups)[:MOST_SHOWN]) or "none"
            more = len(self._groups) - MOST_SHOWN
            return (
                f"no group {name!r}{did_you_mean(name, self._groups)} There are {some}"
                + f" and {more:,} more" * (more > 0)
            )
        return _TOO_LONG if len(below) == MAX_CHAIN else None


_TOO_LONG = f"more than {MAX_CHAIN} groups above one another: merge some of them"


def _merge(above: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    merged = {**above, **own}
    inherited, revisions = above.get("revisions", {}), own.get("revisions", {})
    if names := inherited | revisions:
        merged["revisions"] = {
            name: {**inherited.get(name, {}), **revisions.get(name, {})}
            for name in names
        }
    return merged


def _find_position(node: Node) -> Position:
    """Return where a table names its group."""
    if isinstance(node, Mapping):
        return node.items.get("group", node).position
    return node.position
