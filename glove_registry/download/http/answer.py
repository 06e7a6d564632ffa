"""What is requested of a remote file, and what arrives, whichever way it travels.

A `Transport` makes one request and recognizes what is wrong with the answer: whether to
try again (`Interrupted`), to give up the URL (`Refused`) or to do without ranges of
bytes (`RangesUnsupported`). `Client` does the rest, over any of them.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from .errors import Interrupted, Refused
from .part import Facts
from .policy import Policy

CHUNK = 1 << 18


@dataclass(frozen=True, slots=True)
class Span:
    """A range of bytes, like a slice."""

    first: int  # negative: counted from the end, up to which the range goes
    end: int | None = None  # excluded; None: all that follow

    @property
    def header(self) -> str:
        """The Range header for it (RFC 9110, 14.2)."""
        if self.first < 0:
            return f"bytes={self.first}"
        return f"bytes={self.first}-{'' if self.end is None else self.end - 1}"

    def place(self, total: int | None) -> tuple[int, int] | None:
        """Return (first, end) in a file of `total` bytes; None if unknown."""
        if total is None:
            return None if self.end is None else (self.first, self.end)
        first = max(total + self.first, 0) if self.first < 0 else self.first
        return first, total if self.end is None else min(self.end, total)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that fits the request; its bytes are still to be received."""

    url: str
    partial: bool  # the requested range (206), not the whole file (200)
    first: int  # offset in the file of the first byte of the body
    length: int | None  # bytes in the body, if the server says it
    facts: Facts  # what it says of the whole file
    policy: Policy
    # Takes the most bytes that are wanted, and returns some; none at the end. Raises
    # `Interrupted` if they do not arrive.
    receive: Callable[[int], bytes]
    waited: float  # seconds that it took to arrive

    def read(self, length: int | None = None) -> Iterator[bytes]:
        """Yield the body as it arrives.

        `length` is the number of bytes it must have if the server does not say. Raises
        `Interrupted` if it breaks off, stalls or falls below the floor rate, and
        `Refused` if it does not end where it should.
        """
        length = length if self.length is None else self.length
        # Of a whole file one byte more is read: if there is one, this is another file,
        # or an endless one.
        excess = 0 if self.partial else 1
        policy = self.policy
        got = 0
        behind = 0.0
        while length is None or got < length + excess:
            room = CHUNK if length is None else min(CHUNK, length - got + excess)
            begun = policy.clock()
            try:
                chunk = self.receive(room)
            except Interrupted as fault:
                if got == length:
                    return  # only the end marker of a chunked body is missing
                fault.lost = self.waited + behind + policy.clock() - begun
                raise
            if not chunk:
                break
            got += len(chunk)
            limit = policy.undeclared_limit if length is None else length
            if got > limit:
                raise Refused(
                    self.url,
                    f"the answer goes on past the {limit} bytes it should have: "
                    "choose another source",
                )
            # Only the time spent waiting for the server counts: a consumer may be slow.
            behind += policy.clock() - begun
            behind = max(behind - len(chunk) / policy.floor_rate, 0.0)
            yield chunk
            if behind >= policy.floor_window and got != length:
                raise Interrupted(
                    f"fewer than {policy.floor_rate:,.0f} bytes a second arrived for "
                    f"{policy.floor_window:g} s",
                    lost=self.waited + behind,
                )
        if length is not None and got < length:
            raise Interrupted(
                f"the connection closed after {got} of {length} bytes",
                lost=self.waited + behind,
            )


class Transport(Protocol):
    """One way to remote files; kept open for the next request."""

    def ask(
        self, url: str, span: Span | None, known: Facts
    ) -> AbstractContextManager[Answer]:
        """Send one request and yield the answer while its connection is open.

        Without a span the whole file is requested. `known` is what earlier answers said
        of the file.
        """

    def close(self) -> None:
        """Close all connections."""
