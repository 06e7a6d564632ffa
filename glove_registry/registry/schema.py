"""Read a registry file: every field by its kind, then what they mean together.

The fields are those of the tables in `form`. A registry file has two parts,
``variants`` and ``groups``. A group holds what several entries have in common; an
entry takes from its group each field that it does not give itself. Revisions are
joined by name, every other field is taken whole, so that no checksum is ever
inherited by a text it is not of.
"""

from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import RegistryError
from .fields import (
    Reader,
    Wrong,
    describe,
    read_count,
    read_flag,
    read_format,
    read_items,
    read_name,
    read_rows,
    read_sha256,
    read_text,
    read_texts,
    read_url,
)
from .form import FILE, GROUP, GROUP_REVISION, MEMBER, REVISION, VARIANT, Kind, Table
from .groups import Groups
from .names import explain_bad_name
from .strict_yaml import Fault, Faults, Mapping, Node, NotYAML, Position, Scalar, parse
from .suggestions import did_you_mean
from .variant import Member, Source, Variant

# Of all entries of a file together, with what they take from groups: each is held in
# memory by itself. All releases there are make some thousands.
MAX_VARIANTS = 50_000


@dataclass(frozen=True, slots=True)
class Entry:
    """One name of a registry file with all its revisions, the default one first."""

    name: str
    variants: tuple[Variant, ...]
    override: bool
    origin: str


def read_registry(text: str, path: Path | None) -> dict[str, Entry]:
    """Read the text of a registry file into its entries.

    Parameters
    ----------
    text : str
        The file's content.
    path : Path or None
        The file: named in errors; relative ``file:`` URLs start beside it.

    Returns
    -------
    dict of str to Entry
        In the file's order.

    Raises
    ------
    RegistryError
        With the faults of the file, one per line, as ``file:line:column: sentence``;
        of many, the first 50.
    """
    faults = Faults()
    entries: dict[str, Entry] = {}
    shown = str(path) if path else "registry"
    last: list[Fault] = []
    try:
        root = parse(text, faults)
        entries = _Reading(faults, shown, path.parent if path else None).entries(root)
    except NotYAML as stop:
        last.append(stop.fault)
    ordered = sorted(
        faults.found, key=lambda fault: (fault.position.line, fault.position.column)
    )
    if ordered or last:
        raise RegistryError(
            "\n".join(
                f"{shown}:{f.position.line}:{f.position.column}: {f.sentence}"
                for f in (*ordered, *last)
            )
        )
    return entries


class _Reading:
    """One file being read: collects faults and goes on where it can."""

    def __init__(self, faults: Faults, shown: str, folder: Path | None) -> None:
        self._faults = faults
        self._shown = shown
        self._kinds: dict[Kind, Reader] = {
            "text": read_text,
            "texts": read_texts,
            "name": read_name,
            "count": read_count,
            "rows": read_rows,
            "flag": read_flag,
            "format": read_format,
            "sha256": read_sha256,
            "url": read_url(folder),
            "sources": self._sources,
            "member": self._member,
            "revisions": lambda node: self._revisions_by_name(node, REVISION),
            "group revisions": lambda node: self._revisions_by_name(
                node, GROUP_REVISION
            ),
        }

    def entries(self, root: Node) -> dict[str, Entry]:
        parts = self._children(
            root, {"groups": lambda node: node, "variants": lambda node: node}
        )
        if isinstance(root, Mapping) and "variants" not in root.items:
            self._fault(root.position, "expected `variants:` with at least one entry")
        groups = Groups(self._faults)
        if "groups" in parts:
            for name, node in self._named(parts["groups"], "group"):
                groups.add(name, node, self._place(node, self._fields(node, GROUP)))
        entries = {}
        count = 0
        if "variants" in parts:
            for name, node in self._named(parts["variants"], "variant"):
                own = self._place(node, self._fields(node, VARIANT))
                given = groups.complete(node, own)
                if given and (variants := self._revisions(name, node, given)):
                    count += len(variants)
                    if count > MAX_VARIANTS:
                        raise NotYAML(
                            node.position,
                            f"more than {MAX_VARIANTS:,} revisions in one file: split "
                            "it",
                        )
                    entries[name] = Entry(
                        name=name,
                        variants=variants,
                        override=own.get("override", False),
                        origin=f"{self._shown}:{node.position.line}",
                    )
        return entries

    # -- tables -------------------------------------------------------------

    def _fields(self, node: Node, table: Table) -> dict[str, Any]:
        """Read the fields of a table."""
        readers = {field.name: self._kinds[field.kind] for field in table}
        return self._children(node, readers)

    def _children(self, node: Node, readers: AnyMapping[str, Reader]) -> dict[str, Any]:
        """Read what a table holds; whatever is wrong is a fault and left out."""
        values: dict[str, Any] = {}
        if not isinstance(node, Mapping):
            self._fault(
                node.position,
                f"expected a table of fields ({', '.join(readers)}), "
                f"found {describe(node)}",
            )
            return values
        for key, child in node.items.items():
            if key not in readers:
                self._fault(node.keys[key], _unknown_field(key, readers))
                continue
            try:
                values[key] = readers[key](child)
            except Wrong as wrong:
                self._fault(child.position, f"{key}: {wrong}")
        return values

    def _named(self, node: Node, kind: str) -> list[tuple[str, Node]]:
        """Give the children of a table whose keys are names, faulty names left out."""
        if not isinstance(node, Mapping) or not node.items:
            self._fault(
                node.position,
                f"expected at least one {kind} by its name, found {describe(node)}",
            )
            return []
        good = []
        seen: dict[str, str] = {}
        for name, child in node.items.items():
            twin = seen.setdefault(name.lower(), name)
            if reason := explain_bad_name(name):
                self._fault(node.keys[name], reason)
            elif twin != name:
                self._fault(
                    node.keys[name],
                    f"{name!r} and {twin!r} differ in case alone, and some file "
                    "systems cannot tell them apart: rename one",
                )
            else:
                good.append((name, child))
        return good

    def _member(self, node: Node) -> Member:
        if isinstance(node, Scalar):
            return Member(name=read_text(node))
        return Member(**self._fields(node, MEMBER))

    def _revisions_by_name(self, node: Node, table: Table) -> dict[str, Any]:
        return {
            name: self._place(child, self._fields(child, table))
            for name, child in self._named(node, "revision")
        }

    def _sources(self, node: Node) -> tuple[Source, ...]:
        sources = []
        for item in read_items(node):
            fields = self._fields(item, FILE)
            if "url" in fields:
                sources.append(Source(**fields))
            elif isinstance(item, Mapping) and "url" not in item.items:
                self._fault(item.position, "a source has a url: there is none here")
        return tuple(sources)

    # -- what fields mean together --------------------------------------------

    def _place(self, node: Node, given: dict[str, Any]) -> dict[str, Any]:
        """Turn ``url`` with its ``sha256`` and ``bytes`` into a list of one source."""
        file = {
            key: given.pop(key) for key in ("url", "sha256", "bytes") if key in given
        }
        keys = node.keys if isinstance(node, Mapping) else {}
        if file and "sources" in given:
            self._fault(
                keys[next(iter(file))],
                "give either url with its sha256, or sources, not both",
            )
        elif "url" in file:
            given["sources"] = (Source(**file),)
        elif file and "url" not in keys:
            key = next(iter(file))
            self._fault(
                keys[key],
                f"{key} is of the file at a url, and there is none here: add url, or "
                "write it under member if it is of the text inside an archive",
            )
        return given

    def _revisions(
        self, name: str, node: Node, given: dict[str, Any]
    ) -> tuple[Variant, ...]:
        given.pop("override", None)
        revisions: dict[str, dict[str, Any]] = given.pop("revisions", {})
        both = [key for key in ("sources", "member") if key in given]
        if revisions and both:
            self._fault(
                node.position,
                f"{name!r} has revisions, so that {' and '.join(both)} must stand in "
                "each of them: a checksum is of one revision alone",
            )
            return ()
        origin = f"{self._shown}:{node.position.line}"
        common: dict[str, Any] = {
            "name": name,
            "revisions": tuple(revisions),
            "origin": origin,
        }
        variants = []
        for revision, special in revisions.items() or ((None, {}),):
            facts = {**given, **special}
            shown = f"{name}@{revision}" if revision else name
            if not facts.get("sources"):
                # A source that was read and found wrong has been reported already.
                if not (isinstance(node, Mapping) and node.keys.keys() & _PLACES):
                    self._fault(
                        node.position, f"{shown!r} has no source: add url and sha256"
                    )
                continue
            variant = Variant(**facts, **common, revision=revision)
            if reason := _explain_no_anchor(variant):
                self._fault(node.position, f"{shown!r}: {reason}")
            variants.append(variant)
        return tuple(variants)

    def _fault(self, position: Position, sentence: str) -> None:
        self._faults.add(position, sentence)


_PLACES = {"url", "sources", "revisions"}


def _explain_no_anchor(variant: Variant) -> str | None:
    """Say why a variant's sources cannot stand in for each other, if they cannot."""
    if variant.member.sha256 or len({s.sha256 for s in variant.sources}) == 1:
        return None
    return (
        "without the sha256 of the member, all sources must give the same sha256, as "
        "nothing else tells that they hold the same text"
    )


def _unknown_field(key: str, readers: AnyMapping[str, Reader]) -> str:
    if key in ("md5", "sha1", "hash", "checksum") and "sha256" in readers:
        return f"{key!r} is no field: bytes are verified by their sha256 alone"
    return (
        f"{key!r} is no field here{did_you_mean(key, readers)} "
        f"The fields are {', '.join(sorted(readers))}"
    )
