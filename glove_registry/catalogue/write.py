"""Write the page, so that whoever looks sees all of it or what was there before."""

import os
from pathlib import Path

from ..cache.publish import publish
from ..errors import OutputError
from ..registry import Registry
from .page import render_page

FILE = "index.html"


def write_catalogue(registry: Registry, folder: str | os.PathLike[str]) -> Path:
    """Write a static page of all variants of a registry.

    Parameters
    ----------
    registry : Registry
    folder : str or path-like
        Where ``index.html`` is put; made if it is not there.

    Returns
    -------
    Path
        Of the page.

    Raises
    ------
    OutputError
        The folder cannot be made, or not be written to.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     page = write_catalogue(Registry.default(), folder)
    ...     "glove.6B.100d" in page.read_text(encoding="utf-8")
    True
    """
    content = render_page(registry).encode()
    page = Path(folder) / FILE
    try:
        page.parent.mkdir(parents=True, exist_ok=True)
        with publish(page) as part:
            part.write_bytes(content)
    except OSError as error:
        raise OutputError(
            f"cannot write {page} ({error.strerror or error}): name a folder that can "
            "be written to, or that can be made"
        ) from error
    return page
