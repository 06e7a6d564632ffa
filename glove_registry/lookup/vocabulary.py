"""A vocabulary that was checked: words, their indices, and the rows they need."""

from collections.abc import Mapping
from dataclasses import dataclass
from operator import index as as_int
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import VocabularyError
from .kinds import Entries, find_entries
from .specials import is_padding, is_special

# Rows that no word uses cost memory all the same. Real vocabularies have a few (the
# padding, reserved specials); far more of them is a slip such as a hash for an index.
_MOST_ROWS_PER_WORD = 1000
_ALWAYS_ALLOWED = 10_000_000


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Words with their indices, and what else takes part in a numbering.

    Attributes
    ----------
    words : list of str
        Without padding and special tokens.
    indices : ndarray of shape (len(words),), int64
    padding : mapping of int to str
        Index and token of what fills texts up.
    specials : mapping of int to str
        Index and token of what stands for unknown words, begins texts, and so on.
    size : int
        Rows that a matrix needs, so that every index has one.
    counts : mapping of str to int, or None
        How often each word was seen, if the vocabulary tells.
    """

    words: list[str]
    indices: NDArray[np.int64]
    padding: Mapping[int, str]
    specials: Mapping[int, str]
    size: int
    counts: Mapping[str, int] | None


def read_vocabulary(
    vocabulary: Any,
    *,
    num_words: int | None = None,
    index_offset: int = 0,
    mask_zero: bool = False,
) -> Vocabulary:
    """Read and check a vocabulary of any kind.

    Parameters
    ----------
    vocabulary : mapping, sequence, layer or tokenizer
        A mapping of words to indices; a list of words, where the position is the
        index; or an object that has either.
    num_words : int, optional
        Leave out words whose index is not below it.
    index_offset : int
        Added to every index.
    mask_zero : bool
        Whether index 0 is padding, which leaves no word an index 0.

    Returns
    -------
    Vocabulary

    Raises
    ------
    VocabularyError
        There is no word in it, or something that is none; an index is negative or no
        integer; two words have one index; or it is of no kind that is known.
    """
    entries = find_entries(vocabulary)
    index_offset = _check_offset(index_offset)
    if num_words is not None:
        limit: int | None = _check_limit(num_words)
    elif entries.num_words is not None:
        # What the vocabulary says is of its own indices.
        limit = entries.num_words + index_offset
    else:
        limit = None
    words: dict[str, int] = {}
    taken: dict[int, str] = {}
    padding: dict[int, str] = {}
    specials: dict[int, str] = {}
    end = 0
    for token, given in entries.pairs:
        word, position = _check_entry(token, given, index_offset)
        if limit is not None and position >= limit:
            continue
        if position in taken:
            raise VocabularyError(
                f"{taken[position]!r} and {word!r} both have index {position}: give "
                "each word its own"
            )
        taken[position] = word
        end = max(end, position + 1)
        if word in entries.padding or is_padding(word):
            padding[position] = word
        elif word in entries.specials or is_special(word):
            specials[position] = word
        elif word in words:
            raise VocabularyError(
                f"{word!r} is in the vocabulary twice, at {words[word]} and "
                f"{position}: keep one of them"
            )
        else:
            words[word] = position
    size = max(end, entries.size + index_offset)
    if limit is not None:
        size = min(size, max(limit, end))
    if not taken and limit is None:
        raise VocabularyError(f"the vocabulary is empty: {entries.if_empty}")
    _check_words(words, entries, limit, size)
    if mask_zero:
        _check_padding(taken, padding, specials)
    return Vocabulary(
        words=list(words),
        indices=np.fromiter(words.values(), np.int64, len(words)),
        padding=padding,
        specials=specials,
        size=size,
        counts=entries.counts,
    )


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
    position = _find_int(index)
    if position is None:
        raise VocabularyError(
            f"the index of {token!r} is {type(index).__name__} {index!r}, expected an "
            "int"
        )
    if position + offset < 0:
        shifted = f" with index_offset={offset}" if offset else ""
        raise VocabularyError(
            f"the index of {token!r} is {position + offset}{shifted}: indices start "
            "at 0"
        )
    return str(token), position + offset


def _check_limit(num_words: Any) -> int:
    limit = _find_int(num_words)
    if limit is None or limit < 1:
        raise VocabularyError(f"num_words={num_words!r}: expected an int from 1 on")
    return limit


def _check_offset(index_offset: Any) -> int:
    offset = _find_int(index_offset)
    if offset is None:
        raise VocabularyError(f"index_offset={index_offset!r}: expected an int")
    return offset


def _find_int(number: Any) -> int | None:
    """Give an integer of any library as an int, None for what is none."""
    try:
        # True would count as 1, also numpy's before its version 2, and is more likely a
        # slip.
        return None if isinstance(number, bool | np.bool_) else as_int(number)
    except TypeError:
        return None


def _check_words(
    words: Mapping[str, int], entries: Entries, limit: int | None, size: int
) -> None:
    if not words:
        cut = "" if limit is None else f" with an index below num_words={limit}"
        raise VocabularyError(f"the vocabulary has no word{cut}: {entries.if_empty}")
    if size > max(_ALWAYS_ALLOWED, _MOST_ROWS_PER_WORD * len(words)):
        raise VocabularyError(
            f"the largest index is {size - 1:,} for {len(words):,} words: the layer "
            "would need a row for each index up to it; number the words from 1 on"
        )


def _check_padding(
    taken: Mapping[int, str], padding: Mapping[int, str], specials: Mapping[int, str]
) -> None:
    """See that index 0, which mask_zero=True makes padding, is not needed for more."""
    if padding and 0 not in padding:
        index, token = next(iter(padding.items()))
        raise VocabularyError(
            f"{token!r} has index {index}, and mask_zero=True makes index 0 the "
            "padding: say mask_zero=False, or let the padding have index 0"
        )
    first = taken.get(0)
    if first is None or 0 in padding:
        return
    if 0 in specials:
        raise VocabularyError(
            f"{first!r} has index 0, which mask_zero=True makes padding, so that what "
            "it stands for would be masked as well: give index 0 to padding, as "
            "StringLookup(mask_token='') and ['', '[UNK]', ...] do; or say "
            "index_offset=1 and add 1 to the data; or say mask_zero=False"
        )
    raise VocabularyError(
        f"{first!r} has index 0, which mask_zero=True makes padding: let indices "
        "start at 1, or say index_offset=1 and add 1 to the data"
    )
