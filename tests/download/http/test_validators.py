"""Farms of servers: one file under many ETags, or several files under one URL."""

import hashlib
from pathlib import Path
from typing import Any

import pytest
from fault_server import FaultServer
from transfers import DATA, OLD, OTHER, Archive
from zips import make_zip

from glove_registry.download.http.client import Client, restarting
from glove_registry.download.http.download import open_remote_file
from glove_registry.download.http.errors import Changed, Refused, WrongBytes
from glove_registry.download.http.remote_zip import open_archived_member, open_member

SHA256 = hashlib.sha256(DATA).hexdigest()
NAME = "words.50d.txt"


def change_always(server: FaultServer, path: str, kind: str, **settings: Any) -> None:
    """Let each of the next answers have an ETag and a date of its own."""
    for number in range(40):
        change = {
            "etag": f'"{number}"',
            "modified": OLD.replace("28:00", f"28:{number:02}"),
        }
        server.spoil(path, kind, change=change, **settings)


def take(
    url: str, folder: Path, client: Client, sha256: str | None, **settings: Any
) -> bytes:
    """Take a file, as often as its changes allow."""

    def attempt() -> bytes:
        with open_remote_file(
            client, url, folder, sha256=sha256, **settings
        ) as download:
            return b"".join(download)

    return restarting(attempt)


def test_a_file_with_another_etag_each_time_is_resumed(
    server: FaultServer, tmp_path: Path, client: Client
) -> None:
    """Where its sha256 decides, a file of changing validators moves once."""
    url = server.add("/f", DATA)
    change_always(server, "/f", "cut", at=1_000_000)
    assert take(url, tmp_path, client, SHA256) == DATA
    assert server.ranges == [None, "bytes=1000000-", "bytes=2000000-"]
    assert [seen.headers.get("If-Range") for seen in server.seen] == [None] * 3
    assert server.sent == len(DATA)


def test_it_is_resumed_by_the_next_process(
    server: FaultServer, tmp_path: Path, client: Client
) -> None:
    """What an earlier run brought under another ETag is used."""
    url = server.add("/f", DATA)
    change_always(server, "/f", "headers")
    with open_remote_file(client, url, tmp_path, sha256=SHA256) as download:
        assert download.read(1) == DATA[:1]
    had = next(tmp_path.glob("*.part")).stat().st_size
    assert take(url, tmp_path, client, SHA256) == DATA
    assert server.ranges == [None, f"bytes={had}-"]


@pytest.mark.parametrize("ranges", ["all", "no suffix"])
def test_a_member_of_an_archive_with_changing_etags(
    server: FaultServer, archive: Archive, tmp_path: Path, client: Client, ranges: str
) -> None:
    """A member whose sha256 is known comes by ranges, whatever the validators say."""
    url = server.add("/a.zip", archive.data, ranges=ranges, refusal=416)
    change_always(server, "/a.zip", "reset", at=2_000_000)
    sha256 = hashlib.sha256(archive.texts[NAME]).hexdigest()
    with open_member(client, url, NAME, tmp_path, sha256=sha256) as text:
        assert b"".join(text) == archive.texts[NAME]
    assert server.sent < archive.measure(NAME) + 150_000


@pytest.mark.parametrize("is_known", [True, False])
def test_a_directory_in_two_requests(
    server: FaultServer, tmp_path: Path, client: Client, is_known: bool
) -> None:
    """A long directory is put together of two versions only if a sha256 decides."""
    texts = {f"{number:0200}": b"text" for number in range(400)}
    url = server.add("/a.zip", make_zip(texts))
    change_always(server, "/a.zip", "headers")
    sha256 = hashlib.sha256(b"text").hexdigest() if is_known else None
    opened = open_member(client, url, f"{7:0200}", tmp_path, sha256=sha256)
    if is_known:
        with opened as text:
            assert b"".join(text) == b"text"
    else:
        with pytest.raises(Changed, match="ETag"), opened:
            pass
    assert len(server.seen) == 2 + is_known


def test_a_whole_archive_with_changing_etags(
    server: FaultServer, archive: Archive, tmp_path: Path, client: Client
) -> None:
    """A whole archive is resumed if its member's checksum is known."""
    url = server.add("/a.zip", archive.data)
    change_always(server, "/a.zip", "cut", at=2_000_000)
    sha256 = hashlib.sha256(archive.texts[NAME]).hexdigest()
    with open_archived_member(client, url, NAME, tmp_path, sha256=sha256) as text:
        assert b"".join(text) == archive.texts[NAME]
    assert server.sent == len(archive.data)


def test_without_a_hash_nothing_is_put_together(
    server: FaultServer, tmp_path: Path, client: Client
) -> None:
    """Two versions of a file without a checksum are never mixed."""
    url = server.add("/f", DATA)
    for number, data in enumerate([DATA, OTHER] * 9):
        change = {"etag": f'"{number}"', "data": data}
        server.spoil("/f", "cut", at=1_000_000, change=change)
    with pytest.raises(Refused, match="4 attempts"):
        take(url, tmp_path, client, None)
    server.resources["/f"].faults.clear()
    assert take(url, tmp_path, client, None) == OTHER


def test_what_was_mixed_is_taken_once_more_without_mixing(
    server: FaultServer, tmp_path: Path, client: Client
) -> None:
    """After a mixture with a wrong hash, the next bytes are held to one ETag."""
    url = server.add("/f", DATA)
    good = {"etag": '"good"', "data": DATA}
    bad = {"etag": '"bad"', "data": OTHER}
    server.spoil("/f", "cut", at=1_000_000, change=good)
    server.spoil("/f", "become", change=bad)
    server.spoil("/f", "cut", at=1_000_000, change=good)
    server.spoil("/f", "headers", change=good)
    assert take(url, tmp_path, client, SHA256) == DATA
    assert [seen.headers.get("If-Range") for seen in server.seen] == [
        *(None, None),
        *(None, '"good"'),
    ]
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_wrong_in_any_case(
    server: FaultServer, tmp_path: Path, client: Client
) -> None:
    """Wrong bytes are taken twice at most, and then named wrong."""
    url = server.add("/f", OTHER)
    server.spoil("/f", "cut", at=1_000_000)
    with pytest.raises(WrongBytes):
        take(url, tmp_path, client, SHA256)
    assert server.sent == 2 * len(OTHER)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("status", [400, 412, 413, 414, 416, 431, 501])
def test_a_server_that_takes_no_conditions(
    server: FaultServer, tmp_path: Path, client: Client, status: int
) -> None:
    """If a server refuses to resume, the whole file is fetched."""
    url = server.add("/f", DATA)
    server.spoil("/f", "cut", at=1_000_000)
    server.spoil("/f", "status", status=status)
    assert take(url, tmp_path, client, None) == DATA
    assert server.ranges == [None, "bytes=1000000-", None]


@pytest.mark.parametrize(
    "etag", ['"' + "e" * 60_000 + '"', '"\xe4"', '"a\tb"', '"a", "b"', "v1", '"']
)
def test_an_etag_that_cannot_be_sent_back(
    server: FaultServer, tmp_path: Path, client: Client, etag: str
) -> None:
    """An ETag that is odd or huge is neither kept nor sent."""
    url = server.add("/f", DATA, etag=etag, modified=OLD)
    server.spoil("/f", "cut", at=1_000_000)
    assert take(url, tmp_path, client, None) == DATA
    assert server.seen[1].headers["If-Range"] == OLD


@pytest.mark.parametrize(
    "length", ["9" * 5000, "-1", "0x10", "1_0", "", "1e3", "5, 6", "\xb2", "1" * 25]
)
def test_a_length_that_is_none(
    server: FaultServer, tmp_path: Path, client: Client, length: str
) -> None:
    """An invalid Content-Length is an error of ours, not one of Python's."""
    url = server.add("/f", DATA)
    server.spoil("/f", "headers", headers={"Content-Length": length}, times=99)
    with pytest.raises(Refused, match="an invalid Content-Length"):
        take(url, tmp_path, client, SHA256)


def test_a_length_that_is_said_twice(
    server: FaultServer, tmp_path: Path, client: Client
) -> None:
    """Two equal lengths are one (RFC 9110, 8.6)."""
    url = server.add("/f", b"abc")
    server.spoil("/f", "headers", headers={"Content-Length": "3, 3"})
    assert take(url, tmp_path, client, None) == b"abc"


def test_a_cookie_of_an_earlier_try_is_not_sent(
    server: FaultServer, tmp_path: Path, client: Client
) -> None:
    """What a server sets with one answer does not come back to it with the next try."""
    url = server.add("/f", DATA)
    server.spoil("/f", "cut", at=1_000_000, headers={"Set-Cookie": "a=" + "b" * 60_000})
    assert take(url, tmp_path, client, None) == DATA
    assert "Cookie" not in server.seen[1].headers
