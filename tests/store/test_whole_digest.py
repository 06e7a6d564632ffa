"""Shortened digests help to find things; complete digests identify them."""

import hashlib
import io
import json
import zipfile
from pathlib import Path

import pytest
from entries import list_files, write_registry
from fault_server import FaultServer

import glove_registry
from glove_registry.cache import digests
from glove_registry.cli import main

# Found by search: the first twelve digits of their sha256 are the same.
GOOD = b"good 0.5 0.010841127\nbad -1 -1\n"
EVIL = b"good -9 -9.010038565\nbad 9 9\n"
PREFIX = "e447503abefb"


def sha256(content: bytes) -> str:
    """Hash bytes."""
    return hashlib.sha256(content).hexdigest()


def write_both(folder: Path) -> Path:
    """Write an entry with a revision for each text."""
    revisions = {}
    for revision, content in (("one", GOOD), ("two", EVIL)):
        (folder / revision).write_bytes(content)
        revisions[revision] = {"url": f"file:{revision}", "sha256": sha256(content)}
    return write_registry(folder, "mine", revisions=revisions)


def test_the_two_texts_begin_alike() -> None:
    """The two texts differ, and their digests begin alike."""
    assert GOOD != EVIL
    assert sha256(GOOD)[:12] == sha256(EVIL)[:12] == PREFIX


@pytest.mark.parametrize("order", [("one", "two"), ("two", "one")])
def test_stores_whose_digests_begin_alike_live_side_by_side(
    order: tuple[str, str],
    tmp_path: Path,
    cache_root: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Each revision has its own vectors, cold and warm, and is verified."""
    registry = write_both(tmp_path)
    expected = {"one": 0.5, "two": -9.0}
    first, second = order
    glove_registry.load(f"mine@{first}", registry=registry)
    before = list_files(cache_root)
    glove_registry.load(f"mine@{second}", registry=registry)
    stores = {path.name for path in (cache_root / "stores").iterdir()}
    whole = sha256(GOOD if second == "one" else EVIL)
    assert stores == {f"mine-{PREFIX}-v2", f"mine-{whole}-v2"}
    for name in ("one", "two"):
        (tmp_path / name).unlink()  # warm from here on
    for _ in range(2):
        for revision in order:
            vectors = glove_registry.load(f"mine@{revision}", registry=registry)
            assert vectors["good"][0] == expected[revision]
    option = ["--registry", str(registry)]
    assert main(["verify", *option]) == 0
    assert capsys.readouterr().out.count("\nok ") == 2
    assert main(["cache", "remove", f"mine@{second}", *option]) == 0
    # Only the digests in the records of last use differ.
    assert list_files(cache_root) == before


def test_the_second_is_found_when_the_first_is_gone(tmp_path: Path) -> None:
    """Removing one store does not change the name of the other."""
    registry = write_both(tmp_path)
    for revision in ("one", "two"):
        glove_registry.load(f"mine@{revision}", registry=registry)
    option = ["--registry", str(registry)]
    assert main(["cache", "remove", "mine@one", *option]) == 0
    (tmp_path / "two").unlink()
    vectors = glove_registry.load("mine@two", registry=registry)
    assert vectors["good"][0] == -9.0


def test_another_entry_of_the_name_is_held_to_its_whole_digest(tmp_path: Path) -> None:
    """An entry whose hash has changed has the vectors of the new text."""
    for folder, content in (("a", GOOD), ("b", EVIL)):
        place = tmp_path / folder
        place.mkdir()
        (place / "v.txt").write_bytes(content)
        path = write_registry(place, "mine", url="file:v.txt", sha256=sha256(content))
        vectors = glove_registry.load("mine", registry=path)
        assert vectors.provenance["sha256"] == sha256(content)
        assert vectors["bad"][0] == (-1 if content is GOOD else 9)


def test_originals_whose_digests_begin_alike_live_side_by_side(
    tmp_path: Path, cache_root: Path
) -> None:
    """Both texts are kept by fetch, found again, and verified."""
    registry = write_both(tmp_path)
    for _ in range(2):
        for revision, content in (("one", GOOD), ("two", EVIL)):
            path = glove_registry.fetch(f"mine@{revision}", registry=registry)
            assert path.read_bytes() == content
    assert len([*(cache_root / "sources").glob("*.txt")]) == 2
    assert main(["verify", "--registry", str(registry)]) == 0


def test_an_original_of_another_text_is_found_by_verify(
    tmp_path: Path, cache_root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file whose digest only begins as expected is not accepted."""
    registry = write_both(tmp_path)
    path = glove_registry.fetch("mine@one", registry=registry)
    path.write_bytes(EVIL)
    assert main(["verify", "--registry", str(registry)]) == 1
    assert f"it has sha256 {sha256(EVIL)}" in capsys.readouterr().out
    path.with_name(path.name + ".record").unlink()
    path.rename(path.with_name(f"mine-{PREFIX}.txt"))
    member = {"sha256": sha256(GOOD)}
    registry = write_registry(tmp_path, "mine", url="file:one", member=member)
    assert main(["verify", "--registry", str(registry)]) == 1


def test_a_store_under_another_texts_name_is_not_mapped(
    tmp_path: Path, cache_root: Path
) -> None:
    """A store is identified by its manifest, not by its folder's name."""
    registry = write_both(tmp_path)
    glove_registry.load("mine@one", registry=registry)
    (store,) = (cache_root / "stores").iterdir()
    store.rename(store.with_name(f"mine-{sha256(EVIL)}-v2"))
    vectors = glove_registry.load("mine@two", registry=registry)
    assert vectors["good"][0] == -9.0
    vectors = glove_registry.load("mine@one", registry=registry)
    assert vectors["good"][0] == 0.5


def test_files_opened_by_path_are_told_apart(tmp_path: Path) -> None:
    """Two files of one name have their own vectors; so has one that changes."""
    for folder, content in (("a", GOOD), ("b", EVIL)):
        path = tmp_path / folder / "v.txt"
        path.parent.mkdir()
        path.write_bytes(content)
    first = [glove_registry.open_file(tmp_path / f / "v.txt")["good"][0] for f in "ab"]
    again = [glove_registry.open_file(tmp_path / f / "v.txt")["good"][0] for f in "ab"]
    assert first == again == [0.5, -9.0]
    (tmp_path / "a" / "v.txt").write_bytes(EVIL)
    assert glove_registry.open_file(tmp_path / "a" / "v.txt")["good"][0] == -9.0


@pytest.mark.parametrize("digits", [1, 0])
def test_members_of_archives_are_told_apart_however_short_names_are(
    digits: int,
    tmp_path: Path,
    cache_root: Path,
    server: FaultServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """If only the archive has a hash, archive and member identify a text."""
    monkeypatch.setattr(digests, "_SHORT", digits)
    revisions = {}
    texts = {f"m{i}.txt": b"word %d 1\nother 2 2\n" % i for i in range(6)}
    for archive in ("a.zip", "b.zip"):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as packed:
            for name, text in texts.items():
                packed.writestr(name, text + archive[:1].encode() + b" 3 3\n")
        url = server.url(f"{archive[0]}/v.zip", file.getvalue())
        for name in texts:
            revisions[f"{archive[0]}{name[:-4]}"] = {
                "url": url,
                "sha256": sha256(file.getvalue()),
                "member": name,
            }
    registry = write_registry(tmp_path, "mine", revisions=revisions)
    for _ in range(2):
        for revision in revisions:
            vectors = glove_registry.load(f"mine@{revision}", registry=registry)
            assert vectors["word"][0] == int(revision[2:])
            assert revision[0] in vectors
    for revision in ("am1", "bm1", "am2"):
        text = glove_registry.fetch(f"mine@{revision}", registry=registry).read_bytes()
        assert text == texts[f"{revision[1:]}.txt"] + revision[:1].encode() + b" 3 3\n"
    asked = server.sent
    for revision in revisions:
        glove_registry.load(f"mine@{revision}", registry=registry)
    assert server.sent == asked
    assert main(["verify", "--registry", str(registry)]) == 0


def test_archives_whose_digests_begin_alike_are_kept_side_by_side(
    tmp_path: Path,
    cache_root: Path,
    server: FaultServer,
) -> None:
    """What `add` fetched from one URL is kept when it fetches from another."""
    registry = tmp_path / "registry.yaml"
    for name, content in (("a", GOOD), ("b", EVIL)):
        url = server.url(f"{name}/v.txt", content)
        assert main(["add", url, "--name", name, "--to", str(registry)]) == 0
    kept = {path.read_bytes() for path in (cache_root / "sources").glob("*.txt")}
    assert kept == {GOOD, EVIL}
    moved = server.sent
    assert glove_registry.load("a", registry=registry)["good"][0] == 0.5
    assert glove_registry.load("b", registry=registry)["good"][0] == -9.0
    assert server.sent == moved
    assert main(["verify", "--registry", str(registry)]) == 0


def test_a_remembered_hash_is_of_the_very_path(
    tmp_path: Path, cache_root: Path
) -> None:
    """A record that was made for another path is not believed."""
    (tmp_path / "v.txt").write_bytes(GOOD)
    glove_registry.open_file(tmp_path / "v.txt")
    (record,) = (cache_root / "hashes").iterdir()
    known = json.loads(record.read_text())
    known["state"][0] = "/elsewhere"
    known["sha256"] = sha256(EVIL)
    record.write_text(json.dumps(known))
    assert glove_registry.open_file(tmp_path / "v.txt")["good"][0] == 0.5
