"""Read a registry file: every field by its kind, then what fields mean together.

A file has two parts, ``variants`` and ``groups``. A group holds what several entries
have in common; an entry takes from its group each field that it does not state itself.
Revisions are joined by name; every other field is taken as a whole, so that no text
ever inherits the checksum of another one.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import RegistryError
from .fields import FILE, PLACES, REGISTRY
from .groups import Groups
from .strict_yaml import Document, Mapping, Node, NotYAML, parse_yaml
from .tables import read_table
from .variant import Variant

# Of all entries of a file, with what they take from groups: each is held in memory by
# itself. All existing releases make some thousands.
MAX_VARIANTS = 50_000


@dataclass(frozen=True, slots=True)
class Entry:
    """One name of a registry file with all its revisions, the default one first."""

    name: str
    variants: tuple[Variant, ...]
    override: bool
    origin: str


def read_registry(text: str, path: Path | None) -> dict[str, Entry]:
    """Read the text of a registry file into its entries by name, in the file's order.

    Errors name `path`, beside which relative ``file:`` URLs start. Raises
    `RegistryError` with the faults of the file (of many, the first 50), one per line,
    as ``file:line:column: sentence``.
    """
    document = Document(path.parent if path else None)
    entries: dict[str, Entry] = {}
    shown = str(path) if path else "registry"
    last = []
    try:
        entries = _read_entries(parse_yaml(text, document), document, shown)
    except NotYAML as stop:
        last = [stop.fault]
    faults = sorted(document.faults, key=lambda fault: fault.position) + last
    if faults:
        raise RegistryError(
            "\n".join(f"{shown}:{f.position}: {f.sentence}" for f in faults)
        )
    return entries


def _read_entries(root: Node, document: Document, shown: str) -> dict[str, Entry]:
    parts = read_table(root, REGISTRY, document)
    if isinstance(root, Mapping) and "variants" not in root.items:
        document.add_fault(
            root.position, "expected `variants:` with at least one entry"
        )
    groups = Groups(parts.get("groups", {}), document)
    entries = {}
    count = 0
    for name, own in parts.get("variants", {}).items():
        origin = f"{shown}:{own.node.position.line}"
        fields = groups.complete(own)
        if fields is None or not isinstance(own.node, Mapping):
            continue  # reported already
        override = fields.pop("override", False)
        variants = _make_variants(name, own.node, fields, origin, document)
        count += len(variants)
        if count > MAX_VARIANTS:
            raise NotYAML(
                own.node.position,
                f"more than {MAX_VARIANTS:,} revisions in one file: split it",
            )
        if variants:
            entries[name] = Entry(name, variants, override, origin)
    return entries


def _make_variants(
    name: str, node: Mapping, fields: dict[str, Any], origin: str, document: Document
) -> tuple[Variant, ...]:
    """Return a variant for each revision; what does not fit together is a fault."""
    revisions: dict[str, dict[str, Any]] = fields.pop("revisions", {})
    both = [key for key in ("sources", "member") if key in fields]
    if revisions and both:
        document.add_fault(
            node.position,
            f"{name!r} has revisions, so {' and '.join(both)} must stand in each of "
            "them: a checksum is of one revision only",
        )
        return ()
    variants = []
    for revision, special in revisions.items() or ((None, {}),):
        facts = {**fields, **special}
        shown = f"{name}@{revision}" if revision else name
        if not facts.get("sources"):
            # A source with a fault has been reported already.
            if not node.keys.keys() & {*FILE, *PLACES}:
                document.add_fault(
                    node.position, f"{shown!r} has no source: add url and sha256"
                )
            continue
        variant = Variant(
            name=name,
            revision=revision,
            revisions=tuple(revisions),
            origin=origin,
            **facts,
        )
        if len({s.sha256 for s in variant.sources}) > 1 and not variant.member.sha256:
            document.add_fault(
                node.position,
                f"{shown!r}: without the sha256 of the member, all sources must have "
                "the same sha256, as nothing else shows that they hold the same text",
            )
        variants.append(variant)
    return tuple(variants)
