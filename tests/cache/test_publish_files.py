"""A file or folder has its name when all of it is on the disk, or not at all."""

import errno
import os
from pathlib import Path

import pytest

from glove_registry.cache.publish import publish


@pytest.mark.parametrize("with_workspace", [False, True])
def test_a_file_replaces_the_old_one(tmp_path: Path, with_workspace: bool) -> None:
    """Until the block ends the old file is there, then the new one, alone."""
    target = tmp_path / "out" / "file"
    target.parent.mkdir()
    target.write_text("old")
    workspace = tmp_path / "work" if with_workspace else None
    if workspace:
        workspace.mkdir()
    with publish(target, workspace=workspace) as part:
        part.write_text("new")
        assert target.read_text() == "old"
        assert part.is_relative_to(workspace or target.parent)
    assert target.read_text() == "new"
    assert os.listdir(target.parent) == ["file"]
    assert not workspace or os.listdir(workspace) == []


def test_a_folder_is_published_with_all_its_files(tmp_path: Path) -> None:
    """A folder appears with the folders and files in it."""
    with publish(tmp_path / "model", replace=False) as part:
        (part / "variables").mkdir(parents=True)
        (part / "variables" / "index").write_text("1")
        assert not (tmp_path / "model").exists()
    assert (tmp_path / "model" / "variables" / "index").read_text() == "1"


def test_a_block_that_fails_changes_nothing(tmp_path: Path) -> None:
    """An error, or an interrupt, leaves the old file and nothing beside it."""
    target = tmp_path / "file"
    target.write_text("old")
    for error in (ValueError, KeyboardInterrupt):

        def write_half(error: type[BaseException] = error) -> None:
            with publish(target) as part:
                part.write_text("half")
                raise error

        with pytest.raises(error):
            write_half()
    assert target.read_text() == "old"
    assert os.listdir(tmp_path) == ["file"]


@pytest.mark.parametrize("name", ["file", "link"])
def test_what_must_not_be_replaced_stays(name: str, tmp_path: Path) -> None:
    """A file, or a link that leads nowhere, that appears meanwhile keeps its name."""
    target = tmp_path / name

    def write_while_another_does() -> None:
        with publish(target, replace=False) as part:
            part.write_text("mine")
            if name == "link":
                target.symlink_to("nowhere")
            else:
                target.write_text("yours")

    with pytest.raises(FileExistsError) as caught:
        write_while_another_does()
    assert caught.value.filename == str(target)
    assert os.listdir(tmp_path) == [name]
    assert target.is_symlink() or target.read_text() == "yours"


def test_all_is_flushed_before_the_rename(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each file is flushed, then its folders, then the name is given and flushed."""
    steps: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def note_fsync(descriptor: int) -> None:
        steps.append(os.path.basename(os.readlink(f"/proc/self/fd/{descriptor}")))
        fsync(descriptor)

    def note_replace(path: Path, target: Path) -> Path:
        steps.append("rename")
        return replace(path, target)

    if not Path("/proc/self/fd").is_dir():
        pytest.skip("no list of open files here")
    monkeypatch.setattr(os, "fsync", note_fsync)
    monkeypatch.setattr(Path, "replace", note_replace)
    with publish(tmp_path / "model") as part:
        (part / "inner").mkdir(parents=True)
        (part / "inner" / "file").write_text("1")
    assert steps == ["file", "inner", "model", "rename", tmp_path.name]


def test_a_disk_that_fails_late_keeps_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What could not be flushed is not published."""

    def fail(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", fail)
    full = os.strerror(errno.ENOSPC)
    with pytest.raises(OSError, match=full), publish(tmp_path / "file") as part:
        part.write_text("new")
    assert os.listdir(tmp_path) == []
