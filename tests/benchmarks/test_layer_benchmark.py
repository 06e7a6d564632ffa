"""The benchmark of the layer runs, finds who is wrong, and computes what it says."""

import importlib
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import glove_registry

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def layer(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The benchmark's `layer` module, found as its scripts find each other."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return importlib.import_module("layer")


@pytest.fixture
def text(tmp_path: Path) -> Path:
    """The first 3,000 rows of the sample."""
    path = tmp_path / "small.txt"
    sample = glove_registry.fetch("glove.6B.50d-first10k").read_bytes()
    path.write_bytes(b"".join(sample.splitlines(keepends=True)[:3000]))
    return path


@pytest.mark.slow
def test_the_benchmark_runs_on_a_small_file(text: Path, tmp_path: Path) -> None:
    """One command checks and measures everybody, on any backend."""
    # The quickest to start, of processes that are eight.
    options = ["--backend", "jax", "--words", "4000", "--rounds", "1"]
    done = subprocess.run(
        [sys.executable, str(BENCHMARKS / "layer.py"), "--text", str(text), *options],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    assert "| 4,000 words |" in done.stdout
    for title in ("first use", "later uses", "tutorial's way", "Keras alone"):
        assert done.stdout.count(f"{title}") >= 1


def test_a_layer_of_other_weights_is_out(
    layer: ModuleType, text: Path, tmp_path: Path
) -> None:
    """What a layer holds is compared with what a plain loop read of the text."""
    words = layer.choose_words(text, 100, tmp_path)
    chosen = words.path.read_text(encoding="utf-8").split("\n")
    assert words.count == len(chosen) == 100
    assert sum(word.startswith("no-such-word-") for word in chosen) == 2
    registry = tmp_path / "registry.yaml"
    vectors = glove_registry.load("plain", registry=registry)
    matrix = vectors.embedding_matrix({word: i for i, word in enumerate(chosen, 1)})
    way = layer.make_ways()[1]
    result = tmp_path / "result"
    matrix.tofile(result)
    layer.check(way, words, result)
    matrix[3, 3] += 1
    matrix.tofile(result)
    with pytest.raises(SystemExit, match="other weights than those in the text"):
        layer.check(way, words, result)


def test_a_table_has_medians_and_ratios_of_rounds(layer: ModuleType) -> None:
    """Ratios are taken round by round, memory above that of Keras in its round."""

    def make_runs(*seconds: float, peak_mb: float) -> list[Any]:
        return [layer.Run(s + 5, peak_mb, output=json.dumps(s)) for s in seconds]

    floor, first, later, tutorial = ways = layer.make_ways()
    floor.runs = make_runs(0, 0, 0, peak_mb=800)
    first.runs = make_runs(2, 2, 4, peak_mb=900)
    later.runs = make_runs(0.5, 1, 0.5, peak_mb=810)
    tutorial.runs = make_runs(4, 6, 5, peak_mb=1250)
    lines = layer.write_table(20_000, ways).splitlines()
    assert lines[2:] == [
        "| Keras alone | | | 5.0 | 0, of 800 | 3 |",
        "| **glove_registry**, first use | 2.00 | 4.0 (2.0-8.0) | 7.0 | 100 | 3 |",
        "| **glove_registry**, later uses | 0.50 | 1.0 (1.0-1.0) | 5.5 | 10 | 3 |",
        "| the Keras tutorial's way, each time | 5.00 | 8.0 (6.0-10.0) | 10.0 | 450 "
        "| 3 |",
    ]
