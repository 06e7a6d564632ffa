"""A command that a signal ends cleans up first, and exits with that signal's status.

For the command line alone: in Python, signals belong to the user's program.
"""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn


class Ended(BaseException):
    """A signal asks the process to end; as with Ctrl-C, nothing else catches it."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.name = signal.Signals(number).name
        self.status = 128 + number  # as a shell reports it


@contextmanager
def ending_by_signals() -> Iterator[None]:
    """Let SIGTERM and SIGHUP raise `Ended` inside the block.

    A signal that is ignored stays ignored, as `nohup` requires.
    """
    # Only the main thread may set handlers.
    is_main = threading.current_thread() is threading.main_thread()
    numbers = [
        number
        for name in ("SIGTERM", "SIGHUP")
        if (number := getattr(signal, name, None)) is not None
        and is_main
        and signal.getsignal(number) == signal.SIG_DFL
    ]

    def end(number: int, frame: FrameType | None) -> NoReturn:
        # A second signal would interrupt the cleaning up.
        for known in numbers:
            signal.signal(known, signal.SIG_IGN)
        raise Ended(number)

    for number in numbers:
        signal.signal(number, end)
    try:
        yield
    finally:
        for number in numbers:
            signal.signal(number, signal.SIG_DFL)
