"""How one value of a registry file is read: text, counts, checksums, URLs.

Each reader takes a node and gives the value, or raises `Wrong` with the sentence that
tells the author what to write instead.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from .names import explain_bad_name
from .schemes import SCHEMES
from .strict_yaml import Mapping, Node, Scalar, Sequence
from .urls import read_file_path, redact
from .variant import FORMATS

Reader: TypeAlias = Callable[[Node], Any]

# What a failed download hashes to; public lists carry it as if it were a file's own.
SHA256_OF_NOTHING = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
# A citation of fifty authors has 3,000; an entry is shown whole, by every command.
MAX_TEXT = 20_000
# Mirrors of one file, or names of one release; each entry of a group takes all of them.
MAX_ITEMS = 100
_OTHER_HASHES = {32: "an MD5", 40: "a SHA-1", 128: "a SHA-512"}


class Wrong(Exception):
    """A value is not what its field takes; the argument is the sentence."""


def read_text(node: Node) -> str:
    """Read any text that is not empty."""
    scalar = _scalar(node, "text")
    text = scalar.text
    if not text.strip() or (scalar.plain and text in ("null", "~")):
        raise Wrong("expected text, found nothing: leave the field out if unknown")
    if len(text) > MAX_TEXT:
        raise Wrong(
            f"expected at most {MAX_TEXT:,} characters, found {len(text):,}: shorten it"
        )
    return text


def read_name(node: Node) -> str:
    """Read a name by the one pattern for names."""
    text = read_text(node)
    if reason := explain_bad_name(text):
        raise Wrong(reason)
    return text


def read_count(node: Node) -> int:
    """Read a whole number above zero."""
    text = _scalar(node, "a whole number").text
    if not re.fullmatch(r"[1-9][0-9]{0,17}", text, re.ASCII):
        raise Wrong(f"expected a whole number above zero like 400000, found {text!r}")
    return int(text)


def read_rows(node: Node) -> int | str:
    """Read a whole number above zero, or the word any."""
    text = _scalar(node, "a whole number or any").text
    return text if text == "any" else read_count(node)


def read_flag(node: Node) -> bool:
    """Read one of the words true and false."""
    scalar = _scalar(node, "true or false")
    if not scalar.plain or scalar.text not in ("true", "false"):
        raise Wrong(f"expected true or false, found {scalar.text!r}")
    return scalar.text == "true"


def read_format(node: Node) -> str:
    """Read one of the names of `FORMATS`."""
    text = _scalar(node, "the name of a format").text
    if text not in FORMATS:
        raise Wrong(f"expected one of {', '.join(FORMATS)}, found {text!r}")
    return text


def read_sha256(node: Node) -> str:
    """Read 64 hexadecimal digits, given back in lower case."""
    text = _scalar(node, "a sha256").text.lower()
    if not re.fullmatch(r"[0-9a-f]{64}", text):
        hint = ""
        if re.fullmatch(r"[0-9a-f]+", text) and len(text) in _OTHER_HASHES:
            hint = f" (this looks like {_OTHER_HASHES[len(text)]})"
        elif text.startswith("sha256:"):
            hint = ": leave out its beginning 'sha256:'"
        raise Wrong(
            f"expected a sha256 of 64 hexadecimal digits, found {len(text)} "
            f"characters{hint}"
        )
    if text == SHA256_OF_NOTHING:
        raise Wrong(
            "this is the sha256 of an empty file, which a failed download leaves: "
            "take it from the real file"
        )
    return text


def read_url(folder: Path | None) -> Reader:
    """Give a reader of URLs; a relative ``file:`` path starts at `folder`."""

    def read(node: Node) -> str:
        url = _scalar(node, "a URL").text
        if re.search(r"\s", url):
            raise Wrong("a URL holds no blanks: write %20 for one")
        if not url.isprintable():
            raise Wrong("a URL holds no invisible characters: remove or escape them")
        try:
            parts = urlsplit(url)
            _ = parts.port
        except ValueError:
            # The library's reason is not repeated: it may show somebody's password.
            raise Wrong("not a URL: check its host and port") from None
        scheme = SCHEMES.get(parts.scheme)
        if scheme is None:
            hint = f"; for a file of this machine, file:{url}" * ("/" in url[:2])
            raise Wrong(
                "expected a URL that starts with "
                f"{', '.join(s + ':' for s in SCHEMES)}{hint}"
            )
        if "@" in parts.netloc:
            # Not repeated in the sentence: it may be somebody's password.
            raise Wrong(
                "a registry holds no credentials: remove the user and password "
                "before the @"
            )
        if redact(url) != url:
            raise Wrong(
                "a registry holds no credentials: remove the key or token after the ?"
            )
        if not re.fullmatch(scheme.pattern or ".*", url, re.ASCII):
            raise Wrong(f"expected {scheme.form}")
        if scheme.name == "file":
            return _file_url(parts.netloc, parts.path, folder)
        if scheme.hosted and not parts.hostname:
            raise Wrong(f"expected a host after {scheme.name}://")
        return url

    return read


def read_items(node: Node) -> tuple[Node, ...]:
    """Read the items of a list that is not empty."""
    if not isinstance(node, Sequence) or not node.items:
        raise Wrong("expected a list with at least one item (lines that start -)")
    if len(node.items) > MAX_ITEMS:
        raise Wrong(
            f"expected at most {MAX_ITEMS} items, found {len(node.items):,}: leave out "
            "the last ones"
        )
    return node.items


def read_texts(node: Node) -> tuple[str, ...]:
    """Read a list of texts."""
    return tuple(map(read_text, read_items(node)))


def describe(node: Node) -> str:
    """Say what kind of thing a node is, for a sentence."""
    if isinstance(node, Mapping):
        return "a table of fields"
    if isinstance(node, Sequence):
        return "a list"
    return repr(node.text) if node.text else "nothing"


def _scalar(node: Node, expected: str) -> Scalar:
    if not isinstance(node, Scalar):
        raise Wrong(f"expected {expected}, found {describe(node)}")
    return node


def _file_url(host: str, path: str, folder: Path | None) -> str:
    if host not in ("", "localhost"):
        raise Wrong(f"a file: URL names a file of this machine, not of {host!r}")
    local = read_file_path(path)
    if not local.is_absolute():
        if folder is None:
            raise Wrong("expected the whole path of the file: file:///...")
        local = folder / local
    return local.absolute().as_uri()
