"""Making a layer takes hardly more memory than the layer itself."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from run_program import PROGRAMS

ROWS, DIMENSION = 400_000, 300
# Memory for each word while its row is found: a list item, its index, its row, and
# the spelling that found it.
BYTES_A_WORD = 100

# Otherwise glibc keeps more or less of the memory that was given back, for later.
KEEPS_NOTHING = {"MALLOC_MMAP_THRESHOLD_": str(1 << 17)}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="/proc tells, which Linux has"),
]


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A file of 400,000 words of 300 numbers, as word2vec writes them."""
    folder = tmp_path_factory.mktemp("large")
    numbers = np.random.default_rng(1)
    with (folder / "large.bin").open("wb") as file:
        file.write(b"%d %d\n" % (ROWS, DIMENSION))
        for start in range(0, ROWS, 10_000):
            block = numbers.standard_normal((10_000, DIMENSION), np.float32)
            file.writelines(
                b"word%d %s\n" % (start + i, row.tobytes())
                for i, row in enumerate(block)
            )
    yield folder / "large.bin"
    # pytest would keep a gigabyte of each of the last three runs.
    shutil.rmtree(folder)


def read_memory(process: int) -> int:
    """Return the private memory of a process, in bytes.

    Pages of the store are not counted, though the process has them mapped: they are
    the operating system's copy of the file, all processes share it, and it is given
    up when memory is short.
    """
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) * 1024
    raise AssertionError("the process is gone")


def measure(large: Path, what: str, backend: str) -> int:
    """Return the peak memory of making something, in bytes, the result included."""
    program = str(PROGRAMS / "make_large_layer.py")
    process = subprocess.Popen(
        [sys.executable, program, str(large), str(large.parent / "cache"), what],
        cwd=PROGRAMS,
        env={**os.environ, "KERAS_BACKEND": backend, **KEEPS_NOTHING},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with process:
        assert process.stdin and process.stdout
        assert process.stdout.readline() == "ready\n"
        before = most = read_memory(process.pid)
        process.stdin.write("\n")
        process.stdin.flush()
        os.set_blocking(process.stdout.fileno(), False)
        # A copy of 480 MB takes a hundred times as long as one look.
        while not process.stdout.readline():
            assert process.poll() is None
            most = max(most, read_memory(process.pid))
            time.sleep(0.001)
        process.communicate("\n")
    assert process.returncode == 0
    return most - before


@pytest.mark.parametrize(
    ("what", "backend", "times"),
    [
        ("float32", "tensorflow", 2),
        ("float32", "jax", 1),
        ("float32", "torch", 1),
        ("bfloat16", "torch", 1),
        ("matrix", "none", 1),
    ],
)
def test_the_most_memory_that_making_a_layer_takes(
    large: Path, what: str, backend: str, times: int
) -> None:
    """At most twice the layer's matrix on TensorFlow, and once on JAX and Torch.

    A matrix for other frameworks is once, too. What is made is one of these times;
    beside them there is what is remembered of the words.
    """
    matrix = (ROWS + 1) * DIMENSION * (2 if what == "bfloat16" else 4)
    taken = measure(large, what, backend)
    print(f"{taken / matrix:.3f} times the matrix: {what}, {backend}")
    assert matrix < taken < times * matrix + ROWS * BYTES_A_WORD
