"""What entries take from their groups, each group resolved once."""

from typing import Any, TypeAlias

from .strict_yaml import Faults, Mapping, Node, Position
from .suggestions import MOST_SHOWN, did_you_mean

Fields: TypeAlias = dict[str, Any]

# Groups above one another. A longer chain is followed by no reader of the file, and an
# error about it would list all of it.
MAX_CHAIN = 100
# Texts under one name. A release is republished a handful of times; and each entry of a
# group has all revisions of the group.
MAX_REVISIONS = 100


class Groups:
    """The groups of one registry file.

    Parameters
    ----------
    faults : Faults
        Where faults are noted; a group that has one is noted once.
    """

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._own: dict[str, tuple[Node, Fields]] = {}
        # With the number of groups above it; None where a fault has been noted.
        self._resolved: dict[str, tuple[Fields, int] | None] = {}

    def add(self, name: str, node: Node, own: Fields) -> None:
        """Add a group by what it gives itself."""
        self._own[name] = (node, own)

    def complete(self, node: Node, own: Fields) -> Fields | None:
        """Return an entry's fields with those of its groups; None if there is a fault.

        Parameters
        ----------
        node : Node
            Where the entry stands.
        own : dict
            What it gives itself.
        """
        chain: dict[str, tuple[Node, Fields]] = {}
        above: tuple[Fields, int] | None = ({}, 0)
        child, name = node, own.get("group")
        # Up to the first group that is resolved, or has none above it.
        while name is not None:
            if name in self._resolved:
                above = self._resolved[name]
                break
            if name in chain:
                names = list(chain)
                circle = [*names[names.index(name) :], name]
                self._faults.add(
                    child.position, f"groups go round: {' -> '.join(circle)}"
                )
                above = None
                break
            if fault := self._explain_end(name, len(chain)):
                self._faults.add(_find_position(child), fault)
                above = None
                break
            child, fields = chain[name] = self._own[name]
            name = fields.get("group")
        # And down again.
        for name, (group, fields) in reversed(chain.items()):
            above = self._resolved[name] = self._put_above(group, fields, above)
        completed = self._put_above(node, own, above)
        return completed and completed[0]

    def _explain_end(self, name: str, length: int) -> str | None:
        """Return why a chain of groups cannot go on to a name, if it cannot."""
        if name not in self._own:
            some = ", ".join(list(self._own)[:MOST_SHOWN]) or "none"
            more = len(self._own) - MOST_SHOWN
            return (
                f"no group {name!r}{did_you_mean(name, self._own)} There are {some}"
                + f" and {more:,} more" * (more > 0)
            )
        return _TOO_LONG if length == MAX_CHAIN else None

    def _put_above(
        self, node: Node, own: Fields, above: tuple[Fields, int] | None
    ) -> tuple[Fields, int] | None:
        """Complete fields by the resolved ones of the group above them."""
        if above is None:
            return None
        inherited, height = above
        given = {**inherited, **own}
        given.pop("group", None)
        revisions = {
            name: {
                **inherited.get("revisions", {}).get(name, {}),
                **own.get("revisions", {}).get(name, {}),
            }
            for name in inherited.get("revisions", {}) | own.get("revisions", {})
        }
        if revisions:
            given["revisions"] = revisions
        fault = None
        if height > MAX_CHAIN:
            fault = _TOO_LONG
        elif len(revisions) > MAX_REVISIONS:
            fault = (
                f"expected at most {MAX_REVISIONS} revisions, found "
                f"{len(revisions):,}: give the others entries of their own"
            )
        if fault:
            self._faults.add(_find_position(node), fault)
            return None
        return given, height + 1


_TOO_LONG = (
    f"more than {MAX_CHAIN} groups stand above one another: put their fields into fewer"
)


def _find_position(node: Node) -> Position:
    """Find where a table names its group."""
    if isinstance(node, Mapping):
        return node.items.get("group", node).position
    return node.position
