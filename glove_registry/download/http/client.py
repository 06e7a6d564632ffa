"""Transfers that resume and retry; the consumer sees one unbroken stream.

`Client.stream` yields what the part file has and then what the network brings, each
piece appended to the part before it is handed out. A break, a stall or a busy server is
waited for, and the transfer resumed; whoever unpacks, hashes and parses the bytes never
learns of it.
"""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from types import TracebackType
from typing import Self, TypeVar

from .answer import Answer, Span, Transport
from .errors import Changed, Interrupted, NoRoom, RangesUnsupported, Refused
from .exchange import Web
from .part import Facts, Part, check_room
from .policy import Patience, Policy, retrying

OnBytes = Callable[[int, int | None], None]
"""Called with the bytes done so far, resumed ones included, and all that there are."""

T = TypeVar("T")

_UNKNOWN = Facts()
_RESTARTS = 3


@dataclass(frozen=True, slots=True)
class Piece:
    """A few bytes of a remote file, held in memory."""

    data: bytes
    first: int  # offset of the first byte in the file
    facts: Facts


class Client:
    """Connections to servers, kept for the next request; a context manager.

    A client is for one thread, and its connections serve one request after another.
    `connect` makes the transport that they use.
    """

    policy = Policy()

    def __init__(
        self, policy: Policy | None = None, connect: Callable[[Policy], Transport] = Web
    ) -> None:
        if policy is not None:
            self.policy = policy
        self._transport = connect(self.policy)

    def __enter__(self) -> Self:
        """Return the client."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close all connections."""
        self._transport.close()

    def stream(
        self,
        url: str,
        part: Part,
        *,
        start: int = 0,
        end: int | None = None,
        size: int | None = None,
        seen: Facts = _UNKNOWN,
        on_bytes: OnBytes | None = None,
    ) -> Generator[bytes, None, None]:
        """Yield the bytes of a remote file from its beginning, resumed after breaks.

        Bytes already in `part` come first; the caller removes the part. No chunk has
        more than 256 KiB. With `Part.has_checksum`, bytes may come from answers with
        different validators, such as those of a farm of servers. A range needs both
        `start` and `end`, which is excluded; `size` is that of the whole file. `seen`
        is what an answer for `url` said a moment ago, by default what `part` knows.
        `on_bytes` counts bytes of the range.

        Raises `RetriesExhausted` if too many tries in a row were interrupted and
        OSError if the disk is full; both keep the part. Raises `Changed` if the remote
        file changed after bytes were handed out; the part is empty then. Raises
        `RangesUnsupported` if a range was wanted and the server does not serve it, and
        `Refused` if no further try can succeed.
        """
        is_whole = start == 0 and end is None
        facts = _keep_comparable(part.facts if seen == _UNKNOWN else seen, part)
        if _is_useless(part, facts, size, None if end is None else end - start):
            part.reset()
            facts = _keep_comparable(seen, part)
        patience = Patience(url, self.policy)
        use_ranges = True
        done = 0

        def count(chunk: bytes) -> bytes:
            nonlocal done
            done += len(chunk)
            if on_bytes is not None:
                on_bytes(done, wanted)
            return chunk

        wanted = _measure(start, end, facts, size)
        while wanted is None or part.size < wanted:
            part.resumed = part.resumed or part.size > 0
            # A file that cannot be recognised is sent whole, and compared.
            recognised = part.has_checksum or facts.validator is not None
            all_of_it = is_whole and not (use_ranges and part.size and recognised)
            span = None if all_of_it else Span(start + part.size, end)
            try:
                with self._transport.ask(url, span, facts) as answer:
                    _check_size(answer, size)
                    told = _keep_comparable(answer.facts, part)
                    change = facts.find_contradiction(told)
                    if change is not None:
                        part.reset()
                        if done or not is_whole:
                            raise Changed(url, change)
                        # No byte was handed out yet: start again without an error.
                        facts = _UNKNOWN
                        if answer.partial:
                            continue
                    if not is_whole:
                        _check_partial(answer)
                    facts = facts.updated_by(told)
                    wanted = _measure(start, end, facts, size)
                    if wanted is not None:
                        check_room(url, part.path.parent, wanted - part.size)
                    part.save_facts(facts)
                    if not done:
                        for chunk in part.read():
                            yield count(chunk)
                    # A server that ignores ranges sends again what is there already.
                    repeated = start + part.size - answer.first
                    begun, had = self.policy.clock(), part.size
                    try:
                        for chunk in answer.read(facts.total if size is None else size):
                            old, fresh = chunk[:repeated], chunk[repeated:]
                            if old:
                                _compare(url, part, part.size - repeated, old)
                                repeated -= len(old)
                            if fresh:
                                if wanted is None:
                                    check_room(url, part.path.parent, None)
                                part.append(fresh)
                                patience.credit(len(fresh))
                                yield count(fresh)
                    except Interrupted as fault:
                        if part.size == had:  # nothing new arrived
                            fault.lost = self.policy.clock() - begun
                        raise
                    if repeated > 0:
                        raise Interrupted("the connection closed early")
                    wanted = part.size
            except Interrupted as fault:
                patience.spend(fault)
            except RangesUnsupported:
                if not is_whole:
                    raise
                use_ranges = False
            except NoRoom as fault:
                if fault.coming is None:
                    part.reset()
                raise
        if not done:
            for chunk in part.read():
                yield count(chunk)

    def read_span(self, url: str, span: Span, *, seen: Facts = _UNKNOWN) -> Piece:
        """Return a small range of a remote file, with retries.

        `seen` is what an earlier answer said of the file, which must still hold. Raises
        what `stream` does; `RangesUnsupported` has the file's size if it is known.
        """

        def read(answer: Answer) -> Piece:
            change = seen.find_contradiction(answer.facts)
            if change is not None:
                raise Changed(url, change)
            _check_partial(answer)
            data = b"".join(answer.read())
            return Piece(data, answer.first, seen.updated_by(answer.facts))

        return self._retry(url, span, seen, read)

    def probe(self, url: str) -> Facts:
        """Return what a server says of a file, at the cost of one byte.

        By a GET of the first byte and not by a HEAD, which some servers answer wrongly.
        Raises `RetriesExhausted` and `Refused` as `stream` does.
        """

        def read(answer: Answer) -> Facts:
            if answer.partial:
                b"".join(answer.read())  # so that the connection can be used again
            return answer.facts

        try:
            return self._retry(url, Span(0, 1), _UNKNOWN, read)
        except RangesUnsupported:
            return self._retry(url, None, _UNKNOWN, lambda answer: answer.facts)

    def _retry(
        self, url: str, span: Span | None, seen: Facts, read: Callable[[Answer], T]
    ) -> T:
        """Return what `read` makes of the first answer that is not interrupted."""

        def attempt() -> T:
            with self._transport.ask(url, span, seen) as answer:
                return read(answer)

        return retrying(url, self.policy, attempt)


def restarting(attempt: Callable[[], T]) -> T:
    """Return the result of `attempt`, called again for each `Changed` that it raises.

    It must begin anew each time. Raises `Refused` if all four calls raised `Changed`.
    """
    for restart in range(_RESTARTS + 1):
        try:
            return attempt()
        except Changed as fault:
            if restart == _RESTARTS:
                raise Refused(
                    fault.url,
                    f"{fault.reason}; {_RESTARTS + 1} attempts were in vain: choose "
                    "another source or try later",
                ) from None
    raise AssertionError


def _is_useless(part: Part, facts: Facts, size: int | None, room: int | None) -> bool:
    """Return whether the bytes in a part cannot be those of the file."""
    known = facts.total if size is None else size
    limit = known if room is None else room
    if limit is not None and part.size > limit:
        return True
    if size is not None and facts.total not in (None, size):
        return True
    # Days may have passed since: a file that cannot be recognised is taken afresh.
    recognised = part.has_checksum or facts.validator is not None
    return not recognised and size is None and room is None


def _compare(url: str, part: Part, first: int, data: bytes) -> None:
    """Raise `Changed` if bytes that are sent again are not those in the part."""
    if b"".join(part.read(first, first + len(data))) != data:
        part.reject()
        raise Changed(url, "the file on the server changed (other bytes)")


def _keep_comparable(facts: Facts, part: Part) -> Facts:
    """Return what must stay the same: of a file with a checksum, its size alone."""
    return Facts(total=facts.total) if part.has_checksum else facts


def _measure(start: int, end: int | None, facts: Facts, size: int | None) -> int | None:
    """Return the number of bytes that are wanted, if it is known."""
    total = facts.total if size is None else size
    if end is None:
        return None if total is None else total - start
    return (end if total is None else min(end, total)) - start


def _check_size(answer: Answer, size: int | None) -> None:
    total = answer.facts.total
    if size is not None and total not in (None, size):
        raise Refused(
            answer.url,
            f"the server has {total} bytes, expected {size}: it is another file",
        )


def _check_partial(answer: Answer) -> None:
    if not answer.partial:
        raise RangesUnsupported(
            answer.url, "the server ignores ranges of bytes", answer.length
        )
