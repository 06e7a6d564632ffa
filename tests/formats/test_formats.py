"""A format is one row and one module: all else follows from its row."""

import json
import struct
import sys
from pathlib import Path
from types import ModuleType
from typing import get_args

import numpy as np
import pytest
from entries import sha256, write_registry

import glove_registry
from glove_registry import errors
from glove_registry.cli import main
from glove_registry.formats.block import Block
from glove_registry.formats.reader import load_module
from glove_registry.formats.start import Expected, Opened, Start
from glove_registry.registry import FORMATS, FileFormat, Format

FORMATS_PAGE = Path(__file__).parents[2] / "docs" / "formats.md"
MARK = b"NOVEL\n"
CONTENT = MARK + b"the of film" + b"\n" + struct.pack("<3f", 0.5, -1, 2)


class Novel(ModuleType):
    """A format of words on a line and one number for each."""

    @staticmethod
    def recognize(start: Start) -> bool:
        """Return whether a file has the mark."""
        return start.bytes.startswith(MARK)

    @staticmethod
    def open_rows(start: Start, expected: Expected) -> Opened:
        """Open its rows."""
        if not start.bytes.startswith(MARK):
            raise errors.FormatError("line 1: expected NOVEL")
        words, _, numbers = start.bytes.removeprefix(MARK).partition(b"\n")
        values = np.frombuffer(numbers, "<f4").reshape(-1, 1)
        return Opened(1, iter([Block(words.split(), values)]))


@pytest.fixture
def novel(monkeypatch: pytest.MonkeyPatch) -> None:
    """Add a format to the table, whose module is not imported yet."""
    name = "glove_registry.formats.new_form"
    monkeypatch.setitem(sys.modules, name, Novel(name))
    row = FileFormat("new-form", "a novel file", header=True)  # type: ignore[arg-type]
    monkeypatch.setitem(FORMATS, "new-form", row)


@pytest.mark.usefixtures("novel")
def test_a_row_and_a_module_are_all_that_a_format_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """open_file, add, an entry and load follow the row of a format."""
    monkeypatch.chdir(tmp_path)
    Path("v.dat").write_bytes(CONTENT)

    for form in (None, "new-form"):
        vectors = glove_registry.open_file("v.dat", format=form)  # type: ignore[arg-type]
        assert vectors["film"].tolist() == [2]
    with pytest.raises(errors.FormatError, match="line 1: expected a token"):
        glove_registry.open_file("v.dat", format="glove")

    assert main(["add", "v.dat", "--name", "mine", "--json"]) == 0
    (entry,) = json.loads(capsys.readouterr().out)["entries"]
    assert (entry["format"], entry["header"], entry["rows"]) == ("new-form", True, 3)
    assert main(["add", "v.dat", "--name", "mine.too"]) == 0
    assert "mine.too: a novel file, 3 rows of 1 number," in capsys.readouterr().err

    for registry in (
        Path("registry.yaml"),
        write_registry(tmp_path, "mine", url="file:v.dat", sha256=sha256(CONTENT)),
    ):
        assert glove_registry.load("mine", registry=registry)["the"].tolist() == [0.5]


@pytest.mark.usefixtures("novel")
def test_other_files_are_read_as_before(tmp_path: Path) -> None:
    """A new format takes no file that it does not recognize."""
    path = tmp_path / "v.txt"
    path.write_bytes(b"2 1\nthe 1\nof 2\n")
    assert glove_registry.open_file(path)["of"].tolist() == [2]
    with pytest.raises(errors.FormatError, match="line 1: expected NOVEL"):
        glove_registry.open_file(path, format="new-form")  # type: ignore[arg-type]


def test_each_format_is_whole() -> None:
    """Each has a name that type checkers know, a module, a label and a description."""
    assert get_args(Format) == tuple(FORMATS)
    page = FORMATS_PAGE.read_text(encoding="utf-8")
    for name, row in FORMATS.items():
        module = load_module(name)
        assert callable(module.recognize)
        assert callable(module.open_rows)
        assert row.label
        assert f"| `{name}`" in page
