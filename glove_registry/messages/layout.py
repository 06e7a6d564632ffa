"""Sizes and tables as people read them."""

import sys
from collections.abc import Container, Sequence

from .printable import MOST_MARKS, make_line

# A column of text that is narrower says nothing.
_LEAST = 8
_LEAST_LAST = 12


def format_bytes(count: int) -> str:
    """Return a size in decimal units, as download pages do.

    Examples
    --------
    >>> format_bytes(862_182_613)
    '862 MB'
    >>> format_bytes(1_520_408_563), format_bytes(999_999), format_bytes(9_960_000)
    ('1.5 GB', '1.0 MB', '10 MB')
    """
    size = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if size < 999.5 or unit == "GB":  # what is rounded to 1000 is 1.0 of the next
            break
        size /= 1000
    return f"{size:.1f} {unit}" if size < 9.95 and unit != "B" else f"{size:.0f} {unit}"


def format_count(count: int, noun: str, plural: str | None = None) -> str:
    """Return a number of things; their plural ends with an s unless it is given.

    Examples
    --------
    >>> format_count(1, "row"), format_count(10_000, "row")
    ('1 row', '10,000 rows')
    >>> format_count(2, "miss", "misses")
    '2 misses'
    """
    return f"{count:,} {noun if count == 1 else plural or f'{noun}s'}"


def format_sources(count: int) -> str:
    """Return how many public sources give a checksum.

    Examples
    --------
    >>> format_sources(1), format_sources(2)
    ('1 public source', '2 independent public sources')
    """
    return "1 public source" if count == 1 else f"{count:,} independent public sources"


def count_columns(text: str) -> int:
    r"""Return the number of a terminal's columns that a printable text takes.

    Examples
    --------
    >>> count_columns("film"), count_columns("\u6620\u753b"), count_columns("e\u0301")
    (4, 4, 1)
    """
    if text.isascii():
        return len(text)
    import unicodedata  # not needed to load vectors

    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    combining = sum(unicodedata.category(c) in ("Mn", "Me") for c in text)
    return len(text) + wide - combining


def find_width() -> int | None:
    """Return the width of standard output in columns; None if it is no terminal."""
    if sys.stdout is None or not sys.stdout.isatty():
        return None
    import shutil  # not needed to load vectors

    return shutil.get_terminal_size().columns


def format_table(
    header: Sequence[str] | None,
    rows: Sequence[Sequence[str]],
    right: Sequence[str] = (),
    *,
    fit: bool = True,
    least: Sequence[str] = (),
) -> str:
    """Return rows as lines of aligned columns.

    Parameters
    ----------
    header : sequence of str or None
        Names of the columns.
    rows : sequence of sequence of str
    right : sequence of str
        Names of the columns to align at the right, such as numbers; they are shown
        whole or not at all.
    fit : bool
        Whether to leave out what does not fit the width of the terminal, if standard
        output is one. An ellipsis shows where.
    least : sequence of str
        Names of columns that are left out before the last one is, the first ones first.
    """
    lines = [list(map(make_line, row)) for row in ([header, *rows] if header else rows)]
    room = find_width() if fit else None
    if room is not None and least:
        lines = _make_room(lines, least, room)
    widths = _measure(lines)
    at_right = {i for i, name in enumerate(lines[0]) if header and name in right}
    shown = widths if room is None else _choose_widths(widths, at_right, room)
    mark = _find_ellipsis() if len(shown) < len(widths) else ""
    joined = (
        "  ".join(
            _align(cell, width, at_right=i in at_right)
            for i, (cell, width) in enumerate(zip(line, shown, strict=False))
        ).rstrip()
        for line in lines
    )
    # One that stands for the rest of a cell stands for the columns after it, too.
    return "\n".join(
        line if line.endswith(mark) else f"{line} {mark}" for line in joined
    )


def _measure(lines: Sequence[Sequence[str]]) -> list[int]:
    """Return the width of each column."""
    return [max(map(count_columns, column)) for column in zip(*lines, strict=True)]


def _make_room(
    lines: list[list[str]], names: Sequence[str], room: int
) -> list[list[str]]:
    """Leave out columns of these names, if the last one can then be shown."""
    left = lines
    for name in (*names, None):
        *widths, last = _measure(left)
        if sum(widths) + 2 * len(widths) + min(last, _LEAST_LAST) <= room:
            return left
        if name is not None:
            at = left[0].index(name)
            left = [line[:at] + line[at + 1 :] for line in left]
    return lines


def _choose_widths(
    widths: Sequence[int], at_right: Container[int], room: int
) -> list[int]:
    """Return the widths of the columns that fit, the last of which may be narrower."""
    shown: list[int] = []
    for number, width in enumerate(widths):
        left = room - sum(shown) - 2 * len(shown)
        # An ellipsis stands for the columns after it.
        more = 2 if number < len(widths) - 1 else 0
        if width <= left - more:
            shown.append(width)
            continue
        if left - more >= _LEAST and number not in at_right:
            shown.append(left - more)
        break
    return shown


def _align(cell: str, width: int, *, at_right: bool) -> str:
    """Return a cell that is exactly so wide."""
    cell = cut(cell, width)
    padding = " " * (width - count_columns(cell))
    return padding + cell if at_right else cell + padding


def cut(text: str, width: int) -> str:
    """Return a printable text that takes `width` columns at most.

    An ellipsis stands for the rest of it.
    """
    if count_columns(text) <= width:
        return text
    ellipsis = _find_ellipsis()
    # No more of it can fit: a text may be long, and each step counts its columns.
    text = text[: width * (1 + MOST_MARKS)]
    while count_columns(text) > width - len(ellipsis):
        text = text[:-1]
    return text + ellipsis


def _find_ellipsis() -> str:
    """Return an ellipsis that standard output can show."""
    try:
        "\u2026".encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        return "..."
    return "\u2026"
