"""A store is not begun on a disk that has no room for it."""

import shutil
from pathlib import Path

import pytest
from entries import SMALL, list_files, sha256, write_registry
from fault_server import FaultServer
from small_disk import small_disk

import glove_registry
from glove_registry.errors import CacheError, ChecksumError, FormatError
from glove_registry.store import writer
from glove_registry.store.numbers import NumberType

SAMPLE = "glove.6B.50d-first10k"
MB = 1_000_000
# Of 200,000 rows of 100 numbers: numbers, and 40 bytes for each token and its index.
SHAPES: dict[NumberType, int] = {
    "float32": 88 * MB,
    "float16": 48 * MB,
    "int8": 28 * MB,
}
# Of 200 MB of text, which is about twice as large as float32.
TEXTS: dict[NumberType, int] = {
    "float32": 100 * MB,
    "float16": 50 * MB,
    "int8": 25 * MB,
}


@pytest.mark.parametrize("dtype", SHAPES)
def test_a_stated_shape_says_how_much_is_needed(
    dtype: NumberType, tmp_path: Path, server: FaultServer
) -> None:
    """A stated shape that does not fit is refused before anything is fetched."""
    url = server.add("/v.txt", SMALL)
    registry = write_registry(
        tmp_path, "mine", url=url, sha256=sha256(SMALL), dimension=100, rows=200_000
    )
    needed = SHAPES[dtype]
    with small_disk(tmp_path / "disk", needed - MB) as disk:
        with pytest.raises(CacheError, match=f"needs {needed:,} bytes"):
            glove_registry.load("mine", registry=registry, cache_dir=disk, dtype=dtype)
        assert server.requests == []
    with small_disk(tmp_path / "larger", needed + MB) as disk:
        # There is room: it is fetched, and has another shape.
        with pytest.raises(FormatError):
            glove_registry.load("mine", registry=registry, cache_dir=disk, dtype=dtype)
        assert len(server.requests) == 1


@pytest.mark.parametrize("dtype", TEXTS)
def test_a_stated_size_of_the_text_says_how_much_is_needed(
    dtype: NumberType, tmp_path: Path, server: FaultServer
) -> None:
    """A text of a stated size that does not fit is refused before it is fetched."""
    member = {"sha256": sha256(SMALL), "bytes": 200 * MB}
    url = server.add("/v.txt", SMALL)
    # Of the rows alone, nothing follows.
    registry = write_registry(tmp_path, "mine", url=url, member=member, rows=3)
    needed = TEXTS[dtype]
    with small_disk(tmp_path / "disk", needed - MB) as disk:
        with pytest.raises(CacheError, match=f"needs {needed:,} bytes"):
            glove_registry.load("mine", registry=registry, cache_dir=disk, dtype=dtype)
        assert server.requests == []
    with small_disk(tmp_path / "larger", needed + MB) as disk:
        with pytest.raises(ChecksumError):
            glove_registry.load("mine", registry=registry, cache_dir=disk, dtype=dtype)
        assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("dtype", "needed"), [("float16", 1_400_000), ("int8", 900_000)]
)
def test_another_type_is_begun_only_if_it_fits(
    dtype: NumberType, needed: int, tmp_path: Path
) -> None:
    """What is made from a store of 10,000 rows of 50 numbers has a known size."""
    with small_disk(tmp_path / "disk", 8 * MB) as disk:
        glove_registry.load(SAMPLE, cache_dir=disk)
        before = list_files(disk)
        ballast = disk / "ballast"
        ballast.write_bytes(bytes(shutil.disk_usage(disk).free - needed + MB // 10))
        with pytest.raises(CacheError, match=f"needs {needed:,} bytes"):
            glove_registry.load(SAMPLE, cache_dir=disk, dtype=dtype)
        ballast.unlink()
        assert list_files(disk) == before
        glove_registry.load(SAMPLE, cache_dir=disk, dtype=dtype)


def test_a_store_that_is_removed_at_once_is_made_again(
    tmp_path: Path, server: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store that another process removes before it is opened is compiled again."""
    url = server.add("/v.txt", SMALL)
    registry = write_registry(tmp_path, "mine", url=url, sha256=sha256(SMALL))
    publish = writer.publish_store

    def publish_then_remove(*how: object) -> Path:
        monkeypatch.setattr(writer, "publish_store", publish)
        folder = publish(*how)  # type: ignore[arg-type]
        shutil.rmtree(folder)
        return folder

    monkeypatch.setattr(writer, "publish_store", publish_then_remove)
    assert "film" in glove_registry.load("mine", registry=registry)
    assert len(server.requests) == 2
