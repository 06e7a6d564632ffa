"""What a text's vector is, said by plain loops: no keras, no TensorFlow."""

import math
import string
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, TypeAlias

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from glove_registry import Vectors

Pooling: TypeAlias = Literal["mean", "sum", "sqrtn", "max"]
POOLINGS: tuple[Pooling, ...] = ("mean", "sum", "sqrtn", "max")

Table = Mapping[str, NDArray[np.float32]]


def strip(text: str, lower: bool = True) -> str:
    """Take the punctuation of ASCII from a text, and its upper case."""
    stripped = ""
    for character in text:
        if character in string.punctuation:
            continue
        if lower and character in string.ascii_uppercase:
            character = chr(ord(character) + 32)
        stripped += character
    return stripped


def split(text: str) -> list[str]:
    """Split a text at the white space of ASCII, and at no other."""
    words = [""]
    for character in text:
        if character in " \t\n\v\f\r":
            words.append("")
        else:
            words[-1] += character
    return [word for word in words if word]


def tabulate(vectors: Vectors, words: Iterable[str], lower: bool = True) -> Table:
    """Give each word's vector by what becomes of the word in a text."""
    table = {}
    listed = [word for word in words if word in vectors]
    for word in listed:
        if strip(word, lower) == word:
            table[word] = vectors[word]
    for word in listed:
        if strip(word, lower) not in table:
            table[strip(word, lower)] = vectors[word]
    return table


def pool(table: Table, words: Sequence[str], pooling: str) -> NDArray[np.float64]:
    """Pool the vectors of those words that have one."""
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


def embed(table: Table, texts: Iterable[str], pooling: str) -> NDArray[np.float64]:
    """Give the vectors of texts."""
    return np.stack([pool(table, split(strip(text)), pooling) for text in texts])


def texts(words: Sequence[str]) -> st.SearchStrategy[list[str]]:
    """Draw texts in which some of the words are, some are not, and anything else."""
    decorated = st.builds(
        lambda before, word, after: before + word + after,
        st.sampled_from(["", "", "'", "(", '"#']),
        st.sampled_from([*words, "xxqq", "é", "don't", "well-made", "U.S."]).flatmap(
            lambda word: st.sampled_from([word, word.upper(), word.title()])
        ),
        st.sampled_from(["", "", ",", "!?", "…", "-"]),
    )
    gap = st.sampled_from([" ", "  ", "\t", "\n", "\v", "\f", "\r\n", "\xa0", "\x85"])
    sentence = st.lists(st.tuples(decorated, gap), max_size=8).map(
        lambda pairs: "".join(word + white for word, white in pairs)
    )
    return st.lists(st.one_of(sentence, st.text(max_size=20)), max_size=5)
