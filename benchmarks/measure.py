"""Run a script as a separate process, and measure it.

This imports only the standard library: on Linux, a process inherits the peak memory of
the one that started it, which therefore has to be small.
"""

import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

WAYS = Path(__file__).parent / "ways"
MB = 1_000_000


class ContenderFailed(Exception):
    """A process failed; the message is the reason, in one line."""


@dataclass(frozen=True, slots=True)
class Run:
    """What one process used.

    Attributes
    ----------
    seconds : float
        From its start to its end.
    peak_mb : float
        Largest resident memory, including the parts of mapped files that were read.
    disk_mb, disk_peak_mb : float
        Size of its folder at its end, and at most while it ran.
    read_mb : float
        Read from the disk, and not from the page cache (Linux).
    output : str
        What it printed.
    """

    seconds: float
    peak_mb: float
    disk_mb: float = 0.0
    disk_peak_mb: float = 0.0
    read_mb: float = 0.0
    output: str = ""


def run(
    script: str, arguments: Sequence[str], folder: Path, limit: float, bytecode: Path
) -> Run:
    """Run a script to its end.

    Parameters
    ----------
    script : str
        Name of a file in ``ways``.
    arguments : sequence of str
    folder : Path
        What it saves; its size is watched.
    limit : float
        Seconds until it is stopped.
    bytecode : Path
        Folder for compiled modules, so that each is compiled once, as in an
        installation, and nothing is written beside the sources.

    Raises
    ------
    ContenderFailed
        With the last line of its output.
    """
    # This process must not wait for what others have left to be written.
    os.sync()
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("GLOVE_REGISTRY_", "PYTHON"))
    } | {"PYTHONPYCACHEPREFIX": str(bytecode)}
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
        start = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-W", "ignore", str(WAYS / script), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=errors,
            env=environment,
        )
        with _Watch(folder, process, start + limit) as watch:
            _, status, usage = os.wait4(process.pid, 0)
            seconds = time.perf_counter() - start
        # So that Popen does not wait for it again.
        process.returncode = os.waitstatus_to_exitcode(status)
        if watch.ended_it:
            raise ContenderFailed(f"not done after {limit:.0f} s")
        if process.returncode:
            errors.seek(0)
            raise ContenderFailed(_explain(errors.read(), process.returncode))
        out.seek(0)
        output = out.read().decode().strip()
    # Kilobytes on Linux, bytes on macOS.
    peak = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024) / MB
    size = measure_folder(folder)
    # What /proc/PID/io calls read_bytes, in the blocks of getrusage(2).
    read = usage.ru_inblock * 512 / MB
    return Run(seconds, peak, size, max(size, watch.most_mb), read, output)


def measure_folder(folder: Path) -> float:
    """Return the size in MB of all files below a folder; some may vanish meanwhile."""
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.stat(os.path.join(parent, name)).st_size
            except FileNotFoundError:
                continue
    return total / MB


class _Watch:
    """Measures a process's folder ten times a second, and stops it at its limit."""

    def __init__(
        self, folder: Path, process: subprocess.Popen[bytes], deadline: float
    ) -> None:
        self.most_mb = 0.0
        self.ended_it = False
        self._folder, self._process, self._deadline = folder, process, deadline
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> "_Watch":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._done.wait(0.1):
            self.most_mb = max(self.most_mb, measure_folder(self._folder))
            if time.perf_counter() > self._deadline and not self.ended_it:
                self.ended_it = True
                os.kill(self._process.pid, 9)


def _explain(errors: bytes, code: int) -> str:
    """Return the last line of an output, shortened and without paths."""
    lines = [
        line.strip()
        for line in errors.decode("utf-8", "replace").splitlines()
        if line.strip()
    ]
    if not lines:
        return f"ended with code {code}"
    # The line of the error, not the advice that some libraries print after it.
    named = [line for line in lines if re.match(r"[\w.]*(Error|Exception)\b", line)]
    line = re.sub(r"(/[\w.+-]+){2,}/?", "...", (named or lines)[-1])
    return line if len(line) <= 90 else line[:87] + "..."
