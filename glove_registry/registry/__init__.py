"""What exists: registry files, strictly read into variants."""

from .layers import Registry, info, list_variants
from .names import split_reference
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
