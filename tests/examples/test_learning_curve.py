"""The learning curve runs with the sample, and finds where the curves cross."""

import importlib
import math
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from test_run_experiment import CHECKOUT, EXAMPLES


def start(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the script with few texts to its end."""
    return subprocess.run(
        [
            *(sys.executable, str(EXAMPLES / "learning_curve.py"), "--seeds", "2"),
            *("--test-texts", "300", *arguments),
        ],
        cwd=folder,
        env={
            **os.environ,
            "GLOVE_REGISTRY_CACHE": str(folder / "cache"),
            "PYTHONPATH": str(CHECKOUT),
        },
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_a_run_prints_a_table_and_draws_a_plot(tmp_path: Path) -> None:
    """Each number of labels has a row, and the same seeds give the same numbers."""
    done = start(tmp_path, "--sizes", "100,20", "--plot", "curve.png")
    assert done.returncode == 0, done.stderr
    rows = [line.split(" | ")[0] for line in done.stdout.splitlines()[2:4]]
    assert rows == ["| 20", "| 100"]
    assert (tmp_path / "curve.png").read_bytes().startswith(b"\x89PNG")
    assert start(tmp_path, "--sizes", "100,20").stdout == done.stdout


@pytest.mark.slow
def test_too_few_texts_are_an_error(tmp_path: Path) -> None:
    """More labels than there are reviews are refused with both numbers."""
    done = start(tmp_path, "--sizes", "9000")
    assert done.returncode == 2
    assert "8,530 reviews, too few to train on 9,000" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.fixture
def curve(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The script as a module."""
    monkeypatch.syspath_prepend(str(EXAMPLES))
    return importlib.import_module("learning_curve")


def test_curves_cross_where_the_line_between_two_gains_is_zero(curve: Any) -> None:
    """Labels are interpolated in their logarithm; without a crossing there is none."""
    points = [
        curve.Point(10, [0.6, 0.8], [0.5, 0.7]),
        curve.Point(100, [0.9], [0.7]),
        curve.Point(1000, [0.7], [0.9]),
        curve.Point(10000, [0.7], [0.6]),
    ]
    assert math.isclose(curve.find_crossing(points), 10**2.5)
    assert curve.find_crossing(points[:2]) is None
    table = curve.write_table(points[:3]).splitlines()
    assert table[2] == "| 10 | 0.700 (0.141) | 0.600 (0.141) | +0.100 (0.000) |"
    assert table[-1] == "The two curves cross at about 320 labels."
