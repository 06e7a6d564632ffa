"""The command line, thin over the public functions."""

from .main import main

__all__ = ["main"]
