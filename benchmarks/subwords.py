"""Compare the reading of a fastText model with gensim's, on a synthetic one.

    python benchmarks/subwords.py --scale 0.25

The model has the shape of Common Crawl's, cc.en.300.bin (2,000,000 words, as many
buckets, 300 dimensions, 7.2 GB with its output matrix), of which `--scale` is the share
of words and buckets; its numbers and words are random. Each measurement is a separate
process, in turn with the others. Memory is resident, with the pages of mapped files
that were read. The vectors of all must agree.
"""

import argparse
import json
import platform
import random
import shutil
import struct
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import numpy as np
from measure import Run, run
from texts import aside

WORDS = BUCKETS = 2_000_000
DIMENSION = 300
# As Grave et al., Learning Word Vectors for 157 Languages, 2018.
SHORTEST = LONGEST = 5
ASKED = 20_000
# Rows at a time.
STEP = 1 << 12
# Relative to the largest number: both add float32, in another order.
TOLERANCE = 1e-5


@dataclass
class Way:
    """One way to the vectors, and what it took.

    Attributes
    ----------
    title, script : str
    fresh : bool
        Whether it starts without anything that an earlier run saved.
    runs : list of Run
    """

    title: str
    script: str
    fresh: bool = False
    runs: list[Run] = field(default_factory=list)

    def find_median(self, what: str) -> float:
        """Return the median of what all runs have printed under a name."""
        return median(json.loads(done.output)[what] for done in self.runs)


def make_ways() -> list[Way]:
    """Return the ways, in the order in which they are run."""
    return [
        Way("**glove_registry**, first use", "subwords_this.py", fresh=True),
        Way("**glove_registry**, later uses", "subwords_this.py"),
        Way("gensim, each time", "subwords_gensim.py"),
    ]


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--scale", type=float, default=0.25, help="of words and buckets")
    add("--rounds", type=int, default=1)
    add("--limit", type=float, default=3600, help="seconds one process may take")
    add("--folder", type=Path, help="where files are written, and removed")
    options = parser.parse_args(arguments)
    words, buckets = round(WORDS * options.scale), round(BUCKETS * options.scale)
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)
        aside(write_model, folder, words, buckets, DIMENSION)
        size = (folder / "model.bin").stat().st_size
        print(
            f"Python {platform.python_version()}; {words:,} words and {buckets:,} "
            f"buckets of {DIMENSION} dimensions, {size / 1e9:.1f} GB\n"
        )
        ways = make_ways()
        for _ in range(options.rounds):
            for way in ways:
                way.runs.append(start(way, folder, options.limit))
        aside(compare, [folder / way.script for way in ways])
    print(write_table(ways), flush=True)


def write_model(folder: Path, words: int, buckets: int, dimension: int) -> None:
    """Write a model, and a list of words that are in it and of as many that are not."""
    letters = random.Random(157)  # noqa: S311 - words, not secrets
    # No two are the same, as each ends in its number.
    made = [
        "".join(letters.choices("etaoinshrdlu", k=letters.randint(2, 8))) + str(i)
        for i in range(words + ASKED)
    ]
    numbers = np.random.default_rng(157)
    with (folder / "model.bin").open("wb") as file:
        file.write(struct.pack("<2i", 793_712_314, 12))
        sizes = buckets, SHORTEST, LONGEST, 100
        file.write(struct.pack("<12id", dimension, 5, 5, 1, 10, 1, 2, 1, *sizes, 1e-5))
        file.write(struct.pack("<3i2q", words, words, 0, words, -1))
        for word in made[:words]:
            file.write(word.encode() + struct.pack("<xqb", 1, 0))
        for rows in (words + buckets, words):
            file.write(struct.pack("<?2q", False, rows, dimension))
            for first in range(0, rows, STEP):
                shape = min(STEP, rows - first), dimension
                file.write(numbers.standard_normal(shape, np.float32).data)
    asked = min(ASKED, words)
    known = letters.sample(made[:words], asked)
    chosen = {"known": known, "unknown": made[words : words + asked]}
    (folder / "words.json").write_text(json.dumps(chosen))


def start(way: Way, folder: Path, limit: float) -> Run:
    """Run a way to its end."""
    saved = folder / "saved"
    if way.fresh:
        shutil.rmtree(saved, ignore_errors=True)
    saved.mkdir(exist_ok=True)
    result = folder / way.script
    arguments = [str(folder), str(saved), str(result)]
    return run(way.script, arguments, saved, limit, folder / "bytecode")


def compare(results: Sequence[Path]) -> None:
    """Raise `SystemExit` if vectors differ by more than the order of additions."""
    first, *others = (np.fromfile(path, np.float32) for path in results)
    for other in others:
        if first.shape != other.shape or not np.allclose(
            first, other, rtol=0, atol=TOLERANCE * float(np.abs(first).max())
        ):
            raise SystemExit("the vectors differ")


def write_table(ways: Sequence[Way]) -> str:
    """Return the results as Markdown."""
    lines = [
        "| | to open, s | known words, s | unknown words, s | whole process, s "
        "| peak memory when opened, MB | in the end, MB | on disk, MB | runs |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for way in ways:
        times = " | ".join(
            f"{way.find_median(what):.2f}" for what in ("open", "known", "unknown")
        )
        whole = median(done.seconds for done in way.runs)
        peak = median(done.peak_mb for done in way.runs)
        disk = max(done.disk_mb for done in way.runs) if "this" in way.script else 0
        lines.append(
            f"| {way.title} | {times} | {whole:.1f} | {way.find_median('mb'):,.0f} "
            f"| {peak:,.0f} | {disk:,.0f} | {len(way.runs)} |"
        )
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    main()
