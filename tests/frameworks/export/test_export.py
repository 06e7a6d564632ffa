"""Exported files equal the store, as read by the libraries they are for."""

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
import safetensors
from exported_files import READERS, load_keyed_vectors
from plain_rows import SAMPLE, read_sample

import glove_registry
from glove_registry import Registry, Vectors
from glove_registry.catalogue import write_catalogue
from glove_registry.errors import OutputError
from glove_registry.frameworks.export import FORMATS
from glove_registry.frameworks.export.writers import FileNumberType
from glove_registry.store.numbers import NumberType

# The files of these tests hold unusual tokens.
pytestmark = pytest.mark.filterwarnings("ignore:.* tokens (are not UTF-8|begin or end)")

TEN = ["the", "film", "king", "paris", "seven", "green", "music", "december", "good"]
TEN += ["computer"]
FILES = [name for name in FORMATS if name != "projector"]
EXACT = ["npz", "safetensors", "parquet"]
# TensorBoard, which reads the projector's folder, starts slowly.
READ = [*FILES, pytest.param("projector", marks=pytest.mark.slow)]
# Without spaces; one of them is not UTF-8.
NASTY = [
    "the",
    "a\tb",
    "\t",
    "\r",
    "#",
    '"',
    "0.5",
    "\xa0",
    "\u2028",
    "\u3000x",
    "\x85",
    "\ufeff",
    "क्‍ष",
    "e\u0301",
    "=1+1",
    "nul\0",
    "\udcff\udcfe",
    "the",
    "last",
]


def write_binary(path: Path, words: list[str], vectors: np.ndarray) -> Vectors:
    """Write word2vec's binary format in a plain loop, and open it."""
    content = f"{len(words)} {vectors.shape[1]}\n".encode()
    for word, vector in zip(words, vectors, strict=True):
        content += word.encode("utf-8", "surrogateescape") + b" "
        content += vector.astype("<f4").tobytes()
    path.write_bytes(content)
    return glove_registry.open_file(path)


@pytest.fixture
def vectors() -> Vectors:
    """The embedded sample."""
    return glove_registry.load(SAMPLE)


@pytest.fixture
def nasty(tmp_path: Path) -> Vectors:
    """A few rows, whose tokens would break tables and lines."""
    numbers = np.arange(3 * len(NASTY), dtype=np.float32).reshape(-1, 3) / 7
    return write_binary(tmp_path / "nasty.bin", NASTY, numbers)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty folder to export to."""
    made = tmp_path / "exports"
    made.mkdir()
    return made


@pytest.mark.parametrize("to", READ)
def test_all_rows_are_read_back_equal(to: str, vectors: Vectors, folder: Path) -> None:
    """Gensim, numpy, safetensors, pandas and TensorBoard see the rows of the file."""
    path = vectors.export(folder / "sample", to)
    assert path == folder / "sample"
    assert list(folder.iterdir()) == [path]
    words, matrix = READERS[to](path)
    expected_words, expected = read_sample()
    assert words == [word.decode() for word in expected_words]
    assert matrix.dtype == np.float32
    assert np.asarray(matrix).tobytes() == expected.tobytes()


@pytest.mark.parametrize("to", READ)
def test_every_float32_is_written_exactly(to: str, tmp_path: Path) -> None:
    """Random bits, the least and the largest numbers and -0 come back bit by bit."""
    bits = np.random.default_rng(7).integers(0, 2**32, 15_000, np.uint32)
    numbers = bits.view(np.float32)
    numbers[~np.isfinite(numbers)] = -0.0
    numbers[:6] = [1e-45, 1.1754942e-38, 3.4028235e38, -0.0, 16777216, 0.1]
    words = [f"w{i}" for i in range(5_000)]
    opened = write_binary(tmp_path / "bits.bin", words, numbers.reshape(-1, 3))
    found, matrix = READERS[to](opened.export(tmp_path / "out", to))
    assert found == words
    assert np.asarray(matrix).tobytes() == numbers.tobytes()


@pytest.mark.parametrize("to", EXACT)
def test_any_token_is_kept(to: str, nasty: Vectors, folder: Path) -> None:
    """White space, NUL, invalid UTF-8 and a token's second row are kept."""
    words, matrix = READERS[to](nasty.export(folder / "out", to))
    assert words == NASTY
    assert matrix.tobytes() == nasty.matrix.tobytes()


@pytest.mark.parametrize("to", ["word2vec", "word2vec-binary"])
def test_gensim_takes_any_token_without_a_blank(
    to: str, nasty: Vectors, folder: Path
) -> None:
    """Gensim reads every token; a repeated one has its first row."""
    path = nasty.export(folder / "out", to)
    words, matrix = READERS[to](path)
    again = len(NASTY) - 2
    assert words == NASTY[:again] + NASTY[again + 1 :]
    assert matrix.tobytes() == np.delete(nasty.matrix, again, axis=0).tobytes()
    # The second row is not in the file, as gensim would count it.
    opened = glove_registry.open_file(path)
    assert list(opened) == words
    assert opened.matrix.tobytes() == matrix.tobytes()


@pytest.mark.slow
def test_labels_stay_beside_their_points(nasty: Vectors, folder: Path) -> None:
    """The projector gets a visible label of one column for each point."""
    labels, matrix = READERS["projector"](nasty.export(folder / "out", "projector"))
    assert len(labels) == len(matrix) == len(NASTY)
    assert not [label for label in labels if "\t" in label or "\r" in label]
    assert labels[:8] == ["the", r"a\tb", r"\t", r"\r", "#", '"', "0.5", r"\xa0"]
    assert labels[12] == "क्‍ष"
    assert labels[16] == r"\xff\xfe"


@pytest.mark.slow
def test_a_single_label_of_blanks_is_visible(tmp_path: Path, folder: Path) -> None:
    """A token of only spaces has a label that the projector does not skip."""
    path = tmp_path / "blanks.txt"
    path.write_bytes(b"a 1 2\n  3 4\nb c 5 6\n")
    opened = glove_registry.open_file(path)
    assert list(opened) == ["a", " ", "b c"]
    labels, _ = READERS["projector"](opened.export(folder / "out", "projector"))
    assert labels == ["a", "' '", "b c"]


@pytest.mark.parametrize("to", ["word2vec", "word2vec-binary"])
def test_a_blank_is_refused_where_it_would_be_lost(
    to: str, tmp_path: Path, folder: Path
) -> None:
    """A token with a space is an error that names other formats; nothing is written."""
    path = tmp_path / "blanks.txt"
    path.write_bytes(b"a 1 2\n. . . 3 4\nb c 5 6\n")
    opened = glove_registry.open_file(path)
    with pytest.raises(OutputError, match=r"token '\. \. \.' contains a space.*npz"):
        opened.export(folder / "out", to)
    assert not list(folder.iterdir())
    for other in EXACT:
        words, _ = READERS[other](opened.export(folder / other, other))
        assert words == ["a", ". . .", "b c"]


def test_who_made_a_file_is_in_it(vectors: Vectors, folder: Path) -> None:
    """The checksum of the text is in the metadata of safetensors and Parquet."""
    sha256 = vectors.provenance["sha256"]
    with safetensors.safe_open(
        vectors.export(folder / "a", "safetensors"), "np"
    ) as file:
        assert file.metadata()["sha256"] == sha256
    metadata = pq.read_schema(vectors.export(folder / "b", "parquet")).metadata
    assert sha256.encode() in metadata[b"glove_registry"]


@pytest.mark.parametrize(
    ("stored", "written", "rounded"),
    [
        ("float32", "float32", None),
        ("float32", "float16", "float16"),
        ("int8", "float32", "int8"),
    ],
)
def test_rounded_numbers_are_not_said_to_be_the_original(
    stored: NumberType, written: FileNumberType, rounded: str | None, folder: Path
) -> None:
    """Metadata have the type of the file's numbers, and to which they were rounded.

    Also those of some words, or of several releases.
    """
    vectors = glove_registry.load(SAMPLE, dtype=stored)
    small = vectors.subset(["film"])
    for number, some in enumerate(
        [vectors, small, glove_registry.stack([small, small], "mean")]
    ):
        path = some.export(folder / f"{number}a", "safetensors", dtype=written)
        with safetensors.safe_open(path, "np") as file:
            found = file.metadata()
        assert (found["dtype"], found.get("rounded_to")) == (written, rounded)
        path = some.export(folder / f"{number}b", "parquet", dtype=written)
        origin = json.loads(pq.read_schema(path).metadata[b"glove_registry"])
        assert (origin["dtype"], origin["rounded_to"]) == (written, rounded)


@pytest.mark.parametrize("to", FILES)
def test_the_same_vectors_give_the_same_bytes(
    to: str, vectors: Vectors, folder: Path
) -> None:
    """Exporting twice gives identical files."""
    first, second = (vectors.export(folder / name, to) for name in "ab")
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize("to", FORMATS)
def test_nothing_is_replaced(to: str, vectors: Vectors, folder: Path) -> None:
    """A file, a folder or a broken link at the path is an error and stays unchanged."""
    (folder / "file").write_text("mine")
    (folder / "folder").mkdir()
    (folder / "link").symlink_to("nowhere")
    for name in ("file", "folder", "link"):
        with pytest.raises(OutputError, match="exists, and nothing is replaced"):
            vectors.export(folder / name, to)
    assert (folder / "file").read_text() == "mine"
    assert not list((folder / "folder").iterdir())
    assert len(list(folder.iterdir())) == 3


@pytest.mark.parametrize("to", FORMATS)
def test_what_comes_meanwhile_stays(
    to: str, vectors: Vectors, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What another process writes there during the export is not replaced either."""
    read_bytes = type(vectors.tokens).read_bytes

    def read_and_write(tokens: object, rows: object) -> list[bytes]:
        (folder / "out").write_text("theirs")
        return read_bytes(tokens, rows)  # type: ignore[arg-type]

    monkeypatch.setattr(type(vectors.tokens), "read_bytes", read_and_write)
    with pytest.raises(OutputError, match="exists"):
        vectors.export(folder / "out", to)
    assert [path.read_text() for path in folder.iterdir()] == ["theirs"]


@pytest.mark.parametrize("to", FORMATS)
def test_an_interrupt_leaves_nothing(
    to: str, vectors: Vectors, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C raises KeyboardInterrupt, and no partial file remains."""

    def interrupt(tokens: object, rows: object) -> list[bytes]:
        raise KeyboardInterrupt

    monkeypatch.setattr(type(vectors.tokens), "read_bytes", interrupt)
    with pytest.raises(KeyboardInterrupt):
        vectors.export(folder / "out", to)
    assert not list(folder.iterdir())


@pytest.mark.parametrize(
    ("name", "to"),
    [
        ("v.vec", "word2vec"),
        ("v.NPZ", "npz"),
        ("v.safetensors", "safetensors"),
        ("a.b.parquet", "parquet"),
    ],
)
def test_an_ending_says_the_format(
    name: str, to: str, vectors: Vectors, folder: Path
) -> None:
    """Without a format, that of the path's ending is written; one given decides."""
    stated = vectors.export(folder / "stated", to, words=TEN)
    assert vectors.export(folder / name, words=TEN).read_bytes() == stated.read_bytes()
    given = vectors.export(folder / f"other{name}", "word2vec-binary", words=TEN)
    assert given.read_bytes().startswith(b"10 50\nthe ")


@pytest.mark.parametrize("name", ["v", "v.txt", "v.bin", "npz", ".npz"])
def test_an_ending_that_says_nothing_is_told(
    name: str, vectors: Vectors, folder: Path
) -> None:
    """A path of another ending needs a format, and the error lists them."""
    with pytest.raises(ValueError, match=r"choose a format by to=.*: word2vec, .*npz"):
        vectors.export(folder / name)
    assert not list(folder.iterdir())


@pytest.mark.parametrize("path", [b"y.npz", 3, None, ""])
def test_what_is_no_path_is_told(path: object, sample: Vectors) -> None:
    """Whatever is written: vectors, a page, the catalogue."""
    told = re.escape(f"path={path!r}: expected the path to write to, as a str")
    for to in (None, "npz"):
        with pytest.raises(TypeError, match=told):
            sample.export(path, to)  # type: ignore[arg-type]
    page = sample.explore(words=10, projection="pca")
    with pytest.raises(TypeError, match=told):
        page.save(path)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=told):
        write_catalogue(Registry(), path)  # type: ignore[arg-type]


def test_bad_arguments_are_told(vectors: Vectors, folder: Path) -> None:
    """An unknown format and a missing folder are errors that explain themselves."""
    with pytest.raises(ValueError, match=r"expected one of word2vec, .*, found 'csv'"):
        vectors.export(folder / "out", "csv")
    with pytest.raises(ValueError, match=r"expected one of word2vec, .*, found \['npz"):
        vectors.export(folder / "out", ["npz"])  # type: ignore[arg-type]
    with pytest.raises(OutputError, match=r"the folder .*no does not exist: create it"):
        vectors.export(folder / "no" / "out", "npz")
    assert not list(folder.iterdir())


FULL = f"""
import resource, sys
import glove_registry
vectors = glove_registry.load("{SAMPLE}")
_, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
for limit in sys.argv[3:]:
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), hard))
    try:
        vectors.export(sys.argv[1], sys.argv[2])
    except glove_registry.errors.OutputError as error:
        print("told:", error)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="has no such limits")
@pytest.mark.parametrize("to", FORMATS)
def test_nothing_half_is_left_on_a_disk_that_fills(
    to: str, vectors: Vectors, folder: Path
) -> None:
    """Wherever the disk is full, the error has the path and reason; nothing is left."""
    whole = vectors.export(folder / "whole", to)
    file = whole / "vectors.tsv" if to == "projector" else whole
    size = file.stat().st_size
    empty = folder / "empty"
    empty.mkdir()
    limits = [0, 1, 500, size // 2, size - 100_000, size - 1]
    done = subprocess.run(
        [sys.executable, "-c", FULL, empty / "out", to, *map(str, limits)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    told = done.stdout.splitlines()
    assert len(told) == len(limits)
    for line in told:
        assert f"{empty / 'out'} cannot be written (File too large); the part" in line
    assert not list(empty.iterdir())


def test_no_format_needs_the_library_it_is_for(folder: Path) -> None:
    """All formats can be written when none of their readers can be imported."""
    code = (
        "import sys\n"
        "others = 'gensim', 'safetensors', 'pandas', 'torch', 'tensorflow'\n"
        "class Finder:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name in others: raise ModuleNotFoundError(name)\n"
        "sys.meta_path.insert(0, Finder())\n"
        "import glove_registry\n"
        "from glove_registry.frameworks.export import FORMATS\n"
        f"vectors = glove_registry.load('{SAMPLE}')\n"
        "for to in FORMATS: vectors.export(sys.argv[1] + '/' + to, to)\n"
    )
    subprocess.run([sys.executable, "-c", code, folder], check=True)
    assert {path.name for path in folder.iterdir()} == set(FORMATS)


@pytest.mark.slow
def test_the_real_release_goes_through_every_format(
    real_text: Path, folder: Path
) -> None:
    """All 400,000 rows come back from each, and gensim finds the same neighbours."""
    vectors = glove_registry.open_file(real_text)
    expected_words, expected = list(vectors), np.asarray(vectors.matrix)
    assert expected.shape == (400_000, 50)
    norms = np.linalg.norm(expected, axis=1)
    for to in FORMATS:
        path = vectors.export(folder / to, to)
        if not to.startswith("word2vec"):
            words, matrix = READERS[to](path)
        else:
            loaded = load_keyed_vectors(path, to == "word2vec-binary")
            words, matrix = loaded.index_to_key, loaded.vectors
            for word in TEN:
                row = expected_words.index(word)
                scores = expected @ expected[row] / norms / norms[row]
                best = [i for i in np.argsort(-scores)[:11] if i != row]
                found = loaded.most_similar(word, topn=10)
                assert [w for w, _ in found] == [expected_words[i] for i in best]
                np.testing.assert_allclose([s for _, s in found], scores[best], 1e-5)
        assert words == expected_words
        assert matrix.tobytes() == expected.tobytes()
