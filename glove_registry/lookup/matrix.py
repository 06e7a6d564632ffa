"""The embedding matrix of a vocabulary: each word at its index."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from ..errors import VocabularyError
from ..messages.caller import warn_caller
from .case import Case, Matches, match_words
from .gather import gather
from .oov import OovRule, choose_oov
from .rows import Rows
from .special_tokens import is_piece
from .vocabulary import Vocabulary, find_int, read_vocabulary

_MANY_PIECES = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddingOptions:
    """How a vocabulary becomes a matrix, as `Vectors.to_keras_layer` documents it."""

    mask_zero: bool
    oov: OovRule | None
    case: Case
    num_words: int | None
    index_offset: int
    input_dim: int | None


@dataclass(frozen=True, slots=True)
class EmbeddingPlan:
    """Everything that decides an embedding matrix, which is not in memory yet."""

    vectors: Rows
    vocabulary: Vocabulary
    matches: Matches  # for the vocabulary's words
    oov: OovRule
    size: int  # rows of the matrix

    def make(self, dtype: DTypeLike = np.float32) -> NDArray[Any]:
        """Return the matrix, whose row i is the vector of the word with index i.

        A special token other than padding counts as a word without a vector, since its
        index stands for unknown words; by the rule ``"subword"``, it gets zeros.
        Padding and unused indices are zeros.
        """
        # The n-grams of their names would mean nothing.
        specials = self.vocabulary.specials if self.oov != "subword" else {}
        words = [*self.vocabulary.words, *specials.values()]
        rows = np.full(len(words), -1)
        rows[: len(self.matches.rows)] = self.matches.rows
        special_indices = np.fromiter(specials, np.int64, len(specials))
        indices = np.concatenate([self.vocabulary.indices, special_indices])
        return gather(self.vectors, words, rows, indices, self.size, self.oov, dtype)


def plan_embedding(
    vectors: Rows, vocabulary: Any, options: EmbeddingOptions
) -> EmbeddingPlan:
    """Return the plan of the embedding matrix of a vocabulary of any kind.

    Raises `VocabularyError` if the vocabulary is invalid or needs more rows than
    `input_dim`, and what `choose_oov` raises. Warns as `warn_if_unsuitable` does.
    """
    read = read_vocabulary(
        vocabulary,
        num_words=options.num_words,
        index_offset=options.index_offset,
        mask_zero=options.mask_zero,
    )
    size = read.size if options.input_dim is None else find_int(options.input_dim)
    if size is None:
        raise VocabularyError(f"input_dim={options.input_dim!r}: expected an int")
    if size < read.size:
        raise VocabularyError(
            f"input_dim={size:,}, and the vocabulary needs {read.size:,} rows: leave "
            "input_dim out, or shorten the vocabulary with num_words"
        )
    matches = match_words(vectors, read.words, options.case)
    missing = [read.words[i] for i in np.flatnonzero(~matches.found)]
    oov = choose_oov(options.oov, vectors, missing)
    warn_if_unsuitable(vectors, read.words, matches)
    return EmbeddingPlan(vectors, read, matches, oov, size)


def warn_if_unsuitable(vectors: Rows, words: Sequence[str], matches: Matches) -> None:
    """Warn if none of the words has a vector, or if many look like pieces of words."""
    pieces = [word for word in words if is_piece(word)]
    if len(pieces) > _MANY_PIECES * len(words):
        warn_caller(
            f"{len(pieces):,} of {len(words):,} tokens look like pieces of words (such "
            f"as {pieces[0]!r}), as sub-word tokenizers make them: {vectors.name} has "
            "vectors of whole words; tokenize into words"
        )
    elif not matches.found.any() and not vectors.has_subwords:
        in_lower_case = (vectors.rows(map(str.lower, words)) >= 0).any()
        hint = ": some would have one in lower case; use case='fallback'"
        warn_caller(
            f"no word of the vocabulary has a vector in {vectors.name}"
            + (hint if in_lower_case else f", such as {words[0]!r}")
        )
