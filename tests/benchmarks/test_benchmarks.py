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
OWN = "floor,this,zip,tutorial,kerasglove"


@pytest.fixture
def results(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The benchmark's `results` module, found as its scripts find each other."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return importlib.import_module("results")


@pytest.fixture
def report(results: ModuleType) -> ModuleType:
    """The benchmark's `report` module."""
    return importlib.import_module("report")


def make_runs(
    results: ModuleType, *seconds: float, peak_mb: float = 10, read_mb: float = 0
) -> list[Any]:
    """Runs that took so long."""
    return [results.Run(s, peak_mb, 8, 8, read_mb) for s in seconds]


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
    options += ["--rounds", "1", "--contenders", OWN]

    def measure(*parts: str) -> str:
        done = subprocess.run(
            [sys.executable, str(BENCHMARKS / "run.py"), *options, *parts],
            capture_output=True,
            text=True,
            check=False,
            cwd=tmp_path,
        )
        assert done.returncode == 0, done.stderr
        written = (output / "benchmark.md").read_text(encoding="utf-8")
        assert written in done.stdout + "\n"
        assert str(tmp_path) not in written
        return written

    measure("--shapes", "real", "--only", "imports,first,load,link")
    written = measure("--shapes", "small", "--only", "first,later,cold")
    real, small = written.split("## Synthetic", 1)
    assert "3,000 x 50" in real
    assert "fails" not in real
    for bar in ("100 Mbit/s", "`load()`", "kerasglove from text", "/ bare python"):
        assert bar in real
    assert small.count("| kerasglove's loop | fails: ValueError") == 1
    assert "| **glove_registry** | fails" not in small
    assert small.count("| **glove_registry** |") == 3
    assert sorted(p.name for p in output.iterdir()) == ["benchmark.md", "results.json"]


def test_ratios_are_taken_round_by_round(results: ModuleType) -> None:
    """Each round is divided by the same round, as far as both took part."""
    slow, quick = make_runs(results, 8, 9), make_runs(results, 2, 3, 5)
    assert results.ratios(slow, quick) == [4.0, 3.0]
    assert results.middle(quick) == 3


@pytest.mark.parametrize(
    ("values", "limit", "at_least", "verdict"),
    [
        ([1.2, 1.4, 9.0], 1.5, False, "met"),
        ([1.0, 1.6, 9.0], 1.5, False, "**missed**"),
        ([7.0, 8.0], 8, True, "**missed**"),
        ([9.0, 8.0, 1.0], 8, True, "met"),
        ([9.0], None, True, ""),
    ],
)
def test_the_median_is_judged(
    report: ModuleType,
    values: list[float],
    limit: float | None,
    at_least: bool,
    verdict: str,
) -> None:
    """A limit is kept by the median, on the side that is the better one."""
    assert report.Bar("x", values, limit, at_least).verdict == verdict


def test_a_limit_is_judged_by_its_worst(report: ModuleType) -> None:
    """One use above the limit of memory is enough to miss it."""
    bar = report.Bar("memory", [100, 120, 301], 300, unit="MB", worst=True)
    assert bar.write() == "| memory | 301 MB (100-301) | ≤ 300 | **missed** |"


def test_a_table_shows_medians_ratios_and_failures(
    results: ModuleType, report: ModuleType
) -> None:
    """A row has median, ratio with spread, worst memory; a failure has its reason."""
    shape = make_shape(
        results,
        this={"first": make_runs(results, 2, 4, 3)},
        gensim={"first": make_runs(results, 30, 44, peak_mb=270, read_mb=5)},
        polars={"failure": "a | b"},
    )
    lines = report.write_shape(shape).splitlines()
    assert "| this | 3.00 | 1.00 (1.00-1.00) | 10 | 8 | 0 | 3 |" in lines
    assert "| gensim | 37.0 | 13.0 (11.0-15.0) | 270 | 8 | 5 | 2 |" in lines
    assert "| polars | fails: a / b | | | | | |" in lines


def test_a_summary_has_a_row_for_each_contender(
    results: ModuleType, report: ModuleType
) -> None:
    """It has all uses and memory; a page cache that was not emptied says so."""
    runs = {"later": make_runs(results, 2), "cold": make_runs(results, 4, read_mb=95)}
    shape = make_shape(
        results,
        this={**runs, "first": make_runs(results, 6, peak_mb=30), "cached": [0.001]},
        gensim={**runs, "cached": [0.5]},
        polars={"failure": "a | b"},
    )
    assert report.write_summary(shape).splitlines()[2:] == [
        "| this | 6.00 s | 2.00 s | 4.00 s, 95 MB read | 30 MB | 10 MB |",
        "| gensim |  | 2.00 s | could not be emptied |  | 10 MB |",
        "| polars | cannot read it | | | | |",
    ]


def test_the_bars_are_those_ratios(results: ModuleType, report: ModuleType) -> None:
    """Bars divide in the direction that they say, and leave out who failed."""
    cold = {"cold": make_runs(results, 2, read_mb=8), "cached": [0.0]}
    shape = make_shape(
        results,
        floor={"later": make_runs(results, 0.2, 0.2)},
        this={
            "first": make_runs(results, 3),
            "later": make_runs(results, 0.3, 0.3, peak_mb=40),
            **cold,
        },
        zip={"first": make_runs(results, 4)},
        gensim={
            "first": make_runs(results, 20),
            "later": make_runs(results, 3, 3),
            "cold": make_runs(results, 6),
        },
        kerasglove={"failure": "gone", "first": make_runs(results, 1)},
    )
    shape.load_first = [61, 59, 58]
    shape.link = results.LinkResult(make_runs(results, 6), 5, [1.02])
    found = results.Results(shapes=[shape])
    bars = {bar.what: (bar.value, bar.verdict) for bar in report.list_bars(found)}
    assert bars == {
        "real: later use / `import numpy` alone": (pytest.approx(1.5), "**missed**"),
        "real: later use: gensim / ours": (pytest.approx(10), "met"),
        "real: first use: gensim from text / ours from a zip": (5, "**missed**"),
        "real: peak of first use": (10, ""),
        "real: peak of later use": (40, ""),
        "real: disk at most while compiling / the store": (1, "met"),
        "real: page cache empty: gensim / ours": (3, ""),
        "real: page cache empty: bytes read / those of the vectors": (2, ""),
        "real: `load()`, first in a process": (59, "met"),
        "real: first use over 100 Mbit/s / the bytes alone": (1.2, "**missed**"),
        "real: bytes moved / the member's compressed": (1.02, "**missed**"),
    }


def test_files_leave_the_page_cache(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A file that was just written is in memory, and is not after `drop`."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    pagecache = importlib.import_module("pagecache")
    path = tmp_path / "file"
    path.write_bytes(bytes(1_000_000))
    with path.open("rb") as file:
        assert set(pagecache.look_at_pages(file.fileno())) == {1}
        share = pagecache.drop(tmp_path)
        if share == 1:
            pytest.skip("the file system of the tests has all its files in memory")
        assert share == 0
        assert set(pagecache.look_at_pages(file.fileno())) == {0}


def test_numbers_survive_their_file(results: ModuleType, tmp_path: Path) -> None:
    """Results that were written are read as they were, to be drawn again."""
    shape = make_shape(results, this={"first": make_runs(results, 2, 4)})
    before = results.Results.here_and_now()
    shape.link = results.LinkResult(make_runs(results, 7), 6.5, [1.0])
    before.shapes = [shape]
    before.imports = {"bare": make_runs(results, 0.01)}
    before.write(tmp_path / "results.json")
    assert results.Results.read(tmp_path / "results.json") == before
