"""Save models with this package's layers and their predictions, named by backend."""

import sys
from pathlib import Path
from typing import Any

import keras
import numpy as np

import glove_registry

folder = Path(sys.argv[1])
backend = keras.config.backend()
vectors = glove_registry.load("glove.6B.50d-first10k")
words = [*vectors.tokens[:5000], *(f"no-such-word-{i}" for i in range(50))]
word_index = {word: i for i, word in enumerate(words, 1)}
x = np.random.default_rng(1).integers(0, len(words) + 1, (50, 4)).astype("int32")
x[:, 0] = np.arange(1, 51)


def save(name: str, trainable: Any) -> None:
    """Train a model a little, and save it in each way."""
    model = keras.Sequential(
        [
            keras.Input((4,), dtype="int32"),
            vectors.to_keras_layer(
                word_index, trainable=trainable, mask_zero=True, oov="normal"
            ),
            keras.layers.GlobalAveragePooling1D(),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(optimizer="sgd", loss="binary_crossentropy")
    model.fit(x, x[:, :1] > 25, verbose=0)
    model.save(folder / f"{name}.keras")
    model.save_weights(folder / f"{name}.weights.h5")
    np.savez(
        folder / f"{name}.npz",
        x=x,
        predicted=model.predict(x, verbose=0),
        weights=model.layers[0].get_weights()[0],
    )
    if backend == "torch":
        # Keras 3.15 exports neither a SavedModel nor LiteRT from Torch, but this.
        model.export(folder / f"{name}.pt2", format="torch", verbose=False)
    else:
        model.export(folder / f"{name}-saved-model", verbose=False)


save(backend, True)
save(f"{backend}_misses", "misses")
