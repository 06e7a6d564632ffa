"""A store gets its name when it is complete, and never that of another store."""

import os
import shutil
import stat
from pathlib import Path

import numpy as np
import pytest
from number_stores import FILES

from glove_registry.errors import CacheError
from glove_registry.formats import Block
from glove_registry.store import Store
from glove_registry.store.layout import Manifest
from glove_registry.store.writer import copy_store, publish_store, write_store


def publish(folder: Path, *names: str, number: float = 1, **digests: str) -> Path:
    """Publish a store of one word under the first free name."""
    work = folder / f"work-{len([*folder.iterdir()])}"
    block = Block([b"the"], np.full((1, 2), number, np.float32))
    manifest = write_store(work, [block])
    provenance = {"name": "v", "revision": None, "sha256": "a", "bytes": 1, "key": "k"}
    manifest = manifest._replace(provenance=provenance | digests)
    return publish_store(work, manifest, [folder / name for name in names])


def read(folder: Path) -> float:
    """Return the first number of a store."""
    return float(Store.open(folder).vectors.take(np.array([0]))[0, 0])


def test_the_first_name_that_is_free(tmp_path: Path) -> None:
    """A store gets the first name that no other text has."""
    assert publish(tmp_path, "a", "b").name == "a"
    assert publish(tmp_path, "a", "b", "c", number=2, sha256="b").name == "b"
    assert publish(tmp_path, "a", "b", "c", number=3, key="l").name == "c"
    assert [read(tmp_path / name) for name in "abc"] == [1, 2, 3]


def test_the_same_text_is_published_once(tmp_path: Path) -> None:
    """The second process to publish a text keeps the first one's store."""
    publish(tmp_path, "a")
    assert publish(tmp_path, "a", "b", number=2) == tmp_path / "a"
    assert read(tmp_path / "a") == 1
    assert not (tmp_path / "b").exists()
    publish(tmp_path, "a", "b", number=3, sha256="b")
    assert publish(tmp_path, "a", "b", number=4, sha256="b") == tmp_path / "b"
    assert read(tmp_path / "b") == 3


def test_what_is_in_the_way_is_left_there(tmp_path: Path) -> None:
    """Other things keep their names; if all are taken, that is an error."""
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_bytes(b"precious")
    assert publish(tmp_path, "a", "b", "c").name == "c"
    with pytest.raises(CacheError, match=r"/b, which exists: remove it"):
        publish(tmp_path, "a", "b")
    assert (tmp_path / "a" / "file").read_bytes() == b"precious"


def test_a_folder_that_is_gone_is_its_own_error(tmp_path: Path) -> None:
    """A missing folder is not mistaken for a name that is taken."""
    with pytest.raises(FileNotFoundError):
        publish(tmp_path, "nowhere/a", "b")


def test_all_is_on_disk_before_the_name_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files and folder are flushed before the rename, its parent after it."""
    done: list[str] = []
    fsync, rename = os.fsync, Path.rename

    def note_fsync(descriptor: int) -> None:
        done.append(os.path.basename(os.readlink(f"/proc/self/fd/{descriptor}")))
        fsync(descriptor)

    def note_rename(self: Path, target: Path) -> Path:
        done.append("rename")
        return rename(self, target)

    if not Path("/proc/self/fd").is_dir():
        pytest.skip("no list of open files here")
    monkeypatch.setattr(os, "fsync", note_fsync)
    monkeypatch.setattr(Path, "rename", note_rename)
    before = len(os.listdir("/proc/self/fd"))
    publish(tmp_path, "a")
    *files, folder, name, parent = done
    assert sorted(files) == sorted([*FILES, "manifest.json"])
    assert (folder, name, parent) == ("work-0", "rename", tmp_path.name)
    assert len(os.listdir("/proc/self/fd")) == before


def test_folders_need_not_be_flushed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Failing to flush a folder is ignored; failing to flush a file is an error."""
    fsync, is_refused = os.fsync, stat.S_ISDIR

    def refuse(descriptor: int) -> None:
        if is_refused(os.fstat(descriptor).st_mode):
            raise OSError("refused")
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", refuse)
    assert read(publish(tmp_path, "a")) == 1
    is_refused = stat.S_ISREG
    with pytest.raises(OSError, match="refused"):
        publish(tmp_path, "b")
    assert not (tmp_path / "b").exists()


def test_a_copy_is_the_same_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A copy is equal, with hard links and where there are none."""
    source = publish(tmp_path, "a")
    manifest = copy_store(source, tmp_path / "linked")
    assert manifest == Manifest.read(source)
    for name in FILES:
        assert (tmp_path / "linked" / name).samefile(source / name)
    target = publish_store(tmp_path / "linked", manifest, [tmp_path / "b"])
    assert read(target) == 1

    def refuse(*_: object) -> None:
        raise OSError("Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    assert copy_store(source, tmp_path / "copied") == manifest
    for name in FILES:
        copy = tmp_path / "copied" / name
        assert not copy.samefile(source / name)
        assert copy.read_bytes() == (source / name).read_bytes()


def test_a_copy_of_what_is_not_whole_is_none(tmp_path: Path) -> None:
    """No copy is made of a damaged or missing store."""
    for i, name in enumerate(FILES):
        source = publish(tmp_path, f"changed-{i}")
        content = (source / name).read_bytes()
        (source / name).write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        assert copy_store(source, tmp_path / f"copy-{i}") is None, name
    source = publish(tmp_path, "shorter")
    (source / "tokens.txt").write_bytes(b"")
    assert copy_store(source, tmp_path / "of-shorter") is None
    shutil.rmtree(source)
    assert copy_store(source, tmp_path / "of-nothing") is None


def test_a_store_that_goes_while_it_is_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No copy is made of a store that is removed meanwhile."""
    source = publish(tmp_path, "a")
    read_manifest = Manifest.read

    def read_then_remove(folder: Path) -> Manifest:
        manifest = read_manifest(folder)
        (folder / "tokens.txt").unlink()
        return manifest

    monkeypatch.setattr(Manifest, "read", read_then_remove)
    assert copy_store(source, tmp_path / "b") is None
