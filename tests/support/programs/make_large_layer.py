"""Make a layer of all rows of a file on command, and wait for another command.

Another process measures the memory, as a thread here would wait while a matrix is
copied.
"""

import gc
import sys
from typing import Any

import numpy as np

import glove_registry
from glove_registry import Vectors

path, cache, what = sys.argv[1:]


def make(vectors: Vectors, vocabulary: dict[str, int]) -> Any:
    """Make what the test asks for."""
    if what == "matrix":
        return vectors.embedding_matrix(vocabulary)
    # This imports Keras; a matrix needs no framework.
    return vectors.to_keras_layer(vocabulary, dtype=what)


# Not counted: the memory of the framework and this package themselves.
make(glove_registry.load("glove.6B.50d-first10k"), {"the": 1})
vectors = glove_registry.open_file(path, cache_dir=cache, progress=False)
vocabulary = {token: i for i, token in enumerate(vectors.tokens, 1)}
gc.collect()
print("ready", flush=True)
sys.stdin.readline()
made = make(vectors, vocabulary)
print("made", flush=True)
sys.stdin.readline()
if what == "matrix":
    assert not {"keras", "tensorflow", "jax", "torch"} & set(sys.modules)
    row = made[-1]
else:
    import keras

    row = keras.ops.convert_to_numpy(made(np.array([400_000])))[-1].astype(np.float32)
np.testing.assert_allclose(row, vectors.matrix[-1], rtol=1e-2)
