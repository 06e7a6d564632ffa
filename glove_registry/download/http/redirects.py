"""One GET through its redirects, which are followed by hand.

Never from https to anything less, never with the credentials of another host, never
in circles; and certificates are always verified: there is no switch for it.
"""

from http.client import HTTPException
from urllib.parse import unquote, urljoin, urlsplit, urlunsplit

import requests
import urllib3

from .causes import explain, find_final_problem, find_socks_proxy
from .deadline import Allowance, BoundedAdapter
from .faults import Refused
from .policy import Interrupted, Policy

_REDIRECTS = (301, 302, 303, 307, 308)

# Of all headers on the way to one answer, and of a URL in one of them.
_HEADERS_LIMIT = 1 << 20
_URL_LIMIT = 1 << 13


class Session(requests.Session):
    """Connections that ask for bytes as they are, and never wait for ever.

    Attributes
    ----------
    allowance : Allowance
        To be granted before anything is read.
    """

    def __init__(self) -> None:
        super().__init__()
        self.allowance = Allowance()
        for scheme in ("https://", "http://"):
            self.mount(scheme, BoundedAdapter(self.allowance))
        self.headers.update(
            {
                "User-Agent": "glove_registry",
                "Accept": "*/*",
                "Accept-Encoding": "identity",
            }
        )

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Find no redirects: requests would read their bodies, however long."""


def follow(
    session: Session, url: str, headers: dict[str, str], policy: Policy
) -> requests.Response:
    """Send a GET and hand out the first answer that is no redirect.

    Parameters
    ----------
    session : Session
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
    session.allowance.grant(policy.answer_timeout, _HEADERS_LIMIT)
    session.cookies.clear()  # those of an earlier try may be why it failed
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
        except (KeyError, ValueError, Refused):
            there = ""
        scheme = urlsplit(there).scheme
        if not scheme or len(there) > _URL_LIMIT:
            raise Refused(url, "it redirects to what is no URL: choose another source")
        if scheme != "https" and scheme != urlsplit(here).scheme:
            raise Refused(
                url,
                f"it redirects from {urlsplit(here).scheme}: to {scheme:.20}:, which "
                "is not safe: choose another source",
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
    session: Session,
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
            timeout=(policy.connect_timeout, policy.answer_timeout),
        )
    except (
        requests.exceptions.ConnectionError,
        requests.exceptions.Timeout,
        TimeoutError,
    ) as fault:
        # Not chained: the libraries' messages show addresses with their secrets.
        problem = find_final_problem(fault)
        if problem is not None:
            raise Refused(url, problem) from None
        late = f"no answer arrived within {policy.answer_timeout:g} s"
        raise Interrupted(explain(fault, policy, late)) from None
    # The libraries raise these for URLs, proxies, certificates and answers alike.
    except (OSError, ValueError, HTTPException, urllib3.exceptions.HTTPError) as fault:
        problem = None
        if type(fault) in (ValueError, requests.exceptions.InvalidSchema):
            problem = find_socks_proxy(urlsplit(here).scheme)
        raise Refused(
            url,
            problem
            or f"it cannot be asked for ({type(fault).__name__}): check the URL, and "
            "the environment variables HTTPS_PROXY, HTTP_PROXY and REQUESTS_CA_BUNDLE",
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
