"""scikit-learn: counts of words in a sparse matrix, without any vectors."""

import json
import sys
import time
from pathlib import Path

from sklearn.feature_extraction.text import HashingVectorizer

_, FOLDER, _ = sys.argv[1:]

texts = json.loads(Path(FOLDER, "texts.json").read_text())
vectorizer = HashingVectorizer()
start = time.process_time()
counts = vectorizer.transform(texts)
print(json.dumps([time.process_time() - start, float(counts.mean())]))
