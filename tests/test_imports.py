"""Importing costs what is used, and rooms import only the rooms before them."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import glove_registry

PACKAGE = Path(glove_registry.__file__).parent

# The way of the data. A room imports from the left of itself, never from the right.
ROOMS = [
    "version",
    "printable",
    "urls",
    "files",
    "caution",
    "errors",
    "log",
    "sizes",
    "progress",
    "lock",
    "scratch",
    "cache",
    "registry",
    "archives",
    "transport",
    "fetching",
    "formats",
    "store",
    "rows",
    "vocabulary",
    "lookup",
    "coverage",
    "arrays",
    "keras",
    "datasets",
    "exporting",
    "vectors",
    "items",
    "upkeep",
    "shortcut",
    "build",
    "pipeline",
    "beam",
    "tfds",
    "recipe",
    "adding",
    "table",
    "output",
    "signals",
    "catalogue",
    "commands",
    "cli",
    "__main__",
]
LEAVES = {"samples"}


def test_importing_the_package_imports_nothing_heavy() -> None:
    """`import glove_registry` brings in no numpy, keras, tensorflow, pooch, yaml."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", "import glove_registry"],
        capture_output=True,
        text=True,
        check=True,
    )
    imported = {line.split("|")[-1].strip() for line in done.stderr.splitlines()}
    assert "glove_registry" in imported
    heavy = {"numpy", "keras", "tensorflow", "pooch", "yaml", "requests", "pyarrow"}
    assert not {name.partition(".")[0] for name in imported} & heavy


def test_the_command_line_lists_without_numpy() -> None:
    """`glove-registry list` imports nothing that only vectors need."""
    code = (
        "import sys; from glove_registry.cli import main; main(['list'])\n"
        "assert not {'numpy', 'pooch', 'keras', 'requests'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)


def find_imports(path: Path) -> set[str]:
    """Find the rooms that a module imports, in functions and for types too."""
    depth = len(path.relative_to(PACKAGE).parts)
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level == depth:
            names = [node.module] if node.module else [a.name for a in node.names]
            found |= {name.partition(".")[0] for name in names}
    return found


def test_rooms_import_only_rooms_before_them() -> None:
    """No arrow points against the way of the data."""
    rooms = {p.stem for p in PACKAGE.iterdir() if p.suffix == ".py" or p.is_dir()}
    rooms -= {"__init__", "__pycache__", "py", *LEAVES}
    assert rooms == set(ROOMS)
    for room in ROOMS:
        place = PACKAGE / room
        modules = place.rglob("*.py") if place.is_dir() else [place.with_suffix(".py")]
        allowed = {*ROOMS[: ROOMS.index(room)], room}
        for module in modules:
            assert find_imports(module) <= allowed, module


@pytest.mark.parametrize("module", sorted(PACKAGE.rglob("*.py")), ids=str)
def test_no_module_outgrows_a_reader(module: Path) -> None:
    """A module stays below 400 lines."""
    assert len(module.read_text(encoding="utf-8").splitlines()) <= 400
