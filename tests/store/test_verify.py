"""`verify` raises no false alarm, and provenance says where a text was published."""

import errno
import os
import threading
from pathlib import Path

import pytest
from entries import SMALL, sha256, write_registry
from fault_server import FaultServer
from zips import make_zip

import glove_registry
from glove_registry import Registry
from glove_registry.cache import Cache
from glove_registry.cli import main
from glove_registry.store.verify import verify_items

SAMPLE = "glove.6B.50d-first10k"


def test_an_archive_s_checksum_alone_is_no_false_alarm(
    tmp_path: Path, server: FaultServer, cache_root: Path
) -> None:
    """A variant whose archive alone has a hash is verified after fetch and load."""
    archive = make_zip({"v.txt": SMALL})
    url, whole = server.url("v.zip", archive), sha256(archive)
    registry = write_registry(tmp_path, "mine", url=url, sha256=whole, member="v.txt")
    glove_registry.fetch("mine", registry=registry)
    vectors = glove_registry.load("mine", registry=registry, offline=True)
    assert main(["verify", "--registry", str(registry)]) == 0
    assert vectors.provenance["url"] == url
    assert vectors.provenance["url_sha256"] == whole
    assert str(cache_root) not in str(vectors.provenance)


def test_an_original_without_its_record_is_not_called_changed(
    tmp_path: Path, server: FaultServer
) -> None:
    """Only its record has the sha256 of the text from a verified archive."""
    archive = make_zip({"v.txt": SMALL})
    url, whole = server.url("v.zip", archive), sha256(archive)
    registry = write_registry(tmp_path, "mine", url=url, sha256=whole, member="v.txt")
    path = glove_registry.fetch("mine", registry=registry)
    path.with_name(f"{path.name}.record").unlink()
    known = Registry.from_file(registry)
    (verdict,) = verify_items(Cache(path.parents[1]), known)
    assert verdict.fault == (
        f"it has sha256 {sha256(SMALL)}, not that of its name, and no record: remove "
        "it by `glove-registry cache remove` and its name"
    )
    assert glove_registry.fetch("mine", registry=registry) == path
    (verdict,) = verify_items(Cache(path.parents[1]), known)
    assert verdict.fault is None


def test_an_archive_that_is_kept_is_not_where_it_was_published(
    tmp_path: Path, server: FaultServer, cache_root: Path
) -> None:
    """A store compiled from a file in the cache names the URL of its entry."""
    url = server.url("v.txt", SMALL)
    registry = tmp_path / "registry.yaml"
    assert main(["add", url, "--name", "mine", "--to", str(registry)]) == 0
    vectors = glove_registry.load("mine", registry=registry, offline=True)
    assert vectors.provenance["url"] == url


@pytest.mark.slow
def test_verify_is_right_while_others_write(tmp_path: Path, cache_root: Path) -> None:
    """Nothing is reported as damaged while it is fetched, replaced and removed."""
    (tmp_path / "v.txt").write_bytes(SMALL)
    registry = write_registry(tmp_path, "mine", url="file:v.txt", sha256=sha256(SMALL))
    stop = threading.Event()
    failures: list[BaseException] = []

    def write() -> None:
        try:
            while not stop.is_set():
                glove_registry.load("mine", registry=registry)
                glove_registry.fetch("mine", registry=registry)
                main(["cache", "remove", "mine"])
        except BaseException as failure:
            failures.append(failure)

    thread = threading.Thread(target=write)
    thread.start()
    seen = 0
    try:
        for _ in range(300):
            verdicts = list(verify_items(Cache(cache_root), Registry.default()))
            assert [verdict.fault for verdict in verdicts if verdict.fault] == []
            seen += len(verdicts)
    finally:
        stop.set()
        thread.join()
    assert failures == []
    assert seen > 10


def test_what_cannot_be_read_is_a_sentence(
    cache_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A missing file of a store is named once; an unreadable original is a fault."""

    def refuse(path: Path) -> str:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)

    glove_registry.load(SAMPLE)
    glove_registry.fetch(SAMPLE)
    (store,) = (cache_root / "stores").iterdir()
    (store / "vectors.npy").unlink()
    monkeypatch.setattr("glove_registry.store.verify.hash_file", refuse)
    of_store, of_original = verify_items(Cache(cache_root), Registry.default())

    advice = "remove it by `glove-registry cache remove` and its name"
    reason = f"vectors.npy: {os.strerror(errno.ENOENT)}"
    assert of_store.fault == f"{store} is not a complete store ({reason}): {advice}"
    reason = os.strerror(errno.EACCES)
    assert of_original.fault == f"it cannot be read ({reason}): {advice}"


@pytest.mark.parametrize("name", ["tokens.txt", "token-offsets.npy"])
def test_emptied_tokens_are_made_anew(name: str, cache_root: Path) -> None:
    """Token files of zeros are never mapped, at whatever size."""
    glove_registry.load(SAMPLE)
    (store,) = (cache_root / "stores").iterdir()
    content = (store / name).read_bytes()
    header = 128 if name.endswith(".npy") else 0
    (store / name).write_bytes(content[:header] + bytes(len(content) - header))
    assert list(glove_registry.load(SAMPLE).tokens[:2]) == ["the", ","]
    assert (store / name).read_bytes() == content


def test_offsets_of_another_store_are_not_mapped(
    tmp_path: Path, cache_root: Path
) -> None:
    """Tokens of another text are noticed when a store is opened."""
    glove_registry.load(SAMPLE)
    (store,) = (cache_root / "stores").iterdir()
    content = bytearray((store / "token-offsets.npy").read_bytes())
    content[-8] ^= 1
    (store / "token-offsets.npy").write_bytes(content)
    assert glove_registry.load(SAMPLE).tokens[9_999] is not None
    assert main(["verify"]) == 0


def test_what_is_removed_meanwhile_is_left_out(cache_root: Path) -> None:
    """An item that goes between the list and its turn has no verdict, and no error."""
    glove_registry.load(SAMPLE)
    original = glove_registry.fetch(SAMPLE)
    verdicts = verify_items(Cache(cache_root), Registry.default())
    assert next(verdicts).item.kind == "store"
    original.unlink()
    assert list(verdicts) == []


def test_a_store_under_the_name_of_another_text_is_a_fault(
    cache_root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A folder that was renamed by hand is said to hold another text."""
    glove_registry.load(SAMPLE)
    (store,) = (cache_root / "stores").iterdir()
    store.rename(store.with_name(f"{SAMPLE}-{'0' * 12}-v2"))
    assert main(["verify"]) == 1
    assert "it is the store of another text than its name" in capsys.readouterr().out


def test_an_entry_of_another_registry_denies_nothing(
    tmp_path: Path, cache_root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A store of one registry is right, whatever another one says of the same name."""
    registries = []
    for folder, text in (("mine", SMALL), ("theirs", SMALL + b"x 1 2 3\n")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "v.txt").write_bytes(text)
        fields = {"url": "file:v.txt", "sha256": sha256(text)}
        registries.append(write_registry(tmp_path / folder, "both", **fields))
    mine, theirs = registries
    glove_registry.load("both", registry=mine)
    assert main(["verify", "--registry", str(theirs)]) == 0
    mine.write_text(mine.read_text().replace(sha256(SMALL), "0" * 64))
    assert main(["verify", "--registry", str(mine)]) == 1
    assert f"the registry says {'0' * 64}" in capsys.readouterr().out


def test_every_derived_file_is_hashed(
    cache_root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A changed file is found, whichever it is of those that were made of a store."""

    def write(path: Path) -> None:
        path.write_bytes(b"kept")

    vectors = glove_registry.load(SAMPLE)
    for name in ("first.bin", "second.bin"):
        vectors.locate_derived(name).keep(write)
    assert main(["verify"]) == 0
    for name in ("first.bin", "second.bin"):
        (path,) = cache_root.glob(f"derived/*/{name}")
        path.write_bytes(b"lost")
        assert main(["verify"]) == 1
        assert f"{name} is not as its record says" in capsys.readouterr().out
        path.write_bytes(b"kept")
