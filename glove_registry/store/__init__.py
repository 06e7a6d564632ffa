"""How vectors lie on disk: written once, published by rename, mapped.

The writer takes blocks from `formats`; opening needs nothing but numpy and xxhash.
"""

from .layout import DamagedStoreError, Manifest
from .reader import Store, Tokens
from .tokens import decode, encode, encode_all

__all__ = [
    "DamagedStoreError",
    "Manifest",
    "Store",
    "Tokens",
    "decode",
    "encode",
    "encode_all",
]
