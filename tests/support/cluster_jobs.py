"""Jobs on clusters of two processes, which tests start as programs, as users do.

    python cluster_jobs.py ENGINE FOLDER

Each engine is a function here. It starts a cluster on this machine, embeds the texts in
the folder's `texts` with the variant of its `registry.yaml`, stops the cluster, and
returns a vector for each text, in order.
"""

import os
import sys
import time
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glove_registry import Embedder

VARIANT = "glove.6B.50d"
PROCESSES = 2
PATIENCE = 60.0  # seconds until a process goes on without another one


def embed(embedder: Embedder, folder: str, texts: Iterable[str]) -> NDArray[np.float32]:
    """Embed texts, and leave a file named after this process and its vectors."""
    vectors = embedder(texts)
    Path(folder, f"{os.getpid()}-{id(embedder.vectors)}").touch()
    # A process may take longer to start than another one to do all the work.
    deadline = time.monotonic() + PATIENCE
    while len(os.listdir(folder)) < PROCESSES and time.monotonic() < deadline:
        time.sleep(0.05)
    return vectors


def run_on_dask(texts: str, embed: Any) -> NDArray[np.float32]:
    """Embed on Dask: each partition of a series becomes a block of an array."""
    import dask.dataframe
    from distributed import Client, LocalCluster

    cluster = LocalCluster(
        n_workers=PROCESSES,
        threads_per_worker=2,
        memory_limit="2GB",
        dashboard_address=None,
    )
    with cluster, Client(cluster):
        column = dask.dataframe.read_parquet(texts)["text"]
        made = column.map_partitions(embed, meta=np.empty((0, 50), np.float32))
        found: NDArray[np.float32] = made.compute()
    return found


def run_on_ray(texts: str, embed: Any) -> NDArray[np.float32]:
    """Embed on Ray Data: each batch gets a column."""
    import ray

    ray.init(
        num_cpus=PROCESSES, include_dashboard=False, object_store_memory=300_000_000
    )
    try:
        frame = (
            ray.data.read_parquet(texts)
            .repartition(4 * PROCESSES)  # otherwise, small files are one task
            .map_batches(lambda rows: {"id": rows["id"], "vector": embed(rows["text"])})
            .to_pandas()
        )
    finally:
        ray.shutdown()
    return np.stack(frame.sort_values("id")["vector"])


def run_on_spark(texts: str, embed: Any) -> NDArray[np.float32]:
    """Embed on Spark: a function of a column, called with one part after the other."""
    import pandas as pd
    from pyspark.sql import SparkSession
    from pyspark.sql.functions import pandas_udf

    # By default, the workers run whichever python3 comes first on PATH.
    os.environ["PYSPARK_PYTHON"] = sys.executable
    session = (
        SparkSession.builder.master(f"local[{PROCESSES}]")
        .config("spark.driver.memory", "2g")
        .config("spark.ui.enabled", "false")
        .getOrCreate()
    )
    try:
        to_vectors = pandas_udf(
            lambda column: pd.Series(list(embed(column))), "array<float>"
        )
        frame = (
            session.read.parquet(texts)
            .select("id", to_vectors("text").alias("vector"))
            .toPandas()
        )
    finally:
        session.stop()
    return np.stack(frame.sort_values("id")["vector"])


ENGINES = {"dask": run_on_dask, "ray": run_on_ray, "spark": run_on_spark}


def main(engine: str, folder: str) -> None:
    """Run a job, and save its vectors."""
    place = Path(folder)
    embedder = Embedder(
        VARIANT, registry=place / "registry.yaml", cache_dir=place / "cache"
    )
    (place / "processes").mkdir()
    run = partial(embed, embedder, str(place / "processes"))
    np.save(place / "vectors.npy", ENGINES[engine](str(place / "texts"), run))


if __name__ == "__main__":
    main(*sys.argv[1:])
