"""gensim: the usual loop, from vectors that it has saved."""

import json
import os
import sys
import time
from pathlib import Path

import numpy as np
from gensim.models import KeyedVectors
from gensim.utils import simple_preprocess

TASK, FOLDER, SAVED = sys.argv[1:]

texts = json.loads(Path(FOLDER, "texts.json").read_text())
if TASK == "words":
    texts = json.loads(Path(FOLDER, "words.json").read_text())
path = f"{SAVED}/vectors"
if not os.path.exists(path):
    registry = json.loads(Path(FOLDER, "registry.yaml").read_text())
    text = registry["variants"]["plain"]["url"].removeprefix("file://")
    KeyedVectors.load_word2vec_format(text, no_header=True).save(path)
kv = KeyedVectors.load(path, mmap="r")
zeros = np.zeros(kv.vector_size, np.float32)
start = time.process_time()
rows = []
for text in texts:
    words = text if TASK == "words" else simple_preprocess(text)
    known = [kv[word] for word in words if word in kv]
    rows.append(np.mean(known, axis=0) if known else zeros)
embedded = np.array(rows)
seconds = time.process_time() - start
print(json.dumps([seconds, float(embedded.mean(dtype=np.float64))]))
