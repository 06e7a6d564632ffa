"""The rules of ``case="fallback"`` for the words of a graph, letter by letter.

Python's lower, title and upper case of a letter depend on its neighbours in two ways
alone: a letter of a title is large unless a cased character precedes it, and the lower
case of a sigma is another one at the end of a word (section 3.13 of the Unicode
Standard).
"""

from collections.abc import Callable, Collection
from functools import cache

from .characters import encode
from .letters import Spell, Spelling, Words

_SIGMA, _SMALL_SIGMA, _FINAL_SIGMA = "\u03a3", "\u03c3", "\u03c2"
_CASES: tuple[Callable[[str], str], ...] = (str.lower, str.title, str.upper)


def find_letters(words: Collection[str], spell: Spell) -> set[str]:
    """Return the characters that can be part of one of the words, in some case.

    Parameters
    ----------
    words : collection of str
    spell : callable
        From a character to what it becomes first.
    """
    used = set("".join(words))
    letters = {
        letter
        for letter, forms in _find_forms(spell).items()
        if any(map(used.issuperset, forms))
    }
    return letters | used | {_SIGMA}


@cache
def _find_forms(spell: Spell) -> dict[str, set[str]]:
    """Return what characters become, in all cases, if that is not always the same."""
    forms = {}
    # Beyond these, no letter has two cases.
    for letter in map(chr, range(1, 0x20000)):
        spelled = spell(letter)
        found = {spelled, *(case(spelled) for case in _CASES)}
        if found != {letter}:
            forms[letter] = found
    return forms


def fold(word: str) -> str:
    """Return a string that is the same for all words that differ in case alone."""
    return word.upper().casefold().upper()


def spell_cases(
    words: Words, spell: Spell, known: Collection[str], lowers: bool
) -> list[Spelling]:
    """Return the spellings of words in the order in which they are looked up.

    Parameters
    ----------
    words : Words
    spell : callable
        From each character to what it becomes first.
    known : collection of str
        Words to find. Title and upper case are left out if none of these has them.
    lowers : bool
        Whether words are in lower case from the start.

    Returns
    -------
    list of Spelling
        As it is (unless `lowers`), in lower case, in title case, in upper case.
    """
    characters = words.characters
    lower = _lower(words, spell, set("".join(known)))
    spellings = [lower] if lowers else [characters.spell(spell), lower]

    def start(character: str) -> str:
        spelled = spell(character)
        return spelled.lower() if lowers else spelled

    cased = [word for word in known if word != word.lower()]
    if any(word == word.title() for word in cased):
        title = characters.spell(lambda c: start(c).title())
        marks = characters.mark(lambda c: _is_cased(start(c)[-1:]))
        preceded = words.look_aside(marks, words.kept, 1)
        spellings.append(characters.choose(preceded, lower, title))
    if any(word == word.upper() for word in cased):
        spellings.append(characters.spell(lambda c: start(c).upper()))
    return spellings


def _lower(words: Words, spell: Spell, used: Collection[str]) -> Spelling:
    """Return the lower case of words, whose known ones use some characters."""
    characters = words.characters
    lower = characters.spell(lambda c: spell(c).lower())
    if _FINAL_SIGMA not in used and _SMALL_SIGMA not in used:
        return lower
    marks = characters.mark(lambda c: _is_cased(spell(c)))
    among = characters.mark(lambda c: not _is_ignorable(spell(c)))
    before, after = (words.look_aside(marks, among, step) for step in (1, -1))
    sigma = characters.mark(lambda c: spell(c) == _SIGMA)
    (difference,) = encode(_FINAL_SIGMA) - encode(_SMALL_SIGMA)
    final = sigma * before
    final -= final * after
    first, *others = lower.numbers
    return Spelling([first + final * int(difference), *others], lower.lengths)


def _is_cased(character: str) -> bool:
    """Return whether Python takes a character for a letter that has a case."""
    return (character + "a").title()[-1] == "a"


def _is_ignorable(character: str) -> bool:
    """Return whether a sigma's place in a word does not depend on a character."""
    skipped = ("a" + character + _SIGMA).lower().endswith(_FINAL_SIGMA)
    return skipped and (character + _SIGMA).lower().endswith(_SMALL_SIGMA)
