"""Models and tables of floret give the vectors that floret itself computes."""

import io
import random
from collections.abc import Callable
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from floret_files import MODEL, ROWS, TABLE, WORDS
from hypothesis import given
from hypothesis import strategies as st

import glove_registry
from glove_registry import Vectors
from glove_registry.analysis import build_index
from glove_registry.authoring import add
from glove_registry.cli import main
from glove_registry.errors import (
    FormatError,
    GloveRegistryError,
    OutputError,
    VocabularyError,
)
from glove_registry.formats import open_vectors, read_vectors
from glove_registry.store.floret import find_buckets, hash_bytes

MASK = (1 << 64) - 1


def rotate(number: int, bits: int) -> int:
    """Rotate 64 bits to the left."""
    return (number << bits | number >> (64 - bits)) & MASK


def mix(number: int) -> int:
    """Return the end of the hash for one half."""
    for factor in (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53):
        number = (number ^ number >> 33) * factor & MASK
    return number ^ number >> 33


def murmur(data: bytes) -> list[int]:
    """Return MurmurHash3_x64_128 with floret's seed, number by number."""
    one, two = 0x87C37B91114253D5, 0x4CF5AD432745937F
    h1 = h2 = 2166136261
    whole = len(data) // 16 * 16
    for start in range(0, whole, 16):
        k1 = int.from_bytes(data[start : start + 8], "little")
        k2 = int.from_bytes(data[start + 8 : start + 16], "little")
        h1 ^= rotate(k1 * one & MASK, 31) * two & MASK
        h1 = ((rotate(h1, 27) + h2) * 5 + 0x52DCE729) & MASK
        h2 ^= rotate(k2 * two & MASK, 33) * one & MASK
        h2 = ((rotate(h2, 31) + h1) * 5 + 0x38495AB5) & MASK
    tail = data[whole:]
    if len(tail) > 8:
        k2 = int.from_bytes(tail[8:], "little")
        h2 ^= rotate(k2 * two & MASK, 33) * one & MASK
    if tail:
        k1 = int.from_bytes(tail[:8], "little")
        h1 ^= rotate(k1 * one & MASK, 31) * two & MASK
    h1, h2 = h1 ^ len(data), h2 ^ len(data)
    h1 = (h1 + h2) & MASK
    h2 = (h2 + h1) & MASK
    h1, h2 = mix(h1), mix(h2)
    h1 = (h1 + h2) & MASK
    h2 = (h2 + h1) & MASK
    return [h1 % 2**32, h1 >> 32, h2 % 2**32, h2 >> 32]


def list_buckets(
    word: str, shortest: int, longest: int, buckets: int, hashes: int
) -> list[int]:
    """Return the buckets of a word and its n-grams, character by character."""
    marked = f"<{word}>"
    pieces = [marked]
    for begin in range(len(marked)):
        for length in range(shortest, longest + 1):
            piece = marked[begin : begin + length]
            alone = length == 1 and begin in (0, len(marked) - 1)
            if len(piece) == length and not alone:
                pieces.append(piece)
    numbers = [number for piece in pieces for number in murmur(piece.encode())[:hashes]]
    return [number % buckets for number in numbers]


@given(st.lists(st.binary(max_size=80), max_size=8))
def test_any_bytes_hash_as_by_the_definition(pieces: list[bytes]) -> None:
    """Whatever their length, and however many are hashed together."""
    assert hash_bytes(pieces).tolist() == [murmur(piece) for piece in pieces]


@given(
    words=st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=9)),
    shortest=st.integers(1, 4),
    longest=st.integers(0, 6),
    buckets=st.integers(1, 1 << 31),
    hashes=st.integers(1, 4),
)
def test_any_words_have_the_buckets_of_a_loop(
    words: list[str], shortest: int, longest: int, buckets: int, hashes: int
) -> None:
    """The word as a whole comes first, then its n-grams, each with all its hashes."""
    how = shortest, longest, buckets, hashes
    encoded = [word.encode() for word in words]
    found, counts = find_buckets(encoded, *how)
    each = [[] if word == "</s>" else list_buckets(word, *how) for word in words]
    assert found.tolist() == [*chain.from_iterable(each)]
    assert counts.tolist() == [*map(len, each)]


@pytest.fixture
def table(tmp_path: Path) -> Vectors:
    """The table that floret has written."""
    path = tmp_path / "small.floret"
    path.write_bytes(TABLE)
    return glove_registry.open_file(path)


def test_a_model_has_the_vectors_that_floret_computes(tmp_path: Path) -> None:
    """Of its words and of others, to the last bit."""
    path = tmp_path / "small.bin"
    path.write_bytes(MODEL)
    vectors = glove_registry.open_file(path)
    assert list(vectors) == WORDS
    assert vectors.has_subwords
    for word, expected in ROWS.items():
        found = vectors.lookup([word], case="exact")[0]
        assert found.tobytes() == expected.tobytes(), word
    # The mode of floret that is fastText's differs in the arguments alone.
    as_fasttext = MODEL[:52] + b"\1\0\0\0" + MODEL[56:]
    path.write_bytes(as_fasttext)
    plain = MODEL[:52] + MODEL[60:]
    (tmp_path / "plain.bin").write_bytes(plain)
    one, other = map(glove_registry.open_file, (path, tmp_path / "plain.bin"))
    words = [*WORDS, "flimsical"]
    assert one.lookup(words).tobytes() == other.lookup(words).tobytes()


def test_a_table_has_a_vector_for_any_word(table: Vectors, tmp_path: Path) -> None:
    """It has no words, and the vectors of its model by the digits that it has."""
    assert (len(table), table.shape, list(table)) == (0, (0, 2), [])
    assert table.has_subwords
    assert "film" not in table
    # The first word has a row of its own in the model.
    words = [*WORDS[1:4], *list(ROWS)[5:]]
    expected = np.array([ROWS[word] for word in words])
    np.testing.assert_allclose(table[words], expected, rtol=2e-4)
    np.testing.assert_allclose(table["film"], ROWS["film"], rtol=2e-4)
    assert table.get("</s>") is None
    assert (table.rows(["film"] * 100) == -1).all()
    for dtype, tolerance in (("float16", 1e-3), ("int8", 1e-2)):
        other = glove_registry.open_file(
            tmp_path / "small.floret",
            dtype=dtype,  # type: ignore[arg-type]
        )
        assert other.provenance["dtype"] == dtype
        np.testing.assert_allclose(other[words], expected, rtol=tolerance)


def test_real_floret_agrees(tmp_path: Path) -> None:
    """Models of any arguments, if the package is installed."""
    floret = pytest.importorskip("floret")
    text = tmp_path / "text"
    text.write_text("the film été naïve the 日本語 " + "long" * 20 + "\n" * 9, "utf-8")
    for hashes, shortest, longest in ((1, 3, 5), (4, 0, 0), (3, 1, 2)):
        model = floret.train_unsupervised(
            str(text), mode="floret", bucket=30, dim=5, minCount=1, thread=1, lr=1.0,
            minn=shortest, maxn=longest, hashCount=hashes, verbose=0,
        )  # fmt: skip
        model.save_model(str(tmp_path / "m.bin"))
        model.save_floret_vectors(str(tmp_path / "m.floret"))
        vectors = glove_registry.open_file(tmp_path / "m.bin")
        table = glove_registry.open_file(tmp_path / "m.floret")
        others = ["flimsical", "日", "x" * 99, "a"]
        for word in [*model.get_words(), *others]:
            expected = model.get_word_vector(word)
            found = vectors.lookup([word], case="exact")[0]
            assert found.tobytes() == expected.tobytes()
        expected = np.array([model.get_word_vector(word) for word in others])
        largest = abs(model.get_input_matrix()).max()
        np.testing.assert_allclose(table[others], expected, atol=1e-5 * largest)


DOORS: dict[str, Callable[[Vectors], Any]] = {
    "neighbours": lambda v: list(v.most_similar("film")),
    "tokens": lambda v: list(v.tokens),
    "blocks": lambda v: list(v.blocks(3)),
    "matrix": lambda v: v.matrix.tolist(),
    "repeated": lambda v: v.find_repeated().tolist(),
}


@pytest.mark.parametrize("door", DOORS)
def test_what_is_about_words_has_none(door: str, table: Vectors) -> None:
    """A table has no rows of words, which is no error."""
    assert DOORS[door](table) == []


REFUSED: dict[str, tuple[Callable[[Vectors], Any], type[Exception], str]] = {
    "mean": (lambda v: v.lookup(["a"], oov="mean"), ValueError, "no words, whose"),
    "normal": (lambda v: v.lookup(["a"], oov="normal"), ValueError, "no words, whose"),
    "sif": (lambda v: v.embed(["a"], weights="sif"), ValueError, "has no words"),
    "row": (lambda v: v.row("film"), KeyError, "composed of"),
}


@pytest.mark.parametrize("door", REFUSED)
def test_what_needs_words_is_refused(door: str, table: Vectors) -> None:
    """The error says what is missing."""
    use, error, sentence = REFUSED[door]
    with pytest.raises(error, match=sentence):
        use(table)


def test_words_of_ones_own_become_rows(table: Vectors, tmp_path: Path) -> None:
    """A vocabulary makes of a table what other vectors are, and a file of them."""
    small = table.subset(["film", "flimsical", ""])
    assert list(small) == ["film", "flimsical"]
    assert small.most_similar("film", topn=1)[0][0] == "flimsical"
    with pytest.raises(OutputError, match="pass words="):
        table.export(tmp_path / "all.npz", "npz")
    path = table.export(tmp_path / "some.npz", "npz", words=["film"])
    assert glove_registry.open_file(path)["film"].tobytes() == table["film"].tobytes()
    layer = table.to_keras_layer(["", "[UNK]", "film"])
    assert layer.get_weights()[0][2].tobytes() == table["film"].tobytes()
    with pytest.raises(VocabularyError, match=r"subset\(words\)"):
        table.to_text_layer()
    both = glove_registry.stack([table, small], "mean")
    np.testing.assert_allclose(both["film"], table["film"], rtol=1e-6)
    assert not table.coverage(["film", "flimsical"]).misses
    with pytest.raises(ValueError, match="no words that could be found"):
        build_index(table, progress=False)
    assert [*table.to_tf_dataset(shuffle=True)] == []


def test_an_entry_states_no_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`add` describes a table, and its entry is loaded and shown."""
    monkeypatch.chdir(tmp_path)
    Path("small.floret").write_bytes(TABLE)
    (entry,) = add("small.floret", "lab.floret", to="r.yaml").entries.values()
    assert entry["format"] == "floret"
    assert entry["dimension"] == 2
    assert not entry.keys() & {"rows", "cased"}
    assert glove_registry.load("lab.floret", registry="r.yaml")["film"].any()
    assert main(["info", "lab.floret", "--registry", "r.yaml"]) == 0
    assert main(["similar", "lab.floret", "film", "--registry", "r.yaml"]) == 0
    assert main(["cache", "list"]) == 0
    assert "lab.floret" in capsys.readouterr().out


LINES = TABLE.splitlines(keepends=True)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"".join(LINES[:-1]), r"holds 15 rows, its header says 16: it may be cut off"),
        (b"".join([*LINES, b"16 1 2\n"]), "holds 17 rows"),
        (b"".join([*LINES[:3], LINES[4], LINES[3]]), r"line 4: expected .* bucket 2"),
        (LINES[0], "line 2"),
        (TABLE.replace(b"3 2 2166", b"3 5 2166"), "of another kind than floret"),
        (TABLE.replace(b"3 2 2166", b"3 0 2166"), "of another kind than floret"),
        (TABLE.replace(b"2166136261", b"1"), "of another kind than floret"),
        (TABLE.replace(b"< >", b"[ ]"), "of another kind than floret"),
        (TABLE.replace(b"2 2 3 2", b"2 2 65 2"), "of another kind than floret"),
        (TABLE.replace(b"16 2 2", b"2147483648 2 2"), "of another kind than floret"),
        (TABLE.replace(b"16 2 2", b"0 2 2"), "of another kind than floret"),
        (TABLE.replace(LINES[4], b"3 0.5 x\n"), "line 5"),
        (TABLE.replace(b"16 2 2", b"16 3 2"), "line 2: expected 3 numbers"),
        (TABLE.replace(b"16 2 2", b"16 99999 2"), "at most 16,384 numbers"),
        (TABLE.replace(b"16 2 2", b"2147483647 2 2"), "its header says 2,147,483,647"),
        (TABLE.replace(b"16 2 2", b"9999999999 2 2"), "of another kind than floret"),
        (TABLE.replace(b"-0.019362", b"nan"), "line 2"),
    ],
)
def test_a_damaged_table_is_refused(content: bytes, sentence: str) -> None:
    """The error says what is wrong, and nothing is allocated for what is not there."""
    with pytest.raises(FormatError, match=sentence):
        list(read_vectors(io.BytesIO(content)))
    assert content != TABLE


def test_the_bounds_of_a_table() -> None:
    """One bucket and n-grams of 64 characters are the least and the most."""
    for content in (
        TABLE.replace(b"2 2 3 2", b"2 2 64 2"),
        LINES[0].replace(b"16 2", b"1 2") + LINES[1],
    ):
        ngrams = open_vectors(io.BytesIO(content)).ngrams
        assert ngrams is not None
        assert sum(map(len, ngrams.blocks)) == ngrams.count == content.count(b"\n") - 1
    with pytest.raises(FormatError, match=r"line 1: expected the header .* 'a 1 2'"):
        list(read_vectors(io.BytesIO(b"a 1 2\n"), format="floret"))


@pytest.mark.parametrize("good", [MODEL, TABLE], ids=["model", "table"])
def test_damage_ends_in_an_error_or_in_vectors(good: bytes) -> None:
    """Whatever bytes are changed, no other error is raised."""
    generator = random.Random(7)
    for _ in range(1500):
        content = bytearray(good)
        for _ in range(generator.randint(1, 3)):
            content[generator.randrange(len(content))] = generator.randrange(256)
        if generator.random() < 0.3:
            del content[generator.randrange(len(content)) :]
        try:
            for block in read_vectors(io.BytesIO(bytes(content)), warn=lambda _: None):
                assert np.isfinite(block.values).all()
        except GloveRegistryError:
            continue
