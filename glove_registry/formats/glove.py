"""GloVe's text: a token and its numbers on each line, and nothing else."""

from .first_line import check_first_row, refuse_names
from .separators import count_numbers
from .start import Expected, Opened, Start
from .text import read_text_blocks
from .tokens import TokenChecker


def recognize(start: Start) -> bool:
    """Return True: any bytes can begin a row, and errors say why these do not."""
    return True


def open_rows(start: Start, expected: Expected) -> Opened:
    """Open rows whose dimension is that of the first, if none is expected."""
    first = start.read_line()
    if not count_numbers(first):
        refuse_names(
            first, first.split(), count_numbers(start.read_line(len(first) + 1))
        )
    dimension = check_first_row(first, start.bytes, 1, expected.dimension)
    guessed = expected.dimension is None
    blocks = read_text_blocks(start.stream, start.bytes, dimension, 1, guessed=guessed)
    checker = TokenChecker(dimension, expected, guessed=guessed)
    return Opened(dimension, checker.check(blocks))
