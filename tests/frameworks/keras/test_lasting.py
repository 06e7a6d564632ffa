"""Saved models load on any backend, without this package, even without Keras."""

import json
from pathlib import Path

import pytest
from run_program import run_program

BACKENDS = ("tensorflow", "jax", "torch")
MAKERS = tuple(f"{name}{kind}" for name in BACKENDS for kind in ("", "_misses"))


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of models, two saved by a process of each backend.

    One of them has an Embedding, the other a layer that learns only the misses.
    """
    folder = tmp_path_factory.mktemp("models")
    for backend in BACKENDS:
        run_program("save_model.py", folder, KERAS_BACKEND=backend)
    return folder


@pytest.mark.slow
# TensorFlow first, as it exports what is served below.
@pytest.mark.parametrize("backend", BACKENDS)
def test_a_model_saved_on_any_backend_loads_on_each(backend: str, saved: Path) -> None:
    """.keras and weights files load in fresh processes that have no glove_registry."""
    found = json.loads(run_program("load_models.py", saved, KERAS_BACKEND=backend))
    expected = {maker: ["keras", "weights"] for maker in MAKERS}
    if backend == "torch":
        expected["torch"].append("export")
        expected["torch_misses"].append("export")
    assert found == expected


@pytest.mark.slow
def test_exported_models_are_served_by_tensorflow_alone(saved: Path) -> None:
    """SavedModel and LiteRT predict without Keras and this package.

    Keras 3.15 exports SavedModels on TensorFlow and JAX and LiteRT on TensorFlow;
    what was made on another backend is loaded on TensorFlow and exported there.
    """
    if not (saved / "torch.tflite").exists():
        run_program("load_models.py", saved, KERAS_BACKEND="tensorflow")
    found = json.loads(run_program("serve_models.py", saved))
    # What they may hold beside the program, in matrices. On TensorFlow, Keras 3.15
    # writes each variable of a SavedModel twice, a layer's of its own too.
    most = dict.fromkeys((f"{maker}.tflite" for maker in MAKERS), 1)
    most |= dict.fromkeys((f"{maker}-of-tensorflow" for maker in MAKERS), 2)
    most |= {"tensorflow-saved-model": 2, "jax-saved-model": 1}
    most |= {"tensorflow_misses-saved-model": 2, "jax_misses-saved-model": 1}
    assert found.keys() == most.keys()
    matrix = 5051 * 50 * 4
    for name, size in found.items():
        assert size < most[name] * matrix + 150_000, name
