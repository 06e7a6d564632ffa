"""Compare neighbours and analogies with gensim's, in time and memory.

    python benchmarks/analysis.py --text glove.6B.50d.txt \
        --questions questions-words.txt

The questions are Google's, which gensim has among its test data. Each measurement is a
separate process, in turn with the other's (A B A B ...), from vectors that each has
saved before; ratios are computed round by round. The clock starts after the imports.
Memory is the peak of the whole process, mapped files included. Scores and right answers
are compared.
"""

import argparse
import json
import os
import platform
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path
from statistics import median
from typing import Any

from measure import Run, run
from texts import aside

THIS, GENSIM = "words_this.py", "words_gensim.py"


@dataclass(frozen=True)
class Task:
    """Something to measure.

    Attributes
    ----------
    key, title : str
    count : int
        Number of words to ask about.
    rounds : int
    """

    key: str
    title: str
    count: int
    rounds: int

    def compare(self, this: Sequence[Run], other: Sequence[Run]) -> str:
        """Return a row of the table."""
        ours, theirs = ([read(done)[0] for done in runs] for runs in (this, other))
        ratios = [b / a for a, b in zip(ours, theirs, strict=True)]
        memory = [median(done.peak_mb for done in runs) for runs in (this, other)]
        return (
            f"| {self.title} | {show(median(ours))} | {show(median(theirs))} "
            f"| {median(ratios):.1f} ({min(ratios):.1f}-{max(ratios):.1f}) "
            f"| {memory[0]:,.0f} | {memory[1]:,.0f} |"
        )


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and print tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--text", type=Path, required=True, help="a text of GloVe's")
    add("--questions", type=Path, required=True, help="questions-words.txt")
    add("--many", type=int, default=10_000, help="words to ask about at once")
    add("--rounds", type=int, default=5, help="rounds of what takes less than seconds")
    add("--long-rounds", type=int, default=1, help="rounds of what takes longer")
    add("--index", action="store_true", help="also the approximate index")
    add("--large", help="also synthetic vectors of this shape: 2196017x300")
    add("--limit", type=float, default=3600, help="seconds one process may take")
    add("--folder", type=Path, help="where files are written, and removed")
    options = parser.parse_args(arguments)
    print(f"{platform.python_version()}, {os.cpu_count()} cores\n")
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        bench = Bench(options, Path(folder))
        text = Path(folder, "vectors.txt")
        text.symlink_to(options.text.absolute())
        bench.compare_with_gensim(text)
        if options.index:
            bench.measure_index(text)
            mixed = Path(folder, "mixed-200000x300.bin")
            aside(write_mixed, options.text, mixed, 200_000, 300)
            bench.measure_index(mixed)
        if options.large:
            large = Path(folder, "large.bin")
            aside(write_random, large, *map(int, options.large.split("x")))
            bench.measure_large(large)


class Bench:
    """One run of the benchmark in its own folder."""

    def __init__(self, options: argparse.Namespace, folder: Path) -> None:
        self._options, self._folder = options, folder

    def compare_with_gensim(self, text: Path) -> None:
        """Compare all tasks, and print a table."""
        options = self._options
        quick, slow = options.rounds, options.long_rounds
        many = options.many
        print(
            "| | glove_registry | gensim | times faster | peak memory, MB | gensim |\n"
            "|---|---|---|---|---|---|"
        )
        for task in (
            Task("first", "first word of a process", 1, quick),
            Task("warm", "one word, later", 100, quick),
            Task("many", f"{many:,} words", many, slow),
            Task("analogies", "all of Google's analogies", 1, slow),
        ):
            this: list[Run] = []
            other: list[Run] = []
            for number in range(task.rounds + 1):
                # The first round saves the vectors, and what is computed from them.
                if number == 0 and task.key != "first":
                    continue
                for script, runs in ((THIS, this), (GENSIM, other)):
                    done = self._start(script, task, text)
                    if number:
                        runs.append(done)
            results = [read(this[0])[1], read(other[0])[1]]
            if abs(results[0] - results[1]) > 1e-5 * max(1, abs(results[0])):
                raise SystemExit(f"{task.title}: results differ: {results}")
            print(task.compare(this, other), flush=True)
        print()

    def measure_index(self, file: Path) -> None:
        """Build an index, and compare it with the exact search."""
        rounds = self._options.rounds
        index = Task("index", "", 1, 1)
        self._start(THIS, Task("first", "", 1, 1), file)
        built = self._start(THIS, index, file)
        seconds, recall = read(built)
        exact, near = ([], [])
        for _ in range(rounds):
            for key, times in (("warm", exact), ("approximate", near)):
                task = Task(key, "", 200, 1)
                times.append(read(self._start(THIS, task, file))[0])
        ratios = [a / b for a, b in zip(exact, near, strict=True)]
        print(
            f"index of {file.name}: built in {seconds:.0f} s with "
            f"{built.peak_mb:,.0f} MB, recall@10 {recall:.4f}; one word takes "
            f"{show(median(near))}, exactly {show(median(exact))}: "
            f"{median(ratios):.0f} ({min(ratios):.0f}-{max(ratios):.0f}) times faster",
            flush=True,
        )

    def measure_large(self, file: Path) -> None:
        """Ask large vectors for one word and for many, with the memory it takes."""
        size = file.stat().st_size / 1e6
        self._start(THIS, Task("first", "", 1, 1), file)
        for task in (
            Task("first", "first word of a process", 1, 1),
            Task("warm", "one word, later", 5, 1),
            Task("many", "1,000 words", 1000, 1),
        ):
            done = self._start(THIS, task, file)
            print(
                f"{self._options.large}: {task.title} {show(read(done)[0])}, peak "
                f"{done.peak_mb:,.0f} MB, vectors {size:,.0f} MB",
                flush=True,
            )

    def _start(self, script: str, task: Task, file: Path) -> Run:
        saved = self._folder / f"{script}-{file.name}"
        saved.mkdir(exist_ok=True)
        registry = Path(f"{file}.yaml")
        if not registry.exists():
            with file.open("rb") as opened:
                sha256 = file_digest(opened, "sha256").hexdigest()
            entry = {"url": file.as_uri(), "sha256": sha256}
            # JSON is YAML, too.
            registry.write_text(json.dumps({"variants": {"plain": entry}}))
        questions = str(self._options.questions.absolute())
        arguments = [task.key, str(file), str(saved), questions, str(task.count)]
        limit, bytecode = self._options.limit, self._folder / "bytecode"
        done = run(script, arguments, saved, limit, bytecode)
        print(f"  {script} {task.key}: {done.output}", file=sys.stderr, flush=True)
        return done


def write_mixed(*arguments: Any) -> None:
    """Write vectors, as `binary` does, which needs numpy."""
    import binary

    binary.write_mixed(*arguments)


def write_random(*arguments: Any) -> None:
    """Write vectors, as `binary` does, which needs numpy."""
    import binary

    binary.write_random(*arguments)


def read(done: Run) -> tuple[float, float]:
    """Return the seconds and the result that a process printed."""
    seconds, result = json.loads(done.output.splitlines()[-1])
    return float(seconds), float(result)


def show(seconds: float) -> str:
    """Return a time with its unit."""
    if seconds >= 1:
        return f"{seconds:.1f} s"
    return f"{seconds * 1000:.1f} ms" if seconds >= 0.001 else f"{seconds * 1e6:.0f} µs"


if __name__ == "__main__":
    main()
