"""Make and fit a model on two devices of JAX, with replicated or sharded rows.

Print, as JSON, the shards of the vectors, and whether they are right and trained.
"""

import json
import os

# Before Keras, which starts the devices.
os.environ["XLA_FLAGS"] = "--xla_force_host_platform_device_count=2"

import keras
import numpy as np

import glove_registry

vectors = glove_registry.load("glove.6B.50d-first10k")
words = vectors.tokens[:100]
devices = keras.distribution.list_devices()
x = np.random.default_rng(1).integers(0, 100, (64, 4)).astype("int32")
y = (x[:, :1] > 50).astype("float32")
mesh = keras.distribution.DeviceMesh((1, 2), ["batch", "model"], devices)
layout = keras.distribution.LayoutMap(mesh)
layout["words/embeddings"] = ("model", None)
distributions = {
    "data": keras.distribution.DataParallel(devices=devices),
    "model": keras.distribution.ModelParallel(
        layout_map=layout, batch_dim_name="batch"
    ),
}
found: dict[str, object] = {"devices": len(devices)}
for name, distribution in distributions.items():
    keras.distribution.set_distribution(distribution)
    layer = vectors.to_keras_layer(words, trainable=True, name="words")
    shards = layer.embeddings.value.addressable_shards
    right = bool((layer.get_weights()[0] == vectors.matrix[:100]).all())
    model = keras.Sequential(
        [
            keras.Input((4,), dtype="int32"),
            layer,
            keras.layers.GlobalAveragePooling1D(),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(optimizer="adam", loss="binary_crossentropy")
    first, *_, last = model.fit(x, y, epochs=4, verbose=0).history["loss"]
    found[name] = {
        "shards": [list(shard.data.shape) for shard in shards],
        "right": right,
        "less": last < first,
    }
print(json.dumps(found))
