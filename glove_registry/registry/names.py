"""One strict pattern for names in a registry, and the names of rules to choose from.

The name of a variant becomes that of a folder in the cache, on every operating system.
So a name is refused that could leave the folder, mean a device, or collide with another
one on a file system that ignores case.
"""

import re
from typing import Literal, TypeAlias, get_args

Tokenizer: TypeAlias = Literal["ptb", "lower-ptb", "tweets", "words", "whitespace"]
"""Names of the conventions by which texts become tokens."""

TOKENIZERS: tuple[Tokenizer, ...] = get_args(Tokenizer)
# Of entries and files that do not state one.
DEFAULT_TOKENIZER: Tokenizer = "ptb"

EvaluationCase: TypeAlias = Literal["fallback", "exact", "lower"]
"""Names of the rules by which the words of a benchmark are looked up."""

EVALUATION_CASES: tuple[EvaluationCase, ...] = get_args(EvaluationCase)

UnknownRule: TypeAlias = Literal["skip", "zeros", "mean"]
"""Names of the rules for words of a benchmark that have no vector."""

UNKNOWN_RULES: tuple[UnknownRule, ...] = get_args(UnknownRule)

NAME_RULE = (
    "a name is 1 to 100 of the characters a-z A-Z 0-9 . _ -, starts with a letter or "
    "a digit, does not end with a dot and has no two dots in a row"
)

NAME_PATTERN = r"(?!.*\.\.)[A-Za-z0-9](?:[A-Za-z0-9._-]{0,98}[A-Za-z0-9_-])?"

# Windows opens a device for these, whatever follows the first dot:
# https://learn.microsoft.com/windows/win32/fileio/naming-a-file
_DEVICE = r"(?i)(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?"


def check_tokenizer(tokenizer: object) -> None:
    """Raise `ValueError` if `tokenizer` is not one of `TOKENIZERS`."""
    if tokenizer not in TOKENIZERS:
        raise ValueError(
            f"tokenizer={tokenizer!r}: expected one of {', '.join(TOKENIZERS)}"
        )


def explain_bad_name(name: str) -> str | None:
    """Return why `name` is refused, or None if it is valid."""
    if not re.fullmatch(NAME_PATTERN, name):
        return f"{name!r} is not a valid name: {NAME_RULE}"
    if re.fullmatch(_DEVICE, name):
        return f"{name!r} is the name of a device on Windows: choose another name"
    return None


def scan_names(text: str) -> list[str]:
    r"""Return the names of the variants in a registry file, without parsing it.

    This takes a hundredth of the time, for completion in shells. Names are found as
    files are usually written, each at the beginning of a line; else the list is empty.

    Examples
    --------
    >>> scan_names("variants:\n  lab.news:\n    url: https://example.org/a.txt\n")
    ['lab.news']
    """
    part = re.search(r"(?m)^variants:[ \t]*(?:#.*)?\n((?:(?:[ #].*)?\n)*)", text + "\n")
    block = part[1] if part else ""
    first = re.search(rf"(?m)^( +)[\"']?{NAME_PATTERN}[\"']?:", block)
    if first is None:
        return []
    return re.findall(rf"(?m)^{first[1]}[\"']?({NAME_PATTERN})[\"']?:(?=\s)", block)


def split_reference(reference: str) -> tuple[str, str | None]:
    """Split ``"name@revision"``; the revision is None if there is none."""
    name, at, revision = reference.partition("@")
    return name, revision if at else None
