"""Files for other tools: gensim, numpy, pandas, torch, TensorBoard's projector.

What a format needs is imported when it is written, not before.
"""

from .write import (
    DTYPES,
    FORMATS,
    as_path,
    check_format,
    check_free,
    check_path,
    check_words,
    choose_format,
    export,
    write_new,
)

__all__ = [
    "DTYPES",
    "FORMATS",
    "as_path",
    "check_format",
    "check_free",
    "check_path",
    "check_words",
    "choose_format",
    "export",
    "write_new",
]
