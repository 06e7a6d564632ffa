"""The scheduled job checks the registry, and can do nothing else."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from glove_registry.registries import Registry

CHECKOUT = Path(__file__).parents[2]
PATH = CHECKOUT / ".github" / "workflows" / "check-registry.yml"


@pytest.fixture
def workflow() -> dict[Any, Any]:
    """The workflow, in which YAML 1.1 takes the key ``on`` for true."""
    content: dict[Any, Any] = yaml.safe_load(PATH.read_text(encoding="utf-8"))
    return content


def test_the_job_may_only_read(workflow: dict[Any, Any]) -> None:
    """It has no permission to write, keeps no token, and uses actions by version."""
    assert workflow["permissions"] == {"contents": "read"}
    (job,) = workflow["jobs"].values()
    assert "permissions" not in job
    assert set(workflow[True]) == {"schedule", "workflow_dispatch"}
    assert len(workflow[True]["schedule"][0]["cron"].split()) == 5
    actions = [step for step in job["steps"] if "uses" in step]
    assert all(re.fullmatch(r"[\w/-]+@v\d+", step["uses"]) for step in actions)
    assert actions[0]["with"] == {"persist-credentials": False}


def test_the_steps_publish_a_report(
    workflow: dict[Any, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The commands of the steps, run in order, leave a summary and two reports."""
    (job,) = workflow["jobs"].values()
    scripts = [step["run"] for step in job["steps"] if "run" in step][1:]
    summary = tmp_path / "summary"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    monkeypatch.setenv("GLOVE_REGISTRY_OFFLINE", "1")
    monkeypatch.setenv("PYTHONPATH", str(CHECKOUT))
    command = tmp_path / ".venv" / "bin" / "glove-registry"
    command.parent.mkdir(parents=True)
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m glove_registry "$@"\n')
    os.chmod(command, 0o755)
    for script in scripts:
        subprocess.run(
            ["bash", "-eo", "pipefail", "-c", script], cwd=tmp_path, check=True
        )
    registry = Registry.default()
    entries = [*registry.list_revisions(), *registry.list_benchmarks()]
    report = json.loads((tmp_path / "report.json").read_text())
    expected = [
        (each.reference, source.url) for each in entries for source in each.sources
    ]
    assert [(one["name"], one["url"]) for one in report["sources"]] == expected
    assert {one["state"] for one in report["sources"]} == {"ok", "unchecked"}
    assert summary.read_text() == (tmp_path / "report.md").read_text()
    assert summary.read_text().startswith("# Sources of the registry\n")
