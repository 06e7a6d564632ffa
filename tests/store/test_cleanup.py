"""The cache is listed, verified and pruned, and what is in use stays complete."""

import errno
import json
import os
import time
from contextlib import suppress
from pathlib import Path

import pytest
from entries import SMALL, list_files, sha256, write_registry
from fasttext_files import write_matrix, write_model
from zips import make_zip

import glove_registry
from glove_registry import errors
from glove_registry.cli import main
from glove_registry.store import layout
from glove_registry.store.layout import DamagedStoreError, Manifest

SAMPLE = "glove.6B.50d-first10k"
WEEK = 7 * 24 * 3600
REVISIONS = {"one": SMALL, "two": SMALL + b"x 1 2 3\n"}


def age(path: Path, seconds: float) -> None:
    """Set the times of a file or folder back."""
    then = time.time() - seconds
    for entry in (*path.rglob("*"), path):
        os.utime(entry, (then, then))


def write_revisions(folder: Path) -> Path:
    """Write an entry with two revisions; return the registry."""
    entries = {}
    for revision, content in REVISIONS.items():
        (folder / revision).write_bytes(content)
        entries[revision] = {
            "url": f"file:{revision}",
            "member": {"sha256": sha256(content)},
        }
    return write_registry(folder, "mine", revisions=entries)


def test_a_flipped_bit_is_found(
    cache_root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`verify` names the file of a store that has changed, and exits 1."""
    glove_registry.load(SAMPLE)
    glove_registry.fetch(SAMPLE)
    assert main(["verify"]) == 0
    assert capsys.readouterr().out.count("\nok ") == 2

    (store,) = (cache_root / "stores").iterdir()
    for name in ("vectors.npy", "tokens.txt", "index.npy"):
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
    """`verify` compares an original with the hash in its record."""
    path = glove_registry.fetch(SAMPLE)
    path.write_bytes(path.read_bytes()[:-1] + b" ")
    assert main(["verify"]) == 1
    assert "expected f6ff508f" in capsys.readouterr().out


@pytest.mark.parametrize("ending", [".txt", ".npz", ".safetensors", ".parquet"])
def test_an_original_of_any_format_belongs_to_its_variant(
    ending: str, tmp_path: Path, cache_root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What `fetch` has kept is listed, verified and removed by the variant's name."""
    file = tmp_path / f"mine{ending}"
    if ending == ".txt":
        file.write_bytes(SMALL)
    else:
        glove_registry.from_arrays(["a"], [[1.0]], name="mine").export(file)
    hashed = {"url": f"file:{file.name}", "sha256": sha256(file.read_bytes())}
    registry = str(write_registry(tmp_path, "mine", **hashed))
    kept = glove_registry.fetch("mine", registry=registry)
    assert kept.suffix == ending
    main(["cache", "list", "--json"])
    (item,) = json.loads(capsys.readouterr().out)
    assert (item["kind"], item["variant"]) == ("original", "mine")
    content = kept.read_bytes()
    kept.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    assert main(["verify", "--registry", registry]) == 1
    assert main(["cache", "remove", "mine", "--registry", registry]) == 0
    assert not kept.exists()


def test_last_use_is_shown(
    cache_root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each load is recorded, so that the list shows what is unused."""
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
    """Old parts, stores of other formats and, if asked, unused stores are removed."""
    glove_registry.load(SAMPLE)
    (store,) = (cache_root / "stores").iterdir()
    other = store.with_name(store.name.removesuffix("-v2") + "-v0")
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
    """`verify` compares a store with what the registry says of its text now."""
    (tmp_path / "v.txt").write_bytes(SMALL)
    fields = {"url": "file:v.txt", "sha256": sha256(SMALL)}
    glove_registry.load("mine", registry=write_registry(tmp_path, "mine", **fields))
    member = {"sha256": "b" * 64}
    registry = write_registry(tmp_path, "mine", **fields, member=member)
    assert main(["verify", "mine", "--registry", str(registry)]) == 1
    assert f"the registry says {'b' * 64}" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["token-offsets.npy", "index.npy", "vectors.npy"])
def test_a_garbled_file_of_the_right_size_is_made_anew(
    name: str, cache_root: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A store whose files cannot be mapped is damaged, and compiled again."""
    glove_registry.load(SAMPLE)
    (store,) = (cache_root / "stores").iterdir()
    (store / name).write_bytes(b"x" * (store / name).stat().st_size)
    assert "film" in glove_registry.load(SAMPLE)
    assert "is damaged or outdated and is compiled again" in caplog.text
    assert main(["verify"]) == 0


def test_revisions_are_removed_one_by_one(tmp_path: Path, cache_root: Path) -> None:
    """NAME@REVISION removes that revision only, NAME all of them."""
    registry = write_revisions(tmp_path)
    for revision in REVISIONS:
        glove_registry.load(f"mine@{revision}", registry=registry)
    option = ["--registry", str(registry)]
    assert main(["verify", "mine@two", *option]) == 0
    assert main(["cache", "remove", "mine@two", *option]) == 0
    (left,) = (cache_root / "stores").iterdir()
    assert sha256(SMALL)[:12] in left.name
    assert main(["cache", "remove", "mine@two", *option]) == 1
    assert main(["cache", "remove", "mine", *option]) == 0


def test_originals_of_revisions_are_removed_one_by_one(
    tmp_path: Path, cache_root: Path
) -> None:
    """The original of a revision goes alone, with and without its record."""
    registry = write_revisions(tmp_path)
    option = ["--registry", str(registry)]
    for has_record in (True, False):
        paths = [
            glove_registry.fetch(f"mine@{revision}", registry=registry)
            for revision in REVISIONS
        ]
        if not has_record:
            for path in paths:
                path.with_name(f"{path.name}.record").unlink()
        assert main(["cache", "remove", "mine@two", *option]) == 0
        assert [path.exists() for path in paths] == [True, False]


def test_a_damaged_store_of_a_revision_is_removed_by_its_name(
    tmp_path: Path, cache_root: Path
) -> None:
    """A store that cannot say what it holds is taken for that of its name."""
    registry = write_revisions(tmp_path)
    for revision in REVISIONS:
        glove_registry.load(f"mine@{revision}", registry=registry)
    for path in cache_root.glob("stores/*/manifest.json"):
        path.write_text("")
    option = ["--registry", str(registry)]
    assert main(["cache", "remove", "mine@two", *option]) == 0
    (left,) = (cache_root / "stores").iterdir()
    assert left.name == f"mine-{sha256(SMALL)[:12]}-v2"


def test_a_pin_says_where_its_text_came_from(
    tmp_path: Path, cache_root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The list has the URL of what was trusted on first use, and of nothing else."""
    (tmp_path / "v.txt").write_bytes(SMALL)
    registry = write_registry(tmp_path, "mine", url="file:v.txt")
    glove_registry.load("mine", registry=registry, trust_on_first_use=True)
    (cache_root / "trusted" / "damaged.json").write_text("{")
    capsys.readouterr()
    assert main(["cache", "list", "--json"]) == 0
    items = json.loads(capsys.readouterr().out)
    urls = {item["url"] for item in items if item["kind"] == "pin"}
    assert urls == {None, (tmp_path / "v.txt").as_uri()}
    assert [i["url"] for i in items if i["kind"] != "pin"] == [None]


def test_negative_days_are_refused(cache_root: Path) -> None:
    """An invalid number of days does not empty the cache."""
    glove_registry.load(SAMPLE)
    with pytest.raises(SystemExit, match="2"):
        main(["cache", "prune", "--unused-days", "-1"])
    assert len(list((cache_root / "stores").iterdir())) == 1


def test_a_cache_that_is_no_folder_is_said(
    cache_root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file in place of the cache folder is one clear error."""
    cache_root.write_text("")
    for command in (["cache", "list"], ["verify"], ["fetch", SAMPLE]):
        assert main(command) == 1
        assert "cannot use the cache folder" in capsys.readouterr().err
    with pytest.raises(errors.CacheError):
        glove_registry.load(SAMPLE)


def test_flipped_bits_never_crash_a_look_up(cache_root: Path) -> None:
    """An index with a flipped bit is compiled again before it is used."""
    expected = glove_registry.load(SAMPLE).rows(["film", "the", "flim"]).tolist()
    (store,) = (cache_root / "stores").iterdir()
    for name in ("index.npy", "tokens.txt", "token-offsets.npy"):
        content = bytearray((store / name).read_bytes())
        content[len(content) * 7 // 8] ^= 32
        (store / name).write_bytes(content)
        vectors = glove_registry.load(SAMPLE)
        assert vectors.rows(["film", "the", "flim"]).tolist() == expected


@pytest.mark.parametrize(
    "change",
    [
        {"rows": 7},
        {"dimension": 5},
        {"files": []},
        {"provenance": {}},
        {"format_version": 99},
        {"unknown": 1},
    ],
    ids=str,
)
def test_a_manifest_that_lies_is_not_believed(
    change: dict[str, object], cache_root: Path
) -> None:
    """A store that does not match its manifest is compiled again."""
    glove_registry.load(SAMPLE)
    (path,) = (cache_root / "stores").glob("*/manifest.json")
    found = {**json.loads(path.read_text()), **change}
    del found["xxh3_128"]
    path.write_text(json.dumps(found))
    assert main(["verify"]) == 1
    vectors = glove_registry.load(SAMPLE)
    assert vectors.matrix.shape == (len(vectors), vectors.dimension) == (10_000, 50)
    assert main(["verify"]) == 0


def test_no_flipped_bit_of_a_manifest_is_believed(
    tmp_path: Path, cache_root: Path
) -> None:
    """A store is damaged by it, which `verify` finds, and is compiled again."""
    rows = [[float(row + column) for column in range(3)] for row in range(12)]
    model = write_model([b"film"], write_matrix(rows), 3, lengths=(2, 3), buckets=11)
    (tmp_path / "m.bin").write_bytes(model)
    registry = write_registry(tmp_path, "mine", url="file:m.bin", sha256=sha256(model))
    expected = glove_registry.load("mine", registry=registry)["flim"].tolist()
    (path,) = (cache_root / "stores").glob("*/manifest.json")
    content = path.read_bytes()
    for place in range(len(content)):
        flipped = bytearray(content)
        flipped[place] ^= 1 << place % 8
        path.write_bytes(flipped)
        with suppress(ValueError):
            if json.loads(flipped) == json.loads(content):
                continue  # another blank
        with pytest.raises(DamagedStoreError):
            Manifest.read(path.parent)
    # With n-grams of other lengths, words would have other vectors.
    path.write_bytes(content.replace(b'"longest": 3', b'"longest": 2'))
    assert main(["verify", "--registry", str(registry)]) == 1
    vectors = glove_registry.load("mine", registry=registry)
    assert vectors["flim"].tolist() == expected
    assert main(["verify", "--registry", str(registry)]) == 0


def test_what_cannot_be_read_is_not_thrown_away(
    cache_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error of the disk is reported, and the store stays."""
    glove_registry.load(SAMPLE)

    def fail(path: Path) -> bytes:
        raise OSError(errno.EIO, "Input/output error")

    before = list_files(cache_root)
    registry = glove_registry.Registry.default()
    with monkeypatch.context() as patch:
        patch.setattr(layout, "read_regular", fail)
        with pytest.raises(errors.CacheError, match="Input/output error"):
            glove_registry.load(SAMPLE, registry=registry)
    assert list_files(cache_root) == before


def test_what_could_not_be_flushed_is_not_published(
    cache_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If a file cannot be flushed, the load fails and leaves nothing."""

    def fail(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(errors.CacheError, match="No space left"):
        glove_registry.load(SAMPLE)
    assert list_files(cache_root) == []
    assert list((cache_root / "stores").iterdir()) == []


def test_members_of_one_archive_are_never_mixed_up(
    tmp_path: Path, cache_root: Path
) -> None:
    """If only the archive has a hash, each member has its own store and original."""
    texts = {"a": SMALL, "b": SMALL.replace(b"film", b"flim")}
    archive = make_zip(texts)
    (tmp_path / "v.zip").write_bytes(archive)
    archive_hash = sha256(archive)
    source = {"url": "file:v.zip", "sha256": archive_hash}
    for member, text in texts.items():
        registry = write_registry(tmp_path, "mine", **source, member=member)
        assert glove_registry.fetch("mine", registry=registry).read_bytes() == text
        vectors = glove_registry.load("mine", registry=registry)
        assert vectors.tokens[2] == text.split()[-4].decode()
    revisions = {m: {**source, "member": m} for m in texts}
    registry = write_registry(tmp_path, "both", revisions=revisions)
    first = glove_registry.load("both@a", registry=registry)
    assert "flim" in glove_registry.load("both@b", registry=registry)
    assert "film" in glove_registry.load("both@a", registry=registry)
    assert "film" in first
    assert len(list((cache_root / "stores").glob("both-*"))) == 2
    assert main(["verify", "--registry", str(registry)]) == 0


def test_the_facts_of_a_growing_part_are_as_young_as_the_part(cache_root: Path) -> None:
    """The sidecar of a download is not removed before its part."""
    partial = cache_root / "partial"
    partial.mkdir(parents=True)
    for name in ("live.part", "live.json", "dead.json"):
        (partial / name).write_bytes(b"{}")
        age(partial / name, WEEK + 60)
    os.utime(partial / "live.part")
    glove_registry.load(SAMPLE)
    assert sorted(p.name for p in partial.iterdir()) == ["live.json", "live.part"]
