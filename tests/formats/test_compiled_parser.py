"""The C file of the parser: no warning of the compiler, no fault a sanitizer sees."""

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import fuzz_rows
import pytest

from glove_registry import formats

SOURCE = Path(formats.__file__).with_name("_rows.c")
INCLUDE = sysconfig.get_paths()["include"]
COMPILER = shutil.which("gcc")

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="uses LD_PRELOAD"),
    pytest.mark.skipif(COMPILER is None, reason="there is no gcc"),
    pytest.mark.skipif(
        not Path(INCLUDE, "Python.h").exists(), reason="there is no Python.h"
    ),
]


def compile_parser(target: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Compile the parser as a module."""
    assert COMPILER is not None
    command = [COMPILER, "-O1", "-g", "-fPIC", "-shared", f"-I{INCLUDE}", *options]
    macro = "-DPy_LIMITED_API=0x030B0000"
    return subprocess.run(
        [*command, macro, str(SOURCE), "-o", str(target)],
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_compiler_warns_of_nothing(tmp_path: Path) -> None:
    """The C file has no warnings, also of conversions between numbers."""
    warnings = "-std=c99 -Werror -Wall -Wextra -Wconversion -Wshadow -Wvla"
    done = compile_parser(tmp_path / "_rows.so", *warnings.split())
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_damaged_lines_under_sanitizers(tmp_path: Path) -> None:
    """No lines make the parser read or write out of bounds, or give a wrong row."""
    module = tmp_path / "_rows.so"
    kinds = "-fsanitize=address,undefined,float-cast-overflow"
    done = compile_parser(module, kinds, "-fno-sanitize-recover=all")
    if done.returncode:
        pytest.skip(f"the compiler has no sanitizer: {done.stderr[-200:]}")
    count = 20_000
    done = subprocess.run(
        [sys.executable, fuzz_rows.__file__, str(module), "0", str(count)],
        env={
            **os.environ,
            "LD_PRELOAD": find_library("libasan.so"),
            # Python itself keeps memory until its end.
            "ASAN_OPTIONS": "detect_leaks=0",
            # Each object has memory of its own, whose bounds are watched.
            "PYTHONMALLOC": "malloc",
        },
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-5000:]
    assert int(done.stdout) > count


def find_library(name: str) -> str:
    """Return the path of a library of the compiler."""
    assert COMPILER is not None
    return subprocess.run(
        [COMPILER, f"-print-file-name={name}"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
