"""Write synthetic texts of vectors: quickly, of any size, and the same each time.

Rows are made of pieces that are repeated in random order, as the work of a parser on a
row does not depend on earlier rows.
"""

import random
from collections.abc import Iterator
from pathlib import Path

# Numbers in a piece, and how many different pieces there are.
PIECE = 10
PIECES = 20_000
BLOCK = 2_000

# Spaces, and what some readers mistake for a space, a line end or a quotation.
QUIRKS = (b". . w%d", b"at %d@domain.com", b"no\xc2\xa0break%d", b"\xc2\x85%d", b'"%d')


def write_text(target: Path, rows: int, dimension: int, quirks: bool) -> None:
    """Write `rows` rows of `dimension` numbers.

    Parameters
    ----------
    target : Path
    rows : int
    dimension : int
        A multiple of `PIECE`.
    quirks : bool
        Whether tokens are as difficult as those of glove.840B.300d.
    """
    if dimension % PIECE:
        raise ValueError(f"a dimension is a multiple of {PIECE}, found {dimension}")
    generator = random.Random(840)  # noqa: S311 - numbers, not secrets
    pieces = [_make_piece(generator) for _ in range(PIECES)]
    tokens = _make_tokens(rows, quirks)
    with target.open("wb") as file:
        for start in range(0, rows, BLOCK):
            lines = []
            for _ in range(min(BLOCK, rows - start)):
                numbers = generator.choices(pieces, k=dimension // PIECE)
                lines.append(b"".join([next(tokens), *numbers, b"\n"]))
            file.write(b"".join(lines))


def _make_piece(generator: random.Random) -> bytes:
    # As in the real files: so the shape of 840B has 5.7 GB, as the real one.
    return b"".join(b" %.5g" % generator.gauss(0, 0.35) for _ in range(PIECE))


def _make_tokens(rows: int, quirks: bool) -> Iterator[bytes]:
    """Return distinct tokens; with quirks, the last one repeats the first."""
    for row in range(rows):
        if quirks and row == rows - 1:
            yield b"word0"
        elif quirks and row % (1000 if row < 5000 else 10_000) == 512:
            # Rare, but each kind is among the first rows, which check the readers.
            kind = row // (1000 if row < 5000 else 10_000) % len(QUIRKS)
            yield QUIRKS[kind] % row
        else:
            yield b"word%d" % row
