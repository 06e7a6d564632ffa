"""Write vectors as a file for another library, complete or not at all."""

import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ...cache.outputs import as_path, write_new
from ...errors import OutputError
from ...messages.caller import warn_caller

if TYPE_CHECKING:
    from ...lookup.rows import Rows

# The function in `writers` for each format. By name, as the command line lists the
# formats without importing numpy.
FORMATS = {
    "word2vec": "write_word2vec",
    "word2vec-binary": "write_word2vec_binary",
    "npz": "write_npz",
    "safetensors": "write_safetensors",
    "parquet": "write_parquet",
    "projector": "write_projector",
}


# What is written to a path of this ending, if no format is given. A .txt or .bin could
# be several.
ENDINGS = {
    ".vec": "word2vec",
    ".npz": "npz",
    ".safetensors": "safetensors",
    ".parquet": "parquet",
}

# Those that can hold numbers of another type than float32.
OF_ANY_TYPE = ("npz", "safetensors", "parquet")
DTYPES = ("float32", "float16")


def export(
    vectors: "Rows",
    path: str | os.PathLike[str],
    to: str | None = None,
    dtype: str | None = None,
) -> Path:
    """Write all words and vectors for another library; see `Vectors.export`."""
    target = as_path(path)
    to = choose_format(target, to)
    check_format(to, dtype)
    check_words(vectors, to)
    from . import writers

    write = getattr(writers, FORMATS[to])
    if dtype is not None and to in OF_ANY_TYPE:
        write = partial(write, dtype=dtype)
    write_new(target, partial(write, vectors))
    return target


def check_words(vectors: "Rows", to: str) -> None:
    """Warn if a format cannot hold all that vectors have.

    Raises `OutputError` if it can hold nothing of them.
    """
    if not len(vectors):
        raise OutputError(
            f"{vectors.name} has n-grams and no words of its own: write "
            "vectors.subset(words), or pass words= (--words) to export"
        )
    if "" in vectors and not to.startswith("word2vec"):
        raise OutputError(
            f"{vectors.name} has an empty token, with which {to} could not be read "
            "back: export to word2vec, or pass words= (--words) without it"
        )
    if vectors.has_subwords:
        warn_caller(
            f"{vectors.name} has n-grams, which {to} cannot hold: words without a row "
            "have no vector in the file. To keep vectors that are composed, write "
            "vectors.subset(words), or pass words= (--words) to export"
        )


def choose_format(path: Path, to: str | None) -> str:
    """Return the format to write, that of the path's ending if none is given.

    Raises `ValueError` if the ending stands for none.
    """
    ending = path.suffix.lower()
    if to is None and ending not in ENDINGS:
        raise ValueError(
            f"{path} has none of the endings {', '.join(ENDINGS)}: choose a "
            f"format by to= (--to): {', '.join(FORMATS)}"
        )
    return ENDINGS[ending] if to is None else to


def check_format(to: str, dtype: str | None) -> None:
    """Raise `ValueError` if there is no such format, or if it has no such numbers."""
    if not isinstance(to, str) or to not in FORMATS:
        raise ValueError(f"expected one of {', '.join(FORMATS)}, found {to!r}")
    if dtype not in (None, *DTYPES):
        raise ValueError(f"dtype={dtype!r}: expected one of {', '.join(DTYPES)}")
    if dtype not in (None, "float32") and to not in OF_ANY_TYPE:
        raise ValueError(
            f"{to} cannot hold numbers of {dtype}: export to one of "
            f"{', '.join(OF_ANY_TYPE)}"
        )
