"""Vocabularies: words, their indices, and the number of rows they need."""

from collections.abc import Mapping
from dataclasses import dataclass
from operator import index as as_int
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import VocabularyError
from .entries import find_entries
from .special_tokens import is_padding, is_special

# Unused indices need memory, too. Real vocabularies have a few (padding, reserved
# special tokens); far more of them are a mistake, such as a hash for an index.
_MOST_ROWS_PER_WORD = 1000
_ALWAYS_ALLOWED = 10_000_000


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Words with their indices, and the other tokens that have one."""

    words: list[str]  # without padding and special tokens
    indices: NDArray[np.int64]  # of the words
    padding: Mapping[int, str]  # what fills texts up to a length, by its index
    # What stands for unknown words, begins texts, and so on, by its index.
    specials: Mapping[int, str]
    size: int  # rows of a matrix that has one for every index
    # How often each word was seen; None if the vocabulary does not know.
    counts: Mapping[str, int] | None


def read_vocabulary(
    vocabulary: Any,
    *,
    num_words: int | None = None,
    index_offset: int = 0,
    mask_zero: bool = False,
) -> Vocabulary:
    """Read and check a vocabulary of any kind.

    It is a mapping of words to indices; a list of words, whose positions are the
    indices; or an object that has either. The options are those of
    `Vectors.to_keras_layer`. Raises `VocabularyError` if the vocabulary has no words,
    or a word that is not a str; if an index is negative, not an integer or used twice;
    or if its kind is not known.
    """
    entries = find_entries(vocabulary)
    offset = find_int(index_offset)
    if offset is None:
        raise VocabularyError(f"index_offset={index_offset!r}: expected an int")
    limit = find_int(num_words)
    if num_words is not None and (limit is None or limit < 1):
        raise VocabularyError(f"num_words={num_words!r}: expected an int of at least 1")
    if num_words is None and entries.num_words is not None:
        # A Tokenizer's own limit is about its own indices.
        limit = entries.num_words + offset
    words: dict[str, int] = {}
    taken: dict[int, str] = {}
    padding: dict[int, str] = {}
    specials: dict[int, str] = {}
    for token, given in entries.pairs:
        word, index = _check_entry(token, given, offset)
        if limit is not None and index >= limit:
            continue
        if index in taken:
            raise VocabularyError(
                f"{taken[index]!r} and {word!r} both have index {index}: give each "
                "word its own"
            )
        taken[index] = word
        if word in entries.padding or is_padding(word):
            padding[index] = word
        elif word in entries.specials or is_special(word):
            specials[index] = word
        elif word in words:
            raise VocabularyError(
                f"{word!r} is in the vocabulary twice, at {words[word]} and {index}: "
                "keep one of them"
            )
        else:
            words[word] = index
    end = max(taken, default=-1) + 1
    size = max(end, entries.size + offset)
    if limit is not None:
        size = min(size, max(limit, end))
    if not words:
        what = "has no word"
        if limit is not None:
            what += f" with an index below num_words={limit}"
        elif not taken:
            what = "is empty"
        raise VocabularyError(f"the vocabulary {what}: {entries.if_empty}")
    if size > max(_ALWAYS_ALLOWED, _MOST_ROWS_PER_WORD * len(words)):
        raise VocabularyError(
            f"the largest index is {size - 1:,} for {len(words):,} words, and the "
            "matrix would need a row for every index up to it: number the words from 1 "
            "on"
        )
    if mask_zero:
        _check_masking(taken, padding, specials)
    indices = np.fromiter(words.values(), np.int64, len(words))
    return Vocabulary([*words], indices, padding, specials, size, entries.counts)


def _check_entry(token: object, index: Any, offset: int) -> tuple[str, int]:
    if not isinstance(token, str):
        hint = ""
        if isinstance(index, str):
            hint = ": did you pass index_word?"
        elif isinstance(token, bytes):
            hint = ": decode it"
        raise VocabularyError(
            f"a word is a str, found {type(token).__name__} {token!r}{hint}"
        )
    found = find_int(index)
    if found is None:
        raise VocabularyError(
            f"the index of {token!r} is {type(index).__name__} {index!r}, expected an "
            "int"
        )
    if found + offset < 0:
        shifted = f" with index_offset={offset}" if offset else ""
        raise VocabularyError(
            f"the index of {token!r} is {found + offset}{shifted}: indices start at 0"
        )
    return str(token), found + offset


def find_int(number: Any) -> int | None:
    """Return an integer of any library as an int, None for anything else."""
    try:
        # True would count as 1, numpy's before version 2 as well, and is more likely a
        # mistake.
        return None if isinstance(number, bool | np.bool_) else as_int(number)
    except TypeError:
        return None


def _check_masking(
    taken: Mapping[int, str], padding: Mapping[int, str], specials: Mapping[int, str]
) -> None:
    """Check that index 0, which mask_zero=True makes padding, is free for it."""
    if padding and 0 not in padding:
        index, token = next(iter(padding.items()))
        raise VocabularyError(
            f"{token!r} has index {index}, and mask_zero=True makes index 0 the "
            "padding: use mask_zero=False, or give the padding index 0"
        )
    if 0 in specials:
        raise VocabularyError(
            f"{specials[0]!r} has index 0, which mask_zero=True makes padding, so the "
            "words it stands for would be masked as well: give index 0 to padding, as "
            "StringLookup(mask_token='') and ['', '[UNK]', ...] do; or use "
            "index_offset=1 and add 1 to the data; or use mask_zero=False"
        )
    if 0 in taken and 0 not in padding:
        raise VocabularyError(
            f"{taken[0]!r} has index 0, which mask_zero=True makes padding: let "
            "indices start at 1, or use index_offset=1 and add 1 to the data"
        )
