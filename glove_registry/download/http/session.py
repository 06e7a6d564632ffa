"""One GET through its redirects, which are followed by hand, and why it failed.

Never from https to anything less, never with the credentials of another host, never in
circles; certificates are always verified: there is no switch for it.

The libraries wrap one cause in up to five exceptions, whose messages show whole URLs
with the secrets in them. So the innermost cause is described in words of our own.
"""

import os
import re
import socket
import ssl
from collections.abc import Iterator, Mapping
from http.client import HTTPException
from urllib.parse import unquote, urljoin, urlsplit, urlunsplit

import requests
import urllib3

from ...registry.urls import is_loopback
from .authorization import Authorization, get_origin
from .deadline import Allowance, BoundedAdapter, Flood
from .errors import Interrupted, NoConnection, Refused
from .policy import Policy

_NO_PROXY = {"no_proxy": "localhost,127.0.0.1,::1"}
REDIRECTS = (301, 302, 303, 307, 308)
AGAIN = (408, 425, 429)

PROXY_LOGIN = "the proxy requires a user name: check HTTPS_PROXY"
# The one place where http.client states the status.
_TUNNEL = re.compile(r"Tunnel connection failed: (\d{3})")

# Of all headers on the way to one answer, and of a URL in one of them.
_MAX_HEADERS = 1 << 20
_MAX_URL = 1 << 13


class Session(requests.Session):
    """Connections that transfer bytes unchanged and never wait forever.

    Their `allowance` must be granted before anything is read. `authorization` is sent
    to its origin alone.
    """

    def __init__(
        self, policy: Policy, authorization: Authorization | None = None
    ) -> None:
        super().__init__()
        self.policy = policy
        self._authorization = authorization
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
        self,
        url: str,
        headers: Mapping[str, str] | None = None,
        *,
        method: str = "GET",
        until: str = "",
    ) -> requests.Response:
        """Send a request and return the first answer that is not a redirect.

        The caller reads its body and closes it. `headers` go with all requests that
        follow from redirects; a user and password in the URL, and cookies, go to its
        own origin only. With `until`, a redirect that has this header is returned, too.
        Raises `Interrupted` if another try may succeed, `Refused` if none will.
        """
        here, authorization = _split_user(url)
        home = get_origin(here)
        if authorization is None and self._authorization is not None:
            authorization = self._authorization
        if authorization is not None and authorization.origin != home:
            authorization = None
        seen = {here}
        self.allowance.grant(self.policy.answer_timeout, _MAX_HEADERS)
        self.cookies.clear()  # those of an earlier try may be why it failed
        while True:
            scheme = urlsplit(here).scheme
            if scheme not in ("https", "http"):
                raise Refused(url, "only https: and http: URLs can be fetched here")
            sent = dict(headers or {})
            if authorization is not None:
                sent["Authorization"] = authorization.header
            response = self._send_once(url, method, here, sent)
            if response.status_code not in REDIRECTS or until in response.headers:
                return response
            response.close()
            there = _read_location(here, response)
            new_scheme = urlsplit(there).scheme
            if not new_scheme or len(there) > _MAX_URL:
                raise Refused(
                    url, "it redirects to an invalid URL: choose another source"
                )
            if new_scheme not in ("https", scheme):
                raise Refused(
                    url,
                    f"it redirects from {scheme}: to {new_scheme:.20}:, which is not "
                    "safe: choose another source",
                )
            if there in seen or len(seen) > self.policy.redirects:
                raise Refused(
                    url, "it redirects in a circle or too often: choose another source"
                )
            seen.add(there)
            if get_origin(there) != get_origin(here):
                # For good: what leads back may have been chosen elsewhere. Cookies are
                # kept by host, and another port is another origin.
                authorization = None
                self.cookies.clear()
            here = there

    def _send_once(
        self, url: str, method: str, here: str, headers: dict[str, str]
    ) -> requests.Response:
        policy = self.policy
        try:
            return self.request(
                method,
                here,
                headers=headers,
                # Keeps requests from sending what is in ~/.netrc.
                auth=lambda request: request,
                stream=True,
                # What is meant for this machine would leave it, unencrypted.
                proxies=_NO_PROXY if is_loopback(here) else None,
                allow_redirects=False,
                timeout=(policy.connect_timeout, policy.answer_timeout),
            )
        except (
            requests.exceptions.ConnectionError,
            requests.exceptions.Timeout,
            TimeoutError,
        ) as fault:
            # Not chained: the libraries' messages show addresses with their secrets.
            problem = _find_final_problem(fault)
            if problem is not None:
                raise NoConnection(url, problem) from None
            late = f"no answer arrived within {policy.answer_timeout:g} s"
            raise Interrupted(explain(fault, policy, late)) from None
        # The libraries raise these for URLs, proxies, certificates and answers alike.
        except (
            OSError,
            ValueError,
            HTTPException,
            urllib3.exceptions.HTTPError,
        ) as fault:
            problem = None
            if type(fault) in (ValueError, requests.exceptions.InvalidSchema):
                problem = _find_socks_proxy(urlsplit(here).scheme)
            elif _is_about_an_address(fault) and _can_be_requested(here):
                problem = (
                    "the address of the proxy is not valid: check the environment "
                    "variables HTTPS_PROXY, HTTP_PROXY and ALL_PROXY"
                )
            # An invalid URL is a ValueError; all else is the fault of this machine.
            is_url = isinstance(fault, ValueError) and not problem
            raise (Refused if is_url else NoConnection)(
                url,
                problem
                or f"it cannot be requested ({type(fault).__name__}): check the URL "
                "and the environment variables HTTPS_PROXY, HTTP_PROXY and "
                "REQUESTS_CA_BUNDLE",
            ) from None


def _is_about_an_address(fault: Exception) -> bool:
    kinds = (
        requests.exceptions.InvalidURL,
        urllib3.exceptions.LocationValueError,
        UnicodeError,
    )
    return isinstance(fault, kinds)


def _can_be_requested(url: str) -> bool:
    """Return whether the libraries find no fault in a URL itself."""
    try:
        prepared = requests.Request("GET", url).prepare()
        (urlsplit(prepared.url or "").hostname or "").encode("idna")
    except ValueError:
        return False
    return True


def _read_location(here: str, response: requests.Response) -> str:
    """Return the URL that an answer redirects to; an empty one if it is invalid."""
    try:
        # http.client reads headers as Latin-1; URLs in them are mostly UTF-8.
        target = response.headers["Location"].encode("latin-1").decode()
        return _split_user(urljoin(here, target))[0]
    except (KeyError, ValueError, Refused):
        return ""


def _split_user(url: str) -> tuple[str, Authorization | None]:
    """Take user, password and fragment out of a URL."""
    try:
        parts = urlsplit(url)
    except ValueError:
        raise Refused(url, "this is not a URL: check its spelling") from None
    user, at, host = parts.netloc.rpartition("@")
    clean = urlunsplit((parts.scheme, host, parts.path, parts.query, ""))
    if not at:
        return clean, None
    name, _, password = user.partition(":")
    return clean, Authorization.basic(clean, unquote(name), unquote(password))


def explain(error: BaseException, policy: Policy, late: str) -> str:
    """Return what interrupted a try, without addresses; `late` if time ran out."""
    causes = list(_walk_causes(error))

    def has(*kinds: type[BaseException]) -> bool:
        return any(isinstance(cause, kinds) for cause in causes)

    status = _read_proxy_status(causes)
    if status:
        return f"the proxy answered with status {status}"
    if has(requests.exceptions.ProxyError):
        return "the proxy does not answer: check HTTPS_PROXY"
    if has(ConnectionRefusedError):
        return "the host refuses connections"
    if has(socket.gaierror):
        return "the host's name cannot be looked up now: check the network"
    if has(requests.exceptions.ConnectTimeout, urllib3.exceptions.ConnectTimeoutError):
        return f"no connection within {policy.connect_timeout:g} s"
    if has(TimeoutError, urllib3.exceptions.ReadTimeoutError):
        return late
    if has(Flood):
        return "the server sent far more headers than an answer has"
    if has(ConnectionError):
        return "the connection was reset"
    return f"the connection broke off ({type(error).__name__})"


def _find_final_problem(error: BaseException) -> str | None:
    """Return why no further try can succeed; None if one may."""
    causes = list(_walk_causes(error))
    status = _read_proxy_status(causes)
    if status == 407:
        return PROXY_LOGIN
    if 400 <= status < 500 and status not in AGAIN:
        return f"the proxy refuses the connection (status {status}): check HTTPS_PROXY"
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return (
                f"its certificate is not valid ({cause.verify_message}): check this "
                "machine's clock; behind a proxy with certificates of its own, set "
                "REQUESTS_CA_BUNDLE to their file"
            )
        if isinstance(cause, socket.gaierror) and cause.errno != socket.EAI_AGAIN:
            return "there is no host of that name: check the URL and the network"
    broken = (ssl.SSLEOFError, ssl.SSLZeroReturnError, ConnectionError, TimeoutError)
    if any(isinstance(cause, broken) for cause in causes):
        return None
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        problem = "no encrypted connection could be made (TLS failed)"
        for variable in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
            if os.environ.get(variable):
                return f"{problem}: check the certificates that {variable} names"
        return problem
    return None


def _read_proxy_status(causes: list[BaseException]) -> int:
    """Return the status by which a proxy refused a tunnel; 0 if none did."""
    for cause in causes:
        if isinstance(cause, OSError) and (found := _TUNNEL.match(str(cause))):
            return int(found[1])
    return 0


def _find_socks_proxy(scheme: str) -> str | None:
    """Return what to do about a SOCKS proxy that cannot be used; None without one."""
    for name in (f"{scheme}_proxy", "all_proxy"):
        for variable in (name, name.upper()):
            if os.environ.get(variable, "").strip().lower().startswith("socks"):
                return (
                    f"the environment variable {variable} names a SOCKS proxy, which "
                    "needs the package PySocks and an address that begins with "
                    "socks5h://: run `python -m pip install pysocks`, or unset "
                    f"{variable}"
                )
    return None


def _walk_causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and all that the libraries wrapped in it, in three ways."""
    todo: list[object] = [error]
    seen: set[int] = set()
    while todo:
        one = todo.pop()
        if not isinstance(one, BaseException) or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        todo += [one.__cause__, one.__context__, getattr(one, "reason", None)]
        todo += one.args
