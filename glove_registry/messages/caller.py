"""A warning that points at the line of whoever called this package."""

import sys
import warnings
from pathlib import Path

_PACKAGE = str(Path(__file__).parents[1])


def warn_caller(sentence: str) -> None:
    """Warn with the line of the first caller that is not of this package.

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
    warnings.warn(sentence, stacklevel=level)
