"""Where things lie on disk: folders, locks, and files that are published complete.

It knows nothing of the content.
"""

from .digests import spell_digest
from .places import CACHE_VARIABLE, Cache

__all__ = ["CACHE_VARIABLE", "Cache", "spell_digest"]
