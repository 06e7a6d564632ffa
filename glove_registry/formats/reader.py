"""Recognize the format of a stream of vectors, and read it."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Literal

from ..errors import FormatError
from ..messages.caller import warn_caller
from ..messages.layout import format_count
from ..registry import FORMATS, Tokenizer
from ..registry.names import TOKENIZERS
from .block import Block, ByteStream, Ngrams, show
from .signatures import recognize_binary
from .start import Expected, Start


@dataclass(frozen=True, slots=True)
class OpenedVectors:
    """A stream of vectors whose format and dimension are known.

    Attributes
    ----------
    format : str
        A name in `FORMATS`.
    dimension : int
        Numbers in a row.
    blocks : iterator of Block
        All rows in the file's order, at least one in each block. It can be consumed
        once, and raises `FormatError` as `open_vectors` does.
    ngrams : Ngrams or None
        Those that the file has rows of, after its blocks.
    tokenizer : str or None
        The convention by which texts become its tokens, if the file names it.
    recognized : str or None
        The format by its first bytes; None if these can be of several.
    """

    format: str
    dimension: int
    blocks: Iterator[Block]
    ngrams: Ngrams | None = None
    tokenizer: Tokenizer | None = None
    recognized: str | None = None

    def read_words(self) -> Iterator[Block]:
        """Yield the blocks, and read what follows them to its end."""
        yield from self.blocks
        if self.ngrams is not None:
            for _ in self.ngrams.blocks:
                pass


def read_vectors(stream: ByteStream, **known: Any) -> Iterator[Block]:
    """Yield the rows of a stream; takes the arguments of `open_vectors`."""
    yield from open_vectors(stream, **known).read_words()


def open_vectors(
    stream: ByteStream,
    *,
    format: str | None = None,
    dimension: int | None = None,
    rows: int | Literal["any"] | None = None,
    prefix: str | None = None,
    warn: Callable[[str], None] = warn_caller,
    folder: str | None = None,
) -> OpenedVectors:
    """Recognize the format of a stream by its first bytes.

    Parameters
    ----------
    stream : ByteStream
        Uncompressed bytes.
    format : str, optional
        The expected format, a name in `FORMATS`; recognized if not given.
    dimension : int, optional
        The expected dimension.
    rows : int or "any", optional
        The expected number of rows. With ``"any"``, a header that announces another
        number causes a warning instead of an error.
    prefix : str, optional
        What is removed from the beginning of tokens. Rows without it are left out, and
        not counted as `rows`.
    warn : callable, optional
        Called with the sentence of each warning: words that no lookup would find, for
        example.
    folder : str, optional
        Where temporary files go, if the format needs any; by default, where the system
        has them.

    Returns
    -------
    OpenedVectors

    Raises
    ------
    FormatError
        The bytes are not vectors in the expected format. The message names the line or
        row, and the cause.
    """
    start = Start(stream)
    if not start.bytes:
        raise FormatError("expected rows of vectors, found nothing: the file is empty")
    if what := recognize_binary(start.bytes):
        raise FormatError(f"line 1: expected rows of vectors, found {what}")
    start.skip_byte_order_mark()
    recognized = None
    if format is None:
        format = recognized = _recognize(start)
    else:
        with suppress(FormatError):
            recognized = _recognize(start)
    mark = (prefix or "").encode("utf-8", "surrogateescape")
    expected = Expected(dimension, rows, warn, folder, mark)
    opened = load_module(format).open_rows(start, expected)
    if mark and opened.ngrams is not None:
        raise FormatError(
            f"prefix={prefix!r}: the n-grams of a {FORMATS[format].label} are those of "
            "words as they are: leave prefix out"
        )
    blocks = _check_announced(opened.blocks, opened.announced, rows, warn)
    if mark:
        blocks = _keep_prefixed(blocks, mark)
    if rows is not None and rows != "any":
        blocks = _check_count(blocks, rows)
    tokenizer = next((t for t in TOKENIZERS if t == opened.tokenizer), None)
    return OpenedVectors(
        format, opened.dimension, blocks, opened.ngrams, tokenizer, recognized
    )


def _recognize(start: Start) -> str:
    names = reversed(FORMATS)
    return next(name for name in names if load_module(name).recognize(start))


def _check_announced(
    blocks: Iterator[Block],
    announced: int | None,
    rows: int | Literal["any"] | None,
    warn: Callable[[str], None],
) -> Iterator[Block]:
    """Yield the blocks, then compare the number of rows with that of the header."""
    count = 0
    for block in blocks:
        count += len(block.tokens)
        if announced is None or rows == "any" or count <= announced:
            yield block  # of too many, the rest is only counted
    if announced not in (None, count):
        if rows != "any":
            raise FormatError(
                f"the file holds {format_count(count, 'row')}, its header says "
                f"{announced:,}: it may be cut off. If it is complete, use rows='any' "
                "(`rows: any` in an entry)"
            )
        warn(
            f"the file holds {format_count(count, 'row')} and its header announces "
            f"{announced:,}; all that it holds are used, as rows is 'any'"
        )


def _keep_prefixed(blocks: Iterator[Block], prefix: bytes) -> Iterator[Block]:
    """Yield the rows whose tokens begin with a prefix and do not end there."""
    first = None
    is_found = False
    for block in blocks:
        first = first or block.tokens[0]
        kept = [
            row
            for row, token in enumerate(block.tokens)
            if token.startswith(prefix) and token != prefix
        ]
        if kept:
            is_found = True
            tokens = [block.tokens[row][len(prefix) :] for row in kept]
            yield Block(tokens, block.values[kept])
    if first is not None and not is_found:
        raise FormatError(
            f"no token begins with the prefix {show(prefix)}: the first one is "
            f"{show(first)}"
        )


def _check_count(blocks: Iterator[Block], rows: int) -> Iterator[Block]:
    """Yield the blocks, then compare the number of rows with what was expected."""
    count = 0
    for block in blocks:
        count += len(block.tokens)
        if count <= rows:
            yield block  # of too many, the rest is only counted
    if count != rows:
        held = format_count(count, "row")
        raise FormatError(f"the file holds {held}, expected {rows:,}")


def load_module(format: str) -> Any:
    """Import and return the module of a format that the table has."""
    return import_module(f".{format.replace('-', '_')}", __package__)
