"""Write vectors as a file for another library, complete or not at all."""

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from ...errors import GloveRegistryError, OutputError
from ...messages.caller import warn_caller
from ...messages.printable import quote

if TYPE_CHECKING:
    from ...lookup.rows import Rows

T = TypeVar("T")

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
    if vectors.has_subwords:
        warn_caller(
            f"{vectors.name} has n-grams, which {to} cannot hold: words without a row "
            "have no vector in the file. To keep vectors that are composed, write "
            "vectors.subset(words), or pass words= (--words) to export"
        )


def write_new(path: Path, write: Callable[[Path], T]) -> T:
    """Write a file or folder that must not exist, complete or not at all.

    Returns what `write` returns, which gets the path to write to.

    Raises
    ------
    OutputError
        It exists, or cannot be written.
    """
    from ...cache.publish import publish  # the command line needs only the formats

    check_path(path)
    try:
        with publish(path, replace=False) as part:
            return write(part)
    except OSError as error:
        if isinstance(error, GloveRegistryError):
            raise
        # Another process may have written there in the meantime.
        check_free(path)
        raise OutputError(
            f"{path} cannot be written ({error.strerror or error}); the partial file "
            "was removed: free some disk space, or choose another path"
        ) from error


def as_path(path: str | os.PathLike[str]) -> Path:
    """Return a path to write to; raise `TypeError` if it is none."""
    try:
        return Path(path)
    except TypeError:
        raise TypeError(
            f"path={quote(path)}: expected the path to write to, as a str or a "
            "pathlib.Path"
        ) from None


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
    if to not in FORMATS:
        raise ValueError(f"expected one of {', '.join(FORMATS)}, found {to!r}")
    if dtype not in (None, *DTYPES):
        raise ValueError(f"dtype={dtype!r}: expected one of {', '.join(DTYPES)}")
    if dtype not in (None, "float32") and to not in OF_ANY_TYPE:
        raise ValueError(
            f"{to} cannot hold numbers of {dtype}: export to one of "
            f"{', '.join(OF_ANY_TYPE)}"
        )


def check_path(path: Path) -> None:
    """Check that something can be written to a path, before the work begins.

    Raises
    ------
    OutputError
        Something exists there, or the folder is missing or not writable.
    """
    check_free(path)
    if not path.parent.is_dir():
        raise OutputError(f"{path}: the folder {path.parent} does not exist: create it")
    if not os.access(path.parent, os.W_OK):
        raise OutputError(
            f"{path}: you have no permission to write to {path.parent}: choose another "
            "path"
        )


def check_free(path: Path) -> None:
    """Raise `OutputError` if something exists at a path."""
    if os.path.lexists(path):
        raise OutputError(
            f"{path} already exists, and nothing is replaced: remove it, or "
            "choose another path"
        )
