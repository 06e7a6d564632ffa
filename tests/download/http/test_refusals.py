"""Answers that no further try can mend: the URL is left at once."""

from dataclasses import replace
from pathlib import Path

import pytest
from fault_server import FaultServer
from transfers import DATA, leave_half, take

from glove_registry.download.http.client import Client
from glove_registry.download.http.errors import RangesUnsupported, Refused
from glove_registry.download.http.part import Part
from glove_registry.download.http.policy import Policy


@pytest.mark.parametrize(
    ("status", "advice"),
    [
        (204, "choose another source"),
        (304, "choose another source"),
        (400, "choose another source"),
        (401, "requires a user name"),
        (403, "access is forbidden"),
        (404, "check the URL"),
        (407, "check HTTPS_PROXY"),
        (410, "the file is gone"),
        (418, "choose another source"),
    ],
)
def test_refused_status(
    server: FaultServer, tmp_path: Path, policy: Policy, status: int, advice: str
) -> None:
    """A status that no further try can mend ends the matter, with what to do."""
    url = server.add("/f", b"abc")
    server.spoil("/f", "status", status=status)
    with pytest.raises(Refused, match=f"{status} .*; .*{advice}"):
        take(url, tmp_path, policy)
    assert len(server.seen) == 1


@pytest.mark.parametrize("status", [399, 401, 403, 404, 407, 410, 451])
def test_a_status_about_the_file_is_not_blamed_on_the_range(
    server: FaultServer, tmp_path: Path, policy: Policy, status: int
) -> None:
    """A file that is refused when a transfer is resumed is not requested again."""
    url = server.add("/f", DATA)
    leave_half(url, tmp_path, policy)
    server.spoil("/f", "status", status=status)
    with pytest.raises(Refused, match=str(status)):
        take(url, tmp_path, policy)
    assert len(server.seen) == 2


@pytest.mark.parametrize("status", [400, 402, 405, 406, 409, 411, 412, 450, 452])
def test_a_range_that_is_refused_is_done_without(
    server: FaultServer, tmp_path: Path, policy: Policy, status: int
) -> None:
    """Any other status of 4xx may be due to the range: the file is requested whole."""
    url = server.add("/f", DATA)
    leave_half(url, tmp_path, policy)
    server.spoil("/f", "status", status=status)
    assert take(url, tmp_path, policy) == DATA
    assert [given is not None for given in server.ranges] == [False, True, False]


def test_a_range_is_requested_once_of_a_server_without_ranges(
    server: FaultServer, tmp_path: Path, client: Client
) -> None:
    """Where only a range will do, a server that has none is left after one answer."""
    url = server.add("/f", DATA, ranges="none")
    with Part(tmp_path, url) as part, pytest.raises(RangesUnsupported):
        list(client.stream(url, part, start=10, end=20))
    assert server.ranges == ["bytes=10-19"]


def test_html_in_place_of_file(
    server: FaultServer, tmp_path: Path, policy: Policy
) -> None:
    """A page in place of a file is refused, and fetched where a page was requested."""
    url = server.add("/f.zip", b"<html>", kind="text/html; charset=utf-8")
    with pytest.raises(Refused, match="HTML page in place of the file"):
        take(url, tmp_path, policy)
    page = server.add("/f.html", b"<html>", kind="text/html")
    assert take(page, tmp_path, policy) == b"<html>"


def test_content_encoding(server: FaultServer, tmp_path: Path, policy: Policy) -> None:
    """Uncompressed bytes are requested, and compressed ones refused."""
    url = server.add("/f", b"abc")
    take(url, tmp_path, policy)
    assert server.seen[0].headers["Accept-Encoding"] == "identity"
    server.spoil("/f", "headers", headers={"Content-Encoding": "gzip"})
    with pytest.raises(Refused, match="Content-Encoding"):
        take(url, tmp_path / "b", policy)


def test_endless_body_stops_at_declared_size(
    server: FaultServer, tmp_path: Path, client: Client
) -> None:
    """A body longer than the registered size is abandoned at that size."""
    url = server.add("/f", b"x" * 1000)
    server.spoil("/f", "endless")
    with Part(tmp_path, url) as part:
        chunks = client.stream(url, part, size=100_000)
        with pytest.raises(Refused, match="past the 100000 bytes"):
            list(chunks)
        assert part.size <= 100_000


def test_endless_body_without_size(
    server: FaultServer, tmp_path: Path, policy: Policy
) -> None:
    """Without a declared size, the limit of the policy holds."""
    url = server.add("/f", b"")
    server.spoil("/f", "endless")
    with pytest.raises(Refused, match="past the 50000 bytes"):
        take(url, tmp_path, replace(policy, undeclared_limit=50_000))


def test_wrong_size_seen_before_the_body(
    server: FaultServer, tmp_path: Path, policy: Policy
) -> None:
    """A file of another size than the registry's is refused by its header alone."""
    url = server.add("/f", DATA)
    with pytest.raises(Refused, match="3000000 bytes, expected 17"):
        take(url, tmp_path, policy, size=17)


def test_whole_file_answered_in_part(
    server: FaultServer, tmp_path: Path, policy: Policy
) -> None:
    """A 206 in answer to a request without a range is refused."""
    url = server.add("/f", DATA)
    server.spoil("/f", "status", status=206)
    with pytest.raises(Refused, match="although the whole file"):
        take(url, tmp_path, policy)
