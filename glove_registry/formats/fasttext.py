"""fastText's models: .bin, and .ftz, whose vectors are quantized.

A dictionary, a matrix with a row for each word and then for each bucket of n-grams, and
a matrix of what was trained against it, which is skipped. The layout is that of
`saveModel` in fastText's ``src/fasttext.cc`` and of the classes that it calls: numbers
are little-endian, without padding. Files of 2016 lack the mark, the version and what
came with them. Those of floret have two arguments more
(https://github.com/explosion/floret, ``src/args.cc``).
"""

import struct
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..errors import FormatError
from .block import BLOCK_BYTES, LONGEST_TOKEN, MOST_NUMBERS, Block, Ngrams, show
from .fasttext_matrices import DenseMatrix, QuantizedMatrix, Source
from .start import Expected, Opened, Start
from .tokens import TokenChecker

_MARK = struct.pack("<i", 793_712_314)
_VERSIONS = (11, 12)
_SUPERVISED = 3
_FLORET = 2  # of floret's modes; the other one is fastText

_ARGUMENTS = struct.Struct("<12id")
# Where floret's own two arguments are: its mode, and hashes of an n-gram.
_MODE = slice(44, 52)
_MOST_HASHES = 4
# Real ones have 6 characters or fewer, and each word has several of each length.
_LONGEST_NGRAM = 64
_LARGEST = 1e30
# The 2,000,000 words of cc.en have 20 MB, and fastText has 2,000,000 buckets by
# default. Both are in memory until the last row is read, however small a file packs
# them.
_MOST_TEXT = 1 << 28
_MOST_KEPT = 1 << 24


class _Arguments(NamedTuple):
    """What a model was trained with, as far as it matters here."""

    dimension: int
    model: int
    buckets: int
    shortest: int  # characters of an n-gram
    longest: int
    are_plausible: bool
    hashes: int = 0  # of floret, for an n-gram

    @classmethod
    def unpack(cls, data: bytes) -> "_Arguments":
        dimension, window, *_, loss, model, buckets, shortest, longest, _, _ = (
            _ARGUMENTS.unpack(data)
        )
        are_plausible = (
            0 < dimension <= MOST_NUMBERS
            and 0 < window <= 100
            and loss in (1, 2, 3)
            and model in (1, 2, 3)
        )
        return cls(dimension, model, buckets, shortest, longest, are_plausible)


def recognize(start: Start) -> bool:
    """Return whether a file begins with the mark, or with arguments as in 2016."""
    if start.bytes.startswith(_MARK):
        return True
    size = _ARGUMENTS.size
    if len(start.bytes) < size:
        return False
    return _Arguments.unpack(start.bytes[:size]).are_plausible


def open_rows(start: Start, expected: Expected) -> Opened:
    """Open the rows of words and, if the model has any, those of n-grams."""
    if not recognize(start):
        raise FormatError(
            f"expected the beginning of a fastText model, found {show(start.bytes)}"
        )
    source = Source(start.bytes, start.stream)
    version, arguments = _read_head(source, start.bytes.startswith(_MARK))
    dimension = arguments.dimension
    if expected.dimension not in (None, dimension):
        raise FormatError(
            f"the model has rows of {dimension} numbers, expected {expected.dimension}"
        )
    step = max(1, BLOCK_BYTES // (4 * dimension))
    size, words, labels = source.unpack("<3i")
    if words < 1 or labels < 0 or size != words + labels:
        raise FormatError(
            f"the dictionary has {words:,} words and {labels:,} labels among {size:,} "
            "entries: the file is damaged"
        )
    _, pruned = source.unpack("<2q") if version else (*source.unpack("<q"), -1)
    # Joined, as single tokens would need several times the memory.
    dictionary = list(_read_words(source, words, labels, step))
    most = min(arguments.buckets, _MOST_KEPT)
    kept = _read_kept(source, pruned, most) if pruned > 0 else None
    is_quantized = bool(version) and source.read_flag()
    if pruned >= 0 and not is_quantized:
        raise FormatError(
            "the model is pruned and not quantized, which fastText refuses"
        )
    matrix = _open_matrix(source, is_quantized, expected.folder)
    shortest, longest = arguments.shortest, arguments.longest
    has_ngrams = pruned != 0 and arguments.buckets > 0
    has_ngrams &= longest >= shortest or arguments.hashes > 0
    count = matrix.rows - words
    if (
        matrix.dimension != dimension
        or count < 0
        or (has_ngrams and count != (pruned if pruned >= 0 else arguments.buckets))
    ):
        raise FormatError(
            f"the matrix of {matrix.rows:,} rows of {matrix.dimension:,} numbers does "
            "not fit the dictionary and the arguments: the file is damaged"
        )

    # Sums of n-grams must not become infinite.
    limit = _LARGEST if has_ngrams else np.inf

    def read_words() -> Iterator[Block]:
        row = 0
        for joined in dictionary:
            tokens = joined.split(b"\n")
            yield Block(tokens, _check(matrix.read(len(tokens)), row, limit))
            row += len(tokens)
        if not has_ngrams:
            for _ in read_ngrams():
                pass

    def read_ngrams() -> Iterator[NDArray[np.float32]]:
        for row in range(0, count, step):
            yield _check(matrix.read(min(step, count - row)), words + row, limit)
        # Only beside a quantized matrix does the flag mean anything.
        is_like_it = bool(version) and source.read_flag() and is_quantized
        _open_matrix(source, is_like_it, expected.folder).skip()
        if source.read_at_most(1):
            raise FormatError("bytes follow the end of the model")

    checker = TokenChecker(dimension, expected, unit="word", is_text=False)
    ngrams = None
    if has_ngrams:
        numbers = shortest, longest, arguments.buckets, count
        ngrams = Ngrams(*numbers, kept, read_ngrams(), arguments.hashes)
    return Opened(dimension, checker.check(read_words()), ngrams=ngrams)


def _read_head(source: Source, is_marked: bool) -> tuple[int | None, _Arguments]:
    """Return the version, None for a file of 2016, and the arguments."""
    version = source.unpack("<2i")[1] if is_marked else None
    if version not in (None, *_VERSIONS):
        raise FormatError(
            f"expected a fastText model of version 11 or 12, found {version}"
        )
    data = source.read(_ARGUMENTS.size)
    mode, hashes = struct.unpack("<2i", data[_MODE])
    # In fastText's layout, these are another number and half of one between 0 and 1.
    is_by_floret = is_marked and mode in (1, 2) and 1 <= hashes <= _MOST_HASHES
    if is_by_floret:
        size = _MODE.stop - _MODE.start
        data = data[: _MODE.start] + data[_MODE.stop :] + source.read(size)
    arguments = _Arguments.unpack(data)
    if is_by_floret and mode == _FLORET:
        arguments = arguments._replace(hashes=hashes)
    if not 0 < arguments.dimension <= MOST_NUMBERS:
        raise FormatError(
            f"expected from 1 to {MOST_NUMBERS:,} numbers in a row, found "
            f"{arguments.dimension:,}"
        )
    if version == 11 and arguments.model == _SUPERVISED:
        # As by `loadModel`: these models use words alone.
        arguments = arguments._replace(longest=0)
    if arguments.longest > _LONGEST_NGRAM:
        raise FormatError(
            f"expected n-grams of at most {_LONGEST_NGRAM} characters, found "
            f"{arguments.longest}"
        )
    return version, arguments._replace(shortest=max(arguments.shortest, 1))


def _read_words(source: Source, words: int, labels: int, step: int) -> Iterator[bytes]:
    """Yield the words of the dictionary, with line feeds between those of a block.

    A block has at most `step` words, and fewer if they are long.
    """
    joined: list[bytes] = []
    size = total = 0
    for number in range(1, words + labels + 1):
        token = source.read_to_zero(LONGEST_TOKEN)
        count_and_kind = source.read(9)
        if count_and_kind[8] != (number > words):
            raise FormatError(
                f"entry {number:,} of the dictionary, {show(token)}, is neither a word "
                "nor a label after all words: the file is damaged"
            )
        if number > words:
            continue
        if b"\n" in token:
            raise FormatError(f"word {number:,} contains a line feed: {show(token)}")
        joined.append(token)
        size += len(token) + 1
        if total + size > _MOST_TEXT:
            raise FormatError(
                f"the words of the dictionary have more than {_MOST_TEXT:,} bytes: "
                "this is not a model of fastText"
            )
        if len(joined) == step or size >= BLOCK_BYTES or number == words:
            yield b"\n".join(joined)
            joined = []
            total, size = total + size, 0


def _read_kept(source: Source, count: int, most: int) -> NDArray[np.int32]:
    """Return the buckets that a pruned model has kept, in order, with their rows."""
    if count > most:
        raise FormatError(
            f"the model has kept {count:,} n-grams, expected at most {most:,}: the "
            "file is damaged"
        )
    kept = np.frombuffer(source.read_all(8 * count), "<i4").reshape(count, 2)
    buckets, rows = kept.T
    if buckets.min() < 0 or rows.min() < 0 or rows.max() >= count:
        raise FormatError("the list of the n-grams that were kept is damaged")
    return kept[np.argsort(buckets, kind="stable")]


def _open_matrix(
    source: Source, quantized: bool, folder: str | None
) -> DenseMatrix | QuantizedMatrix:
    return QuantizedMatrix(source, folder) if quantized else DenseMatrix(source)


def _check(values: NDArray[np.float32], row: int, limit: float) -> NDArray[np.float32]:
    """Return rows; raise `FormatError` if a number is not finite, or too large."""
    bad = np.flatnonzero(~(np.abs(values) < limit).all(axis=1))
    if len(bad):
        number = row + int(bad[0]) + 1
        raise FormatError(
            f"row {number:,} of the matrix has a number that is not finite or too large"
        )
    return values
