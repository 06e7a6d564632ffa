"""From a text to its words."""

import re
import string
import sys
import unicodedata
from functools import cache

_PLACEHOLDER = re.compile(r"<[^<>\s]+>")


@cache
def find_punctuation() -> frozenset[str]:
    """Return the characters that are removed from texts.

    Returns
    -------
    frozenset of str
        All punctuation of Unicode (the categories that begin with P), and that of
        ASCII, some of which Unicode calls symbols.
    """
    characters = map(chr, range(sys.maxunicode + 1))
    found = {c for c in characters if unicodedata.category(c).startswith("P")}
    return frozenset(found.union(string.punctuation))


@cache
def _make_table() -> dict[int, None]:
    return dict.fromkeys(map(ord, find_punctuation()))


def strip_punctuation(text: str) -> str:
    """Return a text without its punctuation.

    Examples
    --------
    >>> strip_punctuation("“Well-made”, isn't it…")
    'Wellmade isnt it'
    """
    return text.translate(_make_table())


def split_text(text: str) -> list[str]:
    """Return the words of a text: without punctuation, split at white space.

    Upper case is kept, as some releases distinguish it.

    Examples
    --------
    >>> from glove_registry.text.words import split_text
    >>> split_text("A “good” film, isn't it?")
    ['A', 'good', 'film', 'isnt', 'it']
    """
    return strip_punctuation(text).split()


def is_placeholder(token: str) -> bool:
    """Return whether a token keeps its punctuation, as ``<user>`` of glove.twitter."""
    return token[:1] == "<" and _PLACEHOLDER.fullmatch(token) is not None
