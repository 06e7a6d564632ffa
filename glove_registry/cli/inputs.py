"""Texts and words that commands read: of regular files, and of standard input."""

import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import BinaryIO

from ..cache.files import open_regular
from ..errors import FormatError

# Each line is a text, which may be a whole book. Without a limit, a file without the
# end of a line would be held in memory whole.
MAX_LINE = 1 << 24


def open_input(path: Path | str) -> BinaryIO:
    """Open a file; raise `FormatError` if it cannot be read or is not regular."""
    try:
        return open_regular(path)
    except OSError as error:
        raise FormatError(f"{path} cannot be read: {error.strerror}") from error


def read_input(path: Path) -> str:
    """Return the text of a file; raise `FormatError` if it is not UTF-8, either."""
    with open_input(path) as file:
        try:
            return file.read().decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise FormatError(f"{path} cannot be read: it is not UTF-8") from error


def get_standard_input(instead: str) -> BinaryIO:
    """Return standard input; raise `FormatError` if it is closed."""
    if sys.stdin is None:
        raise FormatError(f"standard input is closed: give {instead}")
    return sys.stdin.buffer


def read_lines(file: BinaryIO, name: str) -> Iterator[bytes]:
    """Yield the lines of a file; raise `FormatError`, which calls it `name`.

    It cannot be read, or has a line that is too long.
    """
    try:
        lines = iter(partial(file.readline, MAX_LINE + 1), b"")
        for number, line in enumerate(lines, 1):
            if len(line) > MAX_LINE:
                raise FormatError(
                    f"{name}, line {number:,}: more than {MAX_LINE:,} bytes without "
                    "the end of a line: put each text on a line of its own"
                )
            yield line
    except OSError as error:
        # A folder can be standard input, but not read.
        raise FormatError(f"{name} cannot be read: {error.strerror}") from error
