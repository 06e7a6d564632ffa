"""Ask sources whether they still have what the registry says, without fetching it."""

import os
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal, get_args

from ..cache.files import open_regular
from ..errors import FetchError, FormatError
from ..registry import Resource, Source, is_zip
from ..registry.schemes import find_scheme
from .archives import TAR_HEADER_BYTES
from .containers import find_container, find_zipped
from .http import (
    BadArchive,
    Facts,
    NoConnection,
    RangesUnsupported,
    RemoteArchive,
    RetriesExhausted,
    TransportError,
)
from .openers import load_opener
from .sources import is_offline
from .survey import LIMIT, Answer, Question, ask_all

State = Literal["wrong", "unreachable", "unchecked", "ok"]
"""What became of a check.

``wrong`` means that the source answered, and has no such file or another one, so that
its entry must be corrected; ``unreachable`` that it may be right: the host did not
answer, or answered that it cannot serve now; ``unchecked`` that there is no way to ask.
"""

STATES: tuple[State, ...] = get_args(State)

_Result = tuple[State, str]


@dataclass(frozen=True, slots=True)
class SourceCheck:
    """Result of checking one source of one entry, ``name`` or ``name@revision``.

    `detail` is a sentence that says what was seen, or what is wrong.
    """

    name: str
    url: str
    state: State
    detail: str


def check_sources(
    resources: Iterable[Resource], on_check: Callable[[int, int], None] | None = None
) -> list[SourceCheck]:
    """Check every source of some entries, by small requests for ranges of bytes.

    ``ok`` means that the source answers, that an archive has the member, and that both
    have the registered sizes where the entry states them; not that the bytes are the
    right ones. A file of several entries is asked for once, and each host by a few
    connections.

    Parameters
    ----------
    resources : iterable of Variant or Benchmark
    on_check : callable, optional
        Called with the number of sources that are done, and that of all.

    Returns
    -------
    list of SourceCheck
        In the order of the entries and of their sources.
    """
    pairs = [(each, source) for each in resources for source in each.sources]
    results: dict[int, _Result] = {}
    remote: dict[Question, list[int]] = defaultdict(list)
    for number, pair in enumerate(pairs):
        planned = _plan(*pair)
        if isinstance(planned, Question):
            remote[planned].append(number)
        else:
            results[number] = planned
    if on_check is not None:
        on_check(len(results), len(pairs))
    for question, answer in ask_all(remote):
        for number in remote[question]:
            results[number] = _judge(*pairs[number], answer)
        if on_check is not None:
            on_check(len(results), len(pairs))
    return [
        SourceCheck(resource.reference, source.url, *results[number])
        for number, (resource, source) in enumerate(pairs)
    ]


def have_failed(checks: Iterable[SourceCheck]) -> bool:
    """Return whether a source is wrong, or all hosts are unreachable.

    One host that is down for a while says nothing of the registry.
    """
    checks = list(checks)
    remote = {check.state for check in checks if not find_scheme(check.url).is_local}
    down = "unreachable" in remote and "ok" not in remote
    return down or any(check.state == "wrong" for check in checks)


def _plan(resource: Resource, source: Source) -> Question | _Result:
    """Return what to ask for a source, or the result if no server need be asked."""
    try:
        scheme = find_scheme(source.url)
        if scheme.is_local:
            return _check_file(resource, source)
        if is_offline():
            return "unchecked", "the network must not be used"
        if not scheme.ranges:
            return "unchecked", "it can only be fetched whole"
        zipped = is_zip(source, resource.member)
        return Question(
            Source(url=source.url, credentials=source.credentials),
            zipped,
            has_checksum=zipped and resource.member.sha256 is not None,
        )
    except (FetchError, FormatError) as error:
        return "wrong", str(error).removeprefix(f"{source.url}: ")


def _check_file(resource: Resource, source: Source) -> _Result:
    path = load_opener(source.url)(source.url)
    try:
        with open_regular(path) as file:
            size = os.fstat(file.fileno()).st_size
            container = find_container(file.read(TAR_HEADER_BYTES) or b"")
            if container not in (None, "zip") or not is_zip(source, resource.member):
                return _judge_file(resource, source, size)
            result = _compare("the file", source.bytes, size)
            if result[0] != "ok":
                return result
            found = find_zipped(file, resource.member.name)
    except OSError as error:
        if isinstance(error, FetchError):
            raise
        raise FetchError(f"the file cannot be read ({error.strerror})") from error
    return _compare(f"member {found.name}", resource.member.bytes, found.bytes)


def _judge(resource: Resource, source: Source, answer: Answer | None) -> _Result:
    """Compare what a server says of a source with its entry."""
    member = resource.member
    match answer:
        case None:
            return "unchecked", f"not asked within {LIMIT / 60:.0f} minutes"
        case RetriesExhausted() | NoConnection():
            return "unreachable", answer.reason
        case Facts():
            return _judge_file(resource, source, answer.total)
        case RangesUnsupported():
            state, detail = _compare("the archive", source.bytes, answer.total)
            if state == "ok" and source.bytes is None:
                state = "unchecked"
            return (
                state,
                f"{detail}; its members are unknown, as the server has no ranges",
            )
        case RemoteArchive():
            state, detail = _compare("the archive", source.bytes, answer.facts.total)
            if state != "ok":
                return state, detail
            try:
                found = answer.pick(member.name)
            except BadArchive as error:
                return "wrong", error.reason
            return _compare(f"member {found.name}", member.bytes, found.size)
        case TransportError():
            return "wrong", answer.reason
    # There is no way to ask from here, such as without a package or a token.
    return "unchecked", str(answer).removeprefix(f"{source.url}: ")


def _judge_file(resource: Resource, source: Source, size: int | None) -> _Result:
    """Compare the size of a file that is no zip archive with its entry."""
    state, detail = _compare("the file", source.bytes, size)
    if state == "ok" and resource.member.name:
        return "unchecked", f"{detail}; its members are unknown without reading it"
    return state, detail


def _compare(what: str, expected: int | None, found: int | None) -> _Result:
    """Compare a registered size with that of a file which exists."""
    if expected is None:
        size = "of unknown size" if found is None else f"of {found:,} bytes"
        return "ok", f"{what} exists, {size}; the entry states none"
    if found is None:
        return "unchecked", f"{what} exists, but its size is unknown"
    if found != expected:
        return "wrong", f"{what} has {found:,} bytes, expected {expected:,}"
    return "ok", f"{what} has {found:,} bytes, as expected"
