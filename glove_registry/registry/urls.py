"""URLs as they may be shown to anybody."""

import os
import re
from pathlib import Path
from urllib.parse import unquote, unquote_to_bytes, urlsplit, urlunsplit

from ..messages.printable import make_line

# The second form is an unescaped slash inside a password: no client can use such a
# URL, but the message that says so must not show it either. A port is no password.
_CREDENTIALS = re.compile(
    r"(?<=://)(?:[^/?#\s]*@|[^/?#@:\s]*:(?!\d*(?:[/?#]|$))[^@\s]*@)"
)
# A word up to its last @: there, no beginning of credentials is searched in vain.
_UP_TO_AT = re.compile(r"(?<!\S)\S*@")
# A name ends where the next one may begin, so that nothing is read twice.
_SECRET_VALUE = re.compile(
    r"(?i)([?&;](?!credentials=environment(?![^&;#\s]))"
    r"(?=[^=&;?#\s]*(?:token|key|sig|secret|pass|auth|cred|session))[^=&;?#\s]*=)"
    r"[^&;#\s]*"
)

# Behind the URL of a registry whose owner sends credentials there.
WITH_CREDENTIALS = "#credentials=environment"

# A file in the folder of the registry or below, however the URL is unescaped.
RELATIVE_PATTERN = (
    r"\./(?!\S*%(?:2[EeFf]|5[Cc]))[^\s/.?#\\][^\s/?#\\]*(?:/[^\s/.?#\\][^\s/?#\\]*)*"
)


def redact(url: str) -> str:
    """Remove what must not be shown from a URL.

    Parameters
    ----------
    url : str
        Any URL, also a malformed one.

    Returns
    -------
    str
        The URL without user and password, and with the values of such query fields
        as hold keys, tokens or signatures replaced by ``***``. Characters that do not
        print are escaped.

    Examples
    --------
    >>> redact("https://me:secret@example.org/glove.zip?mirror=2&token=abc")
    'https://example.org/glove.zip?mirror=2&token=***'
    """
    shown = _UP_TO_AT.sub(lambda found: _CREDENTIALS.sub("", found[0]), url)
    return make_line(_SECRET_VALUE.sub(r"\1***", shown))


def is_pinned(url: str) -> bool:
    """Return whether the URL of a registry states the sha256 of its text."""
    return "sha256=" in url.partition("#")[2]


def is_loopback(url: str) -> bool:
    """Return whether the host of a URL is this machine."""
    return urlsplit(url).hostname in ("localhost", "127.0.0.1", "::1")


def has_dots(path: str) -> bool:
    """Return whether a path has ``.`` or ``..``, which some servers resolve.

    They may unescape it once more behind a proxy, and end its parts by ``;`` or a
    backslash.
    """
    return not {".", ".."}.isdisjoint(re.split(r"[/\\;]", unquote(unquote(path))))


def read_file_path(quoted: str) -> Path:
    """Return the path that a ``file:`` URL has, whatever bytes its names are."""
    if os.name == "nt":
        from urllib.request import url2pathname

        return Path(url2pathname(quoted))
    # url2pathname would take the bytes for UTF-8.
    return Path(os.fsdecode(unquote_to_bytes(quoted)))


def join_url(place: Path | str, inside: str) -> str:
    """Return the URL of a file below the folder of another one.

    Parameters
    ----------
    place : Path or str
        The path or URL of the other file.
    inside : str
        The path in its folder, escaped as in a URL.

    Examples
    --------
    >>> join_url("https://example.org/lab/registry.yaml", "small.txt.gz")
    'https://example.org/lab/small.txt.gz'
    >>> join_url("hf:lab/vectors/registry.yaml@v2", "small.txt.gz")
    'hf:lab/vectors/small.txt.gz@v2'
    """
    if isinstance(place, Path):
        return (place.parent / read_file_path(inside)).absolute().as_uri()
    parts = urlsplit(place)
    path, revision = parts.path, ""
    if not parts.netloc:  # hf:ORG/REPO/FILE@REVISION
        path, at, name = parts.path.partition("@")
        revision = at + name
    folder = path.rpartition("/")[0]
    inside = f"{folder}/{inside}{revision}"
    return urlunsplit((parts.scheme, parts.netloc, inside, "", ""))
