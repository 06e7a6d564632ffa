"""gensim: a fastText model, and the vectors of some words."""

import time

from subwords_task import MODEL, finish, measure_peak, read_words

known, unknown = read_words()

start = time.perf_counter()
from gensim.models.fasttext import load_facebook_vectors  # noqa: E402 - as this package

vectors = load_facebook_vectors(MODEL)
opened, megabytes = time.perf_counter(), measure_peak()
one = vectors[known]
found = time.perf_counter()
other = vectors[unknown]
finish(start, opened, found, time.perf_counter(), megabytes, one, other)
