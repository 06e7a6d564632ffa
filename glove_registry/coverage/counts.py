"""How often each word of a vocabulary occurs, by whatever the caller has."""

import codecs
import errno
import os
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import partial
from operator import index as as_int
from os import PathLike
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from ..cache.files import open_regular
from ..errors import VocabularyError
from ..lookup.vocabulary import Vocabulary, read_vocabulary

_BLOCK = 1 << 20
# No word is longer, and what has no white space at all would be held in memory whole.
MAX_WORD = 1 << 20
# More is a slip, and the sum of many such would not fit 64 bits.
_MOST = 2**48


@dataclass(frozen=True, slots=True)
class Counted:
    """A vocabulary, and how often its words occur.

    Attributes
    ----------
    vocabulary : Vocabulary
    counts : ndarray of shape (n_words,), int64, or None
        Of each word; None if nobody has counted.
    outside : int or None
        Tokens whose words the vocabulary does not have, if the counts tell.
    """

    vocabulary: Vocabulary
    counts: NDArray[np.int64] | None
    outside: int | None


def read_counted(
    vocabulary: Any,
    counts: Any = None,
    *,
    num_words: int | None = None,
    index_offset: int = 0,
) -> Counted:
    """Read and check a vocabulary of any kind with the counts of its words.

    Parameters
    ----------
    vocabulary : mapping, sequence, layer, tokenizer or Counter
        What `read_vocabulary` takes; or a Counter, which is words with their counts.
    counts : mapping or sequence, optional
        From words to numbers; or one number for each index of the vocabulary.
    num_words, index_offset : int
        As for `read_vocabulary`.

    Raises
    ------
    VocabularyError
        The vocabulary has a fault, or a count is no number of times; or no word of the
        vocabulary has a count.
    """
    if isinstance(vocabulary, Counter):
        if counts is not None:
            raise VocabularyError(
                "a Counter is words with their counts: leave counts away, or give "
                "list(counter) as the vocabulary"
            )
        # So that num_words means the most frequent ones.
        counts = vocabulary
        vocabulary = [word for word, _ in vocabulary.most_common()]
    read = read_vocabulary(vocabulary, num_words=num_words, index_offset=index_offset)
    # A Tokenizer that was fitted on numbers instead of texts has counted no word.
    own = read.counts if read.counts and any(map(read.counts.get, read.words)) else None
    given = own if counts is None else counts
    if given is None:
        return Counted(read, None, None)
    if hasattr(given, "to_dict"):  # a Series of pandas; its own order says nothing
        given = given.to_dict()
    if isinstance(given, Mapping):
        return _read_by_word(read, given)
    return _read_by_index(read, given)


def count_words(path: str | PathLike[str]) -> Counter[str]:
    """Count the words of a text that white space separates.

    Parameters
    ----------
    path : str or path-like
        A regular file of text in UTF-8, or ``"-"`` for standard input. It is read in
        pieces, so neither the text nor a line of it need fit into memory.

    Returns
    -------
    Counter
        In the order of first occurrence.

    Raises
    ------
    VocabularyError
        The text cannot be read, is not UTF-8, or holds no word.
    """
    name = "standard input" if path == "-" else os.fspath(path)
    try:
        with _open(path) as file:
            return _count_words(file, name)
    except OSError as error:
        raise VocabularyError(
            f"{name} cannot be read ({error.strerror}): give a text file, or - for "
            "standard input"
        ) from error


def _open(path: str | PathLike[str]) -> AbstractContextManager[BinaryIO]:
    if path != "-":
        return open_regular(path)
    if sys.stdin is None:
        raise OSError(errno.EBADF, "it is closed")
    return nullcontext(sys.stdin.buffer)


def _count_words(file: BinaryIO, name: str) -> Counter[str]:
    # What many editors on Windows put first is no part of the first word.
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    counted: Counter[str] = Counter()
    rest = ""
    try:
        for block in iter(partial(file.read, _BLOCK), b""):
            text = rest + decoder.decode(block)
            words = text.split()
            # The last word may go on in the next block.
            rest = words.pop() if words and not text[-1].isspace() else ""
            counted.update(words)
            if len(rest) > MAX_WORD:
                raise VocabularyError(
                    f"{name} is not a text of words: it has more than {MAX_WORD:,} "
                    "characters without white space; split it into words first"
                )
        rest += decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        found = error.object[error.start : error.start + 4].hex(" ")
        raise VocabularyError(
            f"{name} is not a UTF-8 text: it has the bytes {found}; unpack it, or "
            "convert it by iconv"
        ) from None
    counted.update(rest.split())
    if not counted:
        raise VocabularyError(f"{name} has no word in it")
    return counted


def _read_by_word(vocabulary: Vocabulary, counts: Mapping[Any, Any]) -> Counted:
    checked = {word: _check(number, word) for word, number in counts.items()}
    of_words = [checked.get(word, 0) for word in vocabulary.words]
    if not any(of_words):
        such = ", ".join(repr(key)[:40] for key in list(checked)[:3])
        raise VocabularyError(
            "counts has no count of any of the vocabulary's words"
            + (f", it is of {such}" if such else "")
            + ": give a mapping of the same words to numbers, or one number for each "
            "index"
        )
    known = {*vocabulary.specials.values(), *vocabulary.padding.values()}
    inside = sum(of_words) + sum(checked.get(token, 0) for token in known)
    return Counted(
        vocabulary, np.array(of_words, np.int64), sum(checked.values()) - inside
    )


def _read_by_index(vocabulary: Vocabulary, counts: Any) -> Counted:
    checked = [_check(number, i) for i, number in enumerate(_list_numbers(counts))]
    if any(checked[vocabulary.size :]):
        raise VocabularyError(
            f"counts has {len(checked):,} numbers, and the vocabulary only "
            f"{vocabulary.size:,} indices: they are of another vocabulary"
        )
    # np.bincount ends with the largest index that it saw.
    checked += [0] * (vocabulary.size - len(checked))
    of_words = np.array(checked, np.int64)[vocabulary.indices]
    if not of_words.any():
        raise VocabularyError("counts is 0 at the index of every word")
    return Counted(vocabulary, of_words, None)


def _list_numbers(counts: Any) -> list[Any]:
    found = type(counts).__name__
    if hasattr(counts, "__array__"):  # numpy's own, and the tensors of all frameworks
        array = np.asarray(counts)
        if array.ndim == 2 and array.shape[0] == 1:
            array = array.ravel()  # what the sum of a sparse matrix's columns is
        if array.ndim == 1:
            return list(array.tolist())
        found += f" of shape {array.shape}"
    elif isinstance(counts, Sequence) and not isinstance(counts, str | bytes):
        return list(counts)
    raise VocabularyError(
        "counts: expected a mapping of words to numbers, or one number for each index, "
        f"found {found}"
    )


def _check(number: Any, of: object) -> int:
    """Give a count as an int; `of` says whose it is if it is none."""
    count = None
    if not isinstance(number, bool):
        try:
            count = as_int(number)
        except TypeError:
            # Sums are often floats, also numpy's; neither NaN nor inf is whole.
            is_whole = getattr(number, "is_integer", None)
            count = int(number) if callable(is_whole) and is_whole() else None
    if count is None or not 0 <= count <= _MOST:
        raise VocabularyError(
            f"the count of {of!r} is {number!r}: expected a whole number from 0 to "
            f"{_MOST:,}"
        )
    return count
