"""Progress of long work: a bar on a terminal or in a notebook, lines in a log.

What is shown stays true while nothing happens: a thread shows it again, with the speed
of the last seconds.
"""

import os
import sys
import threading
import time
import warnings
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Self

from .layout import count_columns, format_bytes
from .log import drawn
from .printable import make_line, shorten

# Often enough to show that it moves, rarely enough to keep logs short.
SECONDS_BETWEEN_LINES = 10.0
_SECONDS_BETWEEN_DRAWINGS = 0.25

# Seconds over which the speed is measured, and after which it is none.
_WINDOW = 5.0

# Columns that stay free for the ^C that a terminal echoes.
_MARGIN = 3
_WIDEST_BAR = 30
_NARROWEST_BAR = 6
# As much as is ever said beside a bar, which does not come and go.
_ROOM_FOR_FACTS = len("[] 100%, 999 MB of 999 MB, 999 kB/s, 99 min left")
_USUAL_WIDTH = 80

# What writing raises after the terminal was hung up, or the reader of a pipe has ended.
_GONE = (OSError, ValueError)


class Bar:
    """Counts what is done, and shows nothing; a context manager.

    Attributes
    ----------
    n : int or float
        How much is done.
    total : float or None
        How much there is; None if unknown.
    leave : bool
        Whether the last line stays when the work is done.
    """

    def __init__(self) -> None:
        self.n: Any = 0
        self.total: Any = None
        self.leave = True

    def __enter__(self) -> Self:
        """Return the bar."""
        return self

    def __exit__(self, kind: type[BaseException] | None, *others: object) -> None:
        """End it; without an exception, the work is done."""

    def reset(self, total: float | None = None) -> None:
        """Begin again, with a new total."""
        self.n, self.total = 0, total

    def update(self, n: float = 1) -> None:
        """Count `n` more."""
        self.n += n

    def clear(self) -> None:
        """Remove what is drawn, so that a line of text can be printed."""


def open_bar(action: str, progress: bool | None, unit: str = "B") -> Bar:
    """Open a progress bar that counts bytes, or other units.

    Parameters
    ----------
    action : str
        What is done, such as ``"load glove.6B.50d"``.
    progress : bool or None
        None shows a bar on a terminal or in a notebook; if standard error is a pipe or
        a file, a line every ten seconds. True also writes a line at the end there, even
        of short transfers. False shows nothing.
    unit : str
        What is counted, such as ``"sources"``; B for bytes.
    """
    action = make_line(action)
    if progress is False or _is_closed():
        return Bar()
    if _is_notebook():
        return _Widget(action, unit)
    if sys.stderr.isatty():
        return _Drawn(action, unit)
    return _Lines(action, unit, to_the_end=progress is True)


def announce(sentence: str, progress: bool | None) -> None:
    """Write a line before a bar, where `open_bar` with this `progress` draws one."""
    if progress is False or _is_closed():
        return
    with suppress(*_GONE):
        if _is_notebook() or sys.stderr.isatty():
            print(make_line(sentence), file=sys.stderr, flush=True)


def count_up(bar: Bar, done: int, total: int | None) -> None:
    """Set a bar to `done` of `total` bytes, or other units."""
    bar.total = total
    bar.update(done - bar.n)


class _Shown(Bar):
    """Shows what is done again and again, also while nothing is counted."""

    interval = _SECONDS_BETWEEN_DRAWINGS

    def __init__(self, action: str, unit: str) -> None:
        super().__init__()
        self.action = action
        self._unit = unit
        self._begun = self._moved = time.monotonic()
        self._due = self._begun + self.interval
        self._before: deque[tuple[float, float]] = deque()
        # Re-entrant, as a signal's handler may log something.
        self._lock = threading.RLock()
        self._ended = threading.Event()

    def __enter__(self) -> Self:
        threading.Thread(target=self._keep_showing, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *others: object) -> None:
        self._ended.set()
        with self._lock:
            self._try(self.end if kind is None and self.leave else self.clear)

    def reset(self, total: float | None = None) -> None:
        with self._lock:
            super().reset(total)
            self._before.clear()

    def update(self, n: float = 1) -> None:
        now = time.monotonic()
        with self._lock:
            super().update(n)
            if n:
                self._moved = now
            if not self._before:
                # What an earlier, interrupted run has done is not part of the speed.
                self._before.append((now, self.n))
        self._tick(now)

    def show(self) -> None:
        """Show how much is done."""
        raise NotImplementedError

    def end(self) -> None:
        """Show that all is done."""
        raise NotImplementedError

    def _keep_showing(self) -> None:
        while not self._ended.wait(self.interval):
            self._tick(time.monotonic())

    def _tick(self, now: float) -> None:
        if now < self._due:
            return
        with self._lock:
            if self._ended.is_set():
                return
            self._due = now + self.interval
            self._before.append((now, self.n))
            while len(self._before) > 2 and self._before[1][0] <= now - _WINDOW:
                self._before.popleft()
            self._try(self.show)

    def _try(self, write: Callable[[], None]) -> None:
        """Write something; the work goes on if nobody can see it."""
        try:
            write()
        except _GONE:
            self._ended.set()

    def describe_amount(self) -> str:
        """Return how much is done, of how much."""
        if not self.total:
            return self.format(self.n)
        done = self.format(self.n) if self._unit == "B" else f"{self.n:,.0f}"
        return f"{done} of {self.format(self.total)}"

    def describe_pace(self) -> list[str]:
        """Return the speed and how long it will take, or why there is none."""
        now = time.monotonic()
        if self.total and self.n >= self.total:
            return ["finishing"]
        if now - self._moved >= _WINDOW:
            missing = "no data" if self._unit == "B" else "nothing"
            return [f"{missing} for {_format_seconds(now - self._moved)}"]
        if not self._before:
            return []
        then, before = self._before[0]
        speed = (self.n - before) / (now - then) if now > then else 0.0
        if speed <= 0:
            return []
        # How many of other things a second says nothing to people.
        pace = [f"{self.format(speed)}/s"] if self._unit == "B" else []
        if self.total:
            pace.append(f"{_format_seconds((self.total - self.n) / speed)} left")
        return pace

    def format(self, count: float) -> str:
        """Return a number with its unit."""
        if self._unit == "B":
            return format_bytes(int(count))
        return f"{count:,.0f} {self._unit}"


class _Lines(_Shown):
    """Lines in a log or a pipe, and one at the end of longer work."""

    def __init__(self, action: str, unit: str, *, to_the_end: bool) -> None:
        self.interval = SECONDS_BETWEEN_LINES
        self._to_the_end = to_the_end
        super().__init__(action, unit)

    def show(self) -> None:
        self._to_the_end = True
        share = f" ({self.n / self.total:.0%})" if self.total else ""
        self._write(", ".join([self.describe_amount() + share, *self.describe_pace()]))

    def end(self) -> None:
        if self._to_the_end:
            self._write(f"{self.format(self.n)}, done")

    def _write(self, line: str) -> None:
        print(f"{self.action}: {line}", file=sys.stderr, flush=True)


class _Drawn(_Shown):
    """A line on a terminal that is drawn again and again in its place."""

    _is_drawn = False

    def __enter__(self) -> Self:
        drawn.append(self)
        return super().__enter__()

    def __exit__(self, kind: type[BaseException] | None, *others: object) -> None:
        try:
            super().__exit__(kind, *others)
        finally:
            with suppress(ValueError):  # a forked child has none
                drawn.remove(self)

    def show(self) -> None:
        # The one that was opened last has the line.
        if drawn[-1:] != [self]:
            return
        facts = [self.describe_amount(), *self.describe_pace()]
        share = None
        if self.total:
            share = min(self.n / self.total, 1.0)
            facts.insert(0, f"{share:.0%}")
        self._draw(facts, share)

    def end(self) -> None:
        seconds = time.monotonic() - self._begun
        self._draw([f"{self.format(self.n)} in {_format_seconds(seconds)}"])
        print(file=sys.stderr, flush=True)
        self._is_drawn = False

    def clear(self) -> None:
        with self._lock:
            if self._is_drawn:
                self._try(lambda: self._write(""))
                self._is_drawn = False
            # Whoever clears it is about to print something.
            self._due = time.monotonic() + self.interval

    def _draw(self, facts: list[str], share: float | None = None) -> None:
        """Draw a line with as many of the facts as there is room for, and a bar."""
        left = _find_width() - _MARGIN - count_columns(self.action) - 2
        while len(facts) > 1 and len(", ".join(facts)) > left:
            facts.pop()
        text = ", ".join(facts)
        width = min(left - _ROOM_FOR_FACTS, _WIDEST_BAR)
        if share is not None and width >= _NARROWEST_BAR:
            text = f"[{('#' * int(share * width)).ljust(width)}] {text}"
        kept = max(len(self.action) + min(left - len(text), 0), _NARROWEST_BAR)
        self._write(f"{shorten(self.action, kept)}: {text}")

    def _write(self, line: str) -> None:
        rest = " " * (_find_width() - 1 - count_columns(line))
        print(end=f"\r{line}{rest}\r{line}", file=sys.stderr, flush=True)
        self._is_drawn = True


class _Widget(_Shown):
    """A bar in a notebook, drawn by tqdm as soon as there is something to show."""

    _bar: Any = None

    def __exit__(self, kind: type[BaseException] | None, *others: object) -> None:
        super().__exit__(kind, *others)
        if self._bar is not None:
            self._bar.leave = self.leave or kind is not None
            self._bar.close()

    def show(self) -> None:
        self._set(", ".join([self.describe_amount(), *self.describe_pace()]))

    def end(self) -> None:
        self._set(f"{self.format(self.n)}, done")

    def _set(self, text: str) -> None:
        if self._bar is None:
            self._bar = _open_widget(self.action)
        if self._bar.total != self.total:
            # The widget reads its total only here.
            self._bar.reset(self.total)
        self._bar.n = self.n
        self._bar.set_postfix_str(text)


def _open_widget(action: str) -> Any:
    with warnings.catch_warnings():
        # Without ipywidgets, tqdm warns that its bar is one of text.
        warnings.simplefilter("ignore")
        # Imported here, as warm loads draw nothing.
        from tqdm.auto import tqdm

    return tqdm(desc=action, bar_format="{desc}: {percentage:3.0f}%|{bar}|{postfix}")


def _format_seconds(seconds: float) -> str:
    """Return a duration in its largest unit."""
    if seconds < 1:
        return f"{seconds:.1f} s"
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.0f} h"


def _find_width() -> int:
    """Return the width of the terminal; in a container it may have none."""
    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns or _USUAL_WIDTH
    except (OSError, ValueError):
        return _USUAL_WIDTH


def _is_closed() -> bool:
    """Return whether there is no standard error, as under pythonw."""
    return sys.stderr is None or getattr(sys.stderr, "closed", False)


def _is_notebook() -> bool:
    """Return whether the process is a Jupyter kernel."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return shell is not None and "IPKernelApp" in shell.config
