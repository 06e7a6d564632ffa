"""Whether what a test needs is installed: an engine for many texts, a program."""

import os
import shutil
from importlib.util import find_spec

import pytest


def require_engine(package: str) -> None:
    """Skip a test if a package, or the Java that Spark needs, is not installed."""
    if find_spec(package) is None:
        _do_without(f"{package} is not installed: pip install -e '.[clusters]'")
    elif package == "pyspark" and shutil.which("java") is None:
        _do_without("Spark needs Java 17 or later, which is not installed")


def require_program(name: str) -> None:
    """Skip a test if a program is not installed."""
    if shutil.which(name) is None:
        _do_without(f"{name} is not installed")


def _do_without(missing: str) -> None:
    # Where everything is tested, nothing is skipped.
    (pytest.fail if os.environ.get("CI") else pytest.skip)(missing)
