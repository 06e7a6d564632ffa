"""Train a layer of this package with `tf.keras`, and print the result.

    train_tf_keras.py first|later|missing|texts [FOLDER]

With `first`, the layer is made before anything else imports TensorFlow; with `missing`,
tf_keras is missing; with `texts`, a text layer and a SavedModel are made.
"""

import sys

import glove_registry

when, *folder = sys.argv[1:]
vectors = glove_registry.load("glove.6B.50d-first10k")
words = ["", "[UNK]", "film", "good"]
if when == "missing":
    sys.modules.update({"tf_keras": None})  # type: ignore[dict-item]
    try:
        vectors.to_keras_layer(words)
    except ImportError as error:
        print(error)
    sys.exit()
if when == "texts":
    refused = "nothing"
    try:
        vectors.to_text_layer(words)
    except RuntimeError as error:
        refused = str(error).partition(" ")[0]
    path = vectors.export_saved_model(folder[0], words)
    import tensorflow as tf

    found = tf.saved_model.load(str(path))(tf.constant(["a good film", ""]))
    print(refused, found.shape, found.numpy().any(axis=1).tolist())
    sys.exit()
layer = vectors.to_keras_layer(words, trainable=True) if when == "first" else None

import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402

if layer is None:
    layer = vectors.to_keras_layer(words, trainable=True)
texts = tf.keras.Input((2,), dtype="int32")
pooled = tf.keras.layers.GlobalAveragePooling1D()(layer(texts))
model = tf.keras.Model(texts, tf.keras.layers.Dense(1)(pooled))
model.compile("adam", "mse")
before = layer.get_weights()[0].copy()
model.fit(np.array([[2, 3]]), np.array([1.0]), verbose=0)
changed = (layer.get_weights()[0] != before).any(axis=1).tolist()
print(type(layer).__module__.partition(".")[0], changed)
