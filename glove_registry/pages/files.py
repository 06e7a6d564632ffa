"""Write a page under its name, complete or not at all."""

from pathlib import Path

from ..cache.publish import publish
from ..errors import OutputError


def write_page(path: Path, html: str) -> None:
    """Write a page, in UTF-8, in place of a file that may have its name.

    Its folder is created if it does not exist.

    Raises
    ------
    OutputError
        The folder cannot be created or written to.
    """
    content = html.encode()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with publish(path) as part:
            part.write_bytes(content)
    except OSError as error:
        raise OutputError(
            f"cannot write {path} ({error.strerror or error}): name a folder that can "
            "be created or written to"
        ) from error
