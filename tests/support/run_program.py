"""Run programs and code in a process of their own."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

PROGRAMS = Path(__file__).parent / "programs"


def run_program(name: str, *arguments: Any, **environment: str) -> str:
    """Return the last line that a program of `programs/` prints, or fail.

    Its warnings are those of Keras and TensorFlow; warnings of this package are errors
    in the tests that run in pytest's process.
    """
    done = subprocess.run(
        [sys.executable, str(PROGRAMS / name), *map(str, arguments)],
        # Not the checkout, so that only what is installed can be imported.
        cwd=PROGRAMS,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{name} failed:\n{done.stdout}\n{done.stderr}"
    return done.stdout.strip().rpartition("\n")[2]


def run_code(code: str, *arguments: Any) -> str:
    """Return what Python code prints, or fail with its errors."""
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
