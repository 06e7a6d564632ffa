"""Write rows as a file of somebody else's, whole or not at all."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from ...cache.publish import publish
from ...errors import GloveRegistryError, OutputError

if TYPE_CHECKING:
    from ...lookup.rows import Rows

# Here by name alone: who lists them, as the command line does, needs no numpy.
FORMATS = ("word2vec", "word2vec-binary", "npz", "safetensors", "parquet", "projector")


def export(rows: "Rows", path: str | os.PathLike[str], to: str) -> Path:
    """Write all words and vectors for another library.

    Parameters
    ----------
    rows : Rows
    path : str or path-like
        Of the file, or of the folder for ``"projector"``; nothing may be there.
    to : str
        One of `FORMATS`.

    Returns
    -------
    Path
        `path`.

    Raises
    ------
    ValueError
        There is no such format.
    OutputError
        There is something at `path`; it cannot be written; or the format cannot hold
        a token. Nothing is left of what was begun.
    """
    if to not in FORMATS:
        raise ValueError(f"expected one of {', '.join(FORMATS)}, found {to!r}")
    target = Path(path)
    check_target(target)
    try:
        with publish(target, replace=False) as part:
            _write(rows, part, to)
    except OSError as error:
        if isinstance(error, GloveRegistryError):
            raise
        raise OutputError(
            f"{target} cannot be written ({error.strerror or error}), and nothing is "
            "left of it: make room, or give another path"
        ) from error
    return target


def check_target(path: Path) -> None:
    """See that something can be written to a path, before much is done for it.

    Raises
    ------
    OutputError
        It cannot, as far as this can be told without doing it.
    """
    if os.path.lexists(path):
        raise OutputError(
            f"{path} exists, and an export does not replace anything: remove it, or "
            "give another path"
        )
    if not path.parent.is_dir():
        raise OutputError(f"{path}: there is no folder {path.parent}: make it first")
    if not os.access(path.parent, os.W_OK):
        raise OutputError(f"{path}: you may not write to {path.parent}")


def _write(rows: "Rows", part: Path, to: str) -> None:
    if to == "projector":
        from .projector import write_projector

        part.mkdir()
        write_projector(rows, part)
        return
    if to == "word2vec":
        from .word2vec import write_text as write
    elif to == "word2vec-binary":
        from .word2vec import write_binary as write
    elif to == "npz":
        from .npz import write_npz as write
    elif to == "safetensors":
        from .tensors import write_tensors as write
    else:
        from .parquet import write_parquet as write
    with part.open("xb") as file:
        write(rows, file)
