"""The form of a registry file: which fields there are, of what kind, what they mean.

This is its only definition. Files are read by it, and the JSON Schema for editors and
the table in the documentation are made from it.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

from . import kinds
from .benchmark import TASKS, Published
from .kinds import Kind
from .names import EVALUATION_CASES, UNKNOWN_RULES
from .resource import Member, Source
from .schemes import SCHEMES, find_owner, find_scheme
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
from .urls import WITH_CREDENTIALS

_ATTESTED = Field(
    kinds.COUNT,
    "at least how many independent public sources give the sha256 beside it",
    needs="sha256",
)

FILE: Table = {
    "url": Field(
        kinds.URL,
        "where the file is: one of "
        + ", ".join(f"`{scheme}:`" for scheme in SCHEMES)
        + "; or `./FILE`, beside the registry, wherever that is. A relative `file:` "
        "path starts there, too; `package:PACKAGE/PATH` is a file inside an installed "
        "package",
    ),
    "sha256": Field(kinds.SHA256, "of the file at the url"),
    "attested": _ATTESTED,
    "bytes": Field(kinds.COUNT, "size of the file at the url"),
    "credentials": Field(
        kinds.make_choice(["environment"]),
        "`environment`: the url needs credentials, which are those of whoever fetches, "
        "never of a registry: "
        + "; ".join(
            dict.fromkeys(
                scheme.credentials for scheme in SCHEMES.values() if scheme.credentials
            )
        )
        + " ([more](#private-files))",
        needs="url",
    ),
}

MEMBER: Table = {
    "name": Field(
        kinds.TEXT, "which member of an archive; not needed if it has only one file"
    ),
    "sha256": Field(
        kinds.SHA256, "of the uncompressed text: where given, it identifies the text"
    ),
    "attested": _ATTESTED,
    "bytes": Field(kinds.COUNT, "size of the uncompressed text"),
    "packed": Field(
        kinds.COUNT,
        "about how many bytes it takes in the archive, which a first load transfers; "
        "for people, and not verified",
    ),
}


def _is_beside(node: Node, document: Document) -> bool:
    """Return whether a file is beside a registry to which credentials are sent."""
    if not _is_sent_credentials(document.place):
        return False
    url = node.items.get("url") if isinstance(node, Mapping) else None
    return isinstance(url, Scalar) and url.text.startswith("./")


def _is_sent_credentials(place: Path | str | None) -> bool:
    return isinstance(place, str) and place.endswith(WITH_CREDENTIALS)


def _make_source(fields: dict[str, Any], node: Node, document: Document) -> Source:
    source = Source(**fields)
    scheme = find_scheme(source.url)
    if _is_beside(node, document) and scheme.credentials:
        return replace(source, credentials="environment")
    if source.credentials and isinstance(node, Mapping):
        place = document.place
        if not scheme.credentials:
            fault = f"no credentials are sent to {scheme.name}: URLs"
        # Whoever wrote it is not to choose who else is asked in one's name.
        elif isinstance(place, str) and find_owner(place) != find_owner(source.url):
            fault = (
                "a registry that is named by a URL can ask for credentials only for "
                "its own host, repository or bucket"
            )
        elif isinstance(place, str) and not _is_sent_credentials(place):
            fault = (
                "a registry that is named by a URL can ask for credentials only if "
                f"that URL ends with {WITH_CREDENTIALS}"
            )
        else:
            return source
        document.add_fault(
            node.keys["credentials"], f"{fault}: remove credentials, or the url"
        )
    return source


def _read_sources(node: Node, document: Document) -> tuple[Source, ...]:
    sources = []
    for item in kinds.read_items(node):
        fields = read_table(item, FILE, document)
        if "url" in fields:
            sources.append(_make_source(fields, item, document))
        elif isinstance(item, Mapping) and "url" not in item.items:
            document.add_fault(item.position, "a source needs a url: add one")
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
    """Read a table, ``url`` with what is of its file as the only source."""
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
        fields["sources"] = (_make_source(file, node, document),)
    elif "url" not in node.keys:
        document.add_fault(
            node.keys[name],
            f"{name} describes the file at a url, which is missing: add url, or write "
            f"{name} under member if it describes the text inside an archive",
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
    "group": Field(
        kinds.NAME, "the group from which fields that are not given here are taken"
    ),
    "dimension": Field(kinds.COUNT, "numbers in a vector; verified"),
    "language": Field(kinds.LANGUAGE, "of the corpus"),
    "cased": Field(kinds.FLAG, "whether the corpus kept upper case"),
    "tokenizer": Field(
        kinds.TOKENIZER,
        "how the texts of the corpus were split into tokens, as "
        "[texts.md](texts.md) describes; `ptb` if not given",
    ),
    "format": Field(kinds.FORMAT, "how the vectors are written; detected if not given"),
    "prefix": Field(
        kinds.TEXT,
        "a prefix that marks the tokens to read, such as `/c/en/`: it is removed, and "
        "rows without it are left out and not counted in `rows`",
    ),
    "license": Field(kinds.TEXT, "of the vectors, as SPDX identifier if there is one"),
    "citation": Field(kinds.TEXT, "BibTeX, printed by `glove-registry cite`"),
    "homepage": Field(kinds.HOMEPAGE, "where its authors describe it"),
    "corpus": Field(kinds.TEXT, "what the vectors were trained on"),
    "tokens": Field(kinds.TEXT, "size of the corpus, such as `840B`"),
    "choose_when": Field(
        kinds.TEXT, "for people: what completes `Choose this when ...`"
    ),
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
        kinds.ALIASES,
        "names that other tools use for the same vectors, which lead to this entry; in "
        "a file, none is also a name, or an alias of another entry",
    ),
    "sample_of": Field(kinds.NAME, "the variant of whose words these are some"),
    "resembles": Field(
        kinds.TEXTS,
        "names that other tools use for similar vectors, such as a part of these; a "
        "request for one is an error that suggests this entry",
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


def _named(what: str, kind: Kind, label: str) -> Kind:
    """Return the kind of tables of values of one kind, by names of the author's."""

    def read(node: Node, document: Document) -> dict[str, Any]:
        values = {}
        for name, child in read_names(node, what, document).items():
            try:
                values[name] = kind.read(child, document)
            except kinds.Invalid as reason:
                document.add_fault(child.position, f"{name}: {reason}")
        return values

    return Kind(label, make_names_schema(kind.schema), read)


PUBLISHED: Table = {
    "source": Field(kinds.TEXT, "who published the scores, in a few words; required"),
    "url": Field(kinds.URL, "where they were published"),
    "protocol": Field(kinds.TEXT, "how they were measured, in a few words"),
    "scores": Field(
        _named(
            "variant",
            _named("part", kinds.SCORE, "tables of scores by part"),
            "tables by variant",
        ),
        "for each variant a table of scores by part: `total`, the name of a total, a "
        "section or a test; required",
    ),
}


def _read_published(node: Node, document: Document) -> tuple[Published, ...]:
    published = []
    for item in kinds.read_items(node):
        fields = read_table(item, PUBLISHED, document)
        if fields.keys() >= {"source", "scores"}:
            published.append(Published(**fields))
        elif isinstance(item, Mapping):
            for name in ("source", "scores"):
                if name not in item.items:
                    document.add_fault(
                        item.position, f"published scores have no {name}: add it"
                    )
    return tuple(published)


BENCHMARK: Table = {
    "task": Field(
        kinds.make_choice(TASKS),
        "what is asked; required. `analogies`: lines of four words below lines such as "
        "`: family`; `similarity`: lines of two words and a score; `association`: "
        "JSON, an object of lists of words",
    ),
    **FILE,
    "sources": Field(
        _SOURCES, "in place of `url`: a list of such, as in an entry of `variants`"
    ),
    "member": _MEMBER,
    "description": Field(kinds.TEXT, "one sentence for people"),
    "license": Field(kinds.TEXT, "as SPDX identifier if there is one"),
    "citation": Field(kinds.TEXT, "BibTeX"),
    "homepage": Field(kinds.HOMEPAGE, "where its authors describe it"),
    "case": Field(
        kinds.make_choice(EVALUATION_CASES),
        "how words are looked up unless the caller says otherwise; `fallback` if not "
        "given",
    ),
    "oov": Field(
        kinds.make_choice(UNKNOWN_RULES),
        "what becomes of words without a vector unless the caller says otherwise; "
        "`skip` if not given",
    ),
    "columns": Field(
        kinds.make_tuple(kinds.COUNT, 3, "list of three columns, counted from 1"),
        "for `similarity`: where the two words and the score are; `[1, 2, 3]` if not "
        "given",
    ),
    "header": Field(kinds.COUNT, "for `similarity`: lines to skip at the beginning"),
    "totals": Field(
        _named("total", kinds.TEXTS, "tables of texts by name"),
        "for `analogies`: totals over some sections, each by a list of their names, "
        "which may be shell patterns",
    ),
    "tests": Field(
        _named(
            "test",
            kinds.make_tuple(
                kinds.TEXT,
                4,
                "list of the names of four sets, such as [math, arts, male, female]",
            ),
            "lists of four texts by name",
        ),
        "for `association`, required: for each test the names of two sets of targets "
        "and two of attributes, such as `gender: [math, arts, male, female]`",
    ),
    "published": Field(
        Kind(
            "list of tables",
            kinds.make_list_schema(
                {**make_table_schema(PUBLISHED), "required": ["source", "scores"]}
            ),
            _read_published,
        ),
        "scores to compare with (below)",
    ),
    "override": VARIANT["override"],
}

REGISTRY: Table = {
    "variants": Field(
        _entries(
            "variant",
            VARIANT,
            anyOf=[{"required": [place]} for place in (*PLACES, "group")],
        ),
        "entries by name",
    ),
    "benchmarks": Field(
        _entries(
            "benchmark",
            BENCHMARK,
            required=["task"],
            anyOf=[{"required": [place]} for place in ("url", "sources")],
        ),
        "sets of questions to evaluate vectors with, by name",
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
        "anyOf": [{"required": ["variants"]}, {"required": ["benchmarks"]}],
    }
