"""What the first rows of a file have in common, although no list of words has it.

Each of these files is made by tools that people use: a column of row numbers, counts or
missing values, quotes around all words, names of columns. Where numbers would be lost,
the file is refused; where words would not be found, a warning says so.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from os.path import commonprefix

import numpy as np
from numpy.typing import NDArray

from ..errors import FormatError
from .block import show
from .separators import NUMBER, holds_numbers

FIRST_ROWS = 100

_NEARLY_ALL = 0.95
_FEW_NUMBERS = 8
_MANY_ROWS = 10
_COLUMN_NAMES = {b"", b"word", b"words", b"token", b"tokens", b"term", b"Unnamed: 0"}
_MISSING = {"", "nan", "na", "n/a", "#n/a", "none", "null", "inf", "infinity", "?"}
_NUMBER_AT_END = re.compile(r".+[^\w.+-][+-]?[0-9]*\.?[0-9]+(?:[eE][+-]?[0-9]+)?")
_NUMBER_AT_START = re.compile(
    r"[\s\[(\"']*[-+]?[0-9]+(?:\.[0-9]+)?[\s\])\"'.:,|]+[^\s0-9]"
)


def check_columns(
    tokens: list[bytes], dimension: int, guessed: bool, place: str
) -> None:
    """Raise `FormatError` if numbers would be read as part of the first tokens.

    Parameters
    ----------
    tokens : list of bytes
        Of rows of text.
    dimension : int
    guessed : bool
        Whether the dimension is known from the first row alone.
    place : str
        The first row's place in the file.
    """
    first = show(tokens[0])
    several = f"{dimension} numbers" if dimension > 1 else "number"
    numbers = [t for t in map(bytes.strip, tokens) if not t or NUMBER.fullmatch(t)]
    decimals = sum(any(mark in t for mark in b".eE") for t in numbers)
    if len(numbers) >= _NEARLY_ALL * len(tokens) and (
        2 * decimals > len(tokens) or not any(tokens)
    ):
        raise FormatError(
            f"{place}: rows begin with numbers, such as {first}: expected a word "
            "before the numbers of each row"
        )
    if guessed:
        texts = [token.decode("utf-8", "replace") for token in tokens]
        if all(any(map(_is_no_word, text.split()[1:])) for text in texts) or (
            len(texts) > 1 and all(map(_NUMBER_AT_END.fullmatch, texts))
        ):
            raise FormatError(
                f"{place}: before the last {several} of each row is something that is "
                f"neither a word nor a number, as in {first}: a missing value, a "
                "number in another form, or another separator; if it belongs to the "
                f"word, pass dimension={dimension} (`dimension: {dimension}` in an "
                "entry)"
            )
    elif all(holds_numbers(token, dimension) for token in tokens) and (
        len(tokens) > 1 or b"." in tokens[0].split()[-1]
    ):
        raise FormatError(
            f"{place}: each row has more than the {several} expected: a number would "
            f"become part of the word {first}"
        )


def find_oddities(tokens: list[bytes], values: NDArray[np.float32]) -> Iterator[str]:
    """Yield a sentence for each thing that is probably unintended.

    Parameters
    ----------
    tokens : list of bytes
        Of the first rows.
    values : ndarray of shape (len(tokens), dimension), float32
    """
    if decoration := _find_decoration([t.decode("utf-8", "replace") for t in tokens]):
        yield (
            f"each token {decoration}, such as {show(tokens[0])}: words are found only "
            "with it; if it is not part of them, write the file without it"
            + (
                ", or pass what they begin with as prefix= (`prefix:` in an entry), "
                "which also leaves out rows without it"
            )
            * decoration.startswith("begins with '")
        )
    dimension = values.shape[1]
    least = 3 if tokens[0].strip() in _COLUMN_NAMES else _FEW_NUMBERS
    if dimension >= least and (np.diff(values[0]) == 1).all():
        yield (
            f"this row has the token {show(tokens[0])} and the numbers "
            f"{values[0, 0]:g}, {values[0, 1]:g}, ...: if these are names of columns, "
            "remove it"
        )
    whole = np.flatnonzero((values == np.round(values)).all(axis=0))
    if len(values) < _MANY_ROWS or len(whole) != 1:
        return
    (place,) = whole
    column = values[:, place]
    if column.min() == column.max():
        return
    if dimension == 1:
        yield "each row has one whole number, as a list of counts has"
    elif dimension > 2 and place in (0, dimension - 1) and column.min() >= 0:
        yield (
            f"the {'last' if place else 'first'} number of each row is a whole one, "
            "and no other is: if it is a count, a label or the number of the row, "
            "remove this column"
        )


def _find_decoration(tokens: list[str]) -> str | None:
    """Find what nearly all tokens have at one end, and words do not."""
    if len(tokens) < 2:
        return None
    enough = _NEARLY_ALL * len(tokens)
    long = [token for token in tokens if len(token) > 1]
    for end, verb in ((0, "begins"), (-1, "ends")):
        for character, count in Counter(t[end] for t in long).most_common(1):
            is_mark = unicodedata.category(character)[0] in "PSZC"
            if count >= enough and is_mark and character != "\ufffd":
                return f"{verb} with {character!r}"
    if sum(bool(_NUMBER_AT_START.match(token)) for token in tokens) >= enough:
        return "begins with a number"
    prefix = commonprefix(tokens)  # noqa: RUF071 - of words, not of paths
    if prefix and len(prefix) < min(map(len, tokens)) and not prefix[-1].isalnum():
        return f"begins with {prefix!r}"
    return None


def _is_no_word(field: str) -> bool:
    return field.lower().strip("+-\u2212") in _MISSING or any(
        character.isdigit() for character in field
    )
