"""Models of Keras 2 get a layer of Keras 2."""

import json
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from run_program import run_code, run_program

import glove_registry
from glove_registry import Vectors

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def keras_2() -> Any:
    """Keras 2, from its own package."""
    import tf_keras

    return tf_keras


@pytest.fixture(scope="module")
def vectors(tmp_path_factory: pytest.TempPathFactory) -> Vectors:
    """The embedded sample."""
    cache = tmp_path_factory.mktemp("cache")
    return glove_registry.load("glove.6B.50d-first10k", cache_dir=cache)


@pytest.mark.parametrize("trainable", [False, True])
def test_it_is_fitted_saved_and_loaded(
    vectors: Vectors, keras_2: Any, trainable: bool, tmp_path: Path
) -> None:
    """keras=tf_keras returns a stock layer of Keras 2 with the same features."""
    words = ["", "[UNK]", *vectors.tokens[:100]]
    layer = vectors.to_keras_layer(
        words,
        trainable,
        keras=keras_2,
        mask_zero=True,
        name="words",
        embeddings_regularizer=keras_2.regularizers.L2(1e-3),
    )
    assert type(layer) is keras_2.layers.Embedding
    assert len(str(layer.get_config())) < 1000
    (before,) = layer.get_weights()
    assert (before[2:] == vectors.matrix[:100]).all()
    assert not before[:2].any()
    model = keras_2.Sequential(
        [
            keras_2.layers.InputLayer((4,), dtype="int32"),
            layer,
            keras_2.layers.GlobalAveragePooling1D(),
            keras_2.layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(optimizer="adam", loss="binary_crossentropy")
    x = np.random.default_rng(1).integers(2, 102, (64, 4))
    first, *_, last = model.fit(
        x, (x[:, :1] > 50).astype("float32"), epochs=4, verbose=0
    ).history["loss"]
    assert last < first
    (after,) = layer.get_weights()
    assert (after == before).all() is np.bool_(not trainable)
    path = tmp_path / "model.keras"
    model.save(path)
    loaded = keras_2.models.load_model(path)
    assert type(loaded.layers[0]) is keras_2.layers.Embedding
    np.testing.assert_allclose(
        loaded.predict(x, verbose=0), model.predict(x, verbose=0), atol=1e-6
    )


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float64"])
def test_it_takes_a_dtype(vectors: Vectors, keras_2: Any, dtype: str) -> None:
    """Its weights are the vectors, rounded to the dtype."""
    layer = vectors.to_keras_layer(["", "film"], keras=keras_2, dtype=dtype)
    (weights,) = layer.get_weights()
    assert weights.dtype.name == dtype
    assert (weights == vectors.embedding_matrix(["", "film"], dtype=dtype)).all()


def test_each_keras_takes_its_own_layer_alone(vectors: Vectors, keras_2: Any) -> None:
    """A layer of one Keras is not a layer of the other, so the argument is needed."""
    assert not issubclass(keras_2.layers.Layer, keras.layers.Layer)
    with pytest.raises(TypeError):
        keras_2.Sequential([vectors.to_keras_layer(["film"])])


@pytest.mark.parametrize("when", ["first", "later"])
@pytest.mark.parametrize(
    ("legacy", "package"), [("1", "tf_keras"), ("True", "tf_keras"), ("0", "keras")]
)
def test_without_an_argument_it_is_a_layer_of_tf_keras(
    legacy: str, package: str, when: str
) -> None:
    """A functional model of tf.keras trains the vectors, whichever Keras that is."""
    found = run_program("train_tf_keras.py", when, TF_USE_LEGACY_KERAS=legacy)
    assert found == f"{package} [False, False, True, True]"


def test_a_keras_2_that_is_not_installed_is_asked_for() -> None:
    """If tf.keras is Keras 2 and that is missing, the error explains what to do."""
    found = run_program("train_tf_keras.py", "missing", TF_USE_LEGACY_KERAS="1")
    assert "TF_USE_LEGACY_KERAS" in found
    assert "pip install tf_keras" in found


@pytest.mark.parametrize(("legacy", "package"), [("1", "tf_keras"), ("0", "keras")])
def test_a_layer_of_texts_is_one_of_tf_keras(
    legacy: str, package: str, tmp_path: Path
) -> None:
    """tf.keras trains, saves and loads it; a SavedModel has the same vectors."""
    found = run_program(
        "train_tf_keras.py", "texts", tmp_path, TF_USE_LEGACY_KERAS=legacy
    )
    assert found == f"{package} True [False, False, True, True] True"


def test_a_layer_of_texts_takes_the_rules_of_its_own_keras(
    vectors: Vectors, keras_2: Any
) -> None:
    """A TextVectorization of Keras 2 splits texts for Keras 2 alone."""
    rules = keras_2.layers.TextVectorization(vocabulary=["film", "good"])
    layer = vectors.to_text_layer(rules, keras=keras_2, dtype="float16")
    found = layer(tf.constant(["A good film", ""])).numpy()
    assert found.dtype == "float16"
    expected = (vectors["film"] + vectors["good"]) / 2
    np.testing.assert_allclose(found[0], expected, rtol=2e-3, atol=2e-3)
    with pytest.raises(TypeError, match="layer of tf_keras, and the text layer one of"):
        vectors.to_text_layer(rules, keras=keras)
    given: Any = "tf_keras"
    with pytest.raises(TypeError, match="expected the module"):
        vectors.to_text_layer(["film"], keras=given)


def test_parts_of_a_layer_are_on_several_servers() -> None:
    """A strategy that partitions variables gets the rows of each part."""
    found = json.loads(run_program("partition_layer.py"))
    assert found == {
        "whole": [[100], True, True],
        "fixed": [[50, 50], True, True],
        "smallest": [[34, 33, 33], True, True],
    }


def test_only_misses_are_trained(
    vectors: Vectors, keras_2: Any, tmp_path: Path
) -> None:
    """trainable="misses" has the parts of Keras 2: known rows stay, masks are kept."""
    words = ["", "[UNK]", "film", "flim", "good"]
    layer = vectors.to_keras_layer(
        words, "misses", keras=keras_2, mask_zero=True, oov="normal"
    )
    model = keras_2.Sequential(
        [
            keras_2.layers.InputLayer((None,), dtype="int32"),
            layer,
            keras_2.layers.GlobalAveragePooling1D(),
            keras_2.layers.Dense(1),
        ]
    )
    every = np.arange(5)[np.newaxis]
    before = layer(every)[0].numpy()
    assert (before == vectors.embedding_matrix(words, oov="normal")).all()
    pooled = keras_2.Sequential(model.layers[:2])(np.array([[2, 4, 0, 0]])).numpy()[0]
    expected = (vectors["film"] + vectors["good"]) / 2
    np.testing.assert_allclose(pooled, expected, rtol=1e-5, atol=1e-6)
    model.compile(optimizer=keras_2.optimizers.Adam(0.1), loss="mse")
    model.fit(np.repeat(every, 8, axis=0), np.ones((8, 1)), epochs=2, verbose=0)
    after = layer(every)[0].numpy()
    assert (after != before).any(axis=1).tolist() == [False, True, False, True, False]
    for path in (tmp_path / "model.keras", tmp_path / "folder"):
        model.save(path)
        code = (
            "import sys; sys.modules['glove_registry'] = None; import tf_keras\n"
            "import numpy as np; model = tf_keras.models.load_model(sys.argv[1])\n"
            "print(model(np.arange(5)[np.newaxis]).numpy().tolist())"
        )
        found = json.loads(run_code(code, path).strip().rpartition("\n")[2])
        np.testing.assert_allclose(found, model(every).numpy(), atol=1e-6)
