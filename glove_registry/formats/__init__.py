"""Files of vectors: a stream of bytes in, blocks of rows out."""

from .block import Block, ByteStream, Ngrams
from .reader import OpenedVectors, open_vectors, read_vectors

__all__ = [
    "Block",
    "ByteStream",
    "Ngrams",
    "OpenedVectors",
    "open_vectors",
    "read_vectors",
]
