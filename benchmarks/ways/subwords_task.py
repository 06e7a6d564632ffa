"""What the ways to the vectors of a fastText model have in common."""

import json
import resource
import sys
from pathlib import Path
from typing import Any

FOLDER, SAVED, RESULT = sys.argv[1:]
MODEL = str(Path(FOLDER, "model.bin"))


def read_words() -> tuple[list[str], list[str]]:
    """Return words of the model, and others."""
    words = json.loads(Path(FOLDER, "words.json").read_text())
    return words["known"], words["unknown"]


def measure_peak() -> float:
    """Return the largest resident memory so far, in MB."""
    # Kilobytes on Linux, bytes on macOS.
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def finish(
    start: float,
    opened: float,
    found: float,
    end: float,
    megabytes: float,
    one: Any,
    other: Any,
) -> None:
    """Print what it took, and write both matrices of float32 into one file."""
    took = {"open": opened - start, "known": found - opened, "unknown": end - found}
    print(json.dumps({**took, "mb": megabytes}))
    with open(RESULT, "wb") as file:
        file.write(one.tobytes() + other.tobytes())
