"""Zstandard, from the standard library where it has it."""

import importlib
import sys
from typing import Any

zstd: Any = importlib.import_module(
    "compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd"
)
