"""Files of vectors: a stream of bytes in, blocks of rows out."""

from .block import Block, ByteStream
from .reader import OpenedVectors, open_vectors, read_vectors

__all__ = ["Block", "ByteStream", "OpenedVectors", "open_vectors", "read_vectors"]
