"""The Keras tutorial's way: a dictionary, a loop, and ``weights=[matrix]``.

Follows https://keras.io/examples/nlp/pretrained_word_embeddings/
"""

import json
import time

import keras
import numpy as np
from task import RESULT, TEXT, finish, read_words

keras.layers.Embedding(1, 1).build(None)
word_index = {word: i for i, word in enumerate(read_words(), 1)}

start = time.perf_counter()
embeddings_index = {}
with open(TEXT, encoding="utf-8") as file:
    for line in file:
        word, coefs = line.split(maxsplit=1)
        embeddings_index[word] = np.fromstring(coefs, "f", sep=" ")
num_tokens, embedding_dim = len(word_index) + 1, len(embeddings_index[word])
embedding_matrix = np.zeros((num_tokens, embedding_dim))
for word, i in word_index.items():
    embedding_vector = embeddings_index.get(word)
    if embedding_vector is not None:
        embedding_matrix[i] = embedding_vector
layer = keras.layers.Embedding(
    num_tokens, embedding_dim, weights=[embedding_matrix], trainable=False
)
layer.build(None)
print(json.dumps(time.perf_counter() - start))
if RESULT:
    finish(layer.get_weights()[0])
