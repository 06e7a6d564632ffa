"""A server that draws its answer out is given up, whatever it draws out."""

import re
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from entries import SMALL, sha256, write_registry
from fault_server import FaultServer
from raw_server import RawServer
from transfers import DATA, take

import glove_registry
from glove_registry.download.http.client import Client
from glove_registry.download.http.deadline import call_within, watch
from glove_registry.download.http.errors import (
    Interrupted,
    RetriesExhausted,
    TransportError,
)
from glove_registry.download.http.policy import Policy

HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
# What is sent at once, what comes one byte at a time, what comes as fast as it can.
DRAWN_OUT = {
    "nothing": (b"", b"", b""),
    "status line": (b"", HEAD[:-2].ljust(500, b"x"), b""),
    "status line at full speed": (b"", b"", b"HTTP/1.1 200 " + b"x" * 1000),
    "header": (HEAD, b"X-A: " + b"a" * 500, b""),
    "headers": (HEAD, b"X-A: a\r\n", b""),
    "headers at full speed": (HEAD, b"", b"X-A: " + b"a" * 60_000 + b"\r\n"),
    "100 Continue": (b"", b"HTTP/1.1 100 Continue\r\n\r\n", b""),
    "100 Continue at full speed": (b"", b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 100),
    "103 Early Hints": (b"", b"HTTP/1.1 103 Early Hints\r\n\r\n", b""),
    "size of a chunk": (CHUNKED, b"0" * 500, b""),
    "extension of a chunk": (CHUNKED + b"3;", b"x" * 500, b""),
    "extensions at full speed": (CHUNKED, b"", b"1;" + b"x" * 60_000 + b"\r\na\r\n"),
    "trailers": (CHUNKED + b"3\r\nabc\r\n0\r\n", b"X-A: a\r\n", b""),
    "trailers at full speed": (CHUNKED + b"3\r\nabc\r\n0\r\n", b"", b"X: a\r\n" * 999),
    "headers of a redirect": (
        b"HTTP/1.1 302 Found\r\nLocation: /g\r\n",
        b"X-A: a\r\n",
        b"",
    ),
}


@pytest.fixture
def hasty(policy: Policy) -> Policy:
    """A policy that allows one try."""
    return replace(
        policy,
        answer_timeout=0.3,
        read_timeout=0.3,
        patience=0.0,
        undeclared_limit=1 << 20,
    )


def draw_out(server: RawServer, what: str) -> Callable[[bytes], Iterator[bytes]]:
    """Make a script that answers so."""
    at_once, slowly, fast = DRAWN_OUT[what]

    def script(request: bytes) -> Iterator[bytes]:
        yield at_once
        if fast:
            while not server.closing.is_set():
                yield fast
        yield from server.drip(slowly or b"")
        server.closing.wait(20)

    return script


@pytest.mark.parametrize("what", DRAWN_OUT)
def test_no_answer_is_waited_for_without_end(
    what: str, tmp_path: Path, hasty: Policy
) -> None:
    """Whatever part of an answer drips or never ends, the try ends in time."""
    with RawServer(lambda request: iter(())) as server:
        server.script = draw_out(server, what)
        begun = time.monotonic()
        with pytest.raises(TransportError, match=re.escape(server.url)):
            take(server.url, tmp_path, hasty)
        assert time.monotonic() - begun < 5


@pytest.mark.parametrize(
    ("where", "count", "is_read"),
    [
        *[("headers", 14, True), ("headers", 19, False)],
        # Part of these is counted as what could be bytes of the file.
        *[("trailers", 14, True), ("trailers", 22, False)],
    ],
)
def test_a_mebibyte_of_headers_is_enough(
    where: str, count: int, is_read: bool, tmp_path: Path, hasty: Policy
) -> None:
    """Up to a MiB of headers or trailers is read, and more is not taken."""
    lines = (b"X-A: " + b"a" * 65_000 + b"\r\n") * count

    def script(request: bytes) -> Iterator[bytes]:
        if where == "headers":
            yield HEAD + lines + b"Content-Length: 3\r\n\r\nabc"
        else:
            yield CHUNKED + b"3\r\nabc\r\n0\r\n" + lines + b"\r\n"

    with RawServer(script) as server:
        if is_read:
            assert take(server.url, tmp_path, replace(hasty, read_timeout=5)) == b"abc"
        else:
            with pytest.raises(RetriesExhausted, match="far more headers"):
                take(server.url, tmp_path, replace(hasty, answer_timeout=5))


def test_what_comes_too_late_is_dropped() -> None:
    """The result of work that was given up is passed on to be closed."""
    release, dropped = threading.Event(), threading.Event()
    late: list[str] = []

    def drop(result: str) -> None:
        late.append(result)
        dropped.set()

    def work() -> str:
        release.wait(20)
        return "connection"

    with pytest.raises(TimeoutError):
        call_within(0.01, work, drop)
    release.set()
    assert dropped.wait(20)
    assert late == ["connection"]


@pytest.mark.parametrize(("count", "is_slow"), [(9, True), (10, False), (11, False)])
def test_work_is_watched_by_what_it_brings(
    policy: Policy, count: int, is_slow: bool
) -> None:
    """Work that brings less than the floor rate in a window is given up."""
    release = threading.Event()
    brought = iter(range(0, 3 * count, count))

    def measure() -> int:
        now = next(brought)
        if now == 2 * count:
            release.set()
        return now

    watched = replace(policy, floor_rate=500.0, floor_window=0.02)
    if is_slow:
        with pytest.raises(Interrupted, match=r"only 9 bytes arrived within 0\.02 s"):
            watch(lambda: release.wait(20), measure, watched)
        release.set()
    else:
        watch(lambda: release.wait(20), measure, watched)


@pytest.mark.parametrize(
    "begin",
    [
        lambda work, policy: call_within(60, work, lambda _: None),
        lambda work, policy: watch(work, lambda: 0, replace(policy, floor_window=60)),
    ],
    ids=["call_within", "watch"],
)
def test_a_ctrl_c_that_ends_no_wait_is_still_noticed(
    begin: Callable[[Callable[[], object], Policy], None], policy: Policy
) -> None:
    """As one does that comes just before the wait begins, or to another thread."""
    over = threading.Event()

    def work() -> None:
        time.sleep(0.3)  # until the other thread waits
        signal.pthread_kill(threading.get_ident(), signal.SIGINT)
        over.wait(90)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    begun = time.monotonic()
    try:
        with pytest.raises(KeyboardInterrupt):
            begin(work, policy)
        assert time.monotonic() - begun < 30
    finally:
        over.set()
        signal.signal(signal.SIGINT, before)


def test_all_redirects_together_have_the_time_of_one_answer(
    tmp_path: Path, hasty: Policy
) -> None:
    """A chain of redirects that each take a while ends when the time is up."""

    def script(request: bytes) -> Iterator[bytes]:
        server.closing.wait(0.15)
        target = b"x" * (1 + len(server.requests))
        yield b"HTTP/1.1 302 Found\r\nLocation: /%b\r\n\r\n" % target

    with RawServer(script) as server:
        with pytest.raises(RetriesExhausted, match=r"no answer arrived within 0.3 s"):
            take(server.url, tmp_path, hasty)
        assert len(server.requests) <= 3


@pytest.mark.parametrize("rate", [1_025, 10_000])
def test_a_body_below_the_floor_is_given_up(
    rate: int, tmp_path: Path, policy: Policy
) -> None:
    """A server that keeps sending a little is given up when patience runs out."""

    def script(request: bytes) -> Iterator[bytes]:
        yield HEAD + b"Content-Length: 69000000\r\n\r\n"
        while not server.closing.wait(0.05):
            yield bytes(rate // 20)

    with RawServer(script) as server:
        begun = time.monotonic()
        with pytest.raises(RetriesExhausted, match=r"bytes a second"):
            take(server.url, tmp_path, replace(policy, patience=1.0, backoff=0.1))
        assert time.monotonic() - begun < 8
        assert len(server.requests) > 1


def test_a_body_above_the_floor_is_waited_for(tmp_path: Path, policy: Policy) -> None:
    """A slow line that keeps above the floor brings its file, however long it takes."""

    def script(request: bytes) -> Iterator[bytes]:
        yield HEAD + b"Content-Length: 60000\r\n\r\n"
        for at in range(0, 60_000, 2_000):
            server.closing.wait(0.05)
            yield DATA[at : at + 2_000]

    with RawServer(script) as server:
        patient = replace(policy, patience=0.5, backoff=0.1)
        assert take(server.url, tmp_path, patient) == DATA[:60_000]
        assert len(server.requests) == 1


@pytest.mark.parametrize("what", ["silent", "drips"])
def test_a_handshake_is_not_waited_for_without_end(
    what: str, tmp_path: Path, hasty: Policy
) -> None:
    """A host that is slow to speak TLS is given up."""

    def script(request: bytes) -> Iterator[bytes]:
        yield from server.drip(b"\x16\x03\x03\x40\0" if what == "drips" else b"")
        server.closing.wait(20)

    with RawServer(script, greeting=True) as server:
        url = server.url.replace("http:", "https:")
        begun = time.monotonic()
        with pytest.raises(TransportError):
            take(url, tmp_path, replace(hasty, connect_timeout=0.3))
        assert time.monotonic() - begun < 5


def test_a_proxy_is_not_waited_for_without_end(
    tmp_path: Path, hasty: Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy whose answer to CONNECT drips is given up, too."""

    def script(request: bytes) -> Iterator[bytes]:
        assert request.startswith(b"CONNECT")
        yield b"HTTP/1.1 200 OK\r\n"
        yield from server.drip(b"X-A: a\r\n")

    with RawServer(script) as server:
        monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{server.port}")
        monkeypatch.setenv("no_proxy", "")
        begun = time.monotonic()
        with pytest.raises(TransportError):
            take("https://host.invalid/f", tmp_path, hasty)
        assert time.monotonic() - begun < 5


def test_a_name_that_is_looked_up_for_ever(
    tmp_path: Path, hasty: Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither a resolver that hangs nor a host of many dead addresses is waited for."""
    release = threading.Event()

    def hang(*arguments: object, **settings: object) -> list[object]:
        release.wait(20)
        raise socket.gaierror(socket.EAI_AGAIN, "try again")

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    begun = time.monotonic()
    with pytest.raises(RetriesExhausted, match="no connection"):
        take("http://localhost:1/f", tmp_path, hasty)
    release.set()
    assert time.monotonic() - begun < 5


def test_a_host_of_many_addresses_that_do_not_answer(
    tmp_path: Path, hasty: Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The addresses of a host are not each waited for in turn."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        address = full.getsockname()
        # Connections to a full queue wait.
        fillers = [socket.socket() for _ in range(4)]
        for one in fillers:
            one.setblocking(False)
            one.connect_ex(address)
        found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", address)] * 100
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
        begun = time.monotonic()
        with pytest.raises(RetriesExhausted, match="no connection"):
            take(f"http://h.invalid:{address[1]}/f", tmp_path, hasty)
        assert time.monotonic() - begun < 5
        for one in fillers:
            one.close()


def test_the_next_source_is_tried(
    server: FaultServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A load whose first source drips gets its vectors from the second."""
    hasty = replace(Client.policy, answer_timeout=0.3, patience=0.3)
    monkeypatch.setattr(Client, "policy", hasty)
    with RawServer(lambda request: server_drips()) as slow:

        def server_drips() -> Iterator[bytes]:
            return slow.drip(b"X-A: a\r\n")

        second = server.add("/v.txt", SMALL)
        registry = write_registry(
            tmp_path,
            "small",
            sources=[{"url": slow.url}, {"url": second}],
            member={"sha256": sha256(SMALL)},
        )
        vectors = glove_registry.load("small", registry=registry)
    assert vectors.provenance["url"] == second


def test_a_host_that_is_down_for_half_a_minute(
    server: FaultServer, tmp_path: Path, policy: Policy
) -> None:
    """A server that answers 503 for 40 seconds is still tried afterwards."""
    now = [0.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds
        if now[0] >= 40:
            server.resources["/f"].faults.clear()

    url = server.add("/f", b"abc")
    server.spoil("/f", "status", times=100)
    patient = replace(policy, sleep=sleep)
    assert take(url, tmp_path, patient) == b"abc"
    assert len(server.seen) < 10
    server.spoil("/f", "status", headers={"Retry-After": "0"}, times=100)
    now[0] = -1000.0
    with pytest.raises(RetriesExhausted):
        take(url, tmp_path / "b", patient)
    assert 40 < now[0] + 1000 <= 60
    assert len(server.seen) < 20
