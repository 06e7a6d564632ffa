"""A store is written, hashed and flushed while its rows arrive."""

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from glove_registry.errors import FormatError
from glove_registry.formats import Block
from glove_registry.store import Store, hashed_file, index, writer
from glove_registry.store.numbers import NumberType
from glove_registry.store.writer import write_store

ROWS, DIMENSION = 256, 100


def make_blocks(count: int) -> Iterator[Block]:
    """Yield blocks of 100 kB."""
    for i in range(count):
        tokens = [b"%d-%d" % (i, row) for row in range(ROWS)]
        yield Block(tokens, np.full((ROWS, DIMENSION), i, np.float32))


@pytest.mark.parametrize(("dtype", "width"), [("float32", 4), ("int8", 1)])
def test_rows_are_written_while_later_ones_are_read(
    dtype: NumberType,
    width: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Only the last few blocks are not in the file, which grows by whole pages."""
    page = 4096  # of Linux, where others never see a part of one
    monkeypatch.setattr(hashed_file, "_PAGE", page)
    sizes = []

    def watch() -> Iterator[Block]:
        for block in make_blocks(20):
            yield block
            sizes.append((tmp_path / "new" / "vectors.npy").stat().st_size)

    manifest = write_store(tmp_path / "new", watch(), dtype)
    assert manifest.rows == 20 * ROWS
    waiting = writer.AHEAD + 1
    for i, size in enumerate(sizes):
        written = (i - waiting) * ROWS * DIMENSION * width
        assert size > written - page
        assert size % page == 0
    values = np.load(tmp_path / "new" / "vectors.npy")
    assert (values.reshape(20, -1) == values[::ROWS, :1]).all()


@pytest.mark.parametrize("values", [1, 7])
def test_tokens_of_many_blocks_with_few_hashes(
    values: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each token of a store leads to its first row, however many have its hash."""

    def hash_weakly(token: bytes) -> int:
        return sum(token) % values << 60

    monkeypatch.setattr(index, "hash_token", hash_weakly)
    tokens = [b"%d" % (i * i % 150) for i in range(200)]
    rows = np.arange(200, dtype=np.float32).reshape(-1, 1)
    blocks = (Block(tokens[i : i + 9], rows[i : i + 9]) for i in range(0, 200, 9))
    manifest = write_store(tmp_path / "new", blocks)
    provenance = {"name": "v", "revision": None, "sha256": "a", "bytes": 1}
    manifest._replace(provenance=provenance).write(tmp_path / "new")
    store = Store.open(tmp_path / "new")
    assert store.manifest.distinct == len(set(tokens))
    asked = [*tokens, b"none", b"150"]
    expected = [*map(tokens.index, tokens), -1, -1]
    assert store.index.find_all(asked).tolist() == expected
    assert [store.index.find(token) for token in asked] == expected


def test_a_file_is_flushed_while_it_grows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Flushing goes on in a thread, one flush at a time, and nothing waits for it."""
    flushed, inodes, go = [], [], threading.Event()

    def flush(descriptor: int) -> None:
        assert go.wait(60)
        status = os.fstat(descriptor)
        flushed.append(status.st_size)
        inodes.append(status.st_ino)

    monkeypatch.setattr(hashed_file, "_flush", flush)
    monkeypatch.setattr(hashed_file, "_FLUSHED", 300_000)

    def watch() -> Iterator[Block]:
        yield from make_blocks(20)
        assert not flushed
        go.set()

    write_store(tmp_path / "new", watch())
    # Six would have been due, and one more after the first has ended.
    assert len(flushed) in (1, 2)
    assert flushed[0] >= 300_000
    assert set(inodes) == {(tmp_path / "new" / "vectors.npy").stat().st_ino}


@pytest.mark.parametrize("blocks", [8, 80])
def test_a_failing_disk_is_an_error_at_the_latest_at_the_end(
    blocks: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error of a flush, which the system may report only once, is not lost."""

    def fail(descriptor: int) -> None:
        raise OSError("worn out")

    monkeypatch.setattr(hashed_file, "_flush", fail)
    monkeypatch.setattr(hashed_file, "_FLUSHED", 700_000)
    with pytest.raises(OSError, match="worn out"):
        write_store(tmp_path / "new", make_blocks(blocks))


def test_rows_have_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No row gets a number that the index cannot hold, and the last number is used."""
    assert np.iinfo(np.int32).max == index.MOST_ROWS
    monkeypatch.setattr(writer, "MOST_ROWS", 3 * ROWS)
    assert write_store(tmp_path / "most", make_blocks(3)).rows == 3 * ROWS
    monkeypatch.setattr(writer, "MOST_ROWS", 3 * ROWS - 1)
    with pytest.raises(FormatError, match="more than 767 rows"):
        write_store(tmp_path / "more", make_blocks(3))


def test_an_error_of_the_reader_ends_the_writing(tmp_path: Path) -> None:
    """An invalid row is reported as it is, and no file or thread is left open."""

    def read() -> Iterator[Block]:
        yield from make_blocks(3)
        raise ValueError("line 769")

    before = threading.active_count()
    with pytest.raises(ValueError, match="line 769"):
        write_store(tmp_path / "new", read())
    assert threading.active_count() == before


def test_a_number_that_does_not_fit_ends_the_reading(tmp_path: Path) -> None:
    """Rows are not read to their end if a number cannot be stored."""
    asked = []

    def read() -> Iterator[Block]:
        for block in make_blocks(50):
            asked.append(1)
            block.values[0, 0] = 1e30
            yield block

    with pytest.raises(ValueError, match="float16 holds numbers"):
        write_store(tmp_path / "new", read(), "float16")
    assert len(asked) <= writer.AHEAD + 2
