"""The layer works on JAX and Torch as on TensorFlow."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from xml.etree import ElementTree

import pytest

HERE = Path(__file__).parent


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_the_layer_on_another_backend(backend: str, tmp_path: Path) -> None:
    """All fast tests of the layer pass on that backend, and none is skipped."""
    assert find_spec(backend), (
        "the extra of backends is not installed: pip install -e .[test,backends]"
    )
    report = tmp_path / "report.xml"
    options = ["-m", "not slow", "-q", "-p", "no:cacheprovider"]
    options += ["--basetemp", str(tmp_path / "tests"), "--junitxml", str(report)]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", str(HERE / "test_layer.py"), *options],
        cwd=HERE.parents[2],
        env={**os.environ, "KERAS_BACKEND": backend},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    cases = ElementTree.parse(report).getroot().findall(".//testcase")
    assert len(cases) > 30
    assert not any(len(case) for case in cases)
