"""How verified bytes arrive: sources in order, containers opened, every byte hashed.

A `Variant` or `Benchmark` comes in, its verified `Text` goes out.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .costs import Cost, estimate_costs
    from .fetch import ensure_original, read_verified
    from .hashes import apply_trusted_hash, find_hash, record_trusted_hash
    from .originals import find_published, keep_archive
    from .sources import choose_sources
    from .verified import Text

_MODULES = {
    "Cost": "costs",
    "Text": "verified",
    "apply_trusted_hash": "hashes",
    "choose_sources": "sources",
    "ensure_original": "fetch",
    "estimate_costs": "costs",
    "find_hash": "hashes",
    "find_published": "originals",
    "keep_archive": "originals",
    "read_verified": "fetch",
    "record_trusted_hash": "hashes",
}

__all__ = [
    "Cost",
    "Text",
    "apply_trusted_hash",
    "choose_sources",
    "ensure_original",
    "estimate_costs",
    "find_hash",
    "find_published",
    "keep_archive",
    "read_verified",
    "record_trusted_hash",
]


def __getattr__(name: str) -> Any:
    # Imported at first use (PEP 562): to list what a load costs takes no transfer.
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_MODULES[name]}", __name__), name)
