"""The form of a registry file: which fields there are, of what kind, what they mean.

This is its only definition. Files are read by it, and the JSON Schema for editors and
the table in the documentation are made from it.
"""

from typing import Any

from . import kinds
from .kinds import Kind
from .schemes import SCHEMES
from .strict_yaml import Document, Mapping, Node, Scalar
from .tables import (
    Field,
    Fields,
    Table,
    make_names_schema,
    make_table_schema,
    read_names,
    read_table,
)
from .variant import Member, Source

FILE: Table = {
    "url": Field(
        kinds.URL,
        "where the file is: one of "
        + ", ".join(f"`{scheme}:`" for scheme in SCHEMES)
        + "; a relative `file:` path starts beside the registry file, and "
        "`package:PACKAGE/PATH` is a file inside an installed package",
    ),
    "sha256": Field(kinds.SHA256, "of the file at the url"),
    "bytes": Field(kinds.COUNT, "size of the file at the url"),
}

MEMBER: Table = {
    "name": Field(
        kinds.TEXT, "which member of an archive; not needed if it has only one file"
    ),
    "sha256": Field(
        kinds.SHA256, "of the uncompressed text: where given, it identifies the text"
    ),
    "bytes": Field(kinds.COUNT, "size of the uncompressed text"),
    "packed": Field(
        kinds.COUNT,
        "about how many bytes it takes in the archive, which a first load transfers; "
        "for people, and not verified",
    ),
}


def _read_sources(node: Node, document: Document) -> tuple[Source, ...]:
    sources = []
    for item in kinds.read_items(node):
        fields = read_table(item, FILE, document)
        if "url" in fields:
            sources.append(Source(**fields))
        elif isinstance(item, Mapping) and "url" not in item.items:
            document.add_fault(item.position, "a source has a url: add one")
    return tuple(sources)


_SOURCES = Kind(
    "list of tables",
    kinds.make_list_schema({**make_table_schema(FILE), "required": ["url"]}),
    _read_sources,
)


def _read_member(node: Node, document: Document) -> Member:
    if isinstance(node, Scalar):
        return Member(name=kinds.TEXT.read(node, document))
    return Member(**read_table(node, MEMBER, document))


_MEMBER = Field(
    Kind(
        "text or table",
        {"anyOf": [kinds.TEXT.schema, make_table_schema(MEMBER)]},
        _read_member,
    ),
    "the text inside: its name, or a table (below)",
)


def _read_entry(node: Node, table: Table, document: Document) -> Fields:
    """Read a table, ``url`` with its ``sha256`` and ``bytes`` as the only source."""
    fields = read_table(node, table, document)
    file = {name: fields.pop(name) for name in FILE if name in fields}
    if not file or not isinstance(node, Mapping):
        return fields
    name = next(iter(file))
    if "sources" in fields:
        document.add_fault(
            node.keys[name], "expected url with its sha256, or sources, not both"
        )
    elif "url" in file:
        fields["sources"] = (Source(**file),)
    elif "url" not in node.keys:
        document.add_fault(
            node.keys[name],
            f"{name} is of the file at a url, and there is none here: add url, or "
            "write it under member if it is of the text inside an archive",
        )
    return fields


def _entries(what: str, table: Table, **schema: Any) -> Kind:
    """Return the kind of tables by name, each with a source or several."""

    def read(node: Node, document: Document) -> dict[str, Fields]:
        return {
            name: _read_entry(child, table, document)
            for name, child in read_names(node, what, document).items()
        }

    two_places = {"not": {"required": ["url", "sources"]}}
    one = {**make_table_schema(table), **two_places, **schema}
    return Kind("tables by name", make_names_schema(one), read)


GROUP_REVISION: Table = {
    **FILE,
    "sources": Field(
        _SOURCES,
        "in place of `url`: a list of such, tried in this order; all must hold the "
        "same text",
    ),
    "rows": Field(
        kinds.ROWS,
        "words in the file; verified. `any`: as many as there are, whatever the "
        "file's header announces",
    ),
    "description": Field(kinds.TEXT, "one sentence for people"),
}

REVISION: Table = {**GROUP_REVISION, "member": _MEMBER}

_COMMON: Table = {
    **GROUP_REVISION,
    "group": Field(kinds.NAME, "the group that gives every field not given here"),
    "dimension": Field(kinds.COUNT, "numbers in a vector; verified"),
    "cased": Field(kinds.FLAG, "whether the corpus kept upper case"),
    "format": Field(kinds.FORMAT, "how the vectors are written; detected if not given"),
    "license": Field(kinds.TEXT, "of the vectors, as SPDX identifier if there is one"),
    "citation": Field(kinds.TEXT, "BibTeX, printed by `glove-registry cite`"),
    "homepage": Field(kinds.TEXT, "where its authors describe it"),
    "corpus": Field(kinds.TEXT, "what the vectors were trained on"),
    "tokens": Field(kinds.TEXT, "size of the corpus, such as `840B`"),
}

GROUP: Table = {
    **_COMMON,
    # No member: each entry states its own, so that no checksum of one is inherited.
    "revisions": Field(
        _entries("revision", GROUP_REVISION), "as in an entry, but without `member`"
    ),
}

VARIANT: Table = {
    **_COMMON,
    "member": _MEMBER,
    "aliases": Field(
        kinds.TEXTS,
        "names that other tools use for these vectors; a request for one is an error "
        "that suggests this entry, so that vectors have one name everywhere",
    ),
    "revisions": Field(
        _entries("revision", REVISION),
        "several texts that were published under this name, by their names; the first "
        "is the default, and none is ever changed in place",
    ),
    "override": Field(
        kinds.FLAG, "`true` replaces the entry of this name in a lower registry"
    ),
}

# An entry has one of them, unless its group does.
PLACES = ("url", "sources", "revisions")

REGISTRY: Table = {
    "variants": Field(
        _entries(
            "variant",
            VARIANT,
            anyOf=[{"required": [place]} for place in (*PLACES, "group")],
        ),
        "entries by name",
    ),
    "groups": Field(
        _entries("group", GROUP), "facts that several entries share, by name"
    ),
}


def make_json_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a registry file.

    It covers all that a schema can express; what fields mean together, such as a group
    that does not exist, is checked by glove_registry alone.
    """
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A registry of glove_registry",
        **make_table_schema(REGISTRY),
        "required": ["variants"],
    }
