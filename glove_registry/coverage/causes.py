"""Why words have no vector: each rule is tried out on the vectors themselves."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, compress

import numpy as np
from numpy.typing import NDArray

from ..lookup.case import Case, match_words
from ..lookup.rows import Rows
from .quote import quote
from .rules import make_rules

# No rule tells more of these: they may be rare, misspelt, or common words of another
# corpus, or of the part of a release that these vectors are not.
UNKNOWN = "unknown words"
_LONGEST = 20


@dataclass(frozen=True, slots=True)
class Group:
    """Words that have no vector for one reason.

    Attributes
    ----------
    cause : str
    remedy : str or None
        What would mend it, with an example; None if nothing would.
    words : ndarray of int64
        Which of the words that were asked about, in their order.
    """

    cause: str
    remedy: str | None
    words: NDArray[np.int64]


def group_by_cause(rows: Rows, words: Sequence[str], case: Case) -> list[Group]:
    """Find out why words have no vector.

    Parameters
    ----------
    rows : Rows
    words : sequence of str
        That have none.
    case : {"fallback", "exact"}
        How they were looked for.

    Returns
    -------
    list of Group
        Each word is in one of them. What no rule explains comes last.
    """
    groups = []
    left: Sequence[int] = range(len(words))
    for rule in make_rules(rows, case):
        tried = {i: p for i in left if (p := rule.respell(words[i])) is not None}
        # Many words have the same pieces.
        pieces = list(set(chain.from_iterable(tried.values())))
        found = set(compress(pieces, match_words(rows, pieces).found))
        mended = {i: p for i, p in tried.items() if found.issuperset(p)}
        if mended:
            first = next(iter(mended))
            remedy = f"{rule.remedy} ({_show(words[first], mended[first])})"
            groups.append(Group(rule.name, remedy, np.array(list(mended))))
            left = [i for i in left if i not in mended]
    if left:
        groups.append(Group(UNKNOWN, None, np.array(left)))
    return groups


def _show(word: str, pieces: Sequence[str]) -> str:
    """Show how a word would have to be written."""
    written = " ".join(pieces)
    shown = quote(word, _LONGEST)
    if written not in ("", word):
        shown += f" as {quote(written, _LONGEST)}"
    return shown
