"""Find the row of each word, in another case if it has none as it is written."""

from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from .rows import Rows

Case: TypeAlias = Literal["fallback", "exact"]
CASE_RULES: tuple[Case, ...] = get_args(Case)

# Tried in this order. In a release of lower-case words the last two find nothing, so
# the same rule serves both kinds of release.
SPELLINGS: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("lower case", str.lower),
    ("title case", str.title),
    ("upper case", str.upper),
)


class Matches(NamedTuple):
    """The row of each word, and the spelling that found it."""

    rows: NDArray[np.int64]  # -1 for a word without a vector
    # The words that "exact", "lower case", ... found: each word by one at most.
    ways: dict[str, NDArray[np.bool_]]

    @property
    def found(self) -> NDArray[np.bool_]:
        """Which words have a vector."""
        return self.rows >= 0


def check_case(case: object) -> None:
    """Raise `ValueError` if `case` is not the name of a rule."""
    if case not in CASE_RULES:
        raise ValueError(f"case={case!r}: expected one of {', '.join(CASE_RULES)}")


def match_words(
    vectors: Rows, words: Sequence[str], case: Case = "fallback"
) -> Matches:
    """Return the row of each word by a rule for case.

    With ``"fallback"``, a word without a vector gets that of its lower case, title case
    or upper case, whichever exists first.
    """
    check_case(case)
    rows = vectors.rows(words)
    ways = {"exact": rows >= 0}
    for way, spell in SPELLINGS if case == "fallback" else ():
        missing = np.flatnonzero(rows < 0).tolist()
        respelled = {i: word for i in missing if (word := spell(words[i])) != words[i]}
        ways[way] = np.zeros(len(rows), np.bool_)
        if respelled:
            tried = np.fromiter(respelled, np.int64, len(respelled))
            rows[tried] = vectors.rows(respelled.values())
            ways[way][tried] = rows[tried] >= 0
    return Matches(rows, ways)
