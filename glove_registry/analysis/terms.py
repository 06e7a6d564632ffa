"""Words and vectors that are asked about, checked."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import UnknownWordError
from ..lookup.case import Case, match_words
from ..lookup.rows import Rows, list_words, show_words
from ..lookup.vocabulary import find_int
from .directions import Restriction
from .search import NO_ROW


class Terms:
    """Words and vectors, in the order given.

    Attributes
    ----------
    numbers : ndarray of shape (n,), int64
        Row of each word; `NO_ROW` for a vector.

    Raises
    ------
    UnknownWordError
        A word has no vector.
    ValueError
        A vector has another shape, or a number that is not finite.
    """

    def __init__(self, rows: Rows, terms: Any, case: Case, what: str) -> None:
        self._rows = rows
        self._given: dict[int, NDArray[np.float64]] = {}
        words: dict[int, str] = {}
        for i, term in enumerate(_list_terms(terms, what)):
            if isinstance(term, str):
                words[i] = term
            else:
                self._given[i] = check_vector(term, rows.dimension, what)
        self.numbers = np.full(len(words) + len(self._given), NO_ROW)
        self.numbers[[*words]] = find_rows(rows, [*words.values()], case)

    def __len__(self) -> int:
        return len(self.numbers)

    def take(self, some: slice) -> NDArray[np.float64]:
        """Return the vectors of some terms."""
        numbers = self.numbers[some]
        vectors = np.empty((len(numbers), self._rows.dimension))
        is_word = numbers != NO_ROW
        vectors[is_word] = self._rows.take(numbers[is_word])
        for i in np.flatnonzero(~is_word):
            vectors[i] = self._given[i + (some.start or 0)]
        return vectors


def _list_terms(terms: Any, what: str) -> Sequence[Any]:
    if isinstance(terms, str | bytes) or not isinstance(terms, Iterable):
        raise ValueError(
            f"{what}: expected several words or vectors, found {terms!r}: write "
            f"[{terms!r}]"
        )
    return terms if isinstance(terms, np.ndarray) else list(terms)


def check_vector(vector: Any, dimension: int, what: str) -> NDArray[np.float64]:
    """Return a vector of this dimension, whose numbers are finite.

    Raises
    ------
    ValueError
        It is anything else.
    """
    array: NDArray[Any] | None = None
    with suppress(ValueError):  # a ragged list
        array = np.asarray(vector)
    if array is None or array.dtype.kind not in "fiu" or array.shape != (dimension,):
        found = "" if array is None else f" of shape {array.shape}, {array.dtype}"
        raise ValueError(
            f"{what}: expected words, or vectors of shape ({dimension},), found "
            f"{type(vector).__name__}{found}"
        )
    if not np.isfinite(array).all():
        raise ValueError(f"{what}: a vector has numbers that are not finite")
    return array.astype(np.float64)


def find_rows(rows: Rows, words: Sequence[str], case: Case) -> NDArray[np.int64]:
    """Return the row of each word.

    Raises
    ------
    UnknownWordError
        A word has no vector.
    """
    found = match_words(rows, words, case).rows
    missing = [words[i] for i in np.flatnonzero(found < 0).tolist()]
    if missing:
        raise UnknownWordError(f"{show_words(missing)} has no vector in {rows.name}")
    return found


def check_count(count: Any, name: str) -> int:
    """Return an argument that is a number of words, 1 or more.

    Raises
    ------
    ValueError
        It is anything else.
    """
    found = find_int(count)
    if found is None or found < 1:
        raise ValueError(f"{name}={count!r}: expected a whole number from 1 on")
    return found


def read_restriction(rows: Rows, restrict: Any, case: Case) -> Restriction:
    """Return which rows to search: all, the first ones, or those of some words.

    Raises
    ------
    UnknownWordError
        A word has no vector.
    ValueError
        `restrict` is neither a positive int nor a list of words.
    """
    if restrict is None:
        return None
    if isinstance(restrict, str | bytes) or not isinstance(restrict, Iterable):
        count = find_int(restrict)
        if count is None or count < 1:
            raise ValueError(
                f"restrict={restrict!r}: expected a whole number from 1 on, or a list "
                "of words"
            )
        return count
    words = list_words(restrict)
    if not words:
        raise ValueError("restrict has no words: leave it out to search all of them")
    return np.unique(find_rows(rows, words, case))
