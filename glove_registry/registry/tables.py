"""How a table of fields is read, and described to editors."""

from dataclasses import dataclass
from typing import Any, TypeAlias

from .kinds import NAME, Invalid, Kind, describe_node
from .names import explain_bad_name
from .spelling import did_you_mean
from .strict_yaml import Document, Mapping, Node


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a table."""

    kind: Kind  # how its value is written
    meaning: str  # for people, as Markdown
    needs: str = ""  # the field of the same table without which it says nothing


Table: TypeAlias = dict[str, Field]


class Fields(dict[str, Any]):
    """The values of a table by the names of its fields; `node` is the table itself."""

    def __init__(self, node: Node) -> None:
        super().__init__()
        self.node = node


def read_table(node: Node, table: Table, document: Document) -> Fields:
    """Read the fields of a table; those that are wrong are faults and left out."""
    values = Fields(node)
    if not isinstance(node, Mapping):
        document.add_fault(
            node.position,
            f"expected a table of fields ({', '.join(table)}), found "
            f"{describe_node(node)}",
        )
        return values
    for name, child in node.items.items():
        if name not in table:
            document.add_fault(node.keys[name], _explain_unknown(name, table))
            continue
        try:
            values[name] = table[name].kind.read(child, document)
        except Invalid as reason:
            document.add_fault(child.position, f"{name}: {reason}")
    for name in list(values):
        needed = table[name].needs
        if needed and needed not in node.items:
            document.add_fault(
                node.keys[name],
                f"{name} describes the {needed} beside it, which is missing: add "
                f"{needed}, or remove {name}",
            )
            del values[name]
    return values


def read_names(node: Node, what: str, document: Document) -> dict[str, Node]:
    """Return the values of a table by their names; faulty names are left out."""
    if not isinstance(node, Mapping) or not node.items:
        document.add_fault(
            node.position,
            f"expected at least one {what} by its name, found {describe_node(node)}",
        )
        return {}
    named = {}
    seen: dict[str, str] = {}
    for name, child in node.items.items():
        twin = seen.setdefault(name.lower(), name)
        if reason := explain_bad_name(name):
            document.add_fault(node.keys[name], reason)
        elif twin != name:
            document.add_fault(
                node.keys[name],
                f"{name!r} and {twin!r} differ only in case, and some file systems "
                "cannot tell them apart: rename one",
            )
        else:
            named[name] = child
    return named


def make_table_schema(table: Table) -> dict[str, Any]:
    """Return the JSON Schema of what `read_table` reads."""
    needs = {name: [field.needs] for name, field in table.items() if field.needs}
    return {
        "type": "object",
        "properties": {
            name: {"description": field.meaning, **field.kind.schema}
            for name, field in table.items()
        },
        "additionalProperties": False,
        **({"dependentRequired": needs} if needs else {}),
    }


def make_names_schema(value: dict[str, Any]) -> dict[str, Any]:
    """Return the JSON Schema of what `read_names` reads, from that of one value."""
    return {
        "type": "object",
        "minProperties": 1,
        "propertyNames": NAME.schema,
        "additionalProperties": value,
    }


def _explain_unknown(name: str, table: Table) -> str:
    if name in ("md5", "sha1", "hash", "checksum") and "sha256" in table:
        return f"unknown field {name!r}: bytes are verified only by their sha256"
    return (
        f"unknown field {name!r}{did_you_mean(name, table)} "
        f"The fields are {', '.join(sorted(table))}"
    )
