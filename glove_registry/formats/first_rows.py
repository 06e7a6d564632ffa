"""What the first rows of a file have in common, and no list of words has.

Each of these files is made by a tool that people use: a column of row numbers, counts
or missing values, quotes around all words, the names of columns. Where numbers would be
lost, the file is refused; where words would not be found, a warning says so.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from ..errors import FormatError
from .block import show
from .separators import NUMBER, holds_numbers

FIRST_ROWS = 100

_NEARLY_ALL = 0.95
_FEW_NUMBERS = 8
_MANY_ROWS = 10
_NAMES_OF_WORDS = {b"", b"word", b"words", b"token", b"tokens", b"term", b"Unnamed: 0"}
_NO_NUMBERS = {"", "nan", "na", "n/a", "#n/a", "none", "null", "inf", "infinity", "?"}
_ENDING_NUMBER = re.compile(r".+[^\w.+-][+-]?[0-9]*\.?[0-9]+(?:[eE][+-]?[0-9]+)?")
_LEADING_NUMBER = re.compile(
    r"[\s\[(\"']*[-+]?[0-9]+(?:\.[0-9]+)?[\s\])\"'.:,|]+[^\s0-9]"
)


def refuse_columns(
    tokens: list[bytes], dimension: int, guessed: bool, place: Callable[[int], str]
) -> None:
    """Raise `FormatError` if the first tokens hold what belongs to the numbers.

    Parameters
    ----------
    tokens : list of bytes
        Of rows of text.
    dimension : int
    guessed : bool
        Whether only the first row says what the dimension is.
    place : callable
        Turns the number of a row, from 0 on, into its place in the file for people.
    """
    numbers = [t for t in map(bytes.strip, tokens) if not t or NUMBER.fullmatch(t)]
    decimals = sum(any(mark in t for mark in b".eE") for t in numbers)
    if len(numbers) >= _NEARLY_ALL * len(tokens) and (
        2 * decimals > len(tokens) or not any(tokens)
    ):
        raise FormatError(
            f"{place(0)}: rows begin with numbers, such as {show(tokens[0])}: expected "
            "a word before the numbers of each row"
        )
    if guessed:
        texts = [token.decode("utf-8", "replace") for token in tokens]
        if all(any(map(_is_no_word, text.split()[1:])) for text in texts) or (
            len(texts) > 1 and all(map(_ENDING_NUMBER.fullmatch, texts))
        ):
            raise FormatError(
                f"{place(0)}: before the last {_count(dimension)} of each row stands "
                f"something that is neither a word nor a number, as in "
                f"{show(tokens[0])}: a missing value, a number in another form, or "
                "another separator; if it belongs to the word, say that the dimension "
                f"is {dimension}"
            )
        return
    held = [holds_numbers(token, dimension) for token in tokens]
    if all(held) and (len(tokens) > 1 or b"." in tokens[0].split()[-1]):
        raise FormatError(
            f"{place(0)}: each row has more than the {_count(dimension)} that were "
            f"announced: a number would become part of the word {show(tokens[0])}"
        )


def find_doubts(
    tokens: list[bytes], values: NDArray[np.float32], place: Callable[[int], str]
) -> Iterator[str]:
    """Say what is probably not meant about the first rows.

    Parameters
    ----------
    tokens : list of bytes
    values : ndarray of shape (len(tokens), dimension), float32
    place : callable
        As for `refuse_columns`.

    Yields
    ------
    str
        The sentence of a warning.
    """
    if decoration := _find_decoration([t.decode("utf-8", "replace") for t in tokens]):
        yield (
            f"{place(0)}: each token {decoration}, such as {show(tokens[0])}: words "
            "are found only with it; write the file without it if it is not part of "
            "them"
        )
    steps = np.diff(values[0])
    least = 3 if tokens[0].strip() in _NAMES_OF_WORDS else _FEW_NUMBERS
    if len(values[0]) >= least and (steps == 1).all():
        yield (
            f"{place(0)} holds {show(tokens[0])} and the numbers {values[0, 0]:g}, "
            f"{values[0, 1]:g}, ...: if these are the names of columns, remove the line"
        )
    if len(values) >= _MANY_ROWS and values.shape[1] == 1:
        if (values == np.round(values)).all() and np.ptp(values):
            yield f"{place(0)}: each row has one whole number, as a list of counts has"
    elif len(values) >= _MANY_ROWS and values.shape[1] > 2:
        whole = (values == np.round(values)).all(axis=0)
        if (
            whole.sum() == 1
            and (values[:, whole] >= 0).all()
            and np.ptp(values[:, whole])
        ):
            for column, which in ((0, "first"), (-1, "last")):
                if whole[column]:
                    yield (
                        f"{place(0)}: the {which} number of each row is a whole one, "
                        "and no other is: if it is a count, a label or the number of "
                        "the row, remove this column"
                    )


def _find_decoration(tokens: list[str]) -> str | None:
    """Find what nearly all tokens have at one end, and words have not."""
    if len(tokens) < 2:
        return None
    enough = max(2, _NEARLY_ALL * len(tokens))
    long = [token for token in tokens if len(token) > 1]
    for end, verb in ((0, "begins"), (-1, "ends")):
        for character, count in Counter(t[end] for t in long).most_common(1):
            is_mark = unicodedata.category(character)[0] in "PSZC"
            if count >= enough and is_mark and character != "\ufffd":
                return f"{verb} with {character!r}"
    if sum(bool(_LEADING_NUMBER.match(token)) for token in tokens) >= enough:
        return "begins with a number"
    # Of two strings, all others lie between the least and the greatest.
    prefix = _share(min(tokens), max(tokens))
    if prefix and len(prefix) < min(map(len, tokens)) and not prefix[-1].isalnum():
        return f"begins with {prefix!r}"
    return None


def _share(one: str, other: str) -> str:
    """Return what two strings have in common at their beginning."""
    count = 0
    while count < min(len(one), len(other)) and one[count] == other[count]:
        count += 1
    return one[:count]


def _is_no_word(field: str) -> bool:
    return field.lower().strip("+-\u2212") in _NO_NUMBERS or any(
        character.isdigit() for character in field
    )


def _count(dimension: int) -> str:
    return f"{dimension} numbers" if dimension > 1 else "number"
