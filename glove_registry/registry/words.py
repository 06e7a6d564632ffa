"""Words of texts as they are compared: without case and accents."""

import re
import unicodedata
from functools import lru_cache


@lru_cache(maxsize=10_000)
def split_words(text: str) -> tuple[str, ...]:
    """Return the words of a text, without case and accents.

    >>> split_words("fasttext.crawl-300d-2M, Volapük")
    ('fasttext', 'crawl', '300d', '2m', 'volapuk')
    """
    return tuple(re.findall(r"[^\W_]+", fold(text)))


@lru_cache(maxsize=10_000)
def fold(text: str) -> str:
    """Return a text without case and accents."""
    if text.isascii():
        return text.lower()
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(part for part in parts if not unicodedata.combining(part))
