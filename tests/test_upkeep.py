"""The cache is listed, verified and pruned, and what is in use stays whole."""

import json
import os
import time
from pathlib import Path

import pytest
from entries import SMALL, list_files, sha256, write_registry

import glove_registry
from glove_registry import errors
from glove_registry.cli import main

SAMPLE = "glove.6B.50d-first10k"
WEEK = 7 * 24 * 3600


def age(path: Path, seconds: float) -> None:
    """Let a file or folder look as old as that."""
    then = time.time() - seconds
    for entry in (*path.rglob("*"), path):
        os.utime(entry, (then, then))


def test_a_flipped_bit_is_found(
    cache_root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Verify names the file of a store that has changed, and exits 1."""
    glove_registry.load(SAMPLE)
    glove_registry.fetch(SAMPLE)
    assert main(["verify"]) == 0
    assert capsys.readouterr().out.count(" ok") == 2

    (store,) = (cache_root / "stores").iterdir()
    for name in ("vectors.npy", "tokens.txt", "index.marisa"):
        content = bytearray((store / name).read_bytes())
        content[len(content) // 2] ^= 1
        (store / name).write_bytes(content)
        assert main(["verify", SAMPLE, "--json"]) == 1
        faults = {v["kind"]: v["fault"] for v in json.loads(capsys.readouterr().out)}
        assert f"{name} has changed" in faults["store"]
        assert faults["original"] is None
        content[len(content) // 2] ^= 1
        (store / name).write_bytes(content)
    assert main(["verify"]) == 0


def test_a_changed_original_is_found(
    cache_root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Verify holds an original against the hash that stands beside it."""
    path = glove_registry.fetch(SAMPLE)
    path.write_bytes(path.read_bytes()[:-1] + b" ")
    assert main(["verify"]) == 1
    assert "expected f6ff508f" in capsys.readouterr().out


def test_last_use_is_shown(
    cache_root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each load is noted, so that the list says what nobody uses."""
    glove_registry.load(SAMPLE)
    (mark,) = (cache_root / "used").iterdir()
    age(mark, 100 * 86400)
    main(["cache", "list", "--json"])
    (item,) = json.loads(capsys.readouterr().out)
    assert time.time() - item["last_used"] > 99 * 86400

    glove_registry.load(SAMPLE)
    main(["cache", "list", "--json"])
    (item,) = json.loads(capsys.readouterr().out)
    assert time.time() - item["last_used"] < 600


def test_prune_takes_what_nobody_needs(
    cache_root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Old parts, stores of other formats and, if asked, unused ones go; others stay."""
    glove_registry.load(SAMPLE)
    (store,) = (cache_root / "stores").iterdir()
    other = store.with_name(store.name.removesuffix("-v1") + "-v0")
    other.mkdir()
    old, new = cache_root / "partial" / "old.part", cache_root / "partial" / "new.part"
    old.parent.mkdir()
    for path in (old, new):
        path.write_bytes(b"x")
    age(old, WEEK + 60)
    age(new, WEEK - 600)

    assert main(["cache", "prune"]) == 0
    assert not old.exists()
    assert not other.exists()
    assert new.exists()
    assert store.exists()

    age(cache_root / "used", 31 * 86400)
    assert main(["cache", "prune", "--unused-days", "32"]) == 0
    assert store.exists()
    assert main(["cache", "prune", "--unused-days", "30"]) == 0
    assert not store.exists()
    assert capsys.readouterr().out.count("removed store") == 2


def test_leftovers_are_collected_by_a_cold_load(cache_root: Path) -> None:
    """What killed processes left goes once it is a week old, and not before."""
    old, new = cache_root / "tmp" / "old-1-ab", cache_root / "tmp" / "new-1-ab"
    for folder in (old, new):
        folder.mkdir(parents=True)
        (folder / "vectors.npy").write_bytes(b"x")
    age(old, WEEK + 60)

    glove_registry.load(SAMPLE)

    assert not old.exists()
    assert new.exists()


def test_what_is_removed_stays_usable_by_who_has_it(cache_root: Path) -> None:
    """A process that has a store mapped keeps it when it is removed."""
    vectors = glove_registry.load(SAMPLE)
    expected = vectors["film"]
    assert main(["cache", "remove", SAMPLE]) == 0
    assert [f for f in list_files(cache_root) if not f.startswith("locks")] == []
    assert (vectors["film"] == expected).all()
    assert list(vectors.tokens[:2]) == ["the", ","]


def test_a_store_that_the_registry_denies_is_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Verify holds a store against what the registry says of its text now."""
    (tmp_path / "v.txt").write_bytes(SMALL)
    fields = {"url": "file:v.txt", "sha256": sha256(SMALL)}
    glove_registry.load("mine", registry=write_registry(tmp_path, "mine", **fields))
    member = {"sha256": "b" * 64}
    registry = write_registry(tmp_path, "mine", **fields, member=member)
    assert main(["verify", "mine", "--registry", str(registry)]) == 1
    assert f"the registry says {'b' * 64}" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["token-offsets.npy", "index.marisa", "vectors.npy"])
def test_a_garbled_file_of_the_right_size_is_made_anew(
    name: str, cache_root: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A store whose files cannot be mapped is said to be damaged, and compiled anew."""
    glove_registry.load(SAMPLE)
    (store,) = (cache_root / "stores").iterdir()
    (store / name).write_bytes(b"x" * (store / name).stat().st_size)
    assert "film" in glove_registry.load(SAMPLE)
    assert "is damaged or outdated: it is made anew" in caplog.text
    assert main(["verify"]) == 0


def test_revisions_are_removed_one_by_one(tmp_path: Path, cache_root: Path) -> None:
    """NAME@REVISION means the bytes of that revision alone, NAME means all."""
    revisions = {}
    for revision, content in (("one", SMALL), ("two", SMALL + b"x 1 2 3\n")):
        (tmp_path / revision).write_bytes(content)
        revisions[revision] = {"url": f"file:{revision}", "sha256": sha256(content)}
    registry = write_registry(tmp_path, "mine", revisions=revisions)
    for revision in revisions:
        glove_registry.load(f"mine@{revision}", registry=registry)
    option = ["--registry", str(registry)]
    assert main(["verify", "mine@two", *option]) == 0
    assert main(["cache", "remove", "mine@two", *option]) == 0
    (left,) = (cache_root / "stores").iterdir()
    assert sha256(SMALL)[:12] in left.name
    assert main(["cache", "remove", "mine@two", *option]) == 1
    assert main(["cache", "remove", "mine", *option]) == 0


def test_negative_days_are_refused(cache_root: Path) -> None:
    """A slip in the number of days does not empty the cache."""
    glove_registry.load(SAMPLE)
    with pytest.raises(SystemExit, match="2"):
        main(["cache", "prune", "--unused-days", "-1"])
    assert len(list((cache_root / "stores").iterdir())) == 1


def test_a_cache_that_is_no_folder_is_said(
    cache_root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Looking into a file as a cache is one clear error."""
    cache_root.write_text("")
    for command in (["cache", "list"], ["verify"], ["fetch", SAMPLE]):
        assert main(command) == 1
        assert "cannot use the cache folder" in capsys.readouterr().err
    with pytest.raises(errors.CacheError):
        glove_registry.load(SAMPLE)
