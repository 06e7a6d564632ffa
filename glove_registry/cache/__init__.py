"""Where things lie on disk: folders, locks, and files that appear whole or not at all.

Knows nothing of what lies there.
"""

from .places import CACHE_VARIABLE, Cache, spell_digest

__all__ = ["CACHE_VARIABLE", "Cache", "spell_digest"]
