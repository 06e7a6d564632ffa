"""Examples in docstrings print what they say, and arguments are those of the code."""

import ast
import doctest
import importlib
import re
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

import glove_registry

PACKAGE = Path(glove_registry.__file__).parent
MODULES = [
    ".".join(("glove_registry", *path.relative_to(PACKAGE).with_suffix("").parts))
    for path in sorted(PACKAGE.rglob("*.py"))
    if ">>> " in path.read_text(encoding="utf-8")
]


# What these import comes with extras of their own.
NEEDS_MORE = {"glove_registry.beam", "glove_registry.vectors.Vectors.to_torch"}


@pytest.mark.parametrize("name", sorted({*MODULES} - NEEDS_MORE))
def test_examples_run(name: str) -> None:
    """The examples of a module give what stands below them."""
    module = importlib.import_module(name.removesuffix(".__init__"))
    assert run(module, lambda example: example not in NEEDS_MORE)


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(NEEDS_MORE))
def test_examples_that_need_more_run(name: str) -> None:
    """The examples for packages that are not always installed do so, too."""
    [module] = [m for m in MODULES if f"{name}.".startswith(f"{m}.")]
    assert run(
        importlib.import_module(module),
        lambda example: f"{example}.".startswith(f"{name}."),
    )


def run(module: ModuleType, is_wanted: Callable[[str], bool]) -> int:
    """Run the wanted docstrings of a module, and return the number of examples."""
    runner = doctest.DocTestRunner()
    for docstring in doctest.DocTestFinder().find(module):
        if is_wanted(docstring.name):
            runner.run(docstring)
    failed, attempted = runner.summarize()
    assert not failed
    return attempted


def test_docstrings_list_the_arguments_that_there_are() -> None:
    """A section "Parameters" has the names of the signature, in its order."""
    compared = 0
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.ClassDef | ast.FunctionDef):
                continue
            function: ast.stmt = node
            if isinstance(node, ast.ClassDef):
                made = (n for n in node.body if getattr(n, "name", "") == "__init__")
                function = next(made, node)
            listed = list_documented(ast.get_docstring(node) or "")
            if isinstance(function, ast.FunctionDef) and listed is not None:
                place = f"{path.relative_to(PACKAGE)}:{node.lineno}"
                assert listed == list_arguments(function.args), place
                compared += 1
    assert compared > 100


def list_documented(docstring: str) -> list[str] | None:
    """List the names of a section "Parameters"; None if there is no such section."""
    found = re.search(
        r"^Parameters\n-+\n(.*?)(?=\n\n\w[^\n]*\n---|\Z)", docstring, re.M | re.S
    )
    if found is None:
        return None
    lines = [line for line in found[1].splitlines() if re.match(r"\S", line)]
    return [name for line in lines for name in line.split(" : ")[0].split(", ")]


def list_arguments(arguments: ast.arguments) -> list[str]:
    """List the names of a signature, without that of the object itself."""
    names = [each.arg for each in (*arguments.posonlyargs, *arguments.args)]
    names = names[names[:1] in (["self"], ["cls"]) :]
    names += [f"*{arguments.vararg.arg}"] if arguments.vararg else []
    names += [each.arg for each in arguments.kwonlyargs]
    return names + ([f"**{arguments.kwarg.arg}"] if arguments.kwarg else [])
