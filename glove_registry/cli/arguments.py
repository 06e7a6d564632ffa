"""How arguments are read: the token "--", kinds of values, and errors about them."""

import argparse
import math
import re
import sys
from pathlib import Path
from typing import Any, NoReturn

from ..messages.printable import make_printable
from ..registry.suggestions import did_you_mean

# Stands for the token "--" where argparse would drop it; nobody can type a NUL.
_DASHES = "\0--"


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
        super().error(make_printable(message))

    def refuse(self, argument: str) -> NoReturn:
        """End with the error that an argument is unknown."""
        argument = as_text(argument)
        options = re.findall(r"--[\w-]+", self.format_usage())
        if not argument.startswith("-"):
            self.error(f"unexpected argument {argument!r}")
        name = argument.partition("=")[0]
        self.error(f"unknown option {name!r}{did_you_mean(name, options)}")


def as_text(text: str) -> str:
    """Return an argument as it was typed."""
    return text.replace(_DASHES, "--")


def as_path(text: str) -> Path:
    """Return an argument that is a path."""
    text = as_text(text)
    if not text:
        # An unset variable of a shell; as a path, it would be the working folder.
        raise argparse.ArgumentTypeError("expected a path, found an empty text")
    return Path(text)


def as_count(text: str) -> int:
    """Return an argument that is a whole number from 1 on."""
    try:
        count = int(text)
    except ValueError:
        count = 0
    if count < 1:
        raise argparse.ArgumentTypeError(
            f"expected a whole number from 1 on, found {text}"
        )
    return count


def as_days(text: str) -> float:
    """Return an argument that is a number of days."""
    try:
        days = float(text)
    except ValueError:
        days = math.nan
    if not days >= 0:
        raise argparse.ArgumentTypeError(f"expected 0 days or more, found {text}")
    return days
