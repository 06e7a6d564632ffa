"""Models of fastText are read to their last byte, or refused."""

import io
import json
import struct
import tracemalloc
import warnings
from itertools import chain
from pathlib import Path
from random import Random
from typing import Any

import gensim
import numpy as np
import pytest
from fasttext_files import (
    SUPERVISED,
    hash_ngram,
    list_buckets,
    write_matrix,
    write_model,
    write_quantized,
)
from hypothesis import given
from hypothesis import strategies as st
from written_files import blocks_of

import glove_registry
from glove_registry import Vectors
from glove_registry.errors import FormatError
from glove_registry.formats import fasttext, open_vectors, read_vectors
from glove_registry.formats.block import BLOCK_BYTES
from glove_registry.formats.fasttext import open_rows, recognize
from glove_registry.formats.fasttext_matrices import Source
from glove_registry.formats.start import Expected, Start
from glove_registry.store import averages
from glove_registry.store.ngrams import find_buckets

GENSIM = Path(gensim.__file__).parent / "test" / "test_data"
OWN = Path(__file__).parent / "models"

# Form, words, and dimension of the models in gensim's wheel.
MODELS = {
    "crime-and-punishment": (291, 5),
    "toy-model": (22, 5),
    "toy-model-pretrained": (24, 5),
    "lee_fasttext_new": (1763, 10),
    "lee_fasttext": (1762, 10),
    "cp852_fasttext": (171, 2),
    "non_ascii_fasttext": (171, 2),
    "pang_lee_polarity_fasttext": (1694, 100),
}
# gensim adds n-grams to the vector of the end of a line; fastText has not done so since
# 2017, see `getWordVector`.
LINE_END = "</s>"


def open_quietly(path: Path) -> Vectors:
    """Open a file without warnings about its words."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return glove_registry.open_file(path)


def make_unknown_words(words: list[str]) -> list[str]:
    """Return 500 words that are in no vocabulary, of the letters of some words."""
    letters = sorted(set("".join(words)) - {"\n"})
    draw = Random(0)
    lengths = [1, 2, 3, 5, 8, 20]
    made = ["".join(draw.choices(letters, k=draw.choice(lengths))) for _ in range(500)]
    return [word + "\u0160q" for word in made]


@pytest.mark.parametrize("name", MODELS)
def test_the_models_of_gensim_are_read_to_the_last_byte(name: str) -> None:
    """All rows are found, and one byte less or more is an error."""
    content = (GENSIM / f"{name}.bin").read_bytes()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        opened = open_vectors(io.BytesIO(content))
        assert opened.format == "fasttext"
        rows = sum(len(block.tokens) for block in opened.read_words())
        assert (rows, opened.dimension) == MODELS[name]
        with pytest.raises(FormatError, match="ends too early"):
            list(read_vectors(io.BytesIO(content[:-1])))
        with pytest.raises(FormatError, match="bytes follow the end"):
            list(read_vectors(io.BytesIO(content + b"\0")))


@pytest.mark.parametrize(
    "name", sorted({*MODELS} - {"cp852_fasttext", "pang_lee_polarity_fasttext"})
)
def test_all_vectors_are_those_of_gensim(name: str) -> None:
    """Each word has gensim's vector, and so have 500 words that are not in the model.

    gensim refuses models of classifiers, and hashes the letters of another encoding
    instead of the file's bytes.
    """
    path = GENSIM / f"{name}.bin"
    theirs = gensim.models.fasttext.load_facebook_vectors(str(path))
    vectors = open_quietly(path)
    known = theirs.index_to_key
    assert list(vectors.tokens) == known
    unknown = make_unknown_words(known)
    assert not any(word in vectors for word in unknown)
    for words in (known, unknown):
        expected = np.array([theirs.get_vector(word) for word in words])
        found = vectors.lookup(words, case="exact")
        same = [word != LINE_END for word in words]
        np.testing.assert_allclose(found[same], expected[same], rtol=0, atol=1e-6)
    assert not vectors.compose([LINE_END])[1].any()


@pytest.mark.parametrize(
    "name",
    ["crime-and-punishment", "toy-model", "lee_fasttext", "pang_lee_polarity_fasttext"],
)
def test_all_vectors_are_those_of_the_text_that_was_published(name: str) -> None:
    """Each word has the numbers of the .vec beside it, to 5 digits.

    In 2016, that of the end of a line was written with its n-grams.
    """
    vectors = open_quietly(GENSIM / f"{name}.bin")
    published = open_quietly(GENSIM / f"{name}.vec")
    assert list(published.tokens) == list(vectors.tokens)
    same = np.array([word != LINE_END for word in vectors])
    same |= name != "lee_fasttext"
    np.testing.assert_allclose(
        vectors.matrix[same], published.matrix[same], rtol=5e-5, atol=1e-7
    )


def test_a_pruned_quantized_model_has_the_vectors_of_fasttext() -> None:
    """FastText itself gives each known and unknown word the same numbers, to the bit.

    `tests/support/programs/make_fasttext_model.py` wrote the files.
    """
    table = json.loads((OWN / "pruned.json").read_text(encoding="utf-8"))
    vectors = glove_registry.open_file(OWN / "pruned.ftz")
    assert len(vectors) == table["known"] < len(table["vectors"])
    words, numbers = zip(*table["vectors"].items(), strict=True)
    assert list(words[: len(vectors)]) == list(vectors.tokens)
    found = vectors.lookup(words, case="exact")
    assert found.tobytes() == np.array(numbers, np.float32).tobytes()


# -- n-grams ------------------------------------------------------------------------

LETTERS = "ab<>/s é日\U0001f600"


@given(
    st.lists(
        st.text(max_size=12).map(lambda word: word.encode("utf-8", "surrogatepass"))
        | st.text(LETTERS, max_size=12).map(str.encode)
        | st.lists(st.sampled_from([b"a", b"\x80", b"\xbf", b"\xc0", b"\xff"])).map(
            b"".join
        )
        | st.just(b"</s>"),
        max_size=6,
    ),
    st.integers(1, 5),
    st.integers(0, 5),
    st.sampled_from([1, 7, 1000, 2_000_000, 2**31 - 1]),
)
def test_ngrams_are_those_of_a_slow_loop(
    words: list[bytes], shortest: int, more: int, buckets: int
) -> None:
    """Words of any characters have the n-grams and hashes that fastText gives them."""
    found, counts = find_buckets(words, shortest, shortest + more, buckets)
    slow = [list_buckets(word, shortest, shortest + more, buckets) for word in words]
    assert counts.tolist() == list(map(len, slow))
    assert found.tolist() == list(chain.from_iterable(slow))


def test_the_slow_loop_hashes_as_gensim_does() -> None:
    """The reference of the tests is right: another library has the same hashes."""
    compute = gensim.models.fasttext_inner.compute_ngrams_bytes
    theirs = gensim.models.fasttext_inner.ft_hash_bytes
    for word in ("film", "été", "日本語", "\U0001f600x", "a"):
        ngrams = compute(word, 3, 6)
        assert [hash_ngram(n) for n in ngrams] == [theirs(n) for n in ngrams]
        ours = list_buckets(word.encode(), 3, 6, 1000)
        assert sorted(ours) == sorted(theirs(n) % 1000 for n in ngrams)


# -- every form, written by hand ----------------------------------------------------

WORDS = [b"ab", b"cd"]
ROWS = [[1.0, -2.0], [3.0, 0.5], [0.25, 4.0], [8.0, -1.0], [16.0, 32.0]]
NGRAMS: dict[str, Any] = {"lengths": (2, 3), "buckets": 3}


def read_bytes(content: bytes, tmp_path: Path) -> Vectors:
    """Open a model of these bytes."""
    path = tmp_path / "model.bin"
    path.write_bytes(content)
    return glove_registry.open_file(path)


def average(
    word: bytes, own: int | None, rows: dict[int, list[float]]
) -> list[np.float32]:
    """Return the mean of a word's row and those of its n-grams, by their buckets."""
    summed = [ROWS[own]] if own is not None else []
    summed += [rows[b] for b in list_buckets(word, 2, 3, 3) if b in rows]
    return list(np.mean(np.array(summed, np.float64), axis=0).astype(np.float32))


@pytest.mark.parametrize("version", [None, 11, 12])
def test_each_version_has_the_mean_of_row_and_ngrams(
    version: int | None, tmp_path: Path
) -> None:
    """The same model has the same vectors in the forms of all years."""
    content = write_model(WORDS, write_matrix(ROWS), 2, version=version, **NGRAMS)
    vectors = read_bytes(content, tmp_path)
    rows = dict(enumerate(ROWS[2:]))
    np.testing.assert_allclose(vectors["ab"], average(b"ab", 0, rows))
    np.testing.assert_allclose(vectors["cd"], average(b"cd", 1, rows))
    np.testing.assert_allclose(vectors["xyz"], average(b"xyz", None, rows))


def test_a_model_that_is_read_in_small_pieces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its vectors do not depend on how many rows are read or mapped at a time."""
    words = [b"ab", b"cd", b"abc"]
    matrix = write_matrix([*ROWS[:2], ROWS[4], *ROWS[2:]])
    content = write_model(words, matrix, 2, **NGRAMS)
    monkeypatch.setattr(averages, "_MAPPED", 16)
    monkeypatch.setattr(averages, "_BLOCK_BYTES", 8)
    with blocks_of(8):
        vectors = read_bytes(content, tmp_path)
    rows = dict(enumerate(ROWS[2:]))
    for word, own in ((b"ab", 0), (b"cd", 1), (b"abc", 4), (b"wxyz", None)):
        np.testing.assert_allclose(vectors[word.decode()], average(word, own, rows))
    assert list(vectors) == ["ab", "cd", "abc"]


@pytest.mark.parametrize(("size", "count"), [(8, 100), (70_000, 20_000)])
def test_words_that_lie_across_blocks(size: int, count: int, tmp_path: Path) -> None:
    """Each word is whole, wherever a block of the file ends."""
    words = [b"word%d" % i for i in range(count)]
    # The bytes of 10 are those of a line feed: no more is read to recognize a format.
    rows = [[float(i)] * 10 for i in range(count)]
    with blocks_of(size):
        vectors = read_bytes(write_model(words, write_matrix(rows), 10), tmp_path)
    assert list(vectors) == [f"word{i}" for i in range(count)]
    assert vectors.matrix.tolist() == rows


def test_a_pruned_model_uses_the_ngrams_that_it_kept(tmp_path: Path) -> None:
    """Buckets that were not kept are left out, and their rows are in any order."""
    codes = [[i] for i in range(4)]
    centroids = [[*ROWS, *[[0.0, 0.0]] * 251]]
    content = write_model(
        WORDS,
        write_quantized(codes, centroids),
        2,
        kept=[(2, 1), (0, 0)],
        quantized=True,
        **NGRAMS,
    )
    vectors = read_bytes(content, tmp_path)
    rows = {0: ROWS[2], 2: ROWS[3]}
    for word, own in ((b"ab", 0), (b"cd", 1), (b"wxyz", None)):
        np.testing.assert_allclose(vectors[word.decode()], average(word, own, rows))
    # All of these have n-grams in bucket 1 alone, which was not kept.
    lost = next(
        text
        for text in (f"{a}{b}" for a in "abcdefgh" for b in "abcdefgh")
        if {*list_buckets(text.encode(), 2, 3, 3)} == {1}
    )
    assert vectors.get(lost) is None
    assert not vectors.lookup([lost]).any()


@pytest.mark.parametrize("bucket", range(3))
def test_a_pruned_model_may_have_kept_a_single_ngram(
    bucket: int, tmp_path: Path
) -> None:
    """One bucket alone is found, whether others would come before it or after it."""
    centroids = [[*ROWS, *[[0.0, 0.0]] * 251]]
    matrix = write_quantized([[0], [1], [2]], centroids)
    kept = [(bucket, 0)]
    content = write_model(WORDS, matrix, 2, kept=kept, quantized=True, **NGRAMS)
    vectors = read_bytes(content, tmp_path)
    for word in ("wxyz", "abcdefgh"):
        expected = average(word.encode(), None, {bucket: ROWS[2]})
        np.testing.assert_allclose(vectors[word], expected)


def test_a_model_that_kept_no_ngram_has_words_alone(tmp_path: Path) -> None:
    """Pruned to nothing, a model has no vector for any other word."""
    codes = [[i] for i in range(2)]
    centroids = [[*ROWS, *[[0.0, 0.0]] * 251]]
    matrix = write_quantized(codes, centroids)
    content = write_model(WORDS, matrix, 2, kept=[], quantized=True, **NGRAMS)
    vectors = read_bytes(content, tmp_path)
    assert not vectors.has_subwords
    assert vectors.matrix.tolist() == ROWS[:2]


def test_a_quantized_row_is_made_of_its_parts_and_its_norm(tmp_path: Path) -> None:
    """The last part may be shorter, and a norm multiplies the row."""
    draw = np.random.default_rng(0)
    parts = [draw.normal(size=(256, width)).astype(np.float32) for width in (2, 2, 1)]
    codes = draw.integers(0, 256, (5, 3))
    norms = draw.integers(0, 256, 5)
    lengths = draw.uniform(1, 3, 256).astype(np.float32)
    matrix = write_quantized(
        codes.tolist(),
        [part.tolist() for part in parts],
        (norms.tolist(), lengths.tolist()),
    )
    output = b"\1" + matrix
    words = [b"w%d" % i for i in range(5)]
    content = write_model(words, matrix, 5, quantized=True, output=output)
    vectors = read_bytes(content, tmp_path)
    for row in range(5):
        pieces = [part[codes[row, i]] for i, part in enumerate(parts)]
        expected = np.concatenate(pieces) * lengths[norms[row]]
        assert vectors.matrix[row].tolist() == expected.tolist()


def test_classifiers_have_words_alone(tmp_path: Path) -> None:
    """Labels are no words, and rows of word n-grams belong to no word."""
    options: dict[str, Any] = {"model": SUPERVISED, "labels": [b"__label__x"]}
    content = write_model(WORDS, write_matrix(ROWS), 2, buckets=3, **options)
    vectors = read_bytes(content, tmp_path)
    assert list(vectors.tokens) == ["ab", "cd"]
    assert vectors.matrix.tolist() == ROWS[:2]
    assert not vectors.has_subwords

    # In version 11, n-grams of characters were announced and not used.
    for shortest in (0, 2):
        options |= {"version": 11, "lengths": (shortest, 3), "buckets": 3}
        content = write_model(WORDS, write_matrix(ROWS), 2, **options)
        assert not read_bytes(content, tmp_path).has_subwords


# -- what is refused ----------------------------------------------------------------

GOOD = write_model(WORDS, write_matrix(ROWS), 2, **NGRAMS)


def change(offset: int, layout: str, *numbers: int) -> bytes:
    """Return the good model with other numbers at a place."""
    content = bytearray(GOOD)
    struct.pack_into(f"<{layout}", content, offset, *numbers)
    return bytes(content)


def write_pruned(kept: list[tuple[int, int]]) -> bytes:
    """Return a model of two words that kept some n-grams."""
    codes = [[i] for i in range(2 + len(kept))]
    matrix = write_quantized(codes, [[*ROWS, *[[0.0, 0.0]] * 251]])
    return write_model(WORDS, matrix, 2, kept=kept, quantized=True, **NGRAMS)


def write_changed(offset: int, layout: str, *numbers: int, more: int = 0) -> bytes:
    """Return a model of a quantized matrix with other numbers in that.

    Its row has 5 numbers in 3 parts, the last of which is shorter: a flag, two numbers
    of 8 bytes, the number of codes at 17, 3 codes (and `more`), and the quantizer.
    """
    parts = [[[0.0] * width] * 256 for width in (2, 2, 1)]
    matrix = bytearray(write_quantized([[0] * 3], parts))
    struct.pack_into(f"<{layout}", matrix, offset, *numbers)
    matrix[24:24] = bytes(more)
    return write_model(WORDS[:1], bytes(matrix), 5, quantized=True)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (write_changed(17, "i", 4, more=1), "expected 3 codes .* found 4"),
        (write_changed(24, "i", 6), "quantizer of 5 numbers, found one of 6"),
        (write_changed(24, "4i", 6, 3, 2, 2), "quantizer of 5 numbers, found one of 6"),
        (write_changed(24, "4i", 5, 3, 1, 3), "found one of 5 in 3 parts of 1"),
        (write_changed(24, "4i", 5, 1, 5, 0), "found one of 5 in 1 parts of 5"),
        (write_changed(24, "4i", 5, 2, 5, 0), "found one of 5 in 2 parts of 5"),
        (write_changed(24, "4i", 5, 0, 5, 10), "found one of 5 in 0 parts of 5"),
        (write_changed(24, "4i", 5, -1, 5, 15), "found one of 5 in -1 parts of 5"),
        (write_changed(24, "4i", 5, 6, 1, 0), "found one of 5 in 6 parts of 1"),
        (
            write_model(
                WORDS,
                write_matrix(ROWS[:2]),
                2,
                output=b"\0" + struct.pack("<2q", -1, 2),
            ),
            "found one of -1 rows of 2 numbers",
        ),
        (change(4, "i", 13), "version 11 or 12, found 13"),
        (change(8, "i", 0), "from 1 to 16,384 numbers in a row, found 0"),
        (change(8, "i", 1 << 30), "from 1 to 16,384 numbers"),
        (change(48, "i", 65), "at most 64 characters, found 65"),
        (change(64, "3i", 3, 2, 0), "2 words and 0 labels among 3 entries"),
        (change(64, "3i", 0, 0, 0), "0 words"),
        (change(40, "i", 4), "does not fit"),
        (GOOD.replace(b"cd\0", b"c\n\0"), "word 2 contains a line feed"),
        (GOOD.replace(b"ab\0", b"ab\0\1\1\1\1\1\1\1\1\1"), "entry 1 .*'ab'"),
        (
            write_model(WORDS, write_matrix(ROWS), 2, kept=[(0, 0)] * 3, **NGRAMS),
            "not quantized",
        ),
        (
            write_model(WORDS, write_matrix(ROWS[:2]), 2, kept=[], **NGRAMS),
            "not quantized",
        ),
        (write_pruned([(0, 0), (1, 2)]), "kept is damaged"),
        (write_pruned([(0, 0), (1, -1)]), "kept is damaged"),
        (write_pruned([(-1, 0), (1, 1)]), "kept is damaged"),
        (
            write_model([b"ab", b"c" * 65_537], write_matrix(ROWS[:2]), 2),
            "a word does not end within 65,536 bytes",
        ),
        (
            write_model(WORDS, write_matrix([[1, 2], [3, float("nan")]]), 2),
            "row 2 of the matrix has a number that is not finite",
        ),
        (
            write_model(WORDS, write_matrix([*ROWS[:4], [2e30, 0]]), 2, **NGRAMS),
            "row 5 of the matrix has a number that is .* too large",
        ),
        (write_model(WORDS, write_matrix([[1, 2]]), 2), "does not fit"),
        (b"a 1 2\n", "expected the beginning of a fastText model, found 'a 1 2"),
    ],
)
def test_what_no_model_has_is_an_error(content: bytes, message: str) -> None:
    """Damage is refused with what was found."""
    with pytest.raises(FormatError, match=message):
        list(read_vectors(io.BytesIO(content), format="fasttext"))


def test_a_dictionary_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """Words of more bytes than any model has are refused while they are read."""
    sizes = len(b"".join(WORDS)) + len(WORDS)
    monkeypatch.setattr(fasttext, "_MOST_TEXT", sizes)
    assert list(read_vectors(io.BytesIO(GOOD), format="fasttext"))
    monkeypatch.setattr(fasttext, "_MOST_TEXT", sizes - 1)
    with pytest.raises(FormatError, match=f"have more than {sizes - 1} bytes"):
        list(read_vectors(io.BytesIO(GOOD), format="fasttext"))


def test_long_words_end_a_block() -> None:
    """A block of the dictionary is bounded by its bytes, not by its rows alone."""
    words = [b"%d" % number + b"a" * 60_000 for number in range(100)]
    content = write_model(words, write_matrix([[1.0, 2.0]] * 100), 2)
    blocks = list(read_vectors(io.BytesIO(content), format="fasttext"))
    assert [token for block in blocks for token in block.tokens] == words
    most = BLOCK_BYTES + len(words[-1])
    assert all(sum(map(len, block.tokens)) <= most for block in blocks)


def test_no_more_ngrams_are_kept_than_there_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A model that kept more than it has buckets is refused before they are read."""
    kept = [(number, number) for number in range(4)]
    assert list(read_vectors(io.BytesIO(write_pruned(kept[:3])), format="fasttext"))
    content = write_pruned(kept)
    before = content[: content.index(struct.pack("<8i", *chain(*kept)))]
    with pytest.raises(FormatError, match="kept 4 n-grams, expected at most 3:"):
        list(read_vectors(io.BytesIO(before), format="fasttext"))
    monkeypatch.setattr(fasttext, "_MOST_KEPT", 2)
    with pytest.raises(FormatError, match="kept 3 n-grams, expected at most 2:"):
        list(read_vectors(io.BytesIO(write_pruned(kept[:3])), format="fasttext"))


@pytest.mark.parametrize(
    "content",
    [
        change(48, "i", 64),
        write_pruned([(2, 1), (0, 0)]),
        # Only together do floret's two arguments differ from fastText's numbers.
        change(56, "i", 2),
        write_model(
            WORDS, write_matrix(ROWS[:2]), 2, output=b"\0" + struct.pack("<2q", 0, 2)
        ),
    ],
    ids=["n-grams of 64 characters", "buckets", "half of a number", "no output"],
)
def test_what_is_just_within_the_bounds_is_read(content: bytes) -> None:
    """The largest numbers that are allowed are no damage."""
    (block,) = read_vectors(io.BytesIO(content), format="fasttext")
    assert block.tokens == WORDS


def test_words_that_are_numbers() -> None:
    """In a binary file, no number can have become a word."""
    words = [b"0.5", b"1.5", b"2.5"]
    content = write_model(words, write_matrix(ROWS[:3]), 2)
    (block,) = read_vectors(io.BytesIO(content))
    assert block.tokens == words


def test_an_error_names_its_row_whatever_the_blocks() -> None:
    """Rows of n-grams are counted after those of words."""
    matrix = write_matrix([*ROWS[:4], [float("inf"), 0]])
    content = write_model(WORDS, matrix, 2, **NGRAMS)
    with blocks_of(8), pytest.raises(FormatError, match="row 5 of the matrix"):
        list(read_vectors(io.BytesIO(content)))


class Pieces(io.BytesIO):
    """A stream that gives a few bytes at a time."""

    def __init__(self, content: bytes, most: int) -> None:
        super().__init__(content)
        self._most = most

    def read(self, size: int | None = -1, /) -> bytes:
        """Return no more bytes than it gives at a time."""
        return super().read(min(size or 0, self._most))


@pytest.mark.parametrize(("count", "most"), [(40, 1), (3_000, 70_000)])
def test_a_dictionary_that_comes_in_pieces(count: int, most: int) -> None:
    """Words are found wherever a stream divides them, and labels without a letter."""
    words = [b"word%020d" % i for i in range(count)]
    matrix = write_matrix([[1.0, i] for i in range(count)])
    content = write_model(words, matrix, 2, model=SUPERVISED, labels=[b"", b"x"])
    (block,) = read_vectors(Pieces(content, most), format="fasttext")
    assert block.tokens == words
    assert block.values[:, 1].tolist() == [*range(count)]


def test_no_more_of_a_stream_is_read_than_is_needed() -> None:
    """What comes later is left in the stream, also after a word without an end."""
    stream = Pieces(b"abcdef", 1)
    assert Source(b"", stream).read(2) == b"ab"
    assert stream.tell() == 2
    begin = GOOD[: GOOD.index(b"ab\0")]
    for letters, seen in ((10, 10), (1_000_000, 80_000)):
        stream = Pieces(begin + b"a" * letters, 4096)
        with pytest.raises(FormatError, match="does not end within 65,536 bytes"):
            open_rows(Start(stream), Expected(None, None, print))
        assert stream.tell() <= len(begin) + seen


def test_the_dimension_may_be_given() -> None:
    """A model of another dimension is refused."""
    assert len(list(read_vectors(io.BytesIO(GOOD), dimension=2))) == 1
    with pytest.raises(FormatError, match="rows of 2 numbers, expected 3"):
        list(read_vectors(io.BytesIO(GOOD), dimension=3))


@pytest.mark.parametrize(
    "content",
    [
        change(64, "3i", 2**31 - 1, 2**31 - 1, 0),
        change(76 + 8, "q", 2**40),
        GOOD.replace(struct.pack("<2q", 5, 2), struct.pack("<2q", 2**50, 2)),
        GOOD[: GOOD.index(b"cd\0") + 12]
        + b"\1\0"
        + struct.pack("<2qi", 5, 2, 2**31 - 1),
    ],
    ids=["words", "n-grams that were kept", "rows", "codes"],
)
def test_no_number_in_a_file_makes_us_allocate_memory(content: bytes) -> None:
    """Memory is needed only for what the file holds."""

    class Careful(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            assert size is not None and 0 < size <= BLOCK_BYTES
            return super().read(size)

    tracemalloc.start()
    try:
        with pytest.raises(FormatError):
            list(read_vectors(Careful(content)))
        assert tracemalloc.get_traced_memory()[1] < 50_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("seed", range(4))
def test_a_damaged_model_is_an_error_or_has_finite_vectors(seed: int) -> None:
    """No damage of a model leads to anything but rows or `FormatError`."""
    draw = Random(seed)
    models = [GOOD, (OWN / "pruned.ftz").read_bytes()]
    ends = {"read": 0, "refused": 0}
    for _ in range(500):
        content = bytearray(draw.choice(models))
        for _ in range(draw.choice([1, 1, 2, 4])):
            place = draw.choice([draw.randrange(120), draw.randrange(len(content))])
            content[place % len(content)] ^= 1 << draw.randrange(8)
        if draw.random() < 0.2:
            del content[draw.randrange(len(content)) :]
        try:
            blocks = list(read_vectors(io.BytesIO(content), warn=lambda _: None))
        except FormatError:
            ends["refused"] += 1
        else:
            assert all(np.isfinite(block.values).all() for block in blocks)
            ends["read"] += 1
    assert min(ends.values()) > 20


# -- how it is recognized -----------------------------------------------------------

OLD = [100, 5, 5, 5, 5, 1, 2, 1, 2_000_000, 0, 0, 100]


@pytest.mark.parametrize(
    ("place", "smallest", "largest"),
    [(0, 1, 16_384), (1, 1, 100), (6, 1, 3), (7, 1, 3)],
)
def test_a_model_of_2016_is_recognized_by_its_arguments(
    place: int, smallest: int, largest: int
) -> None:
    """Dimension, window, loss and model have ranges, both bounds included."""

    def write(number: int) -> bytes:
        arguments = [*OLD[:place], number, *OLD[place + 1 :]]
        return struct.pack("<12id", *arguments, 1e-4)

    for number in (smallest, largest):
        assert recognize(Start(io.BytesIO(write(number))))
        assert not recognize(Start(io.BytesIO(write(number)[:-1])))
    for number in (smallest - 1, largest + 1, -1):
        assert not recognize(Start(io.BytesIO(write(number))))
