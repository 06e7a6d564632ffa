"""A SavedModel from texts to vectors needs only TensorFlow, and is never partial."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from texts_by_hand import POOLINGS, Table, embed, pool, texts

import glove_registry
from glove_registry import Vectors
from glove_registry.errors import OutputError, VocabularyError

SAMPLE = "glove.6B.50d-first10k"
WORDS = ["the", "film", "good", "is", "bad", "well-known", "unheardof"]
TEXTS = ["The film is good, is GOOD!", "", "unheardof", "a well-known film; bad, bad"]


@pytest.fixture(scope="module")
def vectors() -> Vectors:
    """The embedded sample."""
    return glove_registry.load(SAMPLE)


@pytest.fixture(scope="module")
def table(vectors: Vectors) -> Table:
    """The vectors of `WORDS`."""
    return {word: vectors[word] for word in WORDS if word in vectors}


@pytest.fixture(scope="module")
def folder(vectors: Vectors, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an export of `WORDS` for the mean."""
    folder = tmp_path_factory.mktemp("exported")
    path = vectors.export_saved_model(folder / "mean", WORDS, "mean")
    assert path == folder / "mean"
    return folder


FRESH = """
import sys
for name in ("glove_registry", "keras", "tf_keras"):
    sys.modules[name] = None
import numpy, tensorflow
texts = tensorflow.constant(sys.argv[2:])
for pooling in ("mean", "sum", "sqrtn", "max"):
    numpy.save(pooling, tensorflow.saved_model.load(pooling)(texts))
"""


@pytest.mark.slow
def test_it_needs_neither_this_package_nor_keras(
    vectors: Vectors, table: Table, tmp_path: Path
) -> None:
    """Without Keras and this package, texts get the vectors of a plain loop."""
    for pooling in POOLINGS:
        vectors.export_saved_model(tmp_path / pooling, WORDS, pooling)
    done = subprocess.run(
        [sys.executable, "-c", FRESH, "", *TEXTS],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    for pooling in POOLINGS:
        found = np.load(tmp_path / f"{pooling}.npy")
        assert found.dtype == np.float32
        expected = embed(table, TEXTS, pooling)
        assert np.allclose(found, expected, rtol=1e-5, atol=1e-6)
        assert found.any(axis=1).tolist() == [True, False, False, True]


@pytest.fixture(scope="module")
def loaded(folder: Path) -> Any:
    """The export for the mean, loaded."""
    return tf.saved_model.load(folder / "mean")


@pytest.mark.slow
@settings(deadline=None, max_examples=60)
@given(given=texts(WORDS))
def test_any_text_has_the_vector_that_a_loop_gives(
    given: list[str], loaded: Any, table: Table
) -> None:
    """Unknown words, punctuation, white space and Unicode make no difference."""
    found = loaded(tf.constant(given, tf.string)).numpy()
    assert found.shape == (len(given), 50)
    if given:
        expected = embed(table, given, "mean")
        assert np.allclose(found, expected, rtol=1e-5, atol=1e-6)


def test_it_has_what_tensorflow_hub_asks_for(loaded: Any, table: Table) -> None:
    """A list of texts is accepted; there are one trainable variable and a signature."""
    expected = embed(table, TEXTS, "mean")
    assert np.allclose(loaded(TEXTS), expected, atol=1e-6)
    (variable,) = loaded.variables
    assert loaded.trainable_variables == [variable]
    assert variable.trainable
    assert variable.shape == (2 + 6, 50)
    assert list(loaded.regularization_losses) == []
    served = loaded.signatures["serving_default"](texts=tf.constant(TEXTS))
    (output,) = served.values()
    assert np.allclose(output, expected, atol=1e-6)


def test_it_is_fine_tuned_by_its_gradient(folder: Path, table: Table) -> None:
    """The gradient of a text reaches the vectors of its words, and no others."""
    loaded = tf.saved_model.load(folder / "mean")
    (variable,) = loaded.trainable_variables
    before = variable.numpy()
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(loaded(tf.constant(["good film", "", "unheardof"])))
    variable.assign_sub(tf.convert_to_tensor(tape.gradient(loss, variable)))
    after = variable.numpy()

    changed = (after != before).any(axis=1)
    reached = {tuple(vector) for vector in before[changed].tolist()}
    assert reached == {tuple(table[word].tolist()) for word in ("good", "film")}
    # Each of two words contributes half of the mean.
    assert np.allclose(after[changed], before[changed] - 0.5)


@pytest.mark.slow
@pytest.mark.parametrize("endpoint", ["serve", "__call__"])
def test_keras_takes_it_as_a_layer(endpoint: str, folder: Path, table: Table) -> None:
    """A frozen TFSMLayer of it is the first layer of a model that learns."""
    keras.utils.set_random_seed(1)
    layer = keras.layers.TFSMLayer(
        folder / "mean", call_endpoint=endpoint, trainable=False
    )
    found = layer(tf.constant(TEXTS))
    assert np.allclose(found, embed(table, TEXTS, "mean"), atol=1e-6)
    model = keras.Sequential(
        [keras.Input((), dtype="string"), layer, keras.layers.Dense(1)]
    )
    model.compile(keras.optimizers.Adam(0.05), "mse")
    given = tf.constant(["a good film", "a bad film", "", "good"])
    losses = model.fit(given, np.array([1, 0, 0, 1]), epochs=20, verbose=0).history[
        "loss"
    ]
    assert losses[-1] < losses[0] / 2
    assert np.allclose(layer(tf.constant(TEXTS)), found)


def test_keras_trains_it_as_a_layer(folder: Path) -> None:
    """A TFSMLayer that is not frozen learns, too.

    By an optimizer without slots: Keras 3.15 cannot name the slots of any TFSMLayer.
    """
    layer = keras.layers.TFSMLayer(folder / "mean")
    model = keras.Sequential([keras.Input((), dtype="string"), layer])
    model.compile(keras.optimizers.SGD(1.0), "mse")
    given = tf.constant(["a good film", ""])
    before = layer(given).numpy()
    model.fit(given, np.ones((2, 50)), verbose=0)
    after = layer(given).numpy()
    assert (after[0] != before[0]).any()
    assert not after[1].any()


def test_the_vectors_are_in_it_once(folder: Path) -> None:
    """The SavedModel is hardly larger than the vectors."""
    sizes = [path.stat().st_size for path in (folder / "mean" / "variables").iterdir()]
    assert sum(sizes) < 8 * 50 * 4 + 3000


def halve(given: Any) -> Any:
    """Standardize texts in an unusual way."""
    return tf.strings.regex_replace(given, "halved.*", "")


def test_rules_of_a_text_vectorization_are_part_of_it(
    vectors: Vectors, tmp_path: Path
) -> None:
    """A function that standardizes texts is exported as its TensorFlow graph."""
    texts = keras.layers.TextVectorization(
        standardize=halve, vocabulary=["the", "film", "The"]
    )
    loaded = tf.saved_model.load(vectors.export_saved_model(tmp_path / "x", texts))
    found = loaded(tf.constant(["the filmhalved x", "The"]))
    table = {"the": vectors["the"], "film": vectors["film"]}
    assert np.allclose(found[0], pool(table, ["the", "film"], "mean"), atol=1e-6)
    assert np.allclose(found[1], vectors["the"], atol=1e-6)


@pytest.mark.slow
def test_the_whole_release_is_exported_without_a_vocabulary(
    vectors: Vectors, tmp_path: Path
) -> None:
    """Without a vocabulary, all tokens of the release are used."""
    loaded = tf.saved_model.load(vectors.export_saved_model(tmp_path / "new" / "all"))
    table = {token: vectors[token] for token in vectors.tokens}
    expected = embed(table, TEXTS, "mean")
    assert np.allclose(loaded(tf.constant(TEXTS)), expected, rtol=1e-5, atol=1e-6)


def test_what_is_no_path_is_told(vectors: Vectors) -> None:
    """As by the other formats."""
    with pytest.raises(TypeError, match=r"path=b'x': expected the path to write to"):
        vectors.export_saved_model(b"x")  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["folder", "file", "dangling link"])
def test_nothing_is_replaced(kind: str, vectors: Vectors, tmp_path: Path) -> None:
    """An existing path is an error, and stays unchanged."""
    path = tmp_path / "export"
    if kind == "folder":
        path.mkdir()
    elif kind == "file":
        path.write_text("mine")
    else:
        path.symlink_to(tmp_path / "nowhere")
    with pytest.raises(OutputError, match=r"export already exists.*choose another"):
        vectors.export_saved_model(path, WORDS)
    assert list(tmp_path.iterdir()) == [path]
    assert kind != "file" or path.read_text() == "mine"


def test_a_failure_leaves_nothing(
    vectors: Vectors, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If writing fails half-way, neither the folder nor a partial one remains."""
    save = tf.saved_model.save

    def fail(*arguments: Any, **others: Any) -> None:
        save(*arguments, **others)
        assert list(tmp_path.glob(".export-*/export/saved_model.pb"))
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tf.saved_model, "save", fail)
    with pytest.raises(OSError, match="No space left"):
        vectors.export_saved_model(tmp_path / "export", WORDS)
    assert not list(tmp_path.iterdir())


def test_what_the_text_layer_refuses_is_refused(
    vectors: Vectors, tmp_path: Path
) -> None:
    """A vocabulary without vectors, or an unknown pooling, leaves nothing behind."""
    with pytest.raises(VocabularyError, match="none of the 1 words"):
        vectors.export_saved_model(tmp_path / "export", ["unheardof"])
    pooling: Any = "avg"
    with pytest.raises(ValueError, match="expected one of mean"):
        vectors.export_saved_model(tmp_path / "export", WORDS, pooling)
    assert not list(tmp_path.iterdir())
