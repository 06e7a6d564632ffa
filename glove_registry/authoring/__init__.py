"""From a file or URL to the entry of a registry, and from vectors to a place of it.

A source and a name come in, an `Addition` goes out; or vectors, and a `Publication`.
"""

from .add import Addition, add
from .entries import write_registry
from .push import Publication, push
from .report import describe_addition
from .update import Update, update

__all__ = [
    "Addition",
    "Publication",
    "Update",
    "add",
    "describe_addition",
    "push",
    "update",
    "write_registry",
]
