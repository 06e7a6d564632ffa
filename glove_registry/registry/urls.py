"""URLs as they may be shown to anybody."""

import os
import re
from pathlib import Path
from urllib.parse import unquote_to_bytes

from ..messages.printable import make_line

# The second form is an unescaped slash inside a password: no client can use such a
# URL, but the message that says so must not show it either. A port is no password.
_CREDENTIALS = re.compile(
    r"(?<=://)(?:[^/?#\s]*@|[^/?#@:\s]*:(?!\d*(?:[/?#]|$))[^@\s]*@)"
)
_SECRET_VALUE = re.compile(
    r"(?i)([?&;][^=&;#\s]*(?:token|key|sig|secret|pass|auth|cred|session)[^=&;#\s]*=)"
    r"[^&;#\s]*"
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
    return make_line(_SECRET_VALUE.sub(r"\1***", _CREDENTIALS.sub("", url)))


def read_file_path(quoted: str) -> Path:
    """Return the path that a ``file:`` URL has, whatever bytes its names are."""
    if os.name == "nt":
        from urllib.request import url2pathname

        return Path(url2pathname(quoted))
    # url2pathname would take the bytes for UTF-8.
    return Path(os.fsdecode(unquote_to_bytes(quoted)))
