"""Many processes, killed processes, full disks: whole stores or none, no waste."""

import os
import random
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from entries import list_files, write_registry
from fault_server import Fault, FaultServer, Resource
from kills import kill_at_random
from small_disk import small_disk

import glove_registry
from glove_registry import Registry
from glove_registry.cache import Cache
from glove_registry.errors import CacheError
from glove_registry.store.verify import verify_items

pytestmark = pytest.mark.slow

PUBLISHED = "d8f717f8dd4b545cb7f418ef9f3d0c3e6e68a6f48b97d32f8b7aae40cb31f96f"
LOAD = (
    "import sys, glove_registry\n"
    "vectors = glove_registry.load('real', registry=sys.argv[1])\n"
    "print(len(vectors), vectors.provenance['sha256'], vectors.row('sandberger'))\n"
)


class Release:
    """The real text in an archive of two members, served with ranges."""

    def __init__(self, server: FaultServer, real_text: Path, registry: Path) -> None:
        self.server = server
        self.registry = registry
        with zipfile.ZipFile(registry.with_name("glove.6B.zip")) as archive:
            self.compressed = archive.getinfo("glove.6B.50d.txt").compress_size

    @property
    def moved(self) -> int:
        """Bytes that the server has sent."""
        return sum(seen.sent for seen in self.server.seen)

    def start(self, cache: Path | None = None) -> subprocess.Popen[str]:
        """Start a process that loads."""
        env = {**os.environ, **({"GLOVE_REGISTRY_CACHE": str(cache)} if cache else {})}
        return subprocess.Popen(
            [sys.executable, "-c", LOAD, str(self.registry)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=env,
        )

    def finish(self, process: subprocess.Popen[str]) -> str:
        """Wait for a process that loads, and see that it has the right vectors."""
        out, err = process.communicate(timeout=300)
        assert process.returncode == 0, err
        rows, sha256, last = out.split()
        assert (rows, sha256) == ("400000", PUBLISHED)
        assert int(last) == 399_999
        return err


@pytest.fixture
def release(real_text: Path, tmp_path: Path) -> Iterator[Release]:
    """The release on a server that counts."""
    path = tmp_path / "glove.6B.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        with archive.open("glove.6B.100d.txt", "w") as other:
            other.write(random.Random(1).randbytes(40_000_000))
        archive.write(real_text, "glove.6B.50d.txt")
    with FaultServer() as server:
        server.resources["/glove.6B.zip"] = Resource(path.read_bytes())
        registry = write_registry(
            tmp_path,
            "real",
            url=f"{server.base}/glove.6B.zip",
            member={"name": "glove.6B.50d.txt", "sha256": PUBLISHED},
        )
        yield Release(server, real_text, registry)


def test_only_the_member_moves(release: Release) -> None:
    """A cold load of one member moves at most 1.01 times its compressed size."""
    release.finish(release.start())
    assert release.compressed < release.moved <= 1.01 * release.compressed
    assert len(release.server.seen) == 2


def test_a_reset_every_quarter_costs_little(release: Release) -> None:
    """With a reset in each quarter at most 1.1 times the member's size moves."""
    quarter = release.compressed // 4
    # The first answer, which brings the archive's directory, is in good order.
    release.server.resources["/glove.6B.zip"].faults.extend(
        [Fault("headers"), *(Fault("reset", at=quarter) for _ in range(3))]
    )
    release.finish(release.start())
    assert len(release.server.seen) == 5
    assert release.moved <= 1.1 * release.compressed


def test_ten_processes_fetch_once(release: Release) -> None:
    """Ten processes that start together move at most 1.1 times the bytes of one."""
    processes = [release.start() for _ in range(10)]
    errors = [release.finish(process) for process in processes]
    assert release.moved <= 1.1 * release.compressed
    # All but the one that did the work say what they wait for.
    waiting = [error for error in errors if "waiting for it" in error]
    assert len(waiting) >= 8
    assert "real" in waiting[0]


def test_fifty_kills_leave_nothing_half(release: Release, cache_root: Path) -> None:
    """After each SIGKILL there is no store or a whole one, and downloads go on."""
    start = time.monotonic()
    release.finish(release.start(cache_root.with_name("another")))
    whole_run = time.monotonic() - start
    cache = Cache(cache_root)
    registry = Registry.from_file(release.registry)
    moved_before = release.moved
    for _ in kill_at_random(release.start, 50, whole_run):
        verdicts = list(verify_items(cache, registry))
        assert [verdict.fault for verdict in verdicts] == [None] * len(verdicts)
        if verdicts:
            # It was done before the signal came: begin anew.
            assert release.moved - moved_before <= 2 * release.compressed
            shutil.rmtree(cache_root)
            moved_before = release.moved
    release.finish(release.start())
    assert release.moved - moved_before <= 2 * release.compressed
    assert [verdict.fault for verdict in verify_items(cache, registry)] == [None]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk that has room for the download and not for the store, where one can be."""
    with small_disk(tmp_path / "disk", 120_000_000) as folder:
        yield folder


def resize(disk: Path, size: int) -> None:
    """Give a disk another size."""
    command = ["mount", "-o", f"remount,size={size}", str(disk)]
    subprocess.run(command, check=True)


def test_a_full_disk_is_said_and_survived(release: Release, disk: Path) -> None:
    """A text of unknown size stops before the disk is full; with room it resumes."""
    cache = disk / "cache"
    with pytest.raises(CacheError, match="would fill the disk") as caught:
        glove_registry.load("real", registry=release.registry, cache_dir=cache)
    message = str(caught.value)
    assert str(cache) in message
    assert "bytes free" in message
    assert "GLOVE_REGISTRY_CACHE" in message
    kept = list_files(cache)
    assert [name for name in kept if not name.startswith("partial/")] == []
    assert any(name.endswith(".part") for name in kept)

    resize(disk, 400_000_000)
    moved = release.moved
    vectors = glove_registry.load("real", registry=release.registry, cache_dir=cache)
    assert vectors.provenance["sha256"] == PUBLISHED
    assert release.moved - moved < release.compressed


def test_what_the_disk_has_no_room_for_is_not_begun(
    release: Release, disk: Path
) -> None:
    """A download that is larger than the free space is not begun."""
    cache = disk / "cache"
    resize(disk, 60_000_000)
    with pytest.raises(CacheError, match=r"\d bytes are needed.*GLOVE_REGISTRY_CACHE"):
        glove_registry.load("real", registry=release.registry, cache_dir=cache)
    assert list_files(cache) == []
    assert release.moved < 1 << 20


def test_too_little_room_is_said_before_anything_is_fetched(
    release: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the entry has the shape, needed and free space are compared at once."""
    path = release.registry
    path.write_text(path.read_text() + "    rows: 400000\n    dimension: 50\n")
    usage = shutil.disk_usage(tmp_path)._replace(free=60_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage)
    with pytest.raises(CacheError, match=r"needs 96,000,000 bytes .* has 60,000,000"):
        glove_registry.load("real", registry=path, cache_dir=tmp_path / "c")
    assert release.server.seen == []
