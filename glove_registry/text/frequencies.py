"""In how many texts each word occurs, and the weight that follows from it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import partial

import numpy as np

from ..lookup.case import Case, match_words
from ..lookup.rows import Rows
from .pooling import divide_texts, number_words

# Words worked on at a time.
_WORDS = 1 << 16


def find_inverse_frequencies(
    vectors: Rows, texts: Iterable[Sequence[str]], case: Case
) -> defaultdict[str, float]:
    """Return the inverse document frequency of each token, over the words of texts.

    The formula is that of scikit-learn, ln((1 + n) / (1 + df)) + 1, where df of n texts
    have the token. Words with the same vector are one token, so that "Film" at the
    beginning of a sentence is not rarer than "film".

    Returns
    -------
    defaultdict of str to float
        Its default is the weight of tokens that are in none of the texts.
    """
    found_in = np.zeros(len(vectors), np.int64)
    count = 0
    for block in divide_texts(texts, _WORDS):
        words, sequence, owners = number_words(block)
        rows = match_words(vectors, words, case).rows[sequence]
        pairs = np.unique((owners * len(vectors) + rows)[rows >= 0])
        found_in += np.bincount(pairs % len(vectors), minlength=len(vectors))
        count += len(block)
    rows = np.flatnonzero(found_in)
    weights = np.log((1 + count) / (1 + found_in[rows])) + 1
    # Unlike a lambda, this can be pickled.
    largest = partial(float, np.log(1.0 + count) + 1)
    tokens = map(vectors.tokens.__getitem__, rows.tolist())
    return defaultdict(largest, zip(tokens, weights.tolist(), strict=True))
