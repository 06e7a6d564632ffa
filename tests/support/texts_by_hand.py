"""The vector of a text, in plain loops: no keras, no TensorFlow."""

import math
import re
import string
import unicodedata
from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Literal, TypeAlias

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from glove_registry import Vectors
from glove_registry.registry import Tokenizer
from glove_registry.text.tokenizers import tokenize

Pooling: TypeAlias = Literal["mean", "sum", "sqrtn", "max"]
POOLINGS: tuple[Pooling, ...] = ("mean", "sum", "sqrtn", "max")

# A token that keeps its punctuation, such as <user>.
PLACEHOLDER = r"<[^<>\s]+>"

Table = Mapping[str, NDArray[np.float32]]


def strip(text: str) -> str:
    """Return a text without the punctuation of ASCII and of Unicode."""
    stripped = ""
    for character in text:
        if character in string.punctuation or unicodedata.category(character)[0] == "P":
            continue
        stripped += character
    return stripped


def tabulate(vectors: Vectors, words: Iterable[str]) -> Table:
    """Return each word's vector, by the spelling of the word in a text."""
    table = {}
    listed = [word for word in words if word in vectors]
    for word in listed:
        if strip(word) == word or re.fullmatch(PLACEHOLDER, word):
            table[word] = vectors[word]
    for word in listed:
        if strip(word) not in table and not re.fullmatch(PLACEHOLDER, word):
            table[strip(word)] = vectors[word]
    return table


def respell(word: str, table: Container[str]) -> str:
    """Return the spelling of a word that has a vector, or the word itself."""
    for spelling in (word, word.lower(), word.title(), word.upper()):
        if spelling in table:
            return spelling
    return word


def split(text: str, table: Container[str] = ()) -> list[str]:
    """Return the words of a text, if possible as they are spelled in a table."""
    parted = ""
    for piece in re.split(f"({PLACEHOLDER})", text):
        if re.fullmatch(PLACEHOLDER, piece) and respell(piece, table) in table:
            parted += f" {piece} "
        else:
            parted += strip(piece)
    return [respell(word, table) for word in parted.split()]


def pool(table: Table, words: Sequence[str], pooling: str) -> NDArray[np.float64]:
    """Return the pooled vectors of the words that have one."""
    known = [table[word].astype(np.float64) for word in words if word in table]
    dimension = len(next(iter(table.values())))
    if not known:
        return np.zeros(dimension)
    if pooling == "max":
        return np.array([max(v[i] for v in known) for i in range(dimension)])
    total = np.zeros(dimension)
    for vector in known:
        total += vector
    divisor = {"mean": len(known), "sum": 1, "sqrtn": math.sqrt(len(known))}
    return np.asarray(total / divisor[pooling])


def embed(
    table: Table,
    texts: Iterable[str],
    pooling: str,
    tokenizer: Tokenizer = "lower-ptb",
) -> NDArray[np.float64]:
    """Return the vectors of texts, by the words that `tokenize` returns."""
    tokens = [tokenize(text, tokenizer) for text in texts]
    words = [[respell(token, table) for token in text] for text in tokens]
    return np.stack([pool(table, text, pooling) for text in words])


def texts(words: Sequence[str]) -> st.SearchStrategy[list[str]]:
    """Return a strategy for texts of known words, unknown words and anything else."""
    decorated = st.builds(
        lambda before, word, after: before + word + after,
        st.sampled_from(["", "", "'", "(", '"#', "\u201c", "\u00ab\xa0", "\u00bf"]),
        st.sampled_from([*words, "xxqq", "é", "don't", "well-made", "U.S."]).flatmap(
            lambda word: st.sampled_from(
                [word, word.upper(), word.title(), word.swapcase()]
            )
        ),
        st.sampled_from(
            ["", "", ",", "!?", "\u2026", "-", "\u2014", "\u201d", "\u2019s"]
        ),
    )
    gap = st.sampled_from([" ", "  ", "\t", "\n", "\v", "\f", "\r\n", "\xa0", "\x85"])
    sentence = st.lists(st.tuples(decorated, gap), max_size=8).map(
        lambda pairs: "".join(word + white for word, white in pairs)
    )
    return st.lists(st.one_of(sentence, st.text(max_size=20)), max_size=5)
