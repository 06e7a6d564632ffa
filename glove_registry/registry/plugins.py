"""Registry files in installed packages, found by an entry point; data, not code.

A package with a ``registry.yaml`` announces it in its metadata::

    [options.entry_points]
    glove_registry.registries =
        lab = lab_vectors

``lab_vectors:other.yaml`` names another file. The package is never imported.
"""

import os
import sys
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from ..errors import RegistryError

GROUP = "glove_registry.registries"
_DEFAULT_FILE = "registry.yaml"


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
    return folder / (file or _DEFAULT_FILE)
