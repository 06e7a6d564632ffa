"""From texts to indices of words, in a graph of stock Keras parts.

TextVectorization knows the case and the punctuation of ASCII alone, and a function in
place of its rules would not load where this package is missing. So it splits texts into
characters, and from there on numbers stand for these: a word is the sum of its
characters' numbers, each times that of its place (multilinear hashing in 64 bits), and
an IntegerLookup knows the sums of all spellings.
"""

from collections.abc import Iterable, Sequence
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...text.splitting import find_marks
from .spellings import LOWERED_ALONE, Spellings, is_placeholder, lower_alone


def index_words(texts: Any, spellings: Spellings, keras: ModuleType) -> tuple[Any, Any]:
    """Find the words of texts.

    Parameters
    ----------
    texts : KerasTensor of shape (n_texts,), string
    spellings : Spellings
    keras : module

    Returns
    -------
    KerasTensor of shape (n_words,), int64
        0 for what is no word, else 1 + the position among ``spellings.words``.
    KerasTensor of shape (n_words,), int32
        The number of the text that each is of, in order; every text has at least one.
    """
    ops = keras.ops
    every = [*spellings.own, *spellings.others]
    alphabet = _find_alphabet(every)
    places = _number(np.arange(max(map(len, every)) + 1), seed=1)
    split = keras.layers.TextVectorization(
        standardize=None, split="character", vocabulary=np.array(alphabet, object)
    )
    characters, numbers = flatten(split(texts), keras)

    def look_up(table: Iterable[Any]) -> Any:
        # One more in front, for the white space that begins each text.
        return ops.take(np.array([*table], np.int64), characters + 1, axis=0)

    def find(words: Sequence[str], starts: Any, kept: Any) -> tuple[Any, Any]:
        """Find the words that begin at `starts`, each by the characters it keeps."""
        number = ops.cumsum(starts) - 1
        before = ops.cumsum(kept) - kept
        first = ops.segment_sum(before * starts, number, sorted=True)
        place = before - ops.take(first, number, axis=0)
        place = ops.minimum(place, len(places) - 1)
        factors = kept * ops.take(places, place, axis=0)
        lookup = keras.layers.IntegerLookup(vocabulary=_add_up(words, places))
        # Called once: Keras 3.6 saves a graph that calls a layer twice, and loads none.
        sums = [
            ops.segment_sum(codes * factors, number, sorted=True)
            for codes in (as_it_is, in_lower_case)
        ]
        found = lookup(ops.stack(sums))
        return number, ops.where(ops.equal(found[0], 0), found[1], found[0])

    codes = _encode("".join(alphabet))
    lowered = _encode("".join(map(lower_alone, alphabet)))
    # Padding has no part in a word; of an unknown character, any number will do.
    as_it_is = look_up([0, 0, 1, *codes])
    in_lower_case = look_up([0, 0, 1, *lowered])
    starts = look_up([1, 0, 0, *(c.isspace() for c in alphabet)])
    kept = look_up([0, 0, 1, *(_is_kept(c) for c in alphabet)])
    marked = [*filter(is_placeholder, every)]
    if marked:
        # First with all marks, word by word from a "<" or to a ">"; what is found so
        # stays as it is, and is parted from what it touches. (The first of all is white
        # space, so that it does not matter what is rolled there.)
        opens, closes = (look_up([0, 0, 0, *(c == m for c in alphabet)]) for m in "<>")
        may_start = ops.maximum(ops.maximum(starts, opens), ops.roll(closes, 1))
        with_marks = look_up([0, 0, 1, *(not c.isspace() for c in alphabet)])
        number, found = find(marked, may_start, with_marks)
        is_marked = ops.take(ops.cast(ops.greater(found, 0), "int64"), number, axis=0)
        parted = ops.maximum(is_marked, ops.roll(is_marked, 1))
        starts = ops.maximum(starts, may_start * parted)
        kept = ops.maximum(kept, is_marked)
    number, found = find(every, starts, kept)
    # The spellings after the first ones mean one of these, or none.
    count = len(spellings.own)
    meant = np.array([0, *(i + 1 for i in spellings.others.values())])
    other = ops.take(meant, ops.maximum(found - count, 0), axis=0)
    index = ops.where(ops.greater(found, count), other, found)
    return index, ops.segment_sum(numbers * starts, number, sorted=True)


def flatten(rows: Any, keras: ModuleType) -> tuple[Any, Any]:
    """Put rows of indices behind each other, with a -1 before each.

    Returns
    -------
    KerasTensor of shape (n,), int64
    KerasTensor of shape (n,), int64
        The number of the row that each index is of.
    """
    ops = keras.ops
    flat = ops.reshape(ops.pad(rows, ((0, 0), (1, 0)), constant_values=-1), (-1,))
    return flat, ops.cumsum(ops.cast(ops.equal(flat, -1), "int64")) - 1


def _is_kept(character: str) -> bool:
    return not (character.isspace() or character in find_marks())


def _find_alphabet(words: Iterable[str]) -> list[str]:
    """Find all characters that make a difference."""
    used = set("".join(words)).difference(LOWERED_ALONE.values())
    # No letter beyond these has two cases.
    letters = map(chr, range(0x20000))
    used.update(c for c in letters if c.lower() in used or c.isspace())
    return sorted(used | find_marks() | LOWERED_ALONE.keys())


def _encode(characters: str) -> NDArray[np.int64]:
    """Give each character its number."""
    points = np.frombuffer(characters.encode("utf-32-le", "surrogatepass"), np.uint32)
    return _number(points, seed=0)


def _number(integers: NDArray[Any], seed: int) -> NDArray[np.int64]:
    """Give small integers large odd numbers, as SplitMix64 does."""
    with np.errstate(over="ignore"):
        mixed = (integers.astype(np.uint64) + np.uint64(seed << 32)) * np.uint64(
            0x9E3779B97F4A7C15
        )
        for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
            mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
        mixed ^= mixed >> np.uint64(31)
    return (mixed | np.uint64(1)).view(np.int64)


def _add_up(words: Sequence[str], places: NDArray[np.int64]) -> NDArray[np.int64]:
    """Add up the characters of each word."""
    lengths = np.fromiter(map(len, words), np.int64, len(words))
    starts = np.cumsum(lengths) - lengths
    place = np.arange(lengths.sum()) - np.repeat(starts, lengths)
    with np.errstate(over="ignore"):
        sums: NDArray[np.int64] = np.add.reduceat(
            _encode("".join(words)) * places[place], starts
        )
    return sums
