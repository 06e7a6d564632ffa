"""Processes that are killed at random moments of their work."""

import random
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress


def kill_at_random(
    start: Callable[[], "subprocess.Popen[bytes] | subprocess.Popen[str]"],
    kills: int,
    whole_run: float,
) -> Iterator[bool]:
    """Start processes until so many were killed; tell after each whether it was.

    The moment is drawn from the time of a whole run, in seconds. No two runs take as
    long: one that ends before its moment is not counted, and later moments are drawn
    from its time.
    """
    generator = random.Random(kills)
    while kills:
        begin = time.monotonic()
        process = start()
        with suppress(subprocess.TimeoutExpired):
            process.communicate(timeout=generator.uniform(0.1, 1) * whole_run)
        process.kill()
        process.communicate()
        was_killed = process.returncode == -signal.SIGKILL
        if was_killed:
            kills -= 1
        else:
            assert process.returncode == 0
            whole_run = min(whole_run, time.monotonic() - begin)
        yield was_killed
