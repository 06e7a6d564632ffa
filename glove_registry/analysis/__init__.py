"""Functions over vectors: which words are near to each other, analogies.

Each takes vectors as its first argument.
"""

from .nearest import nearest

__all__ = ["nearest"]
