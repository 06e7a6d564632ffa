"""From a text to words, and from words to one vector.

The rules are written here once: Beam applies them, and the Keras layer compiles them
into its graph.
"""

from .pooling import POOLINGS, Pooling, check_pooling, pool_words
from .spellings import Spellings, find_spellings
from .words import split_text

__all__ = [
    "POOLINGS",
    "Pooling",
    "Spellings",
    "check_pooling",
    "find_spellings",
    "pool_words",
    "split_text",
]
