"""Save a model with this package's layer and its predictions, named by backend."""

import sys
from pathlib import Path

import keras
import numpy as np

import glove_registry

folder = Path(sys.argv[1])
backend = keras.config.backend()
vectors = glove_registry.load("glove.6B.50d-first10k")
word_index = {word: i for i, word in enumerate(vectors.tokens[:5000], 1)}
model = keras.Sequential(
    [
        keras.Input((4,), dtype="int32"),
        vectors.to_keras_layer(word_index, trainable=True, mask_zero=True),
        keras.layers.GlobalAveragePooling1D(),
        keras.layers.Dense(1, activation="sigmoid"),
    ]
)
x = np.random.default_rng(1).integers(0, 5001, (50, 4)).astype("int32")
x[:, 0] = np.arange(1, 51)
model.compile(optimizer="sgd", loss="binary_crossentropy")
model.fit(x, x[:, :1] > 25, verbose=0)

model.save(folder / f"{backend}.keras")
model.save_weights(folder / f"{backend}.weights.h5")
np.savez(
    folder / f"{backend}.npz",
    x=x,
    predicted=model.predict(x, verbose=0),
    weights=model.layers[0].get_weights()[0],
)
if backend == "torch":
    # Keras 3.15 exports neither a SavedModel nor LiteRT from Torch, but this.
    model.export(folder / "torch.pt2", format="torch", verbose=False)
else:
    model.export(folder / f"{backend}-saved-model", verbose=False)
