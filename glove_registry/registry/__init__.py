"""What exists: registry files, strictly read into variants."""

from typing import TYPE_CHECKING, Any

from .layers import Registry, info, list_variants
from .names import split_reference

if TYPE_CHECKING:
    from .variant import (
        FORMATS,
        DownloadSize,
        Format,
        Member,
        Source,
        Variant,
        is_fetched_by_range,
        is_zip,
    )

__all__ = [
    "FORMATS",
    "DownloadSize",
    "Format",
    "Member",
    "Registry",
    "Source",
    "Variant",
    "info",
    "is_fetched_by_range",
    "is_zip",
    "list_variants",
    "split_reference",
]


def __getattr__(name: str) -> Any:
    # Imported at first use (PEP 562): once vectors are compiled, `load` reads registry
    # files without making variants of them.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from . import variant

    return getattr(variant, name)
