"""CONTRIBUTING.md names functions that exist, where it says."""

import re
from pathlib import Path

import glove_registry

PACKAGE = Path(glove_registry.__file__).parent
PAGE = Path(__file__).parents[1] / "CONTRIBUTING.md"


def test_the_functions_of_a_load_are_where_the_page_says() -> None:
    """Each function under "How a load works" is defined in the module beside it."""
    text = PAGE.read_text(encoding="utf-8")
    section = text.split("## How a load works\n")[1].split("\n## ")[0]
    steps = re.findall(r"^ {4,}([\w., ]*\w) +([\w/]+\.(?:py|c))\b", section, re.M)
    assert len(steps) > 30
    for names, path in steps:
        source = (PACKAGE / path).read_text(encoding="utf-8")
        for name in names.split(", "):
            name = name.rpartition(".")[2]
            defined = rf"^ *(?:def|class) {name}\b|^{name}\("  # in Python, in C
            assert re.search(defined, source, re.MULTILINE), f"{name} in {path}"
