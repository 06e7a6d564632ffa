"""Vectors of any type of numbers are used as those of float32 are."""

from pathlib import Path

import keras
import numpy as np
import pytest
from exported_files import READERS
from number_stores import make_store, read_plainly
from numpy.typing import NDArray
from plain_rows import join, read_sample

from glove_registry import Vectors
from glove_registry.store import Store
from glove_registry.store.numbers import NUMBER_TYPES
from glove_registry.text.pooling import pool_texts

COUNT = 400
ASKED = ["film", "unheardof", "the", "Film"]


@pytest.fixture(params=NUMBER_TYPES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """The first rows of the embedded sample, in a store of each type."""
    words, numbers = read_sample()
    listed = [word.decode() for word in words[:COUNT]]
    return make_store(tmp_path, numbers[:COUNT], request.param, listed)


@pytest.fixture
def vectors(store: Store) -> Vectors:
    """What people hold."""
    return Vectors(store)


@pytest.fixture
def table(store: Store) -> dict[str, NDArray[np.float32]]:
    """Each word's vector, as numpy alone reads it."""
    words, _ = read_sample()
    return {
        word.decode(): vector
        for word, vector in zip(words[:COUNT], read_plainly(store), strict=True)
    }


def test_words_have_float32(
    vectors: Vectors, table: dict[str, NDArray[np.float32]]
) -> None:
    """One word, several, all and some with a default are float32 of the same values."""
    zeros = np.zeros(50, np.float32)
    expected = np.stack([table["film"], zeros, table["the"], table["film"]])
    for found in (
        np.stack([vectors["film"], zeros, vectors["the"], vectors["film"]]),
        np.stack([vectors.get(word.lower(), zeros) for word in ASKED]),
        vectors.lookup(ASKED),
        vectors.embedding_matrix(ASKED, case="fallback"),
    ):
        assert found.dtype == np.float32
        assert found.tobytes() == expected.tobytes()
    assert vectors[["film", "the"]].tobytes() == expected[[0, 2]].tobytes()
    assert vectors.matrix.tobytes() == np.stack([*table.values()]).tobytes()
    assert not vectors.matrix.flags.writeable
    assert vectors.matrix is vectors.matrix


@pytest.mark.parametrize("dtype", ["float16", "float64", "bfloat16"])
def test_other_types_are_given_if_asked_for(
    dtype: str, vectors: Vectors, table: dict[str, NDArray[np.float32]]
) -> None:
    """A lookup has the type that it is asked for, whatever is on disk."""
    found = vectors.lookup(["film", "the"], dtype=dtype)
    assert found.dtype.name == dtype
    expected = np.stack([table["film"], table["the"]]).astype(found.dtype)
    assert found.tobytes() == expected.tobytes()


def test_rules_for_unknown_words_know_the_numbers(
    vectors: Vectors, table: dict[str, NDArray[np.float32]]
) -> None:
    """The mean is that of the numbers on disk."""
    mean = np.mean([v.astype(np.float64) for v in table.values()], axis=0)
    (found,) = vectors.lookup(["unheardof"], oov="mean")
    assert np.abs(found - mean).max() < 1e-6


def test_the_type_is_part_of_the_provenance(vectors: Vectors, store: Store) -> None:
    """Who reads a result years later knows what numbers it came from."""
    assert vectors.provenance["dtype"] == store.manifest.dtype
    assert vectors.shape == (COUNT, 50)


def test_a_layer_has_these_vectors(
    vectors: Vectors, table: dict[str, NDArray[np.float32]]
) -> None:
    """A Keras layer starts from them, and computes in its own type."""
    words = ["film", "the", "unheardof"]
    layer = vectors.to_keras_layer(["", *words])
    found = keras.ops.convert_to_numpy(layer(np.array([[1, 2, 3, 0]])))[0]
    assert found.dtype == np.float32
    assert (found[:2] == [table["film"], table["the"]]).all()
    assert not found[2:].any()


def test_texts_become_vectors(
    vectors: Vectors, table: dict[str, NDArray[np.float32]]
) -> None:
    """Texts are pooled from these vectors by numpy and in Keras alike."""
    mean = (table["film"].astype(np.float64) + table["the"]) / 2
    pooled = pool_texts(vectors, [["film", "the", "unheardof"]])
    assert np.abs(pooled - mean).max() < 1e-6
    layer = vectors.to_text_layer(["film", "the"])
    text = keras.ops.convert_to_tensor(["The film, unheardof"])
    (embedded,) = keras.ops.convert_to_numpy(layer(text))
    assert np.abs(embedded - mean).max() < 1e-6


@pytest.mark.parametrize("shuffle", [False, True])
def test_a_dataset_has_these_vectors(
    shuffle: bool, vectors: Vectors, table: dict[str, NDArray[np.float32]]
) -> None:
    """Each word of a dataset has its vector, in the file's order and in any other."""
    dataset = vectors.to_tf_dataset(batch_size=64, shuffle=shuffle, seed=1)
    _, words, numbers = join(dataset.as_numpy_iterator())
    expected = np.stack([table[word.decode()] for word in words])
    assert numbers.dtype == np.float32
    assert numbers.tobytes() == expected.tobytes()
    assert len({*words}) == COUNT


@pytest.mark.parametrize("to", ["word2vec", "word2vec-binary", "npz", "safetensors"])
def test_exported_files_have_float32(
    to: str, vectors: Vectors, table: dict[str, NDArray[np.float32]], tmp_path: Path
) -> None:
    """A file for other libraries has the numbers that this package reads."""
    words, numbers = READERS[to](vectors.export(tmp_path / "file", to=to))
    assert list(words) == list(table)
    assert numbers.dtype == np.float32
    assert numbers.tobytes() == np.stack([*table.values()]).tobytes()
