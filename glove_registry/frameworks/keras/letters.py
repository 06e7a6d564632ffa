"""The characters of texts in a graph, and the words that they belong to."""

from collections.abc import Callable
from itertools import zip_longest
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .characters import Alphabet

Spell = Callable[[str], str]


class Spelling(NamedTuple):
    """What characters become in another spelling.

    Attributes
    ----------
    numbers : list of KerasTensor of shape (n_characters,), int64
        Of the first character that each becomes, of the second, ...; 0 for none.
    lengths : KerasTensor of shape (n_characters,), int64, or 1
    """

    numbers: list[Any]
    lengths: Any


class Characters:
    """The characters of some texts, one after the other.

    Parameters
    ----------
    alphabet : Alphabet
    indices : KerasTensor of shape (n_characters,), int64
        Those of `alphabet`; each text has a beginning, which is a character, too.
    ops : module
        The operations of Keras.
    """

    def __init__(self, alphabet: Alphabet, indices: Any, ops: Any) -> None:
        self.alphabet = alphabet
        self.indices = indices
        self.ops = ops
        self.is_beginning = self.invert(indices)

    def _look_up(self, table: NDArray[np.int64]) -> Any:
        ops = self.ops
        return ops.take(table, ops.minimum(self.indices, len(table) - 1), axis=0)

    def sort(self, kind: Callable[[str], int], beginning: int) -> Any:
        """Return the kind of each character, as `Alphabet.sort`."""
        return self._look_up(self.alphabet.sort(kind, beginning))

    def mark(self, kind: Callable[[str], bool]) -> Any:
        """Return 1 for letters of a kind, and 0 for others."""
        return self._look_up(self.alphabet.mark(kind))

    def spell(self, spell: Spell) -> Spelling:
        """Return another spelling of each letter, whatever its neighbours."""
        numbers = [*map(self._look_up, self.alphabet.encode(spell))]
        lengths = self._look_up(self.alphabet.count(spell)) if numbers[1:] else 1
        return Spelling(numbers, lengths)

    def replace(self, indices: Any) -> "Characters":
        """Return other characters of the same alphabet."""
        return Characters(self.alphabet, indices, self.ops)

    def invert(self, marks: Any) -> Any:
        """Return 1 where a mark is 0, and 0 elsewhere."""
        return self.ops.cast(self.ops.equal(marks, 0), "int64")

    def choose(self, marks: Any, one: Spelling, other: Spelling) -> Spelling:
        """Return one spelling of the marked characters, and another of the rest."""
        ops = self.ops
        marked = ops.equal(marks, 1)
        zeros, ones = ops.zeros_like(marks), ops.ones_like(marks)
        pairs = zip_longest(one.numbers, other.numbers, fillvalue=zeros)
        numbers = [ops.where(marked, a, b) for a, b in pairs]
        lengths: Any = 1
        if len(numbers) > 1:
            lengths = ops.where(marked, one.lengths * ones, other.lengths * ones)
        return Spelling(numbers, lengths)

    def compress(self, values: Any, kept: Any) -> Any:
        """Return the values of characters that are kept, the first of all included."""
        ops = self.ops
        return ops.segment_sum(values * kept, ops.cumsum(kept) - 1, sorted=True)


class Words:
    """Characters of which each belongs to one word.

    Parameters
    ----------
    characters : Characters
    starts : KerasTensor of shape (n_characters,), int64
        1 where a word begins, the first of all characters included.
    kept : KerasTensor of shape (n_characters,), int64
        0 for characters that are not part of their word; the first of all is not.
    """

    def __init__(self, characters: Characters, starts: Any, kept: Any) -> None:
        self.characters = characters
        self.starts = starts
        self.kept = kept
        self.number = characters.ops.cumsum(starts) - 1

    def add_up(self, spelling: Spelling, positions: NDArray[np.int64]) -> Any:
        """Return the number of each word, as `characters.add_up`."""
        ops = self.characters.ops
        lengths = self.kept * spelling.lengths
        position = self.count(lengths) - lengths
        last = len(positions) - 1
        total, *others = (
            numbers * ops.take(positions, ops.minimum(position + place, last), axis=0)
            for place, numbers in enumerate(spelling.numbers)
        )
        return self.sum(self.kept * sum(others, total))

    def sum(self, values: Any) -> Any:
        """Return the sum of each word."""
        return self.characters.ops.segment_sum(values, self.number, sorted=True)

    def count(self, marks: Any) -> Any:
        """Return the sum of each word as far as each character, inclusive."""
        running = self.characters.ops.cumsum(marks)
        before = self.sum((running - marks) * self.starts)
        return running - self.spread(before)

    def spread(self, values: Any) -> Any:
        """Return the value of each character's word."""
        return self.characters.ops.take(values, self.number, axis=0)

    def look_aside(self, marks: Any, among: Any, step: int) -> Any:
        """Return the mark of each character's neighbour in its word.

        Parameters
        ----------
        marks, among : KerasTensor of shape (n_characters,), int64
            The marks, and 0 for characters that are left out: these are skipped, and
            what they get themselves has no meaning.
        step : {1, -1}
            1 for the neighbour before, -1 for the one after.

        Returns
        -------
        KerasTensor of shape (n_characters,), int64
            0 without a neighbour.
        """
        ops = self.characters.ops
        among = among * self.kept
        place = ops.cumsum(among)
        marked = ops.segment_sum(marks * among, place, sorted=True)
        # The first place has no character and no mark, so that both ends may meet.
        word = ops.segment_sum(self.number * among, place, sorted=True)
        same = ops.cast(ops.equal(ops.roll(word, step), word), "int64")
        return ops.take(ops.roll(marked, step) * same, place, axis=0)
