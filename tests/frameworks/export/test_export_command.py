"""`glove-registry export` does what `Vectors.export` does, and prints the path."""

import json
from pathlib import Path

import pytest
from entries import SMALL, sha256, write_registry
from exported_files import READERS
from plain_rows import SAMPLE, read_sample

import glove_registry
from glove_registry.cli import main


@pytest.mark.parametrize("to", ["word2vec", "word2vec-binary", "npz", "parquet"])
def test_the_command_writes_what_the_method_writes(
    to: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Only the path is printed, and the file equals the method's, byte for byte."""
    path = tmp_path / "out"
    assert main(["export", SAMPLE, "--to", to, str(path)]) == 0
    assert capsys.readouterr().out == f"{path}\n"
    same = glove_registry.load(SAMPLE).export(tmp_path / "same", to)
    assert path.read_bytes() == same.read_bytes()
    words, matrix = READERS[to](path)
    assert words == [word.decode() for word in read_sample()[0]]
    assert matrix.tobytes() == read_sample()[1].tobytes()


def test_scripts_and_own_registries(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """--json prints the path for scripts; --registry exports a user's entry."""
    (tmp_path / "v.txt").write_bytes(SMALL)
    registry = write_registry(
        tmp_path, "mine", url="file:v.txt", sha256=sha256(SMALL), dimension=3
    )
    path = str(tmp_path / "mine.txt")
    words = ["export", "mine", path, "--to", "word2vec", "--registry", str(registry)]
    assert main([*words, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"name": "mine", "path": path}
    lines = Path(path).read_text().splitlines()
    assert lines == ["3 3", "the 1 2 3", "of -1 0.5 0.002", "film 0 0 1"]


def test_a_mistake_is_told_before_anything_is_fetched(
    tmp_path: Path, cache_root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An existing path, a missing folder and a wrong name end in one sentence."""
    taken = tmp_path / "taken"
    taken.write_text("mine")
    name = "glove.840B.300d"
    for path, words in ((taken, "exists"), (tmp_path / "no" / "x", "create it")):
        assert main(["export", name, "--to", "npz", str(path)]) == 1
        captured = capsys.readouterr()
        assert captured.out == ""
        assert captured.err.startswith("glove-registry: ")
        assert captured.err.count("\n") == 1
        assert words in captured.err
    assert main(["export", "glove.6b.50d", "--to", "npz", "x"]) == 2
    assert "did you mean 'glove.6B.50d'" in capsys.readouterr().err
    with pytest.raises(SystemExit, match="2"):
        main(["export", SAMPLE, "--to", "csv", str(tmp_path / "x")])
    assert "'csv'" in capsys.readouterr().err
    assert taken.read_text() == "mine"
    assert not list(cache_root.rglob("*"))


def test_the_command_too_goes_by_the_ending(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """--to can be left out for a known ending; for others it is a usage error."""
    path = tmp_path / "out.npz"
    assert main(["export", SAMPLE, str(path)]) == 0
    same = glove_registry.load(SAMPLE).export(tmp_path / "same", "npz")
    assert path.read_bytes() == same.read_bytes()
    with pytest.raises(SystemExit, match="2"):
        main(["export", "glove.840B.300d", str(tmp_path / "out.txt")])
    assert "--to): word2vec, " in capsys.readouterr().err
