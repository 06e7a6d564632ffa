"""The embedding matrix of a vocabulary: each word at its index."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from ..errors import VocabularyError
from ..messages.caller import warn_caller
from .case import Case, Matches, match_words
from .gather import gather
from .oov import OovRule, choose_oov, split_phrase
from .rows import Rows, name_vocabulary
from .special_tokens import is_piece
from .vocabulary import (
    Vocabulary,
    VocabularyOptions,
    find_int,
    is_too_large,
    read_vocabulary,
)

_MANY_PIECES = 0.1


# The first rows of what a layer learns beside its vectors: one for padding, if that is
# index 0, and one for all other indices that learn nothing.
_PADDING, NOT_LEARNED = 0, 1


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddingOptions(VocabularyOptions):
    """How a vocabulary becomes a matrix, as `Vectors.to_keras_layer` documents it."""

    oov: OovRule | None = None
    case: Case = "fallback"
    input_dim: int | None = None


@dataclass(frozen=True, slots=True)
class EmbeddingPlan:
    """Everything that decides an embedding matrix, which is not in memory yet."""

    vectors: Rows
    vocabulary: Vocabulary
    matches: Matches  # for the vocabulary's words
    oov: OovRule
    size: int  # rows of the matrix
    case: Case = "fallback"  # for the parts of a word

    def make(self, dtype: DTypeLike = np.float32) -> NDArray[Any]:
        """Return the matrix, whose row i is the vector of the word with index i.

        A special token other than padding counts as a word without a vector, since its
        index stands for unknown words; by the rule ``"subword"``, it gets zeros.
        Padding and unused indices are zeros.
        """
        # Neither parts nor n-grams of their names would mean anything.
        is_of_spelling = self.oov in ("parts", "subword")
        specials = {} if is_of_spelling else self.vocabulary.specials
        names = [*specials.values()]
        if not callable(self.oov):
            # Several indices for unknown words differ, as they hold different words.
            names = number_repeated(names)
        words, indices = self.vocabulary.words, self.vocabulary.indices
        rows = self.matches.rows
        if names:
            words = [*words, *names]
            indices = np.append(indices, [*specials])
            rows = np.append(rows, [-1] * len(names))
        return gather(
            self.vectors, words, rows, indices, self.size, self.oov, dtype, self.case
        )

    def split(self) -> tuple["EmbeddingPlan", "EmbeddingPlan", NDArray[np.int64]]:
        """Return plans of what has a vector, and of what else there is to learn.

        Returns
        -------
        EmbeddingPlan
            The same rows, with zeros for words without a vector and special tokens.
        EmbeddingPlan
            A row for each index that is neither a word with a vector nor padding, after
            two rows of zeros.
        ndarray of shape (size,), int64
            The row of each index in the second: of those that have none there,
            `NOT_LEARNED`, or 0 for index 0 if it is padding.
        """
        read, found = self.vocabulary, self.matches.found
        paddings = {*read.padding}
        if read.is_zero_free:
            paddings.add(0)
        is_learned = np.ones(self.size, np.bool_)
        is_learned[read.indices[found]] = False
        is_learned[[*paddings]] = False
        size = NOT_LEARNED + 1 + int(is_learned.sum())
        rows = np.full(self.size, NOT_LEARNED)
        rows[is_learned] = np.arange(NOT_LEARNED + 1, size)
        if 0 in paddings:
            rows[0] = _PADDING
        missing = np.flatnonzero(~found)
        others = Vocabulary(
            [read.words[i] for i in missing],
            rows[read.indices[missing]],
            padding={},
            specials={int(rows[i]): token for i, token in read.specials.items()},
            size=size,
            counts=None,
        )
        no_matches = Matches(np.full(len(missing), -1), {})
        learned = replace(self, vocabulary=others, matches=no_matches, size=size)
        return replace(self, oov="zeros"), learned, rows


def plan_embedding(
    vectors: Rows, vocabulary: Any, options: EmbeddingOptions
) -> EmbeddingPlan:
    """Return the plan of the embedding matrix of a vocabulary of any kind.

    Raises `VocabularyError` if the vocabulary is invalid or needs more rows than
    `input_dim`, and what `choose_oov` raises. Warns as `warn_if_unsuitable` does.
    """
    read = read_vocabulary(vocabulary, options)
    size = read.size if options.input_dim is None else find_int(options.input_dim)
    if size is None:
        raise VocabularyError(f"input_dim={options.input_dim!r}: expected an int")
    if size < read.size:
        raise VocabularyError(
            f"input_dim={size:,}, and the vocabulary needs {read.size:,} rows: leave "
            "input_dim out, or shorten the vocabulary with num_words"
        )
    if is_too_large(size, len(read.words)):
        raise VocabularyError(
            f"input_dim={size:,} for {len(read.words):,} words: leave it out, or pass "
            "the number of indices"
        )
    matches = match_words(vectors, read.words, options.case)
    missing = [read.words[i] for i in np.flatnonzero(~matches.found)]
    oov = choose_oov(options.oov, vectors, missing)
    warn_if_unsuitable(vectors, read.words, matches, oov)
    return EmbeddingPlan(vectors, read, matches, oov, size, options.case)


def warn_if_unsuitable(
    vectors: Rows, words: Sequence[str], matches: Matches, oov: OovRule = "zeros"
) -> None:
    """Warn if none of the words has a vector, or if many look like pieces of words."""
    pieces = [word for word in words if is_piece(word)]
    if len(pieces) > _MANY_PIECES * len(words):
        warn_caller(
            f"{len(pieces):,} of {len(words):,} tokens look like pieces of words (such "
            f"as {pieces[0]!r}), as sub-word tokenizers make them: {vectors.name} has "
            "vectors of whole words; tokenize into words"
        )
    elif not (matches.found.any() or vectors.has_subwords or oov == "parts"):
        hint = f", such as {words[0]!r}"
        if (vectors.rows(map(str.lower, words)) >= 0).any():
            hint = ": some would have one in lower case; use case='fallback'"
        elif len(split_phrase(words[0])) > 1:
            hint += (
                ": with oov='parts', phrases get the mean of their words; texts have "
                "to be split into words"
            )
        warn_caller(
            "no word of the vocabulary has a vector in "
            f"{name_vocabulary(vectors)}{hint}"
        )


def number_repeated(tokens: Iterable[str]) -> list[str]:
    """Return tokens that are all different, the first of equals as it is.

    >>> number_repeated(["[UNK]", "[UNK]", "[CLS]"])
    ['[UNK]', '[UNK] 2', '[CLS]']
    """
    seen: Counter[str] = Counter()
    numbered = []
    for token in tokens:
        seen[token] += 1
        numbered.append(token if seen[token] == 1 else f"{token} {seen[token]}")
    return numbered
