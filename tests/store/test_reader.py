"""A store returns what was written, or is known to be damaged."""

import ctypes
import json
import os
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from entries import sha256
from hypothesis import given
from hypothesis import strategies as st
from number_stores import FILES, make_store
from xxhash import xxh3_128_hexdigest

from glove_registry.errors import CacheError
from glove_registry.formats import Block
from glove_registry.store import (
    DamagedStoreError,
    Store,
    decode_token,
    encode_word,
    encode_words,
)
from glove_registry.store.layout import Manifest
from glove_registry.store.writer import publish_store, write_store

PROVENANCE = {"name": "small", "revision": None, "sha256": "a" * 64, "bytes": 9}
WORDS = [b"the", b"of", b"a b", b"", b"\xff\xfe", b"the", b"of", b"film"]


def write_words(folder: Path, words: list[bytes], piece: int = 3) -> Path:
    """Write a store with consecutive numbers, a few rows at a time."""
    values = np.arange(2.0 * len(words)).astype(np.float32).reshape(-1, 2)
    blocks = (
        Block(words[i : i + piece], values[i : i + piece])
        for i in range(0, len(words), piece)
    )
    manifest = write_store(folder / "new", blocks)._replace(provenance=PROVENANCE)
    return publish_store(folder / "new", manifest, [folder / "store"])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small store."""
    return write_words(tmp_path, WORDS)


def list_rows(store: Store) -> list[list[float]]:
    """List the vectors of a store, read in blocks."""
    return [row for _, block in store.vectors.blocks(3) for row in block.tolist()]


def start(name: str) -> int:
    """Return where the content of a file starts, which is hashed."""
    return 128 if name.endswith(".npy") else 0


def change_manifest(folder: Path, **fields: Any) -> None:
    """Change a manifest, and let it agree with the files."""
    path = folder / "manifest.json"
    files = {
        name: {
            "bytes": len(content),
            "sha256": sha256(content[start(name) :]),
            "xxh3_128": xxh3_128_hexdigest(content[start(name) :]),
        }
        for name in FILES
        for content in [(folder / name).read_bytes()]
    }
    found = {**json.loads(path.read_text()), "files": files, **fields}
    del found["xxh3_128"]
    path.write_text(json.dumps(found))


# -- what was written ---------------------------------------------------------------


def test_what_is_written_is_what_is_read(folder: Path) -> None:
    """Each row has its token and numbers, by row, by slice and by word."""
    store = Store.open(folder)
    words = [word.decode("utf-8", "surrogateescape") for word in WORDS]
    assert list_rows(store) == [[2 * i, 2 * i + 1] for i in range(8)]
    assert not any(block.flags.writeable for _, block in store.vectors.blocks(3))
    assert store.vectors.take(np.array([7, 0, 7])).tolist() == [
        [14, 15],
        [0, 1],
        [14, 15],
    ]
    assert len(store.tokens) == 8
    assert [store.tokens[i] for i in range(8)] == words
    assert [store.tokens[i] for i in range(-8, 0)] == words
    for part in (slice(None), slice(1, 3), slice(-2, None), slice(None, None, -3)):
        assert store.tokens[part] == words[part]
    for row in (8, -9, 100):
        with pytest.raises(IndexError, match="of 8"):
            store.tokens[row]
    assert [*store.tokens] == words
    assert "a b" in store.tokens
    assert "a" not in store.tokens
    some = np.array([7, 0, 2, 2])
    assert store.tokens.read_bytes(some) == [b"film", b"the", b"a b", b"a b"]
    assert store.manifest.rows == 8
    assert store.manifest.dimension == 2


def test_a_repeated_token_means_its_first_row(folder: Path) -> None:
    """A repeated token is found at its first row."""
    store = Store.open(folder)
    assert store.manifest.distinct == 6
    tokens = [*WORDS, b"missing", b"th", b"thee", b"\n"]
    expected = [WORDS.index(token) if token in WORDS else -1 for token in tokens]
    assert [store.index.find(token) for token in tokens] == expected
    assert store.index.find_all(tokens).tolist() == expected
    assert store.index.find_all([]).tolist() == []


@pytest.mark.parametrize("count", [1, 65_535, 65_536, 65_537, 131_073])
def test_tokens_at_the_borders_of_pieces(count: int, tmp_path: Path) -> None:
    """All tokens are iterated in order, however many there are."""
    words = [b"%d" % i for i in range(count)]
    store = Store.open(write_words(tmp_path, words, 50_000))
    assert [*store.tokens] == [*map(str, range(count))]


@pytest.mark.parametrize(("count", "more"), [(1, ""), (5, ""), (6, ", ...")])
def test_tokens_show_the_first_of_them(count: int, more: str, tmp_path: Path) -> None:
    """The representation has the number of tokens and the first five."""
    store = Store.open(write_words(tmp_path, [b"%d" % i for i in range(count)]))
    shown = ", ".join(repr(str(i)) for i in range(min(count, 5)))
    assert repr(store.tokens) == f"<{count} token{'s' * (count > 1)}: {shown}{more}>"


def test_rows_of_tokens_may_be_of_any_whole_number_type(tmp_path: Path) -> None:
    """The last number of a narrow type is a row like others."""
    words = [b"%d" % i for i in range(65_600)]
    tokens = Store.open(write_words(tmp_path, words, 65_600)).tokens
    for row in (np.uint16(65_535), np.int8(127), np.int16(32_767), np.int64(-65_600)):
        assert tokens[row] == str(int(row) % 65_600)
    assert tokens.read_bytes(np.array([65_535, 0], np.uint16)) == [b"65535", b"0"]


@pytest.mark.parametrize("row", ["the", 1.0, None, True, np.True_], ids=repr)
def test_what_is_no_row_of_a_token_is_explained(folder: Path, row: Any) -> None:
    """A word in place of a row leads to the method that takes words."""
    with pytest.raises(
        TypeError, match=r"expected a row number .* vectors\.row\(word\)"
    ):
        Store.open(folder).tokens[row]


@given(st.binary(max_size=6).filter(lambda token: b"\n" not in token))
def test_any_token_is_a_word_and_comes_back(token: bytes) -> None:
    """Each token that is not valid UTF-8 is a word of its own."""
    assert encode_word(decode_token(token)) == token
    assert encode_words([decode_token(token)]) == [token]


HALF = "\ud83d"  # the first half of a character that UTF-16 writes in two


@given(st.lists(st.text(max_size=4) | st.sampled_from(["a", "\udcff", HALF])))
def test_many_words_are_encoded_as_one_by_one(words: list[str]) -> None:
    """Unknown words, even impossible ones, have no row, and others keep theirs."""
    assert encode_words(words) == [encode_word(word) for word in words]
    assert encode_word(f"a{HALF}") == b"\n"


def test_a_folder_whose_name_is_no_utf_8(tmp_path: Path) -> None:
    """A store is read from any path."""
    place = tmp_path / os.fsdecode(b"caf\xe9")
    try:
        place.mkdir()
    except OSError:
        pytest.skip("no such names here")
    store = Store.open(write_words(place, WORDS))
    assert store.index.find_all([b"of", b"no"]).tolist() == [1, -1]


# -- what is damaged ----------------------------------------------------------------


def drop(name: str) -> Callable[[Path], object]:
    """Remove a file."""
    return lambda folder: (folder / name).unlink()


def resize(name: str, change: int) -> Callable[[Path], object]:
    """Make a file longer or shorter."""
    return lambda folder: os.truncate(
        folder / name, (folder / name).stat().st_size + change
    )


def replace_by_folder(folder: Path) -> None:
    """Replace a file by a folder."""
    (folder / "tokens.txt").unlink()
    (folder / "tokens.txt").mkdir()
    fields = json.loads((folder / "manifest.json").read_text())
    fields["files"]["tokens.txt"]["bytes"] = (folder / "tokens.txt").stat().st_size
    del fields["xxh3_128"]
    (folder / "manifest.json").write_text(json.dumps(fields))


def replace_by_pipe(name: str) -> Callable[[Path], object]:
    """Replace a file by a pipe."""

    def replace(folder: Path) -> None:
        (folder / name).unlink()
        os.mkfifo(folder / name)

    return replace


def without(field: str) -> dict[str, object]:
    """Return a provenance that lacks a field."""
    return {key: value for key, value in PROVENANCE.items() if key != field}


def say(content: bytes) -> Callable[[Path], object]:
    """Replace the manifest."""
    return lambda folder: (folder / "manifest.json").write_bytes(content)


DAMAGES: dict[str, tuple[Callable[[Path], object], str]] = {
    **{f"no {name}": (drop(name), "not a complete store") for name in FILES},
    "no manifest": (drop("manifest.json"), "not a complete store"),
    "no folder": (shutil.rmtree, "not a complete store"),
    **{f"longer {name}": (resize(name, 1), "bytes, its manifest") for name in FILES},
    **{f"shorter {name}": (resize(name, -1), "bytes, its manifest") for name in FILES},
    "a folder": (replace_by_folder, "tokens.txt is not a regular file"),
    "a pipe": (replace_by_pipe("vectors.npy"), "vectors.npy is not a regular file"),
    "a pipe for a manifest": (replace_by_pipe("manifest.json"), "not a complete store"),
    "empty": (say(b""), "no readable manifest"),
    "no JSON": (say(b"{"), "no readable manifest"),
    "no UTF-8": (say(b'"\xff"'), "no readable manifest"),
    "deep": (say(b"[" * 100_000), "no readable manifest"),
    "a list": (say(b"[]"), "no readable manifest"),
    "a number": (say(b"7"), "no readable manifest"),
    "no fields": (say(b"{}"), "no readable manifest"),
    "another version": (
        lambda folder: change_manifest(folder, format_version=1),
        "is a store of format 1, expected 2",
    ),
    "no records": (
        lambda folder: change_manifest(folder, files={}),
        "has other files than expected",
    ),
    "odd records": (
        lambda folder: change_manifest(
            folder, files={name: {"a": 1} for name in FILES}
        ),
        "no readable manifest",
    ),
    "more fields": (
        lambda folder: change_manifest(folder, more=1),
        "no readable manifest",
    ),
    "odd provenance": (
        lambda folder: change_manifest(folder, provenance=[]),
        "no readable manifest",
    ),
    **{
        f"provenance without {field}": (
            partial(change_manifest, provenance=without(field)),
            "has an incomplete provenance",
        )
        for field in PROVENANCE
    },
    "fewer rows": (
        lambda folder: change_manifest(folder, rows=7),
        "does not match its manifest",
    ),
    "more rows": (
        lambda folder: change_manifest(folder, rows=9),
        "does not match its manifest",
    ),
    "another width": (
        lambda folder: change_manifest(folder, dimension=1),
        "does not match its manifest",
    ),
    "fewer distinct": (
        lambda folder: change_manifest(folder, distinct=5),
        "does not match its manifest",
    ),
    "another dtype": (
        lambda folder: change_manifest(folder, dtype="float16"),
        "does not match its manifest",
    ),
    "no scales": (
        lambda folder: change_manifest(folder, dtype="int8"),
        "has other files than expected",
    ),
    "unknown dtype": (
        lambda folder: change_manifest(folder, dtype="bfloat16"),
        "no readable manifest",
    ),
    "rows of text": (
        lambda folder: change_manifest(folder, rows="8"),
        "no readable manifest",
    ),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_store_is_not_opened(folder: Path, damage: str) -> None:
    """A missing or resized file, or a wrong manifest, is reported as damage."""
    change, message = DAMAGES[damage]
    change(folder)
    with pytest.raises(DamagedStoreError, match=message):
        Store.open(folder)


def overwrite(path: Path, place: int, content: bytes) -> None:
    """Overwrite some bytes of a file."""
    with path.open("r+b") as file:
        file.seek(place, os.SEEK_END if place < 0 else os.SEEK_SET)
        file.write(content)


@pytest.mark.parametrize("name", ["index.npy", "tokens.txt", "token-offsets.npy"])
def test_a_changed_index_is_never_followed(folder: Path, name: str) -> None:
    """One changed byte in what look-ups read is noticed before it is used."""
    path = folder / name
    overwrite(path, -1, bytes([path.read_bytes()[-1] ^ 1]))
    with pytest.raises(DamagedStoreError, match=f"{name} has changed"):
        Store.open(folder)


def test_a_changed_scale_is_never_used(tmp_path: Path) -> None:
    """One changed byte in the scales of an int8 store is noticed when it is opened."""
    store = make_store(tmp_path, np.ones((3, 2), np.float32), "int8")
    overwrite(store.folder / "scales.npy", -1, b"\x7f")
    with pytest.raises(DamagedStoreError, match=r"scales\.npy has changed"):
        Store.open(store.folder)


def test_what_cannot_be_mapped_is_damage(folder: Path) -> None:
    """An empty file is damage even if the manifest says that it is empty."""
    (folder / "tokens.txt").write_bytes(b"")
    change_manifest(folder)
    with pytest.raises(DamagedStoreError, match="damaged"):
        Store.open(folder)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("change", [drop, replace_by_pipe])
def test_what_goes_while_it_is_opened(
    folder: Path,
    name: str,
    change: Callable[[str], Callable[[Path], object]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A file that is removed or replaced after its size was checked is damage."""
    read = Manifest.read

    def read_then_change(where: Path) -> Manifest:
        manifest = read(where)
        change(name)(where)
        return manifest

    monkeypatch.setattr(Manifest, "read", read_then_change)
    with pytest.raises(DamagedStoreError, match="damaged"):
        Store.open(folder)


def test_what_cannot_be_read_may_be_whole(folder: Path) -> None:
    """A path that cannot be followed is not reported as damage."""
    with pytest.raises(OSError, match="too long") as caught:
        Store.open(folder / ("x" * 300))
    assert not isinstance(caught.value, DamagedStoreError)


# -- private maps -------------------------------------------------------------------


def test_writing_to_a_private_map_changes_nothing_else(folder: Path) -> None:
    """Writing to a private map changes neither the file nor the other map."""
    store = Store.open(folder)
    apart = store.vectors.map_privately()
    assert apart.tolist() == list_rows(store)
    assert not apart.flags.writeable
    apart.flags.writeable = True
    apart[0, 0] = 77
    assert list_rows(store)[0] == list_rows(Store.open(folder))[0] == [0, 1]


def replace_by_another(folder: Path) -> None:
    """Replace the vectors by a file with another header."""
    content = (folder / "vectors.npy").read_bytes()
    (folder / "vectors.npy").unlink()
    (folder / "vectors.npy").write_bytes(content.replace(b"(8, 2)", b"(4, 4)"))


@pytest.mark.parametrize(
    "change",
    [drop("vectors.npy"), replace_by_pipe("vectors.npy"), replace_by_another],
    ids=["removed", "a pipe", "another"],
)
@pytest.mark.parametrize("is_open", [True, False])
def test_a_private_map_is_of_the_open_file(
    folder: Path,
    change: Callable[[Path], object],
    is_open: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whatever has its path, the memory is writable, and apart from the first map.

    Without the open file, as in a daemon, it is a copy.
    """
    dup, kept = os.dup, []

    def keep(number: int) -> int:
        kept.append(dup(number))
        return kept[-1]

    monkeypatch.setattr(os, "dup", keep)
    store = Store.open(folder)
    expected = list_rows(store)
    change(folder)
    if not is_open:
        os.close(*kept)
    apart = store.vectors.map_privately()
    assert isinstance(apart, np.memmap) == is_open
    assert apart.tolist() == expected
    assert not apart.flags.writeable
    ctypes.memset(apart.ctypes.data, 0, apart.nbytes)
    assert not apart.any()
    assert list_rows(store) == expected


def test_a_private_map_of_a_shorter_file_is_an_error(folder: Path) -> None:
    """What was cut off is never touched, which would kill the process."""
    store = Store.open(folder)
    resize("vectors.npy", -1)(folder)
    with pytest.raises(CacheError, match=r"vectors\.npy has become shorter"):
        store.vectors.map_privately()


def test_hashes_of_a_manifest_are_those_of_the_files(folder: Path) -> None:
    """The manifest has the size and sha256 of each file."""
    for name, record in Manifest.read(folder).files.items():
        content = (folder / name).read_bytes()
        assert record.bytes == len(content)
        assert record.sha256 == sha256(content[start(name) :])
        assert record.xxh3_128 == xxh3_128_hexdigest(content[start(name) :])
    offsets = np.load(folder / "token-offsets.npy", allow_pickle=False)
    assert offsets.dtype == np.int64
    assert offsets.tolist() == [0, 4, 7, 11, 12, 15, 19, 22, 27]
    assert (folder / "tokens.txt").read_bytes() == b"".join(w + b"\n" for w in WORDS)
    vectors = np.load(folder / "vectors.npy", allow_pickle=False)
    assert vectors.dtype == np.float32
