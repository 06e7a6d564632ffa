"""Write what somebody asks for to a path where nothing is yet."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from ..errors import GloveRegistryError, OutputError
from ..messages.printable import quote

T = TypeVar("T")


def as_path(path: str | os.PathLike[str]) -> Path:
    """Return a path to write to; raise `TypeError` if it is none, or an empty text."""
    try:
        if path != "":  # as a path, it would be the working folder
            return Path(path)
        raise TypeError
    except TypeError:
        raise TypeError(
            f"path={quote(path)}: expected the path to write to, as a str or a "
            "pathlib.Path"
        ) from None


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
    """Raise `OutputError` if something exists at a path, or no file can have it.

    What processes that died have left of it is removed before.
    """
    # The command line's completion does without.
    from .publish import clear_unpublished

    check_name(path)
    clear_unpublished(path)
    if os.path.lexists(path):
        raise OutputError(
            f"{path} already exists, and nothing is replaced: remove it, or "
            "choose another path"
        )


def check_name(path: Path) -> None:
    """Raise `OutputError` if a path has a character that no file's name can have."""
    try:
        os.stat(path)
    except ValueError as error:
        raise OutputError(
            f"{path}: no file has such a name ({error}): choose another path"
        ) from None
    except OSError:
        return


def write_new(path: Path, write: Callable[[Path], T]) -> T:
    """Write a file or folder that must not exist, complete or not at all.

    Returns what `write` returns, which gets the path to write to.

    Raises
    ------
    OutputError
        It exists, or cannot be written.
    """
    # The command line's completion does without.
    from .files import advise
    from .publish import publish

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
            f"was removed: {advise(error, 'choose another path')}"
        ) from error
