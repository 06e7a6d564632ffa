"""Any answer of a web server ends in the right bytes or in one of our errors."""

import subprocess
import sys
from collections import Counter

import answers
import pytest


@pytest.mark.parametrize(
    ("first", "count"), [(0, 150), pytest.param(150, 6350, marks=pytest.mark.slow)]
)
def test_any_answer_is_an_error_or_right_bytes(first: int, count: int) -> None:
    """Nonsense in status lines, headers, chunks and redirects raises our own errors."""
    done = subprocess.run(
        [sys.executable, "-W", "error", answers.__file__, str(first), str(count)],
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    # The last line of output is the case that ended the process.
    assert done.returncode == 0, f"{done.stdout[-60:]}\n{done.stderr[-5000:]}"
    verdicts = Counter(line.split()[1] for line in done.stdout.splitlines())
    assert verdicts.total() == count
    # Both happen often enough to show something.
    assert min(verdicts["right"], verdicts["refused"]) > count / 5
