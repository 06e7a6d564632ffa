"""Train what a framework makes of `vectors.matrix`, however it shares the memory.

    train_in_place.py WAY

Print whether the weights changed, and whether `lookup` and the file did not.
"""

import sys
import warnings
from typing import Any

import numpy as np

import glove_registry

[way] = sys.argv[1:]
warnings.simplefilter("ignore")  # Torch's, of arrays that are read-only
vectors = glove_registry.load("glove.6B.50d-first10k")
before = vectors.lookup(["the", "of"])


def train_torch(weights: Any) -> Any:
    """Change the weights as optimizers of Torch do, and return the result."""
    import torch

    layer = torch.nn.Embedding.from_pretrained(weights, freeze=False)
    rows = torch.tensor(vectors.rows(["the", "of"]))
    for optimizer in (torch.optim.SGD, torch.optim.Adam):
        step = optimizer(layer.parameters(), lr=0.5)
        for _ in range(3):
            step.zero_grad()
            layer(rows).sum().backward()
            step.step()
    with torch.no_grad():
        layer.weight.mul_(2.0)
    return layer.weight.detach().numpy()[:]


def train_jax(weights: Any) -> Any:
    """Change the weights as optimizers of JAX do, and return the result."""
    import jax

    step = jax.jit(lambda weights: weights - 0.5, donate_argnums=0)
    for _ in range(3):
        weights = step(weights)
    return np.asarray(weights)


def train_tensorflow(weights: Any) -> Any:
    """Change the weights as optimizers of TensorFlow do, and return the result."""
    import tensorflow as tf

    variable = tf.Variable(weights)
    for _ in range(3):
        variable.assign_sub(tf.ones_like(variable))
        variable.scatter_sub(tf.IndexedSlices(tf.ones((1, 50)), [0]))
    return variable.numpy()


if way.startswith("torch"):
    import torch

    make = {
        "torch.tensor": torch.tensor,
        "torch.from_numpy": torch.from_numpy,
        "torch.as_tensor": torch.as_tensor,
        "torch.from_dlpack": torch.from_dlpack,
        "torch of a row": lambda matrix: torch.from_numpy(matrix[:2000]),
    }[way]
    after = train_torch(make(vectors.matrix))
elif way.startswith("jax"):
    import jax

    make = {"jax.numpy.asarray": jax.numpy.asarray, "jax.device_put": jax.device_put}
    after = train_jax(make[way](vectors.matrix))
else:
    import tensorflow as tf

    make = {"tf.Variable": tf.Variable, "tf.constant": tf.constant}[way]
    after = train_tensorflow(make(vectors.matrix))
again = glove_registry.load("glove.6B.50d-first10k")
changed = bool((after[:2] != before).all())
kept = all(
    (found == before).all()
    for found in (
        vectors.lookup(["the", "of"]),
        vectors[["the", "of"]],
        again.matrix[again.rows(["the", "of"])],
    )
)
print(changed, kept)
