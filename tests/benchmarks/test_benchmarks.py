"""The benchmark runs, finds who is wrong, and computes what it says."""

import importlib
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import glove_registry

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
# Those that need nothing but what the tests have.
OWN = "floor,this,tutorial,kerasglove"


@pytest.fixture
def results(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The benchmark's `results` module, found as its scripts find each other."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return importlib.import_module("results")


@pytest.fixture
def report(results: ModuleType) -> ModuleType:
    """The benchmark's `report` module."""
    return importlib.import_module("report")


def make_runs(results: ModuleType, *seconds: float, peak_mb: float = 10) -> list[Any]:
    """Runs that took so long."""
    return [results.Run(s, peak_mb, disk_mb=8, disk_peak_mb=8) for s in seconds]


def make_shape(results: ModuleType, **rows: Any) -> Any:
    """The real shape, with contenders named by their keys."""
    shape = results.ShapeResult("real", 400_000, 50, 171.4)
    shape.contenders = [
        results.Row(key, key, keeps=key != "floor", **given)
        for key, given in rows.items()
    ]
    return shape


@pytest.mark.slow
def test_the_benchmark_runs_on_a_small_file(tmp_path: Path) -> None:
    """One command measures all; on odd tokens others fail, with a reason, not this."""
    text = tmp_path / "small.txt"
    sample = glove_registry.fetch("glove.6B.50d-first10k").read_bytes()
    text.write_bytes(b"".join(sample.splitlines(keepends=True)[:3000]))
    output = tmp_path / "output"
    options = ["--text", str(text), "--output", str(output), "--no-plot"]
    options += ["--rounds", "2", "--shapes", "real,small", "--only", OWN]

    done = subprocess.run(
        [sys.executable, str(BENCHMARKS / "run.py"), *options],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )

    assert done.returncode == 0, done.stderr
    written = (output / "benchmark.md").read_text(encoding="utf-8")
    assert written in done.stdout + "\n"
    real, small = written.split("## Synthetic", 1)
    assert "3,000 x 50" in real
    assert "fails" not in real
    assert small.count("| kerasglove's loop | fails: ValueError") == 1
    assert "| **glove_registry** | fails" not in small
    assert "## The bars" in small
    assert str(tmp_path) not in written
    assert sorted(p.name for p in output.iterdir()) == ["benchmark.md", "results.json"]


def test_ratios_are_taken_round_by_round(results: ModuleType) -> None:
    """Each round is divided by the same round, as far as both took part."""
    slow, quick = make_runs(results, 8, 9), make_runs(results, 2, 3, 5)
    assert results.ratios(slow, quick) == [4.0, 3.0]
    assert results.middle(quick) == 3


@pytest.mark.parametrize(
    ("values", "bar", "moonshot", "at_least", "verdict"),
    [
        ([1.2, 1.4, 9.0], 1.5, 1.3, False, "passes"),
        ([1.2, 1.3, 9.0], 1.5, 1.3, False, "passes, moonshot too"),
        ([1.0, 1.6, 9.0], 1.5, 1.3, False, "**falls short**"),
        ([7.0, 8.0], 8, None, True, "**falls short**"),
        ([9.0, 8.0, 1.0], 8, None, True, "passes"),
        ([0.9], None, 1, True, "falls short of the moonshot"),
    ],
)
def test_the_median_is_judged(
    report: ModuleType,
    values: list[float],
    bar: float | None,
    moonshot: float | None,
    at_least: bool,
    verdict: str,
) -> None:
    """A bar is met by the median, on the side that is the better one."""
    assert report.Bar("x", values, bar, moonshot, at_least).verdict == verdict


def test_a_limit_is_judged_by_its_worst(report: ModuleType) -> None:
    """One use above the limit of memory is enough to fall short of it."""
    bar = report.Bar("memory", [100, 120, 301], 300, 200, unit="MB", worst=True)
    assert bar.write() == (
        "| memory | 301 MB (100-301) | ≤ 300 | ≤ 200 | **falls short** |"
    )


def test_a_table_shows_medians_ratios_and_failures(
    results: ModuleType, report: ModuleType
) -> None:
    """A row has median, ratio with spread, worst memory; a failure has its reason."""
    shape = make_shape(
        results,
        this={"first": make_runs(results, 2, 4, 3)},
        gensim={"first": make_runs(results, 30, 44, peak_mb=270)},
        polars={"failure": "a | b"},
    )
    lines = report.write_shape(shape).splitlines()
    assert "| this | 3.00 | 1.00 (1.00-1.00) | 10 | 8 | 3 | 57.1 |" in lines
    assert "| gensim | 37.0 | 13.0 (11.0-15.0) | 270 | 8 | 2 | 4.63 |" in lines
    assert "| polars | fails: a / b | | | | |  |" in lines


def test_the_bars_are_those_ratios(results: ModuleType, report: ModuleType) -> None:
    """Bars divide in the direction that they say, and leave out who failed."""
    shape = make_shape(
        results,
        floor={"later": make_runs(results, 0.2, 0.2)},
        this={"first": make_runs(results, 3), "later": make_runs(results, 0.3, 0.3)},
        zip={"first": make_runs(results, 4)},
        gensim={"first": make_runs(results, 20), "later": make_runs(results, 3, 3)},
        kerasglove={"failure": "gone", "first": make_runs(results, 1)},
    )
    shape.load_first = [61, 59, 58]
    found = results.Results(shapes=[shape])
    bars = {bar.what: (bar.value, bar.verdict) for bar in report.list_bars(found)}
    assert bars == {
        "later use: ours / `import numpy` alone": (pytest.approx(1.5), "passes"),
        "later use: gensim / ours": (pytest.approx(10), "passes"),
        "first use: gensim from plain text / ours from a zip": (5, "**falls short**"),
        "`load()`, first in a process, 400,000 x 50": (59, "passes"),
        "peak memory of any first use": (10, "passes, moonshot too"),
        "disk at most while compiling a local file / the store": (1, "passes"),
    }


def test_numbers_survive_their_file(results: ModuleType, tmp_path: Path) -> None:
    """Results that were written are read as they were, to be drawn again."""
    shape = make_shape(results, this={"first": make_runs(results, 2, 4)})
    before = results.Results.here_and_now()
    before.shapes, before.link = [shape], make_runs(results, 7)
    before.imports = {"bare": make_runs(results, 0.01)}
    before.write(tmp_path / "results.json")
    assert results.Results.read(tmp_path / "results.json") == before
