"""Words as they can be shown on a terminal, whatever is in them."""

import unicodedata
from collections.abc import Iterable, Sequence

WIDTH = 80
# A letter or two of a word say nothing.
_LEAST_ROOM = 8


def quote(word: str, room: int) -> str:
    r"""Give a word in quotes, on `room` columns if that is enough for them.

    What does not print is escaped as in Python, and dots behind the quotes say that
    the word goes on.

    Examples
    --------
    >>> print(quote("it's", 20), quote("a\tb", 20), quote("abcdefghijkl", 10))
    "it's" 'a\tb' 'abcde'...
    """
    for kept in range(max(0, min(len(word), room)), -1, -1):
        shown = repr(word[:kept]) + ("..." if kept < len(word) else "")
        if count_columns(shown) <= room:
            break
    return shown


def quote_some(words: Sequence[str], room: int) -> str:
    """Give as many words in quotes as there is room for."""
    shown = ""
    for word in words if room >= _LEAST_ROOM else ():
        more = f"{shown} {quote(word, room)}".lstrip()
        if count_columns(more) > room:
            break
        shown = more
    return shown


def count_columns(text: str) -> int:
    r"""Count the columns of a terminal that a printable text takes.

    Examples
    --------
    >>> count_columns("film"), count_columns("\u6620\u753b"), count_columns("e\u0301")
    (4, 4, 1)
    """
    return len(text) if text.isascii() else sum(map(_measure, text))


def fill(label: str, pieces: Iterable[str], lines: int | None = None) -> list[str]:
    """Put pieces of text side by side behind a label, on lines of `WIDTH` columns.

    Parameters
    ----------
    label : str
    pieces : iterable of str
        None of them is broken.
    lines : int, optional
        How many there may be; pieces that do not fit are left out.
    """
    room = WIDTH - len(label)
    filled = [""]
    for piece in pieces:
        longer = f"{filled[-1]} {piece}".lstrip()
        if filled[-1] and count_columns(longer) > room:
            if len(filled) == lines:
                break
            filled.append(piece)
        else:
            filled[-1] = longer
    return [(" " * len(label) if i else label) + line for i, line in enumerate(filled)]


def _measure(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
