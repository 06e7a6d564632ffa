"""Words and vectors that are asked about, checked."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import UnknownWordError
from ..lookup.case import Case, match_words
from ..lookup.compose import Found, find_vectors
from ..lookup.rows import Rows, list_words, name_vocabulary
from ..lookup.spelling import find_near_word
from ..lookup.vocabulary import find_int
from ..messages.printable import quote
from .directions import Restriction, check_rows, normalize
from .search import NO_ROW

# Numbers checked at a time.
_NUMBERS = 1 << 20
# Unknown words in an error.
_MOST_SHOWN = 3


class Terms:
    """Words and vectors, in the order given.

    Attributes
    ----------
    numbers : ndarray of shape (n,), int64
        Row of each word; `NO_ROW` for a vector, and for a word composed of n-grams.

    Raises
    ------
    UnknownWordError
        A word has no vector.
    ValueError
        A vector has another shape, or a number that is not finite.
    """

    def __init__(self, rows: Rows, terms: Any, case: Case, what: str) -> None:
        check_rows(rows)
        self._rows = rows
        # Vectors are neither copied nor converted before they are used.
        self._vectors: Any
        matrix = _read_array(terms)
        if matrix is not None and matrix.ndim > 1:
            vectors = check_vectors(terms, matrix.shape[:1], rows.dimension, what)
            self.numbers = np.full(len(vectors), NO_ROW)
            self._vectors = vectors
            return
        words, given = {}, {}
        for i, term in enumerate(_list_terms(terms, what)):
            single = find_single(term)
            if isinstance(single, str):
                words[i] = single
            else:
                given[i] = check_vectors(term, (), rows.dimension, what)
        self.numbers = np.full(len(words) + len(given), NO_ROW)
        found = find_words(rows, [*words.values()], case)
        has_row = found.numbers < len(rows)
        self.numbers[[*words]] = np.where(has_row, found.numbers, NO_ROW)
        # They weigh as much as other words.
        composed = normalize(found.composed)
        places = np.flatnonzero(~has_row).tolist()
        given.update(zip(map([*words].__getitem__, places), composed, strict=True))
        self._vectors = given

    def __len__(self) -> int:
        return len(self.numbers)

    def take(self, some: slice) -> NDArray[np.float64]:
        """Return the vectors of some terms."""
        numbers = self.numbers[some]
        taken = np.empty((len(numbers), self._rows.dimension))
        is_word = numbers != NO_ROW
        taken[is_word] = self._rows.take(numbers[is_word])
        for i in np.flatnonzero(~is_word).tolist():
            taken[i] = self._vectors[i + (some.start or 0)]
        return taken


def find_single(terms: Any) -> Any:
    """Return one word, as a str, or one vector; None for several, or anything else.

    A vector is an array or a list of numbers.
    """
    if isinstance(terms, str):
        return terms
    if isinstance(terms, list | tuple):
        return terms if terms and isinstance(terms[0], Real) else None
    array = _read_array(terms)
    if array is None or array.ndim > 1 or not array.size:
        return None
    if array.ndim == 0:
        word = array.item()
        return word if isinstance(word, str) else None
    is_vector = array.dtype.kind in "fiu" or find_single(array[:1].tolist())
    return array if is_vector else None


def _read_array(terms: Any) -> NDArray[Any] | None:
    """Return what another library can make an array of as an array, if it is one."""
    if hasattr(terms, "__array__"):
        # Tensors on another device, for example, are refused later.
        with suppress(ValueError, TypeError, RuntimeError):
            # With its mask, if there is one, so that it is refused later.
            masked = isinstance(terms, np.ma.MaskedArray)
            return terms if masked else np.asarray(terms)
    return None


def _list_terms(terms: Any, what: str) -> list[Any]:
    single = find_single(terms)
    if single is not None:
        kind = "word" if isinstance(single, str) else "vector"
        shown = quote(single) if isinstance(single, str) else "vector"
        raise ValueError(
            f"{what}: expected several words or vectors, found one {kind}: write "
            f"[{shown}]"
        )
    is_scalar = isinstance(terms, bytes) or getattr(terms, "ndim", 1) == 0
    if is_scalar or not isinstance(terms, Iterable):
        raise ValueError(
            f"{what}: expected words or vectors, found {type(terms).__name__} "
            f"{quote(terms)}"
        )
    return list(terms)


def check_vectors(
    vectors: Any, shape: tuple[int, ...], dimension: int, what: str
) -> NDArray[Any]:
    """Return vectors as an array of this shape and dimension.

    Raises
    ------
    ValueError
        They have another shape, or numbers that are not finite.
    """
    array: NDArray[Any] | None = None
    # A ragged list, or a tensor on another device.
    with suppress(ValueError, TypeError, RuntimeError):
        array = np.asarray(vectors)
    if (
        array is None
        or isinstance(vectors, np.ma.MaskedArray)
        or array.dtype.kind not in "fiu"
        or array.shape != (*shape, dimension)
    ):
        found = "" if array is None else f" of shape {array.shape}, {array.dtype}"
        raise ValueError(
            f"{what}: expected words, or vectors of {dimension} numbers, found "
            f"{type(vectors).__name__}{found}"
        )
    step = max(_NUMBERS // dimension, 1)
    for start in range(0, len(array), step) if shape else [0]:
        some = array[start : start + step] if shape else array
        with np.errstate(over="ignore"):
            wide = some.astype(np.float64, copy=False)
        if not np.isfinite(wide).all():
            raise ValueError(f"{what}: a vector has numbers that are not finite")
    return array


def find_words(rows: Rows, words: Sequence[str], case: Case) -> Found:
    """Find each word as `find_vectors` does.

    Raises
    ------
    UnknownWordError
        A word has no vector.
    """
    check_rows(rows)
    found = find_vectors(rows, words, case)
    _refuse_missing(rows, words, found.numbers)
    return found


def find_rows(rows: Rows, words: Sequence[str], case: Case) -> NDArray[np.int64]:
    """Return the row of each word.

    Raises
    ------
    UnknownWordError
        A word has no row.
    """
    check_rows(rows)
    found = match_words(rows, words, case).rows
    _refuse_missing(rows, words, found)
    return found


def _refuse_missing(
    rows: Rows, words: Sequence[str], numbers: NDArray[np.int64]
) -> None:
    """Raise `UnknownWordError` if a word has the number -1."""
    missing = [words[i] for i in np.flatnonzero(numbers < 0).tolist()]
    if missing:
        raise UnknownWordError(_explain_missing(rows, missing, len(words)))


def _explain_missing(rows: Rows, missing: list[str], count: int) -> str:
    if len(missing) == 1:
        near = find_near_word(rows, missing[0])
        hint = f": did you mean {near!r}?" if near else ""
        return f"{quote(missing[0])} has no vector in {name_vocabulary(rows)}{hint}"
    shown = []
    for word in missing[:_MOST_SHOWN]:
        near = find_near_word(rows, word)
        shown.append(f"{quote(word)} (did you mean {near!r}?)" if near else quote(word))
    more = ", ..." if len(missing) > _MOST_SHOWN else ""
    return (
        f"{len(missing):,} of {count:,} words have no vector in "
        f"{name_vocabulary(rows)}: {', '.join(shown)}{more}"
    )


def check_count(count: Any, name: str) -> int:
    """Return an argument that is a number of words, 1 or more.

    Raises
    ------
    ValueError
        It is anything else.
    """
    found = find_int(count)
    if found is None or found < 1:
        raise ValueError(f"{name}={quote(count)}: expected a whole number from 1 on")
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
                f"restrict={quote(restrict)}: expected a whole number from 1 on, or a "
                "list of words"
            )
        return count
    words = list_words(restrict)
    if not words:
        raise ValueError("restrict has no words: leave it out to search all of them")
    return np.unique(find_rows(rows, words, case))
