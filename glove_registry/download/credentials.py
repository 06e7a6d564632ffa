"""Credentials of whoever fetches, for a source that says `credentials: environment`.

They come from where other tools keep them, never from a registry, and each is bound to
the host that its owner named: in the netrc file, or as HF_ENDPOINT. They are not shown.
"""

import errno
import netrc
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from ..cache.files import expand_user, open_regular
from ..errors import FetchError
from ..registry.urls import is_loopback, redact

# Anything else would be shown by the library that refuses to send it.
_TOKEN = re.compile(r"[!-~]{1,4096}")
_MAX_BYTES = 1_000_000  # of a file that holds them


@dataclass(frozen=True, slots=True)
class Login:
    """What a netrc file has for a host; `user` is None if that is nothing."""

    path: Path
    user: str | None = None
    password: str = field(default="", repr=False)


def read_netrc(url: str) -> Login:
    """Return the login that the netrc file has for the host of a URL.

    The file is the one that NETRC names, or ``~/.netrc``. Its ``default`` is not used,
    as it would be sent to any host that an entry names.

    Raises `FetchError` if the connection would show the password to others, or the file
    cannot be read.
    """
    refuse_open_channel(url)
    path = expand_user(os.environ.get("NETRC") or "~/.netrc")
    try:
        _read(path)  # as netrc would wait for a pipe
        # Not its `authenticators`, which falls back on the default.
        found = netrc.netrc(path).hosts.get(urlsplit(url).hostname or "")
    except FileNotFoundError:
        return Login(path)
    except netrc.NetrcParseError as error:
        # Its message repeats a word of the file, which may be a password.
        raise FetchError(
            f"{path} cannot be read: line {error.lineno} is not valid netrc syntax"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8"
        raise FetchError(f"{path} cannot be read ({reason})") from None
    if found is None:
        return Login(path)
    user, _, password = found
    return Login(path, user or "", password or "")


@dataclass(frozen=True, slots=True)
class Token:
    """The token of a hub, empty if there is none, and the place that has it."""

    place: str
    text: str = field(default="", repr=False)


def read_hub_token() -> Token:
    """Return the token of the Hugging Face Hub, from where its own tools keep it.

    That is HF_TOKEN, or the file that ``hf auth login`` writes. Raises `FetchError` if
    it cannot be read or sent.
    """
    for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"):
        if text := os.environ.get(name, "").strip():
            return _check_token(Token(name, text))
    caches = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    home = os.environ.get("HF_HOME") or f"{caches}/huggingface"
    named = os.environ.get("HF_TOKEN_PATH") or f"{home}/token"
    path = expand_user(os.path.expandvars(named))
    try:
        text = _read(path).decode("utf-8").strip()
    except (FileNotFoundError, NotADirectoryError):
        text = ""
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8"
        raise FetchError(f"{path} cannot be read ({reason})") from None
    return _check_token(Token(str(path), text))


def refuse_open_channel(url: str) -> None:
    """Raise `FetchError` if what is sent to a URL can be seen on the way."""
    if urlsplit(url).scheme != "https" and not is_loopback(url):
        raise FetchError(
            f"{redact(url)}: credentials are sent over https: only: use an https: URL, "
            "or remove `credentials` from the entry"
        )


def _read(path: Path) -> bytes:
    """Return a file's content; raise `OSError` if it is not a regular and small one."""
    with open_regular(path) as file:
        content = file.read(_MAX_BYTES + 1) or b""
    if len(content) > _MAX_BYTES:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), os.fspath(path))
    return content


def _check_token(token: Token) -> Token:
    if token.text and not _TOKEN.fullmatch(token.text):
        raise FetchError(
            f"{token.place} does not hold a token: expected one word of ASCII "
            "characters"
        )
    return token
