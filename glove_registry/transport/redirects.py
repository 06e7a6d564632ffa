"""One GET through its redirects, which are followed by hand.

Never from https to anything less, never with the credentials of another host, never
in circles; and certificates are always verified: there is no switch for it.
"""

from urllib.parse import unquote, urljoin, urlsplit, urlunsplit

import requests
import urllib3

from .causes import explain, find_final_problem
from .faults import Refused
from .policy import Interrupted, Policy

_REDIRECTS = (301, 302, 303, 307, 308)


def open_session() -> requests.Session:
    """Make a session, which asks for bytes as they are."""
    session = _Session()
    session.headers.update(
        {"User-Agent": "glove_registry", "Accept": "*/*", "Accept-Encoding": "identity"}
    )
    return session


class _Session(requests.Session):
    def get_redirect_target(self, resp: requests.Response) -> None:
        """Find no redirects: requests would read their bodies, however long."""


def follow(
    session: requests.Session, url: str, headers: dict[str, str], policy: Policy
) -> requests.Response:
    """Send a GET and hand out the first answer that is no redirect.

    Parameters
    ----------
    session : requests.Session
        From `open_session`.
    url : str
        ``https:`` or ``http:``. A user and password in it go to its own host only.
    headers : dict of str
        Of the request, and of all that follow from redirects.
    policy : Policy
        Time-outs and limits.

    Returns
    -------
    requests.Response
        Its body is still to be read, and it is to be closed.

    Raises
    ------
    Interrupted
        If another try may help.
    Refused
        If none will.
    """
    here, user = _split_user(url)
    home = _origin(here)
    seen = {here}
    while True:
        if urlsplit(here).scheme not in ("https", "http"):
            raise Refused(url, "only https: and http: can be fetched here")
        response = _get(session, url, here, user, headers, policy)
        if response.status_code not in _REDIRECTS:
            return response
        response.close()
        try:
            # http.client reads headers as Latin-1; URLs in them are mostly UTF-8.
            target = response.headers["Location"].encode("latin-1").decode()
            there = _split_user(urljoin(here, target))[0]
        except (KeyError, ValueError):
            raise Refused(url, "it redirects to what is no URL") from None
        scheme = urlsplit(there).scheme
        if scheme != "https" and scheme != urlsplit(here).scheme:
            raise Refused(
                url,
                f"it redirects from {urlsplit(here).scheme}: to {scheme}:, which is "
                "not safe: choose another source",
            )
        if there in seen or len(seen) > policy.redirects:
            raise Refused(
                url, "it redirects in a circle or too often: choose another source"
            )
        seen.add(there)
        here = there
        if _origin(here) != home:
            user = None


def _get(
    session: requests.Session,
    url: str,
    here: str,
    user: tuple[str, str] | None,
    headers: dict[str, str],
    policy: Policy,
) -> requests.Response:
    try:
        return session.get(
            here,
            headers=headers,
            # A callable also keeps requests from sending what it finds in ~/.netrc.
            auth=user or _leave_alone,
            stream=True,
            allow_redirects=False,
            timeout=(policy.connect_timeout, policy.read_timeout),
        )
    except requests.exceptions.ConnectionError as fault:
        # Not chained: the libraries' messages show addresses with their secrets.
        problem = find_final_problem(fault)
        if problem is not None:
            raise Refused(url, problem) from None
        raise Interrupted(explain(fault, policy)) from None
    except requests.exceptions.Timeout as fault:
        raise Interrupted(explain(fault, policy)) from None
    except (
        requests.exceptions.RequestException,
        urllib3.exceptions.LocationParseError,
        UnicodeError,
    ) as fault:
        raise Refused(
            url, f"it cannot be asked for ({type(fault).__name__}): check the URL"
        ) from None


def _leave_alone(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _split_user(url: str) -> tuple[str, tuple[str, str] | None]:
    """Take user, password and fragment out of a URL."""
    try:
        parts = urlsplit(url)
    except ValueError:
        raise Refused(url, "this is no URL: check how it is written") from None
    user, at, host = parts.netloc.rpartition("@")
    name, _, password = user.partition(":")
    clean = urlunsplit((parts.scheme, host, parts.path, parts.query, ""))
    return clean, (unquote(name), unquote(password)) if at else None


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc.lower()
