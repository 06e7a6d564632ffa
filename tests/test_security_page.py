"""SECURITY.md promises nothing that no test shows."""

import ast
import re
from pathlib import Path

TOP = Path(__file__).parent.parent
PAGE = (TOP / "SECURITY.md").read_text(encoding="utf-8")


def test_each_test_of_the_page_exists() -> None:
    """Every test that the page names is a function in the file that it names."""
    named = re.findall(r"^- `(tests/[\w/]+\.py)::(test_\w+)`$", PAGE, re.MULTILINE)
    assert named
    for file, name in named:
        tree = ast.parse((TOP / file).read_text(encoding="utf-8"))
        found = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
        assert name in found, f"{file}::{name}"


def test_each_promise_names_a_test() -> None:
    """What somebody cannot do is followed by the tests that show it."""
    promises = re.findall(r"^\*\*cannot\*\*.*?\n\n(.)", PAGE, re.MULTILINE | re.DOTALL)
    assert len(promises) == PAGE.count("**cannot**")
    assert set(promises) == {"-"}
