"""A program on a terminal of a given width, and what a person sees there."""

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pyte


@dataclass
class Terminal:
    """What a program showed.

    Attributes
    ----------
    screens : list of list of str
        The screen after each piece of output; the same screen is listed once.
    status : int
        How the program ended, as `subprocess` has it.
    """

    screens: list[list[str]] = field(default_factory=list)
    status: int = 0

    @property
    def lines(self) -> list[str]:
        """What is left on the screen."""
        return self.screens[-1]


def run_on_terminal(
    command: Sequence[str],
    columns: int = 80,
    *,
    rows: int = 100,
    press: Callable[[list[str]], str | None] = lambda lines: None,
    encoding: str = "utf-8",
    seconds: float = 60.0,
) -> Terminal:
    """Run a program until it ends.

    `press` takes the screen after each piece of output, and returns what is then typed.
    A terminal of 0 columns is one whose size is unknown, as in some containers.
    """
    screen = pyte.Screen(columns or 80, rows)
    stream = pyte.ByteStream(screen)
    shown = Terminal()
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("4H", rows, columns, 0, 0))
    # These would overrule the terminal.
    sizes = {"COLUMNS", "LINES"}
    environment = {name: os.environ[name] for name in os.environ.keys() - sizes}
    until = time.monotonic() + seconds
    with subprocess.Popen(
        command,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        # The terminal controls it, so that Ctrl-C is a signal.
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        env=environment | {"TERM": "xterm", "PYTHONIOENCODING": encoding},
    ) as process:
        os.close(theirs)
        try:
            while True:
                if time.monotonic() > until:
                    process.kill()
                    raise TimeoutError("\n".join(_read(screen)))
                if not select.select([ours], [], [], 0.1)[0]:
                    continue
                try:
                    data = os.read(ours, 1 << 16)
                except OSError:  # the program has closed it
                    break
                if not data:
                    break
                stream.feed(data)
                if not shown.screens or shown.screens[-1] != _read(screen):
                    shown.screens.append(_read(screen))
                if typed := press(shown.screens[-1]):
                    os.write(ours, typed.encode())
        finally:
            os.close(ours)
    shown.status = process.returncode
    return shown


def run_command(*arguments: str, columns: int = 80, **how: object) -> Terminal:
    """Run the package's command on a terminal."""
    command = [sys.executable, "-m", "glove_registry", *arguments]
    return run_on_terminal(command, columns, **how)  # type: ignore[arg-type]


def _read(screen: pyte.Screen) -> list[str]:
    lines = [line.rstrip() for line in screen.display]
    while lines and not lines[-1]:
        lines.pop()
    return lines
