"""Which row is a word's: its own, or that of the same word in another case."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from .rows import Rows

Case: TypeAlias = Literal["fallback", "exact"]
FALLBACK: Case = "fallback"
EXACT: Case = "exact"
CASE_RULES = (FALLBACK, EXACT)

# In this order. In a release of lower-case words the last two find nothing, so that
# nobody has to say which kind a release is.
_SPELLINGS: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("lower case", str.lower),
    ("title case", str.title),
    ("upper case", str.upper),
)


@dataclass(frozen=True, slots=True)
class Matches:
    """The row of each word, and how it was found.

    Attributes
    ----------
    rows : ndarray of shape (n_words,), int64
        -1 for a miss.
    ways : mapping of str to ndarray of shape (n_words,), bool
        ``"exact"``, ``"lower case"``, ...: which words were found so. No word is found
        in two ways.
    """

    rows: NDArray[np.int64]
    ways: dict[str, NDArray[np.bool_]]

    @property
    def found(self) -> NDArray[np.bool_]:
        """Which words have a row."""
        return self.rows >= 0


def check_case(case: object) -> None:
    """Raise `ValueError` if there is no such rule for case."""
    if case not in CASE_RULES:
        raise ValueError(f"case={case!r}: expected one of {', '.join(CASE_RULES)}")


def match(rows: Rows, words: Sequence[str], case: Case = FALLBACK) -> Matches:
    """Find the row of each word.

    Parameters
    ----------
    rows : Rows
    words : sequence of str
    case : {"fallback", "exact"}
        With ``"fallback"``, a word that has no row gets that of its lower case, title
        case or upper case, whichever there is first.

    Returns
    -------
    Matches
    """
    check_case(case)
    found = rows.rows(words)
    ways = {"exact": found >= 0}
    for name, spell in _SPELLINGS if case == FALLBACK else ():
        missing = np.flatnonzero(found < 0).tolist()
        respelt = {i: word for i in missing if (word := spell(words[i])) != words[i]}
        tried = np.fromiter(respelt, np.int64, len(respelt))
        found[tried] = rows.rows(respelt.values())
        ways[name] = np.zeros(len(found), np.bool_)
        ways[name][tried] = found[tried] >= 0
    return Matches(found, ways)
