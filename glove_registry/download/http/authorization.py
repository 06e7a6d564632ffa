"""Credentials for one origin: no redirect takes them to another one."""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import urlsplit

ExplainRefusal = Callable[[int, Mapping[str, str]], str | None]
"""Takes the status and headers of a refusal; returns what to do, None if unknown."""


@dataclass(frozen=True, slots=True)
class Authorization:
    """The Authorization header (RFC 9110, 11.6.2) for one origin; it is not shown."""

    origin: tuple[str, str]
    header: str = field(repr=False)

    @classmethod
    def basic(cls, url: str, user: str, password: str) -> Self:
        """Return that of a user and password (RFC 7617)."""
        pair = base64.b64encode(f"{user}:{password}".encode()).decode()
        return cls(get_origin(url), f"Basic {pair}")

    @classmethod
    def bearer(cls, url: str, token: str) -> Self:
        """Return that of a token (RFC 6750)."""
        return cls(get_origin(url), f"Bearer {token}")


def get_origin(url: str) -> tuple[str, str]:
    """Return what two URLs share if they are of one origin: scheme, host and port."""
    parts = urlsplit(url)
    return parts.scheme, parts.netloc.rpartition("@")[2].lower()
