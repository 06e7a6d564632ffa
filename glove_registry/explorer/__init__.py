"""A page that explores words: vectors come in, one HTML file goes out."""

from .page import Explorer, explore

__all__ = ["Explorer", "explore"]
