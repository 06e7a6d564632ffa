"""glove_registry: a fastText model, and the vectors of some words."""

import time

from subwords_task import MODEL, SAVED, finish, measure_peak, read_words

known, unknown = read_words()

start = time.perf_counter()
import glove_registry  # noqa: E402 - what it takes is this way's own

vectors = glove_registry.open_file(MODEL, cache_dir=SAVED, progress=False)
opened, megabytes = time.perf_counter(), measure_peak()
one = vectors.lookup(known)
found = time.perf_counter()
other = vectors.lookup(unknown)
finish(start, opened, found, time.perf_counter(), megabytes, one, other)
