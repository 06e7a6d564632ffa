"""Run a program of `programs/` in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

PROGRAMS = Path(__file__).parent / "programs"


def run_program(name: str, *arguments: Any, **environment: str) -> str:
    """Give the last line that a program prints, or fail with all that it said.

    Its own warnings are Keras' and TensorFlow's; those of this package are errors in
    the tests that run in pytest's process.
    """
    done = subprocess.run(
        [sys.executable, str(PROGRAMS / name), *map(str, arguments)],
        # Not the checkout: what is not installed cannot be imported by chance.
        cwd=PROGRAMS,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{name} failed:\n{done.stdout}\n{done.stderr}"
    return done.stdout.strip().rpartition("\n")[2]
