"""A command that is told to end cleans up first, and says by which signal it ended.

For the command line alone: in a program of somebody else's, signals are theirs.
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
        self.status = 128 + number
        """Exit status, as a shell reports it."""


@contextmanager
def ending_by_signals() -> Iterator[None]:
    """Let SIGTERM and SIGHUP raise `Ended` while the block runs.

    A signal that is ignored stays so, as `nohup` wants it.
    """
    # Python lets no other thread set handlers.
    is_main = threading.current_thread() is threading.main_thread()
    numbers = [
        number
        for name in ("SIGTERM", "SIGHUP")
        if (number := getattr(signal, name, None)) is not None
        and is_main
        and signal.getsignal(number) == signal.SIG_DFL
    ]

    def end(number: int, frame: FrameType | None) -> NoReturn:
        # A second one would end the cleaning up in its midst.
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
