"""The benchmark of neighbours runs on a small file, and compares results."""

import importlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

import glove_registry

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
QUESTIONS = ": family\nking queen man woman\nHe she his her\n"


@pytest.mark.slow
def test_the_benchmark_runs_on_a_small_file(tmp_path: Path) -> None:
    """One command measures both libraries, the index and large vectors."""
    sample = glove_registry.fetch("glove.6B.50d-first10k").read_bytes()
    (tmp_path / "small.txt").write_bytes(b"".join(sample.splitlines(True)[:3000]))
    (tmp_path / "questions.txt").write_text(QUESTIONS)
    options = ["--many", "50", "--rounds", "1", "--index", "--large", "3000x20"]
    done = subprocess.run(
        [
            *(sys.executable, str(BENCHMARKS / "analysis.py"), "--text", "small.txt"),
            *("--questions", "questions.txt", *options),
        ],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    for title in ("first word", "one word, later", "50 words", "analogies"):
        assert f"| {title}" in done.stdout or title in done.stdout
    assert done.stdout.count("recall@10") == 2
    assert done.stdout.count("3000x20: ") == 3


def test_a_row_has_medians_and_ratios_of_rounds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Ratios are taken round by round; times have a unit."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    analysis = importlib.import_module("analysis")
    this, other = (
        [analysis.Run(9, memory, output=json.dumps([s, 0])) for s in seconds]
        for seconds, memory in (((0.002, 0.001, 0.004), 40), ((0.01, 2, 0.008), 130))
    )
    row = analysis.Task("warm", "one word", 1, 3).compare(this, other)
    assert row == "| one word | 2.0 ms | 10.0 ms | 5.0 (2.0-2000.0) | 40 | 130 |"
    assert analysis.show(0.00025) == "250 µs"
    assert analysis.show(2.5) == "2.5 s"
