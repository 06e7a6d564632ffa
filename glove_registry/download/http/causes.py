"""What an exception of the network libraries means, in words without addresses.

The libraries wrap one cause in up to five exceptions, whose messages show whole URLs
with the secrets in them. Here the innermost cause is found, and a sentence for it.
"""

import os
import socket
import ssl
from collections.abc import Iterator

import requests
import urllib3

from .deadline import Flood
from .policy import Policy


def find_final_problem(error: BaseException) -> str | None:
    """Return why no further try can help; None if one may."""
    causes = list(_walk_causes(error))
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
        return "no encrypted connection could be made (TLS failed)"
    return None


def find_socks_proxy(scheme: str) -> str | None:
    """Return what to do about a SOCKS proxy that cannot be used; None if none is."""
    names = (f"{scheme}_proxy", "all_proxy")
    for name in names:
        for variable in (name, name.upper()):
            if os.environ.get(variable, "").strip().lower().startswith("socks"):
                return (
                    f"the environment variable {variable} asks for a SOCKS proxy, "
                    "which needs the package PySocks and an address that begins with "
                    "socks5h://: run `python -m pip install pysocks`, or unset "
                    f"{variable}"
                )
    return None


def explain(error: BaseException, policy: Policy, late: str) -> str:
    """Return what interrupted a try, in words without addresses.

    Parameters
    ----------
    error : BaseException
    policy : Policy
    late : str
        What to say where time ran out.
    """
    causes = list(_walk_causes(error))

    def has(*kinds: type[BaseException]) -> bool:
        return any(isinstance(cause, kinds) for cause in causes)

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
