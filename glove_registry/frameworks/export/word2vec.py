"""The two forms of word2vec, as gensim reads and writes them."""

from collections.abc import Iterator
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from ...lookup.rows import Rows
from .blocks import iterate_blocks, refuse_tokens
from .numbers import format_rows


def write_text(rows: Rows, file: BinaryIO) -> None:
    """Write a line of counts, then a line for each token: token, blank, numbers."""
    _refuse_blanks(rows)
    file.write(_make_header(rows))
    for tokens, vectors in _iterate_distinct(rows):
        lines = format_rows(vectors, " ")
        file.writelines(b"%b %b\n" % pair for pair in zip(tokens, lines, strict=True))


def write_binary(rows: Rows, file: BinaryIO) -> None:
    """Write a line of counts; for each token it, a blank, and little-endian float32."""
    _refuse_blanks(rows)
    file.write(_make_header(rows))
    for tokens, vectors in _iterate_distinct(rows):
        # No line feed ends a row: gensim writes none, and whoever reads takes both.
        file.writelines(
            b"%b %b" % (token, vector.tobytes())
            for token, vector in zip(tokens, vectors, strict=True)
        )


def _make_header(rows: Rows) -> bytes:
    return b"%d %d\n" % (rows.provenance["distinct"], rows.dimension)


def _iterate_distinct(rows: Rows) -> Iterator[tuple[list[bytes], NDArray[np.float32]]]:
    """Give all rows but those of a token that has one already.

    gensim skips them, too, but counts them before: as many None are left at the end of
    its list of words.
    """
    start = 0
    for tokens, vectors in iterate_blocks(rows):
        if rows.provenance["distinct"] < len(rows):
            words = [token.decode("utf-8", "surrogateescape") for token in tokens]
            first = rows.rows(words) == np.arange(start, start + len(words))
            start += len(words)
            vectors = vectors[first]
            tokens = [t for t, is_first in zip(tokens, first, strict=True) if is_first]
        yield tokens, vectors


def _refuse_blanks(rows: Rows) -> None:
    # A token ends at the first blank; nothing in either form can say otherwise.
    refuse_tokens(
        rows,
        lambda token: b" " in token,
        "the token {token} holds a blank, which word2vec's forms cannot: export to "
        "npz, safetensors or parquet, whose words and vectors gensim takes by "
        "KeyedVectors(dimension).add_vectors(words, vectors)",
    )
