"""What a way is asked for, and the few lines that all of them share.

Imports nothing that a way does not need anyway: its time would be the way's.
"""

import sys
from typing import Any

# TASK is "first", from the text to a saved form, or "later", from there to the words'
# matrix; ENTRY says to this package how the text arrives. What is not given is empty.
TASK, TEXT, SAVED, WORDS, RESULT, ENTRY, *_ = [*sys.argv[1:], *[""] * 6]


def read_words() -> list[str]:
    """Read the words that vectors are wanted of, in order."""
    # Tokens can hold every kind of line end but this one.
    with open(WORDS, encoding="utf-8", newline="\n") as file:
        return file.read().split("\n")


def finish(matrix: Any) -> None:
    """Take the matrix, one row a word; write it only where it is to be checked."""
    if RESULT:
        matrix.tofile(RESULT)
