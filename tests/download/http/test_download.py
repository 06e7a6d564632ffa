"""Downloads: parts that outlive a process, and bytes verified at their end."""

import hashlib
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from fault_server import FaultServer
from transfers import DATA, OTHER, leave_half, take

from glove_registry.download.http.client import Client, restarting
from glove_registry.download.http.download import Download, open_remote_file
from glove_registry.download.http.errors import Changed, WrongBytes
from glove_registry.download.http.part import Facts, Part
from glove_registry.download.http.policy import Policy
from glove_registry.errors import ChecksumError


def test_resume_in_another_process(
    server: FaultServer, tmp_path: Path, policy: Policy
) -> None:
    """A killed process leaves a part that the next one resumes."""
    url = server.add("/f", DATA)
    server.spoil("/f", "stall", at=2_000_000)
    child = subprocess.Popen(
        [sys.executable, "-W", "error", "-c", CHILD, url, str(tmp_path)],
        stdout=subprocess.PIPE,
    )
    assert child.stdout is not None
    with child.stdout:
        assert child.stdout.readline() == b"half\n"
        child.kill()
        child.wait()
    assert take(url, tmp_path, policy) == DATA
    assert server.ranges == [None, "bytes=2000000-"]
    assert server.seen[1].headers["If-Range"] == '"v1"'


CHILD = """
import sys
from pathlib import Path
from glove_registry.download.http.part import Facts, Part
from glove_registry.download.http.client import Client

with Part(Path(sys.argv[2]), sys.argv[1]) as part:
    for _ in Client().stream(sys.argv[1], part):
        if part.size == 2_000_000:
            print("half", flush=True)
"""


def test_complete_part_needs_no_network(
    server: FaultServer, tmp_path: Path, policy: Policy
) -> None:
    """A complete part is read without any request."""
    url = server.add("/f", DATA)
    take(url, tmp_path, policy)
    assert take(url, tmp_path, policy) == DATA
    assert len(server.seen) == 1


def test_progress_counts_resumed_bytes(
    server: FaultServer, tmp_path: Path, client: Client, policy: Policy
) -> None:
    """Progress goes from the first byte to the last of all, resumed ones included."""
    url = server.add("/f", DATA)
    leave_half(url, tmp_path, policy)
    told: list[tuple[int, int | None]] = []
    with Part(tmp_path, url) as part:
        for _ in client.stream(url, part, on_bytes=lambda *t: told.append(t)):
            pass
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert told[-1] == (len(DATA), len(DATA))
    assert {total for _, total in told} == {len(DATA)}


def test_wrong_hash(server: FaultServer, tmp_path: Path, client: Client) -> None:
    """Wrong bytes are a checksum error that names both hashes, and are not kept."""
    url = server.add("/f", OTHER)
    expected = hashlib.sha256(DATA).hexdigest()
    with (
        pytest.raises(WrongBytes) as caught,
        open_remote_file(client, url, tmp_path, sha256=expected) as download,
    ):
        for _ in download:
            pass
    assert isinstance(caught.value, ChecksumError)
    assert expected in str(caught.value)
    assert hashlib.sha256(OTHER).hexdigest() in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_wrong_hash_after_resume(
    server: FaultServer, tmp_path: Path, client: Client
) -> None:
    """Wrong bytes after a resume are worth one more go, from zero."""
    url = server.add("/f", DATA)
    with Part(tmp_path, f"file {url}") as part:
        for _ in client.stream(url, part):
            if part.size > 1_000_000:
                break
        path = part.path
    damaged = bytearray(path.read_bytes())
    damaged[7] ^= 1
    path.write_bytes(damaged)
    texts = []

    def attempt() -> None:
        sha256 = hashlib.sha256(DATA).hexdigest()
        with open_remote_file(client, url, tmp_path, sha256=sha256) as download:
            texts.append(b"".join(download))

    restarting(attempt)
    assert texts == [DATA]
    assert server.ranges[1:] == [f"bytes={len(damaged)}-", None]


def test_part_stays_until_published(
    server: FaultServer, tmp_path: Path, client: Client
) -> None:
    """A complete part stays if publishing it fails, and is removed afterwards."""
    url = server.add("/f", DATA)

    def publish(fail: bool) -> bytes:
        with open_remote_file(client, url, tmp_path) as download:
            data = b"".join(download)
            if fail:
                raise RuntimeError
        return data

    with pytest.raises(RuntimeError):
        publish(fail=True)
    assert publish(fail=False) == DATA
    assert len(server.seen) == 1
    assert list(tmp_path.iterdir()) == []


def test_bytes_that_turn_out_wrong_later(
    server: FaultServer, tmp_path: Path, client: Client
) -> None:
    """Who finds the bytes wrong says why, and begins anew if they were resumed."""
    url = server.add("/f", DATA)

    def take_wrong() -> None:
        with open_remote_file(client, url, tmp_path, has_checksum=True) as download:
            list(download)
            download.reject(ChecksumError("it is another text"))

    server.spoil("/f", "cut", at=1_000_000)
    with pytest.raises(Changed, match=r"f: it is another text \(after a resume\)$"):
        take_wrong()
    with pytest.raises(ChecksumError, match=r"^it is another text$"):
        take_wrong()
    assert list(tmp_path.iterdir()) == []


def test_left_early(server: FaultServer, tmp_path: Path, client: Client) -> None:
    """Leaving before the end keeps the part, which can be resumed later."""
    url = server.add("/f", DATA)
    with open_remote_file(client, url, tmp_path) as download:
        begun = download.read(1000)
        assert not download.finished
    with open_remote_file(client, url, tmp_path) as download:
        data = b"".join(download)
    assert (begun, data) == (DATA[:1000], DATA)
    assert download.finished
    assert server.ranges[1] is not None


def test_read_in_pieces(server: FaultServer, tmp_path: Path, client: Client) -> None:
    """A download can be read like a file, in pieces of any size."""
    url = server.add("/f", DATA)
    with open_remote_file(client, url, tmp_path) as download:
        assert download.count == 0
        pieces = list(iter(lambda: download.read(70_001), b""))
        assert download.count == len(DATA)
        assert download.sha256 == hashlib.sha256(DATA).hexdigest()
    assert b"".join(pieces) == DATA
    assert max(map(len, pieces)) <= 70_001


def test_bytes_that_arrive_one_by_one(tmp_path: Path) -> None:
    """A reader gets as much as it asks for, however small the pieces are."""
    with Part(tmp_path, "url") as part:
        pieces = (bytes([byte]) for byte in DATA[:1000])
        download = Download("url", "the file", pieces, part, None)
        assert download.read(600) == DATA[:600]
        assert download.read(600) == DATA[600:1000]
        assert download.read(600) == b""
        assert download.finished


@pytest.mark.parametrize("at", [1, 1_000_000])
def test_bytes_of_two_answers_have_a_seam(
    server: FaultServer, tmp_path: Path, client: Client, at: int
) -> None:
    """Bytes count as resumed once an answer broke off, even after its first byte."""
    url = server.add("/f", DATA)
    for is_cut in (False, True):
        with Part(tmp_path, f"{is_cut}") as part:
            assert b"".join(client.stream(url, part)) == DATA
            assert part.resumed == is_cut
        server.spoil("/f", "cut", at=at)


def test_a_part_of_a_file_of_another_size(
    server: FaultServer, tmp_path: Path, client: Client
) -> None:
    """Bytes of a file that had another size than is wanted are not resumed."""
    url = server.add("/f", DATA)
    with Part(tmp_path, url, has_checksum=True) as part:
        part.save_facts(Facts(total=len(DATA) + 1))
        part.append(b"abc")
    with Part(tmp_path, url, has_checksum=True) as part:
        assert b"".join(client.stream(url, part, size=len(DATA))) == DATA
    assert server.ranges == [None]


@pytest.mark.parametrize(
    ("settings", "wanted"),
    [
        ({"size": 5}, slice(0, 5)),
        ({"size": 8, "start": 2, "end": 7}, slice(2, 7)),
        ({"start": 2, "end": 7}, slice(2, 7)),
    ],
)
def test_a_part_that_is_too_long(
    server: FaultServer,
    tmp_path: Path,
    client: Client,
    settings: dict[str, Any],
    wanted: slice,
) -> None:
    """More bytes than are wanted are those of another file, and are dropped."""
    url = server.add("/f", DATA[: settings.get("size", 8)])
    with Part(tmp_path, url, has_checksum=True) as part:
        part.save_facts(Facts())
        part.append(b"too long")
    with Part(tmp_path, url, has_checksum=True) as part:
        assert b"".join(client.stream(url, part, **settings)) == DATA[wanted]
    assert len(server.seen) == 1
