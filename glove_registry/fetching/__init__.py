"""How bytes arrive: sources in order, archives opened, every byte verified.

A `Variant` comes in, a `VerifiedStream` of its text goes out to whoever consumes it.
"""

from .containers import open_content
from .deliver import deliver
from .originals import find_original, keep_original, name_original
from .verified import VerifiedStream, check_file

__all__ = [
    "VerifiedStream",
    "check_file",
    "deliver",
    "find_original",
    "keep_original",
    "name_original",
    "open_content",
]
