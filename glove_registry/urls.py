"""URLs as they may be shown to anybody."""

import re

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
        as hold keys, tokens or signatures replaced by ``***``.

    Examples
    --------
    >>> redact("https://me:secret@example.org/glove.zip?mirror=2&token=abc")
    'https://example.org/glove.zip?mirror=2&token=***'
    """
    return _SECRET_VALUE.sub(r"\1***", _CREDENTIALS.sub("", url))
