"""Write pages under their names, each complete or not at all."""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from ..cache.files import advise
from ..cache.outputs import check_name
from ..cache.publish import publish_all
from ..errors import OutputError


def write_page(path: Path, html: str) -> None:
    """Write one page, as `write_pages` does."""
    write_pages(path.parent, {path.name: html})


def write_pages(folder: Path, pages: Mapping[str, str]) -> None:
    """Write pages into a folder, in UTF-8, in place of files that have their names.

    The folder is created if it does not exist. A file that has its content already is
    left as it is.

    Raises
    ------
    OutputError
        The folder cannot be created or written to.
    """
    check_name(folder)
    contents = {folder / name: html.encode() for name, html in pages.items()}
    path = next(iter(contents), folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with publish_all(folder, ".pages") as scratch:
            for path, content in contents.items():
                if _read(path) != content:
                    (scratch / path.name).write_bytes(content)
    except OSError as error:
        # What is in the way; a scratch folder never is.
        named = Path(error.filename2 or error.filename or path)
        if folder in named.parents and named not in contents:
            named = path
        otherwise = "name a folder that can be created or written to"
        raise OutputError(
            f"cannot write {named} ({error.strerror or error}): "
            f"{advise(error, otherwise)}"
        ) from error


def _read(path: Path) -> bytes | None:
    with suppress(OSError):
        if path.is_file():
            return path.read_bytes()
    return None
