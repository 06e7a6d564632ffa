"""Progress is a bar for people, and lines in logs."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from entries import sha256, write_registry

from glove_registry.messages import progress
from glove_registry.messages.progress import count_up, open_bar


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        """Return the time."""
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of the progress lines."""
    clock = Clock()
    monkeypatch.setattr(progress, "time", clock)
    return clock


def test_a_log_has_a_line_every_ten_seconds(
    clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each line has the action, the bytes of how many, the speed and the time left."""
    with open_bar("load mine", None) as bar:
        bar.reset(862_000_000)
        # 20 MB come from an earlier run, and the size has changed.
        count_up(bar, 20_000_000, 69_000_000)
        for _ in range(27):
            clock.now += 1
            count_up(bar, bar.n + 1_500_000, 69_000_000)
    assert capsys.readouterr().err.splitlines() == [
        "load mine: 35 MB of 69 MB (51%), 1.5 MB/s, 23 s left",
        "load mine: 50 MB of 69 MB (72%), 1.5 MB/s, 13 s left",
        "load mine: 60 MB, done",
    ]


def test_a_log_of_an_unknown_size(
    clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    """If the total is unknown, no percentage is shown."""

    def fail() -> None:
        with open_bar("load mine", None) as bar:
            bar.reset(5)
            count_up(bar, 0, None)
            clock.now += 10
            count_up(bar, 7_000_000, None)
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    # A transfer that failed is not called done.
    assert capsys.readouterr().err == "load mine: 7.0 MB, 700 kB/s\n"


@pytest.mark.parametrize(("progress", "lines"), [(None, 0), (False, 0), (True, 1)])
def test_what_is_quick_is_silent_in_a_log(
    progress: bool | None,
    lines: int,
    clock: Clock,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Under ten seconds nothing is written, or the last line if requested."""
    with open_bar("load mine", progress) as bar:
        bar.reset(9)
        bar.update(9)
        clock.now += 9
        bar.clear()
    assert len(capsys.readouterr().err.splitlines()) == lines


def test_nothing_is_drawn_where_it_is_not_wanted(
    clock: Clock, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """False is silent for hours, and so is a process without standard error."""
    bars = [open_bar("load mine", False)]
    monkeypatch.setattr(sys, "stderr", None)
    bars += [open_bar("load mine", None), open_bar("load mine", True)]
    monkeypatch.undo()
    for bar in bars:
        with bar:
            bar.reset(9)
            clock.now += 9999
            bar.update(9)
    assert capsys.readouterr().err == ""


NOTEBOOK = """
import sys, types

class Shell:
    config = {"IPKernelApp": {}}

sys.modules["IPython"] = types.SimpleNamespace(get_ipython=Shell)
if WIDGETS:
    import ipywidgets
else:
    sys.modules["ipywidgets"] = None
from glove_registry.messages.progress import count_up, open_bar
with open_bar("load mine", True) as bar:
    bar.reset(862)
    count_up(bar, 69, 69)
"""


def test_a_notebook_has_a_bar_without_a_warning() -> None:
    """In a kernel a bar is drawn without a warning, with or without ipywidgets."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", f"WIDGETS = False\n{NOTEBOOK}"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "load mine: 100%" in done.stderr
    assert "69 B, done" in done.stderr


TEXT = b"".join(b"word%d 1 2 3\n" % i for i in range(4000))


class Slow(BaseHTTPRequestHandler):
    """Sends a file in pieces, and pauses after each."""

    def do_GET(self) -> None:
        """Send the file for any path."""
        self.send_response(200)
        self.send_header("Content-Length", str(len(TEXT)))
        self.end_headers()
        for start in range(0, len(TEXT), 4096):
            self.wfile.write(TEXT[start : start + 4096])
            self.wfile.flush()
            time.sleep(0.1)

    def log_message(self, *arguments: object) -> None:
        """Log nothing."""


@pytest.fixture
def slow_url() -> Iterator[str]:
    """A server whose file takes more than a second."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Slow) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/mine.txt"
        server.shutdown()


def test_a_cold_load_through_a_pipe_writes_plain_lines(
    slow_url: str, tmp_path: Path
) -> None:
    """In a pipe, a process writes complete lines while bytes arrive, and no bar."""
    registry = write_registry(tmp_path, "mine", url=slow_url, sha256=sha256(TEXT))
    code = (
        "import glove_registry, sys\n"
        "from glove_registry.messages import progress\n"
        "progress.SECONDS_BETWEEN_LINES = 0.3\n"
        "glove_registry.load('mine', registry=sys.argv[1])\n"
        "assert 'tqdm' not in sys.modules\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(registry)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    lines = done.stderr.splitlines()
    assert len(lines) >= 3
    assert all(line.startswith("load mine: ") for line in lines)
    assert "\r" not in done.stderr
    assert lines[-1].endswith(", done")


def test_things_are_counted_without_their_name_twice(
    clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of things that are no bytes, a line has how many are done and the time left."""
    with open_bar("check", None, unit="sources") as bar:
        count_up(bar, 0, 1_200)
        for _ in range(11):
            clock.now += 1
            count_up(bar, bar.n + 100, 1_200)
    assert capsys.readouterr().err.splitlines() == [
        "check: 1,000 of 1,200 sources (83%), 2 s left",
        "check: 1,100 sources, done",
    ]


def run(code: str, *arguments: str) -> str:
    """Run a program whose standard error is nobody's; return what it printed."""
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        check=False,
        timeout=60,
    )
    return done.stdout


def test_work_goes_on_after_the_terminal_was_hung_up() -> None:
    """Nothing raises: neither counting, nor the end, nor what is logged meanwhile."""
    pytest.importorskip("pty")
    code = (
        "import os, pty, time\n"
        "from glove_registry.messages import progress\n"
        "from glove_registry.messages.log import drawn, log\n"
        "ours, theirs = pty.openpty()\n"
        "os.dup2(theirs, 2)\n"
        "progress._Drawn.interval = 0.02\n"
        "with progress.open_bar('load mine', None) as bar:\n"
        "    bar.update(1)\n"
        "    print(os.read(ours, 100)[:10])\n"
        "    os.close(ours)\n"
        "    log.warning('while it is drawn')\n"
        "    time.sleep(0.1)\n"
        "    bar.update(1)\n"
        "    log.warning('later')\n"
        "progress.announce('load mine: downloads a file', True)\n"
        "print(bar.n, drawn)\n"
    )
    assert run(code).splitlines() == [r"b'\rload mine'", "2 []"]


def test_a_load_needs_nobody_who_reads_its_lines(tmp_path: Path) -> None:
    """A load succeeds with standard error closed, or a pipe whose reader has ended."""
    path = tmp_path / "mine.txt"
    path.write_bytes(TEXT)
    registry = write_registry(tmp_path, "mine", url=path.as_uri(), sha256=sha256(TEXT))
    code = (
        "import glove_registry, os, sys\n"
        "theirs, ours = os.pipe()\n"
        "os.close(theirs)\n"
        "os.dup2(ours, 2)\n"
        "for folder in sys.argv[2:]:\n"
        "    vectors = glove_registry.load(\n"
        "        'mine', registry=sys.argv[1], cache_dir=folder, progress=True\n"
        "    )\n"
        "    print(len(vectors) > 0)\n"
        "    sys.stderr.close()\n"
    )
    folders = [str(tmp_path / "first"), str(tmp_path / "second")]
    assert run(code, str(registry), *folders).split() == ["True", "True"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_child_can_log_while_a_bar_is_drawn() -> None:
    """It does not wait for the thread that draws, which it does not have."""
    code = (
        "import os, pty, threading\n"
        "from glove_registry.messages import progress\n"
        "from glove_registry.messages.log import log\n"
        "os.dup2(pty.openpty()[1], 2)\n"
        "with progress.open_bar('load mine', None) as bar:\n"
        "    held, done = threading.Event(), threading.Event()\n"
        "    def draw():\n"
        "        with bar._lock:\n"
        "            held.set()\n"
        "            done.wait()\n"
        "    threading.Thread(target=draw).start()\n"
        "    held.wait()\n"
        "    if not (child := os.fork()):\n"
        "        threading.Timer(10, os._exit, [1]).start()\n"
        "        log.warning('from the child')\n"
        "        os._exit(0)\n"
        "    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))\n"
        "    done.set()\n"
    )
    assert run(code) == "0\n"
