"""Training in place on the mapped vectors neither crashes nor changes the store."""

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
    """The weights change, the process survives, and the vectors are unchanged."""
    assert run_program("train_in_place.py", way) == "True True"
