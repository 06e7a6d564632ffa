"""A command that a signal ends leaves no file, and says how it ended."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from entries import SMALL, list_files, sha256, write_registry

from glove_registry.cli import main
from glove_registry.cli.signals import Ended, ending_by_signals

COMMAND = [sys.executable, "-m", "glove_registry"]


@pytest.fixture
def registry(tmp_path: Path) -> Path:
    """An entry whose text takes seconds to read, and then has the wrong checksum."""
    with (tmp_path / "v.txt").open("wb") as file:
        for _ in range(60):
            file.write(SMALL * 100_000)
    return write_registry(tmp_path, "mine", url="file:v.txt", sha256=sha256(SMALL))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_command_cleans_up_when_it_is_ended(
    number: int, registry: Path, cache_root: Path
) -> None:
    """A fetch that a signal ends leaves no file, and exits with 128 + its number."""
    process = subprocess.Popen(
        [*COMMAND, "fetch", "mine", "--registry", str(registry)],
        stderr=subprocess.PIPE,
        text=True,
    )
    while not [*cache_root.glob("tmp/*/original")]:
        assert process.poll() is None
        time.sleep(0.001)
    process.send_signal(number)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 128 + number
    assert errors.endswith(f"glove-registry: ended by {signal.Signals(number).name}\n")
    assert list_files(cache_root) == []


def test_what_nohup_ignores_stays_ignored(registry: Path, cache_root: Path) -> None:
    """A command that ignores SIGHUP survives it."""
    process = subprocess.Popen(
        [*COMMAND, "fetch", "mine", "--registry", str(registry)],
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN),
    )
    while not [*cache_root.glob("tmp/*/original")]:
        assert process.poll() is None
        time.sleep(0.001)
    process.send_signal(signal.SIGHUP)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "was refused: its sources have other bytes than promised" in errors


def test_a_second_signal_does_not_end_the_cleaning_up() -> None:
    """Further signals do not interrupt the cleaning up."""

    def be_ended_twice() -> None:
        with ending_by_signals():
            try:
                os.kill(os.getpid(), signal.SIGTERM)
            finally:
                os.kill(os.getpid(), signal.SIGHUP)

    with pytest.raises(Ended) as caught:
        be_ended_twice()
    assert caught.value.status == 143
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL


def test_handlers_of_others_stay() -> None:
    """A handler that a program has set is kept."""
    handled: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, frame: handled.append(number))
    try:
        with ending_by_signals():
            os.kill(os.getpid(), signal.SIGTERM)
    finally:
        signal.signal(signal.SIGTERM, before)
    assert handled == [signal.SIGTERM]


def test_a_command_runs_in_any_thread(capsys: pytest.CaptureFixture[str]) -> None:
    """A command also runs in a thread, where no handler can be set."""
    statuses: list[int] = []
    thread = threading.Thread(target=lambda: statuses.append(main(["cache", "dir"])))
    thread.start()
    thread.join()
    assert statuses == [0]
