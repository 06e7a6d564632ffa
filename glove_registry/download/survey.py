"""Ask servers for the sizes of many files at once, with few connections to each."""

import math
import time
from collections import deque
from collections.abc import Generator, Iterable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TypeVar
from urllib.parse import urlsplit

from ..errors import FetchError
from ..registry import Source
from .http import (
    BadArchive,
    Client,
    Facts,
    NoConnection,
    Policy,
    RemoteArchive,
    RetriesExhausted,
    Web,
    read_archive,
)
from .remote import is_packed_otherwise, locate

T = TypeVar("T")

# Connections at the same time. A host that serves a hundred files sees no more than a
# browser opens.
PER_HOST = 4
IN_ALL = 16

# Questions in a row that a host leaves without an answer before it is given up.
FAILURES = 5

# Seconds. Many files may be on a host that is down, and a check can be repeated.
_PATIENCE = 10.0
LIMIT = 900.0


@dataclass(frozen=True, slots=True)
class Question:
    """What to ask: the size of a file or, if it is a zip archive, its directory.

    `is_zip` is whether it is one as far as the entry tells.
    `source` has the URL, and whether it needs credentials. `has_checksum` is whether a
    checksum verifies what is taken from the archive.
    """

    source: Source
    is_zip: bool = False
    has_checksum: bool = False


Answer = Facts | RemoteArchive | FetchError
"""What a server says of a file or an archive, or why it does not."""


def ask_all(
    questions: Iterable[Question],
) -> Generator[tuple[Question, Answer | None], None, None]:
    """Yield each question with its answer, as these arrive.

    The answer is None if the time for all of them is over. A host that leaves several
    questions in a row without an answer is not asked the rest. Connections are counted
    by the hosts of the URLs; where redirects lead, each has one more at most.
    """
    hosts: dict[str, _Host] = {}
    for question in questions:
        # A scheme without hosts has one of its own.
        scheme, host_name, *_ = urlsplit(question.source.url)
        host = hosts.setdefault(host_name.lower() or scheme, _Host())
        host.questions.append(question)
    count = sum(len(host.questions) for host in hosts.values())
    # Each host gets its first connection before any gets its second.
    lanes = deque(
        host
        for number in range(PER_HOST)
        for host in hosts.values()
        if len(host.questions) > number
    )
    found: SimpleQueue[tuple[Question, Answer | BaseException | None]] = SimpleQueue()
    until = time.monotonic() + LIMIT

    def work() -> None:
        while (host := _pop(lanes)) is not None:
            with Client(_make_policy()) as client:
                while (question := _pop(host.questions)) is not None:
                    late = time.monotonic() > until
                    try:
                        answer = None if late else host.ask(client, question)
                    except BaseException as error:
                        found.put((question, error))
                    else:
                        found.put((question, answer))

    for _ in range(min(IN_ALL, len(lanes))):
        # Threads that the process does not wait for when it is interrupted.
        Thread(target=work, name="glove_registry check", daemon=True).start()
    try:
        for _ in range(count):
            question, answer = _take(found)
            if isinstance(answer, BaseException) and not isinstance(answer, Answer):
                raise answer
            yield question, answer
    finally:
        lanes.clear()
        for host in hosts.values():
            host.questions.clear()


@dataclass(slots=True)
class _Host:
    """The questions for one host, and how many in a row it left without an answer."""

    questions: deque[Question] = field(default_factory=deque)
    failures: int = 0

    def ask(self, client: Client, question: Question) -> Answer:
        """Return the answer to a question, or why there is none."""
        if self.failures >= FAILURES:
            return NoConnection(
                question.source.url,
                f"not asked, as its host left {FAILURES} requests in a row without an "
                "answer",
            )
        answer = _ask(client, question)
        silent = isinstance(answer, RetriesExhausted | NoConnection)
        self.failures = self.failures + 1 if silent else 0
        return answer


def _ask(client: Client, question: Question) -> Answer:
    """Ask by a client for the web, or by another one if that does not lead there."""
    try:
        remote = locate(question.source, client.policy)
        with ExitStack() as stack:
            if remote.connect is not Web:
                client = stack.enter_context(remote.open_client())
            if not question.is_zip:
                return client.probe(remote.url)
            has_checksum = question.has_checksum
            try:
                return read_archive(client, remote.url, has_checksum=has_checksum)
            except BadArchive:
                if not is_packed_otherwise(client, remote.url):
                    raise
                return client.probe(remote.url)
    except FetchError as error:
        return error


def _make_policy() -> Policy:
    return replace(
        Client.policy,
        patience=_PATIENCE,
        connect_timeout=_PATIENCE,
        answer_timeout=_PATIENCE,
        read_timeout=_PATIENCE,
        told_wait=math.inf,
    )


def _take(found: SimpleQueue[T]) -> T:
    """Return what arrives next."""
    while True:
        # A wait does not end by a Ctrl-C that comes just before it: the next one does.
        with suppress(Empty):
            return found.get(timeout=1)


def _pop(queue: deque[T]) -> T | None:
    """Return the next one; None if there is none, or another thread took it."""
    try:
        return queue.popleft()
    except IndexError:
        return None
