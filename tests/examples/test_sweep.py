"""A sweep compares several vectors in one table, and continues where it stopped."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from entries import SMALL, sha256
from test_run_experiment import CHECKOUT, EXAMPLES, SAMPLE, TINY

EMBEDDINGS = [
    {"name": SAMPLE, "trainable": False},
    {"name": SAMPLE, "trainable": True, "oov": "mean"},
    {"name": "lab.small", "trainable": True},
]


def prepare(folder: Path, embeddings: list[dict[str, Any]]) -> None:
    """Write a sweep over the tiny experiment, and a registry of a small variant."""
    (folder / "tiny.yaml").write_text(yaml.safe_dump(TINY))
    sweep = {"experiment": "tiny.yaml", "embeddings": embeddings}
    (folder / "sweep.yaml").write_text(yaml.safe_dump(sweep))
    (folder / "small.txt").write_bytes(SMALL)
    (folder / "own.yaml").write_text(
        "variants:\n"
        f"  lab.small:\n    url: file:small.txt\n    sha256: {sha256(SMALL)}\n"
        f"  lab.gone:\n    url: file:gone.txt\n    sha256: {'1' * 64}\n"
    )


def start(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    """Start a sweep in a process of its own."""
    return subprocess.Popen(
        [
            *(sys.executable, str(EXAMPLES / "sweep.py"), "sweep.yaml"),
            *("--registry", "own.yaml", "--output", "out", *arguments),
        ],
        cwd=folder,
        env={
            **os.environ,
            "GLOVE_REGISTRY_CACHE": str(folder / "cache"),
            "PYTHONPATH": str(CHECKOUT),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(folder: Path, *arguments: str) -> tuple[int, str, str]:
    """Run a sweep; return its exit status, stdout and stderr."""
    process = start(folder, *arguments)
    out, err = process.communicate()
    return process.returncode, out, err


def read_table(folder: Path) -> list[dict[str, str]]:
    """Read the table of results."""
    with (folder / "out" / "results.csv").open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.slow
def test_a_sweep_makes_one_table(tmp_path: Path) -> None:
    """Each row of the table has its run's numbers, and a second run repeats them."""
    prepare(tmp_path, [*EMBEDDINGS, {"name": "lab.gone"}])
    status, out, err = run(tmp_path)
    assert status == 0, err
    # Unavailable vectors are left out, with a reason.
    assert "left out: lab.gone" in err
    rows = read_table(tmp_path)
    assert [row["vectors"] for row in rows] == [SAMPLE, SAMPLE, "lab.small"]
    assert [row["use"] for row in rows] == ["frozen", "trained", "trained"]
    runs = {path: path.read_text() for path in (tmp_path / "out" / "runs").iterdir()}
    assert len(runs) == 3
    for row in rows:
        (result,) = (
            result
            for result in map(json.loads, runs.values())
            if result["provenance"]["sha256"] == row["sha256"]
            and result["accuracy"]["pretrained"]["mean"] == float(row["pretrained"])
            and ("trained" if result["config"]["embedding"]["trainable"] else "frozen")
            == row["use"]
        )
        first, second = (
            result["accuracy"][arm]["by_seed"] for arm in ("pretrained", "random")
        )
        gains = [first[seed] - second[seed] for seed in first]
        assert float(row["gain"]) == pytest.approx(sum(gains) / len(gains))
    markdown = (tmp_path / "out" / "results.md").read_text()
    assert out.startswith(markdown)
    assert markdown.count("\n") == 2 + len(rows)
    assert (tmp_path / "out" / "results.png").read_bytes()[:4] == b"\x89PNG"

    # The same numbers again, in other processes.
    before = (tmp_path / "out" / "results.csv").read_bytes()
    (tmp_path / "out").rename(tmp_path / "first")
    status, _, err = run(tmp_path)
    assert status == 0, err
    assert (tmp_path / "out" / "results.csv").read_bytes() == before
    again = {p.name: p.read_text() for p in (tmp_path / "out" / "runs").iterdir()}
    assert again == {path.name: text for path, text in runs.items()}


@pytest.mark.slow
def test_a_sweep_goes_on_where_it_was_killed(tmp_path: Path) -> None:
    """After a kill, finished runs are kept and only the others are run."""
    prepare(tmp_path, EMBEDDINGS)
    process = start(tmp_path)
    folder = tmp_path / "out" / "runs"
    deadline = time.monotonic() + 240
    while not list(folder.glob("*.json")) and time.monotonic() < deadline:
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    kept = {path: path.stat().st_mtime_ns for path in folder.glob("*.json")}
    assert 0 < len(kept) < 3

    status, _, err = run(tmp_path)

    assert status == 0, err
    assert len(read_table(tmp_path)) == 3
    assert {path: path.stat().st_mtime_ns for path in kept} == kept


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("experiment: tiny.yaml", "expected the keys experiment and embeddings"),
        ("[]", "expected the keys experiment and embeddings"),
        ("{experiment: tiny.yaml, embeddings: []}", "a list of tables with a name"),
        ("{experiment: tiny.yaml, embeddings: [a]}", "a list of tables with a name"),
        ("{experiment: no.yaml, embeddings: [{name: a}]}", "no.yaml: No such file"),
        ("{experiment: tiny.yaml, embeddings: [{nam: a}]}", "did you mean 'name'?"),
        ("{experiment: tiny.yaml, embeddings: [{name: a}]}", "no variant is called"),
    ],
)
def test_a_wrong_sweep_is_one_sentence(
    content: str, sentence: str, tmp_path: Path
) -> None:
    """An invalid sweep ends in one line on stderr, before anything is run."""
    prepare(tmp_path, EMBEDDINGS)
    (tmp_path / "sweep.yaml").write_text(content)
    status, out, err = run(tmp_path)
    assert (status, out) == (2, "")
    assert len(err.splitlines()) == 1
    assert err.startswith("sweep: ")
    assert sentence in err
    assert not (tmp_path / "out").exists()
