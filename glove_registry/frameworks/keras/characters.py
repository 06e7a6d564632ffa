"""Characters and words as numbers, for graphs that cannot handle strings.

A word is the sum of its characters' numbers, each multiplied by that of its position:
multilinear hashing, in 64 bits.
"""

from collections.abc import Callable, Collection, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

# An unassigned character, which stands for all that are not in an alphabet.
UNKNOWN = "\u0378"
UNKNOWN_INDEX = 2


class Alphabet:
    """The characters that a graph distinguishes.

    The index of a character is that of a TextVectorization, plus one: 0 for the
    beginning of a text, 1 for padding, 2 for an unknown character. In the tables of
    letters, the last row is that of all characters that are no letters.

    Parameters
    ----------
    letters : collection of str
        The characters that words are made of.
    others : collection of str
        Further ones.

    Attributes
    ----------
    characters : list of str
        All of them, of which the first is that of index 3.
    indices : dict of str to int
    """

    def __init__(self, letters: Collection[str], others: Collection[str] = ()) -> None:
        self._letters = sorted(letters)
        self.characters = [*self._letters, *sorted(set(others).difference(letters))]
        self.indices = {c: index for index, c in enumerate(self.characters, 3)}

    def sort(self, kind: Callable[[str], int], beginning: int) -> NDArray[np.int64]:
        """Return a table of the kind of each character.

        Parameters
        ----------
        kind : callable
            From a character to an integer.
        beginning : int
            That of the beginning of a text.

        Returns
        -------
        ndarray of shape (n_characters + 3,), int64
        """
        kinds = [beginning, 0, kind(UNKNOWN), *map(kind, self.characters)]
        return np.array(kinds, np.int64)

    def mark(self, kind: Callable[[str], bool]) -> NDArray[np.int64]:
        """Return a table of 1 for letters of a kind, and 0 for others.

        Returns
        -------
        ndarray of shape (n_letters + 4,), int64
        """
        marks = [False, False, kind(UNKNOWN), *map(kind, self._letters), kind(UNKNOWN)]
        return np.array(marks, np.int64)

    def encode(self, spell: Callable[[str], str]) -> list[NDArray[np.int64]]:
        """Return tables of the numbers of what each letter becomes.

        Parameters
        ----------
        spell : callable
            From a letter to a string, empty or longer ones included.

        Returns
        -------
        list of ndarray of shape (n_letters + 4,), int64
            Of the first character of each string, of the second, ...; 0 for none.
        """
        spelled = [*map(spell, self._letters)]
        tables = []
        for place in range(max(map(len, spelled))):
            there = [string[place : place + 1] for string in spelled]
            has = np.array([False] * 3 + [*map(bool, there), False])
            table = np.zeros(len(has), np.int64)
            table[has] = encode("".join(there))
            tables.append(table)
        # An unknown character may have any number.
        tables[0][[2, -1]] = 1
        return tables

    def count(self, spell: Callable[[str], str]) -> NDArray[np.int64]:
        """Return a table of the length of each spelling, as `encode`."""
        lengths = [len(spell(letter)) for letter in self._letters]
        return np.array([0, 0, 1, *lengths, 1], np.int64)


def encode(characters: str) -> NDArray[np.int64]:
    """Return the number of each character."""
    points = np.frombuffer(characters.encode("utf-32-le", "surrogatepass"), np.uint32)
    return _hash(points, seed=0)


def number_positions(longest: int) -> NDArray[np.int64]:
    """Return the number of each position in a word, and of one beyond the longest."""
    return _hash(np.arange(longest + 1), seed=1)


def add_up(words: Sequence[str], positions: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the number of each word, as the graph computes it."""
    lengths = np.fromiter(map(len, words), np.int64, len(words))
    starts = np.cumsum(lengths) - lengths
    position = np.arange(lengths.sum()) - np.repeat(starts, lengths)
    with np.errstate(over="ignore"):
        sums: NDArray[np.int64] = np.add.reduceat(
            encode("".join(words)) * positions[position], starts
        )
    return sums


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
