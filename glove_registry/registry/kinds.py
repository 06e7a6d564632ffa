"""The kinds of values: how each is read, described to editors and called for people.

To add a kind, write its reader and, below it, its `Kind`.
"""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ..cache.digests import is_sha256
from ..messages.layout import format_count
from ..messages.printable import shorten
from .formats import FORMATS
from .languages import LANGUAGE_PATTERN, LONGEST_TAG, normalize_language
from .names import NAME_PATTERN, TOKENIZERS, explain_bad_name
from .schemes import SCHEMES
from .strict_yaml import Document, Mapping, Node, Position, Scalar, Sequence
from .urls import RELATIVE_PATTERN, has_dots, join_url, read_file_path, redact

# The hash of what a failed download leaves; public lists carry it as if it were real.
SHA256_OF_NOTHING = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
# A citation of fifty authors has 3,000; every command shows an entry in full.
MAX_TEXT = 20_000
# As long as one that a redirect may lead to.
MAX_URL = 8_192
# Mirrors of one file, or names of one release; each entry of a group takes all of them.
MAX_ITEMS = 100
_OTHER_HASHES = {32: "an MD5", 40: "a SHA-1", 128: "a SHA-512"}


class Invalid(Exception):
    """A value that its field does not accept; the argument is a sentence."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One way to write a value."""

    label: str  # for people, as Markdown
    schema: dict[str, Any]  # JSON Schema of the value
    # Raises `Invalid` with a sentence that tells the author what to write instead.
    read: Callable[[Node, Document], Any]

    def parse(self, text: str, place: Path | str | None = None) -> Any:
        """Read a value that stands by itself, as in quotes in a file at `place`."""
        return self.read(Scalar(Position(1, 1), text, plain=False), Document(place))


def _read_text(node: Node, _: Document) -> str:
    scalar = _expect_scalar(node, "text")
    text = scalar.text
    if not text.strip() or (scalar.plain and text in ("null", "~")):
        raise Invalid("expected text, found nothing: leave the field out if unknown")
    if len(text) > MAX_TEXT:
        raise Invalid(
            f"expected at most {MAX_TEXT:,} characters, found {len(text):,}: shorten it"
        )
    return text


TEXT = Kind(
    "text", {"type": "string", "pattern": r"\S", "maxLength": MAX_TEXT}, _read_text
)


def _read_texts(node: Node, document: Document) -> tuple[str, ...]:
    return tuple(_read_text(item, document) for item in read_items(node))


def make_list_schema(items: dict[str, Any]) -> dict[str, Any]:
    """Return the JSON Schema of what `read_items` reads."""
    return {"type": "array", "minItems": 1, "maxItems": MAX_ITEMS, "items": items}


TEXTS = Kind("list of texts", make_list_schema(TEXT.schema), _read_texts)


def _read_aliases(node: Node, document: Document) -> tuple[str, ...]:
    aliases = _read_texts(node, document)
    for alias in aliases:
        if not (re.fullmatch(_ALIAS_PATTERN, alias) and alias.isprintable()):
            raise Invalid(
                "expected a name of at most 100 characters without blanks, invisible "
                f"characters and @, which begins a revision, found {alias!r}"
            )
        if aliases.count(alias) > 1:
            raise Invalid(f"{alias!r} is there twice: remove one of them")
    return aliases


# Of any script and with any punctuation, as other tools choose their names.
_ALIAS_PATTERN = r"[^@\s\x00-\x1f\x7f-\x9f]{1,100}"
ALIASES = Kind(
    "list of names",
    {
        **make_list_schema({"type": "string", "pattern": f"^{_ALIAS_PATTERN}$"}),
        "uniqueItems": True,
    },
    _read_aliases,
)


def _read_homepage(node: Node, document: Document) -> str:
    text = _read_text(node, document)
    if not (re.fullmatch(_HOMEPAGE_PATTERN, text) and text.isprintable()):
        raise Invalid(
            "expected a URL that starts with https:// or http://, found "
            + shorten(repr(text), LONGEST_TAG)
        )
    return text


_HOMEPAGE_PATTERN = r"[Hh][Tt][Tt][Pp][Ss]?://[^\s/?#]\S*"
HOMEPAGE = Kind(
    "URL of `https:` or `http:`",
    {**TEXT.schema, "pattern": f"^{_HOMEPAGE_PATTERN}$"},
    _read_homepage,
)


def make_tuple(kind: Kind, length: int, label: str) -> Kind:
    """Return the kind of lists of exactly so many values of a kind."""

    def read(node: Node, document: Document) -> tuple[Any, ...]:
        if not isinstance(node, Sequence):
            raise Invalid(f"expected a {label}, found {describe_node(node)}")
        items = read_items(node)
        if len(items) != length:
            raise Invalid(
                f"expected a {label}, found {format_count(len(items), 'item')}"
            )
        return tuple(kind.read(item, document) for item in items)

    schema = {
        "type": "array",
        "minItems": length,
        "maxItems": length,
        "items": kind.schema,
    }
    return Kind(label, schema, read)


def _read_name(node: Node, document: Document) -> str:
    text = _read_text(node, document)
    if reason := explain_bad_name(text):
        raise Invalid(reason)
    return text


NAME = Kind("a name", {"type": "string", "pattern": f"^{NAME_PATTERN}$"}, _read_name)


def _read_count(node: Node, _: Document) -> int:
    text = _expect_scalar(node, "a whole number").text
    if not re.fullmatch(r"[1-9][0-9]{0,17}", text, re.ASCII):
        raise Invalid(f"expected a whole number above zero, found {text!r}")
    return int(text)


COUNT = Kind("whole number", {"type": "integer", "minimum": 1}, _read_count)


def _read_rows(node: Node, document: Document) -> int | str:
    text = _expect_scalar(node, "a whole number or any").text
    return text if text == "any" else _read_count(node, document)


ROWS = Kind(
    "whole number or `any`", {"anyOf": [COUNT.schema, {"const": "any"}]}, _read_rows
)


def _read_flag(node: Node, _: Document) -> bool:
    scalar = _expect_scalar(node, "true or false")
    if not scalar.plain or scalar.text not in ("true", "false"):
        raise Invalid(f"expected true or false, found {scalar.text!r}")
    return scalar.text == "true"


FLAG = Kind("`true` or `false`", {"type": "boolean"}, _read_flag)


def make_choice(names: Collection[str]) -> Kind:
    """Return the kind of texts that are one of some names."""

    def read(node: Node, _: Document) -> str:
        text = _expect_scalar(node, f"one of {', '.join(names)}").text
        if text not in names:
            raise Invalid(f"expected one of {', '.join(names)}, found {text!r}")
        return text

    label = "one of " + ", ".join(f"`{name}`" for name in names)
    return Kind(label, {"enum": list(names)}, read)


FORMAT = make_choice(FORMATS)
TOKENIZER = make_choice(TOKENIZERS)


def _read_language(node: Node, _: Document) -> str:
    text = _expect_scalar(node, "the tag of a language").text
    if (tag := normalize_language(text)) is None:
        raise Invalid(
            f"expected the tag of a language by BCP 47, such as de, pt-BR or sr-Latn, "
            f"found {shorten(repr(text), LONGEST_TAG)}"
        )
    return tag


LANGUAGE = Kind(
    "tag of BCP 47, such as `de` or `pt-BR`",
    {
        "type": "string",
        "pattern": f"^{LANGUAGE_PATTERN}$",
        "maxLength": LONGEST_TAG,
    },
    _read_language,
)


def _read_score(node: Node, _: Document) -> float:
    text = _expect_scalar(node, "a number").text
    if not re.fullmatch(r"-?[0-9]{1,9}(?:\.[0-9]{1,9})?", text, re.ASCII):
        raise Invalid(f"expected a decimal number like 0.4621, found {text!r}")
    return float(text)


SCORE = Kind(
    "decimal number",
    {"type": "number", "exclusiveMinimum": -1e9, "exclusiveMaximum": 1e9},
    _read_score,
)


def _read_sha256(node: Node, _: Document) -> str:
    text = _expect_scalar(node, "a sha256").text.lower()
    if not is_sha256(text):
        hint = ""
        if re.fullmatch(r"[0-9a-f]+", text) and len(text) in _OTHER_HASHES:
            hint = f" (this looks like {_OTHER_HASHES[len(text)]})"
        elif text.startswith("sha256:"):
            hint = ": remove the prefix 'sha256:'"
        raise Invalid(
            f"expected a sha256 of 64 hexadecimal digits, found "
            f"{format_count(len(text), 'character')}{hint}"
        )
    if text == SHA256_OF_NOTHING:
        raise Invalid(
            "this is the sha256 of an empty file, which a failed download leaves: "
            "compute it from the real file"
        )
    return text


SHA256 = Kind(
    "64 hexadecimal digits",
    {
        "type": "string",
        "pattern": "^[0-9a-fA-F]{64}$",
        "not": {"const": SHA256_OF_NOTHING},
    },
    _read_sha256,
)


def _read_url(node: Node, document: Document) -> str:
    url = _expect_scalar(node, "a URL").text
    if len(url) > MAX_URL:
        raise Invalid(
            f"expected at most {MAX_URL:,} characters, found {len(url):,}: shorten it"
        )
    if re.search(r"\s", url):
        raise Invalid("a URL contains no blanks: write %20 for one")
    if not url.isprintable():
        raise Invalid("a URL contains no invisible characters: remove or escape them")
    if url.startswith("./"):
        url = _complete(url, document)
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        # The library's reason is not repeated: it may show a password.
        raise Invalid("not a URL: check its host and port") from None
    scheme = SCHEMES.get(parts.scheme)
    if scheme is None:
        hint = ""
        if not parts.scheme and re.fullmatch(RELATIVE_PATTERN, f"./{url}"):
            hint = f"; or ./{url} for a file beside the registry"
        elif "/" in url[:2]:
            hint = f"; for a file on this machine, file:{url}"
        raise Invalid(
            "expected a URL that starts with "
            f"{', '.join(s + ':' for s in SCHEMES)}{hint}"
        )
    if "@" in parts.netloc:
        # Not repeated in the sentence: it may be a password.
        raise Invalid(
            "a registry contains no credentials: remove the user and password before "
            "the @"
        )
    if redact(url) != url:
        raise Invalid(
            "a registry contains no credentials: remove the key or token after the ?"
        )
    if not re.fullmatch(scheme.pattern or ".*", url, re.ASCII):
        raise Invalid(f"expected {scheme.form}")
    if scheme.is_local and isinstance(document.place, str):
        raise Invalid(
            "a registry that is named by a URL names no files of this machine: write "
            "the URL where others can fetch it, or ./FILE if it is beside the registry"
        )
    if scheme.name == "file":
        return _complete_file_url(parts.netloc, parts.path, document.place)
    if scheme.hosted and not parts.hostname:
        raise Invalid(f"expected a host after {scheme.name}://")
    if scheme.hosted and has_dots(parts.netloc + parts.path):
        # It may be appended to the URL of a mirror, and would lead out of it.
        raise Invalid("a URL has no '.' or '..' between slashes: write the path itself")
    return url


def _complete(url: str, document: Document) -> str:
    """Return the URL of a file beside the registry, or in a folder there."""
    if document.place is None:
        raise Invalid("expected a complete URL, as this registry is in no folder")
    if not re.fullmatch(RELATIVE_PATTERN, url):
        raise Invalid(
            "expected ./FILE or ./FOLDER/FILE, of a file beside the registry, without "
            "'..', '?' or '#'"
        )
    return join_url(document.place, url.removeprefix("./"))


def _complete_file_url(host: str, path: str, place: Path | str | None) -> str:
    if host not in ("", "localhost"):
        raise Invalid(f"a file: URL names a file on this machine, not on {host!r}")
    local = read_file_path(path)
    if not local.is_absolute():
        if not isinstance(place, Path):
            raise Invalid("expected the absolute path of the file: file:///...")
        local = place.parent / local
    return local.absolute().as_uri()


URL = Kind(
    "URL",
    {
        "type": "string",
        "pattern": rf"^(({'|'.join(SCHEMES)}):\S+|{RELATIVE_PATTERN})$",
        "maxLength": MAX_URL,
    },
    _read_url,
)


def read_items(node: Node) -> tuple[Node, ...]:
    """Return the items of a list that is not empty."""
    if not isinstance(node, Sequence) or not node.items:
        raise Invalid("expected a list with at least one item (lines that start -)")
    if len(node.items) > MAX_ITEMS:
        raise Invalid(
            f"expected at most {MAX_ITEMS} items, found {len(node.items):,}: remove "
            "the last ones"
        )
    return node.items


def describe_node(node: Node) -> str:
    """Return what kind of node it is, for an error."""
    if isinstance(node, Mapping):
        return "a table of fields"
    if isinstance(node, Sequence):
        return "a list"
    return repr(node.text) if node.text else "nothing"


def _expect_scalar(node: Node, expected: str) -> Scalar:
    if not isinstance(node, Scalar):
        raise Invalid(f"expected {expected}, found {describe_node(node)}")
    return node
