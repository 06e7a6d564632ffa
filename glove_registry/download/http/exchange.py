"""One GET, and an answer to it that is accepted only if it fits.

Everything that can be wrong with a single answer is recognised here: whether to try
again (`Interrupted`), to give up the URL (`Refused`) or to do without ranges of bytes
(`RangesUnsupported`).
"""

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from http import HTTPStatus
from http.client import HTTPException
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3

from .answer import Answer, Span
from .authorization import Authorization, ExplainRefusal, get_origin
from .errors import Interrupted, NoConnection, RangesUnsupported, Refused
from .part import Facts
from .policy import Policy, read_http_date
from .session import AGAIN, PROXY_LOGIN, REDIRECTS, Session, explain

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
# All other statuses of 4xx may be due to the Range and If-Range headers.
_ABOUT_THE_FILE = (401, 403, 404, 407, 410, 451, *AGAIN)
_HINTS = {
    401: "it requires a user name: put yours into a netrc file and `credentials: "
    "environment` into the entry, or choose a public source",
    403: "access is forbidden: choose another source",
    404: "there is no such file: check the URL",
    407: PROXY_LOGIN,
    410: "the file is gone: choose another source",
}


class Web:
    """The transport of ``https:`` and ``http:``.

    `authorization` is sent to its origin alone. `explain_refusal` takes the status and
    the headers of a refusal by the host of the URL, and returns what to do about it,
    None if it does not know better.
    """

    def __init__(
        self,
        policy: Policy,
        authorization: Authorization | None = None,
        explain_refusal: ExplainRefusal | None = None,
    ) -> None:
        self._policy = policy
        self._session = Session(policy, authorization)
        self._explain_refusal = explain_refusal

    def close(self) -> None:
        """Close all connections."""
        self._session.close()

    @contextmanager
    def ask(self, url: str, span: Span | None, known: Facts) -> Iterator[Answer]:
        """Send one GET and yield the answer while its connection is open.

        Without a span the whole file is requested, without a Range header. The
        validator in `known` is sent as If-Range; its total completes a Content-Range.
        Raises `Interrupted` if another try may succeed and `Refused` if none will: as
        `RangesUnsupported` if one without `span` may.
        """
        headers = {}
        if span is not None:
            headers["Range"] = span.header
            if known.validator is not None:
                headers["If-Range"] = known.validator
        with self._send(url, span, headers=headers) as (response, waited):
            yield self._read(url, response, span, known, waited)

    def read_header(self, url: str, name: str) -> str | None:
        """Return a header of the answer to a HEAD, or of the first redirect with it.

        Such a redirect is not followed. Raises `Interrupted` and `Refused` as `ask`.
        """
        with self._send(url, None, method="HEAD", until=name) as (response, _):
            return response.headers.get(name)

    @contextmanager
    def _send(
        self, url: str, span: Span | None, **how: Any
    ) -> Iterator[tuple[requests.Response, float]]:
        begun = self._policy.clock()
        with ExitStack() as stack:
            try:
                response = self._session.follow(url, **how)
                stack.callback(response.close)
                self._check_status(url, response, span)
            except Interrupted as fault:
                fault.lost = self._policy.clock() - begun
                raise
            yield response, self._policy.clock() - begun

    def _check_status(
        self, url: str, response: requests.Response, span: Span | None
    ) -> None:
        status, headers = response.status_code, response.headers
        if span is not None and (
            status == 501 or (400 <= status < 500 and status not in _ABOUT_THE_FILE)
        ):
            unsatisfied = _UNSATISFIED.fullmatch(headers.get("Content-Range", ""))
            raise RangesUnsupported(
                url,
                f"the server refuses ranges of bytes (status {status})",
                int(unsatisfied[1]) if unsatisfied else None,
            )
        if status in AGAIN or status >= 500:
            wait = self._policy.read_retry_after(
                headers.get("Retry-After"), headers.get("Date")
            )
            raise Interrupted(f"the server answered {_name_status(status)}", wait=wait)
        if status in (200, 206, *REDIRECTS):
            return
        hint = None
        if self._explain_refusal and get_origin(response.url) == get_origin(url):
            hint = self._explain_refusal(status, headers)
        hint = hint or _HINTS.get(status, "choose another source")
        # Of these statuses, only that of a proxy says nothing of the file.
        refusal = NoConnection if status == 407 else Refused
        raise refusal(url, f"the server answered {_name_status(status)}; {hint}")

    def _read(
        self,
        url: str,
        response: requests.Response,
        span: Span | None,
        known: Facts,
        waited: float,
    ) -> Answer:
        """Return the answer that a response is, if it fits the request."""
        headers = response.headers
        for name, known_codings in _CODINGS.items():
            if headers.get(name, "").strip().lower() not in known_codings:
                raise Refused(
                    url,
                    f"the server compresses the transfer ({name}) although it was "
                    "asked not to: choose another source",
                )
        kind = headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if kind in ("text/html", "application/xhtml+xml") and not _is_page(url):
            raise Refused(
                url,
                "the server sent an HTML page in place of the file: open the URL in a "
                "browser to see what it says, or choose another source",
            )
        length = _read_length(url, response)
        make = partial(
            Answer,
            url,
            policy=self._policy,
            receive=partial(self._receive, response),
            waited=waited,
        )
        etag, modified = _read_validators(response)
        if response.status_code == 200:
            facts = Facts(etag=etag, modified=modified, total=length)
            return make(False, 0, length, facts)
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
        return make(True, place[0], length, facts)

    def _receive(self, response: requests.Response, room: int) -> bytes:
        policy = self._policy
        self._session.allowance.grant(policy.read_timeout, room + _MAX_FRAMING)
        try:
            # Not `read`, which waits for a full chunk, however slowly it drips.
            data: bytes = response.raw.read1(room, decode_content=False)
        except _BREAKS as fault:
            late = f"nothing of the file arrived for {policy.read_timeout:g} s"
            raise Interrupted(explain(fault, policy, late)) from None
        return data


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
