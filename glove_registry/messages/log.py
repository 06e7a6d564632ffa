"""The package's logger, whose messages are safe to show and have their own line."""

import logging
import os
from typing import Protocol

from .printable import make_printable


class Drawn(Protocol):
    """What is drawn on the last line of a terminal."""

    def clear(self) -> None:
        """Remove it, so that a line of text can be printed."""


drawn: list[Drawn] = []
"""All that is drawn now, the last one opened last."""

if hasattr(os, "register_at_fork"):
    # A child draws nothing, and in it, nobody would release the lock of a bar.
    os.register_at_fork(after_in_child=drawn.clear)


def clear_line() -> None:
    """Remove what is drawn before a line of text is printed."""
    for one in drawn:
        one.clear()


class _SafeFilter(logging.Filter):
    """Escapes characters that do not print, and clears the line of a bar."""

    def filter(self, record: logging.LogRecord) -> bool:
        clear_line()
        record.msg, record.args = make_printable(record.getMessage()), ()
        return True


log = logging.getLogger("glove_registry")
log.addFilter(_SafeFilter())
