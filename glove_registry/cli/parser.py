"""A parser of arguments that keeps the token "--", and how commands are added to it."""

import argparse
import re
import sys
from collections.abc import Callable
from typing import Any, NoReturn

from ..messages.printable import make_printable, shorten

Command = Callable[[argparse.Namespace], int | None]

# Stands for the token "--" where argparse would drop it; nobody can type a NUL.
_DASHES = "\0--"

# More of a usage error is an argument that somebody pasted.
_LONGEST = 500


class Parser(argparse.ArgumentParser):
    """Keeps the token "--" after another, and escapes what is shown in an error."""

    def __init__(self, *names: Any, **how: Any) -> None:
        super().__init__(*names, **how)
        self.register("type", None, as_text)

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parse arguments; after a first "--", all are words."""
        given = list(sys.argv[1:] if args is None else args)
        start = given.index("--") if "--" in given else len(given)
        kept = [
            option[:-2] + _DASHES if option.endswith("=--") else option
            for option in given[:start]
        ]
        kept += given[start : start + 1]
        kept += [_DASHES if word == "--" else word for word in given[start + 1 :]]
        return super().parse_known_args(kept, namespace)

    def error(self, message: str) -> NoReturn:
        """End with a usage error."""
        super().error(shorten(make_printable(message), _LONGEST))

    def refuse(self, argument: str) -> NoReturn:
        """End with the error that an argument is unknown."""
        from ..registry.spelling import did_you_mean

        argument = as_text(argument)
        options = re.findall(r"--[\w-]+", self.format_usage())
        if not argument.startswith("-"):
            self.error(f"unexpected argument {argument!r}")
        name = argument.partition("=")[0]
        self.error(f"unknown option {name!r}{did_you_mean(name, options)}")


def as_text(text: str) -> str:
    """Return an argument as it was typed."""
    return text.replace(_DASHES, "--")


def share(*names: str, completer: Any = None, **how: Any) -> argparse.ArgumentParser:
    """Return a parent parser for commands that share an argument."""
    parent = argparse.ArgumentParser(add_help=False)
    complete_by(completer, parent.add_argument(*names, **how))
    return parent


def complete_by(completer: Any, argument: argparse.Action) -> None:
    """Let a function list what the tab key completes an argument with."""
    argument.completer = completer  # type: ignore[attr-defined]


def add_command(
    commands: Any, name: str, run: Command, *shared: argparse.ArgumentParser
) -> argparse.ArgumentParser:
    """Add a command, which is described by the docstring of its function."""
    text = run.__doc__ or ""
    command: argparse.ArgumentParser = commands.add_parser(
        name,
        help=text[:1].lower() + text[1:].rstrip("."),
        description=text,
        parents=shared,
    )
    command.set_defaults(run=run, command=command)
    return command
