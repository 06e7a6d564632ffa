"""Tables in Markdown, as GitHub has it, whose cells cannot mean anything else."""

import re
from collections.abc import Iterable, Sequence

from .printable import make_line

_MEANT = re.compile(r"([\\`*_\[\]|~<>&])")


def escape_markdown(text: str) -> str:
    r"""Return a text as one line that Markdown shows as it is.

    Examples
    --------
    >>> print(escape_markdown("<unk> | a_b"))
    \<unk\> \| a\_b
    """
    return _MEANT.sub(r"\\\1", make_line(text))


def format_markdown_table(
    header: Sequence[str],
    rows: Iterable[Sequence[str]],
    right: Sequence[str] = (),
) -> str:
    """Return rows as a table, whose cells are Markdown.

    Parameters
    ----------
    header : sequence of str
        Names of the columns.
    rows : iterable of sequence of str
    right : sequence of str
        Names of the columns to align at the right, such as numbers.
    """
    ruler = ["---:" if name in right else "---" for name in header]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (header, ruler, *rows))
