"""The openers that the table of schemes names."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

from ..registry.schemes import find_scheme


def load_opener(url: str) -> Callable[..., Any]:
    """Import and return the opener of a URL's scheme."""
    module, _, function = find_scheme(url).opener.partition(":")
    opener: Callable[..., Any] = getattr(
        import_module(f".{module}", __package__), function
    )
    return opener
