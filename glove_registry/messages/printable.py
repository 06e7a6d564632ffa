"""Text that is safe to show: characters that do not print are escaped as in Python.

A registry, an archive, a server or a file's name can contain anything, and a terminal
obeys what it is sent: escape sequences recolor or overwrite what was printed before,
and bidirectional controls show a name in another order than it has.
"""

from collections.abc import Callable

__all__ = ["make_line", "make_printable", "quote", "replace_unprintable", "shorten"]

_LONGEST_QUOTE = 80

# Letters and marks that are not drawn, although Python calls them printable: those of
# https://www.unicode.org/reports/tr44/#Default_Ignorable_Code_Point, but for the two
# selectors by which an emoji is drawn as a text or as a picture.
_INVISIBLE = (
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u3164\uffa0"
    + "".join(map(chr, [*range(0xFE00, 0xFE0E), *range(0xE0100, 0xE01F0)]))
)

MOST_MARKS = 4
"""Marks in a row that are kept. More would be drawn over the lines around them; see
https://www.unicode.org/reports/tr39/#Optional_Detection."""


def make_printable(text: str) -> str:
    r"""Return a text in which all characters that do not print are escaped.

    Line feeds and tabs are kept. All other controls, invisible and bidirectional format
    characters, separators, lone surrogates, and marks after four on one letter are
    escaped.

    Examples
    --------
    >>> print(make_printable("red: \x1b[31m, reversed: \u202e"))
    red: \x1b[31m, reversed: \u202e
    """
    return _escape(text, "\n\t")


def make_line(text: str) -> str:
    r"""Return a text as one line, in which line feeds and tabs are escaped, too.

    Examples
    --------
    >>> print(make_line("two\nlines"))
    two\nlines
    """
    return _escape(text, "")


def replace_unprintable(text: str) -> str:
    """Return a text with U+FFFD where `make_printable` escapes, as in BibTeX.

    There, the backslash of an escape would begin a command.
    """
    return _escape(text, "\n\t", lambda character: "\ufffd")


def _is_drawn(character: str) -> bool:
    return character.isprintable() and character not in _INVISIBLE


def _show_code(character: str) -> str:
    return ascii(character)[1:-1]


def _escape(text: str, kept: str, escape: Callable[[str], str] = _show_code) -> str:
    if text.isascii() and text.isprintable():
        return text
    from unicodedata import category  # not needed to load vectors

    shown = []
    marks = 0
    for character in text:
        marks = marks + 1 if category(character) in ("Mn", "Me") else 0
        is_kept = character in kept or (_is_drawn(character) and marks <= MOST_MARKS)
        shown.append(character if is_kept else escape(character))
    return "".join(shown)


def shorten(text: str, limit: int) -> str:
    """Return a text of at most `limit` characters, with its middle left out if needed.

    Examples
    --------
    >>> shorten("a name without an end", 12)
    'a na ... end'
    """
    if len(text) <= limit:
        return text
    end = (limit - 5) // 2
    return f"{text[: limit - 5 - end]} ... {text[len(text) - end :]}"


def quote(value: object) -> str:
    """Return the repr of a value for a message: one line, shortened if it is long.

    Examples
    --------
    >>> quote("film"), len(quote("x" * 5000))
    ("'film'", 80)
    """
    line = " ".join(part.strip() for part in repr(value).splitlines())
    return shorten(make_line(line), _LONGEST_QUOTE)
