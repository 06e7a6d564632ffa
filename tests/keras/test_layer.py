"""The layer holds the right rows, trains, and lasts without this package."""

import importlib.metadata
import re
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any, SupportsIndex

import keras
import numpy as np
import pytest
from entries import write_registry

import glove_registry
from glove_registry import Vectors
from glove_registry.errors import VocabularyError

SAMPLE = "glove.6B.50d-first10k"


@pytest.fixture
def vectors() -> Vectors:
    """The embedded sample."""
    return glove_registry.load(SAMPLE)


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
    (weights,) = layer.get_weights()
    assert weights.shape == (6, 50)
    assert weights.dtype == np.float32
    for word, index in (("film", 2), ("the", 5), ("of", 4)):
        assert (weights[index] == vectors[word]).all()
    assert not weights[[0, 1, 3]].any()


def test_a_word_at_index_zero_has_its_vector(vectors: Vectors) -> None:
    """Index 0 is padding by convention only: a word that stands there is looked up."""
    (weights,) = vectors.to_keras_layer({"film": 0}).get_weights()
    assert (weights[0] == vectors["film"]).all()


def ancestor_matrix(text: Path, word_index: dict[str, int]) -> np.ndarray:
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
    """20,000 words, 500 of them unknown, get what kerasglove's own loop gives them."""
    with real_text.open(encoding="utf-8", newline="\n") as file:
        known = [line.split(" ")[0] for line in file]
    # Spread over the file, rare words and all.
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

    (weights,) = layer.get_weights()
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
    before = layer.get_weights()[0].copy()
    model = keras.Sequential(
        [
            keras.Input((4,), dtype="int32"),
            layer,
            keras.layers.Flatten(),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(optimizer="adam", loss="binary_crossentropy")
    x = np.random.default_rng(1).integers(1, 101, (64, 4))
    first, *_, last = model.fit(
        x, (x[:, :1] > 50).astype("float32"), epochs=8, verbose=0
    ).history["loss"]

    assert last < first
    assert layer.name == "words"
    assert (layer.get_weights()[0] == before).all() is np.bool_(not trainable)
    # The map on disk is never written to.
    assert (vectors.matrix[:100] == before[1:101]).all()


def test_a_saved_model_needs_nothing_of_this_package(
    vectors: Vectors, tmp_path: Path
) -> None:
    """A .keras file loads where glove_registry cannot be imported, and is small."""
    word_index = {word: i for i, word in enumerate(vectors.tokens[:5000], 1)}
    layer = vectors.to_keras_layer(word_index)
    model = keras.Sequential([keras.Input((2,), dtype="int32"), layer])
    path = tmp_path / "model.keras"
    model.save(path)
    assert len(str(layer.get_config())) < 1000
    assert path.stat().st_size < 5001 * 50 * 4 * 1.05

    code = (
        "import sys, keras, numpy as np\n"
        "sys.modules['glove_registry'] = None\n"
        "model = keras.models.load_model(sys.argv[1])\n"
        "np.save(sys.argv[2], model.predict(np.array([[1, 0]]), verbose=0))\n"
        "try: import glove_registry\n"
        "except ImportError: print('cannot be imported')\n"
    )
    result = tmp_path / "result.npy"
    done = subprocess.run(
        [sys.executable, "-c", code, str(path), str(result)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == "cannot be imported", done.stderr
    found = np.load(result)
    assert (found[0, 0] == vectors["the"]).all()
    assert not found[0, 1].any()


def test_mask_zero_masks_the_padding(vectors: Vectors) -> None:
    """With mask_zero=True, index 0 is left out by layers that follow."""
    layer = vectors.to_keras_layer({"film": 1}, mask_zero=True)
    mask = np.asarray(layer.compute_mask(np.array([[1, 0]])))
    assert mask.tolist() == [[True, False]]


def test_a_copy_of_the_layer_takes_set_weights(vectors: Vectors) -> None:
    """from_config gives a fresh layer of the same shape, filled by set_weights."""
    layer = vectors.to_keras_layer({"film": 1})
    copy = keras.layers.Embedding.from_config(layer.get_config())
    copy.build(None)
    copy.set_weights(layer.get_weights())
    assert (copy.get_weights()[0] == layer.get_weights()[0]).all()


WRONG: dict[str, tuple[Any, str]] = {
    "empty": ({}, "is empty"),
    "None": (None, "expected a word_index"),
    "a str": ("the film", "found str"),
    "a list": (["the", "film"], "enumerate"),
    "a set": ({"the"}, "found set"),
    "index_word": ({1: "the"}, "did you pass index_word"),
    "index a str": ({"the": "1"}, "'1', expected an int"),
    "index a float": ({"the": 1.0}, "float 1.0"),
    "index a numpy float": ({"the": np.float32(1)}, "expected an int"),
    "index a bool": ({"the": True}, "bool True"),
    "index None": ({"the": None}, "NoneType"),
    "negative": ({"the": 1, "film": -1}, "'film' is -1"),
    "one index twice": ({"the": 1, "film": 1}, "'the' and 'film' both have index 1"),
    "bytes": ({b"the": 1}, "found bytes"),
    "a hash for an index": ({"the": 2**40}, "number the words from 1 on"),
    "a long hash for an index": ({"the": 2**70}, "number the words from 1 on"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_malformed_word_index_is_explained(case: str, vectors: Vectors) -> None:
    """What is no word_index is refused by a sentence that says what to do."""
    word_index, words = WRONG[case]
    with pytest.raises(VocabularyError, match=re.escape(words)):
        vectors.to_keras_layer(word_index)


def test_mask_zero_leaves_no_word_at_zero(vectors: Vectors) -> None:
    """A word at index 0 is refused where index 0 is padding."""
    with pytest.raises(VocabularyError, match="'film' has index 0"):
        vectors.to_keras_layer({"film": 0}, mask_zero=True)


def test_the_vocabulary_of_a_text_vectorization(vectors: Vectors) -> None:
    """Its first token, the empty text, is the padding, also where 0 is masked."""
    texts = keras.layers.TextVectorization()
    texts.adapt(["the film", "the end"])
    words = texts.get_vocabulary()
    word_index = {word: i for i, word in enumerate(words)}
    for mask_zero in (False, True):
        layer = vectors.to_keras_layer(word_index, mask_zero=mask_zero)
        (weights,) = layer.get_weights()
        assert not weights[:2].any()
        assert (weights[2] == vectors["the"]).all()
    with pytest.raises(VocabularyError, match=r"layer\.get_vocabulary\(\)"):
        vectors.to_keras_layer(texts)


def test_a_layer_of_zeros_is_warned_of(vectors: Vectors) -> None:
    """If no word has a vector it is said, and why if the case tells."""
    with pytest.warns(UserWarning, match="none of the 2 words .* lower-case words"):
        vectors.to_keras_layer({"Film": 1, "THE": 2})


@pytest.mark.parametrize("argument", ["input_dim", "output_dim", "weights"])
def test_what_the_vectors_decide_is_no_argument(
    argument: str, vectors: Vectors
) -> None:
    """An argument that follows from vocabulary and vectors is refused by its name."""
    with pytest.raises(TypeError, match=f"{argument}: not an argument here"):
        vectors.to_keras_layer({"the": 1}, **{argument: True})
