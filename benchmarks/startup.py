"""Time from the start of a process to the vectors of 20,000 words, side by side.

    python benchmarks/startup.py glove.6B.50d.txt

Each contender is a process of its own, run in turn with the others (A B C A B C ...),
so that a machine whose speed drifts slows all of them alike; ratios are taken round by
round. Nothing but the file is needed: its first use by this package is timed too.
"""

import argparse
import hashlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

WORDS = 20_000

# Each reads the words' file, and ends with a float32 matrix, one row a word, zeros for
# a word without a vector. Arguments: vectors, words, registry.
COMMON = "import sys\ntext, words, registry = sys.argv[1:]\n"
READ_WORDS = "words = open(words, encoding='utf-8').read().split('\\n')\n"
FLOOR = "import numpy\n"
THIS = (
    COMMON
    + READ_WORDS
    + "import glove_registry\n"
    + "vectors = glove_registry.load('benchmark', registry=registry)\n"
    + "matrix = vectors.lookup(words)\n"
)
# The loop of the Keras tutorial on pre-trained word embeddings: parse the text into a
# dictionary each time. https://keras.io/examples/nlp/pretrained_word_embeddings/
TUTORIAL = (
    COMMON
    + READ_WORDS
    + "import numpy as np\n"
    + "index = {}\n"
    + "with open(text, encoding='utf-8') as file:\n"
    + "    for line in file:\n"
    + "        word, numbers = line.split(maxsplit=1)\n"
    + "        index[word] = np.fromstring(numbers, 'f', sep=' ')\n"
    + "dimension = len(index[word])\n"
    + "matrix = np.zeros((len(words), dimension), np.float32)\n"
    + "for row, word in enumerate(words):\n"
    + "    if (vector := index.get(word)) is not None:\n"
    + "        matrix[row] = vector\n"
)
CHECK = "print(float(matrix.sum(dtype='float64')))\n"


@dataclass
class Contender:
    """One way to the vectors, with what its runs took."""

    name: str
    code: str
    seconds: list[float] = field(default_factory=list)
    peak_mb: float = 0.0
    result: str = ""


def main() -> int:
    """Run all contenders and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("text", type=Path, help="a GloVe text file, unpacked")
    parser.add_argument("--rounds", type=int, default=5, help="runs of each")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print(compare(options.text.absolute(), Path(folder), options.rounds))
    return 0


def compare(text: Path, folder: Path, rounds: int) -> str:
    """Run all contenders in turn; give a Markdown table."""
    with text.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    registry = folder / "registry.yaml"
    registry.write_text(
        f"variants:\n  benchmark:\n    url: {text.as_uri()}\n    sha256: {digest}\n"
    )
    words = folder / "words.txt"
    words.write_text("\n".join(choose_words(text)), encoding="utf-8")
    arguments = [str(text), str(words), str(registry)]
    environment = {**os.environ, "GLOVE_REGISTRY_CACHE": str(folder / "cache")}

    first = Contender("glove_registry, first use", THIS + CHECK)
    run(first, arguments, environment)
    floor = Contender("python and `import numpy` alone", FLOOR)
    this = Contender("glove_registry, later use", THIS + CHECK)
    tutorial = Contender("the Keras tutorial's loop", TUTORIAL + CHECK)
    for _ in range(rounds):
        for contender in (floor, this, tutorial):
            run(contender, arguments, environment)
    if len({c.result for c in (first, this, tutorial)}) != 1:
        raise SystemExit("the contenders do not agree on the vectors")

    lines = [
        "| who | wall s (median) | x later use, median (min-max) | peak MB |",
        "|---|---|---|---|",
    ]
    for contender in (floor, this, first, tutorial):
        ratios = [
            a / b
            for a, b in zip(
                contender.seconds * (rounds // len(contender.seconds)),
                this.seconds,
                strict=True,
            )
        ]
        lines.append(
            f"| {contender.name} | {statistics.median(contender.seconds):.2f} "
            f"| {statistics.median(ratios):.1f} ({min(ratios):.1f}-{max(ratios):.1f}) "
            f"| {contender.peak_mb:.0f} |"
        )
    return "\n".join(lines)


def choose_words(text: Path) -> list[str]:
    """Choose words all over the file, and some that it does not have."""
    with text.open("rb") as file:
        tokens = [line.split(b" ")[0].decode() for line in file]
    # A carriage return would end a line of the words' file.
    known = [t for t in tokens[:: max(len(tokens) // WORDS, 1)] if t.isprintable()]
    return known[: WORDS - 500] + [f"no-such-word-{i}" for i in range(500)]


def run(
    contender: Contender, arguments: list[str], environment: dict[str, str]
) -> None:
    """Run a contender once, as a process of its own."""
    start = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", contender.code, *arguments],
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    )
    if process.stdout is not None:
        contender.result = process.stdout.read().strip()
        process.stdout.close()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    contender.seconds.append(time.perf_counter() - start)
    # Kilobytes on Linux, bytes on macOS.
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    contender.peak_mb = max(contender.peak_mb, usage.ru_maxrss / unit)
    if process.returncode:
        raise SystemExit(f"{contender.name} failed")


if __name__ == "__main__":
    raise SystemExit(main())
