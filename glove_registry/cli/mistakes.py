"""Errors that several commands report in the same way."""

from contextlib import contextmanager
from typing import TYPE_CHECKING

from ..errors import GloveRegistryError, UnknownVariantError
from ..messages.printable import quote

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..registry import Resource


@contextmanager
def telling_mistakes() -> "Iterator[None]":
    """Make one sentence of an error that a question has no answer."""
    try:
        yield
    except ValueError as error:
        raise GloveRegistryError(str(error)) from error


def require_match(
    found: "Sequence[Resource]",
    pattern: str,
    what: str = "variant",
    command: str = "list",
) -> None:
    """Raise an error if nothing matches a pattern."""
    if not found:
        raise UnknownVariantError(
            f"no {what} matches {quote(pattern)}: `glove-registry {command}` shows all "
            "names"
        )
