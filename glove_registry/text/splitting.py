"""From a text to its words: punctuation goes, and white space divides what is left."""

import string
import sys
import unicodedata
from functools import cache


@cache
def find_marks() -> frozenset[str]:
    """Return the characters that a text loses.

    Returns
    -------
    frozenset of str
        All punctuation of Unicode (the categories that begin with P), and that of
        ASCII, some of which Unicode calls symbols.
    """
    characters = map(chr, range(sys.maxunicode + 1))
    marks = {c for c in characters if unicodedata.category(c).startswith("P")}
    return frozenset(marks.union(string.punctuation))


@cache
def _make_table() -> dict[int, None]:
    return dict.fromkeys(map(ord, find_marks()))


def strip_marks(text: str) -> str:
    """Return a text without its punctuation.

    Examples
    --------
    >>> strip_marks("“Well-made”, isn't it…")
    'Wellmade isnt it'
    """
    return text.translate(_make_table())


def split_text(text: str) -> list[str]:
    """Take the punctuation from a text, and split it at white space.

    Upper case stays: the rule for case finds the vector, and a cased release has it.

    Parameters
    ----------
    text : str

    Returns
    -------
    list of str

    Examples
    --------
    >>> from glove_registry.text.splitting import split_text
    >>> split_text("A “good” film, isn't it?")
    ['A', 'good', 'film', 'isnt', 'it']
    """
    return strip_marks(text).split()
