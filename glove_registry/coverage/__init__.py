"""How much of a vocabulary has a vector, and why the rest has none."""

from .counts import count_words, tokenize_words
from .report import Coverage, find_coverage
from .shares import Cause, Share

__all__ = [
    "Cause",
    "Coverage",
    "Share",
    "count_words",
    "find_coverage",
    "tokenize_words",
]
