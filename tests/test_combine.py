"""Vectors from arrays, from some words of a release, and from several releases."""

import copy as copy_module
import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from gensim.models import KeyedVectors
from plain_rows import SAMPLE

import glove_registry
from glove_registry import Vectors, from_arrays, stack
from glove_registry.authoring import add
from glove_registry.cli import main
from glove_registry.errors import FormatError, UnknownWordError
from glove_registry.registry import Tokenizer

WORDS = ["film", "Film", "good", "n't", "", "flim", "film", "new york", "\udcff"]


@pytest.fixture(scope="module")
def sample() -> Vectors:
    """Return the embedded sample."""
    return glove_registry.load(SAMPLE)


@pytest.fixture(scope="module")
def copy(sample: Vectors) -> Vectors:
    """Return the sample's words and numbers, from memory."""
    words = list(sample)
    return from_arrays(words, sample.matrix, name="copy", tokenizer=sample.tokenizer)


# -- from_arrays ----------------------------------------------------------------------

USES: dict[str, Callable[[Vectors], Any]] = {
    "one": lambda v: v["film"],
    "several": lambda v: v[["the", "film"]],
    "get": lambda v: v.get("film"),
    "rows": lambda v: v.rows(WORDS),
    "lookup": lambda v: v.lookup(WORDS, oov="normal"),
    "half": lambda v: v.lookup(WORDS, dtype="float16"),
    "matrix": lambda v: v.matrix,
    "blocks": lambda v: np.concatenate([block for _, block in v.blocks(999)]),
    "moments": lambda v: v.moments,
    "layer": lambda v: v.to_keras_layer(["", "[UNK]", "film"]).get_weights()[0],
    "coverage": lambda v: v.coverage(WORDS[:4]).misses,
    "neighbours": lambda v: list(v.most_similar("film")),
    "analogy": lambda v: v.analogy("man", "king", "woman").words,
    "dataset": lambda v: next(iter(v.to_tf_dataset(5)))["vector"].numpy(),
    "embed": lambda v: v.embed(["a good film", ""]),
    "tokens": lambda v: list(v),
}


@pytest.mark.parametrize("use", USES)
def test_vectors_from_memory_do_what_loaded_ones_do(
    use: str, sample: Vectors, copy: Vectors
) -> None:
    """Each method returns the same for the same words and numbers."""
    np.testing.assert_equal(USES[use](copy), USES[use](sample))


@pytest.mark.parametrize("to", ["npz", "safetensors", "word2vec-binary"])
def test_an_export_from_memory_has_all_rows(
    to: str, sample: Vectors, copy: Vectors, tmp_path: Path
) -> None:
    """The files differ in nothing but what they say of their origin."""
    ours = copy.export(tmp_path / "ours", to).read_bytes()
    theirs = sample.export(tmp_path / "theirs", to).read_bytes()
    if to == "safetensors":
        ours, theirs = (
            text[8 + int.from_bytes(text[:8], "little") :] for text in (ours, theirs)
        )
    assert ours == theirs


def test_a_pickle_holds_the_numbers(copy: Vectors) -> None:
    """It is opened without the object that it was made from."""
    assert copy_module.deepcopy(copy).matrix is not copy.matrix
    again = pickle.loads(pickle.dumps(copy))
    assert list(again) == list(copy)
    assert again.matrix.tobytes() == copy.matrix.tobytes()
    assert again.provenance == copy.provenance
    numbers = np.zeros((2_501, 10_000), np.float32)
    large = from_arrays([str(i) for i in range(2_501)], numbers, name="large")
    with pytest.warns(UserWarning, match="pickling 100 MB of vectors") as warned:
        pickle.dumps(large)
    assert warned[0].filename == __file__


def test_numbers_are_the_vectors_own(sample: Vectors) -> None:
    """Changes of the array that was passed, or of `matrix`, reach no look-up."""
    numbers = np.ones((2, 3), np.float32)
    made = from_arrays(["a", "b"], numbers, name="made")
    numbers[:] = 7
    assert (made.lookup(["a", "b"]) == 1).all()
    with pytest.raises(ValueError, match="read-only"):
        made.matrix[0] = 7
    made["a"][:] = 7
    for _, block in made.blocks():
        with pytest.raises(ValueError, match="read-only"):
            block[:] = 7
    assert (made["a"] == 1).all()


def test_other_types_and_containers() -> None:
    """Integers, float16, float64, lists and gensim's vectors are taken."""
    for numbers in ([[1, 2]], np.array([[1, 2]], np.float16), np.array([[1.0, 2.0]])):
        made = from_arrays(iter(["a"]), numbers, name="made")
        assert made["a"].tolist() == [1, 2]
        assert made["a"].dtype == np.float32
    kv = KeyedVectors(2)
    kv.add_vectors(["a", "b"], np.array([[1, 2], [3, 4]], np.float32))
    made = from_arrays(kv.index_to_key, kv.vectors, name="from.gensim")
    assert made["b"].tolist() == kv["b"].tolist()
    assert (made.name, made.revision, made.license) == ("from.gensim", None, None)


def test_the_rows_of_a_mapping_are_those_it_states() -> None:
    """Whatever the order of its keys; numbers from 1 on are no rows."""
    made = from_arrays({"b": np.int64(1), "a": 0}, [[1], [2]], name="made")
    assert made[["a", "b"]].tolist() == [[1], [2]]
    for rows in ({"a": 1, "b": 2}, {"a": 0, "b": 0}, {"a": 0, "b": 5}):
        with pytest.raises(FormatError, match="from 0 to 1 and each once"):
            from_arrays(rows, [[1], [2]], name="made")
    vectors = {"b": [1, 2], "a": [3, 4]}
    made = from_arrays(vectors, list(vectors.values()), name="made")
    assert made["a"].tolist() == [3, 4]


def test_what_no_file_can_hold_is_no_vector(tmp_path: Path) -> None:
    """The longest words and rows that are taken can be read back from each export."""
    long = "é" * (1 << 15)
    made = from_arrays([long, "b"], np.ones((2, 1 << 14)), name="made")
    for to in ("npz", "safetensors", "parquet", "word2vec", "word2vec-binary"):
        again = glove_registry.open_file(made.export(tmp_path / to, to))
        assert list(again) == [long, "b"]
        assert again.dimension == 1 << 14
    with pytest.raises(FormatError, match="at most 65,536 bytes of UTF-8"):
        from_arrays(["a", long + "a"], [[1], [2]], name="made")
    with pytest.raises(FormatError, match=r"at most 16,384 numbers in a row"):
        from_arrays(["a"], np.ones((1, (1 << 14) + 1)), name="made")


@pytest.mark.parametrize("to", ["npz", "safetensors", "parquet"])
def test_an_export_says_how_texts_become_words(
    to: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file is opened with the tokenizer, unless another is asked for."""
    text = "A :) don't #tag"
    tokens = {}
    for tokenizer in get_args(Tokenizer):
        own = from_arrays(["a"], [[1]], name="own", tokenizer=tokenizer)
        path = own.export(tmp_path / f"{tokenizer}.{to}", to)
        again = glove_registry.open_file(path)
        assert again.tokenizer == again.provenance["tokenizer"] == tokenizer
        tokens[tokenizer] = again.tokenize(text)
        assert tokens[tokenizer] == own.tokenize(text)
        half = glove_registry.open_file(path, dtype="float16")
        assert half.tokenizer == tokenizer
        asked = glove_registry.open_file(path, tokenizer="whitespace")
        assert asked.tokenize(text) == text.split()
    assert len({*map(tuple, tokens.values())}) > 3
    monkeypatch.chdir(tmp_path)
    (entry,) = add(f"tweets.{to}", "own", to="r.yaml").entries.values()
    assert entry["tokenizer"] == "tweets"
    assert glove_registry.load("own", registry="r.yaml").tokenizer == "tweets"


def test_a_tokenizer_that_does_not_exist(tmp_path: Path) -> None:
    """What a file says is believed only if it is one of those that there are."""
    header = {
        "__metadata__": {"tokenizer": "nltk"},
        "v": {"dtype": "F32", "shape": [1, 1], "data_offsets": [0, 4]},
        "w": {"dtype": "U8", "shape": [1], "data_offsets": [4, 5]},
    }
    path = tmp_path / "v.safetensors"
    faulty: list[object] = [{"tokenizer": "nltk"}, {"tokenizer": ["ptb"]}, [], None]
    for metadata in faulty:
        text = json.dumps({**header, "__metadata__": metadata}).encode()
        path.write_bytes(len(text).to_bytes(8, "little") + text + bytes(4) + b"a")
        assert glove_registry.open_file(path).tokenizer == "ptb"
    numbers = np.ones((1, 1), np.float32)
    for tokenizer in (np.array("nltk"), np.array(["ptb"]), np.array(3), np.array("")):
        words = np.frombuffer(b"a", np.uint8)
        np.savez(tmp_path / "v.npz", vectors=numbers, words=words, tokenizer=tokenizer)
        if tokenizer.shape:
            with pytest.raises(FormatError, match="one array of words"):
                glove_registry.open_file(tmp_path / "v.npz")
            continue
        assert glove_registry.open_file(tmp_path / "v.npz").tokenizer == "ptb"


def test_a_repeated_word_has_its_first_row() -> None:
    """As in a file."""
    made = from_arrays(["a", "b", "a"], [[1], [2], [3]], name="made")
    assert made["a"] == [1]
    assert len(made) == 3
    assert made.find_repeated().tolist() == [2]


@pytest.mark.parametrize(
    ("words", "numbers", "error", "sentence"),
    [
        ("ab", [[1], [2]], UnknownWordError, "found one str"),
        (["a", 1], [[1], [2]], UnknownWordError, "a word is a str"),
        (["a", ""], [[1], [2]], FormatError, "word 1, ''"),
        (["a\nb"], [[1]], FormatError, "has no line feed"),
        (["\ud800"], [[1]], FormatError, "word 0"),
        (["a"], [[1], [2]], FormatError, "found 1 words and 2 rows"),
        (["a"], [1], FormatError, r"shape \(1,\)"),
        ([], np.zeros((0, 3)), FormatError, r"shape \(0, 3\)"),
        (["a"], np.zeros((1, 0)), FormatError, r"shape \(1, 0\)"),
        (["a"], [["x"]], FormatError, "expected numbers"),
        (["a"], np.ma.array([[1.0]], mask=[[True]]), FormatError, "masked array"),
        (["a"], [[True]], FormatError, "type bool"),
        (["a", "b"], [[1], [np.nan]], FormatError, "row 1 has a number that is not"),
        (["a", "b"], [[1], [1e39]], FormatError, "not finite in float32"),
    ],
)
def test_what_is_no_vectors_is_explained(
    words: Any, numbers: Any, error: type[Exception], sentence: str
) -> None:
    """An error says what was expected."""
    with pytest.raises(error, match=sentence):
        from_arrays(words, numbers, name="made")
    with pytest.raises(ValueError, match="is not a valid name"):
        from_arrays(["a"], [[1]], name="../made")


# -- subset ---------------------------------------------------------------------------


def test_a_subset_has_what_look_ups_give(sample: Vectors) -> None:
    """Words are as they were given, each once, and those without a vector are not."""
    small = sample.subset(WORDS)
    assert list(small) == ["film", "Film", "good", "n't"]
    assert small.lookup(WORDS).tobytes() == sample.lookup(WORDS).tobytes()
    assert small.provenance["sha256"] == sample.provenance["sha256"]
    assert (small.provenance["rows"], small.provenance["subset_of_rows"]) == (4, 10_000)
    assert list(sample.subset({"film": 1, "good": 2})) == ["film", "good"]


def test_a_subset_follows_the_rules(sample: Vectors) -> None:
    """`oov` and `case` mean what they mean for a layer; padding has no vector."""
    words = ["film", "Film", "", "flim"]
    made = sample.subset(words, oov="mean")
    assert list(made) == ["film", "Film", "flim"]
    assert made["flim"].tolist() == sample.moments[0].astype(np.float32).tolist()
    assert list(sample.subset(words, case="exact")) == ["film"]
    # No file can hold these, and the mean of no part is no vector.
    made = sample.subset(["film", "a\nb", "\ud83d"], oov="mean")
    assert list(made) == ["film"]
    assert list(sample.subset(["film", "flim", "film_flim"], oov="parts")) == [
        "film",
        "film_flim",
    ]
    with pytest.raises(UnknownWordError, match="oov='error': 1 words"):
        sample.subset(words, oov="error")
    with pytest.raises(ValueError, match="none of the words has a vector"):
        sample.subset(["flim"])
    with pytest.raises(UnknownWordError, match="found one str"):
        sample.subset("film")


def test_rows_of_a_part_are_no_ranks(sample: Vectors, own: Vectors) -> None:
    """Smooth inverse frequency would weigh words by their place in a list."""
    for part in (sample.subset(["film", "the"]), stack([sample, own], "concat")):
        with pytest.raises(ValueError, match="is a part or a stack"):
            part.embed(["the film", "a film"], weights="sif")


def test_words_are_written_to_a_file(sample: Vectors, tmp_path: Path) -> None:
    """`export(words=)` writes the subset, in half the space if asked."""
    words = list(sample)[:2000]
    for to in ("npz", "safetensors", "parquet"):
        whole = sample.export(tmp_path / f"{to}-32", to, words)
        half = sample.export(tmp_path / f"{to}-16", to, words, dtype="float16")
        assert half.stat().st_size < whole.stat().st_size - 190_000
    with np.load(tmp_path / "npz-16") as arrays:
        assert arrays["vectors"].dtype == np.float16
        expected = sample[words].astype(np.float16)
        assert arrays["vectors"].tobytes() == expected.tobytes()
    with pytest.raises(ValueError, match="word2vec cannot hold numbers of float16"):
        sample.export(tmp_path / "text", "word2vec", dtype="float16")
    with pytest.raises(ValueError, match="dtype='int8': expected one of float32"):
        sample.export(tmp_path / "text", "npz", dtype="int8")
    large = from_arrays(["a"], [[70_000]], name="large")
    with pytest.raises(ValueError, match="too large for float16"):
        large.export(tmp_path / "large", "npz", dtype="float16")
    assert not (tmp_path / "large").exists()


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_command_writes_the_words_of_a_file(
    end: str, sample: Vectors, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`export --words` says how many words have no vector."""
    listed, path = tmp_path / "words.txt", tmp_path / "out.npz"
    listed.write_bytes(end.join(["\ufefffilm", "", "flim", "Film", ""]).encode())
    command = ["export", SAMPLE, str(path), "--to", "npz", "--words", str(listed)]
    assert main([*command, "--dtype", "float16"]) == 0
    captured = capsys.readouterr()
    assert captured.out == f"{path}\n"
    assert "1 of 3 words have no vector and were left out" in captured.err
    with np.load(path) as arrays:
        assert arrays["words"].tobytes() == b"film\nFilm"
        assert arrays["vectors"].shape == (2, 50)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "cannot be read"),
        (b"\xff", "it is not UTF-8"),
        (b"\n\n", "has no words"),
        (b"flim\n", "none of the words has a vector"),
    ],
)
def test_a_file_without_words_is_explained(
    content: bytes | None,
    sentence: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """One sentence, and nothing is written."""
    listed, path = tmp_path / "words.txt", tmp_path / "out.npz"
    if content is not None:
        listed.write_bytes(content)
    command = ["export", SAMPLE, str(path), "--to", "npz", "--words", str(listed)]
    assert main(command) == 1
    captured = capsys.readouterr()
    assert sentence in captured.err
    assert captured.err.count("\n") == 1
    assert not path.exists()
    command = ["export", SAMPLE, str(path), "--to", "word2vec", "--dtype", "float16"]
    assert main(command) == 1
    assert "cannot hold numbers of float16" in capsys.readouterr().err


# -- stack ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def own() -> Vectors:
    """Return some vectors of two dimensions; one word is in the sample, too."""
    return from_arrays(["Paris", "film", "flim"], [[1, 2], [3, 4], [5, 6]], name="own")


@pytest.fixture(scope="module")
def wide(sample: Vectors) -> Vectors:
    """Return some vectors of the sample's dimension."""
    numbers = np.arange(150, dtype=np.float32).reshape(3, 50)
    return from_arrays(["Paris", "film", "flim"], numbers, name="wide")


def test_concatenated_vectors_are_side_by_side(sample: Vectors, own: Vectors) -> None:
    """A release without the word has zeros; capitals are found as by look-ups."""
    both = stack([sample, own], "concat")
    assert both.shape == (10_002, 52)
    assert list(both)[-2:] == ["Paris", "flim"]
    for word in ("the", "film", "flim", "Paris", "PARIS", "paris", "xyzzy"):
        parts = [part.lookup([word])[0] for part in (sample, own)]
        assert both.lookup([word])[0].tolist() == np.concatenate(parts).tolist()
    assert both.to_keras_layer(["film"]).output_dim == 52


def test_blocks_of_several_releases_are_read_only(
    sample: Vectors, own: Vectors
) -> None:
    """Rows that are made on demand are protected as those of a file are."""
    both = stack([sample, own], "concat")
    for start, block in both.blocks(4_000):
        assert (block == both.matrix[start : start + 4_000]).all()
        with pytest.raises(ValueError, match="read-only"):
            block[:] = 7


def test_means_and_first_vectors(sample: Vectors, wide: Vectors) -> None:
    """A plain loop over the releases gives the same."""
    words = ["the", "film", "flim", "Paris"]
    mean, first = stack([sample, wide], "mean"), stack([sample, wide], "first")
    for word in words:
        found = [
            part.lookup([word])[0]
            for part in (sample, wide)
            if any(spelled in part for spelled in (word, word.lower()))
        ]
        expected = np.mean(found, axis=0, dtype=np.float64).astype(np.float32)
        assert mean[word].tolist() == expected.tolist()
        assert first[word].tolist() == found[0].tolist()
    reverse = stack([wide, sample], "first")
    assert reverse["film"].tolist() == wide["film"].tolist()
    exact = stack([sample, wide], "first", case="exact")
    assert exact["Paris"].tolist() == wide["Paris"].tolist()


def test_a_stack_does_what_vectors_do(
    sample: Vectors, own: Vectors, tmp_path: Path
) -> None:
    """Matrix, blocks, neighbours, exports and pickles are those of its rows."""
    both = stack([sample, own, own], "concat", name="all")
    assert both.name == "all"
    rows = both.take(np.arange(len(both)))
    assert both.matrix.tobytes() == rows.tobytes()
    blocks = np.concatenate([block for _, block in both.blocks(4097)])
    assert blocks.tobytes() == rows.tobytes()
    opened = glove_registry.open_file(both.export(tmp_path / "all.bin", "word2vec"))
    assert opened.matrix.tobytes() == rows.tobytes()
    again = pickle.loads(pickle.dumps(both))
    assert list(again) == list(both)
    assert again.lookup(["flim"]).tolist() == both.lookup(["flim"]).tolist()
    copied = from_arrays(list(both), rows, name="copied")
    assert list(both.most_similar("film")) == list(copied.most_similar("film"))


def test_provenance_lists_all_releases(sample: Vectors, own: Vectors) -> None:
    """With the terms of all of them; it is plain JSON."""
    both = stack([sample, own], "concat")
    assert json.loads(json.dumps(both.provenance)) == both.provenance
    assert both.provenance["parts"] == [sample.provenance, own.provenance]
    assert (both.provenance["how"], both.provenance["rows"]) == ("concat", 10_002)
    assert both.license is None
    assert both.citation == sample.citation
    assert stack([sample, sample.subset(["a"])], "mean").license == "PDDL-1.0"


def test_what_is_no_stack_is_explained(sample: Vectors, own: Vectors) -> None:
    """An error says what to change."""
    with pytest.raises(ValueError, match="of one dimension, found 2, 50: use how="):
        stack([sample, own], "mean")
    with pytest.raises(ValueError, match="how='sum': expected one of concat, mean"):
        stack([sample, own], "sum")  # type: ignore[arg-type]
    wide = from_arrays(["a"], np.ones((1, 8_192)), name="wide")
    assert stack([wide, wide], "concat").dimension == 16_384
    with pytest.raises(ValueError, match=r"of 16,386 numbers, .* than 16,384 in a row"):
        stack([wide, wide, own], "concat")
    with pytest.raises(ValueError, match="two releases or more, found 1"):
        stack([sample], "first")
    with pytest.raises(ValueError, match="found str 'glove"):
        stack(["glove.6B.50d", sample], "first")  # type: ignore[list-item]
    with pytest.raises(ValueError, match="is not a valid name"):
        stack([sample, own], "concat", name="a b")
    assert stack((v for v in (sample, own)), "concat").shape == (10_002, 52)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="case='lower'"):
        stack([sample, own], "concat", case="lower")  # type: ignore[arg-type]


@pytest.mark.slow
def test_a_part_of_the_real_release_is_small(real_text: Path, tmp_path: Path) -> None:
    """20,000 words of 50 dimensions take less than 2.3 MB, and are read back."""
    vectors = glove_registry.open_file(real_text)
    words = list(vectors)[:20_000]
    for to in ("npz", "safetensors"):
        path = vectors.export(tmp_path / to, to, words=words, dtype="float16")
        assert path.stat().st_size < 2_300_000
        opened = glove_registry.open_file(path)
        assert list(opened) == words
        expected = vectors[words].astype(np.float16).astype(np.float32)
        assert opened.matrix.tobytes() == expected.tobytes()


@pytest.mark.slow
@pytest.mark.parametrize("to", ["npz", "safetensors", "parquet", "projector"])
def test_the_real_release_is_read_back(
    to: str, real_text: Path, tmp_path: Path
) -> None:
    """All 400,000 words and 20,000,000 numbers are equal."""
    vectors = glove_registry.open_file(real_text)
    opened = glove_registry.open_file(vectors.export(tmp_path / to, to))
    assert list(opened) == list(vectors)
    assert opened.matrix.tobytes() == vectors.matrix.tobytes()
