"""Write the page, so that whoever looks sees all of it or what was there before."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

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
    # Not by tempfile: its files are their owner's alone, and a page is for others, too.
    part = page.with_name(f".{FILE}-{os.getpid()}-{secrets.token_hex(4)}")
    try:
        page.parent.mkdir(parents=True, exist_ok=True)
        try:
            part.write_bytes(content)
            part.replace(page)
        finally:
            with suppress(OSError):
                part.unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(
            f"cannot write {page} ({error.strerror or error}): name a folder that can "
            "be written to, or that can be made"
        ) from error
    return page
