"""Which spellings in a text mean which word, by the rules of `lookup`."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from ...lookup.rows import Rows
from ...text.splitting import strip_marks

_PLACEHOLDER = re.compile(r"<[^<>\s]+>")
# Lone surrogates are bytes that are not UTF-8, and TensorFlow has no such text. A NUL
# alone is an empty string to numpy, and so to a layer that is loaded.
_REACHABLE = re.compile(r"[^\s\0\ud800-\udfff]+")

# Two capital letters have no lower case of their own: a sigma's depends on what stands
# around it, and a dotted I becomes two characters. Lowered alone, each becomes one
# that no text has, and the spellings below hold all that it can stand for.
LOWERED_ALONE = {"\u03a3": "\ufdd0", "\u0130": "\ufdd1"}
_RAISED = str.maketrans({alone: letter for letter, alone in LOWERED_ALONE.items()})
_VARYING = re.compile("(\u03c3|\u03c2|i\u0307)")
_ALONE = {"\u03c3": "\ufdd0", "\u03c2": "\ufdd0", "i\u0307": "\ufdd1"}
# Letters in a word of which every combination is a spelling.
_MOST_VARYING = 6


def lower_alone(character: str) -> str:
    """Return the lower case of one character, always one character."""
    return LOWERED_ALONE.get(character) or character.lower()


@dataclass(frozen=True, slots=True)
class Spellings:
    """What a text may have for words, where every spelling means one word or none.

    Attributes
    ----------
    words : list of str
        Tokens of the release that a text can have.
    own : list of str
        How each of `words` is spelled in a text.
    others : mapping of str to int
        More spellings, lowered letter by letter, and the position of the word that
        each means in `words`; -1 for a word of the release that is not in `words`.
    """

    words: list[str]
    own: list[str]
    others: Mapping[str, int]


def find_spellings(rows: Rows, tokens: Collection[str]) -> Spellings:
    """Find how texts spell some tokens of a release.

    A text's word that is no spelling is looked for again in lower case, letter by
    letter; together this is the rule of ``case="fallback"``.

    Parameters
    ----------
    rows : Rows
    tokens : collection of str
        Without repetitions.

    Returns
    -------
    Spellings
    """
    # "well-made" is met as "wellmade", which is what becomes of it in a text. Where
    # two words become one, the one that is spelled so goes first.
    stripped = [*zip(map(_strip, tokens), tokens, strict=True)]
    met = {text: token for text, token in stripped if text == token}
    for text, token in stripped:
        met.setdefault(text, token)
    met = {text: token for text, token in met.items() if _REACHABLE.fullmatch(text)}
    positions = dict(zip(met, range(len(met)), strict=True))
    others = {}
    if len(tokens) < len(rows):
        # "Apple" is not "apple" if the release has both, and only one is wanted.
        lowered = {text.lower() for text in met}
        for token in rows.tokens:
            if token.lower() in lowered or is_placeholder(token):
                others[token] = -1
        others = {token: -1 for token in others if token not in positions}
    known = positions | others
    for text in known:
        lower = text.lower()
        for spelling in (lower,) if lower.isascii() else _vary(lower):
            if spelling not in known:
                word = spelling.translate(_RAISED)
                for same in (word.lower(), word.title(), word.upper()):
                    if same in known:
                        others[spelling] = known[same]
                        break
    return Spellings([*met.values()], [*met], others)


def is_placeholder(token: str) -> bool:
    """Return whether a token keeps its marks, as ``<user>`` of glove.twitter does.

    Such a token is a word of its own wherever it stands in a text.
    """
    return token[:1] == "<" and _PLACEHOLDER.fullmatch(token) is not None


def _strip(token: str) -> str:
    return token if is_placeholder(token) else strip_marks(token)


def _vary(word: str) -> Iterator[str]:
    """Give all that becomes a word in lower case, lowered letter by letter."""
    parts = _VARYING.split(word)
    if 3 <= len(parts) <= 2 * _MOST_VARYING + 1:
        for chosen in product(*((part, _ALONE.get(part, part)) for part in parts)):
            yield "".join(chosen)
    else:
        yield word
