"""The benchmark of datasets runs, and compares who has the same rows."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import glove_registry

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "datasets.py"


@pytest.mark.slow
def test_the_benchmark_of_datasets_runs_on_a_small_file(tmp_path: Path) -> None:
    """One command measures all three ways, whose words and numbers agree."""
    text = glove_registry.fetch("glove.6B.50d-first10k")
    output = tmp_path / "numbers.json"
    options = ["--text", str(text), "--rounds", "1", "--folder", str(tmp_path)]
    done = subprocess.run(
        [sys.executable, str(SCRIPT), *options, "--output", str(output)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count(" s |") == 6
    found = json.loads(output.read_text())
    assert set(found["glove_registry"][0]) == {"prepare", "read", "batched"}
    assert set(found["to_tf_dataset"][0]) == {"read"}
    assert all(taken > 0 for (times,) in found.values() for taken in times.values())
