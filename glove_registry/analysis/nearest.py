"""The nearest words of many words or vectors at once."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..lookup.case import Case
from ..lookup.rows import Rows
from .directions import find_directions
from .questions import Nearest
from .search import NO_ROW, in_groups, search
from .terms import Terms, check_count, read_restriction


def nearest(
    rows: Rows,
    queries: "Iterable[str | ArrayLike]",
    k: int = 10,
    *,
    restrict: int | Iterable[str] | None = None,
    case: Case = "fallback",
    approximate: bool = False,
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Return the nearest words of many words or vectors, by cosine.

    Parameters
    ----------
    rows : Vectors
        The vectors to search.
    queries : iterable of str or array-like, or ndarray of shape (n_queries, dimension)
        Words, vectors, or both. A word is not its own neighbour.
    k : int
        Number of neighbours.
    restrict : int or iterable of str, optional
        Search only the first, most frequent words; or only these words.
    case : {"fallback", "exact"}
        As for `Vectors.to_keras_layer`.
    approximate : bool
        Search the index that `build_index` has made, which is much faster, but misses
        some of the nearest words. Scores are exact all the same.

    Returns
    -------
    rows : ndarray of shape (n_queries, n), int64
        Row of each neighbour, the nearest first; in the order of the file where scores
        are equal. ``vectors.tokens[row]`` is its word. `n` is `k`, or less if fewer
        words can be found; -1 where only this query has fewer.
    scores : ndarray of shape (n_queries, n), float32
        Cosine of each neighbour; 0 for a vector of zeros, -inf where there is none.

    Raises
    ------
    UnknownWordError
        A word has no vector.
    ValueError
        `k` is not a positive int; a vector has another shape, or a number that is not
        finite; `restrict` or `case` is invalid; or both `restrict` and `approximate`
        are given.
    CacheError, ImportError
        `approximate` is True, and there is no index, or usearch is not installed.

    Notes
    -----
    Unless it is approximate, the search is exact. Memory is bounded, however many
    queries and words there are.

    Examples
    --------
    >>> import glove_registry
    >>> from glove_registry import analysis
    >>> vectors = glove_registry.load("glove.6B.50d-first10k")
    >>> found, scores = analysis.nearest(vectors, ["film", "paris"], 3)
    >>> [[vectors.tokens[row] for row in near] for near in found]
    [['movie', 'films', 'documentary'], ['france', 'brussels', 'amsterdam']]
    """
    k = check_count(k, "k")
    terms = Terms(rows, queries, case, "queries")
    restriction = read_restriction(rows, restrict, case)
    if not isinstance(approximate, bool):
        raise ValueError(f"approximate={approximate!r}: expected True or False")
    if approximate and restriction is not None:
        raise ValueError("approximate=True searches all words: leave restrict out")
    directions = find_directions(rows)
    k = min(k, directions.count(restriction))
    found = np.full((len(terms), k), NO_ROW)
    scores = np.full((len(terms), k), -np.inf, np.float32)
    for some in in_groups(len(terms)):
        questions, own = Nearest(terms.take(some)), terms.numbers[some, None]
        if approximate:
            from .approximate import search_approximately

            near = search_approximately(rows, questions, k, own)
        else:
            near = search(directions, questions, k, restrict=restriction, exclude=own)
        width = near[0].shape[1]
        found[some, :width], scores[some, :width] = near
    width = int((found != NO_ROW).sum(axis=1).max(initial=0))
    return found[:, :width], scores[:, :width]
