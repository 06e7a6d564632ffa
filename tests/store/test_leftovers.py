"""Leftovers of processes that died are removed at once, by any other or by prune."""

import fcntl
import json
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from entries import SMALL, list_files, sha256, write_registry
from fault_server import FaultServer
from kills import kill_at_random

import glove_registry
from glove_registry.cache import Cache, scratch
from glove_registry.cache.lock import try_lock
from glove_registry.cache.scratch import name_lock, open_scratch, sweep_scratch
from glove_registry.cli import main

SAMPLE = "glove.6B.50d-first10k"
HOUR = 3600
# Writes a file in a folder of its own, says so, and waits to be ended.
WRITE = """
import sys, pathlib
from glove_registry.cache.scratch import open_scratch
with open_scratch(pathlib.Path(sys.argv[1]), sys.argv[2]) as folder:
    (folder / "big").write_bytes(b"x" * 1000)
    print(folder, flush=True)
    sys.stdin.read()
"""


def age(path: Path, seconds: float) -> None:
    """Set the times of a file or folder back."""
    then = time.time() - seconds
    for entry in (*path.rglob("*"), path):
        os.utime(entry, (then, then))


def start_writer(parent: Path, label: str) -> tuple[subprocess.Popen[str], Path]:
    """Start a process that writes; return it and its folder."""
    parent.mkdir(parents=True, exist_ok=True)
    process = subprocess.Popen(
        [sys.executable, "-c", WRITE, str(parent), label],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    return process, Path(process.stdout.readline().strip())


@pytest.fixture
def writer(cache_root: Path) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """A process that writes in the cache, and its folder."""
    process, folder = start_writer(cache_root / "tmp", "mine")
    yield process, folder
    process.kill()
    process.communicate()


# -- alive or dead ------------------------------------------------------------------


def test_what_a_live_process_writes_stays(
    writer: tuple[subprocess.Popen[str], Path], cache_root: Path
) -> None:
    """Nothing is removed while its process lives, however old it is."""
    _, folder = writer
    age(cache_root / "tmp", 100 * HOUR)
    glove_registry.load(SAMPLE)
    assert main(["cache", "prune", "--unused-days", "0"]) == 0
    assert (folder / "big").stat().st_size == 1000


def test_a_stopped_process_is_alive(
    writer: tuple[subprocess.Popen[str], Path], cache_root: Path
) -> None:
    """A suspended process keeps what it has written."""
    process, folder = writer
    process.send_signal(signal.SIGSTOP)
    sweep_scratch(cache_root / "tmp")
    assert (folder / "big").exists()


@pytest.mark.parametrize("by", ["load", "fetch", "prune"])
def test_what_a_killed_process_wrote_is_cleared_at_once(
    by: str,
    writer: tuple[subprocess.Popen[str], Path],
    cache_root: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """It is listed with its size, and the next load, fetch or prune removes it."""
    process, folder = writer
    process.kill()
    process.wait()
    assert main(["cache", "list", "--json"]) == 0
    (item,) = json.loads(capsys.readouterr().out)
    assert (item["kind"], item["path"]) == ("temporary", str(folder))
    assert item["bytes"] == 1000 + len(platform.node())
    if by == "prune":
        assert main(["cache", "prune", "--json"]) == 0
        (removed,) = json.loads(capsys.readouterr().out)
        assert removed == item
    else:
        assert by in ("load", "fetch")
        getattr(glove_registry, by)(SAMPLE)
    assert list((cache_root / "tmp").iterdir()) == []


def test_what_is_derived_from_a_store_clears_them_too(cache_root: Path) -> None:
    """An index whose building is killed is not left until the next first load."""
    vectors = glove_registry.load(SAMPLE)
    process, folder = start_writer(cache_root / "tmp", ".neighbours.usearch")
    process.kill()
    process.communicate()
    assert folder.exists()
    vectors.most_similar("film")
    assert list((cache_root / "tmp").iterdir()) == []


def test_whoever_writes_in_the_cache_clears_them(cache_root: Path) -> None:
    """A publication that is killed is not left until the next first load."""
    process, folder = start_writer(cache_root / "tmp", "push")
    process.kill()
    process.communicate()
    assert folder.exists()
    with Cache(cache_root).open_scratch("push") as mine:
        assert {*(cache_root / "tmp").iterdir()} == {mine, name_lock(mine)}


def test_another_machines_leftovers_wait_an_hour(tmp_path: Path) -> None:
    """Leftovers of another machine are removed only after an hour."""
    process, folder = start_writer(tmp_path, "mine")
    process.kill()
    process.communicate()
    folder.with_name(f"{folder.name}.lock").write_text("another machine")
    age(tmp_path, HOUR - 60)
    sweep_scratch(tmp_path)
    assert (folder / "big").exists()
    age(tmp_path, HOUR + 60)
    sweep_scratch(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_without_locks_time_tells(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the file system has no locks, only old folders are removed."""

    def refuse(descriptor: int, operation: int) -> None:
        raise OSError(38, "Function not implemented")

    monkeypatch.setattr(fcntl, "flock", refuse)
    with open_scratch(tmp_path, "mine") as folder:
        sweep_scratch(tmp_path)
        assert folder.is_dir()
        age(tmp_path, HOUR + 60)
        sweep_scratch(tmp_path)
        assert not folder.exists()
    assert list(tmp_path.iterdir()) == []


def test_a_sweep_takes_the_label_alone(tmp_path: Path) -> None:
    """Leftovers of other files are not touched, whatever their names."""
    labels = [".v.npz", ".v.npz-2", ".other", ".v-npz"]
    for label in labels:
        process, _ = start_writer(tmp_path, label)
        process.kill()
        process.communicate()
    mine = tmp_path / ".v.npz-notes.lock"
    mine.write_text("mine")
    sweep_scratch(tmp_path, ".v.npz")
    left = sorted(path.name[:-9] for path in tmp_path.iterdir() if path.is_dir())
    assert left == sorted(set(labels) - {".v.npz"})
    assert mine.exists()


def test_a_sweep_between_two_steps_of_a_beginning_does_no_harm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lock file that is swept before it is locked is created again."""
    attempts = []
    lock = try_lock

    def lock_too_late(descriptor: int) -> bool | None:
        attempts.append(descriptor)
        if len(attempts) == 1:
            monkeypatch.setattr(scratch, "try_lock", lock)
            sweep_scratch(tmp_path)
            monkeypatch.setattr(scratch, "try_lock", lock_too_late)
        return lock(descriptor)

    monkeypatch.setattr(scratch, "try_lock", lock_too_late)
    with open_scratch(tmp_path, "mine") as folder:
        sweep_scratch(tmp_path)
        assert folder.is_dir()
    assert len(attempts) > 1
    assert list(tmp_path.iterdir()) == []


# -- without a lock -----------------------------------------------------------------


def test_leftovers_without_a_lock_are_cleared_when_they_are_old(
    cache_root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without a lock beside it, what has not changed for an hour is removed."""
    glove_registry.fetch(SAMPLE)
    places = ["tmp/{}-1-ab/vectors.npy", "partial/ab-1-cd{}.part"]
    for state in ("old1", "new1"):
        for place in places:
            path = cache_root / place.format(state)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"x")
            if state == "old1":
                age(path, HOUR + 60)
                if path.parent.parent != cache_root:
                    age(path.parent, HOUR + 60)
    capsys.readouterr()
    assert main(["verify"]) == 0
    assert main(["cache", "prune"]) == 0
    assert capsys.readouterr().out.count("removed") == 2
    left = list_files(cache_root)
    assert not [name for name in left if "old1" in name]
    assert len([name for name in left if "new1" in name]) == 2


# -- exports ------------------------------------------------------------------------


@pytest.mark.parametrize("to", ["npz", "projector"])
def test_an_export_clears_what_a_killed_one_left(to: str, tmp_path: Path) -> None:
    """The next export to the same path removes the leftovers."""
    folder = tmp_path / "out"
    process, left = start_writer(folder, ".vectors")
    other, stays = start_writer(folder, ".others")
    process.kill()
    process.communicate()
    glove_registry.load(SAMPLE).export(folder / "vectors", to)
    assert not left.exists()
    assert stays.exists()
    other.communicate()
    assert [path.name for path in folder.iterdir()] == ["vectors"]


@pytest.mark.parametrize(
    "command",
    [
        f"export {SAMPLE} out/mine --to npz",
        f"embed {SAMPLE} texts --output out/mine",
        f"explore {SAMPLE} --output out/mine",
        f"push {SAMPLE} --to out/mine",
        "add v.txt --name mine --to out/mine",
    ],
    ids=lambda command: command.split()[0],
)
def test_what_was_finished_before_the_kill_is_cleared_too(
    command: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A kill after the last rename leaves a result and more: only the result stays."""
    monkeypatch.chdir(tmp_path)
    process, _ = start_writer(tmp_path / "out", ".mine")
    other, stays = start_writer(tmp_path / "out", ".mine")
    process.kill()
    process.communicate()
    Path("v.txt").write_bytes(SMALL)
    Path("texts").write_text("a film")
    done = Path("out/mine")
    done.write_text(f"variants:\n  mine: {{url: 'file:{tmp_path}/v.txt'}}\n")
    before = done.read_bytes()
    assert main(command.split()) == 1
    assert re.search("already exists|exists already", capsys.readouterr().err)
    names = {"mine", stays.name, name_lock(stays).name}
    assert {path.name for path in done.parent.iterdir()} == names
    assert done.read_bytes() == before
    other.communicate()


# -- full disks ---------------------------------------------------------------------


def fill(folder: Path) -> None:
    """Write until the disk is full."""
    for number in range(100):
        (folder / f"{number}").write_bytes(bytes(1 << 16))


@pytest.mark.slow
@pytest.mark.parametrize("limit", ["size=6m", "nr_inodes=60"])
def test_a_full_disk_can_be_pruned(
    limit: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`cache prune` frees space on a disk without a free byte or name."""
    mount = ["mount", "-t", "tmpfs", "-o", limit, "tmpfs", str(tmp_path)]
    if shutil.which("mount") is None or subprocess.run(mount, check=False).returncode:
        pytest.skip("this machine allows no small disk")
    try:
        monkeypatch.setenv("GLOVE_REGISTRY_CACHE", str(tmp_path / "cache"))
        glove_registry.load(SAMPLE)
        with pytest.raises(OSError, match="No space left"):
            fill(tmp_path)
        assert main(["cache", "prune", "--unused-days", "0"]) == 0
        assert list((tmp_path / "cache" / "stores").iterdir()) == []
    finally:
        subprocess.run(["umount", "-l", str(tmp_path)], check=True)


# -- real kills ---------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("action", ["load", "fetch", "export", "add"])
def test_kills_leave_nothing_behind(
    action: str, tmp_path: Path, server: FaultServer
) -> None:
    """After a dozen kills at any moment, the next run leaves only its result."""
    text = b"".join(
        b"w%06d %s\n" % (i, b" ".join(b"%.5f" % (i * j % 7) for j in range(1, 51)))
        for i in range(60_000)
    )
    url = server.url("v.txt", text)
    registry = write_registry(tmp_path, "mine", url=url, sha256=sha256(text))
    known = ["mine", "--registry", str(registry)]
    load = f"import glove_registry as g; g.load('mine', registry={str(registry)!r})"
    program = ["-m", "glove_registry"]
    commands = {
        "load": ["-c", load],
        "fetch": [*program, "fetch", *known],
        "export": [*program, "export", *known, "out/v.npz", "--to", "npz"],
        "add": [*program, "add", url, "--name", "new", "--to", "out/r.yaml"],
    }

    def start(name: str, folder: Path) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, *commands[name]],
            cwd=folder,
            env={
                **os.environ,
                "GLOVE_REGISTRY_CACHE": str(folder / "cache"),
                "PYTHONPATH": str(Path(glove_registry.__file__).parents[1]),
            },
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def prepare(folder: Path) -> Path:
        (folder / "out").mkdir(parents=True)
        if action == "export":
            assert start("load", folder).wait() == 0
        return folder

    clean, killed = prepare(tmp_path / "clean"), prepare(tmp_path / "killed")
    begin = time.monotonic()
    assert start(action, clean).wait() == 0
    whole_run = time.monotonic() - begin
    for _ in kill_at_random(lambda: start(action, killed), 12, whole_run):
        # What was finished is to be done again.
        for path in (killed / "out").iterdir():
            if path.name in ("v.npz", "r.yaml"):
                path.unlink()
        if action != "export":
            for name in ("stores", "sources", "used"):
                shutil.rmtree(killed / "cache" / name, ignore_errors=True)
    assert start(action, killed).wait() == 0
    assert list_files(killed) == list_files(clean)


def test_a_lock_file_can_be_deleted_at_any_time(
    tmp_path: Path, cache_root: Path
) -> None:
    """A lock file can be deleted while processes use it."""
    (tmp_path / "v.txt").write_bytes(SMALL)
    registry = write_registry(tmp_path, "mine", url="file:v.txt", sha256=sha256(SMALL))
    glove_registry.load("mine", registry=registry)
    for path in (cache_root / "locks").iterdir():
        path.unlink()
    assert glove_registry.fetch("mine", registry=registry).read_bytes() == SMALL


def test_an_original_is_no_leftover(cache_root: Path) -> None:
    """What fetch kept stays, however old it is; a record whose file is gone goes."""
    original = glove_registry.fetch(SAMPLE)
    record = original.with_name(f"{original.name}.record")
    lost = original.with_name(f"lost-{'0' * 12}.txt.record")
    lost.write_bytes(record.read_bytes())
    age(original.parent, 100 * HOUR)
    glove_registry.load(SAMPLE)
    assert sorted(original.parent.iterdir()) == [original, record]
