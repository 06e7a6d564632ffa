"""Train a layer of this package with `tf.keras`, and print the result.

    train_tf_keras.py first|later|missing|texts [FOLDER]

With `first`, the layer is made before anything else imports TensorFlow; with `missing`,
tf_keras is missing; with `texts`, a text layer is trained, saved and loaded, and a
SavedModel is made.
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
    path = vectors.export_saved_model(folder[0] + "/exported", words)
    import numpy as np
    import tensorflow as tf

    layer = vectors.to_text_layer(words, trainable=True)
    texts = tf.constant(["A good film", "", "caf\u00e9 'unheardof'"])
    served = tf.saved_model.load(str(path))(texts).numpy()
    same = np.array_equal(served, layer(texts).numpy())
    inputs = tf.keras.Input((), dtype="string")
    model = tf.keras.Model(inputs, tf.keras.layers.Dense(1)(layer(inputs)))
    model.compile(tf.keras.optimizers.SGD(0.1), "mse")
    before = layer.get_weights()[0].copy()
    model.fit(texts, np.ones(3), verbose=0)
    changed = (layer.get_weights()[0] != before).any(axis=1).tolist()
    model.save(folder[0] + "/model.keras")
    sys.modules["glove_registry"] = None  # type: ignore[assignment]
    loaded = tf.keras.models.load_model(folder[0] + "/model.keras")
    again = np.allclose(loaded(texts), model(texts), atol=1e-6)
    print(type(layer).__module__.partition(".")[0], same, changed, again)
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
