"""The result of checking a registry as a file, for a job that publishes it."""

import json
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

from ..cache.publish import publish
from ..errors import OutputError
from ..messages.layout import format_count
from ..messages.markdown import escape_markdown, format_markdown_table
from ..version import __version__
from .check import STATES, SourceCheck

_MEANINGS = {
    "wrong": "The source answers, but not with the file of the entry: correct it.",
    "unreachable": "No answer now; the file may be right.",
    "unchecked": "There is no way to ask for a size, or it was not tried.",
    "ok": "The file exists, and has the registered size where the entry states one.",
}


def summarize_checks(checks: Sequence[SourceCheck]) -> str:
    """Return how many sources are in which state, in one sentence.

    Examples
    --------
    >>> summarize_checks([SourceCheck("a", "https://h/a", "ok", "")])
    '1 source: 1 ok'
    """
    counts = Counter(check.state for check in checks)
    parts = [f"{counts[state]:,} {state}" for state in STATES if counts[state]]
    sources = format_count(len(checks), "source")
    return f"{sources}: {', '.join(parts) or 'none'}"


def make_markdown(checks: Sequence[SourceCheck]) -> str:
    """Return a section for each state, beginning with what must be corrected."""
    text = (
        "# Sources of the registry\n\n"
        f"{_read_clock()}, glove_registry {__version__}: {summarize_checks(checks)}.\n"
    )
    for state in STATES:
        rows = [
            [escape_markdown(cell) for cell in (check.name, check.url, check.detail)]
            for check in checks
            if check.state == state
        ]
        if rows:
            table = format_markdown_table(("entry", "source", "found"), rows)
            text += f"\n## {state} ({len(rows):,})\n\n{_MEANINGS[state]}\n\n{table}\n"
    return text


def make_json(checks: Sequence[SourceCheck]) -> str:
    """Return date, version, the number of sources in each state, and all checks."""
    counts = Counter(check.state for check in checks)
    report = {
        "date": _read_clock(),
        "version": __version__,
        "counts": {state: counts[state] for state in STATES},
        "sources": [asdict(check) for check in checks],
    }
    return json.dumps(report, indent=2) + "\n"


WRITERS: dict[str, Callable[[Sequence[SourceCheck]], str]] = {
    ".md": make_markdown,
    ".json": make_json,
}
"""What makes the text of a report, by the extension of its file."""


def write_report(checks: Sequence[SourceCheck], path: Path) -> None:
    """Write a report in the format of the path's extension; replace an older one.

    Raises
    ------
    OutputError
        It cannot be written there.
    """
    content = WRITERS[path.suffix.lower()](checks).encode()
    try:
        with publish(path) as part:
            part.write_bytes(content)
    except OSError as error:
        raise OutputError(
            f"cannot write {path} ({error.strerror or error}): name a file in a folder "
            "that exists and can be written to"
        ) from error


def _read_clock() -> str:
    return time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime())
