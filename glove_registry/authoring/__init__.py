"""From a file or URL to the entry of a registry, shown and written.

A source and a name come in, an `Addition` goes out.
"""

from .add import Addition, add
from .entries import write_registry
from .report import describe, to_dict

__all__ = ["Addition", "add", "describe", "to_dict", "write_registry"]
