"""Whether an engine for many texts is installed, with what it needs."""

import os
import shutil
from importlib.util import find_spec

import pytest


def require_engine(package: str) -> None:
    """Skip a test if a package, or the Java that Spark needs, is not installed."""
    missing = None
    if find_spec(package) is None:
        missing = f"{package} is not installed: pip install -e '.[clusters]'"
    elif package == "pyspark" and shutil.which("java") is None:
        missing = "Spark needs Java 17 or later, which is not installed"
    if missing:
        # Where everything is tested, nothing is skipped.
        (pytest.fail if os.environ.get("CI") else pytest.skip)(missing)
