"""A word without a row has the mean of its n-grams, by every door."""

import json
import pickle
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from fasttext_files import list_buckets, write_matrix, write_model
from numpy.typing import NDArray

import glove_registry
from glove_registry import Vectors, analysis
from glove_registry.authoring import push
from glove_registry.errors import UnknownWordError
from glove_registry.lookup.stack import How
from glove_registry.store import Store
from glove_registry.store.layout import NGRAMS
from glove_registry.store.matrix import Matrix

WORDS = ["film", "movie", "the", "of", "Paris"]
DIMENSION, BUCKETS, LENGTHS = 7, 40, (3, 4)
ROWS = np.random.default_rng(0).normal(size=(len(WORDS) + BUCKETS, DIMENSION))
ROWS = ROWS.astype(np.float32)


def make_vector(word: str, own: bool = True) -> NDArray[np.float32]:
    """Return the vector of a word, added up number by number as fastText does."""
    rows = [WORDS.index(word)] if own and word in WORDS else []
    buckets = list_buckets(word.encode(), *LENGTHS, BUCKETS)
    rows += [len(WORDS) + bucket for bucket in buckets]
    total = np.zeros(DIMENSION, np.float32)
    for row in rows:
        total += ROWS[row]
    return total * np.float32(1 / max(len(rows), 1))


def make_vectors(words: Sequence[str]) -> NDArray[np.float32]:
    """Return the vectors of words."""
    return np.array([make_vector(word) for word in words])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A model of five words and their n-grams."""
    path = tmp_path / "model.bin"
    path.write_bytes(
        write_model(
            [word.encode() for word in WORDS],
            write_matrix(ROWS.tolist()),
            DIMENSION,
            lengths=LENGTHS,
            buckets=BUCKETS,
        )
    )
    return path


@pytest.fixture
def vectors(path: Path) -> Vectors:
    """The model, opened."""
    return glove_registry.open_file(path)


def test_any_word_has_a_vector(vectors: Vectors) -> None:
    """Brackets, get and lookup compose a word that has no row; `in` and rows do not."""
    assert vectors.has_subwords
    assert vectors.matrix.tobytes() == make_vectors(WORDS).tobytes()
    assert list(vectors) == WORDS
    assert "flimsical" not in vectors
    assert vectors.rows(["film", "flimsical"]).tolist() == [0, -1]
    with pytest.raises(UnknownWordError, match="'flimsical' has no row"):
        vectors.row("flimsical")

    expected = make_vector("flimsical")
    assert vectors["flimsical"].tobytes() == expected.tobytes()
    found = vectors.get("flimsical")
    assert found is not None
    assert found.tobytes() == expected.tobytes()
    words = ["flimsical", "film", "élan", "the"]
    assert vectors[words].tobytes() == make_vectors(words).tobytes()
    assert vectors.lookup(words).tobytes() == make_vectors(words).tobytes()
    composed, is_composed = vectors.compose(["film"])
    assert composed[0].tobytes() == make_vector("film", own=False).tobytes()
    assert is_composed.all()


def test_a_word_without_ngrams_has_no_vector(vectors: Vectors) -> None:
    """The end of a line and the empty word are too short to be composed."""
    for word in ("</s>", ""):
        assert vectors.get(word, "nothing") == "nothing"
        with pytest.raises(UnknownWordError, match="has no vector"):
            vectors[word]
        with pytest.raises(UnknownWordError, match="1 of 2 words"):
            vectors[["xyz", word]]
        assert not vectors.lookup([word]).any()


def test_another_case_comes_first(vectors: Vectors) -> None:
    """A word whose lower case has a row gets that row, unless case is exact."""
    row = make_vector("film").tobytes()
    assert vectors.lookup(["Film"])[0].tobytes() == row
    exact = vectors.lookup(["Film"], case="exact")[0]
    assert exact.tobytes() == make_vector("Film").tobytes()


def test_the_rule_subword_is_the_default_and_can_be_replaced(vectors: Vectors) -> None:
    """`oov` says otherwise where it is given."""
    word = ["flimsical"]
    composed = make_vectors(word).tobytes()
    assert vectors.lookup(word, oov="subword").tobytes() == composed
    assert not vectors.lookup(word, oov="zeros").any()
    with pytest.raises(UnknownWordError, match="oov='error'"):
        vectors.lookup(word, oov="error")


def test_the_rule_needs_ngrams(tmp_path: Path) -> None:
    """A release of words alone has zeros by default, and refuses the rule by name."""
    path = tmp_path / "v.txt"
    path.write_bytes(b"the 1 2\nof 3 4\n")
    vectors = glove_registry.open_file(path)
    assert not vectors.has_subwords
    assert not vectors.lookup(["flim"]).any()
    with pytest.raises(UnknownWordError, match=r"oov='subword': .* no vectors of"):
        vectors.lookup(["the"], oov="subword")
    assert not vectors.compose(["the"])[0].any()


def test_a_matrix_composes_words_and_not_special_tokens(vectors: Vectors) -> None:
    """Each word at its index; the token for unknown words and padding are zeros."""
    words = ["", "[UNK]", "flimsical", "the"]
    matrix = vectors.embedding_matrix(words)
    assert not matrix[:2].any()
    assert matrix[2:].tobytes() == make_vectors(words[2:]).tobytes()
    assert vectors.embedding_matrix(["</s>", "zyx"]).any(axis=1).tolist() == [
        False,
        True,
    ]


def test_a_subset_has_rows_of_composed_words(vectors: Vectors) -> None:
    """What a subset keeps is what a look-up gives."""
    small = vectors.subset(["flimsical", "the", ""])
    assert list(small) == ["flimsical", "the"]
    assert small.matrix.tobytes() == make_vectors(["flimsical", "the"]).tobytes()
    assert not small.has_subwords


def test_texts_are_pooled_with_composed_words(vectors: Vectors) -> None:
    """Words without a row are summed and counted like others."""
    texts = [["the", "flimsical"], ["zyx"], ["</s>"], ["of", "of", "zyx"]]
    expected = np.zeros((4, DIMENSION), np.float32)
    for i in (0, 1, 3):
        expected[i] = make_vectors(texts[i]).mean(axis=0, dtype=np.float64)
    found = vectors.embed(texts)
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    assert vectors.embed(texts[3:]).tobytes() == found[3].tobytes()

    weighed = vectors.embed([["the", "flimsical", "of"]], weights={"flimsical": 2.0})
    np.testing.assert_allclose(weighed[0], make_vector("flimsical"), rtol=1e-6)


def test_similar_words_of_a_composed_one(vectors: Vectors) -> None:
    """Neighbours, similarities and the odd one out are those of its vector."""
    query = make_vector("filmy").astype(np.float64)
    lengths = np.linalg.norm(vectors.matrix, axis=1) * np.linalg.norm(query)
    cosines = vectors.matrix @ query / lengths
    best = np.argsort(-cosines)[:2]
    found = vectors.most_similar("filmy", topn=2)
    assert [word for word, _ in found] == [WORDS[i] for i in best]
    np.testing.assert_allclose([score for _, score in found], cosines[best], rtol=1e-5)
    assert vectors.similarity("filmy", "film") == pytest.approx(cosines[0])
    # Words weigh the same, whether or not they have a row.
    together = vectors.most_similar(["filmy", "the"], topn=1)
    sums = query / np.linalg.norm(query)
    sums += make_vector("the") / np.linalg.norm(make_vector("the"))
    left = [i for i in range(len(WORDS)) if WORDS[i] != "the"]
    scores = vectors.matrix[left] @ sums
    scores /= np.linalg.norm(vectors.matrix[left], axis=1) * np.linalg.norm(sums)
    assert together[0][1] == pytest.approx(scores.max(), rel=1e-5)
    assert vectors.doesnt_match(["film", "filmy", "the"]) == "the"


def test_composed_words_are_associated(vectors: Vectors) -> None:
    """They are not missing: the effect is that of all words, by a plain loop."""
    targets = (["film", "filmy"], ["Paris", "Parisian"])
    attributes = (["the", "theme"], ["of", "offer"])
    found = analysis.measure_association(vectors, targets, attributes)
    assert found.missing == ()
    unit = {
        word: make_vector(word) / np.linalg.norm(make_vector(word))
        for words in (*targets, *attributes)
        for word in words
    }
    near = [
        np.mean([unit[word] @ unit[a] for a in attributes[0]])
        - np.mean([unit[word] @ unit[b] for b in attributes[1]])
        for words in targets
        for word in words
    ]
    effect = (np.mean(near[:2]) - np.mean(near[2:])) / np.std(near, ddof=1)
    assert found.effect_size == pytest.approx(effect, rel=1e-5)


def test_coverage_names_the_words_that_are_composed(vectors: Vectors) -> None:
    """They are found, in a line of their own."""
    coverage = vectors.coverage(["film", "Film", "flimsical"], [3, 2, 4])
    assert {way: share.tokens for way, share in coverage.ways.items()} == {
        "exact": 3,
        "lower case": 2,
        "title case": 0,
        "upper case": 0,
        "n-grams": 4,
    }
    assert (coverage.found.types, coverage.missed.types) == (3, 0)
    assert "n-grams" in str(coverage)


@pytest.mark.parametrize("dtype", ["float16", "int8"])
def test_number_types(vectors: Vectors, path: Path, dtype: str, tmp_path: Path) -> None:
    """Stores of other types have n-grams, too, made from the file or a store."""
    words = ["flimsical", "film"]
    from_store = glove_registry.open_file(path, dtype=dtype)  # type: ignore[arg-type]
    other = tmp_path / "other"
    from_file = glove_registry.open_file(path, dtype=dtype, cache_dir=other)  # type: ignore[arg-type]
    assert from_store.lookup(words).tobytes() == from_file.lookup(words).tobytes()
    assert from_store.matrix.tobytes() == from_file.matrix.tobytes()
    tolerance = {"float16": 1e-3, "int8": 2e-2}[dtype]
    np.testing.assert_allclose(
        from_store.lookup(words), make_vectors(words), atol=tolerance
    )


def test_another_process_has_the_same_vectors(vectors: Vectors) -> None:
    """A pickle is the path of a store, n-grams included."""
    code = (
        "import pickle, sys\n"
        "vectors = pickle.load(sys.stdin.buffer)\n"
        "sys.stdout.buffer.write(vectors['flimsical'].tobytes())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        input=pickle.dumps(vectors),
        capture_output=True,
        check=True,
    )
    assert done.stdout == make_vector("flimsical").tobytes()


def test_words_of_many_ngrams_in_little_memory(
    vectors: Vectors, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A vector is the same, however few rows are read at a time."""
    words = ["flimsical" * 30, "x", "", "the", "supercalifragilistic" * 9]
    expected = vectors.compose(words)[0]
    subwords = vectors._store.subwords
    for step in (1, 2, 7, 100):
        monkeypatch.setattr(subwords, "_step", step)
        assert vectors.compose(words)[0].tobytes() == expected.tobytes(), step
    np.testing.assert_allclose(expected[0], make_vector(words[0]), rtol=1e-4, atol=1e-6)


def test_a_changed_file_of_ngrams_is_found(vectors: Vectors) -> None:
    """A store that lost n-grams is not opened, and the error names the file."""
    store = vectors._store
    assert isinstance(store, Store)
    matrix = Matrix(store.folder, store.manifest, NGRAMS)
    assert matrix.shape == (BUCKETS, DIMENSION)
    with (store.folder / NGRAMS).open("r+b") as file:
        file.truncate(200)
    with pytest.raises(glove_registry.errors.CacheError, match=NGRAMS):
        Store.open(store.folder)


def test_a_store_that_names_no_number_of_hashes_is_one_of_fasttext(
    vectors: Vectors, path: Path
) -> None:
    """Stores that were written before floret could be read are used as they are."""
    store = vectors._store
    assert isinstance(store, Store)
    written = store.folder.stat().st_ino
    manifest = store.folder / "manifest.json"
    fields = json.loads(manifest.read_text())
    del fields["ngrams"]["hashes"], fields["xxh3_128"]
    manifest.write_text(json.dumps(fields))
    again = glove_registry.open_file(path)
    assert again["flimsical"].tobytes() == make_vector("flimsical").tobytes()
    assert store.folder.stat().st_ino == written


OTHER = {"film": 1.0, "lager": 2.0, "élan": 3.0}


@pytest.mark.parametrize("how", ["concat", "mean", "first"])
@pytest.mark.parametrize("order", [1, -1], ids=["model first", "model last"])
def test_a_stack_composes(vectors: Vectors, how: How, order: int) -> None:
    """A word gets what the model composes, beside or after the rows of others."""
    numbers = np.repeat([[value] for value in OTHER.values()], DIMENSION, axis=1)
    other = glove_registry.from_arrays(list(OTHER), numbers, name="other")
    parts = [vectors, other][::order]
    stacked = glove_registry.stack(parts, how)
    assert stacked.has_subwords
    assert {*stacked} == {*WORDS, *OTHER}

    def expect(word: str) -> list[float]:
        made: list[float] = make_vector(word).tolist()
        row = [OTHER[word]] * DIMENSION if word in OTHER else None
        if how == "concat":
            each = [made, row or [0.0] * DIMENSION][::order]
            return each[0] + each[1]
        if row is None:
            return made
        if how == "mean":
            return [(a + b) / 2 for a, b in zip(made, row, strict=True)]
        return made if word in WORDS and order > 0 else row

    words = ["film", "Paris", "lager", "élan", "flimsical", "élanvital"]
    expected = np.array([expect(word) for word in words], np.float32)
    np.testing.assert_allclose(stacked.lookup(words), expected, rtol=1e-6)
    np.testing.assert_allclose(stacked["flimsical"], expected[4], rtol=1e-6)
    assert "flimsical" not in stacked
    assert stacked.get("") is None
    again = pickle.loads(pickle.dumps(stacked))
    np.testing.assert_array_equal(again.lookup(words), stacked.lookup(words))
    two = glove_registry.from_arrays(["a"], [[1.0]], name="two")
    assert not glove_registry.stack([two, two], how).has_subwords


def test_an_export_without_ngrams_warns(vectors: Vectors, tmp_path: Path) -> None:
    """With the words that are wanted, composed ones are in the file, and no warning."""
    with pytest.warns(UserWarning, match="npz cannot hold: .*pass words="):
        path = vectors.export(tmp_path / "all.npz", "npz")
    assert list(glove_registry.open_file(path)) == WORDS
    with pytest.warns(UserWarning, match=r"safetensors cannot hold: .*subset\(words"):
        push(vectors, tmp_path / "published", dry_run=True)
    path = vectors.export(tmp_path / "some.npz", "npz", words=["film", "flimsical"])
    some = glove_registry.open_file(path)
    assert some["flimsical"].tobytes() == make_vector("flimsical").tobytes()


def test_a_text_layer_warns_that_it_composes_nothing(vectors: Vectors) -> None:
    """It skips a word without a row, as it says, and `embed` does not."""
    pytest.importorskip("tensorflow")
    with pytest.warns(UserWarning, match="words of a text without a row are skipped"):
        layer = vectors.to_text_layer()
    found = np.asarray(layer(np.array(["film flimsical"])))
    np.testing.assert_allclose(found, make_vectors(["film"]), rtol=1e-6)
    expected = make_vectors(["film", "flimsical"]).mean(axis=0, keepdims=True)
    np.testing.assert_allclose(vectors.embed(["film flimsical"]), expected, rtol=1e-5)
    words = ["film", "flimsical", "filmesque"]
    with pytest.warns(UserWarning, match="2 of 3 words, such as 'flimsical', .*subset"):
        vectors.to_text_layer(words)
    # As the warning advises, and without another one.
    layer = vectors.subset(words).to_text_layer(words)
    found = np.asarray(layer(np.array(["film flimsical"])))
    np.testing.assert_allclose(found, expected, rtol=1e-5)
