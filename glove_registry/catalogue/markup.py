"""HTML as elements and text, so that no text of a registry ever becomes markup."""

import html
import re

# What HTML has no way to write, control characters and halves of surrogate pairs; and
# what turns the order, or breaks the line, of the text that stands around it.
_UNFIT = re.compile(
    "[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\U0010ffff]"
    "|[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]"
)


class Markup(str):
    """HTML, to be taken as it is; any other string is text, to be escaped."""

    __slots__ = ()


def clean(text: str) -> str:
    """Replace each character that has no place in a page, as a browser does some."""
    return _UNFIT.sub("\ufffd", text)


def element(
    tag: str, /, *content: str | None, **attributes: str | bool | None
) -> Markup:
    """Make an element of its content and attributes.

    Parameters
    ----------
    tag : str
    *content : str or None
        Text, which is escaped, or `Markup`; None is nothing.
    **attributes : str, bool or None
        ``class_`` stands for ``class`` and ``data_copy`` for ``data-copy``; True has no
        value, None and False are left out.

    Examples
    --------
    >>> element("p", "1 < 2", element("b", "&"), class_="note")
    '<p class="note">1 &lt; 2<b>&amp;</b></p>'
    """
    start = tag
    for name, value in attributes.items():
        if value is None or value is False:
            continue
        start += f" {name.rstrip('_').replace('_', '-')}"
        if value is not True:
            start += f'="{_escape(value)}"'
    return Markup(f"<{start}>{join(*content)}</{tag}>")


def join(*content: str | None) -> Markup:
    """Put pieces of text and `Markup` one after the other; None is nothing."""
    return Markup(
        "".join(
            piece if isinstance(piece, Markup) else _escape(piece)
            for piece in content
            if piece is not None
        )
    )


def _escape(text: str) -> str:
    return html.escape(clean(text))
