"""Registry files: the built-in one, those of installed packages, and one's own.

A package with a ``registry.yaml`` announces it in its metadata::

    [options.entry_points]
    glove_registry.registries =
        lab = lab_vectors

``lab_vectors:other.yaml`` names another file. The package is never imported: it brings
data, not code.
"""

import os
import sys
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from ..cache.files import expand_user, open_regular
from ..errors import RegistryError

if TYPE_CHECKING:
    from .reader import Entry

PATH_VARIABLE = "GLOVE_REGISTRY_PATH"
FILE_NAME = "registry.yaml"  # in a folder

# The limit of `strict_yaml` on characters; a text never has more of them than bytes.
MAX_BYTES = 4_000_000

GROUP = "glove_registry.registries"


def builtin_path() -> Path:
    """Return the path of the built-in registry.yaml."""
    package = Path(__file__).resolve().parent.parent
    # The wheel contains the top-level registry.yaml as package data; a checkout, or an
    # editable install, has it at the root of the repository.
    installed = package / "_data" / "registry.yaml"
    return installed if installed.is_file() else package.parent / "registry.yaml"


def list_default_files() -> list[Path | str]:
    """Return the files of the default registry, or their URLs, lowest layer first."""
    return [builtin_path(), *list_plugin_files(), *list_own_files()]


def list_own_files() -> list[Path | str]:
    """Return the registry files, or their URLs, that GLOVE_REGISTRY_PATH names now."""
    paths = os.environ.get(PATH_VARIABLE, "")
    parts = paths.split(os.pathsep)
    if os.pathsep == ":" in paths and ("://" in paths or "hf:" in paths):
        import re

        # A colon is part of a URL behind its scheme, and before a port.
        url = r"[a-z][a-z0-9]+://(?:\[[^]]*\]|[^/:]*)(?::[0-9]+(?=/))?|hf:(?!/)"
        parts = re.findall(rf"((?:{url})?[^:]*)(?::|$)", paths)
    return [find_place(part) for part in parts if part]


def find_place(name: str | os.PathLike[str]) -> Path | str:
    """Return a URL as it is, and anything else as the path of a file."""
    # One letter is a drive of Windows.
    is_url = isinstance(name, str) and (name.find("://") > 1 or name[:3] == "hf:")
    return str(name) if is_url else expand_user(name)


def read_file(path: Path) -> tuple[Path, bytes]:
    """Return the path of a registry file, and its content."""
    if os.path.isdir(path):  # also without permission to look
        path /= FILE_NAME
    try:
        with open_regular(path) as file:
            content = file.read(MAX_BYTES + 1) or b""
    except OSError as error:
        raise RegistryError(
            f"{path}: cannot read this registry file ({error.strerror}): check the path"
        ) from None
    if len(content) > MAX_BYTES:
        raise RegistryError(
            f"{path}: the file has more than {MAX_BYTES:,} bytes, the limit for a "
            "registry file: split it, and name the parts in GLOVE_REGISTRY_PATH"
        )
    return path, content


def parse_registry(place: Path | str, content: bytes) -> "Mapping[str, Entry]":
    """Return the entries of a registry file by name, in its order.

    `place` is its path, or its URL if it was named by one. Raises `RegistryError`,
    which lists its faults.
    """
    # The built-in one is parsed once in a process, and not at each call of `info`.
    parse = _parse_once if place == builtin_path() else _parse
    return parse(place, content)


def _parse(place: Path | str, content: bytes) -> "Mapping[str, Entry]":
    # Imported here, because importing YAML takes longer than mapping a store.
    from .reader import read_registry

    try:
        # With universal newlines.
        text = content.decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        raise RegistryError(
            f"{place}: not UTF-8 at byte {error.start}: save the file as UTF-8"
        ) from None
    return read_registry(text, place)


_parse_once = lru_cache(maxsize=1)(_parse)


def list_plugin_files() -> list[Path]:
    """Return the registry files of installed packages, sorted by their names.

    Raises `RegistryError` if an entry point names a package that does not exist.
    """
    folders = tuple(folder or os.curdir for folder in sys.path)
    # Installing and removing a package changes its folder.
    return list(_find(folders, tuple(_modified(folder) for folder in folders)))


@lru_cache(maxsize=1)
def _find(folders: tuple[str, ...], modified: tuple[int, ...]) -> tuple[Path, ...]:
    # Parsing all metadata takes longer than a complete warm load. Most people have no
    # such package, and a search for the group's name is enough to tell.
    if not any(GROUP.encode() in text for text in _read_entry_points(folders)):
        return ()
    from importlib.metadata import entry_points

    found = sorted(
        entry_points(group=GROUP), key=lambda point: (point.name, point.value)
    )
    return tuple(_locate(point.name, point.module, point.attr) for point in found)


def _read_entry_points(folders: tuple[str, ...]) -> Iterator[bytes]:
    for folder in folders:
        try:
            names = os.listdir(folder)
        except OSError:
            continue  # an archive, or gone
        for name in names:
            if name.endswith((".dist-info", ".egg-info")):
                try:
                    with open(
                        os.path.join(folder, name, "entry_points.txt"), "rb"
                    ) as file:
                        yield file.read()
                except OSError:
                    continue  # it has none


def _modified(folder: str) -> int:
    try:
        return os.stat(folder).st_mtime_ns
    except OSError:
        return 0


def _locate(name: str, package: str, file: str) -> Path:
    from importlib.util import find_spec

    # Only the first part of a.b is searched for: to find b, Python would import a.
    top, *below = package.split(".")
    spec = find_spec(top)
    if spec is None or not spec.submodule_search_locations:
        raise RegistryError(
            f"an installed package announces a registry {name!r} ({GROUP}) in "
            f"{package!r}, which does not exist: repair or uninstall that package"
        )
    folder = Path(next(iter(spec.submodule_search_locations)), *below)
    return folder / (file or FILE_NAME)
