"""The benchmark of `embed` runs on a small file, and compares results."""

import importlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

import glove_registry

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.mark.slow
def test_the_benchmark_runs_on_a_small_file(tmp_path: Path) -> None:
    """One command measures all ways, on short and on long reviews."""
    sample = glove_registry.fetch("glove.6B.50d-first10k").read_bytes()
    (tmp_path / "small.txt").write_bytes(b"".join(sample.splitlines(True)[:3000]))
    options = ["--text", "small.txt", "--count", "20", "--rounds", "1"]
    done = subprocess.run(
        [sys.executable, str(BENCHMARKS / "embed.py"), *options],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("| gensim: a loop over lists of words | ") == 2
    assert done.stdout.count("| scikit-learn: `HashingVectorizer` | ") == 2


def test_a_row_has_medians_and_ratios_of_rounds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Ratios are taken round by round."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    benchmark = importlib.import_module("embed")
    ways = benchmark.make_ways()[:2]
    for way, seconds in zip(ways, ((2, 1, 4), (4, 8, 4)), strict=True):
        way.runs = [
            benchmark.Run(9, memory, output=json.dumps([taken, 0]))
            for taken, memory in zip(seconds, (50, 40, 60), strict=True)
        ]
    *_, first, second, end = benchmark.write_table("imdb", 400, ways).split("\n")
    assert first == f"| {ways[0].title} | 200 | 1.00 (1.00-1.00) | 50 |"
    assert second == f"| {ways[1].title} | 100 | 2.00 (1.00-8.00) | 50 |"
    assert end == ""
