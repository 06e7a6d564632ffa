"""Some words of a release, with the vectors that look-ups give them."""

from collections.abc import Iterable

import numpy as np

from ..store import encode_words
from ..store.memory import MemoryStore
from .case import Case, match_words
from .gather import gather
from .oov import OovRule, check_oov_words
from .rows import Rows, list_words
from .special_tokens import is_padding


def take_subset(
    vectors: Rows, words: Iterable[str], oov: OovRule, case: Case
) -> MemoryStore:
    """Return the store of `Vectors.subset`."""
    # Padding has no vector by any rule.
    asked = [word for word in dict.fromkeys(list_words(words)) if not is_padding(word)]
    rows = match_words(vectors, asked, case).rows
    missing = np.flatnonzero(rows < 0).tolist()
    check_oov_words(oov, vectors, [asked[i] for i in missing])
    if oov == "zeros":
        # Left out, look-ups give them zeros all the same.
        asked = [word for word, row in zip(asked, rows, strict=True) if row >= 0]
        rows = rows[rows >= 0]
    if not asked:
        raise ValueError(
            f"none of the words has a vector in {vectors.name}: pass words of the "
            "language of these vectors"
        )
    every = np.arange(len(asked))
    numbers = gather(vectors, asked, rows, every, len(asked), oov, np.float32)
    origin = {**vectors.provenance, "subset_of_rows": len(vectors)}
    return MemoryStore(encode_words(asked), numbers, origin)
