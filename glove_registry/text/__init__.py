"""From a text to its words."""

from .splitting import split_text

__all__ = ["split_text"]
