"""The commands: a module for each subject, with its arguments beside what it runs.

A command is a function that takes the parsed arguments, calls public functions and
prints what they return. It returns the exit status if it can be other than 0. Its
docstring is its text in ``--help``.
"""

from . import (
    browsing,
    cache,
    checking,
    completing,
    embedding,
    entries,
    exploring,
    files,
    questions,
    searching,
    sharing,
    texts,
)

# In the order of --help.
SUBJECTS = (
    *(browsing, searching, texts, embedding, questions, exploring),
    *(files, entries, sharing, checking, cache, completing),
)

__all__ = ["SUBJECTS"]
