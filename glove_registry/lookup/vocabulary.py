"""Vocabularies: words, their indices, and the number of rows they need."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from operator import index as as_int
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from ..errors import VocabularyError
from .entries import find_entries
from .special_tokens import is_padding, is_special

# Unused indices need memory, too. Real vocabularies have a few (padding, reserved
# special tokens); far more of them are a mistake, such as a hash for an index.
_MOST_ROWS_PER_WORD = 1000
_ALWAYS_ALLOWED = 10_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class VocabularyOptions:
    """How a vocabulary is read, as `Vectors.to_keras_layer` documents it."""

    padding: str | None = None
    specials: Collection[str] = ()
    num_words: int | None = None
    index_offset: int = 0
    mask_zero: bool = False


DEFAULT_OPTIONS = VocabularyOptions()


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
    # What its layer makes of texts, if not indices.
    output_mode: str = "int"

    @property
    def is_zero_free(self) -> bool:
        """Whether no token has index 0, which is padding then by convention."""
        at_zero = (self.padding, self.specials, self.indices)
        return not any(0 in indices for indices in at_zero)

    def check_indices(self) -> None:
        """Raise `VocabularyError` unless it makes indices, as an Embedding needs."""
        if self.output_mode != "int":
            raise VocabularyError(
                f"the layer has output_mode={self.output_mode!r}, which makes a number "
                "for each word of its vocabulary, and an embedding takes indices: make "
                "it with output_mode='int', or multiply its output by "
                "vectors.embedding_matrix(layer)"
            )


def read_vocabulary(
    vocabulary: Any, options: VocabularyOptions = DEFAULT_OPTIONS
) -> Vocabulary:
    """Read and check a vocabulary of any kind.

    It is a mapping of words to indices; a list of words, whose positions are the
    indices; or an object that has either. Raises `VocabularyError` if the vocabulary
    has no words, or a word that is not a str; if an index is negative, not an integer
    or used twice; if it lacks a token that `options` name; or if its kind is not known.
    """
    entries = find_entries(vocabulary)
    own_padding, own_specials = _check_own_tokens(options)
    offset = find_int(options.index_offset)
    if offset is None:
        raise VocabularyError(f"index_offset={options.index_offset!r}: expected an int")
    limit = find_int(options.num_words)
    if options.num_words is None:
        if entries.num_words is not None:
            # A Tokenizer's own limit is about its own indices.
            limit = entries.num_words + offset
    elif limit is None or limit < 1:
        raise VocabularyError(
            f"num_words={options.num_words!r}: expected an int of at least 1"
        )
    words: dict[str, int] = {}
    taken: dict[int, str] = {}
    padding: dict[int, str] = {}
    specials: dict[int, str] = {}
    not_seen = own_padding | own_specials
    for token, given in entries.pairs:
        word, index = _check_entry(token, given, offset)
        not_seen -= {word}
        if limit is not None and index >= limit:
            continue
        if index in taken:
            raise VocabularyError(
                f"{taken[index]!r} and {word!r} both have index {index}: give each "
                "word its own"
            )
        taken[index] = word
        if word in own_padding:
            padding[index] = word
        elif word in own_specials:
            specials[index] = word
        elif word in entries.padding or is_padding(word):
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
    if is_too_large(size, len(words)):
        raise VocabularyError(
            f"the largest index is {size - 1:,} for {len(words):,} words, and the "
            "matrix would need a row for every index up to it: number the words from 1 "
            "on"
        )
    if not_seen:
        _explain_not_seen(not_seen, taken.values())
    if options.mask_zero:
        _check_masking(taken, padding, specials)
    indices = np.fromiter(words.values(), np.int64, len(words))
    return Vocabulary(
        [*words],
        indices,
        padding,
        specials,
        size,
        entries.counts,
        entries.output_mode,
    )


def is_too_large(size: int, words: int) -> bool:
    """Return whether so many rows for so many words are a mistake."""
    return size > max(_ALWAYS_ALLOWED, _MOST_ROWS_PER_WORD * words)


def _check_own_tokens(
    options: VocabularyOptions,
) -> tuple[frozenset[str], frozenset[str]]:
    """Return the tokens of `padding` and `specials`."""
    padding, specials = options.padding, options.specials
    if not isinstance(padding, str | None):
        raise VocabularyError(
            f"padding={padding!r}: expected one token as a str, such as '<blank>'"
        )
    if isinstance(specials, str) or not (
        isinstance(specials, Collection) and all(isinstance(s, str) for s in specials)
    ):
        raise VocabularyError(
            f"specials={specials!r}: expected a list of tokens, such as ['<num>']"
        )
    if padding in specials:
        raise VocabularyError(
            f"{padding!r} is in padding and in specials: choose one, as padding gets "
            "zeros, and the others the vector of unknown words"
        )
    return frozenset(() if padding is None else (padding,)), frozenset(specials)


def _explain_not_seen(tokens: Collection[str], others: Iterable[str]) -> NoReturn:
    token = min(tokens)
    # Of many words, those that a slip or other brackets may have led to.
    bare = token.strip("<>[]_")
    alike = [
        other
        for other in others
        if abs(len(other) - len(token)) <= 2
        and (other[:1] == token[:1] or other.strip("<>[]_") == bare)
    ]
    near = get_close_matches(token, alike, n=1)
    hint = (
        f"did you mean {near[0]!r}?" if near else "check its spelling, or leave it out"
    )
    raise VocabularyError(
        f"padding or specials: {token!r} is not in the vocabulary; {hint}"
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
            "index_offset=1 and add 1 to the data; or use mask_zero=False; or, if it "
            f"is the padding, padding={specials[0]!r}"
        )
    if 0 in taken and 0 not in padding:
        raise VocabularyError(
            f"{taken[0]!r} has index 0, which mask_zero=True makes padding: let "
            "indices start at 1, or use index_offset=1 and add 1 to the data; or, if "
            f"it is the padding, padding={taken[0]!r}"
        )
