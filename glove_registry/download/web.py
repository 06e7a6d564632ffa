"""Files of web servers: the opener of ``https:`` and ``http:``."""

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ..registry import Source
from .credentials import read_netrc
from .remote import Remote

if TYPE_CHECKING:
    from .http import Policy


def locate(source: Source, policy: "Policy") -> Remote:
    """Find the file itself; with `credentials`, those that netrc has for its host."""
    from .http import Authorization, Web

    url = source.url
    if source.credentials is None:
        return Remote(url, url, Web)
    login, host = read_netrc(url), urlsplit(url).hostname
    authorization = None
    if login.user is None:
        advice = (
            f"it requires a user name, and {login.path} has none for this host: add "
            f"`machine {host} login NAME password PASSWORD`"
        )
    else:
        authorization = Authorization.basic(url, login.user, login.password)
        advice = (
            f"it does not accept the user name and password that {login.path} has for "
            f"{host}: check them"
        )

    def explain(status: int, headers: Mapping[str, str]) -> str | None:
        return advice if status == 401 or (authorization and status == 403) else None

    connect = partial(Web, authorization=authorization, explain_refusal=explain)
    return Remote(url, url, connect)
