"""Editors complete the names of the built-in registry, and no others."""

import runpy
from pathlib import Path
from typing import get_args

import pytest

import glove_registry
from glove_registry.registry.variant_names import VariantName

TOOL = Path(__file__).parents[2] / "tools/make_names.py"


def test_the_type_has_the_names_of_the_registry() -> None:
    """The type is what `python tools/make_names.py` writes for this registry.yaml."""
    tool = runpy.run_path(str(TOOL))
    assert tool["MODULE"].read_text(encoding="utf-8") == tool["make_module"]()
    for name in get_args(VariantName):
        assert glove_registry.info(name).name == name


@pytest.mark.parametrize("name", ["load", "fetch", "info"])
def test_functions_take_these_names_and_any_others(name: str) -> None:
    """The annotation has both: editors read the names, and any text is accepted."""
    function = getattr(glove_registry, name)
    assert function.__annotations__["name"] == "VariantName | str"
