"""In how many texts each word occurs, and the weight that follows from it."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from functools import partial

import numpy as np

from ..lookup.case import Case
from ..lookup.compose import find_vectors
from ..lookup.rows import Rows
from .pooling import divide_texts, number_words

# Words worked on at a time.
_WORDS = 1 << 16


class TokenWeights(defaultdict[str, float]):
    """Weights of the tokens that words are found as, and not of their spellings.

    Its keys are tokens of a release, and words whose vectors are composed of n-grams.
    Its default is the weight of all others.
    """


def find_inverse_frequencies(
    vectors: Rows, texts: Iterable[Sequence[str]], case: Case
) -> TokenWeights:
    """Return the inverse document frequency of each token, over the words of texts.

    The formula is that of scikit-learn, ln((1 + n) / (1 + df)) + 1, where df of n texts
    have the token. Words with the same vector are one token, so that "Film" at the
    beginning of a sentence is not rarer than "film".
    """
    rows = len(vectors)
    found_in = np.zeros(rows, np.int64)
    composed_in: Counter[str] = Counter()
    count = 0
    for block in divide_texts(texts, _WORDS):
        words, sequence, owners = number_words(block)
        # From `rows` on, they are those of words that are composed.
        numbers, composed = find_vectors(vectors, words, case)
        span = rows + len(composed)
        of_texts = numbers[sequence]
        pairs = np.unique((owners * span + of_texts)[of_texts >= 0])
        counts = np.bincount(pairs % span, minlength=span)
        found_in += counts[:rows]
        for place in np.flatnonzero(numbers >= rows).tolist():
            composed_in[words[place]] += int(counts[numbers[place]])
        count += len(block)
    found = np.flatnonzero(found_in)
    tokens = [*map(vectors.tokens.__getitem__, found.tolist()), *composed_in]
    frequencies = [*found_in[found].tolist(), *composed_in.values()]
    weights = np.log((1 + count) / (1 + np.array(frequencies, np.int64))) + 1
    # Unlike a lambda, this can be pickled.
    largest = partial(float, np.log(1.0 + count) + 1)
    return TokenWeights(largest, zip(tokens, weights.tolist(), strict=True))
