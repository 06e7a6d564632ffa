"""Text that is safe to show: what would not print is written as Python's repr does.

A registry, an archive, a server or a file's name can hold anything, and a terminal
obeys what it is sent: escape sequences recolor or rewrite what was said before, and
bidirectional controls show a name in another order than it has.
"""

__all__ = ["is_shown", "make_line", "make_printable", "shorten"]


def make_printable(text: str) -> str:
    r"""Return a text with every character escaped that does not print.

    Line feeds and tabs stay. All other controls, invisible and bidirectional format
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
    """Return whether a character of a text in several lines is shown as it is."""
    return character.isprintable() or character in "\n\t"


def make_line(text: str) -> str:
    r"""Return a text as one line, line feeds and tabs escaped like the rest.

    Examples
    --------
    >>> print(make_line("two\nlines"))
    two\nlines
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def shorten(text: str, limit: int) -> str:
    """Return a text of at most `limit` characters, its middle left out if need be.

    Examples
    --------
    >>> shorten("a name without an end", 12)
    'a na ... end'
    """
    if len(text) <= limit:
        return text
    end = (limit - 5) // 2
    return f"{text[: limit - 5 - end]} ... {text[len(text) - end :]}"
