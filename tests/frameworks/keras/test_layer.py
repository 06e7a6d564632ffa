"""The layer is a stock one with the right rows, trains, and takes every argument.

Nothing here is particular to one backend: `test_backends.py` runs this module again
on the others.
"""

import copy
import gc
import importlib.metadata
import json
import os
import pickle
import re
import sys
import textwrap
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any, SupportsIndex

import keras
import numpy as np
import pytest
from entries import write_registry
from numpy.typing import NDArray

import glove_registry
from glove_registry import Vectors

SAMPLE = "glove.6B.50d-first10k"
BACKEND = os.environ.get("KERAS_BACKEND", "tensorflow")

# The dtype in which the weights of a layer are stored.
STORED = {
    "float16": "float16",
    "bfloat16": "bfloat16",
    "mixed_float16": "float32",
    "mixed_bfloat16": "float32",
}
if BACKEND != "jax":
    # JAX only supports it if a program enables it.
    STORED["float64"] = "float64"


@pytest.fixture(scope="module")
def vectors(tmp_path_factory: pytest.TempPathFactory) -> Vectors:
    """The embedded sample."""
    return glove_registry.load(SAMPLE, cache_dir=tmp_path_factory.mktemp("cache"))


@pytest.fixture
def word_index(vectors: Vectors) -> dict[str, int]:
    """5,000 words from 1 on, of which 50 have no vector."""
    words = [*vectors.tokens[:4950], *(f"no-such-word-{i}" for i in range(50))]
    return {word: i for i, word in enumerate(words, 1)}


@pytest.fixture(autouse=True)
def _own_policy() -> Iterator[None]:
    """Restore Keras' default dtype after a test that changes it."""
    before = keras.config.dtype_policy()
    yield
    keras.config.set_dtype_policy(before)


def read_weights(layer: Any) -> NDArray[Any]:
    """Return the single weight matrix of a layer."""
    (weights,) = layer.get_weights()
    return np.asarray(weights)


def make_model(layer: Any, length: int = 4) -> Any:
    """Return a small classifier of texts."""
    return keras.Sequential(
        [
            keras.Input((length,), dtype="int32"),
            layer,
            keras.layers.GlobalAveragePooling1D(),
            keras.layers.Dense(1, activation="sigmoid", dtype="float32"),
        ]
    )


def train(model: Any, rows: int) -> list[float]:
    """Train on texts whose first word decides; return the loss of each epoch."""
    model.compile(optimizer=keras.optimizers.Adam(0.05), loss="binary_crossentropy")
    x = np.random.default_rng(1).integers(1, rows, (64, 4)).astype("int32")
    y = (x[:, :1] > rows / 2).astype("float32")
    losses: list[float] = model.fit(x, y, epochs=6, verbose=0).history["loss"]
    return losses


def test_the_backend_is_the_one_that_was_asked_for() -> None:
    """The tests of this module run on the backend in KERAS_BACKEND."""
    assert keras.config.backend() == BACKEND


def test_each_row_is_its_word_s_vector(vectors: Vectors) -> None:
    """Row i holds the vector of the word with index i; all other rows are zeros."""
    word_index: dict[str, SupportsIndex] = {
        "film": 2,
        "the": 5,
        "no such word": 3,
        "of": np.int64(4),
    }

    layer = vectors.to_keras_layer(word_index)

    assert type(layer) is keras.layers.Embedding
    assert (layer.input_dim, layer.output_dim) == (6, 50)
    weights = read_weights(layer)
    assert weights.shape == (6, 50)
    assert weights.dtype == np.float32
    for word, index in (("film", 2), ("the", 5), ("of", 4)):
        assert (weights[index] == vectors[word]).all()
    assert not weights[[0, 1, 3]].any()


def test_a_word_at_index_zero_has_its_vector(vectors: Vectors) -> None:
    """Index 0 is padding only by convention: a word at 0 is looked up."""
    weights = read_weights(vectors.to_keras_layer({"film": 0}))
    assert (weights[0] == vectors["film"]).all()


def ancestor_matrix(text: Path, word_index: dict[str, int]) -> NDArray[Any]:
    """Run the loop of kerasglove 1.4 on a file.

    Its module cannot be imported (a stray word is a syntax error, and it downloads at
    import), so that the published source of the loop is run by itself.
    """
    source = (
        Path(
            str(importlib.metadata.distribution("kerasglove").locate_file("kerasglove"))
        )
        / "__init__.py"
    )
    loop = re.search(
        r"\n( +embeddings_index = \{\}.*?)\n +return Embedding\(",
        source.read_text(),
        re.DOTALL,
    )
    assert loop is not None
    # Text files are UTF-8 wherever the loop runs, and it leaves its file open.
    code = textwrap.dedent(loop[1].expandtabs()).replace("open(fname)", "lines")
    with text.open(encoding="utf-8") as lines:
        names: dict[str, Any] = {
            "np": np,
            "lines": lines,
            "EMBED_SIZE": 50,
            "word_index": word_index,
        }
        exec(code, names)
    return np.asarray(names["embedding_matrix"])


@pytest.mark.slow
def test_the_layer_equals_the_ancestor_s(real_text: Path, tmp_path: Path) -> None:
    """20,000 words, 500 of them unknown, get the vectors of kerasglove's own loop."""
    with real_text.open(encoding="utf-8", newline="\n") as file:
        known = [line.split(" ")[0] for line in file]
    # From all over the file, including rare words.
    words = known[:: len(known) // 19_500][:19_500]
    words += [f"no-such-word-{i}" for i in range(500)]
    word_index = {word: i for i, word in enumerate(words, 1)}
    registry = write_registry(
        tmp_path,
        "real",
        url=real_text.as_uri(),
        sha256=glove_registry.info("glove.6B.50d").member.sha256,
    )

    layer = glove_registry.load("real", registry=registry).to_keras_layer(word_index)

    weights = read_weights(layer)
    expected = ancestor_matrix(real_text, word_index).astype(np.float32)
    assert weights.shape == expected.shape == (20_001, 50)
    assert (weights == expected).all()
    assert (~expected.any(axis=1)).sum() == 501


@pytest.mark.parametrize("trainable", [False, True])
def test_the_layer_trains_or_does_not(vectors: Vectors, trainable: bool) -> None:
    """A frozen layer keeps its vectors through fit, a trainable one changes them."""
    keras.utils.set_random_seed(1)
    word_index = {word: i for i, word in enumerate(vectors.tokens[:100], 1)}
    layer = vectors.to_keras_layer(word_index, trainable=trainable, name="words")
    before = read_weights(layer).copy()

    first, *_, last = train(make_model(layer), rows=101)

    assert last < first
    assert layer.name == "words"
    assert (read_weights(layer) == before).all() is np.bool_(not trainable)
    # The map on disk is never written to.
    assert (vectors.matrix[:100] == before[1:101]).all()


def test_mask_zero_masks_the_padding(vectors: Vectors) -> None:
    """With mask_zero=True, later layers ignore index 0."""
    layer = vectors.to_keras_layer({"film": 1, "the": 2}, mask_zero=True)
    mask = keras.ops.convert_to_numpy(layer.compute_mask(np.array([[1, 0]])))
    assert mask.tolist() == [[True, False]]
    pooled = keras.Sequential(
        [
            keras.Input((4,), dtype="int32"),
            layer,
            keras.layers.GlobalAveragePooling1D(),
        ]
    ).predict(np.array([[1, 2, 0, 0]]), verbose=0)
    expected = (vectors["film"] + vectors["the"]) / 2
    np.testing.assert_allclose(pooled[0], expected, rtol=1e-5, atol=1e-6)


def test_other_arguments_are_those_of_embedding(vectors: Vectors) -> None:
    """Regularizer, constraint, input_dim and the like reach the stock layer."""
    rows: Any = np.int64(7)
    layer = vectors.to_keras_layer(
        {"film": 1},
        True,
        input_dim=rows,
        embeddings_regularizer=keras.regularizers.L2(0.5),
        embeddings_constraint="max_norm",
    )
    assert layer.trainable
    assert type(layer.input_dim) is int
    assert read_weights(layer).shape == (7, 50)
    (loss,) = layer.losses
    expected = 0.5 * (vectors["film"] ** 2).sum()
    assert keras.ops.convert_to_numpy(loss) == pytest.approx(expected, rel=1e-5)
    assert isinstance(layer.embeddings_constraint, keras.constraints.MaxNorm)


@pytest.mark.parametrize(("dtype", "stored"), STORED.items())
def test_dtype_is_that_of_the_layer(vectors: Vectors, dtype: str, stored: str) -> None:
    """Weights are the vectors rounded once to the dtype; a policy keeps its two."""
    layer = vectors.to_keras_layer(["", "film", "the"], dtype=dtype)
    expected = np.zeros((3, 50), np.float32)
    expected[1:] = [vectors["film"], vectors["the"]]
    numpy_type = vectors.embedding_matrix(["film"], dtype=stored).dtype
    assert layer.embeddings.dtype == numpy_type.name == stored
    assert layer.dtype_policy.name == dtype
    found = keras.ops.convert_to_numpy(layer.embeddings).astype(np.float64)
    assert (found == expected.astype(numpy_type).astype(np.float64)).all()
    given = layer(np.array([[1]]))
    assert keras.backend.standardize_dtype(given.dtype) == layer.compute_dtype


def test_a_global_policy_is_kept(vectors: Vectors) -> None:
    """Without a dtype, the layer has Keras' default one."""
    keras.config.set_dtype_policy("mixed_float16")
    layer = vectors.to_keras_layer(["film"])
    assert (layer.compute_dtype, layer.variable_dtype) == ("float16", "float32")
    assert (read_weights(layer)[0] == vectors["film"]).all()


@pytest.mark.parametrize("dtype", ["int8_from_float32", "int4_from_bfloat16"])
def test_a_dtype_that_is_quantized_is_refused(vectors: Vectors, dtype: str) -> None:
    """A quantized dtype, which Keras would start from zeros, is an error with a way."""
    mode = dtype.partition("_")[0]
    with pytest.raises(TypeError, match=rf"call layer\.quantize\('{mode}'\)"):
        vectors.to_keras_layer(["film"], dtype=dtype)


@pytest.mark.parametrize("dtype", ["int32", "complex64"])
def test_a_dtype_of_no_floats_is_refused(vectors: Vectors, dtype: str) -> None:
    """Integers and complex numbers are refused as dtypes."""
    with pytest.raises(TypeError, match="floating-point"):
        vectors.to_keras_layer(["film"], dtype=dtype)


def test_two_inputs_share_one_layer(vectors: Vectors) -> None:
    """In a functional model, one layer serves two inputs with one set of weights."""
    layer = vectors.to_keras_layer(["", "film", "the"])
    left, right = (keras.Input((1,), dtype="int32") for _ in range(2))
    both = keras.layers.Concatenate()([layer(left), layer(right)])
    model = keras.Model([left, right], both)
    assert len(model.weights) == 1
    (found,) = model.predict([np.array([[1]]), np.array([[2]])], verbose=0)
    assert (found[0] == np.concatenate([vectors["film"], vectors["the"]])).all()


def test_a_compiled_function_has_the_vectors(vectors: Vectors) -> None:
    """tf.function, jax.jit and torch.export take the layer as any stock one."""
    layer = vectors.to_keras_layer(["", "film", "the"])
    x = np.array([[2, 0]], "int32")
    if BACKEND == "tensorflow":
        import tensorflow as tf

        found = np.asarray(tf.function(layer, jit_compile=True)(x))
    elif BACKEND == "jax":
        import jax

        found = np.asarray(jax.jit(layer)(x))
    else:
        import torch

        program = torch.export.export(layer, (torch.from_numpy(x),))
        found = program.module()(torch.from_numpy(x)).detach().numpy()
    assert (found[0, 0] == vectors["the"]).all()
    assert not found[0, 1].any()


# Keras warns about every model that has an Input.
@pytest.mark.filterwarnings("ignore:Layer InputLayer does not have a `quantize`")
@pytest.mark.filterwarnings("ignore:Layer GlobalAveragePooling1D does not have")
def test_quantized_vectors_are_nearly_the_same(
    vectors: Vectors, word_index: dict[str, int], tmp_path: Path
) -> None:
    """quantize("int8") keeps each number within half a step, in a quarter of the file.

    A step is a 127th of the largest number of the row.
    """
    model = make_model(vectors.to_keras_layer(word_index))
    x = np.arange(5000, dtype="int32").reshape(-1, 4)
    layer = model.layers[0]
    before = keras.ops.convert_to_numpy(layer(x)).reshape(-1, 50)
    model.quantize("int8")
    after = keras.ops.convert_to_numpy(layer(x)).reshape(-1, 50)
    step = abs(before).max(axis=1, keepdims=True) / 127
    assert (abs(after - before) <= 0.51 * step).all()
    assert (after != before).any()

    path = tmp_path / "model.keras"
    model.save(path)
    assert path.stat().st_size < 0.3 * 5001 * 50 * 4
    loaded = keras.saving.load_model(path)
    np.testing.assert_allclose(
        loaded.predict(x, verbose=0), model.predict(x, verbose=0), atol=1e-6
    )


def test_lora_trains_beside_the_vectors(vectors: Vectors) -> None:
    """enable_lora() trains a small change and leaves the vectors as they are."""
    keras.utils.set_random_seed(1)
    word_index = {word: i for i, word in enumerate(vectors.tokens[:100], 1)}
    layer = vectors.to_keras_layer(word_index, trainable=True)
    before = read_weights(layer).copy()
    layer.enable_lora(2)
    sizes = [tuple(weight.shape) for weight in layer.trainable_weights]
    assert sizes == [(101, 2), (2, 50)]
    assert (keras.ops.convert_to_numpy(layer.embeddings) == before).all()

    first, *_, last = train(make_model(layer), rows=101)

    assert last < first
    base = [w for w in layer.non_trainable_weights if tuple(w.shape) == (101, 50)]
    assert len(base) == 1
    assert (keras.ops.convert_to_numpy(base[0]) == before).all()
    change = keras.ops.convert_to_numpy(layer.embeddings) - before
    assert 1 <= np.linalg.matrix_rank(change, tol=1e-4) <= 2


def test_lora_can_be_asked_for_at_once(vectors: Vectors) -> None:
    """lora_rank=, an argument of the stock layer, does the same."""
    layer = vectors.to_keras_layer(["", "film"], trainable=True, lora_rank=4)
    found = keras.ops.convert_to_numpy(layer.embeddings)
    assert (found[1] == vectors["film"]).all()
    assert layer.lora_enabled


def test_a_copy_of_the_layer_takes_set_weights(vectors: Vectors) -> None:
    """from_config returns a fresh layer of the same shape, filled by set_weights."""
    layer = vectors.to_keras_layer({"film": 1})
    fresh = keras.layers.Embedding.from_config(layer.get_config())
    fresh.build(None)
    # Initialized by Keras, including padding: never a partial copy of the vectors.
    assert read_weights(fresh).all()
    assert abs(read_weights(fresh)).max() <= 0.05
    fresh.set_weights(layer.get_weights())
    assert (read_weights(fresh) == read_weights(layer)).all()


def test_a_cloned_model_takes_set_weights(vectors: Vectors) -> None:
    """clone_model starts anew, as for every stock layer, until it has the weights."""
    model = make_model(vectors.to_keras_layer(["", "film", "the"]))
    x = np.array([[1, 2, 0, 0]])
    clone = keras.models.clone_model(model)
    assert (clone.get_weights()[0] != model.get_weights()[0]).all()
    clone.set_weights(model.get_weights())
    assert (clone.predict(x, verbose=0) == model.predict(x, verbose=0)).all()


def test_the_layer_is_small_beside_its_weights(
    vectors: Vectors, word_index: dict[str, int], tmp_path: Path
) -> None:
    """The configuration holds no vectors, and a saved model holds them once."""
    layer = vectors.to_keras_layer(word_index)
    assert len(json.dumps(layer.get_config())) < 1000
    model = make_model(layer)
    assert len(model.to_json()) < 5000
    path = tmp_path / "model.keras"
    model.save(path)
    matrix = 5001 * 50 * 4
    assert matrix < path.stat().st_size < 1.05 * matrix
    loaded = keras.saving.load_model(path)
    assert type(loaded.layers[0]) is keras.layers.Embedding
    assert (read_weights(loaded.layers[0]) == read_weights(layer)).all()


def test_the_layer_holds_nothing_of_the_package(vectors: Vectors) -> None:
    """The layer holds no reference to its vectors, and can be copied."""
    mapped = glove_registry.load(SAMPLE)
    layer = mapped.to_keras_layer(["", "film"])
    reference = weakref.ref(mapped)
    del mapped
    gc.collect()
    assert reference() is None
    for twin in (copy.deepcopy(layer), pickle.loads(pickle.dumps(layer))):
        assert (read_weights(twin)[1] == vectors["film"]).all()


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"oov": "mean", "case": "exact"},
        {"oov": "normal:3", "dtype": "float16"},
        {"num_words": 100, "index_offset": 3, "input_dim": 200, "mask_zero": True},
        {"dtype": "bfloat16"},
    ],
    ids=str,
)
def test_the_matrix_is_that_of_the_layer(
    vectors: Vectors, word_index: dict[str, int], options: dict[str, Any]
) -> None:
    """embedding_matrix() returns the weights of the layer with the same options."""
    layer = vectors.to_keras_layer(word_index, **options)
    matrix = vectors.embedding_matrix(word_index, **options)
    found = keras.ops.convert_to_numpy(layer.embeddings).astype(np.float32)
    assert matrix.dtype.name == layer.embeddings.dtype
    assert (found == matrix.astype(np.float32)).all()


@pytest.mark.parametrize(
    "argument", ["output_dim", "embeddings_initializer", "weights"]
)
def test_what_the_vectors_decide_is_no_argument(
    argument: str, vectors: Vectors
) -> None:
    """An argument that vocabulary and vectors decide is an error that names it."""
    arguments: dict[str, Any] = {argument: True}
    with pytest.raises(TypeError, match=f"{argument}: decided by the vectors"):
        vectors.to_keras_layer({"the": 1}, **arguments)


@pytest.mark.parametrize("make", [Vectors.to_keras_layer, Vectors.to_text_layer])
def test_without_keras_a_layer_says_what_to_install(
    make: Any, vectors: Vectors, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The package can be installed without Keras, for all but layers."""
    monkeypatch.delitem(sys.modules, "tensorflow", raising=False)
    monkeypatch.setitem(sys.modules, "keras", None)
    with pytest.raises(ModuleNotFoundError, match="need Keras: pip install tensorflow"):
        make(vectors, ["film"])


@pytest.mark.parametrize("keras", ["tf_keras", np])
def test_keras_is_a_module_with_layers(keras: Any, vectors: Vectors) -> None:
    """The name of a module, or another module, is an error that says what to pass."""
    with pytest.raises(TypeError, match="expected the module keras or tf_keras"):
        vectors.to_keras_layer({"the": 1}, keras=keras)


@pytest.mark.parametrize("argument", ["trainable", "mask_zero"])
def test_a_word_is_no_flag(argument: str, vectors: Vectors) -> None:
    """The string "False", which would count as true, is refused."""
    arguments: dict[str, Any] = {argument: "False"}
    with pytest.raises(TypeError, match=f"{argument}='False': expected True or False"):
        vectors.to_keras_layer({"the": 1}, **arguments)


@pytest.mark.parametrize(
    ("slip", "meant"),
    [("trainble", "trainable"), ("mask_zeros", "mask_zero"), ("ooov", "oov")],
)
def test_a_slip_gets_the_nearest_argument(
    slip: str, meant: str, vectors: Vectors
) -> None:
    """An unknown argument is an error that suggests the closest one."""
    arguments: dict[str, Any] = {slip: True}
    with pytest.raises(ValueError, match=slip) as caught:
        vectors.to_keras_layer({"the": 1}, **arguments)
    assert caught.value.__notes__ == [f"{slip}: did you mean {meant}?"]
