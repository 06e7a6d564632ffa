"""TFDS prepares the same data on Apache Beam as without it."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow_datasets as tfds
from entries import write_registry
from plain_rows import SAMPLE, join, read_sample

import glove_registry
import glove_registry.tfds

# Beam is an optional extra.
pytestmark = pytest.mark.slow

FORMS = ["glove_registry", "glove_registry_blocks"]


def prepare(name: str, data_dir: Path, **options: Any) -> Any:
    """Prepare a dataset with two processes, and return its builder."""
    from apache_beam.options.pipeline_options import PipelineOptions

    builder = tfds.builder(name, data_dir=data_dir)
    beam_options = PipelineOptions(
        [], direct_num_workers=2, direct_running_mode="multi_processing"
    )
    builder.download_and_prepare(
        download_config=tfds.download.DownloadConfig(
            beam_options=beam_options, **options
        )
    )
    return builder


@pytest.mark.parametrize("form", FORMS)
def test_rows_are_those_of_the_file_in_its_order(form: str, tmp_path: Path) -> None:
    """Two processes and three shards give the rows that a plain loop reads."""
    words, matrix = read_sample()
    builder = prepare(f"{form}/{SAMPLE}", tmp_path, num_shards=3)
    assert builder.info.splits["train"].num_shards == 3
    dataset = builder.as_dataset(
        split="train", read_config=tfds.ReadConfig(interleave_cycle_length=1)
    )
    index, found, numbers = join(dataset.as_numpy_iterator())
    assert index == list(range(10_000))
    assert found == words
    assert numbers.tobytes() == matrix.tobytes()
    # Compared with the registry again, the data are accepted.
    assert tfds.builder(f"{form}/{SAMPLE}", data_dir=tmp_path).is_prepared()


def test_the_real_release_is_prepared_on_beam(
    real_text: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All 400,000 rows of glove.6B.50d come out equal to the store."""
    digest = glove_registry.info("glove.6B.50d").member.sha256
    entry = {"url": real_text.as_uri(), "sha256": digest, "override": True}
    registry = write_registry(tmp_path, "glove.6B.50d", **entry)
    monkeypatch.setenv("GLOVE_REGISTRY_PATH", str(registry))
    builder = prepare("glove_registry_blocks/glove.6B.50d", tmp_path / "data")
    blocks = builder.as_dataset(split="train").as_numpy_iterator()
    index, words, numbers = join(blocks)
    vectors = glove_registry.load("glove.6B.50d")
    assert index == list(range(400_000))
    assert words == vectors.tokens.read_bytes(np.arange(400_000))
    assert numbers.tobytes() == vectors.matrix.tobytes()
    assert builder.info.metadata["sha256"] == digest


def test_without_beam_the_command_to_install_it_is_said(tmp_path: Path) -> None:
    """Without Beam, the error explains how to install it, and nothing is left."""
    code = """
import sys
sys.modules["apache_beam"] = None
import tensorflow_datasets as tfds
import glove_registry.tfds
builder = tfds.builder(sys.argv[1], data_dir=sys.argv[2])
config = tfds.download.DownloadConfig(beam_runner="DirectRunner")
builder.download_and_prepare(download_config=config)
"""
    data_dir = tmp_path / "data"
    done = subprocess.run(
        [sys.executable, "-c", code, f"glove_registry/{SAMPLE}", str(data_dir)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "pip install 'glove_registry[beam]'" in done.stderr.splitlines()[-1]
    assert not list(data_dir.rglob("*1.0.0*"))
