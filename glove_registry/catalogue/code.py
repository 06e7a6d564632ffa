"""The code that loads a variant, to be copied."""

import json
import shlex

from ..messages.printable import make_printable
from ..registry import Variant


def write_python(variant: Variant, registry_file: str | None = None) -> str:
    """Return lines of Python that load a variant at its default revision."""
    return f"import glove_registry\nvectors = {write_call(variant, registry_file)}"


def write_call(
    variant: Variant, registry_file: str | None, *, revision: bool = False
) -> str:
    """Return the call that loads a variant, or exactly this revision of it."""
    arguments = [_quote(variant.reference if revision else variant.name)]
    if registry_file is not None:
        arguments.append(f"registry={_quote(registry_file)}")
    if variant.anchor is None:
        arguments.append("trust_on_first_use=True")
    return f"glove_registry.load({', '.join(arguments)})"


def write_command(variant: Variant, registry_file: str | None) -> str:
    """Return the command that fetches the original file of a variant."""
    words = ["glove-registry", "fetch", variant.name]
    if registry_file is not None:
        words += ["--registry", make_printable(registry_file)]
    if variant.anchor is None:
        words.append("--trust-on-first-use")
    return shlex.join(words)


def _quote(text: str) -> str:
    # JSON's escapes mean the same in Python, as do those of unprintable characters.
    return make_printable(json.dumps(text, ensure_ascii=False))
