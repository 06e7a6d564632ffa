"""With trainable="misses", training changes what has no vector and nothing else.

Nothing here is particular to one backend: `test_backends.py` runs this module again
on the others.
"""

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from numpy.typing import NDArray

import glove_registry
from glove_registry import Vectors

# By index: padding, unknown words, three words with a vector, two without one.
WORDS = ["", "[UNK]", "film", "flim", "good", "goood", "Bad"]
KNOWN, MISSING = [2, 4, 6], [1, 3, 5]


@pytest.fixture(scope="module")
def vectors(tmp_path_factory: pytest.TempPathFactory) -> Vectors:
    """The embedded sample."""
    cache = tmp_path_factory.mktemp("cache")
    return glove_registry.load("glove.6B.50d-first10k", cache_dir=cache)


def read_rows(layer: Any, size: int = len(WORDS)) -> NDArray[Any]:
    """Return what the layer makes of each index."""
    found = layer(np.arange(size, dtype="int32")[np.newaxis])
    return np.asarray(keras.ops.convert_to_numpy(found)[0])


def fit(model: Any, optimizer: Any = "adam", size: int = len(WORDS)) -> None:
    """Train on texts in which each index occurs."""
    model.compile(optimizer=optimizer, loss="mse")
    x = np.random.default_rng(1).integers(0, size, (64, 8)).astype("int32")
    x[:, 1] = np.arange(64) % size
    model.fit(x, (x == 3).sum(axis=1, keepdims=True), epochs=2, verbose=0)


def make_model(layer: Any) -> Any:
    """Return a small model of texts."""
    return keras.Sequential(
        [
            keras.Input((None,), dtype="int32"),
            layer,
            keras.layers.GlobalAveragePooling1D(),
            keras.layers.Dense(1),
        ]
    )


@pytest.mark.parametrize("mask_zero", [False, True])
@pytest.mark.parametrize("oov", ["zeros", "normal", "parts"])
def test_it_starts_as_the_embedding_does(
    vectors: Vectors, mask_zero: bool, oov: str
) -> None:
    """Before training, each index has the row that an Embedding has."""
    options: dict[str, Any] = {"mask_zero": mask_zero, "oov": oov}
    layer = vectors.to_keras_layer(WORDS, "misses", name="words", **options)
    assert layer.name == "words"
    expected = vectors.embedding_matrix(WORDS, **options)
    assert (read_rows(layer) == expected).all()


@pytest.mark.parametrize("mask_zero", [False, True])
@pytest.mark.parametrize(
    "make_optimizer",
    [
        lambda: keras.optimizers.Adam(0.05),
        lambda: keras.optimizers.SGD(0.5, momentum=0.9),
        lambda: keras.optimizers.AdamW(0.05, weight_decay=0.1),
    ],
)
def test_training_changes_only_what_has_no_vector(
    vectors: Vectors, mask_zero: bool, make_optimizer: Any
) -> None:
    """Words with a vector and padding stay equal to the last bit; all others learn."""
    keras.utils.set_random_seed(1)
    layer = vectors.to_keras_layer(WORDS, "misses", oov="normal", mask_zero=mask_zero)
    before = read_rows(layer)
    fit(make_model(layer), make_optimizer())
    after = read_rows(layer)
    assert after[KNOWN].tobytes() == before[KNOWN].tobytes()
    assert after[KNOWN].tobytes() == vectors[["film", "good", "bad"]].tobytes()
    assert not after[0].any()
    assert (after[MISSING] != before[MISSING]).any(axis=1).all()
    # What all other words share has not been trained, so nothing is added to them.
    assert not layer.get_layer("learned").get_weights()[0][:2].any()


def test_only_rows_that_learn_are_trained(vectors: Vectors) -> None:
    """An optimizer holds a row for each miss, and two more, whatever the vocabulary."""
    words = ["", "[UNK]", *vectors.tokens[:5000], "flim"]
    layer = vectors.to_keras_layer(words, "misses")
    assert [w.shape for w in layer.trainable_weights] == [(4, 50)]
    assert sorted(tuple(w.shape) for w in layer.non_trainable_weights) == [
        (5003, 1),
        (5003, 50),
    ]


@pytest.mark.parametrize(
    ("vocabulary", "options", "learned"),
    [
        # Index 0 is padding, as for a Tokenizer, and stays zero.
        ({"film": 1, "flim": 2}, {}, [2]),
        # The start and unknown words of Keras' film reviews have no token.
        ({"film": 1, "flim": 2}, {"index_offset": 3}, [1, 2, 3, 5]),
        ({"flim": 0, "film": 1}, {}, [0]),
        (["film", "<blank>", "flim"], {}, [2]),
        (["film", "xxpad", "xxbos"], {"padding": "xxpad", "specials": ["xxbos"]}, [2]),
        (["", "film", "flim"], {"input_dim": 5}, [2, 3, 4]),
        ({"[UNK]": 0, "film": 1}, {}, [0]),
        (["", "film"], {}, []),
    ],
)
def test_which_rows_learn(
    vectors: Vectors, vocabulary: Any, options: dict[str, Any], learned: list[int]
) -> None:
    """All but padding and words with a vector; index 0 is padding without a token."""
    layer = vectors.to_keras_layer(vocabulary, "misses", **options)
    size = len(vectors.embedding_matrix(vocabulary, **options))
    before = read_rows(layer, size)
    fit(make_model(layer), keras.optimizers.SGD(5.0), size)
    changed = (read_rows(layer, size) != before).any(axis=1)
    assert np.flatnonzero(changed).tolist() == learned


def test_the_mask_is_that_of_the_indices(vectors: Vectors) -> None:
    """With mask_zero=True, later layers skip index 0, and words of zeros count."""
    layer = vectors.to_keras_layer(WORDS, "misses", mask_zero=True)
    model = keras.Sequential(
        [
            keras.Input((None,), dtype="int32"),
            layer,
            keras.layers.GlobalAveragePooling1D(),
        ]
    )
    pooled = model.predict(np.array([[2, 3, 4, 0, 0]]), verbose=0)[0]
    expected = (vectors["film"] + vectors["good"]) / 3
    np.testing.assert_allclose(pooled, expected, rtol=1e-5, atol=1e-6)


def test_a_saved_model_goes_on_in_the_same_way(
    vectors: Vectors, tmp_path: Path
) -> None:
    """A loaded model has the same rows, and trains the same of them."""
    layer = vectors.to_keras_layer(WORDS, "misses", oov="normal", mask_zero=True)
    model = make_model(layer)
    fit(model)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    before = read_rows(loaded.layers[0])
    assert (before == read_rows(layer)).all()
    fit(loaded)
    after = read_rows(loaded.layers[0])
    assert (after[[0, *KNOWN]] == before[[0, *KNOWN]]).all()
    assert (after[MISSING] != before[MISSING]).any(axis=1).all()


def test_a_clone_is_given_the_weights(vectors: Vectors) -> None:
    """As with every stock layer, set_weights gives a clone the vectors."""
    model = make_model(vectors.to_keras_layer(WORDS, "misses"))
    clone = keras.models.clone_model(model)
    clone.set_weights(model.get_weights())
    assert (read_rows(clone.layers[0]) == read_rows(model.layers[0])).all()


def test_training_can_be_paused(vectors: Vectors) -> None:
    """The layer that is trained can be frozen, without the others being trained."""
    layer = vectors.to_keras_layer(WORDS, "misses")
    before = read_rows(layer)
    learned = layer.get_layer("learned")
    learned.trainable = False
    fit(make_model(layer))
    assert (read_rows(layer) == before).all()
    learned.trainable = True
    fit(make_model(layer))
    assert (read_rows(layer) != before).any(axis=1).tolist() == [
        i in MISSING for i in range(len(WORDS))
    ]


@pytest.mark.parametrize("dtype", ["float16", "mixed_float16", "bfloat16"])
def test_a_large_vocabulary_in_few_bits(vectors: Vectors, dtype: str) -> None:
    """Rows are told apart where the numbers of the dtype would not count so far."""
    words = ["", *vectors.tokens[:100], *(f"no-such-word-{i}" for i in range(5000))]
    layer = vectors.to_keras_layer(words, "misses", oov="normal", dtype=dtype)
    expected = vectors.embedding_matrix(words, oov="normal").astype(np.float16)
    found = read_rows(layer, len(words)).astype(np.float32)
    np.testing.assert_allclose(found, expected, atol=0.02)


def test_a_model_without_an_input_reads_large_indices(vectors: Vectors) -> None:
    """A Sequential makes its own input, whose type counts as far as the vocabulary."""
    keras.config.set_dtype_policy("mixed_float16")
    try:
        words = ["", *vectors.tokens[:4999]]
        model = keras.Sequential([vectors.to_keras_layer(words, "misses")])
        found = model.predict(np.array([[4999, 4998]]), verbose=0)[0]
    finally:
        keras.config.set_dtype_policy("float32")
    np.testing.assert_allclose(found, vectors.matrix[[4998, 4997]], atol=0.01)


def test_other_arguments_are_those_of_the_rows_that_learn(vectors: Vectors) -> None:
    """A regularizer pulls at what is trained alone, and an unknown name is refused."""
    layer = vectors.to_keras_layer(
        WORDS, "misses", embeddings_regularizer=keras.regularizers.L2(0.5), oov="mean"
    )
    (loss,) = layer.losses
    mean = vectors.lookup(["flim"], oov="mean")[0]
    expected = 0.5 * 3 * (mean**2).sum()
    assert keras.ops.convert_to_numpy(loss) == pytest.approx(expected, rel=1e-5)
    with pytest.raises((TypeError, ValueError), match="regulariser"):
        vectors.to_keras_layer(WORDS, "misses", embeddings_regulariser="l2")


@pytest.mark.parametrize("trainable", ["miss", "Misses", "yes", 1, None])
def test_what_is_no_way_to_train_is_refused(vectors: Vectors, trainable: Any) -> None:
    """The error names the three ways."""
    with pytest.raises(TypeError, match=r"expected True or False.* or 'misses'"):
        vectors.to_keras_layer(WORDS, trainable)
