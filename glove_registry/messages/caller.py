"""A warning that shows the line of the user's code."""

import sys
import warnings
from pathlib import Path

_PACKAGE = str(Path(__file__).parents[1])


def warn_caller(sentence: str) -> None:
    """Warn, printably, with the place of the nearest caller outside of this package.

    Warns
    -----
    UserWarning
        With this sentence.
    """
    level = 1
    frame = sys._getframe()
    while frame.f_back and frame.f_code.co_filename.startswith(_PACKAGE):
        frame = frame.f_back
        level += 1
    from .log import clear_line  # not needed to load vectors
    from .printable import make_printable

    clear_line()
    warnings.warn(make_printable(sentence), stacklevel=level)
