"""How patient a transfer is: its retries, waits and limits."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TypeVar

from ...messages.log import log
from ...registry.urls import redact
from .errors import Interrupted, RetriesExhausted

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The patience of a transfer; times are in seconds."""

    # How long a URL may fail: the time spent waiting between tries and in failed tries,
    # less what arrived at `floor_rate` or faster. A URL that does not answer is given
    # up after this time; one that delivers bytes between its failures is not.
    patience: float = 60.0
    # The wait after the first failure, doubled for each further one up to the cap, and
    # shortened at random by up to a half, so that a classroom that failed together does
    # not retry together.
    backoff: float = 1.0
    backoff_cap: float = 30.0
    retry_after_cap: float = 60.0
    told_wait: float = 2.0  # from which on a wait is logged: nobody notices a shorter
    connect_timeout: float = 20.0
    # From a request until all headers have arrived, connections and redirects included.
    answer_timeout: float = 30.0
    read_timeout: float = 30.0  # between two arrivals of bytes of the file
    # A body that falls the window behind the rate, in bytes per second, counts as
    # interrupted. At 20 KiB/s a member of 69 MB takes an hour, which is how long other
    # processes wait for the one that fetches it.
    floor_rate: float = 20 * 1024.0
    floor_window: float = 30.0
    redirects: int = 10
    undeclared_limit: int = 16 << 30  # bytes, if neither server nor caller says a size
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], object] = time.sleep
    jitter: Callable[[], float] = random.random  # in [0, 1)
    today: Callable[[], float] = time.time  # since 1970

    def read_retry_after(self, value: str | None, date: str | None) -> float:
        """Return the seconds that a Retry-After header asks for (RFC 9110, 10.2.3).

        At most `retry_after_cap`; 0 without a header that can be read. A date in it is
        relative to `date`, the Date header of the same response: the clocks of the two
        machines may differ.
        """
        if value is None:
            return 0.0
        if value.strip().isdecimal():
            seconds = float(value)  # of thousands of digits: infinity
        else:
            until = read_http_date(value)
            if until is None:
                return 0.0
            since = read_http_date(date) if date else None
            seconds = until - (self.today() if since is None else since)
        return min(max(seconds, 0.0), self.retry_after_cap)


def read_http_date(value: str) -> float | None:
    """Return an HTTP date (RFC 9110, 5.6.7) in seconds since 1970; None if invalid."""
    try:
        return parsedate_to_datetime(value).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError, OSError):
        return None  # what the library makes of invalid dates


class Patience:
    """Wait between the failed tries of one transfer, until they are too many."""

    def __init__(self, url: str, policy: Policy) -> None:
        self._url = url
        self._policy = policy
        self._failures = 0
        self._lost = 0.0

    def credit(self, count: int) -> None:
        """Count bytes that arrived in favour of the server."""
        self._lost = max(self._lost - count / self._policy.floor_rate, 0.0)
        if not self._lost:
            self._failures = 0

    def spend(self, fault: Interrupted) -> None:
        """Wait before the next try; raise `RetriesExhausted` if that was the last."""
        policy = self._policy
        self._failures += 1
        self._lost += fault.lost
        left = policy.patience - self._lost
        if left < policy.backoff:
            tries = f"{self._failures} tries" if self._failures > 1 else "one try"
            raise RetriesExhausted(
                self._url, f"{fault.reason}; given up after {tries}"
            ) from None
        doubled = policy.backoff * 2.0 ** min(self._failures - 1, 16)
        wait = min(doubled, policy.backoff_cap) * (1.0 - policy.jitter() / 2.0)
        wait = min(max(wait, fault.wait), left)
        if wait >= policy.told_wait:
            log.warning(
                "%s: %s; trying again in %.0f s", redact(self._url), fault.reason, wait
            )
        policy.sleep(wait)
        self._lost += wait


def retrying(url: str, policy: Policy, attempt: Callable[[], T]) -> T:
    """Return the result of the first call of `attempt` that is not interrupted."""
    patience = Patience(url, policy)
    while True:
        try:
            return attempt()
        except Interrupted as fault:
            patience.spend(fault)
