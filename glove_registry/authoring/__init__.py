"""From a URL or a file to the entry of a registry: found out, shown, written.

A source and a name come in, an `Addition` goes out.
"""

from .add import Addition, add
from .entry import write_registry
from .report import describe, to_dict

__all__ = ["Addition", "add", "describe", "to_dict", "write_registry"]
