"""glove_registry: a variant by name, and its layer for a vocabulary."""

import json
import time

import keras
from task import ENTRY, RESULT, SAVED, finish, read_words

keras.layers.Embedding(1, 1).build(None)
word_index = {word: i for i, word in enumerate(read_words(), 1)}

start = time.perf_counter()
import glove_registry  # noqa: E402 - what it takes is this way's own

vectors = glove_registry.load(
    ENTRY, registry=f"{SAVED}/../registry.yaml", cache_dir=SAVED, progress=False
)
layer = vectors.to_keras_layer(word_index)
print(json.dumps(time.perf_counter() - start))
if RESULT:
    finish(layer.get_weights()[0])
