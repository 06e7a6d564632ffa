"""The word that an unknown one may be a misspelling of."""

from collections.abc import Iterator

from ..lookup.rows import Rows

# The letters of the most frequent words are those of the language.
_LEADING = 2_000
# Words to compare, one by one, if no single edit leads to a word.
_COMMON = 50_000
# The time of a comparison grows with the square of the length.
_LONGEST = 40
_ALIKE = 0.75


def find_near_word(rows: Rows, word: str) -> str | None:
    """Return the most frequent word that is one edit away, or a word spelled alike.

    An edit inserts, removes or replaces a letter, or exchanges two neighbours. A word
    spelled alike is a frequent one with the same first letter.
    """
    if not 1 < len(word) <= _LONGEST:
        return None
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
