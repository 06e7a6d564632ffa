"""Find files of this machine: openers of ``file:`` and ``package:``."""

import importlib.util
import stat
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from ..errors import FetchError
from ..registry.urls import read_file_path


def find_file(url: str) -> Path:
    """Return the path that a ``file:`` URL names."""
    return _check([read_file_path(urlsplit(url).path)])


def find_in_package(url: str) -> Path:
    """Return the path of a file inside an installed Python package."""
    package, _, inside = urlsplit(url).path.partition("/")
    top, *folders = package.split(".")
    # Found, not imported: reading a file runs no code.
    spec = None
    with suppress(ValueError):  # a module that is not a package and has no spec
        spec = importlib.util.find_spec(top)
    if spec is None or not spec.submodule_search_locations:
        raise FetchError(f"the Python package {package!r} is not installed")
    return _check(
        [
            Path(location, *folders, *inside.split("/"))
            for location in spec.submodule_search_locations
        ]
    )


def _check(paths: list[Path]) -> Path:
    for path in paths:
        try:
            mode = path.stat().st_mode
        except (FileNotFoundError, NotADirectoryError, ValueError):
            continue
        except OSError as error:  # such as a folder that may not be entered
            raise FetchError(f"{path} cannot be read ({error.strerror})") from error
        if stat.S_ISREG(mode):
            return path
    raise FetchError(f"{paths[0]} does not exist or is not a regular file")
