"""Whatever people pass as a vocabulary becomes words, each with its index.

Objects are known by what they offer, not by their class: no library is imported.
"""

from .vocabulary import Vocabulary, read_vocabulary

__all__ = ["Vocabulary", "read_vocabulary"]
