"""An entry is written last of all: what fails before leaves the registry as it was."""

import importlib
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from entries import SMALL, list_files
from fault_server import FaultServer
from hypothesis import given
from hypothesis import strategies as st

from glove_registry.authoring import examine
from glove_registry.cli import main
from glove_registry.errors import FormatError

# The package's `add` is the function.
steps = importlib.import_module("glove_registry.authoring.add")


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where an entry goes if nothing else is said; it is not there yet."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "v.txt").write_bytes(SMALL)
    return tmp_path / "registry.yaml"


@pytest.mark.parametrize("step", ["_keep", "examine", "_name_all", "end of transfer"])
def test_no_step_comes_after_the_write(
    step: str,
    registry: Path,
    server: FaultServer,
    cache_root: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whichever step fails, there is no registry file, and nothing was kept."""

    def fail(*arguments: object, **options: object) -> None:
        raise FormatError("on purpose")

    @contextmanager
    def open_and_fail(*arguments: Any) -> Iterator[Path]:
        with original(*arguments) as path:
            yield path
        fail()

    original = steps.open_local_copy
    if step == "end of transfer":
        monkeypatch.setattr(steps, "open_local_copy", open_and_fail)
    else:
        monkeypatch.setattr(steps, step, fail)
    url = server.url("v.txt", SMALL)
    assert main(["add", url, "--name", "mine"]) == 1
    assert not registry.exists()


def test_what_was_kept_goes_if_the_entry_cannot_be_written(
    registry: Path,
    server: FaultServer,
    cache_root: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """No file stays in the cache for an entry that is not there."""

    def fail(*arguments: object) -> None:
        raise FormatError("on purpose")

    monkeypatch.setattr(steps, "rewrite", fail)
    assert main(["add", server.url("v.txt", SMALL), "--name", "mine"]) == 1
    assert [f for f in list_files(cache_root) if f.startswith("sources")] == []


def test_rows_have_a_limit(
    registry: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """More rows than memory is meant for are refused while they are read."""
    monkeypatch.setattr(examine, "MAX_ROWS", 2)
    assert main(["add", "v.txt", "--name", "mine"]) == 1
    assert "v.txt: it has more than 2 rows" in capsys.readouterr().err
    assert not registry.exists()
    monkeypatch.setattr(examine, "MAX_ROWS", 3)
    assert main(["add", "v.txt", "--name", "mine"]) == 0


@given(st.lists(st.lists(st.integers(-3, 3), max_size=9), min_size=1))
def test_repeated_rows_are_counted_as_a_set_counts_them(
    blocks: list[list[int]],
) -> None:
    """A row is repeated if its hash has been in an earlier row, of any block."""
    hashes = [np.array(block, np.int64) for block in blocks]
    all_hashes = [number for block in blocks for number in block]
    assert examine._count_repeated(hashes) == len(all_hashes) - len(set(all_hashes))


def test_many_members_without_vectors_make_a_short_report(
    registry: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The first of them are listed, and the others counted."""
    with zipfile.ZipFile(tmp_path / "v.zip", "w") as archive:
        archive.writestr("v.txt", SMALL)
        for i in range(300):
            archive.writestr(f"{i}.md", b"# no vectors\n")
    assert main(["add", "v.zip", "--name", "my.{dimension}d"]) == 0
    lines = capsys.readouterr().err.splitlines()
    assert sum("left out" in line for line in lines) == 21
    assert any("left out 280 other members" in line for line in lines)
