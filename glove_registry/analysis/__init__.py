"""Functions over vectors: which words are near to each other, analogies.

Each takes vectors as its first argument.
"""

from .approximate import IndexReport, build_index
from .nearest import nearest
from .neighbours import Neighbours
from .similar import analogy, doesnt_match, most_similar, rank, similarity

__all__ = [
    "IndexReport",
    "Neighbours",
    "analogy",
    "build_index",
    "doesnt_match",
    "most_similar",
    "nearest",
    "rank",
    "similarity",
]
