"""Keras alone: what any layer costs."""

import json

import keras

keras.layers.Embedding(1, 1).build(None)
print(json.dumps(0.0))
