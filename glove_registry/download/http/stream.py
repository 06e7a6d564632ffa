"""Transfers that resume, retry and obey; a consumer sees one unbroken stream.

`stream` hands out what the part file has and then what the network brings, each
piece appended to the part before it is handed out. A break, a stall or a busy server
is waited for and gone on from; whoever inflates, hashes and parses the bytes on their
way never learns of it. The rules per fault: `exchange` judges an answer, `policy`
says how patient to be, `faults` names the ends.
"""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import TypeVar

from .disk import check_room
from .exchange import Answer, Span, ask
from .faults import Changed, NoRoom, RangesUnsupported, Refused
from .part import Facts, Part
from .policy import Interrupted, Patience, Policy
from .redirects import Session

__all__ = [
    "OnBytes",
    "Piece",
    "probe",
    "read_span",
    "restarting",
    "stream",
]

OnBytes = Callable[[int, int | None], None]
"""Called with the bytes done so far, resumed ones included, and all that there are."""

UNKNOWN = Facts()

T = TypeVar("T")


def stream(
    url: str,
    part: Part,
    *,
    start: int = 0,
    end: int | None = None,
    size: int | None = None,
    seen: Facts = UNKNOWN,
    policy: Policy | None = None,
    on_bytes: OnBytes | None = None,
) -> Generator[bytes, None, None]:
    """Yield the bytes of a remote file from its beginning, through all interruptions.

    Parameters
    ----------
    url : str
        ``https:`` or ``http:``.
    part : Part
        Where bytes are kept on their way; those in it are handed out first. It is
        left for the caller to remove. If it is `pinned`, bytes may come from answers
        with different validators, as those of a farm of servers are.
    start, end : int, optional
        The range to take, `end` excluded; by default the whole file. A range needs
        both, and a server that serves ranges.
    size : int, optional
        Bytes the whole file must have.
    seen : Facts, optional
        What an answer for `url` said a moment ago. Without it, what `part` knows.
    policy : Policy, optional
        How patient to be.
    on_bytes : callable, optional
        Told of progress as ``on_bytes(done, all_or_none)``, in bytes of the range.

    Yields
    ------
    bytes
        At most 256 KiB at a time.

    Raises
    ------
    RetriesExhausted
        If too many tries in a row were interrupted; the part is kept.
    Changed
        If the remote file changed after bytes were handed out; the part is empty.
    RangesUnsupported
        If a range was wanted and the server does not serve it.
    Refused
        If no further try can help.
    OSError
        If the disk is full; the part is kept.
    """
    policy = policy or Policy()
    whole = start == 0 and end is None
    facts = _tie(part.facts if seen == UNKNOWN else seen, part)
    if _is_useless(part, facts, size, None if end is None else end - start):
        part.reset()
        facts = _tie(seen, part)
    patience = Patience(url, policy)
    ranges = True
    handed = 0

    def count(chunk: bytes) -> bytes:
        nonlocal handed
        handed += len(chunk)
        if on_bytes is not None:
            on_bytes(handed, wanted)
        return chunk

    wanted = _measure(start, end, facts, size)
    with Session() as session:
        while wanted is None or part.size < wanted:
            part.resumed = part.resumed or part.size > 0
            plain = whole and not (ranges and part.size)
            span = None if plain else Span(start + part.size, end)
            try:
                with ask(session, url, span, facts, policy) as answer:
                    _check_size(answer, size)
                    told = _tie(answer.facts, part)
                    change = facts.find_contradiction(told)
                    if change is not None:
                        part.reset()
                        if handed or not whole:
                            raise Changed(url, change)
                        # Nobody has seen a byte yet: begin anew without a word.
                        facts = UNKNOWN
                        if answer.partial:
                            continue
                    if not answer.partial and not whole:
                        raise RangesUnsupported(
                            url, "the server ignores ranges of bytes", answer.length
                        )
                    facts = facts.updated_by(told)
                    wanted = _measure(start, end, facts, size)
                    if wanted is not None:
                        check_room(url, part.path.parent, wanted - part.size)
                    part.note(facts)
                    if not handed:
                        for chunk in part.read():
                            yield count(chunk)
                    # A server that ignores ranges sends once more what is there.
                    repeated = start + part.size - answer.first
                    begun, had = policy.clock(), part.size
                    try:
                        for chunk in answer.read(facts.total if size is None else size):
                            fresh = chunk[repeated:]
                            repeated -= len(chunk) - len(fresh)
                            if fresh:
                                if wanted is None:
                                    check_room(url, part.path.parent, None)
                                part.append(fresh)
                                patience.credit(len(fresh))
                                yield count(fresh)
                    except Interrupted as fault:
                        if part.size == had:  # all of it came for nothing
                            fault.lost = policy.clock() - begun
                        raise
                    if repeated > 0:
                        raise Interrupted("the connection closed early")
                    wanted = part.size
            except Interrupted as fault:
                patience.spend(fault)
            except RangesUnsupported:
                if not whole or not ranges:
                    raise
                ranges = False
            except NoRoom as fault:
                if fault.coming is None:
                    part.reset()
                raise
    if not handed:
        for chunk in part.read():
            yield count(chunk)


def _is_useless(part: Part, facts: Facts, size: int | None, room: int | None) -> bool:
    """Tell whether nothing ties the bytes in a part to the file at hand."""
    known = facts.total if size is None else size
    limit = known if room is None else room
    if limit is not None and part.size > limit:
        return True
    if size is not None and facts.total not in (None, size):
        return True
    # Days may have passed since: a file that cannot be recognised is taken afresh.
    recognised = part.pinned or facts.validator is not None
    return not recognised and size is None and room is None


def _tie(facts: Facts, part: Part) -> Facts:
    """Return what must stay as it is: of a file that a hash decides on, its size."""
    return Facts(total=facts.total) if part.pinned else facts


def _measure(start: int, end: int | None, facts: Facts, size: int | None) -> int | None:
    """Work out how many bytes are wanted, as far as that is known."""
    total = facts.total if size is None else size
    if end is None:
        return None if total is None else total - start
    return (end if total is None else min(end, total)) - start


def _check_size(answer: Answer, size: int | None) -> None:
    total = answer.facts.total
    if size is not None and total not in (None, size):
        raise Refused(
            answer.url,
            f"the file has {total} bytes there, expected {size}: it is another one",
        )


@dataclass(frozen=True, slots=True)
class Piece:
    """A few bytes of a remote file, held in memory.

    Attributes
    ----------
    data : bytes
        They themselves.
    first : int
        Offset of the first one in the file.
    facts : Facts
        What the server says of the file.
    """

    data: bytes
    first: int
    facts: Facts


def read_span(
    url: str, span: Span, *, seen: Facts = UNKNOWN, policy: Policy | None = None
) -> Piece:
    """Read a small range of a remote file, with retries.

    Parameters
    ----------
    url : str
        ``https:`` or ``http:``.
    span : Span
        Which bytes; small enough for memory.
    seen : Facts, optional
        What an earlier answer said of the file, which must still hold.
    policy : Policy, optional
        How patient to be.

    Raises
    ------
    RetriesExhausted, Changed, RangesUnsupported, Refused
        As for `stream`; `RangesUnsupported` tells the file's size if it is known.
    """
    policy = policy or Policy()
    patience = Patience(url, policy)
    with Session() as session:
        while True:
            try:
                with ask(session, url, span, seen, policy) as answer:
                    change = seen.find_contradiction(answer.facts)
                    if change is not None:
                        raise Changed(url, change)
                    if not answer.partial:
                        raise RangesUnsupported(
                            url, "the server ignores ranges of bytes", answer.length
                        )
                    data = b"".join(answer.read())
                    return Piece(data, answer.first, seen.updated_by(answer.facts))
            except Interrupted as fault:
                patience.spend(fault)


def probe(url: str, *, policy: Policy | None = None) -> Facts:
    """Ask what a server says of a file, at the cost of one byte.

    By a GET of the first byte and never by a HEAD, which some servers answer wrongly.

    Parameters
    ----------
    url : str
        ``https:`` or ``http:``.
    policy : Policy, optional
        How patient to be.

    Returns
    -------
    Facts
        Size and validators, as far as the server tells them.

    Raises
    ------
    RetriesExhausted, Refused
        As for `stream`.
    """
    policy = policy or Policy()
    patience = Patience(url, policy)
    span: Span | None = Span(0, 1)
    with Session() as session:
        while True:
            try:
                with ask(session, url, span, UNKNOWN, policy) as answer:
                    return answer.facts
            except RangesUnsupported:
                span = None
            except Interrupted as fault:
                patience.spend(fault)


def restarting(attempt: Callable[[], T], policy: Policy | None = None) -> T:
    """Call `attempt` until it ends otherwise than in `Changed`.

    Parameters
    ----------
    attempt : callable
        Takes all the bytes and makes something of them, from the beginning.
    policy : Policy, optional
        Its `restarts` is how often to begin again.

    Returns
    -------
    object
        What `attempt` returns.

    Raises
    ------
    Refused
        If it ended in `Changed` each time.
    """
    policy = policy or Policy()
    for _ in range(policy.restarts):
        try:
            return attempt()
        except Changed:
            continue
    try:
        return attempt()
    except Changed as change:
        raise Refused(
            change.url,
            f"{change.reason}; begun {policy.restarts + 1} times, each in vain: "
            "choose another source or try later",
        ) from None
