"""Tables for notebooks: plain HTML without colours, so that a dark page stays dark."""

import html
from collections.abc import Iterable, Sequence

from .printable import make_line

# Inline, as some pages drop style sheets; and spaces at the beginning are kept.
_LEFT = "text-align:left;white-space:pre-wrap"
_RIGHT = "text-align:right"


def escape_html(text: str) -> str:
    """Return a text as HTML that shows it on one line, whatever it contains.

    Examples
    --------
    >>> escape_html("<unk> & co")
    '&lt;unk&gt; &amp; co'
    """
    return html.escape(make_line(text))


def format_html_table(
    header: Sequence[str] | None,
    rows: Iterable[Sequence[str]],
    right: Sequence[str] = (),
    *,
    notes: Iterable[str] = (),
) -> str:
    """Return rows as a table, with a paragraph for each note below it.

    Parameters
    ----------
    header : sequence of str or None
        Names of the columns.
    rows : iterable of sequence of str
    right : sequence of str
        Names of the columns to align at the right, such as numbers.
    notes : iterable of str
    """
    styles = [_RIGHT if name in right else _LEFT for name in header or ()]

    def join(cells: Sequence[str], tag: str) -> str:
        shown = (
            f'<{tag} style="{style}">{escape_html(cell)}</{tag}>'
            for cell, style in zip(cells, styles or [_LEFT] * len(cells), strict=True)
        )
        return f"<tr>{''.join(shown)}</tr>"

    head = f"<thead>{join(header, 'th')}</thead>" if header else ""
    body = "".join(join(row, "td") for row in rows)
    below = "".join(f"<p>{escape_html(note)}</p>" for note in notes)
    return f"<table>{head}<tbody>{body}</tbody></table>{below}"


def format_html_facts(facts: Iterable[tuple[str, object]]) -> str:
    """Return facts as a table of names and values; those without a value are left out.

    Several values of one fact, a tuple, are separated by commas.
    """
    rows = []
    for name, value in facts:
        if value is None or value == "" or value == ():
            continue
        several = value if isinstance(value, tuple) else (value,)
        rows.append((name, ", ".join(map(_show, several))))
    return format_html_table(None, rows)


def _show(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,}" if isinstance(value, int) else " ".join(str(value).split())
