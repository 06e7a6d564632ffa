"""gensim: neighbours and analogies, from vectors that it has saved."""

import json
import os
import sys
import time

import numpy as np
from gensim.models import KeyedVectors

TASK, FILE, SAVED, QUESTIONS, COUNT = sys.argv[1:]
PATH = f"{SAVED}/vectors"
if not os.path.exists(PATH):
    is_binary = FILE.endswith(".bin")
    KeyedVectors.load_word2vec_format(
        FILE, no_header=not is_binary, binary=is_binary
    ).save(PATH)

start = time.perf_counter()
vectors = KeyedVectors.load(PATH, mmap="r")
if TASK == "first":
    near = vectors.most_similar("film" if "film" in vectors else 0)
    seconds, result = time.perf_counter() - start, near[0][1]
else:
    rows = np.linspace(0, len(vectors) - 1, int(COUNT)).astype(int)
    words = [vectors.index_to_key[row] for row in rows]
    vectors.most_similar(words[0])  # which computes the lengths of all
    start = time.perf_counter()
    if TASK == "warm":
        each = []
        for word in words:
            start = time.perf_counter()
            vectors.most_similar(word)
            each.append(time.perf_counter() - start)
        seconds, result = float(np.median(each)), 0.0
    elif TASK == "many":
        near = [vectors.most_similar(word) for word in words]
        seconds = time.perf_counter() - start
        result = float(np.mean([score for pairs in near for _, score in pairs]))
    else:
        with open(QUESTIONS, encoding="utf-8") as file:
            lines = [line.lower().split() for line in file if line[0] != ":"]
        result = 0.0
        for a, b, c, d in lines:
            ((found, _),) = vectors.most_similar(positive=[b, c], negative=[a], topn=1)
            result += found == d
        seconds = time.perf_counter() - start
print(json.dumps([seconds, result]))
