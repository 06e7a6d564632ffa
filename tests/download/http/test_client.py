"""Interrupted transfers: retried, resumed, and given up in the end."""

import itertools
import re
import socket
from collections.abc import Iterator
from dataclasses import replace
from email.utils import formatdate
from pathlib import Path

import pytest
from fault_server import FaultServer
from raw_server import RawServer
from transfers import DATA, take

from glove_registry.download.http.client import Client
from glove_registry.download.http.errors import (
    NoConnection,
    Refused,
    RetriesExhausted,
    TransportError,
)
from glove_registry.download.http.part import Part
from glove_registry.download.http.policy import Policy
from glove_registry.errors import FetchError


@pytest.mark.parametrize("kind", ["cut", "reset", "stall", "drip"])
def test_resume_after_interruption(
    server: FaultServer, tmp_path: Path, policy: Policy, kind: str
) -> None:
    """A body that breaks off, stalls or drips is resumed where it stopped."""
    url = server.add("/f", DATA)
    server.spoil("/f", kind, at=2_000_000)
    assert take(url, tmp_path, policy) == DATA
    assert server.seen[0].range is None
    first = int(server.seen[1].headers["Range"].removeprefix("bytes=").rstrip("-"))
    assert 2_000_000 <= first < 2_000_100
    assert server.seen[1].headers["If-Range"] == '"v1"'
    assert server.sent < len(DATA) + 1000


@pytest.mark.parametrize("status", [408, 425, 429, 500, 501, 502, 503, 504])
def test_retry_status(
    server: FaultServer, tmp_path: Path, policy: Policy, status: int
) -> None:
    """A server that is temporarily busy or broken is tried again."""
    url = server.add("/f", b"abc")
    server.spoil("/f", "status", status=status, times=3)
    assert take(url, tmp_path, policy) == b"abc"
    assert len(server.seen) == 4


def test_backoff_and_last_try(
    server: FaultServer, tmp_path: Path, policy: Policy, sleeps: list[float]
) -> None:
    """Waits double from try to try, for a minute; the error tells the last reason."""
    url = server.add("/f", b"abc")
    server.spoil("/f", "status", status=500, times=9)
    with pytest.raises(RetriesExhausted, match=r"500 .* given up after 7 tries"):
        take(url, tmp_path, policy)
    assert sleeps[:5] == [1.0, 2.0, 4.0, 8.0, 16.0]
    assert 55 < sum(sleeps) <= 60


def test_jitter_shortens_waits(
    server: FaultServer, tmp_path: Path, policy: Policy, sleeps: list[float]
) -> None:
    """The random part of a wait takes off up to a half and adds nothing."""
    url = server.add("/f", b"abc")
    server.spoil("/f", "status", status=500)
    take(url, tmp_path, replace(policy, jitter=lambda: 0.999))
    assert 0.5 <= sleeps[0] < 0.51


@pytest.mark.parametrize(
    ("value", "expected"),
    [("7", 7.0), ("3600", 60.0), ("0", 1.0), ("-3", 1.0), ("soon", 1.0)],
)
def test_retry_after_seconds(
    server: FaultServer,
    tmp_path: Path,
    policy: Policy,
    sleeps: list[float],
    value: str,
    expected: float,
) -> None:
    """Retry-After in seconds is obeyed up to a minute, and nonsense is ignored."""
    url = server.add("/f", b"abc")
    server.spoil("/f", "status", headers={"Retry-After": value})
    take(url, tmp_path, policy)
    assert sleeps == pytest.approx([expected], abs=1.0 if expected > 10 else 0.0)


def test_retry_after_date(
    server: FaultServer, tmp_path: Path, policy: Policy, sleeps: list[float]
) -> None:
    """Retry-After as a date counts from the server's own clock."""
    url = server.add("/f", b"abc")
    date = formatdate(policy.today() + 20, usegmt=True)
    server.spoil("/f", "status", headers={"Retry-After": date})
    take(url, tmp_path, replace(policy, today=lambda: 0.0))
    assert 15 <= sleeps[0] <= 21


def test_progress_renews_tries(
    server: FaultServer, tmp_path: Path, policy: Policy, sleeps: list[float]
) -> None:
    """A MiB of progress renews the patience; a thousand bytes do not."""
    data = DATA * 3
    url = server.add("/f", data)
    server.spoil("/f", "reset", at=1 << 20, times=8)
    assert take(url, tmp_path / "a", policy) == data
    assert sleeps == [1.0] * 8
    server.resources["/f"].faults.clear()
    server.spoil("/f", "reset", at=1000, times=8)
    with pytest.raises(RetriesExhausted, match="reset"):
        take(url, tmp_path / "b", policy)


def tick(policy: Policy, seconds: float) -> Policy:
    """Let this much time pass from each look at the clock to the next."""
    ticks = itertools.count()
    return replace(policy, clock=lambda: next(ticks) * seconds, floor_window=1e9)


def test_time_until_an_answer_counts(
    server: FaultServer, tmp_path: Path, policy: Policy
) -> None:
    """A server that takes 25 seconds to say that it is busy is asked three times."""
    url = server.add("/f", b"abc")
    server.spoil("/f", "status", times=9)
    with pytest.raises(RetriesExhausted, match="given up after 3 tries"):
        take(url, tmp_path, tick(policy, 25.0))


@pytest.mark.parametrize("at", [0, 1])
def test_time_in_a_body_counts(
    server: FaultServer, tmp_path: Path, policy: Policy, at: int
) -> None:
    """A body that takes 15 seconds to bring a byte at most is asked for four times."""
    url = server.add("/f", DATA)
    server.spoil("/f", "cut", at=at, times=9)
    with pytest.raises(RetriesExhausted, match="given up after 4 tries"):
        take(url, tmp_path, tick(policy, 5.0))


def test_first_byte_after_half_a_minute(tmp_path: Path, policy: Policy) -> None:
    """A body whose first byte takes longer than the window is given up for that."""

    def script(request: bytes) -> Iterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\na"
        server.closing.wait(20)

    with RawServer(script) as server:
        late = replace(tick(policy, 30.5), floor_window=30.0)
        with pytest.raises(RetriesExhausted, match="fewer than 20,480 bytes a second"):
            take(server.url, tmp_path, late)


def test_connection_refused(tmp_path: Path, policy: Policy) -> None:
    """A host that refuses connections is tried for a minute and named in the error."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(RetriesExhausted, match=f"{port}.*refuses connections"):
        take(f"http://127.0.0.1:{port}/f", tmp_path, policy)


def test_proxy_that_does_not_answer(
    tmp_path: Path, policy: Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy that refuses connections is blamed, and its variable named."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        proxy = f"http://me:hush@127.0.0.1:{free.getsockname()[1]}"
    monkeypatch.setenv("http_proxy", proxy)
    monkeypatch.setenv("no_proxy", "")
    with pytest.raises(RetriesExhausted, match=r"the proxy.*HTTPS_PROXY") as caught:
        take("http://host.invalid/f", tmp_path, policy)
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(
    ("status", "kind", "words"),
    [
        (407, NoConnection, "the proxy requires a user name"),
        (403, NoConnection, "the proxy refuses the connection .status 403"),
        *((status, RetriesExhausted, f"{status}") for status in (408, 429, 502, 302)),
    ],
)
def test_proxy_that_makes_no_tunnel(
    status: int,
    kind: type[FetchError],
    words: str,
    tmp_path: Path,
    policy: Policy,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What a proxy answers to CONNECT decides whether it is asked again."""
    answer = b"HTTP/1.1 %d No\r\nContent-Length: 0\r\n\r\n" % status
    with RawServer(lambda request: iter([answer])) as proxy:
        monkeypatch.setenv("https_proxy", f"http://me:hush@127.0.0.1:{proxy.port}")
        monkeypatch.setenv("no_proxy", "")
        with pytest.raises(kind, match=words) as caught:
            take("https://host.invalid/f", tmp_path, policy)
        assert (len(proxy.requests) == 1) == (kind is NoConnection)
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize("age", ["", "=", "=" + "9" * 400])
def test_a_cookie_of_no_age(tmp_path: Path, policy: Policy, age: str) -> None:
    """An age that is none costs the cookie and no warning; others are sent back."""
    cookies = ["good=1; Path=/", f"bad=2; max-age{age}", "young=3; Max-Age=60"]
    lines = ["HTTP/1.1 302 Go", "Location: /end", "Content-Length: 0"]
    lines += [f"Set-Cookie: {cookie}" for cookie in cookies]
    go = "\r\n".join([*lines, "", ""]).encode()
    end = b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx"
    with RawServer(lambda asked: iter([end if b" /end " in asked else go])) as server:
        assert take(server.url, tmp_path, policy) == b"x"
        found = re.findall(rb"(?im)^cookie: (.*)\r$", server.requests[-1])
    assert [set(one.split(b"; ")) for one in found] == [{b"good=1", b"young=3"}]


@pytest.mark.parametrize(
    ("fault", "kind", "words"),
    [
        (socket.EAI_AGAIN, RetriesExhausted, "cannot be looked up now"),
        (socket.EAI_NONAME, Refused, "there is no host of that name"),
    ],
)
def test_a_name_that_cannot_be_looked_up(
    tmp_path: Path,
    policy: Policy,
    monkeypatch: pytest.MonkeyPatch,
    fault: int,
    kind: type[TransportError],
    words: str,
) -> None:
    """A resolver that is busy is asked again, and one that knows no host is not."""

    def fail(*_: object, **__: object) -> object:
        raise socket.gaierror(fault, "not found")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    with pytest.raises(kind, match=words):
        take("http://host.invalid/f", tmp_path, policy)


def test_unknown_host(tmp_path: Path, policy: Policy) -> None:
    """A host that does not exist is an error of ours, whatever the resolver says."""
    with pytest.raises(TransportError, match="network"):
        take("http://host.invalid/f", tmp_path, policy)


def test_slow_consumer_is_no_drip(
    server: FaultServer, tmp_path: Path, policy: Policy
) -> None:
    """Only the time spent waiting for the server counts against the floor rate."""
    hours = [0.0]
    slow = replace(policy, clock=lambda: hours[-1])
    url = server.add("/f", DATA)
    got = b""
    with Client(slow) as client, Part(tmp_path, url) as part:
        for chunk in client.stream(url, part):
            hours.append(hours[-1] + 3600.0)
            got += chunk
    assert got == DATA
    assert len(server.seen) == 1


@pytest.mark.parametrize("framing", ["chunked", "close"])
def test_body_without_length(
    server: FaultServer, tmp_path: Path, policy: Policy, framing: str
) -> None:
    """A body whose size is not declared is taken to its end."""
    url = server.add("/f", DATA, framing=framing)
    assert take(url, tmp_path, policy) == DATA


@pytest.mark.parametrize("status", [b"100 Continue", b"102 Processing", b"103 Early"])
def test_what_comes_before_the_answer(
    tmp_path: Path, policy: Policy, status: bytes
) -> None:
    """A server may send any number of interim answers first (RFC 9110, 15.2)."""
    before = b"HTTP/1.1 %s\r\nLink: </f>\r\n\r\n" % status
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"
    with RawServer(lambda request: iter([3 * before + answer])) as server:
        assert take(server.url, tmp_path, policy) == b"abc"
        assert len(server.requests) == 1


def test_end_marker_that_is_missing(tmp_path: Path, policy: Policy) -> None:
    """A chunked body that has all bytes is complete without its end marker."""
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    with RawServer(lambda request: iter([head, b"3\r\nabc\r\n"])) as server:
        assert take(server.url, tmp_path / "a", policy, size=3) == b"abc"
        with pytest.raises(RetriesExhausted):
            take(server.url, tmp_path / "b", policy, size=4)
        with pytest.raises(RetriesExhausted):
            take(server.url, tmp_path / "c", policy)


def test_resume_chunked_body(
    server: FaultServer, tmp_path: Path, policy: Policy
) -> None:
    """A chunked body that breaks off is noticed and resumed."""
    url = server.add("/f", DATA, framing="chunked")
    server.spoil("/f", "cut", at=1_000_000)
    assert take(url, tmp_path, policy) == DATA
    assert server.ranges[1] == "bytes=1000000-"
