"""Some words of a release, with the vectors that look-ups give them."""

from collections.abc import Iterable

import numpy as np

from ..store import encode_words
from ..store.memory import MemoryStore
from .case import Case, match_words
from .gather import gather
from .oov import OovRule, choose_oov
from .rows import Rows, list_words
from .special_tokens import is_padding


def take_subset(
    vectors: Rows, words: Iterable[str], oov: OovRule | None, case: Case
) -> MemoryStore:
    """Return the store of `Vectors.subset`."""
    # Padding has no vector by any rule.
    asked = [word for word in dict.fromkeys(list_words(words)) if not is_padding(word)]
    rows = match_words(vectors, asked, case).rows
    missing = np.flatnonzero(rows < 0)
    words = [asked[i] for i in missing.tolist()]
    oov = choose_oov(oov, vectors, words)
    if oov in ("zeros", "subword"):
        # Left out, look-ups give them zeros all the same.
        is_kept = rows >= 0
        if oov == "subword":
            is_kept[missing] = vectors.compose(words)[1]
        asked = [asked[i] for i in np.flatnonzero(is_kept).tolist()]
        rows = rows[is_kept]
    if not asked:
        raise ValueError(
            f"none of the words has a vector in {vectors.name}: pass words of the "
            "language of these vectors"
        )
    every = np.arange(len(asked))
    numbers = gather(vectors, asked, rows, every, len(asked), oov, np.float32, case)
    origin = {**vectors.provenance, "subset_of_rows": len(vectors)}
    return MemoryStore(encode_words(asked), numbers, origin)
