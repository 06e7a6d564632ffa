"""Vectors for out-of-vocabulary words: the rules of the argument `oov`."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import chain
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import UnknownWordError
from ..messages.printable import quote
from ..store import encode_word
from .case import Case, match_words
from .rows import Rows, name_vocabulary, show_words

OovRule: TypeAlias = str | Callable[[str], ArrayLike]

OOV_RULES = ("zeros", "mean", "unk", "normal", "error", "subword", "parts")

# The row by this name is the authors' own vector for unknown words, where there is
# one. The word "unk" of glove.6B is an ordinary token.
_UNK = "<unk>"
# What separates the words of a phrase, as tools that join phrases write it. A hyphen
# does not: "covid-19" is not the mean of "covid" and "19".
_BETWEEN_PARTS = re.compile(r"[\s_]+")
_NORMAL = re.compile(r"normal(?::([0-9]{1,9}))?")


def is_oov_rule(value: object) -> bool:
    """Return whether a value is the name of a rule."""
    return isinstance(value, str) and (
        value in OOV_RULES or bool(_NORMAL.fullmatch(value))
    )


def check_oov(oov: object) -> None:
    """Raise `ValueError` if `oov` is neither the name of a rule nor a function."""
    if not (callable(oov) or is_oov_rule(oov)):
        raise ValueError(
            f"oov={oov!r}: expected one of {', '.join(OOV_RULES)}, normal:SEED, or a "
            "function from a word to a vector"
        )


def choose_oov(oov: OovRule | None, vectors: Rows, words: Sequence[str]) -> OovRule:
    """Return the rule for words without a row.

    If none is given, it is ``"subword"`` for a release with n-grams, and ``"zeros"``
    for any other. Raises `ValueError` if there is no such rule, and `UnknownWordError`
    if `oov` is ``"error"`` and there are such words, ``"unk"`` and the release has no
    ``<unk>`` row, or ``"subword"`` and it has no n-grams.
    """
    if oov is None:
        return "subword" if vectors.has_subwords else "zeros"
    # First of all, as an array in place of a name would be compared item by item.
    check_oov(oov)
    if oov == "error" and words:
        raise UnknownWordError(
            f"oov='error': {len(words):,} words have no vector in "
            f"{name_vocabulary(vectors)}: {show_words(words)}"
        )
    if oov == "unk" and _UNK not in vectors:
        raise UnknownWordError(
            f"oov='unk': {vectors.name} has no {_UNK} row; use oov='mean', which is "
            "the nearest to it"
        )
    if oov == "subword" and not vectors.has_subwords:
        raise UnknownWordError(
            f"oov='subword': {vectors.name} has no vectors of n-grams, as models of "
            "fastText (.bin) have; use another rule"
        )
    return oov


def make_oov_vectors(
    oov: OovRule, vectors: Rows, words: Sequence[str], case: Case
) -> NDArray[np.float32]:
    """Return vectors for words that have none, by a rule that was checked.

    A mean of all vectors for unknown words is Jeffrey Pennington's advice in the
    discussion group of GloVe, for releases without a row of their own for it.
    """
    shape = len(words), vectors.dimension
    if callable(oov):
        made = np.empty(shape, np.float32)
        for i, word in enumerate(words):
            given = _read_numbers(oov(word), word, vectors.dimension)
            # Not around the function, whose own arithmetic is its own affair.
            with refuse_overflow(
                "oov: the function returned numbers that are too large for float32"
            ):
                made[i] = given
        return made
    if normal := _NORMAL.fullmatch(oov):
        seed = int(normal[1] or 0)
        drawn = np.empty(shape)
        for i, word in enumerate(words):
            drawn[i] = _draw_standard_normal(word, seed, vectors.dimension)
        mean, deviation = vectors.moments
        with refuse_overflow(
            f"oov={oov!r}: numbers like those of {vectors.name} are too large for "
            "float32"
        ):
            return np.asarray(mean + deviation * drawn, np.float32)
    if oov == "mean":
        return np.broadcast_to(vectors.moments[0].astype(np.float32), shape)
    if oov == "subword":
        return vectors.compose(words)[0]
    if oov == "unk":
        return np.broadcast_to(vectors[_UNK], shape)
    if oov == "parts":
        return _average_parts(vectors, words, case).astype(np.float32)
    # With "error", this is for special tokens: words were refused before.
    return np.zeros(shape, np.float32)


def _read_numbers(given: object, word: str, dimension: int) -> NDArray[Any]:
    """Return what a function returned for a word, if it is a vector."""
    numbers: NDArray[Any] | None = None
    # A ragged list, or a tensor on another device.
    with suppress(ValueError, TypeError, RuntimeError):
        numbers = np.asarray(given)
    if (
        numbers is None
        or isinstance(given, np.ma.MaskedArray)
        or numbers.shape != (dimension,)
        or not (numbers.dtype.kind in "fiu" or numbers.dtype.name == "bfloat16")
    ):
        found = type(given).__name__
        if numbers is not None:
            found = f"an array of shape {numbers.shape}, {numbers.dtype}"
        raise ValueError(
            f"oov: the function returned {found} for {quote(word)}, expected "
            f"{dimension} numbers"
        )
    if not np.isfinite(numbers).all():
        raise ValueError(
            f"oov: the function returned numbers that are not finite for {quote(word)}"
        )
    return numbers


def split_phrase(word: str) -> list[str]:
    """Return the words of a phrase, which underscores or white space separate.

    Examples
    --------
    >>> split_phrase("new_york"), split_phrase("new york"), split_phrase("well-made")
    (['new', 'york'], ['new', 'york'], ['well-made'])
    """
    return [part for part in _BETWEEN_PARTS.split(word) if part]


def _average_parts(
    vectors: Rows, words: Sequence[str], case: Case
) -> NDArray[np.float64]:
    """Return the mean of those parts of each word that have a vector, or zeros."""
    parts = [split_phrase(word) for word in words]
    owners = np.repeat(np.arange(len(words)), [*map(len, parts)])
    rows = match_words(vectors, [*chain.from_iterable(parts)], case).rows
    found = rows >= 0
    sums = np.zeros((len(words), vectors.dimension))
    np.add.at(sums, owners[found], vectors.take(rows[found]))
    counts = np.bincount(owners[found], minlength=len(words))
    return sums / np.maximum(counts, 1)[:, np.newaxis]


@contextmanager
def refuse_overflow(sentence: str) -> Iterator[None]:
    """Raise `ValueError` if a number becomes infinite in a narrower type."""
    try:
        with np.errstate(over="raise"):
            yield
    except FloatingPointError:
        raise ValueError(sentence) from None


def _draw_standard_normal(word: str, seed: int, count: int) -> NDArray[np.float64]:
    """Return normally distributed numbers that depend on the word and the seed alone.

    From a hash, by the transform of Box and Muller (1958): the normal numbers of
    numpy's generators may change between versions (NEP 19).
    """
    import hashlib  # not needed for the other rules

    pairs = -(-count // 2)
    key = seed.to_bytes(8, "little") + encode_word(word)
    bits = np.frombuffer(hashlib.shake_128(key).digest(8 * pairs), "<u4")
    uniform = (bits + 0.5) / 2**32
    radius = np.sqrt(-2 * np.log(uniform[:pairs]))
    angle = 2 * np.pi * uniform[pairs:]
    return np.concatenate([radius * np.cos(angle), radius * np.sin(angle)])[:count]
