"""npz, safetensors, Parquet and tabs: what is written, here or elsewhere, is read."""

import io
import json
import re
import struct
import tracemalloc
import warnings
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import safetensors.numpy
from entries import sha256, write_registry
from hypothesis import given, settings
from hypothesis import strategies as st
from plain_rows import SAMPLE
from written_files import blocks_of

import glove_registry
from glove_registry import Vectors, from_arrays, open_file
from glove_registry.cli import main
from glove_registry.errors import FetchError, FormatError, OutputError
from glove_registry.frameworks.export import FORMATS

pytestmark = pytest.mark.filterwarnings("ignore:.* tokens (are not UTF-8|begin or end)")

WORDS = ["the", "new york", "n't", "Straße", "7"]
NUMBERS = np.array([[0.5, -1], [2, 3], [1e-30, 4], [0, 0], [7, 65504]], np.float32)
# None of them is in word2vec's formats without its space.
NASTY = [
    "the",
    "a\tb",
    "\t",
    "\r",
    '"',
    "0.5",
    "\xa0",
    "\u2028",
    "a b",
    "\udcff",
    "the",
]


def join(words: list[str]) -> np.ndarray:
    """Return words as bytes with line feeds between them."""
    return np.frombuffer("\n".join(words).encode(), np.uint8)


# -- exports --------------------------------------------------------------------------


@pytest.mark.parametrize("to", FORMATS)
def test_every_export_is_read_back_equal(to: str, tmp_path: Path) -> None:
    """Words and numbers of the sample are those that were written."""
    sample = glove_registry.load(SAMPLE)
    opened = open_file(sample.export(tmp_path / "export", to))
    assert list(opened) == list(sample)
    assert opened.matrix.tobytes() == sample.matrix.tobytes()


@pytest.mark.parametrize("to", ["npz", "safetensors", "parquet", "projector"])
def test_any_token_is_read_back(to: str, tmp_path: Path) -> None:
    """White space, invalid UTF-8 and a repeated token are what they were."""
    numbers = np.arange(2 * len(NASTY), dtype=np.float32).reshape(-1, 2) / 7
    made = from_arrays(NASTY, numbers, name="nasty")
    opened = open_file(made.export(tmp_path / "export", to))
    assert list(opened) == NASTY
    assert opened.matrix.tobytes() == numbers.tobytes()


@pytest.mark.parametrize("to", ["npz", "safetensors", "parquet"])
def test_half_precision_is_read_back(to: str, tmp_path: Path) -> None:
    """float16 is read as float32 of the same values."""
    made = from_arrays(WORDS, NUMBERS, name="made")
    opened = open_file(made.export(tmp_path / "export", to, dtype="float16"))
    assert opened.matrix.tolist() == NUMBERS.astype(np.float16).tolist()


@pytest.mark.parametrize("to", ["npz", "safetensors", "parquet"])
def test_entries_and_add_follow(to: str, tmp_path: Path) -> None:
    """A file is added, and loaded by its entry, like any other."""
    made = from_arrays(WORDS, NUMBERS, name="made")
    path = made.export(tmp_path / f"v.{to}", to)
    own = tmp_path / "registry.yaml"
    assert main(["add", str(path), "--name", "mine", "--to", str(own)]) == 0
    assert glove_registry.info("mine", registry=own).format == to
    plain = tmp_path / "plain"
    plain.mkdir()
    digest = sha256(path.read_bytes())
    for registry in (
        own,
        write_registry(plain, "mine", url=path.as_uri(), sha256=digest),
    ):
        assert list(glove_registry.load("mine", registry=registry)) == WORDS


# -- what others write ----------------------------------------------------------------


def write_numpy(path: Path) -> None:
    """Write arrays of str and float64."""
    np.savez(path, tokens=np.array(WORDS), emb=NUMBERS.astype(">f8"))


def write_compressed(path: Path) -> None:
    """Write arrays of bytes and float32, deflated, and one that is neither."""
    words = np.array([word.encode() for word in WORDS])
    np.savez_compressed(path, ids=np.arange(5), words=words, vectors=NUMBERS)


def write_tensors(path: Path) -> None:
    """Write tensors by the library, with one that is neither."""
    tensors = {"embeddings": NUMBERS, "words": join(WORDS), "norms": NUMBERS[:, 0]}
    safetensors.numpy.save_file(tensors, path)


def write_bfloat16(path: Path) -> None:
    """Write bfloat16, which numpy lacks, by the layout."""
    numbers = (NUMBERS.view(np.uint32) >> 16).astype("<u2").tobytes()
    words = join(WORDS).tobytes()
    header = {
        "words": {
            "dtype": "U8",
            "shape": [len(words)],
            "data_offsets": [0, len(words)],
        },
        "v": {
            "dtype": "BF16",
            "shape": [5, 2],
            "data_offsets": [len(words), len(words) + 20],
        },
    }
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + words + numbers)


def write_lists(path: Path) -> None:
    """Write a column of lists by pandas."""
    pd.DataFrame({"word": WORDS, "vector": list(NUMBERS)}).to_parquet(path)


def write_columns(path: Path) -> None:
    """Write a column for each number by pandas, in float64."""
    table = pd.DataFrame(NUMBERS.astype(float), columns=["0", "1"])
    table.insert(0, "token", WORDS)
    table.to_parquet(path)


def write_binary_words(path: Path) -> None:
    """Write words as bytes, and lists of one size."""
    numbers = pa.FixedSizeListArray.from_arrays(pa.array(NUMBERS.ravel()), 2)
    words = pa.array([word.encode() for word in WORDS], pa.large_binary())
    pq.write_table(pa.table({"v": numbers, "w": words}), path)


def write_tabs(path: Path) -> None:
    """Write a table by pandas, with no names."""
    table = pd.DataFrame(NUMBERS, index=WORDS)
    table.to_csv(
        path, sep="\t", header=False, float_format="%.9g", lineterminator="\r\n"
    )


WRITERS: dict[str, list[Callable[[Path], None]]] = {
    "npz": [write_numpy, write_compressed],
    "safetensors": [write_tensors, write_bfloat16],
    "parquet": [write_lists, write_columns, write_binary_words],
    "tsv": [write_tabs],
}


@pytest.mark.parametrize("given", [False, True])
@pytest.mark.parametrize(
    ("form", "write"),
    [(form, write) for form, writers in WRITERS.items() for write in writers],
)
def test_files_of_other_tools(
    form: Any, write: Callable[[Path], None], given: bool, tmp_path: Path
) -> None:
    """Each is recognized, whatever its name, and read to the bit."""
    path = tmp_path / (f"v.{form}" if form == "npz" else "v")
    write(path)
    opened = open_file(path, format=form if given else None, dimension=2, rows=5)
    assert list(opened) == WORDS
    expected = NUMBERS
    if write is write_bfloat16:
        expected = (NUMBERS.view(np.uint32) >> 16 << 16).view(np.float32)
    assert opened.matrix.tobytes() == expected.tobytes()
    with pytest.raises(FormatError, match="expected 3"):
        open_file(path, dimension=3)
    with pytest.raises(FormatError, match="expected 6"):
        open_file(path, rows=6)


def test_tabs_after_the_first_block_part_words_and_numbers(tmp_path: Path) -> None:
    """Of a long table, all rows are read alike, wherever a block ends."""
    words = [f"{i}th street" for i in range(200)]
    path = tmp_path / "v.tsv"
    path.write_text("".join(f"{word}\t{i}\t0.5\n" for i, word in enumerate(words)))
    with blocks_of(600):
        opened = open_file(path)
    assert list(opened) == words
    assert opened.matrix.tolist() == [[i, 0.5] for i in range(200)]


# -- what cannot be read --------------------------------------------------------------


def make_npz(**arrays: Any) -> bytes:
    """Return an archive of arrays."""
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def make_longer_npz() -> bytes:
    """Return an archive whose matrix is a byte longer than it says."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("w.npy", make_array(np.array(WORDS)))
        archive.writestr("v.npy", make_array(NUMBERS) + b"\0")
    return file.getvalue()


def make_array(array: np.ndarray) -> bytes:
    """Return a .npy file."""
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def make_parquet(**columns: Any) -> bytes:
    """Return a table."""
    file = io.BytesIO()
    pq.write_table(pa.table(columns), file)
    return file.getvalue()


FAULTS = {
    "objects": (
        make_npz(w=np.array(["a"], object), v=NUMBERS[:1]),
        "arrays of objects are pickles, which are never loaded",
    ),
    "no words": (make_npz(v=NUMBERS), "in another file, pass words="),
    "two matrices": (
        make_npz(w=np.array(WORDS), v=NUMBERS, u=NUMBERS),
        "expected one array of numbers with two dimensions in the archive, found 2",
    ),
    "Fortran": (
        make_npz(w=np.array(WORDS), v=np.asfortranarray(NUMBERS)),
        "'v' is in Fortran's order",
    ),
    "Fortran words": (
        make_npz(w=np.array([["a", "b"], ["c", "d"]], order="F"), v=NUMBERS[:4]),
        "'w' is in Fortran's order",
    ),
    "few words": (make_npz(w=np.array(WORDS[:4]), v=NUMBERS), "4 words for 5 rows"),
    "many words": (
        make_npz(w=np.array([*WORDS, "more"]), v=NUMBERS),
        "more words than the 5 rows",
    ),
    "no number": (
        make_npz(w=np.array(WORDS), v=np.where(NUMBERS == 2, np.nan, NUMBERS)),
        "row 2 has a number that is not finite",
    ),
    "too large": (
        make_npz(w=np.array(WORDS), v=NUMBERS.astype(float) * 1e38),
        "row [235] has a number that is not finite in float32",
    ),
    "an empty word": (
        make_npz(w=np.array(["a", ""]), v=NUMBERS[:2]),
        "row 2: expected a word that is not empty",
    ),
    "no rows": (make_npz(w=np.array(["a"]), v=NUMBERS[:0]), r"shape \(0, 2\)"),
    "tensors without words": (
        safetensors.numpy.save({"embeddings": NUMBERS}),
        "'embeddings' of \\(5, 2\\); if the words are in another file, pass words=",
    ),
    "no tensors": (safetensors.numpy.save({"w": join(WORDS)}), "found 'w' of"),
    "no numbers": (make_parquet(word=["a"], count=[1]), "found word: string, count"),
    "a word that is no Unicode": (
        make_npz(w=np.array(["\ud83d"]), v=NUMBERS[:1]),
        "is not valid Unicode",
    ),
    "whole numbers": (
        make_npz(w=np.array(["a"]), v=np.array([[1, 2]])),
        "whole numbers are not taken for vectors: save them as float32",
    ),
    "a count beside the numbers": (
        make_parquet(w=["a"], count=[7], x=[1.0], y=[2.0]),
        "one for each number and nothing else",
    ),
    "names of columns": (b"word\td0\td1\na\t1\t2\n", "names of columns.*remove"),
    "names and blanks": (b"word d1 d2\nthe 1 2\n", "names of columns.*remove"),
    "a single name": (b"word score\nthe 0.5\n", "names of columns.*remove"),
    "an empty name": (b"\t0\t1\na\t1\t2\n", "names of columns.*remove"),
    "a long word": (
        safetensors.numpy.save(
            {"v": NUMBERS[:1], "w": np.frombuffer(b"a" * 9_000_000, np.uint8)}
        ),
        "a word is longer than 65,536 bytes",
    ),
    "bytes after the numbers": (make_longer_npz(), "bytes follow the 5 rows"),
    "missing": (make_parquet(w=["a", None], x=[1.0, 2.0]), "missing values"),
    "missing numbers": (make_parquet(w=["a"], x=[[1.0, None]]), "missing values"),
    "empty lists": (
        make_parquet(w=["a"], x=pa.array([[]], pa.list_(pa.float32()))),
        "the lists of numbers are empty",
    ),
    "ragged": (make_parquet(w=["a", "b"], x=[[1.0], [1.0, 2.0]]), "different lengths"),
    "no table rows": (
        make_parquet(w=pa.array([], pa.string()), x=pa.array([], pa.float32())),
        "no rows",
    ),
    "a row of tabs": (b"a\t1\t2\nb\t1\n", "line 2"),
    "more tabs": (b"a\t1\t2\nb\t1\t2\t3\n", "line 2"),
    "spaces and tabs": (b"a\t1\t2\nb\t1 2\n", "line 2"),
}


TEXTS = [
    *(pa.string(), pa.large_string(), pa.string_view()),
    *(pa.binary(), pa.large_binary(), pa.binary_view()),
    *(pa.dictionary(pa.int8(), pa.string()), pa.dictionary(pa.int32(), pa.binary())),
]


@pytest.mark.parametrize("kind", TEXTS, ids=str)
def test_words_of_a_table_are_of_any_type_of_text(
    kind: pa.DataType, tmp_path: Path
) -> None:
    """Words are read from each of Arrow's types of text, and of repeated text."""
    text = kind.value_type if pa.types.is_dictionary(kind) else kind
    words = pa.array([word.encode() for word in WORDS]).cast(text)
    if text != kind:
        words = words.dictionary_encode().cast(kind)
    path = tmp_path / "v.parquet"
    try:
        path.write_bytes(make_parquet(w=words, x=NUMBERS[:, 0]))
    except pa.ArrowNotImplementedError:
        pytest.skip("only later releases of pyarrow write views")
    assert pq.read_schema(path).field("w").type == kind
    assert list(open_file(path)) == WORDS


@pytest.mark.parametrize("to", ["npz", "safetensors", "parquet", "projector"])
def test_no_file_is_written_that_is_not_read(to: str, tmp_path: Path) -> None:
    """The empty token that a text can have is told before a file is written."""
    text = tmp_path / "v.txt"
    text.write_bytes(b"a 1 2\n 3 4\nb 5 6\n")
    with pytest.raises(OutputError, match="has an empty token"):
        open_file(text).export(tmp_path / "export", to)
    assert not (tmp_path / "export").exists()
    path = open_file(text).export(tmp_path / "export", to, words=["b", "a"])
    assert list(open_file(path)) == ["b", "a"]


@pytest.mark.parametrize("fault", FAULTS)
def test_what_cannot_be_read_is_explained(fault: str, tmp_path: Path) -> None:
    """The error names the file, the cause and what to do."""
    content, sentence = FAULTS[fault]
    path = tmp_path / "v"
    path.write_bytes(content)
    with pytest.raises(FormatError, match=sentence) as caught:
        open_file(path)
    assert str(path) in str(caught.value)


CONTENTS = {
    "npz": make_npz(words=np.array(WORDS), vectors=NUMBERS),
    "safetensors": safetensors.numpy.save({"v": NUMBERS, "w": join(WORDS)}),
    "parquet": make_parquet(w=WORDS, v=NUMBERS.tolist()),
}


@settings(max_examples=300)
@given(
    st.sampled_from(sorted(CONTENTS)),
    st.lists(st.tuples(st.integers(0, 2000), st.binary(min_size=1, max_size=4))),
    st.integers(0, 2000),
)
def test_damage_ends_in_our_error(
    form: str, changes: list[tuple[int, bytes]], end: int
) -> None:
    """Whatever bytes are changed or cut off, nothing else is raised."""
    content = bytearray(CONTENTS[form])
    for place, data in changes:
        place %= len(content)
        content[place : place + len(data)] = data
    del content[max(1, len(content) - end) if end < 1000 else len(content) :]
    try:
        rows = read_rows(bytes(content), form)
    except FormatError:
        return
    if form == "npz":
        # Each array has a checksum; its name has not.
        assert rows == [*zip(WORDS, NUMBERS.tolist(), strict=True)]


def read_rows(content: bytes, form: Any) -> list[tuple[str, list[float]]]:
    """Return the rows of a file."""
    blocks = [
        *glove_registry.formats.read_vectors(
            io.BytesIO(content), format=form, warn=lambda _: None
        )
    ]
    return [
        (token.decode("utf-8", "surrogateescape"), numbers)
        for block in blocks
        for token, numbers in zip(block.tokens, block.values.tolist(), strict=True)
    ]


# -- words in another file ------------------------------------------------------------


@pytest.fixture
def numbers(tmp_path: Path) -> Path:
    """Write numbers alone."""
    path = tmp_path / "v.npy"
    np.save(path, NUMBERS)
    return path


def check(opened: Vectors) -> None:
    """Check that these are all words and numbers."""
    assert list(opened) == WORDS
    assert opened.matrix.tobytes() == NUMBERS.tobytes()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("w.txt", "\n".join(WORDS)),
        ("w.vocab", "\r\n".join([*WORDS, ""])),
        ("w.json", json.dumps(WORDS)),
        ("vocab.json", json.dumps({w: i for i, w in reversed([*enumerate(WORDS)])})),
        ("VOCAB.JSON", json.dumps(WORDS)),
    ],
)
def test_words_beside_the_numbers(
    name: str, content: str, numbers: Path, tmp_path: Path
) -> None:
    """Lines and JSON are read; a list may be passed as well."""
    path = tmp_path / name
    path.write_bytes(content.encode())
    check(open_file(numbers, words=str(path)))
    check(open_file(numbers, words=path))
    check(open_file(numbers, words=WORDS))
    for other in ("v.npz", "v.safetensors"):
        if other == "v.npz":
            np.savez(tmp_path / other, emb=NUMBERS, ids=np.arange(5))
        else:
            safetensors.numpy.save_file({"embedding.weight": NUMBERS}, tmp_path / other)
        check(open_file(tmp_path / other, words=path))


def test_words_of_a_file_are_checked_like_those_of_other_files(
    numbers: Path, tmp_path: Path
) -> None:
    """Padding that all have is removed; some padding and bad UTF-8 are warned of."""
    path = tmp_path / "w.txt"
    path.write_text("".join(f"{word} \n" for word in WORDS))
    check(open_file(numbers, words=path))
    for content, sentence in (
        (b"a\nb \nc\nd\ne\n", r"1 of 5 tokens begin or end with .* row 2"),
        (b"a\nb\ncaf\xe9\nd\ne\n", r"1 of 5 tokens are not UTF-8"),
        (b'a\n"b c"\nc\nd\ne\n', r"1 of 5 tokens are in quotes"),
    ):
        path.write_bytes(content)
        with pytest.warns(UserWarning, match=sentence) as caught:
            opened = open_file(numbers, words=path)
        assert caught[0].filename == __file__
        words = content.decode(errors="surrogateescape").split("\n")[:-1]
        assert list(opened.tokens) == words
        assert opened.matrix.tobytes() == NUMBERS.tobytes()


def test_words_that_do_not_fit_are_explained(numbers: Path, tmp_path: Path) -> None:
    """The error says what is wrong, and a file of numbers alone asks for words."""
    with pytest.raises(FormatError, match="pass those of its rows as words="):
        open_file(numbers)
    with pytest.raises(FormatError, match="found 1 words and 5 rows"):
        open_file(numbers, words=["a"])
    with pytest.raises(FetchError, match="cannot be read"):
        open_file(numbers, words=tmp_path / "missing")
    with pytest.raises(FetchError, match="cannot be read"):
        open_file(tmp_path / "missing.npy", words=WORDS)
    path = tmp_path / "w.json"
    for content, sentence in (
        ('{"a": 0, "b": 2}', "from 0 to 1 and each once, found no word with row 1"),
        ('{"a": 1, "b": 2}', "with row 0; indices of a Tokenizer begin at 1"),
        ("7", "expected a list of words"),
        ("[", "expected words in UTF-8"),
    ):
        path.write_text(content)
        with pytest.raises(FormatError, match=sentence):
            open_file(numbers, words=path)
    with pytest.raises(FormatError, match=r"shape \(5, 2\), expected \(5, 3\)"):
        open_file(numbers, words=WORDS, dimension=3)
    with pytest.raises(FormatError, match=r"shape \(5, 2\), expected \(6, 2\)"):
        open_file(numbers, words=WORDS, rows=6)
    with pytest.raises(FormatError, match="prefix and dtype do not apply"):
        open_file(numbers, words=WORDS, dtype="int8")
    whole = make_npz(v=NUMBERS)
    for damaged in (whole[:-20], whole.replace(b"(5, 2)", b"(9**9,"), whole[:200]):
        (tmp_path / "cut.npz").write_bytes(damaged)
        with pytest.raises(FormatError):
            open_file(tmp_path / "cut.npz", words=WORDS)
    for odd, sentence in (
        (make_npz(v=NUMBERS, u=NUMBERS), r"found 'v' of \(5, 2\), 'u' of \(5, 2\)"),
        (make_npz(v=NUMBERS[0]), r"found 'v' of \(2,\)"),
        (safetensors.numpy.save({"w": join(WORDS)}), "found none"),
    ):
        (tmp_path / "odd").write_bytes(odd)
        with pytest.raises(FormatError, match=f"one array with two.*{sentence}"):
            open_file(tmp_path / "odd", words=WORDS)
    text = tmp_path / "v.txt"
    text.write_text("a 1 2\n")
    with pytest.raises(FormatError, match="leave words out for other files"):
        open_file(text, words=["a"])
    np.save(numbers, np.array([["a"]], object), allow_pickle=True)
    with pytest.raises(FormatError, match="pickles and never loaded"):
        open_file(numbers, words=["a"])
    with pytest.raises(FetchError, match="as TensorBoard's projector has"):
        open_file(tmp_path)
    for alone in ("vectors.tsv", "metadata.tsv"):
        (tmp_path / "half").mkdir(exist_ok=True)
        (tmp_path / "half" / alone).write_text("1\t2\n")
        with pytest.raises(FetchError, match="as TensorBoard's projector has"):
            open_file(tmp_path / "half")
        (tmp_path / "half" / alone).unlink()


def make_archive(*members: tuple[str, bytes], comment: bytes = b"") -> bytes:
    """Return an archive of files with these names, of which some may be the same."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of names that are repeated
        for name, content in members:
            archive.writestr(name, content)
        archive.comment = comment
    return file.getvalue()


VECTORS = make_array(NUMBERS)
ARCHIVE = make_archive(("v.npy", VECTORS))
OBJECTS = io.BytesIO()
np.save(OBJECTS, np.array([["a"]], object), allow_pickle=True)


@pytest.mark.parametrize(
    "content",
    [
        make_archive(("v.npy", VECTORS), ("v.npy", VECTORS)),
        ARCHIVE + ARCHIVE,
        make_archive(("v.npy", VECTORS), comment=ARCHIVE),
        ARCHIVE + b"more",
        make_archive(("v.npy", VECTORS[:-4])),
        make_archive(("v.npy", VECTORS + bytes(4))),
        make_archive(("v.npy", OBJECTS.getvalue())),
        make_archive(("v.npy", VECTORS.replace(b"(5, 2)", b"(5,-2)"))),
        make_archive(("v.txt", VECTORS)),
    ],
    ids=[
        "a name twice",
        "two archives",
        "an archive in the comment",
        "bytes after the end",
        "too few numbers",
        "too many numbers",
        "objects",
        "a negative size",
        "no array",
    ],
)
def test_an_archive_of_numbers_is_read_as_strictly_as_any_other(
    content: bytes, tmp_path: Path
) -> None:
    """What is damaged or could be read in two ways is refused by the file's name."""
    path = tmp_path / "v.npz"
    path.write_bytes(ARCHIVE)
    check(open_file(path, words=WORDS))
    path.write_bytes(content)
    with pytest.raises(FormatError, match=f"^{re.escape(str(path))}: "):
        open_file(path, words=WORDS)


def test_numbers_of_an_archive_in_any_order_and_type(tmp_path: Path) -> None:
    """An array in Fortran's order has the same rows, and whole numbers are numbers."""
    np.savez(tmp_path / "v.npz", v=np.asfortranarray(NUMBERS))
    check(open_file(tmp_path / "v.npz", words=WORDS))
    np.savez_compressed(tmp_path / "v.npz", v=np.arange(10).reshape(5, 2))
    opened = open_file(tmp_path / "v.npz", words=WORDS)
    assert opened.matrix.tolist() == [[0, 1], [2, 3], [4, 5], [6, 7], [8, 9]]


def test_no_archive_of_numbers_is_unpacked_into_memory(tmp_path: Path) -> None:
    """A small file may hold any number of zeros: they are compared with the words."""
    numbers: np.ndarray = np.zeros((1 << 12, 1 << 12), np.float32)
    np.savez_compressed(tmp_path / "v.npz", v=numbers)
    assert (tmp_path / "v.npz").stat().st_size < 100_000
    tracemalloc.start()
    try:
        with pytest.raises(FormatError, match="found 1 words and 4,096 rows"):
            open_file(tmp_path / "v.npz", words=["a"])
        assert tracemalloc.get_traced_memory()[1] < numbers.nbytes / 4
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("numbers", "sentence"),
    [
        ("\t".join(["1"] * 16_385), "at most 16,384 numbers in a row, found 16,385"),
        ("1\t" + "x" * 20_000, "expected numbers: "),
        ("1\t1e300", "not finite in float32"),
        ("1\t2\n3\t4", "found 1 words and 2 rows"),
    ],
)
def test_a_projector_that_is_refused(
    numbers: str, sentence: str, tmp_path: Path
) -> None:
    """The error is short and names the folder; nothing warns beside it."""
    (tmp_path / "vectors.tsv").write_text(numbers + "\n")
    (tmp_path / "metadata.tsv").write_text("a\n")
    with pytest.raises(FormatError, match=sentence) as caught:
        open_file(tmp_path)
    assert str(tmp_path) in str(caught.value)
    assert len(str(caught.value)) < 500 + len(str(tmp_path))


def test_rows_wider_than_any_vector_are_not_parsed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first line of a projector's numbers is counted before pyarrow reads them."""
    (tmp_path / "vectors.tsv").write_text("\t" * 16_384 + "\n")
    (tmp_path / "metadata.tsv").write_text("a\n")
    monkeypatch.setattr("pyarrow.csv.read_csv", None)
    with pytest.raises(FormatError, match="found 16,385"):
        open_file(tmp_path)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ('{"a": true, "b": false}', "expected the row of each word"),
        ('["a", 1]', "a word is a text, found 1"),
        ('["a"]', "found 1 words and 2 rows"),
    ],
)
def test_words_in_json_that_are_refused(
    words: str, sentence: str, tmp_path: Path
) -> None:
    """What is no word or no row is told with the file's name."""
    np.save(tmp_path / "v.npy", NUMBERS[:2])
    (tmp_path / "w.json").write_text(words)
    with pytest.raises(FormatError, match=sentence) as caught:
        open_file(tmp_path / "v.npy", words=tmp_path / "w.json")
    assert str(tmp_path) in str(caught.value)


def test_a_projector_with_several_columns(tmp_path: Path) -> None:
    """Of other tools' labels, the first column has the words."""
    (tmp_path / "vectors.tsv").write_text("0.5\t-1\n2\t3\n")
    (tmp_path / "metadata.tsv").write_text("Word\tCount\nthe\t7\nof\t5\n")
    opened = open_file(tmp_path)
    assert list(opened) == ["the", "of"]
    assert opened["of"].tolist() == [2, 3]
    for labels in (["the", "of\tx"], ["the"]):
        # The first line alone tells whether there are several columns.
        (tmp_path / "metadata.tsv").write_text("\n".join(labels) + "\n")
        (tmp_path / "vectors.tsv").write_text("0.5\t-1\n" * len(labels))
        assert list(open_file(tmp_path)) == labels
    for wrong in ("x", "true", "2020-01-01", ""):
        (tmp_path / "vectors.tsv").write_text(f"0.5\t{wrong}\n2\t{wrong}\n")
        with pytest.raises(FormatError):
            open_file(tmp_path)


def test_lists_that_are_too_long_are_not_decoded() -> None:
    """The first one is enough to refuse a table, which a page may have many of."""
    count, length = 300, 100_000
    zeros = pa.array(np.zeros(count * length, np.float32))
    table = make_parquet(
        w=[f"w{i}" for i in range(count)],
        x=pa.ListArray.from_arrays(np.arange(0, len(zeros) + 1, length), zeros),
    )
    assert len(table) < 1_000_000
    pool = pa.proxy_memory_pool(pa.default_memory_pool())
    others = pa.default_memory_pool()
    pa.set_memory_pool(pool)
    try:
        with pytest.raises(FormatError, match=r"at most 16,384 .* found 100,000"):
            read_rows(table, "parquet")
    finally:
        pa.set_memory_pool(others)
    assert 4 * length < pool.max_memory() < 10 * 4 * length


def test_a_damaged_footer_ends_in_our_error() -> None:
    """Whichever of its bytes is another, the process goes on.

    Of what a footer states of its columns, pyarrow ends the process for some faults.
    """
    table = make_parquet(w=WORDS, v=NUMBERS.tolist())
    footer = len(table) - 8 - int.from_bytes(table[-8:-4], "little")
    for place in range(footer, len(table) - 8):
        for value in (0, 1, 0x4C, 0xFF, table[place] ^ 0x80, (table[place] + 1) % 256):
            damaged = bytearray(table)
            damaged[place] = value
            with suppress(FormatError):
                read_rows(bytes(damaged), "parquet")
