"""Importing costs what is used, and rooms import only the rooms before them."""

import ast
import re
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import glove_registry

PACKAGE = Path(glove_registry.__file__).parent

# The way of the data. A room imports from the left of itself, never from the right.
ROOMS = [
    "version",
    "messages",
    "errors",
    "cache",
    "pages",
    "figures",
    "registry",
    "download",
    "registries",
    "formats",
    "store",
    "lookup",
    "text",
    "coverage",
    "analysis",
    "explorer",
    "frameworks",
    "vectors",
    "combine",
    "pipeline",
    "embedder",
    "sklearn",
    "beam",
    "tfds",
    "recipe",
    "authoring",
    "catalogue",
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


LATER_USE = """
import sys
import numpy
import numpy.typing
before = set(sys.modules)
import glove_registry
glove_registry.load("glove.6B.50d-first10k").lookup(["film", "flim"])
print(*sorted(set(sys.modules) - before))
"""


def test_a_later_use_imports_only_what_it_uses() -> None:
    """A name whose store exists takes no module beyond those that map and look up."""
    glove_registry.load("glove.6B.50d-first10k")
    done = subprocess.run(
        [sys.executable, "-c", LATER_USE], capture_output=True, text=True, check=True
    )
    imported = done.stdout.split()
    ours = {name for name in imported if name.startswith("glove_registry.")}
    rooms = {name.split(".")[1] for name in ours}
    assert rooms <= {
        *("cache", "errors", "lookup", "messages", "pipeline", "registries"),
        *("registry", "store", "vectors", "version"),
    }
    # Each takes about half a millisecond, one with frozen dataclasses up to three.
    assert {name for name in ours if name.startswith("glove_registry.registry.")} == {
        f"glove_registry.registry.{name}" for name in ("files", "names")
    }
    assert {name for name in ours if name.startswith("glove_registry.lookup.")} == {
        f"glove_registry.lookup.{name}" for name in ("case", "gather", "oov", "rows")
    }
    assert len(ours) <= 29
    # Importing hashlib loads OpenSSL.
    heavy = {"yaml", "pooch", "keras", "requests", "pyarrow", "hashlib", "shutil"}
    heavy |= {"dataclasses", "logging"}
    assert not heavy & set(imported)


def find_imports(path: Path) -> set[str]:
    """Find the rooms that a module imports, in functions and for types too."""
    depth = len(path.relative_to(PACKAGE).parts)
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level == depth:
            names = [node.module] if node.module else [a.name for a in node.names]
            found |= {name.partition(".")[0] for name in names}
        elif isinstance(node, ast.Call) and "import_module" in ast.unparse(node.func):
            # By a name that only the call knows: of the room itself, or of another
            # package, such as the one that a table names.
            name = ast.unparse(node.args[0]).lstrip("f'\"")
            if name.startswith(".."):
                found.add(name)
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


def test_contributing_lists_all_rooms_in_their_order() -> None:
    """The table of CONTRIBUTING.md has each room, above those that may import it."""
    page = (PACKAGE.parent / "CONTRIBUTING.md").read_text(encoding="utf-8")
    table = page.partition("| room |")[2].partition("\n\n")[0]
    cells = [line.split("|")[1] for line in table.splitlines()[2:]]
    listed = re.findall(r"`(\w+)[/.`]", "".join(cells))
    # A folder within a room has a row of its own.
    assert list(dict.fromkeys(listed)) == [
        room for room in ROOMS if not room.startswith(("version", "_"))
    ]


class _Imports(ast.NodeVisitor):
    """The modules that a module imports when it runs, in functions too."""

    def __init__(self, path: Path) -> None:
        self._package = path.parent
        self.found: set[Path] = set()
        self.visit(ast.parse(path.read_text(encoding="utf-8")))

    def visit_If(self, node: ast.If) -> None:
        if ast.unparse(node.test) != "TYPE_CHECKING":
            self.generic_visit(node)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        if node.level:
            place = [self._package, *self._package.parents][node.level - 1]
            place = place.joinpath(*(node.module or "").split("."))
            self.found |= {_find_module(place, alias.name) for alias in node.names}


def _find_module(place: Path, name: str) -> Path:
    """Return the file of a name that is imported from a package or a module."""
    module, inner = place / f"{name}.py", place / name / "__init__.py"
    package = place / "__init__.py"
    files = (module, inner, package, place.with_suffix(".py"))
    return next((file for file in files if file.is_file()), place)


def test_no_modules_import_each_other() -> None:
    """There is no circle of imports, neither in functions nor over several modules."""
    modules = {path: _Imports(path).found for path in PACKAGE.rglob("*.py")}
    assert sum(map(len, modules.values())) > len(modules)
    TopologicalSorter(modules).prepare()  # raises CycleError, with the circle


@pytest.mark.parametrize("module", sorted(PACKAGE.rglob("*.py")), ids=str)
def test_no_module_outgrows_a_reader(module: Path) -> None:
    """A module stays within 400 lines of code, docstrings not counted."""
    text = module.read_text(encoding="utf-8")
    docstrings = 0
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            first = node.body[0] if node.body else None
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                docstrings += (first.end_lineno or 0) - first.lineno + 1
    assert len(text.splitlines()) - docstrings <= 400
