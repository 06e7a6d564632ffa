"""How patient a transfer is: tries, waits and limits, all of it data."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from .faults import RetriesExhausted

MIB = 1 << 20


class Interrupted(Exception):
    """A try failed in a way that another try may mend; never leaves the room.

    Parameters
    ----------
    reason : str
        What happened, as a sentence without a full stop.
    wait : float or None
        Seconds which the server asked to be left alone.
    """

    def __init__(self, reason: str, wait: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.wait = wait


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The patience of a transfer.

    Attributes
    ----------
    tries : int
        Tries in a row that may fail before the URL is given up.
    renewal : int
        Bytes of progress after which the count of tries begins anew.
    backoff, backoff_cap : float
        Seconds to wait after the first failure, doubled for each further one up to
        the cap, and shortened at random by up to a half, so that a classroom that
        failed together does not come back together.
    retry_after_cap : float
        Seconds that a server's Retry-After is obeyed at most.
    connect_timeout, read_timeout : float
        Seconds until a connection stands, and between two arrivals of bytes.
    floor_rate, floor_window : float
        A body slower than `floor_rate` bytes per second over `floor_window` seconds
        of waiting for it counts as interrupted.
    redirects : int
        Redirects that are followed at most.
    restarts : int
        How often `transport.restarting` begins again.
    undeclared_limit : int
        Bytes accepted where neither server nor caller declare a size.
    clock, sleep, jitter, today : callable
        Monotonic seconds, waiting, a random number in [0, 1), and seconds since 1970.

    Examples
    --------
    >>> Policy(tries=6, read_timeout=10.0).tries
    6
    """

    tries: int = 4
    renewal: int = MIB
    backoff: float = 1.0
    backoff_cap: float = 30.0
    retry_after_cap: float = 60.0
    connect_timeout: float = 20.0
    read_timeout: float = 30.0
    floor_rate: float = 1024.0
    floor_window: float = 30.0
    redirects: int = 10
    restarts: int = 3
    undeclared_limit: int = 16 << 30
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], object] = time.sleep
    jitter: Callable[[], float] = random.random
    today: Callable[[], float] = time.time

    def read_retry_after(self, value: str | None, date: str | None) -> float | None:
        """Read a Retry-After header in either of its forms (RFC 9110, 10.2.3).

        Parameters
        ----------
        value : str or None
            The header: seconds, or a date.
        date : str or None
            The Date header of the same response. A date is taken relative to it,
            since the clocks of the two machines may differ.

        Returns
        -------
        float or None
            Seconds to wait, at most `retry_after_cap`; None where nothing is said.
        """
        if value is None:
            return None
        if value.strip().isdecimal():
            seconds = float(value)
        else:
            until = read_http_date(value)
            if until is None:
                return None
            since = read_http_date(date) if date else None
            seconds = until - (self.today() if since is None else since)
        return min(max(seconds, 0.0), self.retry_after_cap)


def read_http_date(value: str) -> float | None:
    """Read an HTTP date (RFC 9110, 5.6.7) as seconds since 1970; None if it is none."""
    try:
        return parsedate_to_datetime(value).timestamp()
    except (ValueError, OverflowError):
        return None


class Patience:
    """Counts the failures of one transfer and waits between them.

    Parameters
    ----------
    url : str
        For the message.
    policy : Policy
        How many, how long.
    """

    def __init__(self, url: str, policy: Policy) -> None:
        self._url = url
        self._policy = policy
        self._failures = 0
        self._progress = 0

    def credit(self, count: int) -> None:
        """Take note that `count` further bytes arrived."""
        self._progress += count
        if self._progress >= self._policy.renewal:
            self._failures = 0
            self._progress = 0

    def spend(self, fault: Interrupted) -> None:
        """Wait before the next try, or give up.

        Raises
        ------
        RetriesExhausted
            If that was the last try.
        """
        policy = self._policy
        self._failures += 1
        if self._failures >= policy.tries:
            raise RetriesExhausted(
                self._url, f"{fault.reason}; given up after {self._failures} tries"
            )
        wait = fault.wait
        if wait is None:
            longest = policy.backoff * 2.0 ** (self._failures - 1)
            wait = min(longest, policy.backoff_cap) * (1.0 - policy.jitter() / 2.0)
        policy.sleep(wait)
