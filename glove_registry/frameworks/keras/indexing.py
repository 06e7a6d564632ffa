"""The rules of `text`, compiled into a graph of stock Keras parts.

TextVectorization only knows the case and punctuation of ASCII, and a function in place
of its rules would not load without this package. So it only splits texts into
characters, which numbers stand for from there on: a word is the sum of its characters'
numbers, each multiplied by that of its position (multilinear hashing in 64 bits), and
an IntegerLookup holds the sums of all spellings.
"""

from collections.abc import Iterable, Sequence
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...text.spellings import LOWERED_ALONE, Spellings, lower_alone
from ...text.words import find_punctuation, is_placeholder


def index_words(texts: Any, spellings: Spellings, keras: ModuleType) -> tuple[Any, Any]:
    """Return the index of each word of each text.

    Parameters
    ----------
    texts : KerasTensor of shape (n_texts,), string
    spellings : Spellings
    keras : module

    Returns
    -------
    KerasTensor of shape (n_words,), int64
        1 + the position in ``spellings.tokens``; 0 for other words and no words.
    KerasTensor of shape (n_words,), int32
        The number of the text each belongs to, ascending; every text has at least one.
    """
    ops = keras.ops
    known = [*spellings.own, *spellings.others]
    alphabet = _find_alphabet(known)
    positions = _hash(np.arange(max(map(len, known)) + 1), seed=1)
    split = keras.layers.TextVectorization(
        standardize=None,
        split="character",
        ragged=True,
        vocabulary=np.array(alphabet, object),
    )
    characters, numbers = flatten(split(texts), keras)

    def look_up(table: Iterable[Any]) -> Any:
        # One more in front, for the white space that each text begins with.
        return ops.take(np.array([*table], np.int64), characters + 1, axis=0)

    def find(words: Sequence[str], starts: Any, kept: Any) -> tuple[Any, Any]:
        """Return the number of each character's word, and the index of each word."""
        number = ops.cumsum(starts) - 1
        before = ops.cumsum(kept) - kept
        first = ops.segment_sum(before * starts, number, sorted=True)
        position = before - ops.take(first, number, axis=0)
        position = ops.minimum(position, len(positions) - 1)
        factors = kept * ops.take(positions, position, axis=0)
        lookup = keras.layers.IntegerLookup(vocabulary=_add_up(words, positions))
        # Called once, as Keras 3.6 cannot load a graph that calls a layer twice.
        sums = [
            ops.segment_sum(codes * factors, number, sorted=True)
            for codes in (unchanged, lowered)
        ]
        found = lookup(ops.stack(sums))
        return number, ops.where(ops.equal(found[0], 0), found[1], found[0])

    # Padding has no part in a word; an unknown character may have any number.
    unchanged = look_up([0, 0, 1, *_encode("".join(alphabet))])
    lowered = look_up([0, 0, 1, *_encode("".join(map(lower_alone, alphabet)))])
    starts = look_up([1, 0, 0, *(c.isspace() for c in alphabet)])
    kept = look_up([0, 0, 1, *(_is_kept(c) for c in alphabet)])
    placeholders = [*filter(is_placeholder, known)]
    if placeholders:
        # Placeholders are found first, with all punctuation, by words that begin at a
        # "<" or after a ">"; they are kept as they are, apart from what they touch.
        # (The first character is white space: what is rolled there does not matter.)
        opens, closes = (look_up([0, 0, 0, *(c == m for c in alphabet)]) for m in "<>")
        may_start = ops.maximum(ops.maximum(starts, opens), ops.roll(closes, 1))
        not_space = look_up([0, 0, 1, *(not c.isspace() for c in alphabet)])
        number, found = find(placeholders, may_start, not_space)
        inside = ops.take(ops.cast(ops.greater(found, 0), "int64"), number, axis=0)
        parted = ops.maximum(inside, ops.roll(inside, 1))
        starts = ops.maximum(starts, may_start * parted)
        kept = ops.maximum(kept, inside)
    number, found = find(known, starts, kept)
    # The other spellings mean one of the tokens, or none.
    count = len(spellings.own)
    meant = np.array([0, *(i + 1 for i in spellings.others.values())])
    other = ops.take(meant, ops.maximum(found - count, 0), axis=0)
    index = ops.where(ops.greater(found, count), other, found)
    return index, ops.segment_sum(numbers * starts, number, sorted=True)


def flatten(rows: Any, keras: ModuleType) -> tuple[Any, Any]:
    """Return rows of indices as one, with a -1 before each.

    Returns
    -------
    KerasTensor of shape (n,), int64
    KerasTensor of shape (n,), int64
        The number of the row that each index belongs to.
    """
    ops = keras.ops
    first = ops.sum(ops.zeros_like(rows), axis=1, keepdims=True) - 1
    flat = ops.reshape(ops.concatenate([first, rows], axis=1), (-1,))
    return flat, ops.cumsum(ops.cast(ops.equal(flat, -1), "int64")) - 1


def _is_kept(character: str) -> bool:
    return not (character.isspace() or character in find_punctuation())


def _find_alphabet(words: Iterable[str]) -> list[str]:
    """Return all characters that the rules distinguish."""
    used = set("".join(words)).difference(LOWERED_ALONE.values())
    # Beyond these, no letter has two cases.
    letters = map(chr, range(0x20000))
    used.update(c for c in letters if c.lower() in used or c.isspace())
    return sorted(used | find_punctuation() | LOWERED_ALONE.keys())


def _encode(characters: str) -> NDArray[np.int64]:
    """Return the number of each character."""
    points = np.frombuffer(characters.encode("utf-32-le", "surrogatepass"), np.uint32)
    return _hash(points, seed=0)


def _hash(integers: NDArray[Any], seed: int) -> NDArray[np.int64]:
    """Return a large odd number for each small integer, by SplitMix64."""
    with np.errstate(over="ignore"):
        mixed = (integers.astype(np.uint64) + np.uint64(seed << 32)) * np.uint64(
            0x9E3779B97F4A7C15
        )
        for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
            mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
        mixed ^= mixed >> np.uint64(31)
    return (mixed | np.uint64(1)).view(np.int64)


def _add_up(words: Sequence[str], positions: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the sum of each word's characters, as the graph computes it."""
    lengths = np.fromiter(map(len, words), np.int64, len(words))
    starts = np.cumsum(lengths) - lengths
    position = np.arange(lengths.sum()) - np.repeat(starts, lengths)
    with np.errstate(over="ignore"):
        sums: NDArray[np.int64] = np.add.reduceat(
            _encode("".join(words)) * positions[position], starts
        )
    return sums
