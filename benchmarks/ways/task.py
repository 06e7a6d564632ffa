"""The task of all ways, and the few lines that they share.

This imports nothing that a way does not need anyway, as the time would count.
"""

import sys
from typing import Any

# TASK is "first", from the text to a saved form, or "later", from there to the words'
# matrix; ENTRY tells this package how the text arrives. They may be empty.
TASK, TEXT, SAVED, WORDS, RESULT, ENTRY, *_ = [*sys.argv[1:], *[""] * 6]


def read_words() -> list[str]:
    """Return the words to look up, in order."""
    # Tokens can contain every kind of line end but this one.
    with open(WORDS, "rb") as file:
        return file.read().decode().split("\n")


def finish(matrix: Any) -> None:
    """Take the matrix, one row per word; write it only if it is to be checked."""
    if RESULT:
        matrix.tofile(RESULT)
