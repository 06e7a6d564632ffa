"""Every example in a docstring runs and prints what it says."""

import doctest
import importlib
from pathlib import Path

import pytest

import glove_registry

PACKAGE = Path(glove_registry.__file__).parent
MODULES = [
    ".".join(("glove_registry", *path.relative_to(PACKAGE).with_suffix("").parts))
    for path in sorted(PACKAGE.rglob("*.py"))
    if ">>> " in path.read_text(encoding="utf-8")
]


# Beam comes with an extra of its own.
NEEDS_MORE = {"glove_registry.beam"}


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.slow if name in NEEDS_MORE else [])
        for name in MODULES
    ],
)
def test_examples_run(name: str) -> None:
    """The examples of a module give what stands below them."""
    module = importlib.import_module(name.removesuffix(".__init__"))
    failed, run = doctest.testmod(module)
    assert run
    assert not failed
