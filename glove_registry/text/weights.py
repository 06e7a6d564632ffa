"""How much each word counts in its text."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from numbers import Real
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..lookup.case import SPELLINGS, Case
from ..lookup.rows import Rows
from ..messages.printable import quote
from .frequencies import TokenWeights
from .pooling import Factors, Weigh

# The parameter a of Arora, Liang and Ma (2017), section 4.2.1.
SIF_PARAMETER = 1e-3
# Euler's constant.
_GAMMA = 0.5772156649015329
# The squares of weights, and their products with vectors, are within float64.
_SMALLEST, _LARGEST = 1e-100, 1e100

# A mapping, a fitted TfidfVectorizer, or "sif".
Weights: TypeAlias = Mapping[str, float] | Literal["sif"] | Any


def find_weigh(weights: Weights, vectors: Rows, case: Case) -> Weigh | None:
    """Return the function that weighs words, or None if all weigh the same.

    Raises
    ------
    TypeError, ValueError
        `weights` is of another kind, or a vectorizer that is not fitted.
    """
    if weights is None:
        return None
    if isinstance(weights, str):
        if weights != "sif":
            raise ValueError(
                f"weights={quote(weights)}: expected 'sif', a mapping of words to "
                "numbers, or a fitted TfidfVectorizer"
                + ("; TextEmbedder learns 'tfidf'" if weights == "tfidf" else "")
            )
        if not len(vectors) or vectors.provenance.keys() & {"subset_of_rows", "how"}:
            raise ValueError(
                "weights='sif' takes the frequency of a word from its rank in the file "
                f"of a release, and {vectors.name} is a part or a stack of some, or "
                "has no words: embed with a whole release, or pass a mapping of words "
                "to weights"
            )
        return _weigh_by_rank(len(vectors))
    if isinstance(weights, TokenWeights):
        return _weigh_by_token(weights, vectors)
    return _weigh_by_table(read_table(weights), case)


def _weigh_by_rank(count: int) -> Weigh:
    """Return how smooth inverse frequency weighs words: a / (a + p(w)).

    The probability of a word is that of its rank by Zipf's law.
    """
    # The sum of 1 / rank over all ranks.
    harmonic = np.log(count) + _GAMMA + 1 / (2 * count)

    def weigh(words: Sequence[str], rows: NDArray[np.int64]) -> tuple[Factors, Factors]:
        # A word that is composed of n-grams is rarer than all that have a row.
        probabilities = 1 / (np.clip(rows, 0, count) + 1) / harmonic
        # The paper divides by the number of words, not by the sum of their weights.
        return SIF_PARAMETER / (SIF_PARAMETER + probabilities), np.ones(len(words))

    return weigh


def _weigh_by_token(table: TokenWeights, vectors: Rows) -> Weigh:
    """Return how a table weighs words by the tokens that they were found as."""
    default = table.default_factory() if table.default_factory else 0.0

    def weigh(words: Sequence[str], rows: NDArray[np.int64]) -> tuple[Factors, Factors]:
        factors = np.zeros(len(words))
        for place in np.flatnonzero(rows >= 0).tolist():
            row = int(rows[place])
            # A composed word is found as itself.
            token = vectors.tokens[row] if row < len(vectors) else words[place]
            factors[place] = _check(table.get(token, default), token)
        return factors, factors

    return weigh


def _weigh_by_table(table: Mapping[str, float], case: Case) -> Weigh:
    """Return how a table weighs words, found as written or else in another case."""
    # Asked for a word, a defaultdict would add it to itself.
    default: Any = 0.0
    if isinstance(table, defaultdict) and table.default_factory is not None:
        default = table.default_factory()

    def weigh(words: Sequence[str], rows: NDArray[np.int64]) -> tuple[Factors, Factors]:
        factors = np.zeros(len(words))
        for place in np.flatnonzero(rows >= 0).tolist():
            word = words[place]
            key = next((s for s in _spell(word, case) if s in table), None)
            weight = default if key is None else table[key]
            factors[place] = _check(weight, word if key is None else key)
        return factors, factors

    return weigh


def _spell(word: str, case: Case) -> Iterator[str]:
    yield word
    if case == "fallback":
        for _, respell in SPELLINGS:
            yield respell(word)


def _check(weight: Any, word: str) -> float:
    """Return a weight as a float, or raise `ValueError` if it is not a valid one."""
    with suppress(OverflowError):
        found = float(weight) if isinstance(weight, Real) else -1.0
        if found == 0 or _SMALLEST <= found <= _LARGEST:
            return found
    raise ValueError(
        f"weights[{quote(word)}] is {quote(weight)}: expected 0, or a number from "
        f"{_SMALLEST:g} to {_LARGEST:g}"
    )


def read_table(weights: Any) -> Mapping[str, float]:
    """Return the weights of words as a mapping.

    Raises
    ------
    TypeError, ValueError
        As by `find_weigh`.
    """
    if isinstance(weights, Mapping):
        return weights
    kind = type(weights).__name__
    if isinstance(weights, type):
        raise TypeError(
            f"weights: expected an object, found the class {weights.__name__}"
        )
    if hasattr(weights, "fit"):
        check_vectorizer(weights)
        return _read_vectorizer(weights)
    if not hasattr(weights, "items") or getattr(weights, "ndim", 1) != 1:
        raise TypeError(
            f"weights={quote(weights)}: expected a mapping of words to numbers, a "
            f"fitted TfidfVectorizer, or 'sif'; found {kind}"
        )
    # A pandas Series.
    table = dict(weights.items())
    if len(table) < len(weights):
        raise ValueError(
            f"weights: the {kind} has {len(weights) - len(table):,} words more than "
            "once; give each word one weight"
        )
    return table


def check_vectorizer(vectorizer: Any) -> None:
    """Raise `TypeError` or `ValueError` if this is not a TfidfVectorizer of words."""
    kind = type(vectorizer).__name__
    analyzer = getattr(vectorizer, "analyzer", None)
    if analyzer is None or not hasattr(type(vectorizer), "idf_"):
        raise TypeError(
            f"weights: expected a fitted TfidfVectorizer, found {kind}, which does not "
            "have both words and their inverse document frequencies; a mapping of "
            "words to numbers can be passed, too"
        )
    if not vectorizer.use_idf:
        raise ValueError(
            f"weights: this {kind} has no weights for words, as it has use_idf=False"
        )
    if analyzer != "word" and not callable(analyzer):
        raise ValueError(
            f"weights: this {kind} has analyzer={analyzer!r}, so that it weighs parts "
            "of words; use analyzer='word'"
        )


def _read_vectorizer(vectorizer: Any) -> Mapping[str, float]:
    """Return the inverse document frequency of each word of a TfidfVectorizer."""
    if not hasattr(vectorizer, "vocabulary_") or not hasattr(vectorizer, "idf_"):
        kind = type(vectorizer).__name__
        raise ValueError(
            f"weights: this {kind} is not fitted yet; call its method fit with texts"
        )
    numbers = vectorizer.idf_.tolist()
    return {word: numbers[index] for word, index in vectorizer.vocabulary_.items()}
