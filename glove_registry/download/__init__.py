"""How verified bytes arrive: sources in order, containers opened, every byte hashed.

A `Variant` or `Benchmark` comes in, its verified `Text` goes out.
"""

from .fetch import ensure_original, read_verified
from .hashes import apply_trusted_hash, find_hash, record_trusted_hash
from .originals import find_published, keep_archive
from .sources import choose_sources
from .verified import Text, read_to_end

__all__ = [
    "Text",
    "apply_trusted_hash",
    "choose_sources",
    "ensure_original",
    "find_hash",
    "find_published",
    "keep_archive",
    "read_to_end",
    "read_verified",
    "record_trusted_hash",
]
