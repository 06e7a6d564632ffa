"""Read a registry file: every field by its kind, then what fields mean together.

A file has three parts, ``variants``, ``benchmarks`` and ``groups``. A group holds what
several variants have in common; a variant takes from its group each field that it does
not state itself. Revisions are joined by name; every other field is taken as a whole,
so that no text ever inherits the checksum of another one.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import RegistryError
from .benchmark import Benchmark
from .fields import FILE, PLACES, REGISTRY
from .groups import Groups
from .resource import Resource
from .strict_yaml import Document, Mapping, Node, NotYAML, Sequence, parse_yaml
from .tables import Fields, read_table
from .variant import Variant

# Of all entries of a file, with what they take from groups: each is held in memory by
# itself. All existing releases make some thousands.
MAX_VARIANTS = 50_000


@dataclass(frozen=True, slots=True)
class Entry:
    """One name of a registry file: a variant's revisions, or a benchmark.

    The default revision comes first; a benchmark has none. `from_url` says whether its
    registry was named by a URL.
    """

    name: str
    variants: tuple[Variant, ...]
    override: bool
    origin: str
    benchmark: Benchmark | None = None
    from_url: bool = False


def read_registry(text: str, place: Path | str | None) -> dict[str, Entry]:
    """Read the text of a registry file into its entries by name, in the file's order.

    `place` is the path of the file, or its URL if it was named by one. Errors name it,
    and relative URLs start beside it. Raises `RegistryError` with the faults of the
    file (of many, the first 50), one per line, as ``file:line:column: sentence``.
    """
    document = Document(place)
    entries: dict[str, Entry] = {}
    shown = str(place) if place else "registry"
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
    if isinstance(root, Mapping) and not root.items.keys() & {"variants", "benchmarks"}:
        document.add_fault(
            root.position,
            "expected `variants:` or `benchmarks:` with at least one entry",
        )
    groups = Groups(parts.get("groups", {}), document)
    from_url = isinstance(document.place, str)
    entries = {}
    count = 0
    for name, own in parts.get("variants", {}).items():
        origin = f"{shown}:{own.node.position.line}"
        fields = groups.complete(own)
        if fields is None or not isinstance(own.node, Mapping):
            continue  # reported already
        override = _read_override(fields, own.node, document)
        variants = _make_variants(name, own.node, fields, origin, document)
        count += len(variants)
        if count > MAX_VARIANTS:
            raise NotYAML(
                own.node.position,
                f"more than {MAX_VARIANTS:,} revisions in one file: split it",
            )
        if variants:
            entries[name] = Entry(name, variants, override, origin, None, from_url)
    for name, own in parts.get("benchmarks", {}).items():
        origin = f"{shown}:{own.node.position.line}"
        override = _read_override(own, own.node, document)
        benchmark = _make_benchmark(name, own, origin, document)
        if name in entries:
            document.add_fault(
                own.node.position, f"{name!r} is also a variant: choose another name"
            )
        elif benchmark:
            entries[name] = Entry(name, (), override, origin, benchmark, from_url)
    _check_aliases(parts.get("variants", {}), entries, document)
    return entries


def _check_aliases(
    variants: dict[str, Fields], entries: dict[str, Entry], document: Document
) -> None:
    """Report aliases that are also a name, or an alias of another entry."""
    owners = {name.lower(): name for name in entries}
    for name, own in variants.items():
        node = isinstance(own.node, Mapping) and own.node.items.get("aliases")
        if not isinstance(node, Sequence) or name not in entries:
            continue  # none, or reported already
        for item, alias in zip(node.items, own.get("aliases", ()), strict=False):
            owner = owners.setdefault(alias.lower(), name)
            if owner != name:
                what = "the name" if owner.lower() == alias.lower() else "an alias"
                document.add_fault(
                    item.position,
                    f"alias {alias!r} of {name!r} is also {what} of {owner!r}: remove "
                    "one of them",
                )


def _read_override(fields: dict[str, Any], node: Node, document: Document) -> bool:
    """Return whether an entry replaces one of a lower registry."""
    override: bool = fields.pop("override", False)
    if override and isinstance(document.place, str) and isinstance(node, Mapping):
        document.add_fault(
            node.keys["override"],
            "a registry that is named by a URL cannot replace entries of others: "
            "choose another name",
        )
    return override


# Fields that mean something for one kind of benchmark only.
_OF_TASK = {
    "columns": "similarity",
    "header": "similarity",
    "totals": "analogies",
    "tests": "association",
}


def _make_benchmark(
    name: str, fields: Fields, origin: str, document: Document
) -> Benchmark | None:
    """Return a benchmark; what does not fit together is a fault."""
    node = fields.node
    if not isinstance(node, Mapping):
        return None  # reported already
    task = fields.get("task")
    if "task" not in node.items:
        document.add_fault(node.position, f"{name!r} has no task: add it")
    for other, its_task in _OF_TASK.items():
        if task and task != its_task and other in node.items:
            document.add_fault(
                node.keys[other], f"{other} is only for the task {its_task}: remove it"
            )
    for parts in ("totals", "tests"):
        if "total" in fields.get(parts, ()):
            document.add_fault(
                node.keys[parts],
                "'total' is the name of the score of all questions: choose another",
            )
    if task == "association" and "tests" not in node.items:
        document.add_fault(node.position, f"{name!r} has no tests: add them")
    if not node.keys.keys() & {*FILE, "sources"}:
        document.add_fault(node.position, f"{name!r} has no source: add url and sha256")
    if task is None or not fields.get("sources"):
        return None
    benchmark = Benchmark(name=name, origin=origin, **fields)
    _check_hashes(benchmark, name, node, document)
    if benchmark.anchor is None:
        document.add_fault(node.position, f"{name!r} has no sha256: add it")
    return benchmark


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
            "them: a checksum belongs to one revision",
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
        _check_hashes(variant, shown, node, document)
        variants.append(variant)
    return tuple(variants)


def _check_hashes(
    resource: Resource, shown: str, node: Mapping, document: Document
) -> None:
    """Report sources of which nothing shows that they hold the same text."""
    if len({s.sha256 for s in resource.sources}) > 1 and not resource.member.sha256:
        document.add_fault(
            node.position,
            f"{shown!r}: without the sha256 of the member, all sources must have "
            "the same sha256, as nothing else shows that they hold the same text",
        )
