"""A lock makes others wait, for a limited time; without locks all works as well."""

import errno
import fcntl
import logging
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import glove_registry
from glove_registry.cache import Cache, lock
from glove_registry.errors import CacheError

SAMPLE = "glove.6B.50d-first10k"
HOLD = """
import sys, pathlib
from glove_registry.cache import Cache
with Cache(pathlib.Path(sys.argv[1])).hold_lock(sys.argv[2], "something"):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_who_waits_says_for_what_and_not_for_ever(
    cache_root: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Waiting for a lock is logged, and ends with an error that names the file."""
    key = glove_registry.info(SAMPLE).key
    path = Cache(cache_root).locks / f"{key}.lock"
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(cache_root), key],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    monkeypatch.setattr(lock, "PATIENCE_SECONDS", 0.5)
    with (
        caplog.at_level(logging.WARNING, logger="glove_registry"),
        pytest.raises(CacheError, match="end it, or use another cache") as caught,
    ):
        glove_registry.load(SAMPLE)
    assert str(path) in str(caught.value)
    assert f"busy with {SAMPLE}: waiting for it" in caplog.text

    # A process that dies releases its lock.
    holder.kill()
    holder.communicate()
    assert "film" in glove_registry.load(SAMPLE)


def test_a_warm_load_takes_no_lock(cache_root: Path) -> None:
    """A store that exists is mapped while another process holds the lock."""
    glove_registry.load(SAMPLE)
    with Cache(cache_root).hold_lock(glove_registry.info(SAMPLE).key, "a test"):
        assert "film" in glove_registry.load(SAMPLE)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_process_that_was_forked_meanwhile_keeps_no_lock(tmp_path: Path) -> None:
    """A worker that is forked during a load makes nobody wait after it."""
    cache = Cache(tmp_path)
    with cache.hold_lock("some", "a test"):
        worker = os.fork()
        if not worker:
            time.sleep(60)
            os._exit(0)
    try:
        with lock.hold_if_free(cache.locks / "some.lock") as is_free:
            assert is_free
    finally:
        os.kill(worker, signal.SIGKILL)
        os.waitpid(worker, 0)


@pytest.mark.parametrize("code", [errno.ENOSYS, errno.ENOTSUP, errno.ENOLCK])
def test_without_locks_everybody_goes_on(
    code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cold load works where the file system has no locks."""

    def refuse(*arguments: object) -> None:
        raise OSError(code, "no locks here")

    monkeypatch.setattr(fcntl, "flock", refuse)
    assert "film" in glove_registry.load(SAMPLE)
    assert glove_registry.fetch(SAMPLE).is_file()
