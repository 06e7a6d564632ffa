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

from ..errors import FormatError
from .block import LONGEST_TOKEN, Block, show
from .first_rows import FIRST_ROWS, find_doubts, refuse_columns
from .separators import holds_numbers

# White space, and characters that nobody sees, at either end of a token.
_UNSEEN = (
    rb"(?:[\x00-\x20\x7f]|\xc2[\x85\xa0\xad]|\xe1\x9a\x80|\xef\xbb\xbf"
    rb"|\xe2\x80[\x80-\x8f\xa8-\xaf]|\xe2\x81[\x9f-\xa4]|\xe3\x80\x80)"
)
_PADDING = re.compile(rb"\A%b+|%b+\Z" % (_UNSEEN, _UNSEEN))
# The bytes with which these begin and end.
_FIRST = frozenset({*range(0x21), 0x7F, 0xC2, 0xE1, 0xE2, 0xE3, 0xEF})
_LAST = frozenset({*range(0x21), 0x7F, *range(0x80, 0xB0), 0xBF})
# The same but for the line feed; a set of bytes in front makes the search many times as
# fast as alternatives do.
_ANY_UNSEEN = re.compile(
    rb"[\x00-\x09\x0b-\x20\x7f\xc2\xe1-\xe3\xef]"
    rb"(?:(?<=[\x00-\x20\x7f])|(?<=\xc2)[\x85\xa0\xad]|(?<=\xe1)\x9a\x80"
    rb"|(?<=\xef)\xbb\xbf|(?<=\xe2)\x80[\x80-\x8f\xa8-\xaf]|(?<=\xe2)\x81[\x9f-\xa4]"
    rb"|(?<=\xe3)\x80\x80)"
)
# What pandas and csv write around a word with a blank or a quote in it.
_FEW_INVALID = 0.01
_QUOTED = re.compile(rb'"(?:[^"]*(?: |"")[^"]*)+"')


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
    warn : callable
        Takes the sentence of a warning.
    is_text : bool
        Whether numbers are written as text.
    """

    dimension: int
    guessed: bool
    place: Callable[[int], str]
    warn: Callable[[str], None]
    is_text: bool = True
    _rows: int = 0
    _is_padded: bool = False
    _padded: _Tally = field(default_factory=_Tally)
    _numbers: _Tally = field(default_factory=_Tally)
    _quoted: _Tally = field(default_factory=_Tally)
    _invalid: _Tally = field(default_factory=_Tally)
    _beyond_ascii: int = 0

    def follow(self, blocks: Iterator[Block]) -> Iterator[Block]:
        """Hand blocks on; refuse what holds no words, and warn at the end."""
        blocks = iter(blocks)
        first: list[Block] = []
        while sum(len(block.tokens) for block in first) < FIRST_ROWS:
            block = next(blocks, None)
            if block is None:
                break
            first.append(block)
        if first:
            self._look_at_first(first)
        for block in chain(first, blocks):
            if self._is_padded:
                tokens = [_PADDING.sub(b"", token) for token in block.tokens]
                block = Block(tokens, block.values)
            self._look_at(block.tokens)
            self._rows += len(block.tokens)
            yield block
        self._conclude()

    def _look_at_first(self, blocks: list[Block]) -> None:
        """See what the first rows have in common."""
        tokens = [token for block in blocks for token in block.tokens][:FIRST_ROWS]
        values = np.concatenate([block.values for block in blocks])[:FIRST_ROWS]
        if self.is_text:
            refuse_columns(tokens, self.dimension, self.guessed, self.place)
        # Of words padded to one width, those that fill it have no padding.
        padded = [token for token in tokens if _is_padded(token)]
        widths = {len(token) for token in padded}
        self._is_padded = len(tokens) > 1 and (
            len(padded) == len(tokens)
            or (
                2 * len(padded) > len(tokens)
                and len(widths) == 1
                and min(map(len, tokens)) == widths.pop()
            )
        )
        if self._is_padded:
            tokens = [_PADDING.sub(b"", token) for token in tokens]
        for doubt in find_doubts(tokens, values, self.place):
            self.warn(doubt)

    def _look_at(self, tokens: list[bytes]) -> None:
        joined = b"\n".join(tokens)
        if len(joined) > LONGEST_TOKEN and max(map(len, tokens)) > LONGEST_TOKEN:
            raise FormatError(
                f"a token after {self.place(self._rows)} has more than "
                f"{LONGEST_TOKEN:,} bytes: this is no file of vectors"
            )
        # Most blocks have neither, and a look at all of them costs next to nothing.
        if _ANY_UNSEEN.search(joined):
            for row, token in enumerate(tokens, self._rows):
                if not token:
                    continue
                at_an_end = token[0] in _FIRST or token[-1] in _LAST
                if at_an_end and _is_padded(token):
                    self._padded.add(row, token)
                if (
                    self.is_text
                    and b" " in token
                    and holds_numbers(token, self.dimension)
                ):
                    self._numbers.add(row, token)
        if joined.count(b'"') > 1:
            for row, token in enumerate(tokens, self._rows):
                if token.startswith(b'"') and _QUOTED.fullmatch(token):
                    self._quoted.add(row, token)
        if not joined.isascii():
            self._beyond_ascii += len(tokens) - sum(map(bytes.isascii, tokens))
            if not _is_utf8(joined):
                for row, token in enumerate(tokens, self._rows):
                    if not _is_utf8(token):
                        self._invalid.add(row, token)

    def _conclude(self) -> None:
        if padded := self._describe(self._padded, "begin or end with blanks"):
            self.warn(
                f"{padded}, or with other characters that nobody sees; they are kept "
                "as part of the token: a lookup of the bare word does not find it"
            )
        if numbers := self._describe(self._numbers, "hold numbers"):
            self.warn(
                f"{numbers}: the dimension was known to be {self.dimension}, so that "
                "all before the last numbers was taken for the token"
            )
        if quoted := self._describe(self._quoted, "stand in quotes"):
            self.warn(
                f"{quoted}, as a table has words with a blank or a quote: a lookup of "
                "the bare word does not find it"
            )
        # A few are accidents of the corpus.
        if self._invalid.count > _FEW_INVALID * self._beyond_ascii:
            invalid = self._describe(self._invalid, "are not UTF-8")
            self.warn(
                f"{invalid}: no lookup of the real word finds them; if the file is in "
                "another encoding, convert it by `iconv -f ENCODING -t UTF-8`, where "
                "ENCODING is the one it was written in, such as LATIN1, CP1251 or GBK"
            )

    def _describe(self, tally: _Tally, what: str) -> str:
        if not tally.count:
            return ""
        return (
            f"{tally.count:,} of {self._rows:,} tokens {what} "
            f"(the first: {show(tally.token)}, {self.place(tally.row)})"
        )


def _is_padded(token: bytes) -> bool:
    stripped = _PADDING.sub(b"", token)
    # A token of white space alone is one of a few real ones.
    return bool(stripped) and stripped != token


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True
