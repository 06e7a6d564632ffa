"""What the tokens of a file give away: words that no lookup will find.

Tokens are kept as they stand in the file. But a file in which each of them is padded,
quoted or in another encoding was written by accident, and nobody finds a word in it.
So padding of all tokens is taken away, and of the rest a warning tells, once a file.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import chain

import numpy as np

from ..caution import warn_caller
from ..errors import FormatError
from .block import LONGEST_TOKEN, Block, show
from .separators import holds_numbers

_PADDING = b" \t\r\v\f"
_DECIMAL = re.compile(rb"|[+-]?[0-9]*\.[0-9]+(?:[eE][+-]?[0-9]+)?")
_QUOTED = re.compile(rb"b?'.*'|\".*\"|\xe2\x80\x9c.*\xe2\x80\x9d", re.DOTALL)
_NUMBERED = re.compile(rb"[0-9]+ .+", re.DOTALL)

# What the first rows have in common; one row alone has nothing.
_FIRST_ROWS = 100
_FEW_ROWS = 2
_FEW_NUMBERS = 8


@dataclass(slots=True)
class _Tally:
    """How many tokens are of a kind, and the first of them."""

    count: int = 0
    row: int = 0
    token: bytes = b""

    def add(self, row: int, token: bytes) -> None:
        if not self.count:
            self.row, self.token = row, token
        self.count += 1


@dataclass(slots=True)
class TokenWatch:
    """Looks at the tokens of blocks on their way.

    Parameters
    ----------
    dimension : int
    guessed : bool
        Whether only the first row says what the dimension is.
    place : callable
        Turns the number of a row, from 0 on, into its place in the file for people.
    """

    dimension: int
    guessed: bool
    place: Callable[[int], str]
    _rows: int = 0
    _is_padded: bool = False
    _has_words: bool = False
    _padded: _Tally = field(default_factory=_Tally)
    _numbers: _Tally = field(default_factory=_Tally)
    _invalid: _Tally = field(default_factory=_Tally)
    _beyond_ascii: int = 0

    def follow(self, blocks: Iterator[Block]) -> Iterator[Block]:
        """Hand blocks on; warn at their end, and refuse what holds no words."""
        blocks = iter(blocks)
        first: list[Block] = []
        while sum(len(block.tokens) for block in first) < _FIRST_ROWS:
            block = next(blocks, None)
            if block is None:
                break
            first.append(block)
        self._look_at_first(first)
        for block in chain(first, blocks):
            if self._is_padded:
                block = Block([t.strip(_PADDING) for t in block.tokens], block.values)
            self._look_at(block.tokens)
            self._rows += len(block.tokens)
            yield block
        self._conclude()

    def _look_at_first(self, blocks: list[Block]) -> None:
        """See what the first rows have in common."""
        tokens = [token for block in blocks for token in block.tokens][:_FIRST_ROWS]
        if len(tokens) < _FEW_ROWS:
            return
        # Of words padded to one width, those that fill it have no padding.
        padded = [token for token in tokens if _is_padded(token)]
        widths = {len(token) for token in padded}
        self._is_padded = len(padded) == len(tokens) or (
            2 * len(padded) > len(tokens)
            and len(widths) == 1
            and min(map(len, tokens)) == widths.pop()
        )
        numbers = blocks[0].values[0]
        steps = np.diff(numbers)
        if len(numbers) >= _FEW_NUMBERS and (steps == 1).all():
            warn_caller(
                f"{self.place(0)} holds {show(tokens[0])} and the numbers "
                f"{numbers[0]:g}, {numbers[1]:g}, ...: if these are the names of "
                "columns, remove the line"
            )
        for pattern, what in (
            (_QUOTED, "stands in quotes"),
            (_NUMBERED, "begins with a number and a blank"),
        ):
            if all(map(pattern.fullmatch, tokens)):
                warn_caller(
                    f"{self.place(0)}: each token {what}, such as {show(tokens[0])}: "
                    "no word will be found without that; write the file again if it is "
                    "not part of the words"
                )

    def _look_at(self, tokens: list[bytes]) -> None:
        self._has_words = self._has_words or not all(map(_DECIMAL.fullmatch, tokens))
        joined = b"\n".join(tokens)
        if len(joined) > LONGEST_TOKEN and max(map(len, tokens)) > LONGEST_TOKEN:
            raise FormatError(
                f"a token after {self.place(self._rows)} has more than "
                f"{LONGEST_TOKEN:,} bytes: this is no file of vectors"
            )
        # Most blocks have neither, and a look at all of them costs next to nothing.
        for row, token in self._pick(tokens, joined):
            if _is_padded(token):
                self._padded.add(row, token)
            if holds_numbers(token, self.dimension):
                self._numbers.add(row, token)
        if not joined.isascii():
            self._beyond_ascii += sum(not token.isascii() for token in tokens)
            if not _is_utf8(joined):
                for row, token in enumerate(tokens, self._rows):
                    if not _is_utf8(token):
                        self._invalid.add(row, token)

    def _pick(self, tokens: list[bytes], joined: bytes) -> list[tuple[int, bytes]]:
        """Pick the tokens that hold white space, with their rows."""
        present = [bytes([byte]) for byte in _PADDING if byte in joined]
        return [
            (self._rows + i, tokens[i])
            for i in sorted(
                {i for byte in present for i, t in enumerate(tokens) if byte in t}
            )
        ]

    def _conclude(self) -> None:
        if self.guessed and not self._has_words:
            raise FormatError(
                f"{self.place(0)}: each row begins with a number or a blank: expected "
                "a token before the numbers of each row"
            )
        if padded := self._describe(self._padded, "begin or end with white space"):
            warn_caller(
                f"{padded}, which is kept as part of the token: a lookup of the bare "
                "word does not find it"
            )
        if numbers := self._describe(self._numbers, "hold numbers"):
            warn_caller(
                f"{numbers}, and {self.dimension} more follow, as the dimension was "
                "given: check that they belong to the token"
            )
        # Where as many are valid, the others are accidents of the corpus.
        if 2 * self._invalid.count > self._beyond_ascii:
            invalid = self._describe(self._invalid, "are not UTF-8")
            warn_caller(
                f"{invalid}: no lookup of the real word finds them; if the file is in "
                "another encoding, convert it, for example by `iconv -f LATIN1 -t "
                "UTF-8`"
            )

    def _describe(self, tally: _Tally, what: str) -> str:
        if not tally.count:
            return ""
        return (
            f"{tally.count:,} of {self._rows:,} tokens {what} "
            f"(the first: {show(tally.token)}, {self.place(tally.row)})"
        )


def _is_padded(token: bytes) -> bool:
    stripped = token.strip(_PADDING)
    # A token of white space alone is one of a few real ones.
    return bool(stripped) and stripped != token


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True
