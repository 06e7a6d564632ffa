"""`cache prune` removes what nothing needs any more, and nothing that is in use."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from entries import SMALL, list_files, sha256, write_registry
from fault_server import FaultServer
from old_stores import write_old_store

import glove_registry
from glove_registry.cli import main

SAMPLE = "glove.6B.50d-first10k"
# Holds a lock of the cache, says so, and waits to be ended.
HOLD = """
import sys, pathlib
from glove_registry.cache import Cache
with Cache(pathlib.Path(sys.argv[1])).hold_lock(sys.argv[2], "a test"):
    print("held", flush=True)
    sys.stdin.read()
"""

# These stay; a process that is about to use the locks would go on without one.
EMPTY = ("locks", "stores", "tmp")


@pytest.fixture
def registry(tmp_path: Path) -> Path:
    """An entry whose text is beside it."""
    (tmp_path / "v.txt").write_bytes(SMALL)
    return write_registry(tmp_path, "mine", url="file:v.txt", sha256=sha256(SMALL))


def test_an_emptied_cache_is_empty(
    registry: Path, tmp_path: Path, cache_root: Path
) -> None:
    """After everything is removed, no stamp, record, lock or folder is left."""
    glove_registry.load("mine", registry=registry)
    glove_registry.fetch("mine", registry=registry)
    (tmp_path / "own.txt").write_bytes(SMALL)
    glove_registry.open_file(tmp_path / "own.txt")
    (tmp_path / "own.txt").unlink()
    assert main(["cache", "prune", "--unused-days", "0"]) == 0
    assert sorted(cache_root.rglob("*")) == [cache_root / name for name in EMPTY]
    assert "film" in glove_registry.load("mine", registry=registry)


def test_what_serves_stays(registry: Path, tmp_path: Path, cache_root: Path) -> None:
    """Stores, originals, pins, and the stamps and records of what is there stay."""
    glove_registry.load("mine", registry=registry)
    glove_registry.fetch("mine", registry=registry)
    own = tmp_path / "own.txt"
    own.write_bytes(SMALL + b"x 1 2 3\n")
    glove_registry.open_file(own)
    open_entry = write_registry(tmp_path, "trusted", url="file:v.txt")
    glove_registry.load("trusted", registry=open_entry, trust_on_first_use=True)
    before = list_files(cache_root)
    assert {name.split("/")[0] for name in before} == {
        *("stores", "sources", "used", "hashes", "trusted"),
    }
    assert main(["cache", "prune"]) == 0
    assert list_files(cache_root) == before


def test_records_of_what_is_gone_are_removed(
    registry: Path, tmp_path: Path, cache_root: Path
) -> None:
    """Stamps without their item, and hashes of files that are gone or changed, go."""
    glove_registry.load("mine", registry=registry)
    for name in ("stays", "goes", "changes"):
        (tmp_path / name).write_bytes(SMALL + name.encode() + b" 1 2 3\n")
        glove_registry.open_file(tmp_path / name)
    (tmp_path / "goes").unlink()
    (tmp_path / "changes").write_bytes(SMALL)
    (cache_root / "hashes" / "damaged.json").write_bytes(b"{")
    (cache_root / "hashes" / "list.json").write_bytes(b'{"state": [["x"]]}')
    (cache_root / "used" / "no-such-store").touch()
    assert main(["cache", "prune"]) == 0
    (record,) = (cache_root / "hashes").iterdir()
    assert json.loads(record.read_text())["state"][0] == str(tmp_path / "stays")
    stamps = {path.name for path in (cache_root / "used").iterdir()}
    assert stamps == {path.name for path in (cache_root / "stores").iterdir()}


def test_an_old_store_is_removed(
    cache_root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A store of another format goes with its stamp, and is reported."""
    old = write_old_store(cache_root / "stores", SMALL, name="old")
    (cache_root / "used").mkdir()
    (cache_root / "used" / old.name).touch()
    assert main(["cache", "list"]) == 0
    assert old.name in capsys.readouterr().out
    assert main(["cache", "prune"]) == 0
    assert f"removed store {old.name}" in capsys.readouterr().out
    assert sorted(cache_root.rglob("*")) == [cache_root / name for name in EMPTY]


def test_what_was_made_from_a_store_goes_with_it(
    cache_root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Derived files are listed, and are removed with their store or after it."""
    vectors = glove_registry.load(SAMPLE)
    for removed_alone in (False, True):
        vectors.most_similar("film", topn=1)
        capsys.readouterr()
        assert main(["cache", "list", "--json"]) == 0
        store, derived = json.loads(capsys.readouterr().out)
        assert [store["kind"], derived["kind"]] == ["store", "derived"]
        assert store["name"] == derived["name"]
        assert derived["bytes"] > 4 * len(vectors)
        if removed_alone:
            Path(store["path"]).rename(cache_root / "stores" / "elsewhere")
            assert main(["cache", "prune"]) == 0
            assert "removed derived" in capsys.readouterr().out
        else:
            assert main(["cache", "remove", SAMPLE]) == 0
        assert not (cache_root / "derived" / derived["name"]).exists()
        vectors = glove_registry.load(SAMPLE)


def test_a_lock_that_is_held_stays(registry: Path, cache_root: Path) -> None:
    """While a process holds a lock, it and all folders stay; others are removed."""
    glove_registry.load("mine", registry=registry)
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(cache_root), "held"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        folders = sorted(cache_root.iterdir())
        assert main(["cache", "prune", "--unused-days", "0"]) == 0
        assert [path.name for path in (cache_root / "locks").iterdir()] == ["held.lock"]
        assert sorted(cache_root.iterdir()) == folders
        process.communicate()
    assert main(["cache", "prune"]) == 0
    assert sorted(cache_root.rglob("*")) == [cache_root / name for name in EMPTY]


@pytest.mark.parametrize("kind", ["stores", "sources"])
def test_what_another_process_is_making_stays(
    kind: str, tmp_path: Path, cache_root: Path
) -> None:
    """While a process holds the lock of a text, its store and its original stay."""
    (tmp_path / "v.txt").write_bytes(SMALL)
    member = {"sha256": sha256(SMALL)}
    registry = write_registry(tmp_path, "mine", url="file:v.txt", member=member)
    glove_registry.load("mine", registry=registry)
    glove_registry.fetch("mine", registry=registry)
    (item,) = (p for p in (cache_root / kind).iterdir() if p.suffix != ".record")
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(cache_root), sha256(SMALL)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        assert main(["cache", "prune", "--unused-days", "0"]) == 0
        assert item.exists()
        process.communicate()
    assert main(["cache", "prune", "--unused-days", "0"]) == 0
    assert not item.exists()


@pytest.mark.slow
def test_loads_and_prunes_do_not_disturb_each_other(
    tmp_path: Path, server: FaultServer, cache_root: Path
) -> None:
    """Every load succeeds while other processes prune, remove and load."""
    url = server.add("/v.txt", SMALL)
    registry = write_registry(tmp_path, "mine", url=url, sha256=sha256(SMALL))
    code = (
        "import sys, time, glove_registry as g\n"
        "from glove_registry.cli import main\n"
        "end = time.monotonic() + 3\n"
        "while time.monotonic() < end:\n"
        "    if sys.argv[2] == 'prune': main(['cache', 'prune', '--unused-days=0'])\n"
        "    else: assert 'film' in g.load('mine', registry=sys.argv[1])\n"
    )
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(registry), what],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        for what in ("prune", "load", "load")
    ]
    for process in processes:
        _, error = process.communicate(timeout=60)
        assert process.returncode == 0, error.decode()


def test_links_of_the_users_are_not_followed(tmp_path: Path, cache_root: Path) -> None:
    """What lies in a folder that the cache only links to is not removed."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "note.json").write_bytes(b"mine")
    cache_root.mkdir()
    for name in ("hashes", "used"):
        (cache_root / name).symlink_to(elsewhere)
    then = time.time() - 1e7
    os.utime(elsewhere / "note.json", (then, then))
    assert main(["cache", "prune", "--unused-days", "0"]) == 0
    assert (elsewhere / "note.json").read_bytes() == b"mine"


def test_a_store_of_a_newer_package_stays(registry: Path, cache_root: Path) -> None:
    """Where packages of different ages share a cache, the older one prunes its own."""
    glove_registry.load("mine", registry=registry)
    (store,) = (cache_root / "stores").iterdir()
    newer = store.rename(store.with_name(store.name.replace("-v2", "-v3")))
    assert main(["cache", "prune"]) == 0
    assert newer.is_dir()
