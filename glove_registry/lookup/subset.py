"""Some words of a release, with the vectors that look-ups give them."""

from collections.abc import Iterable

import numpy as np

from ..formats.block import is_token
from ..store import encode_word, encode_words
from ..store.memory import MemoryStore
from .case import Case, match_words
from .gather import gather
from .oov import OovRule, choose_oov
from .rows import Rows, list_words, name_vocabulary
from .special_tokens import is_padding


def take_subset(
    vectors: Rows, words: Iterable[str], oov: OovRule | None, case: Case
) -> MemoryStore:
    """Return the store of `Vectors.subset`."""
    # Padding has no vector by any rule, nor has what no file can hold.
    asked = [
        word
        for word in dict.fromkeys(list_words(words))
        if not is_padding(word) and is_token(encode_word(word))
    ]
    rows = match_words(vectors, asked, case).rows
    missing = [asked[i] for i in np.flatnonzero(rows < 0).tolist()]
    oov = choose_oov(oov, vectors, missing)
    every = np.arange(len(asked))
    numbers = gather(vectors, asked, rows, every, len(asked), oov, np.float32, case)
    # Others are left out: look-ups give them zeros all the same.
    kept = np.flatnonzero((rows >= 0) | numbers.any(axis=1))
    if not len(kept):
        raise ValueError(
            f"none of the words has a vector in {name_vocabulary(vectors)}: pass words "
            "of the language of these vectors"
        )
    # Of a subset of a subset, the words of the release are told.
    origin = {"subset_of_rows": len(vectors), **vectors.provenance}
    tokens = encode_words([asked[i] for i in kept.tolist()])
    return MemoryStore(tokens, numbers[kept], origin)
