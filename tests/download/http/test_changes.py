"""Files that change on their way, and servers without ranges."""

from dataclasses import replace
from pathlib import Path

import pytest
from fault_server import FaultServer
from transfers import DATA, OLD, OTHER, SOON, leave_half, take

from glove_registry.download.http.answer import Span
from glove_registry.download.http.client import Client, restarting
from glove_registry.download.http.download import open_remote_file
from glove_registry.download.http.errors import (
    Changed,
    RangesUnsupported,
    Refused,
    RetriesExhausted,
)
from glove_registry.download.http.part import Part
from glove_registry.download.http.policy import Policy


def test_change_between_tries(
    server: FaultServer, tmp_path: Path, client: Client
) -> None:
    """A file that changes on its way is begun again, and is the new one throughout."""
    url = server.add("/f", DATA)
    server.spoil("/f", "cut", at=1_000_000)
    server.spoil("/f", "become", change={"data": OTHER, "etag": '"v2"'})
    with Part(tmp_path, url) as part:
        chunks = client.stream(url, part)
        with pytest.raises(Changed, match="ETag"):
            for _ in chunks:
                pass
        assert part.size == 0
        again = restarting(lambda: b"".join(client.stream(url, part)))
    assert again == OTHER


def test_change_between_processes(
    server: FaultServer, tmp_path: Path, policy: Policy
) -> None:
    """An old part of a file that has changed since is dropped without an error."""
    url = server.add("/f", DATA)
    assert leave_half(url, tmp_path, policy) > 0
    server.add("/f", OTHER, etag='"v2"')
    assert take(url, tmp_path, policy) == OTHER
    assert server.seen[1].headers["If-Range"] == '"v1"'


def test_change_seen_although_if_range_is_ignored(
    server: FaultServer, tmp_path: Path, policy: Policy
) -> None:
    """A 206 of another ETag is never appended to the old bytes."""
    url = server.add("/f", DATA)
    leave_half(url, tmp_path, policy)
    server.spoil("/f", "headers", headers={"ETag": '"v2"'})
    server.spoil("/f", "become", change={"data": OTHER, "etag": '"v2"'})
    assert take(url, tmp_path, policy) == OTHER


def test_endless_changes(server: FaultServer, tmp_path: Path, client: Client) -> None:
    """A file that changes each time is given up after a few restarts."""
    url = server.add("/f", DATA)
    for version in range(20):
        server.spoil("/f", "cut", at=50_000, change={"etag": f'"{version}"'})
    with (
        Part(tmp_path, url) as part,
        pytest.raises(Refused, match="4 attempts"),
    ):
        restarting(lambda: list(client.stream(url, part)))


@pytest.mark.parametrize(
    ("validators", "condition"),
    [
        ({"etag": '"v1"', "modified": OLD}, '"v1"'),
        ({"etag": None, "modified": OLD}, OLD),
        ({"etag": 'W/"v1"', "modified": OLD}, OLD),
        ({"etag": 'W/"v1"'}, None),
        ({"etag": None, "modified": SOON}, None),
    ],
)
def test_if_range_wants_strong_validators(
    server: FaultServer,
    tmp_path: Path,
    policy: Policy,
    validators: dict[str, str],
    condition: str | None,
) -> None:
    """If-Range names a strong ETag, else an old enough date, else is left out."""
    url = server.add("/f", DATA, **validators)
    server.spoil("/f", "cut", at=1_000_000)
    assert take(url, tmp_path, policy) == DATA
    assert server.seen[1].headers.get("If-Range") == condition


def test_old_part_without_validator(
    server: FaultServer, tmp_path: Path, policy: Policy
) -> None:
    """A part is not resumed if nothing shows that the file is still the same."""
    url = server.add("/f", DATA, etag=None)
    leave_half(url, tmp_path, policy)
    assert take(url, tmp_path, policy) == DATA
    assert server.ranges == [None, None]


@pytest.mark.parametrize("refusal", [200, 400, 405, 416, 501])
def test_resume_without_ranges(
    server: FaultServer, tmp_path: Path, policy: Policy, refusal: int
) -> None:
    """Without ranges a resume takes the file anew, and the consumer does not notice."""
    url = server.add("/f", DATA, ranges="none", refusal=refusal)
    server.spoil("/f", "cut", at=1_000_000)
    assert take(url, tmp_path, policy) == DATA


def test_resume_without_ranges_or_length(
    server: FaultServer, tmp_path: Path, policy: Policy
) -> None:
    """A file sent anew that ends before the old bytes do was cut off, not complete."""
    url = server.add("/f", DATA, ranges="none", framing="close")
    server.spoil("/f", "reset", at=1_000_000)
    server.spoil("/f", "cut", at=500_000)
    assert take(url, tmp_path, policy) == DATA
    assert len(server.seen) == 3


@pytest.mark.parametrize("etag", ['"v1"', None])
@pytest.mark.parametrize("ranges", ["all", "none"])
def test_bytes_that_are_sent_again_are_compared(
    server: FaultServer, tmp_path: Path, client: Client, etag: str | None, ranges: str
) -> None:
    """Whatever a server says or not, a file is not put together of two versions."""
    url = server.add("/f", DATA, etag=etag, ranges=ranges)
    change = {"etag": None, "data": OTHER}
    server.spoil("/f", "cut", at=1_000_000)
    server.spoil("/f", "headers", times=9, change=change)

    def take_all() -> bytes:
        with open_remote_file(client, url, tmp_path) as download:
            return b"".join(download)

    assert restarting(take_all) == OTHER


def test_repeated_bytes_are_no_progress(
    server: FaultServer, tmp_path: Path, policy: Policy
) -> None:
    """A server without ranges that always cuts at one place is soon given up."""
    ticks = iter(range(0, 100_000, 3))
    url = server.add("/f", DATA, ranges="none")
    server.spoil("/f", "cut", at=1_000_000, times=20)
    slow = replace(policy, clock=lambda: float(next(ticks)), floor_window=1e9)
    with pytest.raises(RetriesExhausted):
        take(url, tmp_path, slow)
    assert len(server.seen) < 5


def test_resume_with_wrong_content_range(
    server: FaultServer, tmp_path: Path, policy: Policy
) -> None:
    """A 206 with another range than requested is rejected."""
    url = server.add("/f", DATA, ranges="wrong")
    server.spoil("/f", "cut", at=1_000_000)
    assert take(url, tmp_path, policy) == DATA
    assert server.ranges == [None, "bytes=1000000-", None]


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Range": "bytes 10-18/3000000"},
        {"Content-Range": "bytes 11-19/3000000"},
        {"Content-Range": "bytes 10-19/19"},
        {"Content-Range": "bytes 10-4/5"},
        {"Content-Range": "bytes 10-19"},
        {"Content-Range": "bytes 10-99999999999999999999999/*"},
        {"Content-Range": "units 10-19/3000000"},
        {"Content-Length": "11"},
    ],
)
def test_content_range_must_be_exact(
    server: FaultServer, client: Client, headers: dict[str, str]
) -> None:
    """A range that is not exactly the requested one counts as no range at all."""
    url = server.add("/f", DATA, framing="close")
    server.spoil("/f", "headers", headers=headers)
    with pytest.raises(RangesUnsupported):
        client.read_span(url, Span(10, 20))
    assert client.read_span(url, Span(10, 20)).data == DATA[10:20]


def test_content_range_of_a_file_of_unknown_size(
    server: FaultServer, client: Client
) -> None:
    """Without a size, only a range that has both ends can be recognised."""
    url = server.add("/f", DATA)
    for given in ("10-19", "2999990-2999999", "2999990-2999999"):
        headers = {"Content-Range": f"bytes {given}/*"}
        server.spoil("/f", "headers", headers=headers)
    piece = client.read_span(url, Span(10, 20))
    assert (piece.data, piece.first, piece.facts.total) == (DATA[10:20], 10, None)
    for span in (Span(2_999_990), Span(-10)):
        with pytest.raises(RangesUnsupported):
            client.read_span(url, span)


def test_probe(server: FaultServer, client: Client) -> None:
    """The size of a file is learned from a GET of one byte, with or without ranges."""
    url = server.add("/f", DATA)
    assert client.probe(url).total == len(DATA)
    assert (server.seen[0].method, server.seen[0].range) == ("GET", "bytes=0-0")
    url = server.add("/g", DATA, ranges="none", refusal=405)
    assert client.probe(url).total == len(DATA)


def test_a_probe_does_not_read_the_file(server: FaultServer, client: Client) -> None:
    """Of a server that ignores ranges no more is taken than what has been sent."""
    size = 1 << 26
    assert client.probe(server.add("/f", bytes(size), ranges="none")).total == size
    assert server.sent < size


@pytest.mark.parametrize("span", [Span(-1), Span(-3), Span(0, 1), Span(7), Span(2, 5)])
def test_a_span_is_a_slice(server: FaultServer, client: Client, span: Span) -> None:
    """A range of bytes means what Python's slices mean, counted from either end."""
    piece = client.read_span(server.add("/f", b"0123456789"), span)
    assert piece.data == b"0123456789"[span.first : span.end]
    assert piece.first == range(10)[span.first]
