"""No call to a network outlives its time, however a server draws its answer out.

The timeout of a socket runs from one arrival to the next: a server that sends a byte
now and then is waited for without end. So each read is bounded by what is left of the
whole (`Allowance`), below the libraries that parse headers and chunks; and what cannot
be bounded from within runs in a thread that is given up (`call_within`, `watch`).
"""

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

from .policy import Interrupted, Policy

T = TypeVar("T")


class Flood(HTTPException):
    """More bytes arrived than what is waited for can have."""


class Allowance:
    """How much time and how many bytes the next step of an exchange may take.

    One is shared by all connections of a session, which asks for one thing at a time.
    """

    def __init__(self) -> None:
        self._until = 0.0
        self._left = 0

    def grant(self, seconds: float, size: int) -> None:
        """Allow so much from now on."""
        self._until = time.monotonic() + seconds
        self._left = size

    def measure_time(self) -> float:
        """Return the seconds that are left.

        Raises
        ------
        TimeoutError
            If none are.
        """
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left

    def count(self, size: int) -> None:
        """Take note of bytes that arrived.

        Raises
        ------
        Flood
            If they are more than were allowed.
        """
        self._left -= size
        if self._left < 0:
            raise Flood


class BoundedAdapter(requests.adapters.HTTPAdapter):
    """Connections, also those through proxies, that keep to an allowance.

    Parameters
    ----------
    allowance : Allowance
        Granted anew by whoever reads from them.
    """

    def __init__(self, allowance: Allowance) -> None:
        self._allowance = allowance
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make the pool of direct connections."""
        super().init_poolmanager(*args, **kwargs)
        _bound(self.poolmanager, self._allowance)

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        """Make the pool of connections through a proxy."""
        known = proxy in self.proxy_manager
        manager = super().proxy_manager_for(proxy, **kwargs)
        if not known:
            _bound(manager, self._allowance)
        return manager


def _bound(manager: urllib3.PoolManager, allowance: Allowance) -> None:
    """Let a manager open bounded connections, of whichever kinds it has."""
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
    """Mixed into a connection of urllib3: opened in time or not at all."""

    allowance: Allowance

    def connect(self) -> None:
        """Connect: the look-up of a name, all addresses it has, proxies, and TLS."""
        # In a thread, since none of these is bounded otherwise.
        connect: Callable[[], None] = super().connect  # type: ignore[misc]
        close: Callable[[], None] = self.close  # type: ignore[attr-defined]
        try:
            call_within(self.allowance.measure_time(), connect, drop=lambda _: close())
        except TimeoutError:
            raise urllib3.exceptions.ConnectTimeoutError(self, "too late") from None


class _Response(HTTPResponse):
    """A response whose every byte, headers included, arrives within the allowance."""

    allowance: Allowance

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(_Source(sock, self.allowance), *args, **kwargs)  # type: ignore[arg-type]

    def begin(self, *args: Any, **kwargs: Any) -> None:
        """Read status line and headers."""
        super().begin(*args, **kwargs)
        # urllib3 logs what is wrong with them, with the whole URL and a traceback.
        if "Transfer-Encoding" in self.headers:
            del self.headers["Content-Length"]
        # Of lengths that contradict each other it makes an error, and loses a socket.
        lengths = ",".join(self.headers.get_all("Content-Length", ())).split(",")
        if len({length.strip() for length in lengths}) > 1:
            del self.headers["Content-Length"]
            self.headers["Content-Length"] = "contradictory"
        self.headers.defects.clear()
        self.headers.set_payload("")


class _Source:
    """All that a response asks of its socket."""

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
    """Return what `work` returns, unless that takes too long.

    Parameters
    ----------
    seconds : float
        How long to wait for it.
    work : callable
        Runs in a thread of its own, which is left to itself if it is late.
    drop : callable
        Takes what comes too late.

    Raises
    ------
    TimeoutError
        If it is late. Whatever `work` raises is raised as it is.
    """
    outcome = _start(work)
    if wait([outcome], seconds).not_done:
        outcome.add_done_callback(
            lambda late: None if late.exception() else drop(late.result())
        )
        raise TimeoutError
    return outcome.result()


def watch(
    work: Callable[[], object], measure: Callable[[], int], policy: Policy
) -> None:
    """Wait for `work`, as long as it brings enough bytes.

    Parameters
    ----------
    work : callable
        Runs in a thread of its own, which is left to itself if it is too slow.
    measure : callable
        Returns the number of bytes that it has brought so far.
    policy : Policy
        Its floor is what is enough.

    Raises
    ------
    Interrupted
        If it is too slow. Whatever `work` raises is raised as it is.
    """
    outcome = _start(work)
    before = measure()
    while wait([outcome], policy.floor_window).not_done:
        brought, before = measure() - before, measure()
        if brought < policy.floor_rate * policy.floor_window:
            raise Interrupted(
                f"only {brought:,} bytes arrived within {policy.floor_window:g} s",
                lost=policy.floor_window,
            )
    outcome.result()


def _start(work: Callable[[], T]) -> Future[T]:
    """Run `work` in a thread that no exit of the process waits for."""
    outcome: Future[T] = Future()

    def run() -> None:
        try:
            outcome.set_result(work())
        except BaseException as error:
            outcome.set_exception(error)

    threading.Thread(target=run, name="glove_registry network", daemon=True).start()
    return outcome
