"""The registry's variants are TFDS datasets, and open without this package."""

import errno
import json
import os
import pickle
import shutil
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn
from unittest import mock

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_datasets as tfds
from entries import SMALL, sha256, write_registry
from numpy.typing import NDArray
from plain_rows import SAMPLE, join, read_rows, read_sample
from run_program import run_code

import glove_registry
from glove_registry import Vectors
from glove_registry.errors import ChecksumError, RegistryError, UnverifiableError
from glove_registry.tfds import GloveRegistry, GloveRegistryBlocks

ROWS = f"glove_registry/{SAMPLE}"
BLOCKS = f"glove_registry_blocks/{SAMPLE}"


class BlocksTest(tfds.testing.DatasetBuilderTestCase):  # type: ignore[misc]
    """TFDS' own tests of a builder, for the block dataset."""

    DATASET_CLASS = GloveRegistryBlocks
    SPLITS = {"train": 10}  # noqa: RUF012 - TFDS has it so
    BUILDER_CONFIG_NAMES_TO_TEST = [SAMPLE]  # noqa: RUF012
    # There are no fake files to read, but TFDS looks for their folder.
    EXAMPLE_DIR = Path(__file__).parent


@pytest.mark.slow
class RowsTest(BlocksTest):
    """TFDS' own tests of a builder, for the dataset of rows."""

    DATASET_CLASS = GloveRegistry
    SPLITS = {"train": 10_000}  # noqa: RUF012


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """The folder for prepared data."""
    return tmp_path / "tfds"


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's registry with one small variant, `small.3d`, in GLOVE_REGISTRY_PATH."""
    return write_small(tmp_path, monkeypatch, SMALL)


def write_small(
    folder: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, **fields: object
) -> Path:
    """Write a small file of vectors, and a registry with it as `small.3d`."""
    text = folder / "small.txt"
    text.write_bytes(content)
    digest = {"sha256": sha256(content)}
    path = write_registry(
        folder, "small.3d", **{"url": text.as_uri(), **digest, **fields}
    )
    monkeypatch.setenv("GLOVE_REGISTRY_PATH", str(path))
    return path


def read(dataset: Any) -> tuple[list[int], list[bytes], NDArray[np.float32]]:
    """Read all rows of either dataset."""
    if dataset.element_spec["index"].shape.rank == 0:
        # Row by row, it would take ten times as long.
        dataset = dataset.batch(1000)
    return join(dataset.as_numpy_iterator())


@pytest.mark.parametrize(("name", "size"), [(ROWS, ()), (BLOCKS, (None,))])
def test_prepared_rows_are_those_of_the_file(
    name: str, size: tuple[None, ...], data_dir: Path
) -> None:
    """Both datasets have the rows that a plain loop reads, in the file's order."""
    words, matrix = read_sample()
    dataset = tfds.load(name, split="train", data_dir=data_dir)
    assert dataset.element_spec == {
        "index": tf.TensorSpec(size, tf.int64),
        "word": tf.TensorSpec(size, tf.string),
        "vector": tf.TensorSpec((*size, 50), tf.float32),
    }
    index, found, numbers = read(dataset)
    assert index == list(range(10_000))
    assert found == words
    assert numbers.tobytes() == matrix.tobytes()


def test_blocks_are_the_elements_of_to_tf_dataset(data_dir: Path) -> None:
    """The block dataset has the batches of `to_tf_dataset`, and unbatches to rows."""
    blocks = tfds.load(BLOCKS, split="train", data_dir=data_dir)
    batches = glove_registry.load(SAMPLE).to_tf_dataset()
    assert blocks.element_spec == batches.element_spec
    assert len(blocks) == len(batches)
    for block, batch in zip(blocks, batches, strict=True):
        assert all((block[key] == batch[key]).numpy().all() for key in batch)
    assert blocks.unbatch().element_spec["vector"].shape == (50,)


def test_supervised_pairs_are_words_and_vectors(data_dir: Path) -> None:
    """As supervised data, a word is the input and its vector the target."""
    pairs = tfds.load(BLOCKS, split="train", data_dir=data_dir, as_supervised=True)
    word, vector = next(iter(pairs))
    assert word[0] == b"the"
    assert vector.shape == (1024, 50)


def test_there_is_a_configuration_for_every_text_of_the_registry() -> None:
    """Configurations are named like variants, with revisions after a plus sign."""
    variants = glove_registry.list_variants("*")
    further = {
        f"{variant.name}+{revision}"
        for variant in variants
        for revision in variant.revisions[1:]
    }
    names = [config.name for config in GloveRegistry.BUILDER_CONFIGS]
    assert len(names) == len(set(names))
    assert set(names) == {variant.name for variant in variants} | further
    assert "glove.6B.50d+with-unk" in names
    assert set(GloveRegistryBlocks.builder_configs) == set(names)
    listed = tfds.core.load.list_full_names()
    assert {f"glove_registry/{name}/1.0.0" for name in names} <= set(listed)
    revision = tfds.builder("glove_registry/glove.6B.50d+with-unk").builder_config
    assert revision.variant.reference == "glove.6B.50d@with-unk"


@pytest.mark.usefixtures("small")
def test_a_users_registry_counts_also_after_the_import(data_dir: Path) -> None:
    """A variant of GLOVE_REGISTRY_PATH is a configuration at once."""
    dataset = tfds.load("glove_registry/small.3d", split="train", data_dir=data_dir)
    _, words, numbers = read(dataset)
    assert words == [b"the", b"of", b"film"]
    assert numbers.tolist()[0] == [1, 2, 3]


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("name", ["glove_registry", "glove_registry_blocks"])
def test_an_entry_need_not_state_its_dimension(name: str, data_dir: Path) -> None:
    """Without a dimension in the registry, the shape is unknown, the values right."""
    dataset = tfds.load(f"{name}/small.3d", split="train", data_dir=data_dir)
    assert dataset.element_spec["vector"].shape[-1] is None
    _, words, numbers = read(dataset)
    expected = read_rows(SMALL)
    assert words == expected[0]
    assert numbers.tolist() == expected[1].tolist()


@pytest.mark.filterwarnings("ignore:.* tokens (are not UTF-8|begin or end)")
@pytest.mark.parametrize("name", ["glove_registry", "glove_registry_blocks"])
def test_bytes_that_are_no_utf8_pass_through(
    name: str, tmp_path: Path, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Words are prepared as their bytes, even if these are not UTF-8."""
    write_small(tmp_path, monkeypatch, b"caf\xe9 1 2 3\nnul\x00 4 5 6\n")
    with pytest.warns(UserWarning, match="1 of 2 tokens are not UTF-8"):
        dataset = tfds.load(f"{name}/small.3d", split="train", data_dir=data_dir)
    assert read(dataset)[1] == [b"caf\xe9", b"nul\x00"]


def test_the_info_says_where_the_vectors_come_from(data_dir: Path) -> None:
    """Licence, citation, homepage and provenance are in the info, even reloaded."""
    tfds.builder(BLOCKS, data_dir=data_dir).download_and_prepare()
    info = tfds.builder(BLOCKS, data_dir=data_dir).info
    variant = glove_registry.info(SAMPLE)
    vectors = glove_registry.load(SAMPLE)
    assert info.redistribution_info.license == variant.license == "PDDL-1.0"
    assert info.citation.startswith("@inproceedings{pennington2014glove")
    assert info.homepage == variant.homepage
    assert info.supervised_keys == ("word", "vector")
    assert info.disable_shuffling
    assert vectors.provenance.items() <= dict(info.metadata).items()
    assert info.metadata["sha256"] == vectors.provenance["sha256"]


def test_rows_and_size_are_said_before_it_begins(
    data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Rows, dimension and bytes are printed, and the progress bar has an end."""
    tfds.builder(ROWS, data_dir=data_dir).download_and_prepare()
    told, bar = capsys.readouterr()
    assert f"{SAMPLE}: 10,000 rows of 50 numbers" in told
    assert "2.5" in told  # MiB
    assert "0/10000" in bar


def refuse(*args: object, **kwargs: object) -> NoReturn:
    """Fail, in place of a connection."""
    raise AssertionError("the network is used")


def test_no_network_is_used(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the vectors in the cache, preparing offline opens no connection."""
    glove_registry.load(SAMPLE)
    monkeypatch.setenv("GLOVE_REGISTRY_OFFLINE", "1")
    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(tf.io.gfile, "exists", refuse)
    assert len(tfds.load(BLOCKS, split="train", data_dir=data_dir)) == 10


def test_prepared_data_need_no_cache(data_dir: Path, cache_root: Path) -> None:
    """Prepared data are read without the vectors they were prepared from."""
    tfds.load(BLOCKS, data_dir=data_dir)
    shutil.rmtree(cache_root)
    assert len(tfds.load(BLOCKS, split="train", data_dir=data_dir)) == 10
    assert not cache_root.exists()


def test_whoever_is_second_uses_what_the_first_has_prepared(data_dir: Path) -> None:
    """Two processes can prepare the same data at the same time."""
    first, second = (tfds.builder(BLOCKS, data_dir=data_dir) for _ in range(2))
    generate = second._generate_examples

    def generate_slowly(vectors: Vectors) -> Iterator[Any]:
        yield from generate(vectors)
        first.download_and_prepare()

    with mock.patch.object(second, "_generate_examples", generate_slowly):
        second.download_and_prepare()
    assert [path.name for path in (data_dir / BLOCKS).iterdir()] == ["1.0.0"]
    for builder in (first, second):
        index, _, _ = read(builder.as_dataset(split="train"))
        assert index == list(range(10_000))


def test_a_builder_is_pickled(data_dir: Path) -> None:
    """A builder can be pickled for another process."""
    builder = tfds.builder(BLOCKS, data_dir=data_dir)
    copy = pickle.loads(pickle.dumps(builder))
    assert copy.builder_config is builder.builder_config
    assert copy.data_path == builder.data_path


def test_an_unknown_configuration_is_an_error_with_near_names(data_dir: Path) -> None:
    """An unknown name is an error that lists the known ones."""
    with pytest.raises(ValueError, match=r"glove\.6B\.50d"):
        tfds.load("glove_registry/glove.6B.50", data_dir=data_dir)


def test_what_load_refuses_is_refused(data_dir: Path) -> None:
    """Vectors without a checksum are not prepared, and nothing is left behind."""
    with pytest.raises(UnverifiableError, match="no checksum"):
        tfds.load("glove_registry/glove.2024.dolma.300d", data_dir=data_dir)
    assert not data_dir.exists()


def test_a_broken_registry_is_an_error_of_its_user(small: Path, data_dir: Path) -> None:
    """An error in a registry file is reported with its place, at first use."""
    small.write_text("variants:\n  small.3d:\n    ulr: x\n")
    with pytest.raises(RegistryError, match=r"registry.yaml:3:\d+: .*ulr"):
        tfds.load(BLOCKS, data_dir=data_dir)


def test_data_of_another_text_are_not_taken_for_the_registrys(
    tmp_path: Path, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the entry has another file now, prepared data are refused."""
    name = "glove_registry/small.3d"
    write_small(tmp_path, monkeypatch, SMALL)
    tfds.load(name, data_dir=data_dir)
    write_small(tmp_path, monkeypatch, SMALL.replace(b"film", b"cine"))
    with pytest.raises(ChecksumError, match=sha256(SMALL) + ".*remove that folder"):
        tfds.load(name, data_dir=data_dir)
    shutil.rmtree(data_dir / name)
    dataset = tfds.load(name, split="train", data_dir=data_dir)
    assert read(dataset)[1] == [b"the", b"of", b"cine"]


def test_an_entry_may_learn_the_hash_of_its_text(
    tmp_path: Path, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prepared data are reused if the entry identifies the same file differently."""
    write_small(tmp_path, monkeypatch, SMALL)
    tfds.load("glove_registry/small.3d", data_dir=data_dir)
    digest = sha256(SMALL)
    write_small(tmp_path, monkeypatch, SMALL, member={"sha256": digest})
    assert tfds.load("glove_registry/small.3d", split="train", data_dir=data_dir)


@pytest.mark.parametrize("left", ["dataset_info.json", "features.json"])
def test_half_a_folder_is_not_taken_for_whole(left: str, data_dir: Path) -> None:
    """A partially copied folder is an error that explains what to do."""
    tfds.load(BLOCKS, data_dir=data_dir)
    folder = data_dir / BLOCKS / "1.0.0"
    for path in folder.iterdir():
        if path.name != left:
            path.unlink()
    with pytest.raises(ChecksumError, match="remove that folder"):
        tfds.load(BLOCKS, data_dir=data_dir)


def test_another_version_is_an_error_that_names_the_one_there_is(
    data_dir: Path,
) -> None:
    """A version that was not prepared, or is in the wrong folder, is an error."""
    with pytest.raises(AssertionError, match=r"0\.9\.0.*1\.0\.0"):
        tfds.load(f"{BLOCKS}:0.9.0", data_dir=data_dir)
    tfds.load(BLOCKS, data_dir=data_dir)
    info = data_dir / BLOCKS / "1.0.0" / "dataset_info.json"
    text = info.read_text()
    assert '"version": "1.0.0"' in text
    info.write_text(text.replace('"version": "1.0.0"', '"version": "0.9.0"'))
    with pytest.raises(AssertionError, match=r"1\.0\.0(.|\n)*0\.9\.0"):
        tfds.load(BLOCKS, data_dir=data_dir)


def test_too_small_a_disk_is_told_before_it_is_filled(data_dir: Path) -> None:
    """If the disk is too full for the data, nothing is written."""
    data_dir.mkdir()
    usage = shutil.disk_usage(data_dir)._replace(free=1 << 20)
    builder = tfds.builder(BLOCKS, data_dir=data_dir)
    vectors = glove_registry.load(SAMPLE)
    with (
        mock.patch("shutil.disk_usage", return_value=usage),
        pytest.raises(OSError, match=r"\b2\.\d+ "),  # the MiB that it needs
    ):
        builder.download_and_prepare()
    assert len(vectors) == 10_000
    assert not list(data_dir.iterdir())


FULL = f"""
import resource, sys
import tensorflow_datasets as tfds
import glove_registry.tfds
glove_registry.load("{SAMPLE}")
_, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
for limit in sys.argv[2:]:
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), hard))
    try:
        tfds.load("{BLOCKS}", data_dir=sys.argv[1])
    except Exception as error:
        print("told:", error)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="has no such limits")
def test_nothing_half_is_left_on_a_disk_that_fills(data_dir: Path) -> None:
    """A write error is raised, and the partial file is removed."""
    told = run_code(FULL, data_dir, 500, 1_000_000, 2_107_000).split("told: ")[1:]
    assert len(told) == 3
    assert all(os.strerror(errno.EFBIG) in error for error in told)
    assert not list((data_dir / BLOCKS).iterdir())
    assert len(tfds.load(BLOCKS, split="train", data_dir=data_dir)) == 10


@pytest.mark.parametrize("name", [ROWS, BLOCKS])
def test_order_is_kept_where_tfds_sorts_on_disk(name: str, data_dir: Path) -> None:
    """Data that TFDS sorts on disk are spread over many buckets, in file order."""
    from tensorflow_datasets.core import shuffle

    filled = []
    delete = shuffle._Bucket.del_file

    def delete_and_count(bucket: Any) -> None:
        filled.append(len(bucket))
        delete(bucket)

    with (
        mock.patch.object(shuffle, "MAX_MEM_BUFFER_SIZE", 1 << 20),
        mock.patch.object(shuffle._Bucket, "del_file", delete_and_count),
    ):
        dataset = tfds.load(name, split="train", data_dir=data_dir)
    # One bucket at a time is in memory.
    assert max(filled) <= 10
    assert read(dataset)[0] == list(range(10_000))


@pytest.mark.skipif(sys.platform != "linux", reason="array_record is for Linux")
@pytest.mark.parametrize("name", [ROWS, BLOCKS])
def test_rows_are_read_at_random_from_array_record(name: str, data_dir: Path) -> None:
    """A data source has the same examples, by index."""
    words, matrix = read_sample()
    builder = tfds.builder(name, data_dir=data_dir, file_format="array_record")
    builder.download_and_prepare()
    source = builder.as_data_source(split="train")
    example = source[7]
    rows = np.atleast_1d(example["index"]).tolist()
    assert rows == ([7] if name == ROWS else list(range(7 * 1024, 8 * 1024)))
    found = np.atleast_1d(np.array(example["word"], object)).tolist()
    assert found == [words[row] for row in rows]
    assert np.atleast_2d(example["vector"]).tobytes() == matrix[rows].tobytes()


ALONE = """
import hashlib, json, sys
sys.modules["glove_registry"] = None
import numpy as np
import tensorflow_datasets as tfds

def describe(builder):
    words, vectors = hashlib.sha256(), hashlib.sha256()
    for example in builder.as_dataset(split="train").as_numpy_iterator():
        for word in np.atleast_1d(example["word"]):
            words.update(word + bytes([10]))
        vectors.update(example["vector"].tobytes())
    info = builder.info
    return {
        "words": words.hexdigest(),
        "vectors": vectors.hexdigest(),
        "shape": info.features["vector"].shape,
        "keys": info.supervised_keys,
        "license": info.redistribution_info.license,
        "homepage": info.homepage,
        "citation": info.citation[:14],
        "text": info.metadata["sha256"],
    }

folder, *names = sys.argv[1:]
tfds.core.add_data_dir(folder)
found = [describe(tfds.builder(name)) for name in names]
for name in names:
    builder = tfds.builder_from_directory(f"{folder}/{name}/1.0.0")
    found.append(describe(builder))
print(json.dumps(found))
"""


@pytest.mark.slow
def test_prepared_data_open_without_this_package(data_dir: Path) -> None:
    """A process that cannot import the package reads rows, types and provenance."""
    tfds.load(ROWS, data_dir=data_dir)
    tfds.load(BLOCKS, data_dir=data_dir)
    words, matrix = read_sample()
    rows = {
        "words": sha256(b"".join(word + b"\n" for word in words)),
        "vectors": sha256(matrix.tobytes()),
        "shape": [50],
        "keys": ["word", "vector"],
        "license": "PDDL-1.0",
        "homepage": "https://nlp.stanford.edu/projects/glove/",
        "citation": "@inproceedings",
        "text": glove_registry.load(SAMPLE).provenance["sha256"],
    }
    blocks = {**rows, "shape": [None, 50]}
    found = json.loads(run_code(ALONE, data_dir, ROWS, BLOCKS).splitlines()[-1])
    assert found == [rows, blocks] * 2


@pytest.mark.slow
@pytest.mark.parametrize("name", ["glove_registry", "glove_registry_blocks"])
def test_all_of_the_real_release_is_prepared(
    name: str, real_text: Path, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All 400,000 rows are those of the official file, under its own name."""
    digest = glove_registry.info("glove.6B.50d").member.sha256
    registry = write_registry(
        data_dir.parent,
        "glove.6B.50d",
        override=True,
        url=real_text.as_uri(),
        sha256=digest,
    )
    monkeypatch.setenv("GLOVE_REGISTRY_PATH", str(registry))
    dataset = tfds.load(f"{name}/glove.6B.50d", split="train", data_dir=data_dir)
    words, matrix = read_rows(real_text.read_bytes())
    index, found, numbers = read(dataset)
    assert index == list(range(400_000))
    assert found == words
    assert numbers.tobytes() == matrix.tobytes()
