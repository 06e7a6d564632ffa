"""Sizes and tables as people read them."""

import sys
from collections.abc import Sequence

from .printable import make_line


def format_bytes(count: int) -> str:
    """Return a size in decimal units, as download pages do.

    Examples
    --------
    >>> format_bytes(862_182_613)
    '862 MB'
    >>> format_bytes(1_520_408_563)
    '1.5 GB'
    """
    size = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000 or unit == "GB":
            break
        size /= 1000
    return f"{size:.1f} {unit}" if size < 10 and unit != "B" else f"{size:.0f} {unit}"


def format_sources(count: int) -> str:
    """Return how many public sources give a checksum.

    Examples
    --------
    >>> format_sources(1), format_sources(2)
    ('1 public source', '2 independent public sources')
    """
    return "1 public source" if count == 1 else f"{count:,} independent public sources"


def format_table(
    header: Sequence[str] | None,
    rows: Sequence[Sequence[str]],
    right: Sequence[str] = (),
    *,
    fit: bool = True,
) -> str:
    """Return rows as lines of aligned columns.

    Parameters
    ----------
    header : sequence of str or None
        Names of the columns.
    rows : sequence of sequence of str
    right : sequence of str
        Names of the columns to align at the right, such as numbers.
    fit : bool
        Whether to cut lines at the width of the terminal, if standard output is one.
    """
    import shutil  # not needed to load vectors

    lines = [[make_line(cell) for cell in row] for row in rows]
    if header:
        lines.insert(0, list(header))
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    at_right = {i for i, name in enumerate(header or ()) if name in right}
    cut = fit and sys.stdout is not None and sys.stdout.isatty()
    columns = shutil.get_terminal_size().columns if cut else None
    return "\n".join(
        "  ".join(
            cell.rjust(width) if i in at_right else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()[:columns]
        for line in lines
    )
