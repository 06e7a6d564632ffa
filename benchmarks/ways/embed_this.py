"""glove_registry: vectors of texts, or of lists of words."""

import json
import sys
import time
from pathlib import Path

from glove_registry import load

TASK, FOLDER, SAVED = sys.argv[1:]

texts = json.loads(Path(FOLDER, "texts.json").read_text())
registry = Path(FOLDER, "registry.yaml")
vectors = load("plain", registry=registry, cache_dir=SAVED, progress=False)
words = Path(FOLDER, "words.json")
if not words.exists():
    words.write_text(json.dumps([vectors.tokenize(text) for text in texts]))
if TASK == "words":
    texts = json.loads(words.read_text())
start = time.process_time()
embedded = vectors.embed(texts)
print(json.dumps([time.process_time() - start, float(embedded.mean(dtype="float64"))]))
