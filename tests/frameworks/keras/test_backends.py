"""The layer works on JAX and Torch as on TensorFlow."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from xml.etree import ElementTree

import pytest
from run_program import run_code

HERE = Path(__file__).parent


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_the_layer_on_another_backend(backend: str, tmp_path: Path) -> None:
    """All fast tests of the layers pass on that backend, and none is skipped."""
    assert find_spec(backend), (
        "the extra of backends is not installed: pip install -e .[test,backends]"
    )
    modules = [str(HERE / name) for name in ("test_layer.py", "test_misses.py")]
    report = tmp_path / "report.xml"
    options = ["-m", "not slow", "-q", "-p", "no:cacheprovider"]
    options += ["--basetemp", str(tmp_path / "tests"), "--junitxml", str(report)]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *modules, *options],
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


ON_NUMPY = """
import keras, numpy, glove_registry

words = ["", "film", "flim"]
vectors = glove_registry.load("glove.6B.50d-first10k")
for dtype in ("float32", "float16", "bfloat16"):
    expected = vectors.embedding_matrix(words, dtype=dtype)
    layer = vectors.to_keras_layer(words, dtype=dtype)
    assert (layer.get_weights()[0] == expected).all()
    for trainable in (False, "misses"):
        layer = vectors.to_keras_layer(words, trainable, dtype=dtype)
        assert (layer(numpy.array([[0, 1, 2]]))[0] == expected).all()
print(keras.config.backend())
"""


@pytest.mark.slow
def test_the_layer_on_numpy(monkeypatch: pytest.MonkeyPatch) -> None:
    """The numpy backend, which does not train, makes the same layers."""
    monkeypatch.setenv("KERAS_BACKEND", "numpy")
    assert run_code(ON_NUMPY) == "numpy\n"
