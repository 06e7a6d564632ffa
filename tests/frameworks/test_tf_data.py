"""`to_tf_dataset` yields the rows of the file, in order or shuffled."""

import sys
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from entries import sha256, write_registry
from plain_rows import SAMPLE, join, read_rows, read_sample
from run_program import run_code

import glove_registry
from glove_registry import Vectors


@pytest.fixture
def vectors() -> Vectors:
    """The embedded sample."""
    return glove_registry.load(SAMPLE)


def test_rows_come_in_the_order_of_the_file(vectors: Vectors) -> None:
    """Index, word and vector of each row are those that a plain loop over it reads."""
    words, matrix = read_sample()
    dataset = vectors.to_tf_dataset()
    # A second epoch starts again.
    for _ in range(2):
        index, found, numbers = join(dataset.as_numpy_iterator())
        assert index == list(range(10_000))
        assert found == words
        assert numbers.tobytes() == matrix.tobytes()


@pytest.mark.parametrize("batch_size", [1, 3, 1024, 5000, 10_000, 20_000])
def test_batches_are_of_the_size_that_was_asked_for(
    batch_size: int, vectors: Vectors
) -> None:
    """All batches are full but the last, and the dataset knows how many there are."""
    dataset = vectors.to_tf_dataset(batch_size=batch_size)
    sizes = [len(element["word"]) for element in dataset.take(4)]
    full, rest = divmod(10_000, batch_size)
    expected = [batch_size] * full + [rest] * bool(rest)
    assert sizes == expected[:4]
    assert len(dataset) == len(expected)
    shuffled = vectors.to_tf_dataset(batch_size=batch_size, shuffle=True)
    assert len(shuffled) == len(expected)


@pytest.mark.parametrize("shuffle", [False, True])
def test_types_and_shapes_are_known(shuffle: bool, vectors: Vectors) -> None:
    """The dataset's element_spec has the right shapes and types."""
    spec = vectors.to_tf_dataset(shuffle=shuffle).element_spec
    assert spec == {
        "index": tf.TensorSpec((None,), tf.int64),
        "word": tf.TensorSpec((None,), tf.string),
        "vector": tf.TensorSpec((None, 50), tf.float32),
    }


def test_shuffled_rows_are_all_of_them_in_a_new_order(vectors: Vectors) -> None:
    """Every epoch has every row once, in another order than the last epoch."""
    words, matrix = read_sample()
    dataset = vectors.to_tf_dataset(batch_size=999, shuffle=True)
    passes = [join(dataset.as_numpy_iterator()) for _ in range(2)]
    for index, found, numbers in passes:
        assert sorted(index) == list(range(10_000))
        assert found == [words[row] for row in index]
        assert numbers.tobytes() == matrix[index].tobytes()
        # Not only within some window: the first batch comes from all over the file.
        assert np.ptp(index[:999]) > 9000
    assert passes[0][0] != passes[1][0]


def test_a_seed_gives_the_same_orders_again(vectors: Vectors) -> None:
    """Two datasets with one seed agree in every epoch; another seed differs."""

    def read_orders(seed: int) -> list[list[int]]:
        dataset = vectors.to_tf_dataset(shuffle=True, seed=seed)
        return [join(dataset.as_numpy_iterator())[0] for _ in range(2)]

    first = read_orders(1)
    assert first[0] != first[1]
    assert read_orders(1) == first
    assert read_orders(2)[0] != first[0]


def test_shuffled_passes_can_be_repeated_and_cut(vectors: Vectors) -> None:
    """`repeat` yields every row once an epoch, and `take` that many batches."""
    dataset = vectors.to_tf_dataset(batch_size=1000, shuffle=True)
    index, _, _ = join(dataset.repeat(2).as_numpy_iterator())
    assert sorted(index[:10_000]) == sorted(index[10_000:]) == list(range(10_000))
    assert index[:10_000] != index[10_000:]
    assert len(list(dataset.take(3))) == 3


@pytest.mark.filterwarnings("ignore:.* tokens (are not UTF-8|begin or end)")
def test_words_are_the_bytes_of_the_file(tmp_path: Path) -> None:
    """Tokens that are not UTF-8, end in NUL or are repeated are unchanged."""
    words = [b"caf\xe9", b"nul\x00", b"\x00", "naïve".encode(), b"twice", b"twice"]
    text = b"".join(b"%s %d 0.5\n" % (word, i) for i, word in enumerate(words))
    source = tmp_path / "odd.txt"
    source.write_bytes(text)
    registry = write_registry(
        tmp_path, "odd.2d", url=source.as_uri(), sha256=sha256(text)
    )
    vectors = glove_registry.load("odd.2d", registry=registry)
    for shuffle in (False, True):
        dataset = vectors.to_tf_dataset(batch_size=4, shuffle=shuffle)
        index, found, numbers = join(dataset.as_numpy_iterator())
        assert found == [words[row] for row in index]
        assert numbers.tolist() == [[row, 0.5] for row in index]


def test_layers_adapt_to_it(vectors: Vectors) -> None:
    """A lookup learns all the words from it, a normalization the numbers' mean."""
    words, matrix = read_sample()
    dataset = vectors.to_tf_dataset()
    lookup = keras.layers.StringLookup()
    lookup.adapt(dataset.map(lambda row: row["word"]))
    known = [word.encode() for word in lookup.get_vocabulary()[1:]]
    assert sorted(known) == sorted(words)
    normalization = keras.layers.Normalization()
    normalization.adapt(dataset.map(lambda row: row["vector"]))
    mean = matrix.mean(axis=0, dtype=np.float64)
    assert np.allclose(normalization.mean, mean, atol=1e-5)


def test_a_model_is_fitted_on_it(vectors: Vectors) -> None:
    """The loss of a model that memorizes the vectors decreases."""
    model = keras.Sequential([keras.Input((1,)), keras.layers.Embedding(10_000, 50)])
    model.compile(optimizer=keras.optimizers.Adam(0.1), loss="mse")
    dataset = vectors.to_tf_dataset(shuffle=True).map(
        lambda row: (row["index"][:, None], row["vector"][:, None])
    )
    # Keras would warn that it cannot shuffle a dataset.
    history = model.fit(dataset, epochs=4, verbose=0, shuffle=False)
    assert history.history["loss"][-1] < history.history["loss"][0] / 2


@pytest.mark.parametrize("batch_size", [0, -1, 1.5, 64.0, "64", None, True])
def test_what_is_no_batch_size_is_said_to_be_none(
    batch_size: object, vectors: Vectors
) -> None:
    """A batch size is an int of at least 1, numpy's own included; nothing else is."""
    with pytest.raises(ValueError, match=r"batch_size=.*expected an int of at least 1"):
        vectors.to_tf_dataset(batch_size=batch_size)  # type: ignore[arg-type]
    assert len(vectors.to_tf_dataset(batch_size=np.int32(5000))) == 2  # type: ignore[arg-type]


def test_a_seed_is_not_taken_for_a_wish_to_shuffle(vectors: Vectors) -> None:
    """`shuffle` is a bool; a number is an error that names `seed`."""
    with pytest.raises(ValueError, match=r"shuffle=42: expected True or False.*seed="):
        vectors.to_tf_dataset(shuffle=42)  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", ["1", 1.5, True, [1]])
def test_a_seed_is_an_int(seed: object, vectors: Vectors) -> None:
    """Anything else is an error, with or without shuffling, and not TensorFlow's."""
    for shuffle in (True, False):
        with pytest.raises(ValueError, match=r"^seed=.*: expected an int$"):
            vectors.to_tf_dataset(shuffle=shuffle, seed=seed)  # type: ignore[arg-type]
    assert len(vectors.to_tf_dataset(shuffle=True, seed=np.int32(-1))) == 10  # type: ignore[arg-type]


REPLICAS = f"""
import tensorflow as tf
cpu = tf.config.list_physical_devices("CPU")[0]
parts = [tf.config.LogicalDeviceConfiguration()] * 2
tf.config.set_logical_device_configuration(cpu, parts)
import glove_registry
strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
vectors = glove_registry.load("{SAMPLE}")
dataset = vectors.to_tf_dataset(batch_size=1000, shuffle=True)
seen = [[], []]
for element in strategy.experimental_distribute_dataset(dataset):
    for rows, part in zip(seen, strategy.experimental_local_results(element["index"])):
        rows += part.numpy().tolist()
assert sorted(seen[0] + seen[1]) == list(range(10_000)), "rows are lost or doubled"
print(len(seen[0]), len(seen[1]))
"""


@pytest.mark.slow
def test_replicas_share_the_rows() -> None:
    """Two replicas of a distribution strategy get half of the rows each, none twice."""
    assert run_code(REPLICAS).split() == ["5000", "5000"]


MEMORY = """
import sys
import glove_registry
def measure():
    (line,) = [x for x in open("/proc/self/status") if x.startswith("RssAnon")]
    return int(line.split()[1]) / 1024
vectors = glove_registry.load("real.50d", registry=sys.argv[1])
for element in vectors.to_tf_dataset().take(10):
    pass  # what TensorFlow itself needs
before = measure()
for element in vectors.to_tf_dataset():
    assert measure() - before < 40, "MB of the matrix's 80"
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux for the memory")
def test_the_matrix_is_never_copied_as_a_whole(real_registry: Path) -> None:
    """Iterating over all 80 MB takes less than half of that memory."""
    run_code(MEMORY, real_registry)


@pytest.fixture
def real_registry(real_text: Path, tmp_path: Path) -> Path:
    """A registry of the real glove.6B.50d."""
    digest = glove_registry.info("glove.6B.50d").member.sha256
    return write_registry(tmp_path, "real.50d", url=real_text.as_uri(), sha256=digest)


@pytest.mark.slow
def test_all_of_the_real_release_comes_through(
    real_text: Path, real_registry: Path
) -> None:
    """All 400,000 rows are those of the official file."""
    words, matrix = read_rows(real_text.read_bytes())
    vectors = glove_registry.load("real.50d", registry=real_registry)
    index, found, numbers = join(vectors.to_tf_dataset().as_numpy_iterator())
    assert index == list(range(400_000))
    assert found == words
    assert numbers.tobytes() == matrix.tobytes()


@pytest.mark.parametrize(
    "name", ["to_tf_dataset", "tokenize_tensor", "export_saved_model"]
)
def test_without_tensorflow_the_error_says_what_to_install(
    vectors: Vectors, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What needs TensorFlow names itself, and writes nothing."""
    monkeypatch.setitem(sys.modules, "tensorflow", None)
    given: dict[str, list[Any]] = {
        "tokenize_tensor": ["a film"],
        "export_saved_model": [tmp_path / "model"],
    }
    sentence = rf"{name}\(\) needs TensorFlow: pip install tensorflow"
    with pytest.raises(ModuleNotFoundError, match=sentence):
        getattr(vectors, name)(*given.get(name, []))
    assert not (tmp_path / "model").exists()
