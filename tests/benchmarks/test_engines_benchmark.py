"""The benchmark of engines runs with a few texts, and compares their results."""

import importlib
import json
import subprocess
import sys
from pathlib import Path

import pytest
from needed_engines import require_engine

import glove_registry

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.mark.slow
def test_the_benchmark_runs_with_a_few_texts() -> None:
    """One command measures a single process and a cluster, with equal vectors."""
    require_engine("distributed")
    text = glove_registry.fetch("glove.6B.50d-first10k")
    done = subprocess.run(
        [
            *(sys.executable, str(BENCHMARKS / "engines.py"), "--text", str(text)),
            *("--count", "500", "--rounds", "1", "--engines", "none", "dask"),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "failed" not in done.stdout
    assert "| Dask | 2 |" in done.stdout


def test_a_row_has_the_median_and_the_largest_worker(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Jobs are compared by their median, workers by their peaks."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    engines = importlib.import_module("engines")
    done = engines.Run(9, 1, output=json.dumps([3.21, [2, 1, 8], [90, 120.4], "ab"]))
    row = engines.make_row("dask", 2, 10_000, done)
    assert row == "| Dask | 2 | 3.2 | 5,000 | 120 |"
