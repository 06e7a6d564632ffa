"""The form of a registry file: which fields there are, of what kind, for what.

The only definition: reading, the JSON Schema for editors and the reference table of
the documentation are made from these tables.
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal[
    "text",
    "texts",
    "name",
    "count",
    "rows",
    "flag",
    "format",
    "sha256",
    "url",
    "sources",
    "member",
    "revisions",
    "group revisions",
]


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a table.

    Attributes
    ----------
    name : str
    kind : str
        How its value is written.
    meaning : str
        For people, as Markdown.
    """

    name: str
    kind: Kind
    meaning: str


Table: TypeAlias = tuple[Field, ...]

FILE: Table = (
    Field(
        "url",
        "url",
        "where the file is: `https:`, `http:`, `ftp:`, `sftp:`, `doi:`, `file:` (a "
        "relative path starts beside the registry file) or `package:PACKAGE/PATH`",
    ),
    Field("sha256", "sha256", "of the file at the url"),
    Field("bytes", "count", "size of the file at the url"),
)

MEMBER: Table = (
    Field("name", "text", "which member of an archive; not needed if it holds one"),
    Field("sha256", "sha256", "of the uncompressed text: what decides, where given"),
    Field("bytes", "count", "size of the uncompressed text"),
    Field(
        "packed",
        "count",
        "about how many bytes it takes in the archive, which a first load moves; shown "
        "to people, and nothing is held to it",
    ),
)

_PLACE: Table = (
    *FILE,
    Field(
        "sources",
        "sources",
        "in place of `url`: a list of such, tried in this order; all must hold the "
        "same text",
    ),
)

_FACTS: Table = (
    Field(
        "rows",
        "rows",
        "words in the file; held against it. `any`: as many as there are, whatever the "
        "file's header announces",
    ),
    Field("description", "text", "one sentence for people"),
)

_MEMBER = Field(
    "member", "member", "of the text inside: its name, or a table of its own (below)"
)

GROUP_REVISION: Table = (*_PLACE, *_FACTS)

REVISION: Table = (*GROUP_REVISION, _MEMBER)

_COMMON: Table = (
    *_PLACE,
    *_FACTS,
    Field("group", "name", "takes every field that is not given here from that group"),
    Field("dimension", "count", "numbers in a vector; held against the file"),
    Field("cased", "flag", "whether the corpus kept upper case"),
    Field("format", "format", "how the vectors are written; found out if not given"),
    Field("license", "text", "of the vectors, as SPDX identifier where there is one"),
    Field("citation", "text", "BibTeX, printed by `glove-registry cite`"),
    Field("homepage", "text", "where its authors describe it"),
    Field("corpus", "text", "what the vectors were trained on"),
    Field("tokens", "text", "size of the corpus, such as `840B`"),
)

GROUP: Table = (
    *_COMMON,
    # A group's revisions hold no member: what is inside is each entry's own.
    Field("revisions", "group revisions", "as in an entry, but without `member`"),
)

VARIANT: Table = (
    *_COMMON,
    _MEMBER,
    Field(
        "aliases",
        "texts",
        "names that other tools use for these vectors; asking for one is an error that "
        "names this entry, so that vectors go by one name everywhere",
    ),
    Field(
        "revisions",
        "revisions",
        "several texts that were published under this name, by their names; the first "
        "is the default, and none is ever changed in place",
    ),
    Field(
        "override",
        "flag",
        "`true` replaces the entry of this name that a lower registry has",
    ),
)
