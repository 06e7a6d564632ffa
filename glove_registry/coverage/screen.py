"""A coverage as text of 24 lines, and 80 columns or what a terminal has."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from ..messages.html import format_html_table
from ..messages.layout import count_columns, find_width, format_count, format_table
from .shares import Share, format_share, merge_smaller, quote_to_fit

if TYPE_CHECKING:
    from .report import Coverage

MOST_CAUSES = 5
_NUMBERS = ("types", "tokens", " ")
_WIDTH = 80
_LINES_OF_MISSES = 2
_LONGEST_MISS = 24
_LONGEST_NAME = 60
# A letter or two of a word would say nothing.
_LEAST_ROOM = 8
_LEAST_LABEL = 14


def render(coverage: "Coverage") -> str:
    """Return the report, without a line feed at its end."""
    summary = _fill("", _split(summarize(coverage)))
    lines = [*summary, "", *_tabulate(coverage), "", *_list_notes(coverage)]
    return "\n".join(lines)


def render_html(coverage: "Coverage") -> str:
    """Return the report as HTML."""
    header, rows, examples = _collect(coverage)
    quoted = [", ".join(repr(word) for word in some) for some in examples]
    cells = [(*row, words) for row, words in zip(rows, quoted, strict=True)]
    notes = [summarize(coverage)]
    for line in _list_notes(coverage):
        if line.startswith(" "):  # the note goes on
            notes[-1] += f" {line.strip()}"
        else:
            notes.append(line)
    return format_html_table((*header, "examples"), cells, _NUMBERS, notes=notes)


def summarize(coverage: "Coverage") -> str:
    """Return one sentence: how much is covered."""
    found = coverage.found
    name = coverage.vectors
    if len(name) > _LONGEST_NAME:
        name = name[:_LONGEST_NAME] + "..."
    types = format_count(coverage.types, "type")
    summary = f"{name} covers {format_share(found.of_types)} of {types}"
    if coverage.tokens is not None:
        tokens = format_count(coverage.tokens, "token")
        summary += f" and {format_share(found.weight)} of {tokens}"
    return summary


def _find_room() -> int:
    return min(find_width() or _WIDTH, _WIDTH)


def _collect(
    coverage: "Coverage",
) -> tuple[list[str], list[list[str]], list[Sequence[str]]]:
    """Return the header and the rows of the table, and examples for each row."""
    parts: list[tuple[str, Share, Sequence[str]]] = [
        ("found", coverage.found, ()),
        *((f"  {way}", s, ()) for way, s in coverage.ways.items() if s.types),
        ("missed", coverage.missed, ()),
        *(
            (f"  {cause.name}", cause.share, cause.examples)
            for cause in merge_smaller(coverage.causes, MOST_CAUSES)
        ),
    ]
    header = ["", "types", " "]
    rows = [[label, f"{s.types:,}", format_share(s.of_types)] for label, s, _ in parts]
    if coverage.tokens is not None:
        header += ["tokens", " "]
        for row, (_, share, _) in zip(rows, parts, strict=True):
            row += [f"{share.tokens:,}", format_share(share.weight)]
    return header, rows, [examples for _, _, examples in parts]


def _tabulate(coverage: "Coverage") -> Iterator[str]:
    """Yield the lines of the table, with examples where there is room for them."""
    header, rows, examples = _collect(coverage)
    # Numbers are shown whole, so a long cause has the room that they leave.
    numbers = format_table(header[1:], [row[1:] for row in rows], _NUMBERS, fit=False)
    room = max(_find_room() - 2 - max(map(len, numbers.split("\n"))), _LEAST_LABEL)
    for row in rows:
        if len(row[0]) > room:
            row[0] = f"{row[0][: room - 3]}..."
    first, *lines = format_table(header, rows, _NUMBERS).split("\n")
    yield first
    for line, words in zip(lines, examples, strict=True):
        room = _find_room() - len(line) - 2
        yield f"{line}  {_quote_some(words, room)}".rstrip()


def _list_notes(coverage: "Coverage") -> Iterator[str]:
    """Yield the lines below the table."""
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
        yield from _fill("not counted: ", _split(", ".join(apart)))
    misses = [
        quote_to_fit(word, _LONGEST_MISS) + ("" if number is None else f" {number:,}")
        for word, number in coverage.top_misses
    ]
    if misses:
        pieces = [*(f"{miss}," for miss in misses[:-1]), misses[-1]]
        *lines, last = _fill("most missed: ", pieces, _LINES_OF_MISSES)
        yield from (*lines, last.rstrip(","))
    yield from _fill("hint: ", _split(coverage.hint))


def _quote_some(words: Sequence[str], room: int) -> str:
    """Return as many words in quotes as there is room for."""
    shown = ""
    for word in words if room >= _LEAST_ROOM else ():
        more = f"{shown} {quote_to_fit(word, room)}".lstrip()
        if count_columns(more) > room:
            break
        shown = more
    return shown


def _split(text: str) -> list[str]:
    """Split a text where a line may end: between words, and not before %."""
    return re.split(" (?!%)", text)


def _fill(label: str, pieces: Iterable[str], most: int | None = None) -> list[str]:
    """Return at most `most` lines of whole pieces, indented by a label.

    `textwrap` would count characters, not columns.
    """
    room = _find_room() - len(label)
    lines = [""]
    for piece in pieces:
        longer = f"{lines[-1]} {piece}".lstrip()
        if lines[-1] and count_columns(longer) > room:
            if len(lines) == most:
                break
            lines.append(piece)
        else:
            lines[-1] = longer
    return [(" " * len(label) if i else label) + line for i, line in enumerate(lines)]
