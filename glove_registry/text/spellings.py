"""All spellings in texts that mean a token, for code that cannot call Python."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from ..lookup.case import SPELLINGS
from ..lookup.rows import Rows
from .words import is_placeholder, strip_punctuation

# Lone surrogates stand for bytes that are not UTF-8, which TensorFlow's texts cannot
# hold. numpy, and so a loaded layer, takes a NUL alone for an empty string.
_REACHABLE = re.compile(r"[^\s\0\ud800-\udfff]+")

# Two capital letters cannot be lowered without their context: a sigma's lower case
# depends on its neighbours, and a dotted I becomes two characters. Letter by letter,
# each becomes a character that no text has, whose every meaning is a spelling.
LOWERED_ALONE = {"\u03a3": "\ufdd0", "\u0130": "\ufdd1"}
_RAISED = str.maketrans({alone: letter for letter, alone in LOWERED_ALONE.items()})
_VARYING = re.compile("(\u03c3|\u03c2|i\u0307)")
_ALONE = {"\u03c3": "\ufdd0", "\u03c2": "\ufdd0", "i\u0307": "\ufdd1"}
# Up to this many such letters in a word, each combination of them is a spelling.
_MOST_VARYING = 6


def lower_alone(character: str) -> str:
    """Return the lower case of one character, always one character."""
    return LOWERED_ALONE.get(character) or character.lower()


@dataclass(frozen=True, slots=True)
class Spellings:
    """Spellings in texts, each of which means one token or none.

    Attributes
    ----------
    tokens : list of str
        Tokens of the release that a text can contain.
    own : list of str
        The spelling of each of `tokens` in a text.
    others : mapping of str to int
        Further spellings, lowered letter by letter, and the position in `tokens` of
        the one that each means; -1 for tokens of the release that are not in `tokens`.
    """

    tokens: list[str]
    own: list[str]
    others: Mapping[str, int]


def find_spellings(vectors: Rows, tokens: Collection[str]) -> Spellings:
    """Return how texts spell some tokens of a release.

    A word of a text that is none of the spellings is tried again in lower case, letter
    by letter. Together, this is the rule of ``case="fallback"``.

    Parameters
    ----------
    vectors : Rows
    tokens : collection of str
        Without duplicates.

    Returns
    -------
    Spellings
    """
    # Texts lose their punctuation, so that the token "well-made" is found as
    # "wellmade". If two tokens share a spelling, the one equal to it comes first.
    spelled = {token: _spell(token) for token in tokens}
    own = {spelling: token for token, spelling in spelled.items() if token == spelling}
    for token, spelling in spelled.items():
        own.setdefault(spelling, token)
    own = {s: token for s, token in own.items() if _REACHABLE.fullmatch(s)}
    positions = {spelling: position for position, spelling in enumerate(own)}
    others = {}
    if len(tokens) < len(vectors):
        # "Apple" is not "apple" if the release has both and only one is wanted.
        lowered = {spelling.lower() for spelling in own}
        for token in vectors.tokens:
            if token.lower() in lowered or is_placeholder(token):
                others[token] = -1
        others = {token: -1 for token in others if token not in positions}
    known = positions | others
    for spelling in known:
        lower = spelling.lower()
        for variant in (lower,) if lower.isascii() else _vary(lower):
            if variant not in known:
                word = variant.translate(_RAISED)
                for _, respell in SPELLINGS:
                    if (same := respell(word)) in known:
                        others[variant] = known[same]
                        break
    return Spellings([*own.values()], [*own], others)


def _spell(token: str) -> str:
    return token if is_placeholder(token) else strip_punctuation(token)


def _vary(word: str) -> Iterator[str]:
    """Yield all spellings, lowered letter by letter, whose lower case is `word`."""
    parts = _VARYING.split(word)
    if 3 <= len(parts) <= 2 * _MOST_VARYING + 1:
        for chosen in product(*((part, _ALONE.get(part, part)) for part in parts)):
            yield "".join(chosen)
    else:
        yield word
