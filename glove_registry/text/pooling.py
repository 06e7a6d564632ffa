"""From the vectors of a text's words to one vector, for many texts at once."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import Literal, NamedTuple, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from ..lookup.case import Case
from ..lookup.compose import find_vectors, take_vectors
from ..lookup.oov import refuse_overflow
from ..lookup.rows import Rows

Pooling: TypeAlias = Literal["mean", "sum", "sqrtn", "max"]
POOLINGS: tuple[Pooling, ...] = get_args(Pooling)

# The vectors of the words in one block of texts, in float64.
_BLOCK_BYTES = 1 << 24

Factors: TypeAlias = NDArray[np.float64]
# From the different words of some texts, and their rows, to two numbers for each word:
# by what its vector is multiplied, and how much it counts in a mean. A word whose
# factor is 0 is skipped as if it had no vector.
Weigh: TypeAlias = Callable[[Sequence[str], NDArray[np.int64]], tuple[Factors, Factors]]


def check_pooling(pooling: object) -> None:
    """Raise `ValueError` if `pooling` is not one of `POOLINGS`."""
    if pooling not in POOLINGS:
        raise ValueError(f"pooling={pooling!r}: expected one of {', '.join(POOLINGS)}")


def pool_texts(
    vectors: Rows,
    texts: Iterable[Sequence[str]],
    *,
    pooling: Pooling = "mean",
    case: Case = "fallback",
    weigh: Weigh | None = None,
    expected: int = 0,
) -> NDArray[np.float32]:
    """Return one vector for the words of each text.

    Parameters
    ----------
    vectors : Rows
    texts : iterable of sequences of str
        The words of each text. Words without a vector are skipped: they are neither
        summed nor counted.
    pooling : {"mean", "sum", "sqrtn", "max"}
        The mean of the vectors, their sum, their sum divided by the square root of
        their number, or the maximum in each dimension. Of weighted vectors, ``"mean"``
        divides by the sum of what the words count, and ``"sqrtn"`` by the square root
        of the sum of its squares.
    case : {"fallback", "exact"}
    weigh : callable, optional
        By default, all words count 1.
    expected : int
        Number of texts, if it is known.

    Returns
    -------
    ndarray of shape (n_texts, dimension), float32
        Zeros for a text of which no word has a vector. Sums are made in float64 in the
        order of the words, so that a text's vector does not depend on other texts.

    Notes
    -----
    Besides the result, memory holds the words of one block of texts, and their vectors.
    """
    check_pooling(pooling)
    limit = max(1, _BLOCK_BYTES // (8 * (vectors.dimension + 1)))
    pooled = np.empty((expected, vectors.dimension), np.float32)
    done = 0
    for block in divide_texts(texts, limit):
        end = done + len(block)
        if end > len(pooled):
            # In place, so that the texts so far are not in memory twice.
            pooled.resize((end + end // 8, vectors.dimension), refcheck=False)
        sentence = (
            f"pooling={pooling!r}: a vector is too large for float32; check the "
            f"numbers of {vectors.name}, and the weights if there are any"
        )
        with refuse_overflow(sentence):
            pooled[done:end] = _pool_block(vectors, block, pooling, case, weigh, limit)
        done = end
    pooled.resize((done, vectors.dimension), refcheck=False)
    return pooled


def divide_texts(
    texts: Iterable[Sequence[str]], limit: int
) -> Iterator[list[Sequence[str]]]:
    """Yield texts in blocks, each of which ends when it has `limit` words or more."""
    block: list[Sequence[str]] = []
    size = 0
    for words in texts:
        block.append(words)
        size += len(words) or 1
        if size >= limit:
            yield block
            block, size = [], 0
    if block:
        yield block


class NumberedWords(NamedTuple):
    """The words of some texts, each different word once."""

    words: list[str]
    sequence: NDArray[np.int64]  # the place in `words` of each word of all texts
    owners: NDArray[np.int64]  # the text of each of these


def number_words(texts: Sequence[Sequence[str]]) -> NumberedWords:
    """Return the words of some texts with a number for each different one."""
    words = list(dict.fromkeys(chain.from_iterable(texts)))
    numbers = dict(zip(words, range(len(words)), strict=True))
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    numbered = map(numbers.__getitem__, chain.from_iterable(texts))
    sequence = np.fromiter(numbered, np.int64, lengths.sum())
    return NumberedWords(words, sequence, np.repeat(np.arange(len(texts)), lengths))


def _pool_block(
    vectors: Rows,
    texts: list[Sequence[str]],
    pooling: Pooling,
    case: Case,
    weigh: Weigh | None,
    limit: int,
) -> NDArray[np.float64]:
    """Return one vector for the words of each text, in float64."""
    words, sequence, owners = number_words(texts)
    rows, composed = find_vectors(vectors, words, case)
    factors = shares = np.ones(len(words))
    if weigh is not None:
        factors, shares = weigh(words, rows)
    is_used = (rows >= 0) & (factors != 0)
    # The vectors in use, one below the other, and beside each one its share. With two
    # columns or more, numpy sums along the columns in their order.
    table = np.empty((is_used.sum(), vectors.dimension + 1))
    table[:, :-1] = take_vectors(vectors, rows[is_used], composed)
    table[:, :-1] *= factors[is_used, None]
    table[:, -1] = shares[is_used] ** 2 if pooling == "sqrtn" else shares[is_used]
    places = np.where(is_used, np.cumsum(is_used) - 1, -1)
    sequence = places[sequence]
    owners, sequence = owners[sequence >= 0], sequence[sequence >= 0]
    counts = np.bincount(owners, minlength=len(texts))
    starts = np.cumsum(counts) - counts
    pooled = np.zeros((len(texts), table.shape[1]))
    reduce = np.maximum.reduce if pooling == "max" else np.add.reduce
    # Texts with the same number of words are pooled together: an array of three
    # dimensions, reduced in the second one.
    for count in np.unique(counts[counts > 0]).tolist():
        alike = np.flatnonzero(counts == count)
        # Only a single text can be longer than a block.
        for first in range(0, count, limit):
            offsets = np.arange(first, min(first + limit, count))
            part = table[sequence[starts[alike, None] + offsets]]
            if first:
                before = pooled[alike, None]
                part = np.concatenate([before, part], axis=1)
            pooled[alike] = reduce(part, axis=1)
    divisors = pooled[:, -1:]
    if pooling == "sqrtn":
        divisors = np.sqrt(divisors)
    pooled = pooled[:, :-1]
    if pooling in ("mean", "sqrtn"):
        np.divide(pooled, divisors, out=pooled, where=divisors > 0)
    return pooled
