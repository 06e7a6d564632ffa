"""Find tokens that no lookup would find.

Tokens are kept exactly as they are in the file. But if all of them are padded, quoted
or in another encoding, that is an accident, and no word would be found. So padding that
all tokens have is removed, and the other cases cause one warning each.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

import numpy as np

from ..errors import FormatError
from .block import LONGEST_TOKEN, Block, show
from .first_rows import FIRST_ROWS, check_columns, find_oddities
from .separators import holds_numbers
from .start import Expected

# White space and invisible characters at either end of a token.
_INVISIBLE = (
    rb"(?:[\x00-\x20\x7f]|\xc2[\x85\xa0\xad]|\xe1\x9a\x80|\xef\xbb\xbf"
    rb"|\xe2\x80[\x80-\x8f\xa8-\xaf]|\xe2\x81[\x9f-\xa4]|\xe3\x80\x80)"
)
_PADDING = re.compile(rb"\A%b+|%b+\Z" % (_INVISIBLE, _INVISIBLE))
# Their first and last bytes.
_FIRST = frozenset({*range(0x21), 0x7F, 0xC2, 0xE1, 0xE2, 0xE3, 0xEF})
_LAST = frozenset({*range(0x21), 0x7F, *range(0x80, 0xB0), 0xBF})
# The same characters without the line feed. The set of first bytes makes the search
# many times as fast as the alternatives alone.
_ANY_INVISIBLE = re.compile(
    rb"[\x00-\x09\x0b-\x20\x7f\xc2\xe1-\xe3\xef]"
    rb"(?:(?<=[\x00-\x20\x7f])|(?<=\xc2)[\x85\xa0\xad]|(?<=\xe1)\x9a\x80"
    rb"|(?<=\xef)\xbb\xbf|(?<=\xe2)\x80[\x80-\x8f\xa8-\xaf]|(?<=\xe2)\x81[\x9f-\xa4]"
    rb"|(?<=\xe3)\x80\x80)"
)
# What pandas and csv write around a word that contains a space or a quote.
_QUOTED = re.compile(rb'"(?:[^"]*(?: |"")[^"]*)+"')

_FEW_INVALID = 0.01


@dataclass(slots=True)
class _Tally:
    """How many tokens have a problem, and the first of them."""

    problem: str
    consequence: str
    count: int = 0
    row: int = 0
    token: bytes = b""

    def add(self, row: int, token: bytes) -> None:
        if not self.count:
            self.row, self.token = row, token
        self.count += 1


class TokenChecker:
    """Checks the tokens of one file.

    Parameters
    ----------
    dimension : int
    expected : Expected
        Whose `warn` is called with the sentence of each warning.
    unit : {"line", "row"}
        What the file is counted in, for messages.
    first : int
        Number of the first row, in that unit.
    guessed : bool
        Whether the dimension is known from the first row alone.
    is_text : bool
        Whether numbers are written as text.
    """

    def __init__(
        self,
        dimension: int,
        expected: Expected,
        *,
        unit: str = "line",
        first: int = 1,
        guessed: bool = False,
        is_text: bool = True,
    ) -> None:
        self._dimension = dimension
        self._warn = expected.warn
        self._prefix = expected.prefix
        self._unit = unit
        self._first = first
        self._guessed = guessed
        self._is_text = is_text
        self._rows = 0
        self._beyond_ascii = 0
        self._padded = _Tally(
            "begin or end with spaces or invisible characters",
            "these are kept, so that a lookup of the bare word does not find it",
        )
        self._numbers = _Tally(
            "contain numbers",
            f"the dimension was known to be {dimension}, so that all before the last "
            f"{dimension} numbers was read as the token",
        )
        self._quoted = _Tally(
            "are in quotes",
            "tables quote words that contain a space or a quote; a lookup of the bare "
            "word does not find it",
        )
        self._invalid = _Tally(
            "are not UTF-8",
            "no lookup of the real word finds them; if the file is in another "
            "encoding, convert it by `iconv -f ENCODING -t UTF-8`, where ENCODING is "
            "the one it was written in, such as LATIN1, CP1251 or GBK",
        )

    def check(self, blocks: Iterator[Block]) -> Iterator[Block]:
        """Yield the blocks, without the padding that all tokens have.

        Raises
        ------
        FormatError
            The first rows show that numbers would be read as part of tokens, or a token
            is too long.
        """
        first: list[Block] = []
        count = 0
        while count < FIRST_ROWS and (block := next(blocks, None)):
            first.append(block)
            count += len(block.tokens)
        is_padded = bool(first) and self._check_first_rows(first)
        for block in chain(first, blocks):
            if is_padded:
                block = Block(list(map(_strip, block.tokens)), block.values)
            self._check_tokens(block.tokens)
            self._rows += len(block.tokens)
            yield block
        self._warn_of_problems()

    def _check_first_rows(self, blocks: list[Block]) -> bool:
        """Check what the first rows have in common; return whether all are padded."""
        tokens = [token for block in blocks for token in block.tokens][:FIRST_ROWS]
        values = np.concatenate([block.values for block in blocks])[:FIRST_ROWS]
        if self._is_text:
            check_columns(tokens, self._dimension, self._guessed, self._name(0))
        # Of words padded to one width, those that fill it have no padding.
        padded = [token for token in tokens if _is_padded(token)]
        widths = {len(token) for token in padded}
        is_padded = len(tokens) > 1 and (
            len(padded) == len(tokens)
            or (
                2 * len(padded) > len(tokens)
                and len(widths) == 1
                and min(map(len, tokens)) in widths
            )
        )
        if is_padded:
            tokens = list(map(_strip, tokens))
        kept = [i for i, token in enumerate(tokens) if token.startswith(self._prefix)]
        tokens = [tokens[i][len(self._prefix) :] for i in kept]
        for oddity in find_oddities(tokens, values[kept]) if kept else ():
            self._warn(f"{self._name(0)}: {oddity}")
        return is_padded

    def _check_tokens(self, tokens: list[bytes]) -> None:
        """Count the problems of a block; most blocks are known to have none at once."""
        joined = b"\n".join(tokens)
        if len(joined) > LONGEST_TOKEN and max(map(len, tokens)) > LONGEST_TOKEN:
            raise FormatError(
                f"a token after {self._name(self._rows)} has more than "
                f"{LONGEST_TOKEN:,} bytes: this is not a file of vectors"
            )
        if _ANY_INVISIBLE.search(joined):
            for row, token in enumerate(tokens, self._rows):
                if not token:
                    continue
                at_an_end = token[0] in _FIRST or token[-1] in _LAST
                if at_an_end and _is_padded(token):
                    self._padded.add(row, token)
                if (
                    self._is_text
                    and b" " in token
                    and holds_numbers(token, self._dimension)
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

    def _warn_of_problems(self) -> None:
        # A few that are not UTF-8 are accidents of the corpus.
        if self._invalid.count <= _FEW_INVALID * self._beyond_ascii:
            self._invalid.count = 0
        for tally in (self._padded, self._numbers, self._quoted, self._invalid):
            if tally.count:
                self._warn(
                    f"{tally.count:,} of {self._rows:,} tokens {tally.problem} (the "
                    f"first: {show(tally.token)}, {self._name(tally.row)}): "
                    f"{tally.consequence}"
                )

    def _name(self, row: int) -> str:
        """Return the place of a row, counted from 0, in the file."""
        return f"{self._unit} {self._first + row:,}"


def _strip(token: bytes) -> bytes:
    return _PADDING.sub(b"", token)


def _is_padded(token: bytes) -> bool:
    stripped = _strip(token)
    # A few real tokens are white space alone.
    return bool(stripped) and stripped != token


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True
