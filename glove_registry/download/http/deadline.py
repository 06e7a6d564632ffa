"""Limits of time and size for every call to a network, however slowly a server answers.

The time-out of a socket runs from one arrival to the next: a server that sends a byte
now and then is waited for without end. So each read is bounded by what is left of the
whole (`Allowance`), below the libraries that parse headers and chunks; and what cannot
be bounded from within runs in a thread that is abandoned (`call_within`, `watch`).
"""

import re
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, wait
from http.client import HTTPException, HTTPResponse
from io import BufferedReader, RawIOBase
from typing import Any, TypeVar

import requests
import urllib3

from .errors import Interrupted
from .policy import Policy

T = TypeVar("T")

# An age of a cookie that is missing, or no number that a clock could reach.
_ODD_AGE = re.compile(r"""(?i)(?:^|;)\s*max-age\b(?!\s*=\s*"?-?\d{1,15}"?\s*(?:;|$))""")


class Flood(HTTPException):
    """More bytes arrived than an answer can have."""


class Allowance:
    """Time and bytes that the next step of an exchange may take.

    All connections of a session share one, as they serve one request after another.
    """

    _until: float
    _left: int

    def grant(self, seconds: float, size: int) -> None:
        """Allow this much from now on."""
        self._until = time.monotonic() + seconds
        self._left = size

    def measure_time(self) -> float:
        """Return the seconds left; raise TimeoutError if there are none."""
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left

    def count(self, size: int) -> None:
        """Count bytes that arrived; raise `Flood` if they are more than allowed."""
        self._left -= size
        if self._left < 0:
            raise Flood


class BoundedAdapter(requests.adapters.HTTPAdapter):
    """Connections, also those through proxies, that keep to an allowance."""

    def __init__(self, allowance: Allowance) -> None:
        self._allowance = allowance
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Create the pool of direct connections."""
        super().init_poolmanager(*args, **kwargs)
        _bound(self.poolmanager, self._allowance)

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        """Create the pool of connections through a proxy."""
        known = proxy in self.proxy_manager
        manager = super().proxy_manager_for(proxy, **kwargs)
        if not known:
            _bound(manager, self._allowance)
        return manager

    def close(self) -> None:
        """Close all connections that are not in use."""
        # urllib3 closes those of a pool when nothing refers to it any more, as the
        # traceback of an error may do for long.
        for manager in (self.poolmanager, *self.proxy_manager.values()):
            for key in manager.pools.keys():  # noqa: SIM118 - it cannot be iterated
                manager.pools[key].close()
        super().close()


def _bound(manager: urllib3.PoolManager, allowance: Allowance) -> None:
    """Make all connections of a manager bounded ones."""
    bounded: dict[str, Any] = {}
    pools: dict[str, Any] = manager.pool_classes_by_scheme
    for scheme, pool in pools.items():
        response = type("Response", (_Response,), {"allowance": allowance})
        connection = type(
            "Connection",
            (_Connection, pool.ConnectionCls),
            {"allowance": allowance, "response_class": response},
        )
        bounded[scheme] = type("Pool", (pool,), {"ConnectionCls": connection})
    manager.pool_classes_by_scheme = bounded


class _Connection:
    """Mixed into a connection of urllib3, which is opened in time or not at all."""

    allowance: Allowance

    def connect(self) -> None:
        """Connect, in a thread: nothing else bounds DNS, proxies and TLS."""
        connect: Callable[[], None] = super().connect  # type: ignore[misc]
        close: Callable[[], None] = self.close  # type: ignore[attr-defined]
        try:
            call_within(self.allowance.measure_time(), connect, drop=lambda _: close())
        except TimeoutError:
            raise urllib3.exceptions.ConnectTimeoutError(self, "too late") from None


class _Response(HTTPResponse):
    """A response all of whose bytes, headers included, arrive within the allowance."""

    allowance: Allowance

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(_Source(sock, self.allowance), *args, **kwargs)  # type: ignore[arg-type]

    def _read_status(self) -> tuple[str, int, str]:
        version, status, reason = super()._read_status()  # type: ignore[misc]
        # RFC 9110, 15.2: what comes before the answer is skipped; of that, http.client
        # knows 100 alone, and 101 is the end of HTTP.
        return version, 100 if 101 < status < 200 else status, reason

    def begin(self, *args: Any, **kwargs: Any) -> None:
        """Read status line and headers."""
        super().begin(*args, **kwargs)
        # urllib3 logs their defects, with the whole URL and a traceback.
        if "Transfer-Encoding" in self.headers:
            del self.headers["Content-Length"]
        # For contradictory lengths it raises an error, and leaks the socket.
        lengths = ",".join(self.headers.get_all("Content-Length", ())).split(",")
        if len({length.strip() for length in lengths}) > 1:
            del self.headers["Content-Length"]
            self.headers["Content-Length"] = "contradictory"
        # http.cookiejar warns of its own bugs, with a traceback.
        cookies = self.headers.get_all("Set-Cookie", ())
        del self.headers["Set-Cookie"], self.headers["Set-Cookie2"]
        for cookie in cookies:
            if not _ODD_AGE.search(cookie):
                self.headers["Set-Cookie"] = cookie
        self.headers.defects.clear()
        self.headers.set_payload("")


class _Source:
    """The one method of a socket that a response uses."""

    def __init__(self, sock: socket.socket, allowance: Allowance) -> None:
        self._sock = sock
        self._allowance = allowance

    def makefile(self, mode: str) -> BufferedReader:
        return BufferedReader(_Arrivals(self._sock, self._allowance))


class _Arrivals(RawIOBase):
    """The bytes of a socket, each read of which is bounded."""

    def __init__(self, sock: socket.socket, allowance: Allowance) -> None:
        self._sock = sock
        self._file = sock.makefile("rb", buffering=0)
        self._allowance = allowance

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int | None:
        self._sock.settimeout(self._allowance.measure_time())
        count = self._file.readinto(buffer)
        self._allowance.count(count or 0)
        return count

    def close(self) -> None:
        self._file.close()
        super().close()


def call_within(
    seconds: float, work: Callable[[], T], drop: Callable[[T], object]
) -> T:
    """Return the result of `work`, or raise TimeoutError if that takes too long.

    It runs in a thread of its own, which is abandoned when it is late; `drop` is called
    with a result that comes too late. Whatever `work` raises is raised as it is.
    """
    outcome = _start(work)
    if not _ends_within(seconds, outcome):
        outcome.add_done_callback(
            lambda late: None if late.exception() else drop(late.result())
        )
        raise TimeoutError
    return outcome.result()


def watch(
    work: Callable[[], object], measure: Callable[[], int], policy: Policy
) -> None:
    """Wait for `work`, as long as it is faster than the floor rate.

    `work` runs in a thread of its own, which is abandoned when it is too slow: then
    `Interrupted` is raised. `measure` returns the number of bytes received so far.
    Whatever `work` raises is raised as it is.
    """
    outcome = _start(work)
    before = measure()
    while not _ends_within(policy.floor_window, outcome):
        now = measure()
        brought, before = now - before, now
        if brought < policy.floor_rate * policy.floor_window:
            raise Interrupted(
                f"only {brought:,} bytes arrived within {policy.floor_window:g} s",
                lost=policy.floor_window,
            )
    outcome.result()


def _ends_within(seconds: float, outcome: Future[Any]) -> bool:
    """Wait for an outcome; return whether there is one in time."""
    end = time.monotonic() + seconds
    # A wait does not end by a Ctrl-C that comes just before it: the next one does.
    while (left := end - time.monotonic()) > 0 and not outcome.done():
        wait([outcome], min(left, 1))
    return outcome.done()


def _start(work: Callable[[], T]) -> Future[T]:
    """Run `work` in a thread that the process does not wait for when it exits."""
    outcome: Future[T] = Future()

    def run() -> None:
        try:
            outcome.set_result(work())
        except BaseException as error:
            outcome.set_exception(error)

    threading.Thread(target=run, name="glove_registry network", daemon=True).start()
    return outcome
