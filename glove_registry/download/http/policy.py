"""How patient a transfer is: tries, waits and limits, all of it data."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from .faults import RetriesExhausted


class Interrupted(Exception):
    """A try failed in a way that another try may mend; never leaves the room.

    Parameters
    ----------
    reason : str
        What happened, as a sentence without a full stop.
    wait : float
        Seconds which the server asked to be left alone.
    lost : float
        Seconds which the try took without bringing anything.
    """

    def __init__(self, reason: str, *, wait: float = 0.0, lost: float = 0.0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.wait = wait
        self.lost = lost


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The patience of a transfer.

    Attributes
    ----------
    patience : float
        Seconds that a URL may fail: those of waiting between tries and those that
        failed tries took, less what arrived at `floor_rate` or faster. A URL that
        does not answer is given up after so long, and one that goes on bringing bytes
        between its failures is not.
    backoff, backoff_cap : float
        Seconds to wait after the first failure, doubled for each further one up to
        the cap, and shortened at random by up to a half, so that a classroom that
        failed together does not come back together.
    retry_after_cap : float
        Seconds that a server's Retry-After is obeyed at most.
    connect_timeout : float
        Seconds until a connection to one address of a host stands.
    answer_timeout : float
        Seconds from asking for a URL until all headers of the answer have arrived:
        connections and redirects included, however the server draws them out.
    read_timeout : float
        Seconds between two arrivals of bytes of the file.
    floor_rate, floor_window : float
        A body that falls `floor_window` seconds behind `floor_rate` bytes per second
        counts as interrupted. At 20 KiB/s a member of 69 MB takes an hour, which is
        how long other processes wait for the one that fetches it.
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
    >>> Policy(patience=600.0, read_timeout=10.0).patience
    600.0
    """

    patience: float = 60.0
    backoff: float = 1.0
    backoff_cap: float = 30.0
    retry_after_cap: float = 60.0
    connect_timeout: float = 20.0
    answer_timeout: float = 30.0
    read_timeout: float = 30.0
    floor_rate: float = 20 * 1024.0
    floor_window: float = 30.0
    redirects: int = 10
    restarts: int = 3
    undeclared_limit: int = 16 << 30
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], object] = time.sleep
    jitter: Callable[[], float] = random.random
    today: Callable[[], float] = time.time

    def read_retry_after(self, value: str | None, date: str | None) -> float:
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
        float
            Seconds to wait, at most `retry_after_cap`; 0 where nothing is said.
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
    """Read an HTTP date (RFC 9110, 5.6.7) as seconds since 1970; None if it is none."""
    try:
        return parsedate_to_datetime(value).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError, OSError):
        return None  # whatever the library makes of what is no date


class Patience:
    """Measures the failures of one transfer and waits between them.

    Parameters
    ----------
    url : str
        For the message.
    policy : Policy
        How long.
    """

    def __init__(self, url: str, policy: Policy) -> None:
        self._url = url
        self._policy = policy
        self._failures = 0
        self._lost = 0.0

    def credit(self, count: int) -> None:
        """Take note that `count` further bytes arrived."""
        self._lost = max(self._lost - count / self._policy.floor_rate, 0.0)
        if not self._lost:
            self._failures = 0

    def spend(self, fault: Interrupted) -> None:
        """Wait before the next try, or give up.

        Raises
        ------
        RetriesExhausted
            If that was the last try.
        """
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
        policy.sleep(wait)
        self._lost += wait
