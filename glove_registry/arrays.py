"""`Arrays`: many words at once, as plain numpy arrays and as a report."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from .rows import Rows

if TYPE_CHECKING:
    from .coverage import Coverage
    from .lookup import Case, EmbeddingPlan, OovRule


class Arrays(Rows):
    """Vectors of many words, by the rules for case and for misses; numpy alone."""

    def lookup(
        self,
        words: Iterable[str],
        *,
        oov: "OovRule" = "zeros",
        case: "Case" = "fallback",
        dtype: DTypeLike = np.float32,
    ) -> NDArray[Any]:
        """Give the vectors of many words, also of those that have none.

        Parameters
        ----------
        words : iterable of str
        oov, case
            As for `to_keras_layer`.
        dtype : data type
            ``"float32"``, ``"float16"``, ``"float64"`` or ``"bfloat16"``.

        Returns
        -------
        ndarray of shape (n_words, dimension), `dtype`

        Raises
        ------
        UnknownWordError
            `words` are not words; or, with ``oov="error"``, some have no vector.

        Examples
        --------
        >>> import glove_registry
        >>> vectors = glove_registry.load("glove.6B.50d-first10k")
        >>> vectors.lookup(["film", "Film", "flim"]).any(axis=1)
        array([ True,  True, False])
        """
        from .lookup import look_up

        return look_up(self, words, oov=oov, case=case, dtype=dtype)

    def embedding_matrix(
        self,
        vocabulary: Any,
        *,
        mask_zero: bool = False,
        oov: "OovRule" = "zeros",
        case: "Case" = "fallback",
        num_words: int | None = None,
        index_offset: int = 0,
        input_dim: int | None = None,
        dtype: DTypeLike = np.float32,
    ) -> NDArray[Any]:
        """Make the matrix of a vocabulary, for any framework.

        Parameters
        ----------
        vocabulary, mask_zero, oov, case, num_words, index_offset, input_dim
            As for `to_keras_layer`, whose weights it gives.
        dtype : data type
            ``"float32"``, ``"float16"``, ``"float64"`` or ``"bfloat16"``.

        Returns
        -------
        ndarray of shape (input_dim, dimension), `dtype`

        Raises
        ------
        VocabularyError, UnknownWordError
            As for `to_keras_layer`.

        Examples
        --------
        >>> import glove_registry
        >>> vectors = glove_registry.load("glove.6B.50d-first10k")
        >>> vectors.embedding_matrix(["", "[UNK]", "film"]).any(axis=1)
        array([False, False,  True])
        """
        plan = self._plan(
            vocabulary, mask_zero, oov, case, num_words, index_offset, input_dim
        )
        return plan.make(dtype)

    def coverage(
        self,
        vocabulary: Any,
        counts: Any = None,
        *,
        case: "Case" = "fallback",
        num_words: int | None = None,
        index_offset: int = 0,
    ) -> "Coverage":
        """Find out how much of a vocabulary has a vector, and why the rest has none.

        Parameters
        ----------
        vocabulary : mapping, sequence, layer, tokenizer or Counter
            As for `to_keras_layer`; or a ``collections.Counter`` of words, which is a
            vocabulary with its counts.
        counts : mapping or sequence, optional
            How often each word occurs: a mapping of words to numbers, such as a
            Counter or a Series of pandas; or one number for each index of the
            vocabulary, as ``np.bincount`` gives for encoded texts. A Tokenizer brings
            its own. Without counts there are no shares of tokens.
        case, num_words, index_offset
            As for `to_keras_layer`.

        Returns
        -------
        Coverage
            To print, to compute with, and to draw.

        Raises
        ------
        VocabularyError
            The vocabulary has a fault; a count is no whole number from 0 on; or all
            counts are of other words.

        Examples
        --------
        >>> import glove_registry
        >>> vectors = glove_registry.load("glove.6B.50d-first10k")
        >>> counts = {"film": 6, "Good": 2, "don't": 1, "flim": 1}
        >>> coverage = vectors.coverage(list(counts), counts)
        >>> coverage.found.types, coverage.found.of_tokens
        (2, 0.8)
        >>> coverage.misses
        {"don't": 1, 'flim': 1}
        """
        from .coverage import find_coverage, read_counted

        counted = read_counted(
            vocabulary, counts, num_words=num_words, index_offset=index_offset
        )
        return find_coverage(self, counted, case)

    def _plan(
        self,
        vocabulary: Any,
        mask_zero: bool,
        oov: "OovRule",
        case: "Case",
        num_words: int | None,
        index_offset: int,
        input_dim: int | None,
    ) -> "EmbeddingPlan":
        from .lookup import plan_embedding, warn_of_doubts
        from .vocabulary import read_vocabulary

        checked = read_vocabulary(
            vocabulary,
            num_words=num_words,
            index_offset=index_offset,
            mask_zero=mask_zero,
        )
        plan = plan_embedding(self, checked, oov=oov, case=case, input_dim=input_dim)
        warn_of_doubts(plan)
        return plan
