"""glove_registry: neighbours and analogies, exactly or by an approximate index."""

import json
import sys
import time

import numpy as np

import glove_registry
from glove_registry import analysis, load
from glove_registry.analysis.analogies import answer

TASK, FILE, SAVED, QUESTIONS, COUNT = sys.argv[1:]


def ask_one_by_one(vectors: glove_registry.Vectors, approximate: bool) -> float:
    """Return the median of the seconds that single words take, after the first."""
    seconds = []
    for word in [vectors.tokens[0], *words]:
        start = time.perf_counter()
        if approximate:
            analysis.nearest(vectors, [word], approximate=True)
        else:
            vectors.most_similar(word)
        seconds.append(time.perf_counter() - start)
    return float(np.median(seconds[1:]))


start = time.perf_counter()
vectors = load("plain", registry=f"{FILE}.yaml", cache_dir=SAVED, progress=False)
if TASK == "first":
    near = vectors.most_similar("film" if "film" in vectors else vectors.tokens[0])
    seconds, result = time.perf_counter() - start, near[0][1]
else:
    # Words from all parts of the vocabulary.
    rows = np.linspace(0, len(vectors) - 1, int(COUNT)).astype(int)
    words = [vectors.tokens[row] for row in rows.tolist()]
    start = time.perf_counter()
    if TASK == "warm":
        seconds, result = ask_one_by_one(vectors, False), 0.0
    elif TASK == "many":
        _, scores = analysis.nearest(vectors, words)
        seconds, result = time.perf_counter() - start, float(scores.mean())
    elif TASK == "analogies":
        with open(QUESTIONS, encoding="utf-8") as file:
            lines = [line.lower().split() for line in file if line[0] != ":"]
        questions = np.array([vectors.rows(line) for line in lines])
        answers = answer(vectors, questions[:, :3])
        seconds = time.perf_counter() - start
        result = float((answers == questions[:, 3]).sum())
    elif TASK == "index":
        report = analysis.build_index(vectors, progress=False)
        seconds, result = report.seconds, report.recall
    else:
        seconds, result = ask_one_by_one(vectors, True), 0.0
print(json.dumps([seconds, result]))
