"""Text that is safe to show: characters that do not print are escaped as in Python.

A registry, an archive, a server or a file's name can contain anything, and a terminal
obeys what it is sent: escape sequences recolor or overwrite what was printed before,
and bidirectional controls show a name in another order than it has.
"""

__all__ = ["is_shown", "make_line", "make_printable", "quote", "shorten"]

_LONGEST_QUOTE = 80


def make_printable(text: str) -> str:
    r"""Return a text in which all characters that do not print are escaped.

    Line feeds and tabs are kept. All other controls, invisible and bidirectional format
    characters, separators and lone surrogates are escaped.

    Examples
    --------
    >>> print(make_printable("red: \x1b[31m, reversed: \u202e"))
    red: \x1b[31m, reversed: \u202e
    """
    if text.isprintable():
        return text
    return "".join(c if is_shown(c) else repr(c)[1:-1] for c in text)


def is_shown(character: str) -> bool:
    """Return whether `make_printable` keeps a character."""
    return character.isprintable() or character in "\n\t"


def make_line(text: str) -> str:
    r"""Return a text as one line, in which line feeds and tabs are escaped, too.

    Examples
    --------
    >>> print(make_line("two\nlines"))
    two\nlines
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


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
    return shorten(line, _LONGEST_QUOTE)
