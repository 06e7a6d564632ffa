"""`check` asks every source by small requests, and compares sizes where it can."""

import errno
import json
import os
import random
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fault_server import FaultServer, Resource
from zips import make_zip

from glove_registry.cli import main

TEXT = random.Random(3).randbytes(400_000).hex().encode()


@pytest.fixture
def server() -> Iterator[FaultServer]:
    """A server with an archive, a plain file and nothing else."""
    archive = make_zip({"a.txt": TEXT, "b.txt": b"b"})
    with FaultServer() as running:
        running.resources["/a.zip"] = Resource(archive)
        running.resources["/a.gz"] = Resource(b"0123456789" * 1000)
        yield running


def check(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], **fields: Any
) -> tuple[int, str, str]:
    """Check an entry; return the exit code, state and detail."""
    path = tmp_path / "registry.yaml"
    path.write_text(json.dumps({"variants": {"mine": {"sha256": "a" * 64, **fields}}}))
    status = main(["check", "mine", "--registry", str(path), "--json"])
    (finding,) = json.loads(capsys.readouterr().out)
    return status, finding["state"], finding["detail"]


def test_a_source_that_is_right_is_ok(
    server: FaultServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An archive that has the member, of the right size, costs kilobytes to check."""
    data = server.resources["/a.zip"].data
    status, state, detail = check(
        tmp_path,
        capsys,
        url=f"{server.base}/a.zip",
        bytes=len(data),
        member={"name": "a.txt", "bytes": len(TEXT)},
    )
    assert (status, state) == (0, "ok")
    assert "800,000 bytes" in detail
    assert sum(seen.sent for seen in server.seen) < 70_000 < len(data)

    asked = len(server.seen)
    status, state, _ = check(tmp_path, capsys, url=f"{server.base}/a.gz", bytes=10_000)
    assert (status, state) == (0, "ok")
    assert sum(seen.sent for seen in server.seen[asked:]) <= 1


@pytest.mark.parametrize(
    ("file", "fields", "words"),
    [
        ("a.zip", {"bytes": 5, "member": "a.txt"}, "expected 5"),
        ("a.zip", {"member": {"name": "a.txt", "bytes": 5}}, "expected 5"),
        ("a.zip", {"member": "c.txt"}, "c.txt"),
        ("a.zip", {}, "a.txt"),
        ("a.gz", {"bytes": 5}, "expected 5"),
        ("a.gz", {"member": "a.txt"}, "zip"),
        ("b.gz", {}, "404"),
    ],
)
def test_a_source_that_is_wrong_is_said_to_be(
    file: str,
    fields: dict[str, Any],
    words: str,
    server: FaultServer,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Another size, a missing member, no archive or no file give exit code 1."""
    url = f"{server.base}/{file}"
    status, state, detail = check(tmp_path, capsys, url=url, **fields)
    assert (status, state) == (1, "wrong")
    assert words in detail


def test_files_of_this_machine_are_looked_at(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """file: and package: sources are checked where they are; ftp: is not asked."""
    (tmp_path / "v.txt").write_bytes(b"x")
    assert check(tmp_path, capsys, url="file:v.txt", bytes=1)[:2] == (0, "ok")
    assert check(tmp_path, capsys, url="file:v.txt", bytes=2)[:2] == (1, "wrong")
    assert check(tmp_path, capsys, url="file:w.txt")[:2] == (1, "wrong")
    assert check(tmp_path, capsys, url="package:no_such/v.txt")[:2] == (1, "wrong")
    assert check(tmp_path, capsys, url="ftp://127.0.0.1/v")[:2] == (0, "unchecked")
    assert main(["check", "glove.6B.50d-first10k"]) == 0
    assert "1,479,756 bytes" in capsys.readouterr().out


def test_archives_of_this_machine_are_looked_into(
    server: FaultServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A local zip must have the member, of its size; a tar would have to be read."""
    (tmp_path / "v.zip").write_bytes(make_zip({"a.txt": TEXT}))
    found = check(tmp_path, capsys, url="file:v.zip", member="a.txt")
    assert found[:2] == (0, "ok")
    found = check(tmp_path, capsys, url="file:v.zip", member="b.txt")
    assert found[:2] == (1, "wrong")
    assert "no member 'b.txt'" in found[2]
    for size, state in ((len(TEXT), "ok"), (999_999, "wrong")):
        member = {"name": "a.txt", "bytes": size}
        assert check(tmp_path, capsys, url="file:v.zip", member=member)[1] == state
    with tarfile.open(tmp_path / "v.tar.gz", "w:gz"):
        pass
    server.resources["/v.tar.gz"] = server.resources["/a.gz"]
    for url in ("file:v.tar.gz", f"{server.base}/v.tar.gz"):
        found = check(tmp_path, capsys, url=url, member="b.txt")
        assert found[1] == "unchecked"
        assert "its members are unknown without reading it" in found[2]
    # A name does not say which container it is.
    packed = (tmp_path / "v.tar.gz").read_bytes()
    (tmp_path / "v.gz").write_bytes(packed)
    server.resources["/v.gz"] = Resource(packed)
    for url in ("file:v.gz", f"{server.base}/v.gz"):
        found = check(tmp_path, capsys, url=url, member="b.txt")
        assert found[1] == "unchecked"
        assert "its members are unknown without reading it" in found[2]
        assert check(tmp_path, capsys, url=url, member="b.txt", bytes=5)[1] == "wrong"
    (tmp_path / "v.zip").write_bytes(b"text")
    assert check(tmp_path, capsys, url="file:v.zip")[:2] == (1, "wrong")


def test_a_file_that_may_not_be_read_is_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file without read permission is that source's state, not the command's end."""

    def refuse(path: Path) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)

    (tmp_path / "v.txt").write_bytes(b"x")
    monkeypatch.setattr("glove_registry.download.check.open_regular", refuse)
    status, state, detail = check(tmp_path, capsys, url="file:v.txt")
    assert (status, state) == (1, "wrong")
    assert detail == f"the file cannot be read ({os.strerror(errno.EACCES)})"


@pytest.mark.parametrize("url", [f"file:{'x' * 300}", "file:///proc/self/mem"])
def test_a_file_that_fails_when_looked_at_is_wrong(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same holds for a path that no file can have, and for an error of reading."""
    status, state, detail = check(tmp_path, capsys, url=url)
    assert (status, state) == (1, "wrong")
    assert "cannot be read (" in detail


def test_a_file_that_has_nothing_to_read_now_is_looked_at(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file whose reading returns None, as of some in /proc, counts as empty."""
    (tmp_path / "v.txt").write_bytes(b"x")
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    with open(reading, "rb") as empty, open(writing, "wb"):
        monkeypatch.setattr(
            "glove_registry.download.check.open_regular", lambda path: empty
        )
        found = check(tmp_path, capsys, url="file:v.txt", bytes=1)
    assert found[:2] == (1, "wrong")


def test_offline_nothing_is_asked(
    server: FaultServer,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Offline, `check` does not use the network either."""
    monkeypatch.setenv("GLOVE_REGISTRY_OFFLINE", "1")
    status, state, _ = check(tmp_path, capsys, url=f"{server.base}/a.gz")
    assert (status, state) == (0, "unchecked")
    assert server.seen == []


def test_silence_and_missing_ranges_are_told_from_what_is_wrong(
    server: FaultServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A host without an answer, or without ranges, is told from a bad file."""
    server.resources["/a.zip"].ranges = "none"
    data = server.resources["/a.zip"].data
    for size, state in (({"bytes": len(data)}, "ok"), ({}, "unchecked")):
        url = f"{server.base}/a.zip"
        found = check(tmp_path, capsys, url=url, member="a.txt", **size)
        assert found[:2] == (0, state)
        assert "no ranges" in found[2]
    found = check(tmp_path, capsys, url="http://127.0.0.1:9/a.zip", member="a.txt")
    assert found[:2] == (1, "unreachable")


def test_a_file_of_unknown_size_is_there(
    server: FaultServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """If a server does not tell the size of a file, no size is compared."""
    resource = server.resources["/a.gz"]
    resource.ranges, resource.framing = "none", "chunked"
    found = check(tmp_path, capsys, url=f"{server.base}/a.gz", bytes=5)
    assert found == (0, "unchecked", "the file exists, but its size is unknown")
    found = check(tmp_path, capsys, url=f"{server.base}/a.gz")
    assert found[:2] == (0, "ok")


@pytest.mark.parametrize(
    ("known", "state"), [({"sha256": "b" * 64}, "ok"), ({}, "wrong")]
)
def test_an_archive_whose_etag_changes_always(
    known: dict[str, str],
    state: str,
    server: FaultServer,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Requests that name other versions are put together only if a sha256 decides."""
    # Not within reach of the one request for the end of the archive.
    server.resources["/a.zip"].ranges = "no suffix"
    server.resources["/a.zip"].refusal = 416
    for number in range(20):
        server.spoil("/a.zip", "headers", change={"etag": f'"{number}"'})
    member = {"name": "a.txt", **known}
    found = check(tmp_path, capsys, url=f"{server.base}/a.zip", member=member)
    assert found[1] == state
