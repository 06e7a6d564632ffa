"""word2vec's text, which fastText calls .vec: a header, then rows as in GloVe's."""

from .first_line import check_first_row, find_header, require_header
from .start import Expected, Opened, Start
from .text import read_text_blocks
from .tokens import TokenChecker


def recognize(start: Start) -> bool:
    """Return whether a file begins with a header."""
    return find_header(start) is not None


def open_rows(start: Start, expected: Expected) -> Opened:
    """Open rows of the dimension that the header has."""
    header = require_header(start, "word2vec", expected.dimension)
    check_first_row(header.line, header.rest, 2, header.dimension)
    blocks = read_text_blocks(start.stream, header.rest, header.dimension, 2)
    checker = TokenChecker(header.dimension, expected, first=2)
    return Opened(header.dimension, checker.check(blocks), header.rows)
