"""glove_registry, by its public functions alone."""

from task import ENTRY, SAVED, TASK, finish, read_words

import glove_registry

words = read_words() if TASK == "later" else []
vectors = glove_registry.load(
    ENTRY, registry=f"{SAVED}/../registry.yaml", cache_dir=SAVED, progress=False
)
if TASK == "later":
    finish(vectors.lookup(words))
