"""A layer made within a distribution has its vectors on every device."""

import json
from pathlib import Path

import pytest
from run_program import run_program


@pytest.mark.slow
def test_the_layer_in_the_scope_of_a_strategy(tmp_path: Path) -> None:
    """With a MirroredStrategy, both copies are right, train or not, and are saved."""
    found = run_program("fit_in_strategy.py", tmp_path, KERAS_BACKEND="tensorflow")
    assert json.loads(found) == {
        "replicas": 2,
        "copies": [True, True],
        "frozen": {"less": True, "kept": True},
        "trainable": {"less": True, "kept": False},
        "saved": True,
    }


@pytest.mark.slow
def test_the_layer_in_a_distribution_of_keras() -> None:
    """On JAX, the layout decides whether rows are replicated or sharded."""
    found = run_program("fit_on_devices.py", KERAS_BACKEND="jax")
    assert json.loads(found) == {
        "devices": 2,
        "data": {"shards": [[100, 50], [100, 50]], "right": True, "less": True},
        "model": {"shards": [[50, 50], [50, 50]], "right": True, "less": True},
    }
