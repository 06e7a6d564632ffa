"""Time `load()` itself after numpy is imported; print milliseconds as JSON."""

import json
import time

import numpy  # noqa: F401 - the bar is on what comes after it
from task import SAVED

start = time.perf_counter()
import glove_registry  # noqa: E402

taken = []
for _ in range(11):
    glove_registry.load(
        "plain", registry=f"{SAVED}/../registry.yaml", cache_dir=SAVED, progress=False
    )
    taken.append((time.perf_counter() - start) * 1000)
    start = time.perf_counter()
print(json.dumps(taken))
