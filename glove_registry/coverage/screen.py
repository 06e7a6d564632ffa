"""The report on one screen: 80 columns, 24 lines."""

import re
from collections.abc import Iterator, Sequence

from .findings import Findings
from .quote import WIDTH, fill, quote, quote_some
from .shares import Share, count, format_share, gather

# Label, what it has, examples of it.
_Line = tuple[str, Share, Sequence[str]]

MOST_CAUSES = 5
_LINES_OF_MISSES = 2
_LONGEST_MISS = 24
_LONGEST_NAME = 60


def render(coverage: Findings) -> str:
    """Write the report, without a line feed at its end."""
    lines = [
        *fill("", _split(summarize(coverage))),
        "",
        *_tabulate(list(_list_lines(coverage))),
        "",
        *_add_notes(coverage),
    ]
    return "\n".join(lines)


def summarize(coverage: Findings) -> str:
    """Say in a sentence how much is covered."""
    found = coverage.found
    name = coverage.vectors
    if len(name) > _LONGEST_NAME:
        name = name[:_LONGEST_NAME] + "..."
    said = f"{name} covers {format_share(found.of_types)} of "
    said += count(coverage.types, "type", "types")
    if coverage.tokens is not None:
        said += f" and {format_share(found.weight)} of "
        said += count(coverage.tokens, "token", "tokens")
    return said


def _list_lines(coverage: Findings) -> Iterator[_Line]:
    yield "found", coverage.found, ()
    for way, share in coverage.ways.items():
        if share.types:
            yield f"  {way}", share, ()
    yield "missed", coverage.missed, ()
    for cause in gather(coverage.causes, MOST_CAUSES):
        yield f"  {cause.name}", cause.share, cause.examples


def _tabulate(lines: Sequence[_Line]) -> list[str]:
    header = ["", "types", ""]
    rows = [[label, f"{s.types:,}", format_share(s.of_types)] for label, s, _ in lines]
    if lines[0][1].of_tokens is not None:
        header += ["tokens", ""]
        for row, (_, share, _) in zip(rows, lines, strict=True):
            row += [f"{share.tokens:,}", format_share(share.of_tokens or 0)]
    cells = [header, *rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    aligned = [
        row[0].ljust(widths[0])
        + "".join("  " + c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True))
        for row in cells
    ]
    room = WIDTH - len(aligned[0]) - 2
    shown = ["", *(quote_some(examples, room) for _, _, examples in lines)]
    return [f"{a}  {e}".rstrip() for a, e in zip(aligned, shown, strict=True)]


def _add_notes(coverage: Findings) -> Iterator[str]:
    apart = [
        f"{number:,} {what}"
        for number, what in (
            (coverage.padding, "padding"),
            (coverage.specials, "special"),
            (coverage.outside, "tokens outside the vocabulary"),
        )
        if number
    ]
    if apart:
        yield from fill("not counted: ", _split(", ".join(apart)))
    misses = [
        quote(word, _LONGEST_MISS) + ("" if number is None else f" {number:,}")
        for word, number in coverage.top_misses
    ]
    if misses:
        listed = [*(f"{miss}," for miss in misses[:-1]), misses[-1]]
        *lines, last = fill("most missed: ", listed, _LINES_OF_MISSES)
        yield from (*lines, last.rstrip(","))
    yield from fill("hint: ", _split(coverage.hint))


def _split(text: str) -> list[str]:
    """Split a text where a line may end: between words, and not before %."""
    return re.split(" (?!%)", text)
