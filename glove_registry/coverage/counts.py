"""How often words occur: counts that a user passes, and words of a text."""

import codecs
import errno
import os
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from operator import index as as_int
from os import PathLike
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from ..cache.files import open_regular
from ..errors import VocabularyError
from ..lookup.rows import Rows
from ..lookup.vocabulary import Vocabulary, VocabularyOptions, read_vocabulary
from ..text.tokenizers import tokenize

_BLOCK = 1 << 20
# Without a limit, a file without white space would be held in memory whole.
MAX_WORD = 1 << 20
# More is a mistake, and the sum of many such would not fit 64 bits.
_MOST = 2**48


def read_counts(
    vocabulary: Any, counts: Any, options: VocabularyOptions
) -> tuple[Vocabulary, NDArray[np.int64] | None, int | None]:
    """Read and check a vocabulary of any kind with the counts of its words.

    The arguments are those of `Vectors.coverage`. Returns the vocabulary, the count of
    each of its words (None if neither `counts` nor the vocabulary has any), and the
    occurrences of words outside it (None if not known). Raises `VocabularyError` if the
    vocabulary is invalid, if a count is negative or not a whole number, or if no word
    has a count.
    """
    if isinstance(vocabulary, Counter):
        if counts is not None:
            raise VocabularyError(
                "a Counter has the counts of its words: leave counts out, or pass "
                "list(counter) as the vocabulary"
            )
        # In this order, so that num_words keeps the most frequent words.
        counts = vocabulary
        vocabulary = [word for word, _ in vocabulary.most_common()]
    read = read_vocabulary(vocabulary, options)
    # A Tokenizer that was fitted on indices instead of texts has counted no words.
    if counts is None and read.counts and any(map(read.counts.get, read.words)):
        counts = read.counts
    if counts is None:
        return read, None, None
    if hasattr(counts, "to_dict"):  # a pandas Series, whose order means nothing
        series, counts = counts, counts.to_dict()
        if len(counts) < len(series):
            raise VocabularyError(
                f"counts: the {type(series).__name__} has words more than once: add "
                "their counts up, in pandas by counts.groupby(level=0).sum()"
            )
    if isinstance(counts, Mapping):
        by_word = {word: _check_count(count, word) for word, count in counts.items()}
        of_words = [by_word.get(word, 0) for word in read.words]
        others = {*read.specials.values(), *read.padding.values()}
        inside = sum(of_words) + sum(by_word.get(token, 0) for token in others)
        outside = sum(by_word.values()) - inside
        such = ", ".join(repr(word)[:40] for word in list(by_word)[:3])
        found = f"; counts has {such}" if such else ""
    else:
        by_index = [_check_count(count, i) for i, count in enumerate(_to_list(counts))]
        if any(by_index[read.size :]):
            raise VocabularyError(
                f"counts has {len(by_index):,} numbers, but the vocabulary has only "
                f"{read.size:,} indices: pass the counts of this vocabulary"
            )
        # np.bincount ends at the largest index that it saw.
        by_index += [0] * (read.size - len(by_index))
        of_words = [by_index[i] for i in read.indices.tolist()]
        outside, found = None, ""
    if not any(of_words):
        raise VocabularyError(
            f"no word of the vocabulary has a count above 0{found}: pass a mapping of "
            "the same words to numbers, or one number for each index"
        )
    return read, np.array(of_words, np.int64), outside


class Words(Counter[str]):
    """How often each word of a file occurs, and how many lines the file has."""

    lines = 1

    @property
    def are_a_vocabulary(self) -> bool:
        """Whether each stands on a line of its own, and none twice."""
        return len(self) == self.total() <= self.lines


def count_words(path: str | PathLike[str]) -> Words:
    """Count the words of a text, split at white space, in order of first occurrence.

    The text is a regular file in UTF-8, or standard input by the path ``"-"``. It is
    read in blocks: neither all of it nor a line of it has to fit into memory. Raises
    `VocabularyError` if it cannot be read, is not UTF-8, or has no words.
    """
    name = "standard input" if path == "-" else os.fspath(path)
    counted = Words()
    rest = ""
    try:
        with _open(path) as file:
            blocks = iter(partial(file.read, _BLOCK), b"")
            # Many editors on Windows write a byte order mark: utf-8-sig skips it.
            for block in codecs.iterdecode(blocks, "utf-8-sig"):
                counted.lines += block.count("\n")
                words = (rest + block).split()
                # The last word may go on in the next block.
                rest = "" if block[-1].isspace() else words.pop()
                counted.update(words)
                if len(rest) > MAX_WORD:
                    raise VocabularyError(
                        f"{name} is not a text of words: it has more than "
                        f"{MAX_WORD:,} characters without white space; split it into "
                        "words first"
                    )
    except OSError as error:
        raise VocabularyError(
            f"{name} cannot be read ({error.strerror}): give a text file, or - for "
            "standard input"
        ) from error
    except UnicodeDecodeError as error:
        found = error.object[error.start : error.start + 4].hex(" ")
        raise VocabularyError(
            f"{name} is not a UTF-8 text: it has the bytes {found}; unpack it, or "
            "convert it with iconv"
        ) from None
    counted.update(rest.split())
    if not counted:
        raise VocabularyError(f"{name} has no words: give a text that has some")
    return counted


def tokenize_words(counts: Words, vectors: Rows) -> Counter[str]:
    """Return how often each token occurs in a text whose words were counted.

    Words of a text become tokens by the convention of the release; those of a
    vocabulary are tokens.
    """
    if counts.are_a_vocabulary:
        return counts
    tokens: Counter[str] = Counter()
    for word, count in counts.items():
        for token in tokenize(word, vectors.tokenizer):
            tokens[token] += count
    return tokens


def _open(path: str | PathLike[str]) -> AbstractContextManager[BinaryIO]:
    if path != "-":
        return open_regular(path)
    if sys.stdin is None:
        raise OSError(errno.EBADF, "it is closed")
    return nullcontext(sys.stdin.buffer)


def _to_list(counts: Any) -> list[Any]:
    """Return one number for each index as a list."""
    found = type(counts).__name__
    if hasattr(counts, "__array__"):  # numpy's arrays, and tensors of all frameworks
        array = np.asarray(counts)
        if array.ndim == 2 and len(array) == 1:
            array = array[0]  # as the sum over the columns of a sparse matrix
        if array.ndim == 1:
            return list(array.tolist())
        found += f" of shape {array.shape}"
    elif isinstance(counts, Sequence) and not isinstance(counts, str | bytes):
        return list(counts)
    raise VocabularyError(
        "counts: expected a mapping of words to numbers, or one number for each index, "
        f"found {found}"
    )


def _check_count(number: Any, owner: object) -> int:
    """Return a count as an int; `owner` is its word or index, for the message."""
    count = None
    if not isinstance(number, bool):
        try:
            count = as_int(number)
        except TypeError:
            # Sums are often floats, numpy's as well; NaN and infinity are not whole.
            is_whole = getattr(number, "is_integer", None)
            count = int(number) if callable(is_whole) and is_whole() else None
    if count is None or not 0 <= count <= _MOST:
        raise VocabularyError(
            f"the count of {owner!r} is {number!r}: expected a whole number from 0 to "
            f"{_MOST:,}"
        )
    return count
