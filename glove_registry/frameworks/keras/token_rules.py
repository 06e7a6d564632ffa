"""The rules of a tokenizer, compiled for the characters of texts in a graph."""

from collections.abc import Callable, Sequence, Set
from functools import cache, partial
from types import ModuleType
from typing import Any

import numpy as np

from ...registry import Tokenizer
from ...text.characters import LETTER, find_composed, find_shape, replace_character
from ...text.ptb import (
    CLASSES,
    DIGITS,
    EDGE,
    JOINS,
    LETTERS,
    RUNNING,
    SPLITS,
    URL_SIGNS,
    URL_TAIL,
    WORD,
    read_rule,
)
from .characters import UNKNOWN_INDEX, add_up, number_positions
from .letters import Characters, Words

# The first is that of characters that disappear.
_SHAPES = ["", *sorted(set(CLASSES["A"]))]
_BITS = 64


@cache
def find_characters(tokenizer: Tokenizer) -> tuple[Set[str], Set[str]]:
    """Return the characters that the rules spell, and those that they distinguish."""
    if tokenizer == "whitespace":
        return {c for c in map(chr, range(0x3001)) if c.isspace()}, set()
    letters = set().union(*find_composed())
    # Beyond these, all are letters, or have no part in a token of a release.
    assigned = [*map(chr, range(1, 0x20000)), *map(chr, range(0xE0000, 0xE0200))]
    return letters, {
        character
        for character in assigned
        if replace(character) != character or find_shape(character) != LETTER
    }


def replace(character: str) -> str:
    """Return what a character becomes, if it is not white space."""
    return character if character.isspace() else replace_character(character)


def _find_shape(character: str) -> str:
    """Return the shape of what a character becomes, or none if that is nothing."""
    replaced = replace(character)
    return EDGE if replaced.isspace() else replaced and find_shape(replaced)


def split_whitespace(characters: Characters, keras: ModuleType) -> Words:
    """Return what stands between white space, as words."""
    spaces = characters.mark(str.isspace) + characters.is_beginning
    return Words(characters, spaces, characters.invert(spaces))


def split_words(characters: Characters, keras: ModuleType) -> Words:
    """Return the words of the tokenizer ``words``."""
    characters, shapes = _clean(characters, keras)
    ops = characters.ops
    letters, plain = (
        _is_one_of(ops, shapes, kind) for kind in (WORD, LETTERS + DIGITS)
    )
    # A mark or joiner without a letter or digit before it is no word.
    runs = Words(characters, characters.invert(letters * ops.roll(letters, 1)), letters)
    inside = letters * ops.cast(ops.greater(runs.count(plain), 0), "int64")
    between = _is_one_of(ops, shapes, "'-") * ops.roll(inside, 1) * ops.roll(plain, -1)
    kept = inside + between
    starts = kept * characters.invert(ops.roll(kept, 1))
    return Words(characters, starts + characters.is_beginning, kept)


def split_ptb(characters: Characters, keras: ModuleType) -> Words:
    """Return the words of `text.ptb`."""
    characters, shapes = _clean(characters, keras)
    ops = characters.ops
    spaces = _is_one_of(ops, shapes, EDGE)
    splits, joins = (
        _apart(partial(_match, ops, rules), shapes, keras) for rules in (SPLITS, JOINS)
    )
    begins = ops.maximum(splits, characters.invert(joins))
    wholes = _apart(partial(_find_wholes, characters), shapes, keras)
    inside = ops.greater(wholes, 0)
    unchanged = ops.equal(wholes, ops.roll(wholes, 1))
    begins = ops.where(inside, ops.zeros_like(begins), begins)
    begins = ops.where(unchanged, begins, ops.ones_like(begins))
    return Words(characters, ops.maximum(begins, spaces), characters.invert(spaces))


def _clean(characters: Characters, keras: ModuleType) -> tuple[Characters, Any]:
    """Return characters as `text.characters.clean` leaves them, and their shapes.

    Of a run of one mark, three are left.
    """
    ops = characters.ops
    shapes = characters.sort(
        lambda c: _SHAPES.index(_find_shape(c)), beginning=_SHAPES.index(EDGE)
    )
    visible = ops.cast(ops.greater(shapes, 0), "int64")
    characters, shapes = (
        characters.replace(characters.compress(characters.indices, visible)),
        characters.compress(shapes, visible),
    )
    same = ops.cast(ops.equal(shapes, ops.roll(shapes, 1)), "int64")
    same *= _is_one_of(ops, shapes, RUNNING)
    fourth = same * ops.roll(same, 1) * ops.roll(same, 2)

    composed = find_composed()
    marks = {mark for sequence in composed for mark in sequence[1:]}
    starts = characters.invert(characters.mark(lambda c: replace(c) in marks))
    is_text = characters.is_beginning
    clusters = Words(characters, starts, characters.invert(is_text))
    positions = number_positions(max(map(len, composed)))
    lookup = keras.layers.IntegerLookup(
        vocabulary=add_up([*composed], positions).tolist()
    )
    found = lookup(clusters.add_up(characters.spell(replace), positions))
    found = clusters.spread(found)
    known = characters.alphabet.indices
    indices = [0, *(known.get(c, UNKNOWN_INDEX) for c in composed.values())]
    kinds = [0, *(_SHAPES.index(find_shape(c)) for c in composed.values())]
    is_composed = ops.greater(found, 0)
    kept = ops.where(is_composed, starts, characters.invert(fourth))
    replaced = [
        characters.compress(
            ops.where(is_composed, ops.take(np.array(table), found, axis=0), others),
            kept,
        )
        for table, others in ((indices, characters.indices), (kinds, shapes))
    ]
    return characters.replace(replaced[0]), replaced[1]


def _is_one_of(ops: Any, shapes: Any, accepted: str) -> Any:
    table = np.array([shape in [*accepted] for shape in _SHAPES], np.int64)
    return ops.take(table, shapes, axis=0)


def _apart(compute: Callable[[Any], Any], values: Any, keras: ModuleType) -> Any:
    """Return what a function computes, by a model within the model.

    A model called outside a graph keeps all that it computes until it ends.
    """
    given = keras.Input((), dtype="int64")
    return keras.Model(given, compute(given))(values)


def _match(ops: Any, rules: Sequence[str], shapes: Any) -> Any:
    """Return 1 for each character before which one of some rules matches.

    Each rule has a bit, which is set in a table for the shapes that it accepts at some
    distance; it is left where it is set at all distances.
    """
    # Of similar length, so that each number looks no farther than its rules.
    read = sorted(map(read_rule, rules), key=lambda sides: [*map(len, sides)])
    rolled = {}
    matched = None
    for start in range(0, len(read), _BITS):
        accepted = [
            dict(enumerate([*before, *behind], -len(before)))
            for before, behind in read[start : start + _BITS]
        ]
        bits = None
        for distance in sorted(set().union(*accepted)):
            table = np.array(
                [
                    sum(
                        1 << bit
                        for bit, rule in enumerate(accepted)
                        if shape and shape in rule.get(distance, shape)
                    )
                    for shape in _SHAPES
                ],
                np.uint64,
            )
            if distance not in rolled:
                rolled[distance] = ops.roll(shapes, -distance)
            found = ops.take(table.view(np.int64), rolled[distance], axis=0)
            bits = found if bits is None else ops.bitwise_and(bits, found)
        some = ops.not_equal(bits, 0)
        matched = some if matched is None else ops.logical_or(matched, some)
    return ops.cast(matched, "int64")


def _find_wholes(characters: Characters, shapes: Any) -> Any:
    """Return a number for the characters of each markup and URL, and 0 for others."""
    ops = characters.ops
    spaces = _is_one_of(ops, shapes, EDGE)
    filled = characters.invert(spaces)
    chunks = Words(characters, spaces, filled)
    opens, closes = (_is_one_of(ops, shapes, bracket) for bracket in "<>")
    brackets = opens + closes
    # What begins at a "<" and ends at the next bracket, if that is a ">".
    opening = opens * chunks.look_aside(closes, brackets, -1)
    opening *= characters.invert(ops.roll(closes, -1))
    closing = closes * chunks.look_aside(opens, brackets, 1)
    closing *= characters.invert(ops.roll(opens, 1))
    starts = ops.maximum(spaces, ops.maximum(opening, ops.roll(closing, 1)))
    parts = Words(characters, starts, filled)
    markup = parts.spread(parts.sum(opening))
    signs = _match(ops, [*(f"|{sign}" for sign in URL_SIGNS), "W|@W"], shapes)
    has_sign = parts.spread(parts.sum(signs))
    letters = _is_one_of(ops, shapes, LETTERS + DIGITS)
    tail = _is_one_of(ops, shapes, "".join(URL_TAIL) + EDGE)
    solid = characters.invert(tail)
    behind = parts.spread(parts.sum(solid)) - parts.count(solid) + solid
    is_url = has_sign * parts.count(letters) * behind
    inside = ops.greater(filled * (markup + is_url), 0)
    return ops.where(inside, parts.number + 1, ops.zeros_like(filled))
