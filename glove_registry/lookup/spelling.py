"""The word that an unknown one may be a misspelling of."""

from collections.abc import Iterable, Iterator
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ..store import Tokens

# The letters of the most frequent words are those of the language.
_LEADING = 2_000
# Words to compare, one by one, if no single edit leads to a word.
_COMMON = 50_000
# The time of a comparison grows with the square of the length.
_LONGEST = 40
_ALIKE = 0.75


class Known(Protocol):
    """What has words: `Rows`, which itself needs this module."""

    @property
    def tokens(self) -> Tokens:
        """All words."""

    def rows(self, words: Iterable[str]) -> NDArray[np.int64]:
        """Return the number of each word, -1 for an unknown one."""


class UnknownWord:
    """The sentence about a word without a vector, made when it is shown.

    A search for a similar word takes up to a tenth of a second: too much for whoever
    catches the error of each unknown word of a text, and does not show it.
    """

    def __init__(self, sentence: str, known: Known, word: str) -> None:
        self._sentence = sentence
        self._known = known
        self._word = word

    def __str__(self) -> str:
        near = find_near_word(self._known, self._word)
        advice = (
            (f"did you mean {near!r}? Test" if near else "test")
            + " `word in vectors` first, or use lookup(), which tries other cases and "
            "then returns zeros"
        )
        if len(self._word.split()) > 1:
            advice += "; with oov='parts', the mean of the vectors of its parts"
        return f"{self._sentence}: {advice}"

    def __repr__(self) -> str:
        return repr(str(self))

    def __reduce__(self) -> tuple[Any, ...]:
        # Another process need not have the vectors.
        return str, (str(self),)


def find_near_word(rows: Known, word: str) -> str | None:
    """Return the word in another case, or one that this may be a misspelling of.

    That is the most frequent word that is one edit away, or else a word spelled alike.
    An edit inserts, removes or replaces a letter, or exchanges two neighbours. A word
    spelled alike is a frequent one with the same first letter.
    """
    if not 1 < len(word) <= _LONGEST:
        return None
    cases = word.lower(), word.title(), word.upper()
    for row in rows.rows(cases).tolist():
        if row >= 0:
            return rows.tokens[int(row)]
    letters = set("".join(rows.tokens[:_LEADING]))
    edited = {
        near for spelling in {word, word.lower()} for near in _edit(spelling, letters)
    }
    found = rows.rows(edited)
    if (found >= 0).any():
        return rows.tokens[int(found[found >= 0].min())]
    import difflib  # here, as few words are unknown

    alike = [
        token
        for token in rows.tokens[:_COMMON]
        if token[:1] == word[0].lower() and abs(len(token) - len(word)) <= 2
    ]
    near = difflib.get_close_matches(word.lower(), alike, n=1, cutoff=_ALIKE)
    return near[0] if near else None


def _edit(word: str, letters: set[str]) -> Iterator[str]:
    for i in range(len(word) + 1):
        left, right = word[:i], word[i:]
        for letter in letters:
            yield f"{left}{letter}{right}"
        if right:
            yield left + right[1:]
            for letter in letters:
                yield f"{left}{letter}{right[1:]}"
        if len(right) > 1:
            yield f"{left}{right[1]}{right[0]}{right[2:]}"
