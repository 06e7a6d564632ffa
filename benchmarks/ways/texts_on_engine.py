"""Texts to vectors on one engine: seconds to start and to embed, memory of workers."""

import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from glove_registry import Embedder

Run = Callable[[str], NDArray[np.float32]]


def note_memory(folder: str) -> None:
    """Write the peak memory of this process in MB to a file named after it."""
    status = Path("/proc/self/status").read_text()
    peak = int(status.partition("VmHWM:")[2].split()[0]) * 1024 / 1e6
    Path(folder, str(os.getpid())).write_text(f"{peak}")


def embed(texts: Iterable[str], embedder: Embedder, folder: str) -> NDArray[np.float32]:
    """Embed texts on a worker."""
    vectors = embedder(texts)
    note_memory(folder)
    return vectors


@contextmanager
def on_no_engine(embedder: Embedder, folder: str, processes: int) -> Iterator[Run]:
    """Embed in this process."""
    yield lambda texts: embed(pd.read_parquet(texts)["text"], embedder, folder)


@contextmanager
def on_dask(embedder: Embedder, folder: str, processes: int) -> Iterator[Run]:
    """Embed the partitions of a series on workers with one thread."""
    import dask.dataframe
    from distributed import Client

    def run(texts: str) -> NDArray[np.float32]:
        column = dask.dataframe.read_parquet(texts)["text"]
        meta = np.empty((0, embedder.vectors.dimension), np.float32)
        made = column.map_partitions(embed, embedder, folder, meta=meta)
        found: NDArray[np.float32] = made.compute()
        return found

    with Client(n_workers=processes, threads_per_worker=1, dashboard_address=None):
        yield run


@contextmanager
def on_ray(embedder: Embedder, folder: str, processes: int) -> Iterator[Run]:
    """Embed batches of columns."""
    import ray

    def add_vectors(rows: Any) -> Any:
        return {"id": rows["id"], "vector": embed(rows["text"], embedder, folder)}

    def run(texts: str) -> NDArray[np.float32]:
        data = ray.data.read_parquet(texts).repartition(4 * processes)
        frame = data.map_batches(add_vectors).to_pandas()
        return np.stack(frame.sort_values("id")["vector"])

    ray.init(
        num_cpus=processes, include_dashboard=False, object_store_memory=300_000_000
    )
    yield run
    ray.shutdown()


@contextmanager
def on_spark(embedder: Embedder, folder: str, processes: int) -> Iterator[Run]:
    """Embed a column by a pandas UDF."""
    from pyspark.sql import SparkSession
    from pyspark.sql.functions import pandas_udf

    os.environ["PYSPARK_PYTHON"] = sys.executable
    builder = SparkSession.builder.master(f"local[{processes}]")
    session = builder.config("spark.ui.enabled", "false").getOrCreate()

    def run(texts: str) -> NDArray[np.float32]:
        to_vectors = pandas_udf(
            lambda column: pd.Series(list(embed(column, embedder, folder))),
            "array<float>",
        )
        frame = session.read.parquet(texts)
        frame = frame.select("id", to_vectors("text").alias("vector")).toPandas()
        return np.stack(frame.sort_values("id")["vector"])

    yield run
    session.stop()


@contextmanager
def on_beam(embedder: Embedder, folder: str, processes: int) -> Iterator[Run]:
    """Embed on Beam's local runner, which starts its processes for each job."""
    import apache_beam as beam
    from apache_beam.options.pipeline_options import PipelineOptions

    from glove_registry.beam import EmbedTexts

    class Note(beam.DoFn):  # type: ignore[misc]
        def setup(self) -> None:
            self._count = 0

        def process(self, element: Any) -> Iterator[str]:
            self._count += 1
            if self._count % 100 == 1:
                note_memory(folder)
            yield f"{element[0]} {element[1].tobytes().hex()}"

    options = PipelineOptions(
        [], direct_num_workers=processes, direct_running_mode="multi_processing"
    )

    def run(texts: str) -> NDArray[np.float32]:
        rows = pd.read_parquet(texts)
        output = Path(f"{texts}-{time.monotonic_ns()}")
        with beam.Pipeline(options=options) as pipeline:
            made = (
                pipeline
                | beam.Create(list(zip(rows["id"], rows["text"], strict=True)))
                | EmbedTexts(embedder.vectors)
                | beam.ParDo(Note())
            )
            made | beam.io.WriteToText(str(output / "lines"))
        lines = [
            line.split()
            for path in output.iterdir()
            for line in path.read_text().splitlines()
        ]
        lines.sort(key=lambda line: int(line[0]))
        joined = b"".join(bytes.fromhex(digits) for _, digits in lines)
        return np.frombuffer(joined, np.float32)

    yield run


ENGINES = {
    "none": on_no_engine,
    "dask": on_dask,
    "ray": on_ray,
    "spark": on_spark,
    "beam": on_beam,
}


def main(engine: str, folder: str, processes: str, rounds: str) -> None:
    """Measure an engine, and print what was measured."""
    place = Path(folder)
    memory = place / f"memory-{engine}"
    memory.mkdir()
    embedder = Embedder(
        "plain", registry=place / "registry.yaml", cache_dir=place / "cache"
    )
    start = time.perf_counter()
    with ENGINES[engine](embedder, str(memory), int(processes)) as run:
        # Workers have started and mapped the vectors.
        run(str(place / "few"))
        started = time.perf_counter() - start
        seconds = []
        for _ in range(int(rounds)):
            start = time.perf_counter()
            vectors = run(str(place / "many"))
            seconds.append(time.perf_counter() - start)
        peaks = [float(path.read_text()) for path in memory.iterdir()]
    digest = sha256(vectors.tobytes()).hexdigest()
    print(json.dumps([started, seconds, peaks, digest]))


if __name__ == "__main__":
    main(*sys.argv[1:])
