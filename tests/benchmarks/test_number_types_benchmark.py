"""The comparison of number types computes what its table says."""

import importlib
import math
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from plain_rows import SAMPLE

import glove_registry

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The benchmark's module, with fewer random pairs."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    module = importlib.import_module("number_types")
    monkeypatch.setattr(module, "PAIRS", 500)
    monkeypatch.setattr(module, "NEAREST", 2)
    return module


def find_cosine(one: list[float], other: list[float]) -> float:
    """Compute a cosine by hand."""
    product = math.fsum(a * b for a, b in zip(one, other, strict=True))
    return product / (math.hypot(*one) * math.hypot(*other))


def find_nearest_two(rows: list[list[float]], row: int) -> set[int]:
    """Find the two rows with the highest cosines to a row."""
    others = {*range(len(rows))} - {row}
    return {*sorted(others, key=lambda i: -find_cosine(rows[row], rows[i]))[:2]}


def test_errors_are_those_of_plain_loops(script: ModuleType) -> None:
    """Errors, cosines and neighbours are as computed one by one."""
    original = np.random.default_rng(3).normal(size=(9, 4)).astype(np.float32)
    found = original.copy()
    found[2] *= -1
    found[4, 0] += 0.5
    row = script.compare("int8", 1.0, original, found)
    one, other = original.tolist(), found.tolist()
    errors = [
        abs(a - b)
        for x, y in zip(one, other, strict=True)
        for a, b in zip(x, y, strict=True)
    ]
    assert row.largest_error == pytest.approx(max(errors))
    assert row.mean_error == pytest.approx(sum(errors) / 36)
    turns = [1 - find_cosine(a, b) for a, b in zip(one, other, strict=True)]
    assert row.largest_turn == pytest.approx(max(turns)) == pytest.approx(2)
    assert row.mean_turn == pytest.approx(sum(turns) / 9)
    changes = [
        abs(find_cosine(one[i], one[j]) - find_cosine(other[i], other[j]))
        for i in range(9)
        for j in range(9)
    ]
    # With 500 pairs, each of the 81 is most probably among them.
    assert row.largest_change == pytest.approx(max(changes))
    assert 0 < row.mean_change < row.largest_change
    before, after = (
        [find_nearest_two(rows, i) for i in range(9)] for rows in (one, other)
    )
    same = sum(len(a & b) for a, b in zip(before, after, strict=True))
    assert row.same_nearest == pytest.approx(same / 18)


def test_one_command_writes_the_table(
    script: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each type is compiled from a file and compared with float32."""
    script.main(["--text", str(glove_registry.fetch(SAMPLE))])
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("|")[1].strip(" `") for line in lines[2:]] == [
        "float32",
        "float16",
        "int8",
    ]
    assert "| 2 MB | 0 | 0 | 0 | 100.00% |" in lines[2]
    assert "at most" in lines[3]
