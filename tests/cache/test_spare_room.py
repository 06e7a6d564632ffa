"""What is of unknown size is stopped before the disk is full."""

import gzip
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from entries import list_files, sha256, write_registry
from small_disk import small_disk

import glove_registry
from glove_registry.authoring import add
from glove_registry.errors import CacheError, FormatError, GloveRegistryError

SIZE = 16 << 20
# Of these, numbers are the least part of a store.
NARROW = b"".join(b"w%d 1\n" % i for i in range(1_000_000))
LONG = b"".join(b"%060000d 1\n" % i for i in range(400))


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 16 MiB."""
    with small_disk(tmp_path / "disk", SIZE) as folder:
        yield folder


def pack(path: Path, content: bytes) -> Path:
    """Write a file as gz."""
    path.write_bytes(gzip.compress(content, 1))
    return path


def pack_entry(folder: Path, text: bytes, **known: object) -> Path:
    """Write a text as gz and a registry whose entry it is."""
    path = pack(folder / "v.txt.gz", text)
    digest = sha256(path.read_bytes())
    return write_registry(folder, "mine", url="file:v.txt.gz", sha256=digest, **known)


def test_a_text_without_a_known_end_leaves_room(tmp_path: Path) -> None:
    """Compiling stops while a twentieth of the disk is free, and leaves nothing."""
    path = tmp_path / "large.txt"
    path.write_bytes(b"word" + b" 1" * 100 + b"\n")
    with path.open("ab") as file:
        file.write(path.read_bytes() * 200_000)
    with small_disk(tmp_path / "disk", 64 << 20) as disk:
        with pytest.raises(CacheError, match="would fill the disk"):
            glove_registry.open_file(path, cache_dir=disk / "cache")
        usage = shutil.disk_usage(disk)
        assert usage.free > 0.9 * usage.total
        assert not [f for f in list_files(disk / "cache") if "vectors" in f]


@pytest.mark.parametrize(
    ("text", "known"),
    [(NARROW, {}), (LONG, {}), (LONG, {"rows": 400, "dimension": 1})],
    ids=["short rows", "long words", "long words of a stated number"],
)
def test_all_of_a_store_counts_not_only_its_numbers(
    text: bytes, known: dict[str, int], disk: Path, tmp_path: Path
) -> None:
    """So do words and the index, also if an entry states how many numbers there are."""
    registry = pack_entry(tmp_path, text, **known)
    with pytest.raises(CacheError, match="would fill the disk"):
        glove_registry.load("mine", registry=registry, cache_dir=disk / "cache")


@pytest.mark.parametrize("header", [b"", b"10 1\n"])
def test_more_rows_than_stated_are_not_written(
    header: bytes, disk: Path, tmp_path: Path
) -> None:
    """They are counted to the end on a disk that could not have them, for the error."""
    known = {} if header else {"rows": 10, "dimension": 1}
    registry = pack_entry(tmp_path, header + NARROW, **known)
    with pytest.raises(FormatError, match=r"holds 1,000,000 rows, .* 10"):
        glove_registry.load("mine", registry=registry, cache_dir=disk / "cache")


@pytest.mark.parametrize(
    ("known", "sentence"),
    [({}, "would fill the disk"), ({"bytes": 40_000_000}, "needs 40,000,000 bytes")],
)
def test_a_text_that_is_kept_leaves_room(
    known: dict[str, int], sentence: str, disk: Path, tmp_path: Path
) -> None:
    """`fetch` compares a stated size with the free space, and stops without one."""
    pack(tmp_path / "v.txt.gz", b"a 1\n" * 10_000_000)
    registry = write_registry(
        tmp_path,
        "mine",
        url="file:v.txt.gz",
        member={"sha256": sha256(b"a 1\n" * 10_000_000), **known},
    )
    with pytest.raises(CacheError, match=sentence):
        glove_registry.fetch("mine", registry=registry, cache_dir=disk / "cache")
    assert shutil.disk_usage(disk).free > 0.9 * SIZE


def make_arrays() -> bytes:
    """Return a file of arrays of 32 MB, which must be unpacked before it is read."""
    size = 4 * 8_000_000
    header = {"vectors": {"dtype": "F32", "shape": [80_000, 100]}}
    header["vectors"]["data_offsets"] = [0, size]
    start = json.dumps(header).encode()
    return len(start).to_bytes(8, "little") + start + bytes(size)


def test_a_file_that_must_be_unpacked_first_leaves_room(
    disk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether it goes into the cache, or where the system has temporary files."""
    path = pack(tmp_path / "v.safetensors.gz", make_arrays())
    with pytest.raises(CacheError, match=r"would fill .* by cache_dir="):
        glove_registry.open_file(path, cache_dir=disk / "cache")
    assert shutil.disk_usage(disk).free > 0.9 * SIZE
    monkeypatch.setattr("tempfile.tempdir", str(disk))
    with pytest.raises(GloveRegistryError, match=r"would fill .* TMPDIR"):
        add(path, "mine", to=tmp_path / "mine.yaml")
