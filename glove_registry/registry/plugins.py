"""Registry files that installed packages bring: an entry point each, data, no code.

A package that holds ``registry.yaml`` announces it in its metadata::

    [options.entry_points]
    glove_registry.registries =
        lab = lab_vectors

``lab_vectors:other.yaml`` names another file of it. The package is never imported.
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
    """List the registry files of installed packages, in the order of their names.

    Raises
    ------
    RegistryError
        A package announces a file where there is no package.
    """
    folders = tuple(folder or os.curdir for folder in sys.path)
    # Installing and removing a package changes its folder.
    return list(_find(folders, tuple(_modified(folder) for folder in folders)))


@lru_cache(maxsize=1)
def _find(folders: tuple[str, ...], modified: tuple[int, ...]) -> tuple[Path, ...]:
    # Reading all metadata properly takes longer than a whole warm load does; most
    # people have no such package, and a look for its group's name is enough.
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
            continue  # an archive, or no longer there
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

    # Of a.b only a is looked for: to find b, Python would import a.
    top, *below = package.split(".")
    spec = find_spec(top)
    if spec is None or not spec.submodule_search_locations:
        raise RegistryError(
            f"an installed package announces a registry {name!r} ({GROUP}) in "
            f"{package!r}, and there is no package of that name: repair or remove it"
        )
    folder = Path(next(iter(spec.submodule_search_locations)), *below)
    return folder / (file or _DEFAULT_FILE)
