"""How vectors lie on disk: written once, published by rename, mapped.

The writer takes blocks from `formats`; opening needs nothing but numpy and xxhash.
"""

from .layout import DamagedStoreError
from .reader import Store, Tokens
from .tokens import decode_token, encode_word, encode_words

__all__ = [
    "DamagedStoreError",
    "Store",
    "Tokens",
    "decode_token",
    "encode_word",
    "encode_words",
]
