"""Frameworks that train in place on the mapped vectors crash and spoil nothing."""

import pytest
from run_program import run_program

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    "way",
    [
        *("torch.tensor", "torch.from_numpy", "torch.as_tensor", "torch.from_dlpack"),
        *("torch of a row", "jax.numpy.asarray", "jax.device_put"),
        *("tf.Variable", "tf.constant"),
    ],
)
def test_training_on_the_matrix_reaches_neither_lookup_nor_disk(way: str) -> None:
    """The weights change, the process lives, and the vectors stay what they were."""
    assert run_program("train_in_place.py", way) == "True True"
