"""The part file: what it keeps, what it forgets, who may write to it."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from glove_registry.transport import part as part_module
from glove_registry.transport.part import Facts, Part
from glove_registry.transport.policy import Policy
from glove_registry.transport.transport import stream
from transport.fault_server import FaultServer

FACTS = Facts(etag='"v1"', modified=None, total=10)


def write(folder: Path, data: bytes, key: str = "key") -> Path:
    """Leave a part behind, as an interrupted transfer does."""
    with Part(folder, key) as part:
        part.note(FACTS)
        part.append(data)
        return part.path


def test_kept_across_openings(tmp_path: Path) -> None:
    """Bytes and facts of a closed part are there when it is opened again."""
    write(tmp_path, b"abc")
    with Part(tmp_path, "key") as part:
        assert b"".join(part.read()) == b"abc"
        assert (part.size, part.facts, part.resumed) == (3, FACTS, True)
        part.append(b"def")
        assert b"".join(part.read(2, 5)) == b"cde"


def test_keys_do_not_mix(tmp_path: Path) -> None:
    """Each key has a file of its own, whose name holds nothing of the key."""
    write(tmp_path, b"abc", "../../etc/passwd")
    with Part(tmp_path, "other") as part:
        assert part.size == 0
    assert {path.parent for path in tmp_path.rglob("*")} == {tmp_path}


@pytest.mark.parametrize(
    "sidecar", ["", "{", "[]", '{"etag": 1, "modified": null, "total": 3}', None]
)
def test_unknown_origin(tmp_path: Path, sidecar: str | None) -> None:
    """Bytes of which nothing is known are thrown away."""
    path = write(tmp_path, b"abc").with_suffix(".json")
    if sidecar is None:
        path.unlink()
    else:
        path.write_text(sidecar)
    with Part(tmp_path, "key") as part:
        assert (part.size, part.facts, part.resumed) == (0, Facts(), False)


def test_facts_are_written_before_bytes(
    server: FaultServer, tmp_path: Path, policy: Policy
) -> None:
    """At no moment are there bytes of which nothing is written down."""
    url = server.add("/f", b"x" * 1_000_000)
    with Part(tmp_path, url) as part:
        for _ in stream(url, part, policy=policy):
            assert part.path.with_suffix(".json").exists()


def test_nothing_left_of_an_empty_part(tmp_path: Path) -> None:
    """A part that got no bytes, or is removed, leaves no file."""
    with Part(tmp_path, "key") as part:
        part.note(FACTS)
    write(tmp_path, b"abc")
    with Part(tmp_path, "key") as part:
        part.remove()
    assert list(tmp_path.iterdir()) == []


def test_permissions_follow_the_umask(tmp_path: Path) -> None:
    """Files of a shared cache can be read by those who share it."""
    before = os.umask(0o027)
    try:
        path = write(tmp_path, b"abc")
    finally:
        os.umask(before)
    for one in (path, path.with_suffix(".json")):
        assert one.stat().st_mode & 0o777 == 0o640


@pytest.mark.skipif(os.name == "nt", reason="no advisory locks there")
def test_second_process_gets_its_own(tmp_path: Path) -> None:
    """Two processes with one key never write to one file, and the first is unharmed."""
    with Part(tmp_path, "key") as part:
        part.note(FACTS)
        part.append(b"abc")
        command = [sys.executable, "-W", "error", "-c", SECOND, str(tmp_path)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        size, name = done.stdout.split()
        assert size == "0"
        assert name != part.path.name
        assert not (tmp_path / name).exists()
    with Part(tmp_path, "key") as part:
        assert b"".join(part.read()) == b"abc"


SECOND = """
import sys
from pathlib import Path
from glove_registry.transport.part import Facts, Part

with Part(Path(sys.argv[1]), "key") as part:
    print(part.size, part.path.name)
    part.note(Facts())
    part.append(b"xyz")
"""


def test_without_locks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the file system knows no locks, each part has a name of its own."""
    fcntl = pytest.importorskip("fcntl")

    def refuse(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)
    with Part(tmp_path, "key") as one, Part(tmp_path, "key") as two:
        assert one.path != two.path
        one.append(b"abc")
        two.append(b"xyz")
        assert b"".join(one.read()) == b"abc"
    assert [path.suffix for path in tmp_path.iterdir()] == [".part"]


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_disk_full(
    server: FaultServer,
    tmp_path: Path,
    policy: Policy,
    monkeypatch: pytest.MonkeyPatch,
    code: int,
) -> None:
    """A full disk is the OSError that it is; the part is kept and gone on with."""
    data = os.urandom(1_000_000)
    url = server.add("/f", data)
    append = Part.append

    def fill(part: Part, piece: bytes) -> None:
        append(part, piece[: max(500_000 - part.size, 0)])
        if part.size == 500_000:
            raise OSError(code, os.strerror(code))

    with monkeypatch.context() as patched:
        patched.setattr(part_module.Part, "append", fill)
        with Part(tmp_path, url) as part:
            chunks = stream(url, part, policy=policy)
            with pytest.raises(OSError, match=os.strerror(code)) as caught:
                list(chunks)
    assert (type(caught.value), caught.value.errno) == (OSError, code)
    with Part(tmp_path, url) as part:
        assert b"".join(stream(url, part, policy=policy)) == data
    assert server.ranges == [None, "bytes=500000-"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has /dev/full")
def test_device_full(tmp_path: Path) -> None:
    """The operating system's own "no space left" comes through unchanged."""
    with Part(tmp_path, "key") as part:
        path = part.path
    path.symlink_to("/dev/full")
    reason = os.strerror(errno.ENOSPC)
    with Part(tmp_path, "key") as part, pytest.raises(OSError, match=reason) as caught:
        part.append(b"abc")
    assert caught.value.errno == errno.ENOSPC


def test_folder_that_cannot_be_made(tmp_path: Path) -> None:
    """A folder that cannot be is the OSError that it is."""
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OSError, match="file"):
        Part(tmp_path / "file" / "partial", "key")
