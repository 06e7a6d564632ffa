"""Files for other tools: gensim, numpy, pandas, torch, TensorBoard's projector.

What a format needs is imported when it is written, not before.
"""

from .write import (
    DTYPES,
    FORMATS,
    check_format,
    check_words,
    choose_format,
    export,
)

__all__ = [
    "DTYPES",
    "FORMATS",
    "check_format",
    "check_words",
    "choose_format",
    "export",
]
