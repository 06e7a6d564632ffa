"""The command line, thin over the public functions."""

from .parser import main

__all__ = ["main"]
