"""Make, fit and save a model on two logical devices of TensorFlow.

Prints, as JSON, what became of the vectors.
"""

import json
import sys
from pathlib import Path

import numpy as np
import tensorflow as tf

(processor,) = tf.config.list_physical_devices("CPU")
two = [tf.config.LogicalDeviceConfiguration() for _ in range(2)]
tf.config.set_logical_device_configuration(processor, two)

import keras  # noqa: E402 - it starts the devices

import glove_registry  # noqa: E402

vectors = glove_registry.load("glove.6B.50d-first10k")
word_index = {word: i for i, word in enumerate(vectors.tokens[:100], 1)}
expected = np.concatenate([np.zeros((1, 50), np.float32), vectors.matrix[:100]])
strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
x = np.random.default_rng(1).integers(1, 101, (64, 4)).astype("int32")
y = (x[:, :1] > 50).astype("float32")
found: dict[str, object] = {"replicas": strategy.num_replicas_in_sync}
for trainable in (False, True):
    with strategy.scope():
        layer = vectors.to_keras_layer(word_index, trainable=trainable)
        model = keras.Sequential(
            [
                keras.Input((4,), dtype="int32"),
                layer,
                keras.layers.GlobalAveragePooling1D(),
                keras.layers.Dense(1, activation="sigmoid"),
            ]
        )
        model.compile(optimizer="adam", loss="binary_crossentropy")
    copies = [np.asarray(copy) for copy in layer.embeddings.value.values]
    found["copies"] = [bool((copy == expected).all()) for copy in copies]
    first, *_, last = model.fit(x, y, epochs=4, verbose=0).history["loss"]
    kept = bool((layer.get_weights()[0] == expected).all())
    found["trainable" if trainable else "frozen"] = {"less": last < first, "kept": kept}
path = Path(sys.argv[1]) / "distributed.keras"
model.save(path)
loaded = keras.saving.load_model(path)
same = loaded.layers[0].get_weights()[0] == layer.get_weights()[0]
found["saved"] = bool(same.all())
print(json.dumps(found))
