"""Write vectors as a file for another library, complete or not at all."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from ...cache.publish import publish
from ...errors import GloveRegistryError, OutputError

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


def export(vectors: "Rows", path: str | os.PathLike[str], to: str) -> Path:
    """Write all words and vectors for another library; see `Vectors.export`."""
    if to not in FORMATS:
        raise ValueError(f"expected one of {', '.join(FORMATS)}, found {to!r}")
    from . import writers

    write = getattr(writers, FORMATS[to])
    path = Path(path)
    check_path(path)
    try:
        with publish(path, replace=False) as part:
            write(vectors, part)
    except OSError as error:
        if isinstance(error, GloveRegistryError):
            raise
        # Another process may have written there in the meantime.
        check_free(path)
        raise OutputError(
            f"{path} cannot be written ({error.strerror or error}); the partial file "
            "was removed: free some disk space, or choose another path"
        ) from error
    return path


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
            f"{path} already exists, and an export replaces nothing: remove it, or "
            "choose another path"
        )
