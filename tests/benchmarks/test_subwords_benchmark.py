"""The benchmark of fastText's models runs, and finds who is wrong."""

import importlib
import json
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

import glove_registry

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The benchmark's module, found as its scripts find each other."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return importlib.import_module("subwords")


@pytest.mark.slow
def test_one_command_writes_the_table(
    script: ModuleType, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Both libraries read a small model, with the same vectors."""
    script.main(["--scale", "0.0005", "--folder", str(tmp_path)])
    lines = capsys.readouterr().out.splitlines()
    assert "1,000 words and 1,000 buckets" in lines[0]
    assert [line.split("|")[1].strip() for line in lines[4:7]] == [
        "**glove_registry**, first use",
        "**glove_registry**, later uses",
        "gensim, each time",
    ]
    assert not [*tmp_path.iterdir()]


def test_the_words_are_known_and_unknown(script: ModuleType, tmp_path: Path) -> None:
    """The model has exactly the known words, each once."""
    script.write_model(tmp_path, 50, 20, 4)
    vectors = glove_registry.open_file(tmp_path / "model.bin")
    words = json.loads((tmp_path / "words.json").read_text())
    assert vectors.shape == (50, 4)
    assert {*vectors.tokens} == {*words["known"]}
    assert len({*words["unknown"]}) == 50
    assert not any(word in vectors for word in words["unknown"])


def test_other_vectors_are_found(script: ModuleType, tmp_path: Path) -> None:
    """Differences by the order of additions pass, and others do not."""
    one, other = tmp_path / "one", tmp_path / "other"
    numbers = np.array([1.0, -2.0, 0.5], np.float32)
    numbers.tofile(one)
    (numbers + np.float32(1e-6)).tofile(other)
    script.compare([one, other])
    for wrong in (numbers + np.float32(1e-3), numbers[:2]):
        wrong.tofile(other)
        with pytest.raises(SystemExit, match="differ"):
            script.compare([one, other])
