"""A real HTTP server on loopback that misbehaves on request, and counts.

Every resource is served as RFC 9110 wants it, with ranges, If-Range and ETag, until a
fault is queued for its path. A fault is used up by one request, unless it is queued
for many.
"""

import fcntl
import os
import select
import socket
import ssl
import struct
import termios
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

BLOCK = 1 << 14


@dataclass
class Resource:
    """What is served under a path.

    Attributes
    ----------
    data : bytes
        The body.
    etag, modified : str or None
        Its validators, as they are sent.
    kind : str
        Its Content-Type.
    ranges : {"all", "no suffix", "none", "wrong"}
        Which ranges are served; "wrong" serves others than requested.
    refusal : int
        Status for ranges that are not served; 200 ignores them.
    framing : {"length", "chunked", "close"}
        How the end of the body is told.
    """

    data: bytes
    etag: str | None = '"v1"'
    modified: str | None = None
    kind: str = "application/octet-stream"
    ranges: str = "all"
    refusal: int = 200
    framing: str = "length"
    faults: deque["Fault"] = field(default_factory=deque)


@dataclass(frozen=True)
class Fault:
    """What goes wrong with one answer.

    Attributes
    ----------
    kind : str
        "status", "redirect", "headers", "become": what is answered; "cut", "reset",
        "stall", "drip": how the body ends after `at` bytes; "endless": it does not.
    at : int
        Bytes of the body that are sent in good order.
    status : int
        For "status" and "redirect"; for "endless", unless it is left alone.
    headers : dict of str
        Sent along, in place of those of the same name.
    change : dict
        For "become": new attributes of the resource, before it is served.
    """

    kind: str
    at: int = 0
    status: int = 503
    headers: dict[str, str] = field(default_factory=dict)
    change: dict[str, Any] = field(default_factory=dict)


@dataclass
class Seen:
    """A request that came, and how much was sent in answer."""

    method: str
    path: str
    headers: dict[str, str]
    status: int = 0
    sent: int = 0

    @property
    def range(self) -> str | None:
        """Its Range header."""
        return self.headers.get("Range")


class Tally:
    """How many connections clients had open at the same time, at most."""

    def __init__(self) -> None:
        self.most = 0
        self._open: list[socket.socket] = []
        self._lock = threading.Lock()

    def add(self, connection: socket.socket) -> None:
        """Count a connection, beside those that are open now."""
        with self._lock:
            self._open.append(connection)
        self.most = max(self.most, self.count_open())

    def count_open(self) -> int:
        """Return how many neither side has closed: the server may notice it later."""
        with self._lock:
            self._open = [one for one in self._open if _is_open(one)]
            return len(self._open)


def _is_open(connection: socket.socket) -> bool:
    """Return whether neither side has closed a connection."""
    if (descriptor := connection.fileno()) < 0:
        return False
    poll = select.poll()
    poll.register(descriptor, select.POLLRDHUP)
    return not poll.poll(0)


class FaultServer:
    """The server; a context manager.

    Parameters
    ----------
    context : ssl.SSLContext, optional
        To speak TLS with.
    """

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self.resources: dict[str, Resource] = {}
        self.seen: list[Seen] = []
        self.connections = 0
        self.tallies = [Tally()]
        self.closing = threading.Event()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.owner = self
        # Small, as is what lies between two hosts: what counts as sent has then all but
        # arrived, also where the client is killed.
        self._server.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 16)
        scheme = "http"
        if context is not None:
            scheme = "https"
            self._server.socket = context.wrap_socket(
                self._server.socket, server_side=True
            )
        self.port = int(self._server.server_address[1])
        self.base = f"{scheme}://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def add(self, path: str, data: bytes, **settings: Any) -> str:
        """Serve `data` under `path`; the settings are those of `Resource`."""
        self.resources[path] = Resource(data, **settings)
        return self.base + path

    def url(self, name: str, content: Path | bytes, cut: int | None = None) -> str:
        """Serve a file whole, without ranges; break off after `cut` bytes if given."""
        data = content if isinstance(content, bytes) else content.read_bytes()
        url = self.add(f"/{name}", data, etag=None, ranges="none")
        if cut is not None:
            self.spoil(f"/{name}", "cut", at=cut, times=100)
        return url

    def spoil(self, path: str, kind: str, *, times: int = 1, **settings: Any) -> None:
        """Queue a fault for the next requests of `path`."""
        for _ in range(times):
            self.resources[path].faults.append(Fault(kind, **settings))

    @property
    def requests(self) -> list[str]:
        """The paths of all requests so far."""
        return [seen.path for seen in self.seen]

    @property
    def sent(self) -> int:
        """Bytes of all bodies sent so far."""
        return sum(seen.sent for seen in self.seen)

    @property
    def ranges(self) -> list[str | None]:
        """The Range headers of all requests so far."""
        return [seen.range for seen in self.seen]


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    owner: FaultServer

    def process_request(self, request: Any, address: Any) -> None:
        self.owner.connections += 1
        for tally in self.owner.tallies:
            tally.add(request)
        super().process_request(request, address)

    def handle_error(self, *_: object) -> None:
        pass  # clients that hang up are what is tested here


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 10
    server: _Server

    def log_message(self, *_: object) -> None:
        pass

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def _answer(self) -> None:
        owner = self.server.owner
        self.seen = Seen(self.command, self.path, dict(self.headers.items()))
        owner.seen.append(self.seen)
        resource = owner.resources.get(self.path)
        if resource is None:
            self._send_head(404, {"Content-Length": "0"})
            return
        fault = resource.faults.popleft() if resource.faults else Fault("none")
        for name, value in fault.change.items():
            setattr(resource, name, value)
        if fault.kind in ("status", "redirect"):
            self._send_head(fault.status, {"Content-Length": "0"} | fault.headers)
            return
        status, headers, body = self._choose(resource)
        if fault.kind == "endless":
            headers.pop("Content-Length", None)
            status = 302 if fault.status == 302 else status
        if "Content-Length" not in headers:
            self.close_connection = True
        self._send_head(status, headers | fault.headers)
        if self.command == "HEAD":
            return
        self._send_body(body, fault, resource)

    def _choose(self, resource: Resource) -> tuple[int, dict[str, str], bytes]:
        total = len(resource.data)
        headers = {"Content-Type": resource.kind}
        if resource.etag is not None:
            headers["ETag"] = resource.etag
        if resource.modified is not None:
            headers["Last-Modified"] = resource.modified
        wanted = self.headers.get("Range")
        condition = self.headers.get("If-Range")
        if condition not in (None, resource.etag, resource.modified):
            wanted = None
        suffix = wanted is not None and wanted.startswith("bytes=-")
        refused = resource.ranges in ("none", "no suffix" if suffix else "none")
        status, body = 200, resource.data
        if wanted is not None and refused and resource.refusal != 200:
            status, body = resource.refusal, b""
        elif wanted is not None and not refused:
            left, right = wanted.removeprefix("bytes=").split("-")
            if suffix:
                first, end = max(total - int(right), 0), total
            else:
                first, end = int(left), min(int(right) + 1, total) if right else total
            if resource.ranges == "wrong":
                first = max(first - 7, 0)
            if first >= end:
                return 416, {"Content-Range": f"bytes */{total}"}, b""
            status, body = 206, resource.data[first:end]
            headers["Content-Range"] = f"bytes {first}-{end - 1}/{total}"
        if resource.framing == "length":
            headers["Content-Length"] = str(len(body))
        elif resource.framing == "chunked":
            headers["Transfer-Encoding"] = "chunked"
        return status, headers, body

    def _send_head(self, status: int, headers: dict[str, str]) -> None:
        self.seen.status = status
        self.send_response(status)
        for name, value in headers.items():
            if name != "Date":
                self.send_header(name, value)
        self.end_headers()

    def _send_body(self, body: bytes, fault: Fault, resource: Resource) -> None:
        chunked = resource.framing == "chunked" and fault.kind != "endless"
        broken = fault.kind in ("cut", "reset", "stall", "drip")
        good = body[: fault.at] if broken else body
        for at in range(0, len(good), BLOCK):
            self._send(good[at : at + BLOCK], chunked)
        if broken:
            self.close_connection = True
        if fault.kind == "reset":
            self._reset()
        elif fault.kind == "stall":
            self.server.owner.closing.wait(10)
        elif fault.kind == "drip":
            for at in range(fault.at, len(body)):
                if self.server.owner.closing.wait(0.01):
                    return
                self._send(body[at : at + 1], chunked)
        elif fault.kind == "endless":
            while not self.server.owner.closing.is_set():
                self._send(b"\0" * BLOCK, False)
        elif chunked and not broken:
            self.wfile.write(b"0\r\n\r\n")

    def _send(self, data: bytes, chunked: bool) -> None:
        if chunked:
            data = b"%x\r\n%b\r\n" % (len(data), data)
        # Counted first: a client may be done before this thread continues.
        self.seen.sent += len(data)
        self.wfile.write(data)

    def _reset(self) -> None:
        """Break the connection off with a RST in place of a FIN."""
        # What this machine has not sent yet dies with the connection, and would be
        # counted though it never moved.
        number = self.connection.fileno()
        for _ in range(200):
            waiting = fcntl.ioctl(number, termios.TIOCOUTQ, struct.pack("i", 0))
            if not struct.unpack("i", waiting)[0]:
                break
            time.sleep(0.005)
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        os.close(self.connection.detach())
