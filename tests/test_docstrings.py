"""Every example in a docstring runs and prints what it says."""

import doctest
import importlib
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
