"""`glove-registry embed` writes what `Vectors.embed` returns for lines of a text."""

import io
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from plain_rows import SAMPLE

import glove_registry
from glove_registry.cli import main

LINES = ["A truly good film.", "", "José's café", "qqzz", "the king"]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize(
    "options", [[], ["--pooling", "max"], ["--weights", "sif", "--pooling", "sqrtn"]]
)
def test_the_file_has_the_vectors_of_the_lines(
    options: list[str], end: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Only the path is printed; each line has a row, whatever ends it."""
    text, output = tmp_path / "text.txt", tmp_path / "vectors.npy"
    text.write_bytes(("\ufeff" + end.join([*LINES, ""])).encode())
    command = ["embed", SAMPLE, str(text), "--output", str(output), *options]
    assert main(command) == 0
    assert capsys.readouterr().out == f"{output}\n"
    arguments: dict[str, Any] = {
        key.removeprefix("--"): value
        for key, value in zip(options[::2], options[1::2], strict=True)
    }
    found = np.load(output)
    expected = glove_registry.load(SAMPLE).embed(LINES, **arguments)
    assert (found.dtype, found.tobytes()) == (np.dtype("f4"), expected.tobytes())


@pytest.mark.parametrize("file", [[], ["-"]])
def test_standard_input_is_read_by_default(
    file: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Lines come from a pipe, and --json states the shape; the name needs no ending."""
    piped = io.TextIOWrapper(io.BytesIO("the king\ncafé".encode()), "ascii")
    monkeypatch.setattr(sys, "stdin", piped)
    path = str(tmp_path / "vectors")
    assert main(["embed", SAMPLE, *file, "--output", path, "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown == {"name": SAMPLE, "shape": [2, 50], "path": path}
    expected = glove_registry.load(SAMPLE).embed(["the king", "café"])
    assert np.load(path).tobytes() == expected.tobytes()


def test_mistakes_are_sentences_and_leave_no_file(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Files that exist, are missing or are not UTF-8; one text for sif; no input."""
    taken, wrong, one = (tmp_path / name for name in ("taken", "wrong", "one"))
    taken.write_text("mine")
    wrong.write_bytes(b"the king\ncaf\xe9\n")
    one.write_text("the king\n")
    new = str(tmp_path / "new.npy")
    monkeypatch.setattr(sys, "stdin", None)
    for arguments, sentence in (
        ([str(one), "--output", str(taken)], "taken already exists"),
        ([str(one), "--output", str(tmp_path / "no" / "x")], "create it"),
        ([str(tmp_path / "gone"), "--output", new], "gone cannot be read"),
        ([str(tmp_path), "--output", new], "cannot be read"),
        ([str(wrong), "--output", new], "wrong, line 2: expected UTF-8"),
        ([str(one), "--output", new, "--weights", "sif"], "more than one text"),
        (["--output", new], "standard input is closed"),
    ):
        assert main(["embed", SAMPLE, *arguments]) == 1
        shown = capsys.readouterr()
        assert shown.out == ""
        assert shown.err.startswith("glove-registry: ")
        assert shown.err.count("\n") == 1
        assert sentence in shown.err
    assert main(["embed", "glove.6b.50d", str(one), "--output", new]) == 2
    with pytest.raises(SystemExit, match="2"):
        main(["embed", SAMPLE, str(one)])
    assert taken.read_text() == "mine"
    assert not Path(new).exists()
