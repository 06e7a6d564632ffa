"""Files that can be made again from a store are kept, verified and never needed."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from entries import list_files

import glove_registry
from glove_registry import Registry, Vectors
from glove_registry.analysis import directions
from glove_registry.cache import Cache
from glove_registry.cli import main
from glove_registry.store.verify import verify_items

SAMPLE = "glove.6B.50d-first10k"


def find_file(cache_root: Path) -> Path:
    """Return the only file of norms."""
    (path,) = cache_root.glob("derived/*/norms.npy")
    return path


def forget(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Load the sample anew, and record each time that norms are computed."""
    computed = []
    measure = directions._measure

    def record(rows: Vectors) -> object:
        computed.append(len(rows))
        return measure(rows)

    monkeypatch.setattr(directions, "_measure", record)
    return computed


def test_norms_are_computed_once(
    cache_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A later process finds them, below the name of the store."""
    computed = forget(monkeypatch)
    near = [glove_registry.load(SAMPLE).most_similar("film") for _ in range(3)]
    assert near[0] == near[1] == near[2]
    assert computed == [10_000]
    path = find_file(cache_root)
    assert (cache_root / "stores" / path.parent.name).is_dir()
    matrix = glove_registry.load(SAMPLE).matrix.astype(float)
    np.testing.assert_allclose(np.load(path), np.linalg.norm(matrix, axis=1), rtol=1e-6)
    assert not list((cache_root / "tmp").iterdir())


@pytest.mark.parametrize("damage", ["flip", "cut", "empty", "remove", "fifo", "other"])
@pytest.mark.parametrize("name", ["norms.npy", "norms.npy.record"])
def test_a_damaged_file_is_made_again(
    cache_root: Path, monkeypatch: pytest.MonkeyPatch, damage: str, name: str
) -> None:
    """Whatever is wrong with it or its record, results are right, and it is mended."""
    expected = glove_registry.load(SAMPLE).most_similar("film")
    norms = find_file(cache_root)
    good = norms.read_bytes()
    path = norms.with_name(name)
    content = bytearray(path.read_bytes())
    if damage == "flip":
        content[-9] ^= 1
    path.unlink()
    if damage == "fifo":
        os.mkfifo(path)
    elif damage != "remove":
        size = {"cut": len(content) // 2, "empty": 0}.get(damage, len(content))
        path.write_bytes(b"{}" if damage == "other" else content[:size])
    computed = forget(monkeypatch)
    assert glove_registry.load(SAMPLE).most_similar("film") == expected
    assert computed == [10_000]
    assert norms.read_bytes() == good
    assert glove_registry.load(SAMPLE).most_similar("film") == expected
    assert computed == [10_000]


def test_any_file_can_be_deleted(
    cache_root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is left without its record is no damage, is listed, and goes with it."""
    glove_registry.load(SAMPLE).most_similar("film")
    norms = find_file(cache_root)
    norms.with_name("norms.npy.record").unlink()
    capsys.readouterr()
    assert main(["verify", "--json"]) == 0
    assert "norms" not in capsys.readouterr().out
    assert main(["cache", "list", "--json"]) == 0
    sizes = {i["kind"]: i["bytes"] for i in json.loads(capsys.readouterr().out)}
    assert sizes["derived"] == norms.stat().st_size
    shutil.rmtree(cache_root / "stores" / norms.parent.name)
    assert main(["cache", "prune"]) == 0
    assert not norms.parent.exists()


def test_norms_of_other_vectors_are_not_used(
    tmp_path: Path, cache_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store that is compiled anew with other vectors has norms of its own."""
    path = tmp_path / "mine.txt"
    path.write_text("a 1 0\nb 0.5 0.1\nc 0 1\n")
    glove_registry.open_file(path).most_similar("a")
    old = find_file(cache_root).parent
    path.write_text("a 1 0\nb 0 5\nc 0.3 0.1\n")
    glove_registry.open_file(path)
    (new,) = {p.name for p in (cache_root / "stores").iterdir()} - {old.name}
    shutil.copytree(old, old.with_name(new))
    computed = forget(monkeypatch)
    near = glove_registry.open_file(path).most_similar("a")
    assert near.words == ["c", "b"]
    assert near.scores == pytest.approx([3 / 10**0.5, 0], abs=1e-6)
    assert computed == [3]


def test_a_read_only_cache_works_without() -> None:
    """Nothing is written, and the results are the same."""
    code = (
        "import os, sys, glove_registry\n"
        "name, cache, other = sys.argv[1:]\n"
        # This imports all that is needed: another user may not read the environment.
        "glove_registry.load(name, cache_dir=other).most_similar('film')\n"
        "vectors = glove_registry.load(name, cache_dir=cache)\n"
        "os.chmod(cache, 0o555)\n"
        # Root may write anywhere.
        "if os.getuid() == 0: os.setuid(65534)\n"
        "print(vectors.most_similar('film', topn=1).words)"
    )
    # Not below pytest's own folders, which other users cannot enter.
    with tempfile.TemporaryDirectory() as place:
        Path(place).chmod(0o755)
        done = subprocess.run(
            [sys.executable, "-c", code, SAMPLE, f"{place}/cache", f"{place}/other"],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.stdout == "['movie']\n", done.stderr
        assert not Path(place, "cache", "derived").exists()


def test_a_place_that_cannot_be_written_is_done_without(cache_root: Path) -> None:
    """A file in place of the folder changes nothing but the speed."""
    cache_root.mkdir()
    (cache_root / "derived").write_text("mine")
    assert glove_registry.load(SAMPLE).most_similar("film", topn=1).words == ["movie"]
    assert (cache_root / "derived").read_text() == "mine"


def list_kinds(capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    """Return the names of what is in the cache, by kind."""
    assert main(["cache", "list", "--json"]) == 0
    return {item["kind"]: item["name"] for item in json.loads(capsys.readouterr().out)}


def test_derived_files_are_listed_and_verified(
    cache_root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """They have a kind of their own, and the name of their store."""
    glove_registry.load(SAMPLE).most_similar("film")
    kinds = list_kinds(capsys)
    assert kinds["derived"] == kinds["store"]
    assert main(["verify", "--json"]) == 0
    verdicts = json.loads(capsys.readouterr().out)
    assert [v["kind"] for v in verdicts] == ["store", "derived"]
    path = find_file(cache_root)
    path.write_bytes(path.read_bytes()[:-1] + b"\7")
    assert main(["verify"]) == 1
    assert "norms.npy is not as its record says" in capsys.readouterr().out


def test_what_is_being_made_is_not_reported(
    cache_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At each step of writing or replacing a derived file, `verify` finds no fault."""
    file = glove_registry.load(SAMPLE).locate_derived("some.npy")

    def write(content: bytes, part: Path) -> None:
        part.write_bytes(content)

    replace = Path.replace
    steps: list[list[str]] = []

    def verify(path: Path, target: Path) -> Path:
        verdicts = [*verify_items(Cache(cache_root), Registry())]
        steps.append([verdict.fault for verdict in verdicts if verdict.fault])
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", verify)
    for content in (b"1", b"2"):
        file.keep(partial(write, content))
    monkeypatch.undo()
    assert steps == [[]] * 4
    found = file.find()
    assert found is not None
    assert found[0].read_bytes() == b"2"


def test_derived_files_go_with_their_store(
    cache_root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`remove` takes both; `prune` takes those whose store is gone or not used."""
    derived = cache_root / "derived"
    for command in (["remove", SAMPLE], ["prune", "--unused-days", "0"]):
        glove_registry.load(SAMPLE).most_similar("film")
        (name,) = (path.name for path in derived.iterdir())
        assert main(["cache", *command]) == 0
        out = capsys.readouterr().out
        assert f"removed store {name}" in out and f"removed derived {name}" in out
        assert not list(derived.iterdir())
    glove_registry.load(SAMPLE).most_similar("film")
    assert main(["cache", "prune"]) == 0
    assert capsys.readouterr().out == ""
    assert list_kinds(capsys).keys() >= {"store", "derived"}
    shutil.rmtree(cache_root / "stores")
    assert main(["cache", "prune"]) == 0
    assert "removed derived" in capsys.readouterr().out
    assert list_kinds(capsys).keys().isdisjoint({"store", "derived"})


def test_removing_derived_files_leaves_the_store(
    cache_root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Anybody may delete them at any time; the time of last use stays known."""
    vectors = glove_registry.load(SAMPLE)
    expected = vectors.most_similar("film")
    used = list_files(cache_root / "used")
    shutil.rmtree(cache_root / "derived")
    assert vectors.most_similar("film") == expected
    assert glove_registry.load(SAMPLE).most_similar("film") == expected
    assert list_files(cache_root / "used") == used
    (cache_root / "derived" / "notes.txt").write_text("mine")
    assert main(["cache", "list"]) == 0
    assert "other" in capsys.readouterr().out
