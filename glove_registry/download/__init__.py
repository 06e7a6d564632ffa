"""How bytes arrive: sources in order, containers opened, every byte verified.

A `Variant` comes in, the `Text` of its vectors goes out to whoever consumes it.
"""

from .deliver import deliver
from .originals import (
    find_published,
    find_verified_original,
    keep_archive,
    keep_original,
    name_archives,
)
from .pins import apply_pin, write_pin
from .route import choose_sources
from .stamps import find_hash
from .verified import Text, read_to_end

__all__ = [
    "Text",
    "apply_pin",
    "choose_sources",
    "deliver",
    "find_hash",
    "find_published",
    "find_verified_original",
    "keep_archive",
    "keep_original",
    "name_archives",
    "read_to_end",
    "write_pin",
]
