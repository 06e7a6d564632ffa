"""Progress of long work: a bar on a terminal or in a notebook, lines in a log."""

import os
import sys
import time
import warnings
from importlib import import_module
from typing import Any, Protocol, Self

from .layout import format_bytes
from .printable import make_line

# Often enough to show that it moves, rarely enough to keep logs short.
SECONDS_BETWEEN_LINES = 10.0
_USUAL_SIZE = {"ncols": 80, "nrows": 24}


class Bar(Protocol):
    """A progress bar, as tqdm has it."""

    n: Any
    total: Any
    leave: Any

    def __enter__(self) -> Any: ...
    def __exit__(self, *exception: Any) -> Any: ...
    def reset(self, total: float | None = None) -> object:
        """Begin again, with a new total."""

    def update(self, n: float = 1) -> object:
        """Count `n` more bytes."""

    def clear(self) -> object:
        """Remove the bar, so that a line of text can be printed."""


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
    if progress is False or sys.stderr is None:
        return _Count()
    is_notebook = _is_notebook()
    if not (is_notebook or sys.stderr.isatty()):
        return _Lines(action, unit, to_the_end=progress is True)
    # Imported here, as warm loads draw nothing; and tqdm.auto only in a notebook, as it
    # imports asyncio.
    with warnings.catch_warnings():
        # Without ipywidgets, tqdm warns that its bar in a notebook is one of text.
        warnings.simplefilter("ignore")
        tqdm = import_module("tqdm.auto" if is_notebook else "tqdm").tqdm
    # tqdm draws nothing on a terminal whose size is 0.
    size = {} if is_notebook or _has_size() else _USUAL_SIZE
    bar: Bar = tqdm(
        desc=action,
        unit="B" if unit == "B" else f" {unit}",
        unit_scale=unit == "B",
        dynamic_ncols=not size,
        **size,
    )
    return bar


def announce(sentence: str, progress: bool | None) -> None:
    """Write a line before a bar, where `open_bar` with this `progress` draws one."""
    if progress is False or sys.stderr is None:
        return
    if _is_notebook() or sys.stderr.isatty():
        print(make_line(sentence), file=sys.stderr, flush=True)


def count_up(bar: Bar, done: int, total: int | None) -> None:
    """Set a bar to `done` of `total` bytes, or other units."""
    if total is None:
        bar.total = None
    elif bar.total != total:
        # A notebook's bar reads its total only here.
        bar.reset(total)
    bar.update(done - bar.n)


class _Count:
    """Counts, and shows nothing."""

    leave = True

    def __init__(self) -> None:
        self.n: float = 0
        self.total: float | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *others: object) -> None:
        pass

    def reset(self, total: float | None = None) -> None:
        self.n, self.total = 0, total

    def update(self, n: float = 1) -> None:
        self.n += n

    def clear(self) -> None:
        pass


class _Lines(_Count):
    """Writes a line every ten seconds, and one at the end of a longer transfer."""

    def __init__(self, action: str, unit: str, *, to_the_end: bool) -> None:
        super().__init__()
        self._action = action
        self._unit = unit
        self._to_the_end = to_the_end
        self._before: tuple[float, float] | None = None
        self._due = time.monotonic() + SECONDS_BETWEEN_LINES

    def __exit__(self, kind: type[BaseException] | None, *others: object) -> None:
        if kind is None and self._to_the_end:
            self._write(f"{self._format(self.n)}, done")

    def reset(self, total: float | None = None) -> None:
        super().reset(total)
        self._before = None

    def update(self, n: float = 1) -> None:
        super().update(n)
        now = time.monotonic()
        if self._before is None:
            # Bytes of an earlier, interrupted run are not part of the speed.
            self._before = now, self.n
        if now < self._due:
            return
        self._due = now + SECONDS_BETWEEN_LINES
        self._to_the_end = True
        line = self._format(self.n)
        if self.total:
            line += f" of {self._format(self.total)}"
            line += f" ({self.n / self.total:.0%})"
        then, before = self._before
        if now > then:
            line += f", {self._format((self.n - before) / (now - then))}/s"
        self._before = now, self.n
        self._write(line)

    def _format(self, count: float) -> str:
        if self._unit == "B":
            return format_bytes(int(count))
        return f"{count:,.0f} {self._unit}"

    def _write(self, line: str) -> None:
        print(f"{self._action}: {line}", file=sys.stderr, flush=True)


def _has_size() -> bool:
    """Return whether the terminal has a size; in a container it may have none."""
    try:
        return all(os.get_terminal_size(sys.stderr.fileno()))
    except (OSError, ValueError):
        return False


def _is_notebook() -> bool:
    """Return whether the process is a Jupyter kernel."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return shell is not None and "IPKernelApp" in shell.config
