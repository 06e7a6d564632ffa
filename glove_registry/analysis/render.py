"""Results as a table, as Markdown, as HTML and as CSV."""

import csv
import io
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..messages.html import format_html_table
from ..messages.layout import find_width, format_table
from ..messages.markdown import escape_markdown, format_markdown_table
from ..messages.printable import make_line
from .results import Result

# As the papers print them.
_DIGITS = {"analogies": 4, "similarity": 4, "association": 2}
_NONE = "-"
_WIDTH = 80


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of the table: a label, and a cell for each set of vectors."""

    label: str
    cells: list[str]
    depth: int = 0


def render_text(results: Sequence[Result]) -> str:
    """Return the table of results, and notes on the protocols."""
    names = _list_vectors(results)
    rows = [
        ("  " * line.depth + line.label, *line.cells) for line in _list_lines(results)
    ]
    table = format_table(("", *names), rows, right=names)
    width = min(find_width() or _WIDTH, _WIDTH)
    notes = [
        textwrap.fill(note, width, subsequent_indent="  ", break_long_words=False)
        for note in _list_notes(results)
    ]
    return "\n".join([table, "", *notes])


def render_markdown(results: Sequence[Result]) -> str:
    """Return the table of results as Markdown, with the notes as a list."""
    names = _list_vectors(results)
    rows = [
        ("&emsp;" * line.depth + escape_markdown(line.label), *line.cells)
        for line in _list_lines(results)
    ]
    table = format_markdown_table(("", *names), rows, right=names)
    notes = [f"- {escape_markdown(note)}" for note in _list_notes(results)]
    return "\n".join([table, "", *notes])


def render_html(results: Sequence[Result]) -> str:
    """Return the table of results as HTML, with the notes below it."""
    names = _list_vectors(results)
    rows = [
        ("  " * line.depth + line.label, *line.cells) for line in _list_lines(results)
    ]
    notes = _list_notes(results)
    return format_html_table(("", *names), rows, names, notes=notes)


_COLUMNS = (
    "vectors",
    "benchmark",
    "part",
    "source",
    "value",
    "difference",
    "answered",
    "asked",
    "correct",
    "measure",
    "protocol",
    "dtype",
)


def render_csv(results: Sequence[Result]) -> str:
    """Return a line for each score, whose source is empty, and each published one."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(_COLUMNS)
    for result in results:
        for score in result.scores:
            place = (result.vectors, result.benchmark, _guard(score.part))
            table.writerow(
                (
                    *(*place, "", score.value, ""),
                    *(score.answered, score.asked, score.correct),
                    *(result.measure, str(result.protocol), result.dtype),
                )
            )
            for reference, value, difference in result.list_differences(score.part):
                protocol = _guard(reference.protocol or "")
                table.writerow(
                    (
                        *(*place, _guard(reference.source), value, difference),
                        *("", "", "", result.measure, protocol, ""),
                    )
                )
    return text.getvalue()


def _guard(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula.

    See https://owasp.org/www-community/attacks/CSV_Injection.
    """
    return f"'{text}" if text.startswith(tuple("=+-@\t\r")) else text


def _list_vectors(results: Sequence[Result]) -> list[str]:
    return list(dict.fromkeys(result.vectors for result in results))


def _list_lines(results: Sequence[Result]) -> list[_Line]:
    names = _list_vectors(results)
    groups: dict[str, dict[str, Result]] = {}
    for result in results:
        groups.setdefault(result.benchmark, {})[result.vectors] = result
    lines = []
    for benchmark, by_vectors in groups.items():
        first = next(iter(by_vectors.values()))
        parts = [score.part for score in first.scores]
        # Sections only where nothing else is shown.
        if len(groups) > 1:
            parts = [part for part in parts if part not in first.sections]
        if "total" not in parts:
            lines.append(_Line(benchmark, [""] * len(names)))
        for part in parts:
            label = benchmark if part == "total" else part
            depth = int(part != "total")
            lines += _list_part(part, label, depth, list(map(by_vectors.get, names)))
    return lines


def _list_part(
    part: str, label: str, depth: int, results: Sequence[Result | None]
) -> Iterator[_Line]:
    """Yield the line of a part's scores, of published ones, and of what was answered.

    `results` has one for each column of the table.
    """
    yield _Line(label, [_show(result, part) for result in results], depth)
    sources = dict.fromkeys(
        reference.source
        for result in filter(None, results)
        for reference, _, _ in result.list_differences(part)
    )
    for source in sources:
        cells = [_show_published(result, part, source) for result in results]
        yield _Line(source, cells, depth + 1)
    scores = [result[part] for result in results if result]
    if part == "total" or any(score.answered < score.asked for score in scores):
        cells = [_show_answered(result, part) for result in results]
        yield _Line("answered", cells, depth + 1)


def _show(result: Result | None, part: str) -> str:
    if result is None or (value := result[part].value) is None:
        return _NONE
    return f"{value:.{_DIGITS[result.task]}f}"


def _show_published(result: Result | None, part: str, source: str) -> str:
    for reference, value, difference in result.list_differences(part) if result else ():
        if result and reference.source == source:
            digits = _DIGITS[result.task]
            by = "" if difference is None else f" ({difference:+.{digits}f})"
            return f"{value:.{digits}f}{by}"
    return _NONE


def _show_answered(result: Result | None, part: str) -> str:
    if result is None:
        return _NONE
    score = result[part]
    return f"{score.answered:,} of {score.asked:,}"


def _list_notes(results: Sequence[Result]) -> list[str]:
    """List how each benchmark was measured, here and by others."""
    notes: dict[str, None] = {}
    for result in results:
        notes[f"{result.benchmark}: {result.measure}; {result.protocol}"] = None
        for reference in result.published:
            notes[
                f"{result.benchmark}, {reference.source}: "
                f"{reference.protocol or 'protocol not known'}"
            ] = None
    return list(map(make_line, notes))
