"""One GET, and an answer to it that is accepted only if it fits.

Everything that can be wrong with a single answer is recognised here: whether to try
again (`Interrupted`), to give up the URL (`Refused`) or to do without ranges of bytes
(`RangesUnsupported`).
"""

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from http import HTTPStatus
from http.client import HTTPException
from urllib.parse import urlsplit

import requests
import urllib3

from .errors import Interrupted, NoConnection, RangesUnsupported, Refused
from .part import Facts
from .policy import read_http_date
from .session import Session, explain

CHUNK = 1 << 18

# Of chunk sizes and trailers around a body.
_MAX_FRAMING = 1 << 20

_CONTENT_RANGE = re.compile(r"(?a)bytes (\d{1,19})-(\d{1,19})/(\d{1,19}|\*)")
_UNSATISFIED = re.compile(r"(?a)bytes \*/(\d{1,19})")
_LENGTH = re.compile(r"(?a)(\d{1,18})(?:\s*,\s*\1)*")
# What is sent back with the next request is neither long nor odd.
_STRONG_ETAG = re.compile(r'"[!#-~]{1,1024}"')
_DATE = re.compile(r"[ -~]{1,64}")
# The last two are raised by the libraries for odd chunks.
_BREAKS = (urllib3.exceptions.HTTPError, HTTPException, OSError, ValueError)
_CODINGS = {
    "Content-Encoding": ("", "identity"),
    "Transfer-Encoding": ("", "identity", "chunked"),
}
_AGAIN = (408, 425, 429)
# All other statuses of 4xx may be due to the Range and If-Range headers.
_ABOUT_THE_FILE = (401, 403, 404, 407, 410, 451, *_AGAIN)
_HINTS = {
    401: "it requires a user name: choose a public source",
    403: "access is forbidden: choose another source",
    404: "there is no such file: check the URL",
    407: "the proxy requires a user name: check HTTPS_PROXY",
    410: "the file is gone: choose another source",
}


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
    """An answer that fits the request; its body is still to be read."""

    url: str
    partial: bool  # the requested range (206), not the whole file (200)
    first: int  # offset in the file of the first byte of the body
    length: int | None  # bytes in the body, if the server says it
    facts: Facts  # what it says of the whole file
    response: requests.Response
    session: Session
    waited: float = 0.0  # seconds that it took to arrive

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
        policy = self.session.policy
        got = 0
        behind = 0.0
        while length is None or got < length + excess:
            room = CHUNK if length is None else min(CHUNK, length - got + excess)
            begun = policy.clock()
            try:
                chunk = self._receive(room)
            except _BREAKS as fault:
                if got == length:
                    return  # only the end marker of a chunked body is missing
                late = f"nothing of the file arrived for {policy.read_timeout:g} s"
                waited = policy.clock() - begun
                raise Interrupted(
                    explain(fault, policy, late), lost=self.waited + behind + waited
                ) from None
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

    def _receive(self, room: int) -> bytes:
        self.session.allowance.grant(
            self.session.policy.read_timeout, room + _MAX_FRAMING
        )
        # Not `read`, which waits for a full chunk, however slowly it drips.
        data: bytes = self.response.raw.read1(room, decode_content=False)
        return data


@contextmanager
def ask(
    session: Session, url: str, span: Span | None, known: Facts
) -> Iterator[Answer]:
    """Send one GET and yield the answer while its connection is open.

    Without a span the whole file is requested, without a Range header. The validator in
    `known` is sent as If-Range; its total completes a Content-Range. Raises
    `Interrupted` if another try may succeed and `Refused` if none will: as
    `RangesUnsupported` if one without `span` may.
    """
    headers = {}
    if span is not None:
        headers["Range"] = span.header
        if known.validator is not None:
            headers["If-Range"] = known.validator
    clock = session.policy.clock
    begun = clock()
    with ExitStack() as stack:
        try:
            response = session.follow(url, headers)
            stack.callback(response.close)
            answer = _check(url, response, span, known, session)
        except Interrupted as fault:
            fault.lost = clock() - begun
            raise
        yield replace(answer, waited=clock() - begun)


def _check(
    url: str,
    response: requests.Response,
    span: Span | None,
    known: Facts,
    session: Session,
) -> Answer:
    """Return the answer that a response is, if it fits the request."""
    status = response.status_code
    headers = response.headers
    if span is not None and (
        status == 501 or (400 <= status < 500 and status not in _ABOUT_THE_FILE)
    ):
        unsatisfied = _UNSATISFIED.fullmatch(headers.get("Content-Range", ""))
        raise RangesUnsupported(
            url,
            f"the server refuses ranges of bytes (status {status})",
            int(unsatisfied[1]) if unsatisfied else None,
        )
    if status in _AGAIN or status >= 500:
        wait = session.policy.read_retry_after(
            headers.get("Retry-After"), headers.get("Date")
        )
        raise Interrupted(f"the server answered {_name_status(status)}", wait=wait)
    if status not in (200, 206):
        hint = _HINTS.get(status, "choose another source")
        # Of these statuses, only that of a proxy says nothing of the file.
        refusal = NoConnection if status == 407 else Refused
        raise refusal(url, f"the server answered {_name_status(status)}; {hint}")
    for name, known_codings in _CODINGS.items():
        if headers.get(name, "").strip().lower() not in known_codings:
            raise Refused(
                url,
                f"the server compresses the transfer ({name}) although it was asked "
                "not to: choose another source",
            )
    kind = headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind in ("text/html", "application/xhtml+xml") and not _is_page(url):
        raise Refused(
            url,
            "the server sent an HTML page in place of the file: open the URL in a "
            "browser to see what it says, or choose another source",
        )
    length = _read_length(url, response)
    etag, modified = _read_validators(response)
    if status == 200:
        facts = Facts(etag=etag, modified=modified, total=length)
        return Answer(url, False, 0, length, facts, response, session)
    if span is None:
        raise Refused(
            url, "the server sent a part although the whole file was requested"
        )
    found = _CONTENT_RANGE.fullmatch(headers.get("Content-Range", ""))
    total = None if found is None or found[3] == "*" else int(found[3])
    place = span.place(known.total if total is None else total)
    # RFC 9110, 15.3.7: it may be less than was requested, which is useless here.
    if (
        found is None
        or place != (int(found[1]), int(found[2]) + 1)
        or place[0] >= place[1]
        or length not in (None, place[1] - place[0])
    ):
        raise RangesUnsupported(
            url, "the server sent another range of bytes than was requested", total
        )
    facts = Facts(etag=etag, modified=modified, total=total)
    length = place[1] - place[0]
    return Answer(url, True, place[0], length, facts, response, session)


def _read_length(url: str, response: requests.Response) -> int | None:
    text = response.headers.get("Content-Length")
    # RFC 9112, 6.3: with a transfer coding, Content-Length means nothing.
    if text is None or "Transfer-Encoding" in response.headers:
        return None
    found = _LENGTH.fullmatch(text.strip())
    if found is None:
        raise Refused(
            url, "its answer has an invalid Content-Length: choose another source"
        )
    return int(found[1])


def _read_validators(response: requests.Response) -> tuple[str | None, str | None]:
    """Return ETag and Last-Modified, if they are strong (RFC 9110, 8.8)."""
    etag = response.headers.get("ETag")
    if etag is not None and not _STRONG_ETAG.fullmatch(etag):
        etag = None
    modified = response.headers.get("Last-Modified")
    if modified is not None:
        changed = read_http_date(modified) if _DATE.fullmatch(modified) else None
        sent = read_http_date(response.headers.get("Date", ""))
        # Within one second a file can change twice (8.8.2.2).
        if changed is None or (sent is not None and sent - changed < 1):
            modified = None
    return etag, modified


def _is_page(url: str) -> bool:
    return urlsplit(url).path.lower().endswith((".html", ".htm", ".xhtml"))


def _name_status(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)
