"""Tables of text whose columns are aligned, as wide as a person's terminal."""

import shutil
import sys
from collections.abc import Sequence

from .printable import make_line


def format_table(
    header: Sequence[str] | None,
    rows: Sequence[Sequence[str]],
    right: Sequence[str] = (),
    *,
    fit: bool = True,
) -> str:
    """Align rows into columns, each row on a line of its own.

    Parameters
    ----------
    header : sequence of str or None
        Names of the columns.
    rows : sequence of sequence of str
    right : sequence of str
        Names of the columns that are aligned at their right, as numbers are.
    fit : bool
        Whether lines are cut at the width of a terminal, where one is written to; not
        for what has to be read to its end.

    Returns
    -------
    str
        Lines without a trailing line feed.
    """
    lines = [[make_line(cell) for cell in row] for row in rows]
    if header:
        lines.insert(0, list(header))
    if not lines:
        return ""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    at_right = {i for i, name in enumerate(header or ()) if name in right}
    cut = fit and sys.stdout is not None and sys.stdout.isatty()
    room = shutil.get_terminal_size().columns if cut else None
    return "\n".join(
        "  ".join(
            cell.rjust(width) if i in at_right else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()[:room]
        for line in lines
    )
