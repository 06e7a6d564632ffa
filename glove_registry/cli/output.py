"""What the commands print; nothing else in the package prints results."""

import argparse
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..messages.layout import format_table
from ..messages.printable import make_line, make_printable


def show(text: str) -> None:
    """Print a text on standard output.

    Characters that do not print, and those that the output's encoding lacks, are
    escaped.
    """
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    printable = make_printable(text).encode(encoding, "backslashreplace")
    print(printable.decode(encoding))


def show_line(value: object) -> None:
    """Print a value, such as a path, on one line of standard output."""
    show(make_line(str(value)))


def show_findings(
    header: Sequence[str],
    right: Sequence[Sequence[str]],
    wrong: Sequence[Sequence[str]],
) -> None:
    """Show what is right as a table, and all facts about the rest, a line for each."""
    if right:
        show(format_table(header, right))
    for facts in wrong:
        show("\n  ".join(map(make_line, facts)))


def show_json(value: Any) -> None:
    """Print a value as JSON in ASCII, which is valid in every encoding."""
    import json

    print(json.dumps(value, indent=2))


def tell(sentence: str) -> None:
    """Print a sentence on standard error, if there is one and it can be written."""
    if sys.stderr is None:  # for print(), it would be standard output
        return
    try:
        line = f"glove-registry: {make_printable(sentence)}"
        print(line, file=sys.stderr, flush=True)
    except OSError:
        # The exit status tells as much. At exit, Python would try again.
        sys.stderr = None


@contextmanager
def telling_warnings() -> Iterator[None]:
    """Print the package's warnings as sentences, without a line of code."""
    with warnings.catch_warnings():
        show = warnings.showwarning

        def tell_or_show(
            message: Warning | str, category: type[Warning], *place: Any, **rest: Any
        ) -> None:
            # Other categories are of other packages, for those who develop with them.
            if category is UserWarning:
                tell(f"warning: {message}")
            else:
                show(message, category, *place, **rest)

        warnings.showwarning = tell_or_show
        yield


def show_path(path: Path, options: argparse.Namespace, **facts: Any) -> None:
    """Show a path, with `facts` beside it in JSON."""
    if options.json:
        show_json({**facts, "path": str(path)})
    else:
        show_line(path)
