"""`Vectors` finds what is there, says what is not, and never changes."""

import ctypes
import json
import lzma
import pickle
import pydoc
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from entries import SMALL
from hypothesis import given
from hypothesis import strategies as st

import glove_registry
from glove_registry import Vectors
from glove_registry.errors import CacheError, UnknownWordError
from glove_registry.store import Store


@pytest.fixture
def vectors() -> Vectors:
    """The embedded sample."""
    return glove_registry.load("glove.6B.50d-first10k")


def test_rows_follow_the_file(vectors: Vectors) -> None:
    """Every token's row is its place among the tokens, one by one and together."""
    tokens = list(vectors)
    assert len(tokens) == len(vectors) == len(vectors.tokens) == 10_000
    assert [vectors.row(token) for token in tokens] == list(range(10_000))
    rows = vectors.rows(tokens)
    assert rows.dtype == np.int64
    assert (rows == np.arange(10_000)).all()


def test_tokens_are_a_sequence(vectors: Vectors) -> None:
    """Tokens have items, slices and ends as a list has."""
    tokens = vectors.tokens
    as_list = list(tokens)
    assert tokens[0] == "the"
    assert tokens[-1] == as_list[-1]
    assert tokens[5:12:3] == as_list[5:12:3]
    assert ("film" in tokens, "flim" in tokens, "" in tokens) == (True, False, False)
    number: object = 7
    assert number not in tokens
    assert tokens.index("film") == vectors.row("film") == as_list.index("film")
    assert tokens.index("film", 100) == as_list.index("film", 100)
    for asked in (("flim",), (7,), ("the", 1), ("film", 0, 3), ("film", 0, -9_990)):
        with pytest.raises(ValueError, match=f"{asked[0]!r} is not among the tokens"):
            tokens.index(*asked)
    for row in (10_000, -10_001):
        with pytest.raises(IndexError):
            tokens[row]


def test_what_is_asked_for_is_a_copy_of_the_map(vectors: Vectors) -> None:
    """One word gives a vector, several give a matrix, and both can be written to."""
    row = vectors.row("film")
    one = vectors["film"]
    assert one.dtype == np.float32
    assert (one == vectors.matrix[row]).all()
    many = vectors[["film", "the", "film"]]
    assert (many == vectors.matrix[[row, 0, row]]).all()
    one[:] = 0
    many[:] = 0
    assert vectors["film"].any()


def test_get_is_that_of_a_mapping(vectors: Vectors) -> None:
    """A word without a vector gets the default, and anything else is an error."""
    found = vectors.get("film")
    assert found is not None
    assert (found == vectors["film"]).all()
    assert vectors.get("flim") is None
    nothing = np.zeros(50)
    assert vectors.get("flim", nothing) is nothing
    assert (vectors.get("film", nothing) == vectors["film"]).all()
    for odd in (7, None, ["film"]):
        with pytest.raises(UnknownWordError, match=r"a word is a str, found"):
            vectors.get(odd)  # type: ignore[call-overload]


def test_facts_are_attributes(vectors: Vectors) -> None:
    """Shape, licence and citation are there without a look into the provenance."""
    assert vectors.shape == (len(vectors), vectors.dimension) == vectors.matrix.shape
    assert vectors.license == vectors.provenance["license"] == "PDDL-1.0"
    assert vectors.citation == vectors.provenance["citation"]
    assert "@inproceedings{pennington2014glove" in str(vectors.citation)


def test_the_map_cannot_be_written_to(vectors: Vectors) -> None:
    """The matrix is read-only."""
    assert not vectors.matrix.flags.writeable
    with pytest.raises(ValueError):  # noqa: PT011  the sentence is numpy's
        vectors.matrix[0, 0] = 1


def test_what_writes_past_numpy_changes_the_matrix_alone(vectors: Vectors) -> None:
    """Memory that a framework takes for its own is writable, and not shared."""
    address = vectors.matrix.ctypes.data
    before = vectors["the"]
    ctypes.memset(address, 0, vectors.matrix[0].nbytes)
    assert not vectors.matrix[0].any()
    assert (vectors["the"] == before).all()
    assert (vectors.lookup(["the"]) == before).all()
    assert (pickle.loads(pickle.dumps(vectors)).matrix[0] == before).all()


def test_a_store_that_is_removed_still_gives_its_matrix(tmp_path: Path) -> None:
    """The files that are open are used, whatever has become of their paths."""
    opened = glove_registry.load("glove.6B.50d-first10k", cache_dir=tmp_path)
    shutil.rmtree(tmp_path)
    before = opened["the"]
    assert (opened.matrix[0] == before).all()
    ctypes.memset(opened.matrix.ctypes.data, 0, opened.matrix[0].nbytes)
    assert (opened["the"] == before).all()


@pytest.mark.parametrize("step", [0, -1, "a", 1.5, None], ids=repr)
def test_blocks_of_no_size_are_refused(step: Any, vectors: Vectors) -> None:
    """A step that is not a positive whole number is an error at the call."""
    with pytest.raises(ValueError, match=f"step={step!r}: expected a positive whole"):
        vectors.blocks(step)


def test_the_size_of_blocks_may_be_of_a_narrow_type(vectors: Vectors) -> None:
    """Starts do not overflow the type of the step."""
    starts = [start for start, _ in vectors.blocks(np.uint8(200))]
    assert starts == [*range(0, 10_000, 200)]


def test_the_store_format_is_that_of_the_store(vectors: Vectors) -> None:
    """Provenance has the version of the layout that the manifest states."""
    _, (opened, _) = vectors.__reduce__()
    store = Store.open(opened.folder)
    store.manifest = store.manifest._replace(format_version=77)
    assert Vectors(store).provenance["store_format"] == 77


def test_lookup_gives_zeros_for_what_is_missing(vectors: Vectors) -> None:
    """Lookup never fails for a word; its order is that of the words."""
    found = vectors.lookup(w for w in ["film", "flim", "the"])
    assert found.shape == (3, 50)
    assert found.dtype == np.float32
    assert (found[0] == vectors["film"]).all()
    assert not found[1].any()
    assert (found[2] == vectors["the"]).all()
    assert vectors.lookup([]).shape == (0, 50)


def test_a_missing_word_is_an_error_that_names_it(vectors: Vectors) -> None:
    """[] raises a KeyError of ours that says what to do instead."""
    with pytest.raises(KeyError, match=r"'flim' has no vector .* lookup"):
        vectors["flim"]
    with pytest.raises(UnknownWordError, match=r"2 of 3 words .* 'flim', 'teh'"):
        vectors[["flim", "the", "teh"]]
    assert vectors.rows(["flim", "the"]).tolist() == [-1, 0]


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("flim", "did you mean 'film'? Test `word in vectors`"),
        # Not "but", which is one edit away and more frequent.
        ("Bit", "did you mean 'bit'?"),
        ("Usa", "did you mean 'usa'?"),
        ("xqzvkjw", "sample of 10,000 words: test `word in vectors`"),
        ("New York", "with oov='parts', the mean of the vectors of its parts"),
    ],
)
def test_an_unknown_word_leads_to_one_that_is_known(
    word: str, hint: str, vectors: Vectors
) -> None:
    """[] and row() suggest the word in another case, or spelled alike, or its parts."""
    for ask in (vectors.__getitem__, vectors.row):
        with pytest.raises(KeyError) as caught:
            ask(word)
        assert hint in str(caught.value)
        assert hint in repr(caught.value).replace("\\", "")
        # Some libraries pickle tracebacks, too, once they have been imported.
        sent = pickle.dumps(caught.value.with_traceback(None))
        assert len(sent) < 1_000
        assert str(pickle.loads(sent)) == str(caught.value)


def test_an_error_that_nobody_shows_searches_for_nothing(
    vectors: Vectors, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A loop that catches the error of each unknown word does not pay for a hint."""
    from glove_registry.lookup import spelling

    monkeypatch.setattr(spelling, "find_near_word", lambda *_: pytest.fail("searched"))
    with pytest.raises(KeyError):
        vectors["flim"]


@pytest.mark.parametrize("word", [3, None, b"the", ["the"]])
def test_what_is_no_word_is_said_to_be_none(word: object, vectors: Vectors) -> None:
    """A word is a str: anything else is an error by its type, not a miss."""
    assert word not in vectors
    with pytest.raises(UnknownWordError, match="a word is a str"):
        vectors.row(word)  # type: ignore[arg-type]
    with pytest.raises(UnknownWordError, match="a word is a str"):
        vectors.rows(["the", word])  # type: ignore[list-item]
    with pytest.raises(UnknownWordError, match=r"write \['the'\]"):
        vectors.lookup("the")
    with pytest.raises(
        UnknownWordError, match="expected several words, found bytes b'the'"
    ):
        vectors.lookup(b"the")  # type: ignore[arg-type]
    with pytest.raises(UnknownWordError, match="a word is a str, found int 0"):
        vectors[0]  # type: ignore[call-overload]


SAMPLE = Path(glove_registry.__file__).parent / "samples/glove.6B.50d-first10k.txt.xz"
TOKENS = frozenset(
    line.split(b" ")[0].decode()
    for line in lzma.decompress(SAMPLE.read_bytes()).split(b"\n")[:-1]
)


@given(st.text() | st.sampled_from(sorted(TOKENS)).map(lambda t: t + "s"))
def test_no_text_is_taken_for_another(word: str) -> None:
    """A word is found if and only if it is one of the tokens, whatever it holds."""
    vectors = glove_registry.load("glove.6B.50d-first10k")
    assert (word in vectors) == (word in TOKENS)
    assert (vectors.rows([word])[0] >= 0) == (word in TOKENS)


@pytest.mark.parametrize("word", ["\ud800\udcff", "\x00", "the\x00", "", "\n"])
def test_odd_text_is_a_miss(word: str, vectors: Vectors) -> None:
    """Lone surrogates, NULs and the empty text are no words of the sample."""
    assert word not in vectors


def test_provenance_is_json_and_names_the_bytes(vectors: Vectors) -> None:
    """Provenance has the hash of the text and of the file, and survives JSON."""
    provenance = vectors.provenance
    assert json.loads(json.dumps(provenance)) == provenance
    variant = glove_registry.info("glove.6B.50d-first10k")
    assert provenance["name"] == vectors.name == variant.name
    assert provenance["url_sha256"] == variant.sources[0].sha256
    assert provenance["license"] == "PDDL-1.0"
    assert (provenance["rows"], provenance["dimension"]) == vectors.matrix.shape
    provenance["name"] = "changed"
    assert vectors.name == variant.name


def test_errors_say_their_message_once_and_pickle() -> None:
    """The message of a KeyError of ours is its sentence, in another process too."""
    error = UnknownWordError("a sentence with 'quotes'")
    assert str(error) == "a sentence with 'quotes'"
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


def test_vectors_import_only_what_every_load_needs() -> None:
    """Vocabularies and rules for words are imported when they are used, not before."""
    code = (
        "import sys, glove_registry.vectors\n"
        "rooms = ('glove_registry.lookup.', 'glove_registry.coverage', 'keras')\n"
        "print(*(name for name in sys.modules if name.startswith(rooms)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["glove_registry.lookup.rows"]


def test_every_public_name_is_documented() -> None:
    """__all__ is exactly what the package offers, and each name has a docstring."""
    assert glove_registry.__all__ == sorted(glove_registry.__all__)
    for name in glove_registry.__all__:
        assert pydoc.getdoc(getattr(glove_registry, name)), name
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = glove_registry.nothing


def test_pickled_vectors_say_if_their_store_is_not_there(tmp_path: Path) -> None:
    """Where their store is not, unpickled vectors are an error with the way out."""
    text = tmp_path / "small.txt"
    text.write_bytes(SMALL)
    pickled = pickle.dumps(glove_registry.open_file(text, cache_dir=tmp_path / "other"))
    shutil.rmtree(tmp_path / "other")
    with pytest.raises(CacheError, match="load them by name"):
        pickle.loads(pickled)


def test_pickled_vectors_are_the_path_of_their_store(vectors: Vectors) -> None:
    """Another process that is handed vectors maps them itself; nothing is copied."""
    pickled = pickle.dumps(vectors)
    assert len(pickled) < 1000
    assert (pickle.loads(pickled).matrix == vectors.matrix).all()
