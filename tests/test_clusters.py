"""Texts become the same vectors on clusters of several processes as in one."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import cluster_jobs
import numpy as np
import pandas as pd
import pytest
from beam_jobs import TEXTS, read_sentences
from entries import write_registry
from needed_engines import require_engine

import glove_registry

# The engines are an optional extra.
pytestmark = pytest.mark.slow

# A job takes less than a minute on an idle machine.
LIMIT = 600


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder whose path is short enough for Ray's sockets."""
    with tempfile.TemporaryDirectory(prefix="job-") as name:
        yield Path(name)


def start_job(engine: str, folder: Path) -> None:
    """Run a job as a program, and end all its processes if it takes too long."""
    # The engines write to the home folder, and Ray reports to its makers.
    environment = {
        **os.environ,
        "HOME": str(folder),
        "RAY_TMPDIR": str(folder),
        "RAY_USAGE_STATS_ENABLED": "0",
    }
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, cluster_jobs.__file__, engine, str(folder)],
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            status = process.wait(LIMIT)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
    assert status == 0, (folder / "output").read_text("utf-8", "replace")[-10_000:]


PACKAGES = {"dask": "distributed", "ray": "ray", "spark": "pyspark"}


@pytest.mark.parametrize("engine", PACKAGES)
def test_a_cluster_gives_the_vectors_of_one_process(
    engine: str, real_text: Path, folder: Path
) -> None:
    """Real texts get the same bytes, from processes that open the vectors once."""
    require_engine(PACKAGES[engine])
    texts = list(islice(read_sentences(), TEXTS))
    frame = pd.DataFrame({"id": range(TEXTS), "text": texts})
    (folder / "texts").mkdir()
    parts = np.array_split(np.arange(TEXTS), 8)
    for number, part in enumerate(parts):
        frame.iloc[part].to_parquet(folder / "texts" / f"{number}.parquet", index=False)
    digest = glove_registry.info(cluster_jobs.VARIANT).member.sha256
    entry = {"url": real_text.as_uri(), "sha256": digest, "override": True}
    registry = write_registry(folder, cluster_jobs.VARIANT, **entry)
    vectors = glove_registry.load(
        cluster_jobs.VARIANT, registry=registry, cache_dir=folder / "cache"
    )
    start_job(engine, folder)
    found = np.load(folder / "vectors.npy")
    assert found.dtype == np.float32
    assert found.tobytes() == vectors.embed(texts).tobytes()
    opened = [path.name.split("-") for path in (folder / "processes").iterdir()]
    processes = {process for process, _ in opened}
    assert len(processes) == len(opened) >= cluster_jobs.PROCESSES
