"""Figures of matplotlib: made without pyplot, saved as the ending of a path says."""

import os
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from ..errors import OutputError
from ..messages.printable import quote

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def make_figure(
    width: float, height: float, *, layout: Literal["constrained"] | None = None
) -> "Figure":
    """Return an empty figure of that many inches.

    Raises
    ------
    ImportError
        matplotlib is not installed.
    """
    try:
        from .picture import Picture
    except ImportError as error:
        raise ImportError(
            "a plot needs matplotlib: pip install 'glove_registry[plot]'"
        ) from error
    return Picture(figsize=(width, height), layout=layout)


def save_figure(figure: "Figure", path: str | PathLike[str]) -> None:
    """Write a figure in the format of the path's extension.

    Raises
    ------
    OutputError
        The file cannot be written, or the format is not known.
    """
    if not path or not isinstance(path, str | PathLike):
        raise OutputError(f"path={quote(path)}: expected the path of a file to write")
    if not Path(path).suffix:
        # matplotlib would choose a format, and write to another path.
        raise OutputError(
            f"{path} cannot be written: its ending decides the format: name a file "
            "such as picture.png"
        )
    if os.path.exists(path) and not os.path.isfile(path):
        # Opening a pipe for writing would wait for a reader.
        raise OutputError(
            f"{path} cannot be written: it is not a regular file: choose another path"
        )
    try:
        figure.savefig(path)
    except OSError as error:
        raise OutputError(
            f"{path} cannot be written ({error.strerror}): choose another path"
        ) from error
    except ValueError as error:  # matplotlib lists the formats it knows
        raise OutputError(f"{path} cannot be written: {error}") from error
