"""Which words are similar, which one is not, and how similar two are."""

from collections.abc import Iterable
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..lookup.case import Case
from ..lookup.compose import take_vectors
from ..lookup.rows import Rows, list_words
from .analogies import Rule, check_rule, make_questions
from .directions import find_directions, normalize, scale
from .neighbours import Neighbours
from .questions import Nearest
from .search import NO_ROW, Questions, search
from .terms import Terms, check_count, find_single, find_words, read_restriction

# A word, or a vector.
Term: TypeAlias = "str | ArrayLike"
Restrict: TypeAlias = "int | Iterable[str] | None"

# The cosines of equal vectors differ by less.
_ROUNDING = 1e-12


def most_similar(
    rows: Rows,
    positive: "Term | Iterable[Term]" = (),
    negative: "Term | Iterable[Term]" = (),
    topn: int = 10,
    restrict: Restrict = None,
    *,
    case: Case = "fallback",
) -> Neighbours:
    """Return the words most similar to some, as `Vectors.most_similar` does.

    Parameters
    ----------
    rows : Vectors
    positive, negative, topn, restrict, case
        As for `Vectors.most_similar`.

    Returns
    -------
    Neighbours

    Raises
    ------
    UnknownWordError, ValueError
        As by `Vectors.most_similar`.

    Examples
    --------
    >>> import glove_registry
    >>> from glove_registry import analysis
    >>> vectors = glove_registry.load("glove.6B.50d-first10k")
    >>> analysis.most_similar(vectors, "film", topn=2).words
    ['movie', 'films']
    """
    topn = check_count(topn, "topn")
    added = _read(rows, positive, case, "positive")
    removed = _read(rows, negative, case, "negative")
    if not len(added) + len(removed):
        raise ValueError("positive and negative are empty: give a word or a vector")
    total = _add(_weigh(added), -_weigh(removed))
    own = np.concatenate([added.numbers, removed.numbers])
    return _find(rows, Nearest(total[None]), own, topn, restrict, case)


def analogy(
    rows: Rows,
    a: Term,
    b: Term,
    c: Term,
    topn: int = 10,
    restrict: Restrict = None,
    *,
    rule: Rule = "3CosAdd",
    case: Case = "fallback",
) -> Neighbours:
    """Return the words that complete an analogy, as `Vectors.analogy` does.

    Parameters
    ----------
    rows : Vectors
    a, b, c, topn, restrict, rule, case
        As for `Vectors.analogy`.

    Returns
    -------
    Neighbours

    Raises
    ------
    UnknownWordError, ValueError
        As by `Vectors.analogy`.

    Examples
    --------
    >>> import glove_registry
    >>> from glove_registry import analysis
    >>> vectors = glove_registry.load("glove.6B.50d-first10k")
    >>> analysis.analogy(vectors, "man", "king", "woman", topn=1).words
    ['queen']
    """
    check_rule(rule)
    topn = check_count(topn, "topn")
    terms = Terms(rows, [a, b, c], case, "a, b and c")
    questions = make_questions(rule, *terms.take(slice(None))[:, None])
    return _find(rows, questions, terms.numbers, topn, restrict, case)


def similarity(rows: Rows, a: Term, b: Term, *, case: Case = "fallback") -> float:
    """Return the cosine of two words or vectors, as `Vectors.similarity` does.

    Parameters
    ----------
    rows : Vectors
    a, b, case
        As for `Vectors.similarity`.

    Returns
    -------
    float

    Raises
    ------
    UnknownWordError, ValueError
        As by `Vectors.similarity`.

    Examples
    --------
    >>> import glove_registry
    >>> from glove_registry import analysis
    >>> vectors = glove_registry.load("glove.6B.50d-first10k")
    >>> round(analysis.similarity(vectors, "film", "movie"), 4)
    0.931
    """
    left, right = normalize(Terms(rows, [a, b], case, "a and b").take(slice(None)))
    return min(1.0, max(-1.0, float(left @ right)))


def doesnt_match(rows: Rows, words: Iterable[str], *, case: Case = "fallback") -> str:
    """Return the word that is least like the others, as `Vectors.doesnt_match` does.

    Parameters
    ----------
    rows : Vectors
    words, case
        As for `Vectors.doesnt_match`.

    Returns
    -------
    str

    Raises
    ------
    UnknownWordError, ValueError
        As by `Vectors.doesnt_match`.

    Examples
    --------
    >>> import glove_registry
    >>> from glove_registry import analysis
    >>> vectors = glove_registry.load("glove.6B.50d-first10k")
    >>> analysis.doesnt_match(vectors, ["breakfast", "theatre", "dinner", "lunch"])
    'theatre'
    """
    listed = list_words(words)
    if len(listed) < 3:
        raise ValueError(f"expected three words or more, found {len(listed)}")
    vectors = normalize(take_vectors(rows, *find_words(rows, listed, case)))
    likeness = vectors @ vectors.sum(axis=0)
    is_least = likeness <= likeness.min() + _ROUNDING * len(listed)
    return listed[int(np.argmax(is_least))]


def rank(rows: Rows, word: Term, other: Term, *, case: Case = "fallback") -> int:
    """Return how many words are nearer to a word than another is, plus one.

    Parameters
    ----------
    rows : Vectors
    word, other : str or array-like
        Words or vectors. They do not count themselves.
    case : {"fallback", "exact"}
        As for `Vectors.to_keras_layer`.

    Returns
    -------
    int
        1 if no word is nearer.

    Raises
    ------
    UnknownWordError
        A word has no vector.
    ValueError
        A vector has another shape, or a number that is not finite.

    Examples
    --------
    >>> import glove_registry
    >>> from glove_registry import analysis
    >>> vectors = glove_registry.load("glove.6B.50d-first10k")
    >>> analysis.rank(vectors, "film", "movie"), analysis.rank(vectors, "film", "the")
    (1, 506)
    """
    directions = find_directions(rows)
    terms = Terms(rows, [word, other], case, "word and other")
    question = Nearest(terms.take(slice(1)))
    far = normalize(terms.take(slice(1, 2)))
    limit = np.float32(question.score_exactly(np.zeros(1, np.int64), far)[0])
    nearer = 0
    for part in directions.read():
        scores = question.score(part)[0]
        scores[part.repeated] = -np.inf
        numbers = part.number(np.arange(len(scores)))
        scores[np.isin(numbers, terms.numbers)] = -np.inf
        nearer += int(np.count_nonzero(scores > limit + part.rounding))
        close = numbers[np.abs(scores - limit) <= part.rounding]
        exact = question.score_exactly(
            np.zeros(len(close), np.int64), normalize(rows.take(close))
        )
        nearer += int(np.count_nonzero(exact.astype(np.float32) > limit))
    return nearer + 1


def _read(rows: Rows, terms: Any, case: Case, what: str) -> Terms:
    """Read one word or vector, or several."""
    single = find_single(terms)
    return Terms(rows, terms if single is None else [single], case, what)


def _weigh(terms: Terms) -> NDArray[np.float64]:
    """Return words as vectors of length 1, and vectors as they are."""
    vectors = terms.take(slice(None))
    is_word = terms.numbers != NO_ROW
    vectors[is_word] = normalize(vectors[is_word])
    return vectors


def _add(*vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the direction of the sum of vectors, which must not cancel out."""
    together = scale(np.concatenate(vectors))
    total: NDArray[np.float64] = together.sum(axis=0)
    # The bound of the rounding errors of a sum.
    rounding = len(together) * np.finfo(float).eps * np.abs(together).sum(axis=0)
    if together.any() and (np.abs(total) <= rounding).all():
        raise ValueError(
            "positive and negative cancel out: nothing is left to be similar to"
        )
    return total


def _find(
    rows: Rows,
    questions: Questions,
    own: NDArray[np.int64],
    topn: int,
    restrict: Restrict,
    case: Case,
) -> Neighbours:
    found, scores = search(
        find_directions(rows),
        questions,
        topn,
        restrict=read_restriction(rows, restrict, case),
        exclude=own[None],
    )
    return Neighbours(
        (rows.tokens[row], score)
        for row, score in zip(found[0].tolist(), scores[0].tolist(), strict=True)
        if row != NO_ROW
    )
