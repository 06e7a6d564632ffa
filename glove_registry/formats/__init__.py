"""How files of vectors are read: a stream of bytes comes in, blocks of rows go out.

Imports nothing of the package but its errors.
"""

from .block import Block, ByteStream
from .reader import OpenedVectors, open_vectors, read_vectors

__all__ = ["Block", "ByteStream", "OpenedVectors", "open_vectors", "read_vectors"]
