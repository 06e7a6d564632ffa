"""The command that checks the sources of a registry, by hand or in a scheduled job."""

import argparse
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..arguments import AS_JSON, PATTERN, REGISTRY, as_path
from ..mistakes import require_match
from ..output import show_findings, show_json, tell
from ..parser import add_command

if TYPE_CHECKING:
    from ...registry import Resource


def add_commands(commands: Any) -> None:
    """Add the command to a parser's."""
    check = add_command(commands, "check", run_check, PATTERN, REGISTRY, AS_JSON)
    check.add_argument(
        "--report",
        action="append",
        default=[],
        metavar="FILE",
        type=_as_report,
        help="also write a report, in the format of the file's ending: .md, .json; "
        "can be repeated",
    )


def run_check(options: argparse.Namespace) -> int:
    """Check with small requests that each source has the right file."""
    from dataclasses import asdict

    from ...download.check import check_sources, have_failed
    from ...download.check_report import summarize_checks, write_report
    from ...messages.progress import count_up, open_bar

    resources = _find_resources(options)
    with open_bar("check", None, unit="sources") as bar:
        bar.leave = False
        checks = check_sources(resources, partial(count_up, bar))
    for path in options.report:
        write_report(checks, path)
    if options.json:
        show_json([asdict(check) for check in checks])
    else:
        show_findings(
            ("STATE", "NAME", "DETAIL", "SOURCE"),
            [(c.state, c.name, c.detail, c.url) for c in checks if c.state == "ok"],
            [
                (f"{c.state}: {c.name}", c.url, c.detail)
                for c in checks
                if c.state != "ok"
            ],
        )
        tell(summarize_checks(checks))
    return int(have_failed(checks))


def _find_resources(options: argparse.Namespace) -> "list[Resource]":
    from ...registries import Registry

    registry = Registry.over_default(options.registry)
    if "@" in options.pattern:
        return [registry.find(options.pattern)]
    found: list[Resource] = [
        *registry.list_revisions(options.pattern),
        *registry.list_benchmarks(options.pattern),
    ]
    require_match(found, options.pattern)
    return found


def _as_report(text: str) -> Path:
    """Return an argument that is the path of a report."""
    from ...download.check_report import WRITERS

    path = as_path(text)
    if path.suffix.lower() not in WRITERS:
        raise argparse.ArgumentTypeError(
            f"expected a file that ends in {' or '.join(WRITERS)}, found {text}"
        )
    return path
