"""Characters as the tokenizers see them: what they become, and of which class they are.

Everything here goes character by character, so that a graph can do the same by a table.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import cache
from itertools import permutations

# Characters that only differ in how they are drawn, and what texts without typography
# have in their place. Texts that were decoded as Latin-1 by mistake have the controls
# U+0091 to U+0097 where Windows-1252 has quotes and dashes.
_REPLACED = {
    "'": "\u2018\u2019\u201a\u201b\u2032\u02bc\u00b4\uff07\x91\x92",
    '"': "\u201c\u201d\u201e\u201f\u2033\uff02\x93\x94",
    "-": "\u2010\u2011\u2012\u2212\ufe63\uff0d",
    "\u2013": "\x96",
    "\u2014": "\u2015\ufe58\x97",
    # A NUL means nothing, and the vocabulary of a graph cannot hold it.
    "\ufdd0": "\0",
}

_JOINERS = "\u200c\u200d"
_SELECTORS = "\ufe0e\ufe0f"

# The shape of a character that is not ASCII; that of ASCII is the character itself.
# All are of Latin-1, for which sets in regular expressions are fastest.
LETTER, CAPITAL, DIGIT = "ä", "Ä", "0"
MARK, JOINER, REGIONAL, OTHER = "¨", "¬", "¶", "·"


def replace_character(character: str) -> str:
    """Return what a character of a text becomes: one character or none.

    Invisible characters disappear: controls, soft hyphens, zero-width spaces, marks of
    direction and variation selectors. The two joiners stay, which belong to words in
    Persian and Hindi, and to emoji.
    """
    for new, old in _REPLACED.items():
        if character in old:
            return new
    if character in _JOINERS:
        return character
    is_invisible = unicodedata.category(character) in ("Cc", "Cf")
    if (is_invisible and not _is_tag(character)) or character in _SELECTORS:
        return ""
    # The sign of Kelvin is the letter K.
    same = unicodedata.normalize("NFC", character)
    return same if len(same) == 1 else character


def _is_tag(character: str) -> bool:
    """Return whether a character is part of the flags of England, Texas, ..."""
    return "\U000e0020" <= character <= "\U000e007f"


def find_shape(character: str) -> str:
    """Return the character that stands for all of its class in the rules.

    Letters have two, digits one; marks include the modifiers of emoji; all else is one
    class, symbols and emoji too. Unassigned characters, those for private use, and lone
    surrogates, which stand for bytes that are not UTF-8, count as letters.
    """
    if character.isascii():
        return character
    if character in _JOINERS:
        return JOINER
    if "\U0001f1e6" <= character <= "\U0001f1ff":
        return REGIONAL
    if "\U0001f3fb" <= character <= "\U0001f3ff" or _is_tag(character):
        return MARK
    category = unicodedata.category(character)
    if category in ("Lu", "Lt"):
        return CAPITAL
    if category[0] == "L" or category in ("Nl", "Cs", "Co", "Cn"):
        return LETTER
    if category[0] == "M":
        return MARK
    return DIGIT if category == "Nd" else OTHER


class _Table(dict[int, str]):
    """A function of characters as a table for `str.translate`, filled as it is used."""

    def __init__(self, function: Callable[[str], str]) -> None:
        self._function = function

    def __missing__(self, point: int) -> str:
        self[point] = found = self._function(chr(point))
        return found


_replacements, _shapes = _Table(replace_character), _Table(find_shape)


def clean(chunk: str) -> str:
    """Return a chunk of a text with each character replaced, and marks composed.

    A letter and all marks behind it become one character where Unicode's form NFC has
    one for them.
    """
    if chunk.isascii() and chunk.isprintable():
        return chunk
    replaced = chunk.translate(_replacements)
    if unicodedata.is_normalized("NFC", replaced):
        return replaced
    composed = find_composed()
    return _find_clusters().sub(lambda m: composed.get(m[0], m[0]), replaced)


@cache
def find_composed() -> dict[str, str]:
    """Return the characters that `clean` composes, by what they are composed of."""
    composed = {}
    for character in map(chr, range(0x12000)):
        base, *marks = [*unicodedata.normalize("NFD", character)]
        if not marks or unicodedata.category(marks[0])[0] != "M":
            continue
        for order in map("".join, permutations(marks)):
            for count in range(len(order)):
                sequence = _compose(base + order[:count]) + order[count:]
                if _compose(sequence) == character:
                    composed[sequence] = character
    return composed


def _compose(text: str) -> str:
    return unicodedata.normalize("NFC", text)


@cache
def _find_clusters() -> re.Pattern[str]:
    marks = {mark for sequence in find_composed() for mark in sequence[1:]}
    # Without a base, marks are no cluster.
    inside = re.escape("".join(sorted(marks)))
    return re.compile(f"[^{inside}][{inside}]+")


def draw_shape(cleaned: str) -> str:
    """Return the shapes of all characters, as long as the text itself."""
    return cleaned if cleaned.isascii() else cleaned.translate(_shapes)
