"""The loop of the Keras tutorial: the text is parsed each time, nothing is saved.

Follows https://keras.io/examples/nlp/pretrained_word_embeddings/
"""

import numpy as np
from task import TEXT, finish, read_words

words = read_words()
vectors = {}
with open(TEXT, encoding="utf-8") as file:
    for line in file:
        word, numbers = line.split(maxsplit=1)
        vectors[word] = np.fromstring(numbers, "f", sep=" ")
matrix = np.zeros((len(words), len(vectors[word])), np.float32)
for row, word in enumerate(words):
    if (vector := vectors.get(word)) is not None:
        matrix[row] = vector
finish(matrix)
