"""The command line: a parser and commands, thin over the public functions."""

from .parser import main

__all__ = ["main"]
