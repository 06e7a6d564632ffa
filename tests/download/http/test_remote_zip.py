"""One member of a remote archive: requests, bytes, resumes, and servers that cannot."""

import hashlib
import io
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from fault_server import FaultServer
from transfers import Archive
from zips import make_zip

from glove_registry.download.http.client import Client, restarting
from glove_registry.download.http.errors import (
    BadArchive,
    Changed,
    RangesUnsupported,
    Refused,
    WrongBytes,
)
from glove_registry.download.http.remote_zip import (
    open_archived_member,
    open_member,
    read_archive,
)
from glove_registry.errors import ChecksumError

NAME = "words.50d.txt"


def take(url: str, name: str | None, folder: Path, client: Client) -> bytes:
    """Take a member by ranges, beginning again if the archive changes."""

    def attempt() -> bytes:
        with open_member(client, url, name, folder) as text:
            return b"".join(text)

    return restarting(attempt)


def test_two_requests_and_no_byte_too_many(
    server: FaultServer, archive: Archive, tmp_path: Path, client: Client
) -> None:
    """A member takes two requests and at most 1.01 times its compressed size."""
    url = server.add("/a.zip", archive.data)
    assert take(url, NAME, tmp_path, client) == archive.texts[NAME]
    assert len(server.seen) == 2
    assert server.ranges[0] == "bytes=-65634"
    assert server.seen[1].headers["If-Range"] == '"v1"'
    assert server.sent <= 1.01 * archive.measure(NAME)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["cut", "reset", "stall"])
def test_break_every_quarter(
    server: FaultServer, archive: Archive, tmp_path: Path, client: Client, kind: str
) -> None:
    """A break after every quarter costs at most a tenth more bytes."""
    url = server.add("/a.zip", archive.data)
    quarter = archive.measure(NAME) // 4
    server.spoil("/a.zip", "none")
    server.spoil("/a.zip", kind, at=quarter, times=4)
    assert take(url, NAME, tmp_path, client) == archive.texts[NAME]
    assert len(server.seen) == 6
    assert server.sent <= 1.1 * archive.measure(NAME)


@pytest.mark.parametrize("name", ["words.10d.txt", "words.100d.txt"])
def test_first_and_last_member(
    server: FaultServer, archive: Archive, tmp_path: Path, client: Client, name: str
) -> None:
    """The members at either end of an archive arrive whole, and alone."""
    url = server.add("/a.zip", archive.data)
    assert take(url, name, tmp_path, client) == archive.texts[name]
    assert server.seen[1].sent <= archive.measure(name) + 100


def test_unnamed_member_of_a_small_archive(
    server: FaultServer, tmp_path: Path, client: Client
) -> None:
    """An archive smaller than the tail works too, and its only file needs no name."""
    url = server.add("/a.zip", make_zip({"only.txt": b"the 0.1\n"}))
    assert take(url, None, tmp_path, client) == b"the 0.1\n"


def test_name_is_no_path(server: FaultServer, tmp_path: Path, client: Client) -> None:
    """A member called like a path outside is read, and writes nothing outside."""
    url = server.add("/a.zip", make_zip({"../../escaped.txt": b"the 0.1\n"}))
    folder = tmp_path / "a" / "b"
    with open_member(client, url, "../../escaped.txt", folder) as text:
        assert b"".join(text) == b"the 0.1\n"
        found = [path for path in tmp_path.rglob("*") if path.is_file()]
        assert {path.parent for path in found} == {folder}
        assert {path.suffix for path in found} == {".json", ".part"}


def test_large_directory(server: FaultServer, tmp_path: Path, client: Client) -> None:
    """A directory larger than the tail takes one request more."""
    members = {f"{number:0200}.txt": b"%d" % number for number in range(400)}
    url = server.add("/a.zip", make_zip(members))
    assert take(url, f"{77:0200}.txt", tmp_path, client) == b"77"
    assert len(server.seen) == 3


# --- resumes


def test_resume_in_another_process(
    server: FaultServer, archive: Archive, tmp_path: Path, client: Client
) -> None:
    """After a kill the next process resumes, even from another mirror."""
    url = server.add("/a.zip", archive.data)
    half = archive.measure(NAME) // 2
    server.spoil("/a.zip", "none")
    server.spoil("/a.zip", "stall", at=half)
    child = subprocess.Popen(
        [sys.executable, "-W", "error", "-c", CHILD, url, NAME, str(tmp_path)],
        stdout=subprocess.PIPE,
    )
    assert child.stdout is not None
    with child.stdout:
        assert child.stdout.readline() == b"begun\n"
        (part,) = tmp_path.glob("*.part")
        while part.stat().st_size < half:
            assert child.poll() is None
        child.kill()
        child.wait()
    mirror = server.add("/mirror/a.zip", archive.data, etag='"other"')
    assert take(mirror, NAME, tmp_path, client) == archive.texts[NAME]
    assert server.sent <= 1.02 * archive.measure(NAME)
    assert list(tmp_path.iterdir()) == []


CHILD = """
import sys
from pathlib import Path
from glove_registry.download.http import Client, open_member

with Client() as client, open_member(
    client, sys.argv[1], sys.argv[2], Path(sys.argv[3])
) as text:
    for number, chunk in enumerate(text):
        if number == 0:
            print("begun", flush=True)
"""


def test_change_between_requests(
    server: FaultServer, archive: Archive, tmp_path: Path, client: Client
) -> None:
    """An archive that is replaced between the two requests is read anew."""
    url = server.add("/a.zip", archive.data)
    server.spoil("/a.zip", "none")
    change = {"data": make_zip({NAME: b"another text"}), "etag": '"v2"'}
    server.spoil("/a.zip", "become", change=change)
    with (
        pytest.raises(Changed),
        open_member(client, url, NAME, tmp_path) as text,
    ):
        list(text)
    assert take(url, NAME, tmp_path, client) == b"another text"


def test_damage_after_resume(
    server: FaultServer, archive: Archive, tmp_path: Path, client: Client
) -> None:
    """A part that went bad on disk is dropped, and the member taken from zero."""
    url = server.add("/a.zip", archive.data)
    with open_member(client, url, NAME, tmp_path) as text:
        for _ in text:
            break
    (part,) = tmp_path.glob("*.part")
    damaged = bytearray(part.read_bytes())
    damaged[100] ^= 255
    part.write_bytes(damaged)
    with (
        pytest.raises(Changed, match=r"after a resume\)$") as caught,
        open_member(client, url, NAME, tmp_path) as text,
    ):
        list(text)
    assert str(caught.value).count(url) == 1
    part.write_bytes(damaged)
    assert take(url, NAME, tmp_path, client) == archive.texts[NAME]
    assert list(tmp_path.iterdir()) == []


def test_damage_without_resume(
    server: FaultServer, archive: Archive, tmp_path: Path, client: Client
) -> None:
    """A member that is damaged on the server is refused, and not kept."""
    entry = zipfile.ZipFile(io.BytesIO(archive.data)).getinfo(NAME)
    damaged = bytearray(archive.data)
    damaged[entry.header_offset + entry.compress_size // 2] ^= 255
    url = server.add("/a.zip", bytes(damaged))
    with pytest.raises(BadArchive) as caught:
        take(url, NAME, tmp_path, client)
    assert caught.value.kind in ("checksum", "damaged", "cut", "bomb")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("expected", [{"size": 17}, {"sha256": "0" * 64}])
def test_wrong_bytes(
    server: FaultServer,
    archive: Archive,
    tmp_path: Path,
    client: Client,
    expected: dict[str, int | str],
) -> None:
    """A sound member that is not the promised one is a checksum error, and not kept."""
    url = server.add("/a.zip", archive.data)
    with (
        pytest.raises(WrongBytes, match=f"{NAME}: expected ") as caught,
        open_member(client, url, NAME, tmp_path, **expected) as text,  # type: ignore[arg-type]
    ):
        list(text)
    assert isinstance(caught.value, ChecksumError)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("status", [429, 503])
def test_busy_server(
    server: FaultServer,
    archive: Archive,
    tmp_path: Path,
    client: Client,
    sleeps: list[float],
    status: int,
) -> None:
    """Both requests of a member wait for a server that is busy."""
    url = server.add("/a.zip", archive.data)
    for kind in ("status", "none", "status"):
        headers = {"Retry-After": "9"}
        server.spoil("/a.zip", kind, status=status, headers=headers)
    assert take(url, NAME, tmp_path, client) == archive.texts[NAME]
    assert sleeps == [9.0, 9.0]


def test_directory_of_a_remote_archive(
    server: FaultServer, archive: Archive, client: Client
) -> None:
    """Names and sizes of the members are known after one request."""
    url = server.add("/a.zip", archive.data)
    found = read_archive(client, url)
    assert {entry.name: entry.size for entry in found.directory.members} == {
        name: len(text) for name, text in archive.texts.items()
    }
    assert found.facts.total == len(archive.data)
    assert len(server.seen) == 1


def test_encrypted_member(server: FaultServer, tmp_path: Path, client: Client) -> None:
    """A member that cannot be read is refused by the directory, with a named reason."""
    data = make_zip({NAME: b"the 0.1\n"})
    at = data.index(b"PK\x01\x02") + 8
    url = server.add("/a.zip", data[:at] + b"\x01" + data[at + 1 :])
    with pytest.raises(BadArchive, match="encrypted") as caught:
        take(url, NAME, tmp_path, client)
    assert caught.value.kind == "encrypted"
    assert len(server.seen) == 1


# --- files that are no archives, servers without ranges


@pytest.mark.parametrize(
    ("data", "kind"),
    [(b"x" * 100_000, "not-a-zip"), (b"<html>", "not-a-zip")],
)
def test_not_a_zip(
    server: FaultServer, tmp_path: Path, client: Client, data: bytes, kind: str
) -> None:
    """A file that is no archive is refused by its end, without fetching the rest."""
    url = server.add("/a.zip", data)
    with pytest.raises(BadArchive) as caught:
        take(url, NAME, tmp_path, client)
    assert (caught.value.kind, len(server.seen)) == (kind, 1)
    assert caught.value.url == url


def test_html_in_place_of_zip(
    server: FaultServer, tmp_path: Path, client: Client
) -> None:
    """A page in place of an archive is refused at its header."""
    url = server.add("/a.zip", b"<html>", kind="text/html", ranges="none")
    with pytest.raises(Refused, match="HTML page in place of the file"):
        take(url, NAME, tmp_path, client)
    assert len(server.seen) == 1


@pytest.mark.parametrize("refusal", [200, 400, 405, 416, 501])
def test_suffix_ranges_refused(
    server: FaultServer, archive: Archive, tmp_path: Path, client: Client, refusal: int
) -> None:
    """Without suffix ranges the size is requested first, by one byte and no HEAD."""
    url = server.add("/a.zip", archive.data, ranges="no suffix", refusal=refusal)
    assert take(url, NAME, tmp_path, client) == archive.texts[NAME]
    begin = len(archive.data) - 65634
    assert server.ranges[1:3] == ["bytes=0-0", f"bytes={begin}-{len(archive.data) - 1}"]
    assert {seen.method for seen in server.seen} == {"GET"}


@pytest.mark.parametrize("refusal", [200, 400, 405, 416, 501])
def test_no_ranges(
    server: FaultServer, archive: Archive, tmp_path: Path, client: Client, refusal: int
) -> None:
    """Without any ranges the error is one of its own, and tells the size if it can."""
    url = server.add("/a.zip", archive.data, ranges="none", refusal=refusal)
    with pytest.raises(RangesUnsupported) as caught:
        take(url, NAME, tmp_path, client)
    assert caught.value.total == (len(archive.data) if refusal == 200 else None)


def test_small_archive_without_suffix_ranges(
    server: FaultServer, tmp_path: Path, client: Client
) -> None:
    """An archive that is smaller than what is read of the end is read whole."""
    data = make_zip({"only.txt": b"the 0.1\n"})
    url = server.add("/a.zip", data, ranges="no suffix", refusal=416)
    assert take(url, "only.txt", tmp_path, client) == b"the 0.1\n"
    assert server.ranges[:3] == [
        "bytes=-65634",
        "bytes=0-0",
        f"bytes=0-{len(data) - 1}",
    ]


def test_no_ranges_and_no_size(server: FaultServer, client: Client) -> None:
    """Without ranges from the end or a size, the end of an archive is not found."""
    url = server.add("/a.zip", b"PK", ranges="no suffix")
    server.spoil("/a.zip", "none")
    server.spoil("/a.zip", "headers", headers={"Content-Range": "bytes 0-0/*"})
    with pytest.raises(RangesUnsupported):
        read_archive(client, url)
    assert server.ranges == ["bytes=-65634", "bytes=0-0"]


def test_wrong_ranges(
    server: FaultServer, archive: Archive, tmp_path: Path, client: Client
) -> None:
    """A server that sends other ranges than requested counts as one without ranges."""
    url = server.add("/a.zip", archive.data, ranges="wrong")
    with pytest.raises(RangesUnsupported):
        take(url, NAME, tmp_path, client)


def test_endless_member(
    server: FaultServer, archive: Archive, tmp_path: Path, client: Client
) -> None:
    """A body that does not end is left where the directory says the member ends."""
    url = server.add("/a.zip", archive.data)
    server.spoil("/a.zip", "none")
    server.spoil("/a.zip", "endless")
    assert take(url, NAME, tmp_path, client) == archive.texts[NAME]


# --- whole archives


def test_whole_archive(
    server: FaultServer, archive: Archive, tmp_path: Path, client: Client
) -> None:
    """The whole archive is taken once, and the member read out of it."""
    url = server.add("/a.zip", archive.data, ranges="none")
    sha256 = hashlib.sha256(archive.texts[NAME]).hexdigest()
    with open_archived_member(client, url, NAME, tmp_path, sha256=sha256) as text:
        assert b"".join(text) == archive.texts[NAME]
    assert len(server.seen) == 1
    assert list(tmp_path.iterdir()) == []


def test_unverified_archive_is_not_kept(
    server: FaultServer, archive: Archive, tmp_path: Path, client: Client
) -> None:
    """An archive without a checksum that has no such member is not kept."""
    url = server.add("/a.zip", archive.data)
    with (
        pytest.raises(BadArchive, match=r"no member 'words\.txt'"),
        open_archived_member(client, url, "words.txt", tmp_path),
    ):
        pass
    assert list(tmp_path.iterdir()) == []
