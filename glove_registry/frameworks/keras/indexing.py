"""The rules of `text`, compiled into a graph of stock Keras parts.

TextVectorization only knows the case and punctuation of ASCII, and a function in place
of its rules would not load without this package. So it only splits texts into
characters, which numbers stand for from there on; an IntegerLookup holds the numbers of
all words.
"""

from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import Any

import numpy as np

from ...registry import Tokenizer
from ...text.ptb import SPELLINGS
from .casing import find_letters, spell_cases
from .characters import Alphabet, add_up, number_positions
from .letters import Characters, Spell, Words
from .operations import find_operations
from .token_rules import (
    find_characters,
    replace,
    split_ptb,
    split_whitespace,
    split_words,
)

_SPLITTERS: dict[str, Callable[[Characters, ModuleType], Words]] = {
    "ptb": split_ptb,
    "lower-ptb": split_ptb,
    "words": split_words,
    "whitespace": split_whitespace,
}


def can_index(tokenizer: Tokenizer) -> bool:
    """Return whether a graph can follow a tokenizer."""
    return tokenizer in _SPLITTERS


def get_respelled(tokenizer: Tokenizer) -> Mapping[str, str]:
    """Return what a tokenizer makes of some tokens, whatever their case."""
    return SPELLINGS if tokenizer in ("ptb", "lower-ptb") else {}


def index_words(
    texts: Any,
    words: Sequence[str],
    others: Sequence[str],
    tokenizer: Tokenizer,
    keras: ModuleType,
) -> tuple[Any, Any]:
    """Return the index of each token of each text.

    Parameters
    ----------
    texts : KerasTensor of shape (n_texts,), string
    words : sequence of str
        Those that have an index.
    others : sequence of str
        Further words of the release: a token that is one of them, in some case, is not
        tried in the next.
    tokenizer : {"ptb", "lower-ptb", "whitespace"}
    keras : module

    Returns
    -------
    KerasTensor of shape (n_words,), int64
        1 + the position in `words`; 0 for other tokens and for none.
    KerasTensor of shape (n_words,), int64
        The number of the text each belongs to, ascending; every text has at least one.
    """
    ops = find_operations(keras)
    respelled = get_respelled(tokenizer)
    known = [*words, *others, *respelled]
    spell: Spell = str if tokenizer == "whitespace" else replace
    spelled, distinguished = find_characters(tokenizer)
    alphabet = Alphabet(find_letters(known, spell).union(spelled), distinguished)
    split = keras.layers.TextVectorization(
        standardize=None,
        split="character",
        ragged=True,
        vocabulary=alphabet.characters,
    )
    characters = Characters(alphabet, flatten(split(texts), ops)[0] + 1, ops)
    found_words = _SPLITTERS[tokenizer](characters, keras)
    positions = number_positions(max(map(len, known)))
    spellings = spell_cases(found_words, spell, known, tokenizer == "lower-ptb")
    sums = [found_words.add_up(spelling, positions) for spelling in spellings]
    lookup = keras.layers.IntegerLookup(vocabulary=add_up(known, positions).tolist())
    # Called once, as Keras 3.6 cannot load a graph that calls a layer twice.
    found = lookup(ops.stack(sums))
    index = found[-1]
    for earlier in range(len(sums) - 2, -1, -1):
        index = ops.where(ops.equal(found[earlier], 0), index, found[earlier])
    if respelled:
        # Whatever their case.
        lower = found[0 if tokenizer == "lower-ptb" else 1]
        is_respelled = ops.greater(lower, len(known) - len(respelled))
        index = ops.where(is_respelled, lower, index)
    if len(known) > len(words):
        places = {word: place for place, word in enumerate(words, 1)}
        meant = [0] * len(others) + [places.get(w, 0) for w in respelled.values()]
        is_other = ops.greater(index, len(words))
        other = ops.maximum(index - len(words), 0)
        other = ops.take(np.array([0, *meant]), other, axis=0)
        index = ops.where(is_other, other, index)
    numbers = ops.cumsum(found_words.characters.is_beginning) - 1
    return index, found_words.sum(numbers * found_words.starts)


def flatten(rows: Any, ops: Any) -> tuple[Any, Any]:
    """Return rows of indices, which may be ragged, as one, with a -1 before each.

    Returns
    -------
    KerasTensor of shape (n,), int64
    KerasTensor of shape (n,), int64
        The number of the row that each index belongs to.
    """
    first = ops.sum(ops.zeros_like(rows), axis=1, keepdims=True) - 1
    flat = ops.reshape(ops.concatenate([first, rows], axis=1), (-1,))
    return flat, ops.cumsum(ops.cast(ops.equal(flat, -1), "int64")) - 1
