"""Kinds of values, and the arguments that many commands share."""

import argparse
import math
from pathlib import Path

from .parser import as_text, share


def as_path(text: str) -> Path:
    """Return an argument that is a path."""
    text = as_text(text)
    if not text:
        # An unset variable of a shell; as a path, it would be the working folder.
        raise argparse.ArgumentTypeError("expected a path, found an empty text")
    return Path(text)


def as_place(text: str) -> str:
    """Return an argument that is a path, a URL or a name."""
    as_path(text)
    return as_text(text)


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


def as_language(text: str) -> str:
    """Return an argument that is a language, by its tag or a name."""
    from ..registry.languages import find_tags

    try:
        find_tags(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error).partition(": ")[2]) from error
    return text


def list_names(parsed_args: argparse.Namespace, **_: object) -> list[str]:
    """List the names of variants, when the tab key asks for one."""
    from ..registries import Registry

    registry = getattr(parsed_args, "registry", None)
    return Registry.over_default(registry, offline=True).scan_names()


AS_JSON = share("--json", action="store_true", help="print JSON, for scripts")
REGISTRY = share(
    "--registry",
    metavar="FILE-or-URL",
    type=as_place,
    help="your own registry file, or its URL, used on top of the built-in one",
)
NAME = share(
    "name",
    metavar="NAME",
    help="glove.6B.100d, or NAME@REVISION",
    completer=list_names,
)
PATTERN = share(
    "pattern",
    nargs="?",
    default="*",
    metavar="PATTERN",
    completer=list_names,
    help="a name; a part of a name, of the corpus or of the language; or a shell "
    "pattern for names, in quotes: 'glove.twitter.*'",
)
DTYPE = share(
    "--dtype",
    choices=("float32", "float16", "int8"),
    default="float32",
    help="type of the numbers on disk, which is made if needed (default: float32)",
)
