"""gensim: `KeyedVectors` from text, saved in its own format, later mapped."""

import numpy as np
from gensim.models import KeyedVectors
from task import SAVED, TASK, TEXT, finish, read_words

if TASK == "first":
    KeyedVectors.load_word2vec_format(TEXT, no_header=True).save(f"{SAVED}/vectors")
else:
    words = read_words()
    vectors = KeyedVectors.load(f"{SAVED}/vectors", mmap="r")
    rows = np.array([vectors.key_to_index.get(word, -1) for word in words])
    matrix = np.zeros((len(words), vectors.vector_size), np.float32)
    matrix[rows >= 0] = vectors.vectors[rows[rows >= 0]]
    finish(matrix)
