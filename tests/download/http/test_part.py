"""The part file: what it keeps, what it forgets, who may write to it."""

import errno
import json
import os
import shutil
import subprocess
import sys
from io import FileIO
from pathlib import Path
from typing import Any

import pytest
from fault_server import FaultServer
from small_disk import small_disk

from glove_registry.download.http.client import Client
from glove_registry.download.http.errors import Refused
from glove_registry.download.http.part import Facts, Part

FACTS = Facts(etag='"v1"', modified=None, total=10)


def write(folder: Path, data: bytes, key: str = "key") -> Path:
    """Leave a part behind, as an interrupted transfer does."""
    with Part(folder, key) as part:
        part.save_facts(FACTS)
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


def test_facts_that_change_are_kept(tmp_path: Path) -> None:
    """The next opening finds the facts that were saved last, whatever came before."""
    later = Facts(etag='"v2"', modified=None, total=11)
    with Part(tmp_path, "key") as part:
        part.append(b"abc")
        for facts in (FACTS, later):
            part.save_facts(facts)
    with Part(tmp_path, "key") as part:
        assert part.facts == later
        assert part.resumed


def test_facts_that_stay_are_not_written_again(tmp_path: Path) -> None:
    """A kill while a transfer is resumed finds the facts beside the bytes."""
    path = write(tmp_path, b"abc").with_suffix(".json")
    before = path.stat()
    with Part(tmp_path, "key") as part:
        part.save_facts(FACTS)
    after = path.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_facts_of_bytes_that_were_dropped(tmp_path: Path) -> None:
    """What was known of bytes that were dropped is not held against the next ones."""
    write(tmp_path, b"abc")
    with Part(tmp_path, "key") as part:
        part.reset()
        part.save_facts(Facts())
        part.append(b"xyz")
    with Part(tmp_path, "key") as part:
        assert (part.size, part.facts) == (3, Facts())


def test_a_part_of_no_bytes_is_not_resumed(tmp_path: Path) -> None:
    """Only bytes of an earlier run can be to blame for a seam; one is enough."""
    with Part(tmp_path, "key") as part:
        assert not part.resumed
    path = write(tmp_path, b"a")
    with Part(tmp_path, "key") as part:
        assert part.resumed
    os.truncate(path, 0)
    with Part(tmp_path, "key") as part:
        assert part.facts == FACTS
        assert not part.resumed


class Reluctant(FileIO):
    """A file that takes three bytes at a time, as a disk that is all but full does."""

    def write(self, data: bytes, /) -> int:  # type: ignore[override]
        """Write some of the bytes."""
        return super().write(memoryview(data)[:3])


def test_short_writes_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bytes that a write did not take are written by the next one, once."""

    def open_reluctantly(path: object, mode: str, **settings: Any) -> object:
        if mode == "a+b" and settings.pop("buffering") == 0:
            return Reluctant(path, "a+", **settings)  # type: ignore[arg-type]
        return open(path, mode, **settings)  # type: ignore[call-overload]

    name = "glove_registry.download.http.part.open"
    monkeypatch.setattr(name, open_reluctantly, raising=False)
    with Part(tmp_path, "key") as part:
        part.save_facts(FACTS)
        part.append(b"abcdefgh")
        part.append(b"ij")
        assert part.size == 10
        assert part.path.read_bytes() == b"abcdefghij"
        assert b"".join(part.read()) == b"abcdefghij"


@pytest.mark.skipif(os.name == "nt", reason="no limits of that kind there")
def test_what_fitted_is_counted(tmp_path: Path) -> None:
    """After a write that failed half-way, the size is that of the bytes in the file."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    with Part(tmp_path, "key") as part:
        part.save_facts(FACTS)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))
        try:
            with pytest.raises(OSError, match=os.strerror(errno.EFBIG)):
                part.append(bytes(4096) + b"a")
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        assert part.size == part.path.stat().st_size == 4096


A, B = '"a"', '"b"'
DAYS = "Mon, 01 Jan 2024 00:00:00 GMT", "Tue, 02 Jan 2024 00:00:00 GMT"


@pytest.mark.parametrize(
    ("older", "newer", "contradiction"),
    [
        ({}, {}, None),
        ({"total": 10}, {"total": 10}, None),
        ({"total": 10}, {}, None),
        ({}, {"total": 10}, None),
        ({"total": 10}, {"total": 11}, "has 11 bytes, not 10"),
        ({"total": 0}, {"total": 11}, "has 11 bytes, not 0"),
        ({"total": 10}, {"total": 0}, "has 0 bytes, not 10"),
        ({"etag": A, "total": 10}, {"etag": A, "total": 11}, "has 11 bytes"),
        ({"etag": A, "total": 10}, {"etag": B, "total": 10}, "another ETag"),
        ({"etag": A}, {"etag": A}, None),
        ({"etag": A}, {}, None),
        ({}, {"etag": A}, None),
        ({"modified": DAYS[0]}, {"modified": DAYS[0]}, None),
        ({"modified": DAYS[0]}, {"modified": DAYS[1]}, "another Last-Modified"),
        ({"modified": DAYS[0]}, {}, None),
        ({}, {"modified": DAYS[0]}, None),
        ({"etag": A}, {"modified": DAYS[0]}, None),
        ({"etag": A, "modified": DAYS[0]}, {"etag": A, "modified": DAYS[1]}, None),
        (
            {"etag": A, "modified": DAYS[0]},
            {"etag": B, "modified": DAYS[0]},
            "another ETag",
        ),
        (
            {"etag": A, "modified": DAYS[0]},
            {"modified": DAYS[1]},
            "another Last-Modified",
        ),
    ],
)
def test_what_makes_it_another_file(
    older: dict[str, Any], newer: dict[str, Any], contradiction: str | None
) -> None:
    """A size, then a tag, then a date that both answers have and that differ."""
    found = Facts(**older).find_contradiction(Facts(**newer))
    if contradiction is None:
        assert found is None
    else:
        assert found is not None
        assert contradiction in found


def test_newer_facts_replace_older_ones() -> None:
    """What a later answer says counts, a size of zero too; what it leaves out stays."""
    old = Facts(etag=A, modified=DAYS[0], total=10)
    new = Facts(etag=B, modified=DAYS[1], total=0)
    assert old.updated_by(new) == new
    assert old.updated_by(Facts()) == old
    assert Facts().updated_by(old) == old
    assert old.validator == A
    assert Facts(modified=DAYS[0]).validator == DAYS[0]


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
    server: FaultServer, tmp_path: Path, client: Client
) -> None:
    """At no moment are there bytes of which nothing is written down."""
    url = server.add("/f", b"x" * 1_000_000)
    with Part(tmp_path, url) as part:
        for _ in client.stream(url, part):
            assert part.path.with_suffix(".json").exists()


def test_nothing_left_of_an_empty_part(tmp_path: Path) -> None:
    """A part that got no bytes, or is removed, leaves no file."""
    with Part(tmp_path, "key") as part:
        part.save_facts(FACTS)
    assert list(tmp_path.iterdir()) == []
    write(tmp_path, b"abc")
    with Part(tmp_path, "key") as part:
        part.remove()
    assert list(tmp_path.iterdir()) == []
    with Part(tmp_path, "key") as part:
        part.path.unlink()
    assert list(tmp_path.iterdir()) == []


def test_rejected_bytes(tmp_path: Path) -> None:
    """Bytes that did not belong together are gone, and the next are not mixed."""
    write(tmp_path, b"abc")
    with Part(tmp_path, "key", has_checksum=True) as part:
        assert part.has_checksum
        part.reject()
        assert (part.size, part.path.stat().st_size, part.resumed) == (0, 0, False)
    for has_checksum in (True, False):
        with Part(tmp_path, "key", has_checksum=has_checksum) as part:
            assert not part.has_checksum
        # That is to be remembered until bytes of one version have come.
        with Part(tmp_path, "other", has_checksum=has_checksum) as part:
            assert part.has_checksum == has_checksum


def test_bytes_that_are_lost_meanwhile(tmp_path: Path) -> None:
    """Reading a file that somebody made shorter ends where the file does."""
    with Part(tmp_path, "key") as part:
        part.append(b"abcdef")
        os.truncate(part.path, 4)
        assert b"".join(part.read()) == b"abcd"


def test_a_part_that_its_last_owner_deletes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A part that is deleted or replaced before it is locked is opened once more."""
    fcntl = pytest.importorskip("fcntl")
    lock = fcntl.flock
    changes = [os.unlink, lambda path: os.replace(tmp_path / "other", path)]

    def lock_late(number: int, how: int) -> None:
        if changes:
            changes.pop()(path)
        lock(number, how)

    path = write(tmp_path, b"abc")
    (tmp_path / "other").write_bytes(b"x")
    monkeypatch.setattr(fcntl, "flock", lock_late)
    with Part(tmp_path, "key") as part:
        assert part.path == path
        part.append(b"xyz")
        assert path.read_bytes() == b"xyz"
    assert changes == []


def test_without_any_locks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where Python has no locks, as on Windows, parts are resumed all the same."""
    monkeypatch.setitem(sys.modules, "fcntl", None)
    write(tmp_path, b"abc")
    with Part(tmp_path, "key") as part:
        assert b"".join(part.read()) == b"abc"


def test_a_disk_that_cannot_open_a_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault of the disk is raised as it is, and not taken for another's file."""

    def fail(*_: object, **__: object) -> object:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr("glove_registry.download.http.part.open", fail, raising=False)
    with pytest.raises(OSError, match=os.strerror(errno.EIO)):
        Part(tmp_path, "key")


@pytest.mark.parametrize(("umask", "mode"), [(0o027, 0o640), (0, 0o666)])
def test_permissions_follow_the_umask(tmp_path: Path, umask: int, mode: int) -> None:
    """Files of a shared cache can be read by those who share it."""
    before = os.umask(umask)
    try:
        path = write(tmp_path, b"abc")
        with Part(tmp_path, "key"), Part(tmp_path, "key") as second:
            private = second.path.stat()
    finally:
        os.umask(before)
    for found in (path.stat(), path.with_suffix(".json").stat(), private):
        assert found.st_mode & 0o777 == mode


@pytest.mark.skipif(os.name == "nt", reason="no advisory locks there")
def test_second_process_gets_its_own(tmp_path: Path) -> None:
    """Two processes with one key never write to one file, and the first is unharmed."""
    with Part(tmp_path, "key") as part:
        part.save_facts(FACTS)
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
from glove_registry.download.http.part import Facts, Part

with Part(Path(sys.argv[1]), "key") as part:
    print(part.size, part.path.name)
    part.save_facts(Facts())
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
        assert b"".join(one.read(0, 1)) == b"a"
        one.append(b"def")
        assert b"".join(one.read()) == b"abcdef"
    assert [path.suffix for path in tmp_path.iterdir()] == [".part"]


@pytest.mark.parametrize("has_checksum", [True, False])
def test_disk_full(
    server: FaultServer, tmp_path: Path, client: Client, has_checksum: bool
) -> None:
    """On a full disk, a part with a checksum stays and is resumed, others go."""
    data = os.urandom(1_000_000)
    url = server.add("/f", data)
    with small_disk(tmp_path / "disk", 1 << 21) as folder:
        filler = folder / "filler"

        def take() -> None:
            with Part(folder, url, has_checksum=has_checksum) as part:
                for _ in client.stream(url, part):
                    # Somebody else fills the disk meanwhile.
                    filler.write_bytes(bytes(min(part.size, 500_000) * 4))

        with pytest.raises(OSError, match=os.strerror(errno.ENOSPC)) as caught:
            take()
        assert (type(caught.value), caught.value.errno) == (OSError, errno.ENOSPC)
        filler.unlink()
        with Part(folder, url, has_checksum=has_checksum) as part:
            assert (part.size > 0) == has_checksum
            assert b"".join(client.stream(url, part)) == data
    assert (server.ranges[1] is not None) == has_checksum


def test_file_that_the_disk_has_no_room_for(
    server: FaultServer, tmp_path: Path, client: Client
) -> None:
    """A declared size is held against the free space before anything is taken."""
    url = server.add("/f", bytes(5_000_000))
    with (
        small_disk(tmp_path / "disk", 1 << 22) as folder,
        Part(folder, url) as part,
        pytest.raises(Refused, match=r"5,000,000 bytes .* bytes free; free some disk"),
    ):
        list(client.stream(url, part))
    assert server.sent < 5_000_000


def test_body_without_end_leaves_room(
    server: FaultServer, tmp_path: Path, client: Client
) -> None:
    """A body of unknown size stops before the disk is full, and its part goes."""
    url = server.add("/f", b"")
    server.spoil("/f", "endless", times=9)

    def measure(part: Part) -> None:
        for _ in client.stream(url, part):
            least.append(shutil.disk_usage(folder).free)

    least: list[int] = []
    with small_disk(tmp_path / "disk", 1 << 23) as folder:
        with Part(folder, url) as part, pytest.raises(Refused, match="free some disk"):
            measure(part)
        assert list(folder.iterdir()) == []
    assert 0 < min(least) < 1 << 19


@pytest.mark.parametrize("odd", ["link", "dangling link", "pipe", "folder"])
def test_odd_thing_where_a_part_should_be(tmp_path: Path, odd: str) -> None:
    """Anything but a regular file is neither followed, nor waited for, nor written."""
    precious = tmp_path / "precious"
    precious.write_bytes(b"abc")
    folder = tmp_path / "partial"
    path = write(folder, b"abc")
    for one in (path, path.with_suffix(".json")):
        one.unlink()
        if odd == "pipe":
            os.mkfifo(one)
        elif odd == "folder" and one == path:
            one.mkdir()
        else:
            one.symlink_to(tmp_path / "no" if odd == "dangling link" else precious)
    with Part(folder, "key") as part:
        assert part.size == 0
        part.save_facts(FACTS)
        part.append(b"xyz")
        assert b"".join(part.read()) == b"xyz"
    assert precious.read_bytes() == b"abc"
    assert not (tmp_path / "no").exists()


def test_part_of_another_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A part that only another user may write to is left alone."""
    path = write(tmp_path, b"abc")

    def refuse(name: object, *arguments: object, **settings: object) -> object:
        if name == path:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return open(name, *arguments, **settings)  # type: ignore[call-overload]

    monkeypatch.setattr("glove_registry.download.http.part.open", refuse, raising=False)
    with Part(tmp_path, "key") as part:
        part.append(b"xyz")
    assert path.read_bytes() == b"abc"


def test_sidecar_that_no_server_takes(tmp_path: Path) -> None:
    """Validators that could not be sent back are as good as none."""
    for etag in ("x" * 60_000, '"a\nb"', '"\xe4"'):
        path = write(tmp_path, b"abc")
        facts = {"etag": etag, "modified": None, "total": 10}
        path.with_suffix(".json").write_text(json.dumps(facts))
        with Part(tmp_path, "key") as part:
            assert (part.size, part.facts) == (0, Facts())


def test_folder_that_cannot_be_made(tmp_path: Path) -> None:
    """A folder that cannot be is the OSError that it is."""
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OSError, match="file"):
        Part(tmp_path / "file" / "partial", "key")
