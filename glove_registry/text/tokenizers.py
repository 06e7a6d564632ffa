"""From a text to its tokens, by the convention of a release.

A text is split at white space into chunks, and each chunk becomes tokens on its own,
whatever stands before and behind it. So a table of chunks, of bounded size, has the
tokens of nearly all of a text.
"""

import re
from collections.abc import Callable
from functools import cache
from itertools import chain

from ..registry import Tokenizer, check_tokenizer
from .characters import clean, draw_shape
from .ptb import DIGITS, LETTERS, WORD, split_chunk
from .tweets import split_chunk as split_tweet

# Letters and digits, with apostrophes and hyphens between them.
_WORD = re.compile(f"[{LETTERS}{DIGITS}][{WORD}]*(?:['-][{LETTERS}{DIGITS}][{WORD}]*)*")

# Together about 40 MB; a longer chunk is no word, and could fill the memory.
MOST_CHUNKS = 1 << 16
_LONGEST_CHUNK = 64


class Chunks(dict[str, tuple[str, ...]]):
    """Tokens by chunk; when it is full, what has not been used since is forgotten."""

    def __init__(self, split: Callable[[str], tuple[str, ...]]) -> None:
        self._split = split
        self.older: dict[str, tuple[str, ...]] = {}

    def __missing__(self, chunk: str) -> tuple[str, ...]:
        tokens = self.older.get(chunk)
        if tokens is None:
            tokens = self._split(chunk)
        if len(chunk) <= _LONGEST_CHUNK:
            if len(self) >= MOST_CHUNKS:
                self.older = dict(self)
                self.clear()
            self[chunk] = tokens
        return tokens


def _split_lower(chunk: str) -> tuple[str, ...]:
    return tuple(token.lower() for token in split_chunk(chunk))


def _find_words(chunk: str) -> tuple[str, ...]:
    cleaned = clean(chunk)
    words = _WORD.finditer(draw_shape(cleaned))
    return tuple([cleaned[word.start() : word.end()] for word in words])


_SPLITTERS: dict[Tokenizer, Callable[[str], tuple[str, ...]]] = {
    "ptb": split_chunk,
    "lower-ptb": _split_lower,
    "tweets": split_tweet,
    "words": _find_words,
}


@cache
def get_chunks(tokenizer: Tokenizer) -> Chunks:
    """Return the chunks of a tokenizer that have been split lately."""
    return Chunks(_SPLITTERS[tokenizer])


def tokenize(text: str, tokenizer: Tokenizer) -> list[str]:
    """Return the tokens of a text.

    Parameters
    ----------
    text : str
    tokenizer : {"ptb", "lower-ptb", "tweets", "words", "whitespace"}

    Returns
    -------
    list of str

    Raises
    ------
    TypeError
        `text` is not a str.
    ValueError
        There is no such tokenizer.

    Examples
    --------
    >>> tokenize("\u201cIt isn\u2019t!\u201d", "ptb")
    ['"', 'It', 'is', "n't", '!', '"']
    """
    if not isinstance(text, str):
        raise TypeError(f"a text is a str, found {type(text).__name__}")
    check_tokenizer(tokenizer)
    if tokenizer == "whitespace":
        return text.split()
    chunks = get_chunks(tokenizer)
    return list(chain.from_iterable(map(chunks.__getitem__, text.split())))
