"""The table of texts and their tokens, for every way from a text to a vector."""

import re
from pathlib import Path
from typing import NamedTuple

from glove_registry.registry import TOKENIZERS, Tokenizer

TABLE = Path(__file__).parent.parent / "text" / "texts.tsv"
_ESCAPE = re.compile(r"\\(?:u([0-9a-f]{4})|U([0-9a-f]{8})|([nrtf\\]))")
_SHORT = {"n": "\n", "r": "\r", "t": "\t", "f": "\f", "\\": "\\"}


class Row(NamedTuple):
    """A text, and what a tokenizer makes of it."""

    tokenizer: Tokenizer
    text: str
    tokens: list[str]


def read_table(*tokenizers: Tokenizer) -> list[Row]:
    """Return the rows of some tokenizers, by default of all."""
    lines = TABLE.read_text(encoding="utf-8").split("\n")
    rows = [line.split("\t") for line in lines if "\t" in line]
    return [
        Row(tokenizer, _unescape(text), [_unescape(token) for token in tokens.split()])
        for name, text, tokens in rows
        for tokenizer in tokenizers or TOKENIZERS
        if tokenizer == name
    ]


def _unescape(written: str) -> str:
    def replace(match: re.Match[str]) -> str:
        short, long, letter = match.groups()
        return _SHORT[letter] if letter else chr(int(short or long, 16))

    return _ESCAPE.sub(replace, written)
