"""Vectors are read right by every way, and no more is read than is asked for."""

import errno
import gc
import mmap
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from number_stores import make_store, read_plainly
from numpy.typing import NDArray

from glove_registry.errors import CacheError
from glove_registry.store import Store
from glove_registry.store.numbers import NUMBER_TYPES, NumberType

ROWS, DIMENSION = 3000, 300  # 3.6 MB: 55 pieces of 64 KiB
FAR_APART = np.arange(0, ROWS, 401)[::-1].copy()
CLOSE = np.arange(700, 1000)

needs_linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> dict[NumberType, Path]:
    """The same vectors as a store of each type."""
    folder = tmp_path_factory.mktemp("stores")
    numbers = np.random.default_rng(0).normal(size=(ROWS, DIMENSION))
    numbers[17] = 0
    block = numbers.astype(np.float32)
    return {dtype: make_store(folder, block, dtype).folder for dtype in NUMBER_TYPES}


@pytest.fixture(scope="module")
def expected(stores: dict[NumberType, Path]) -> dict[NumberType, NDArray[np.float32]]:
    """All vectors of these stores."""
    return {dtype: read_plainly(Store.open(path)) for dtype, path in stores.items()}


def count_mapped(store: Store) -> int:
    """Count the bytes of the vectors that this process has mapped."""
    mapped, inside = 0, False
    for line in Path("/proc/self/smaps").read_text(encoding="ascii").splitlines():
        if line.endswith("kB"):
            if inside and line.startswith("Rss:"):
                mapped += 1024 * int(line.split()[1])
        elif "-" in line.split()[0]:
            inside = line.endswith(str(store.folder / "vectors.npy"))
    return mapped


def lack(*names: str) -> Callable[[pytest.MonkeyPatch], None]:
    """Take names from `os` and `mmap`, as on platforms without them."""

    def remove(patch: pytest.MonkeyPatch) -> None:
        for name in names:
            patch.delattr(os if hasattr(os, name) else mmap, name, raising=False)

    return remove


def refuse_to_look(patch: pytest.MonkeyPatch) -> None:
    """Know no reading without waiting, as on some file systems."""
    preadv = os.preadv

    def read(file: int, parts: Any, offset: int, flags: int = 0) -> int:
        if flags:
            raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP))
        return preadv(file, parts, offset)

    patch.setattr(os, "preadv", read)


def have_half(patch: pytest.MonkeyPatch) -> None:
    """Have only the first half of each row in memory."""
    preadv = os.preadv

    def read(file: int, parts: Any, offset: int, flags: int = 0) -> int:
        if flags:
            parts = [part[: len(part) // 2] for part in parts]
        return preadv(file, parts, offset)

    patch.setattr(os, "preadv", read)


PLATFORMS: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    "this": lack(),
    "without a look": lack("RWF_NOWAIT"),
    "without advice": lack("MADV_WILLNEED", "MADV_DONTNEED"),
    "without any": lack("preadv", "RWF_NOWAIT", "MADV_WILLNEED", "MADV_DONTNEED"),
    "without a look on this file system": refuse_to_look,
    "with half of each row": have_half,
}


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("dtype", NUMBER_TYPES)
def test_every_way_gives_the_same_numbers(
    dtype: NumberType,
    platform: str,
    stores: dict[NumberType, Path],
    expected: dict[NumberType, NDArray[np.float32]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Rows far apart and close together, one and all, have the numbers of the file."""
    PLATFORMS[platform](monkeypatch)
    matrix, whole = Store.open(stores[dtype]).vectors, expected[dtype]
    assert matrix.shape == whole.shape
    for rows in (FAR_APART, CLOSE, FAR_APART, np.array([17, 17, ROWS - 1, 0])):
        found = matrix.take(rows)
        assert found.dtype == np.float32
        assert found.tobytes() == whole[rows].tobytes()
        assert found.flags.writeable
        for row in rows[:5].tolist():
            assert matrix.row(row).tobytes() == whole[row].tobytes()
            assert matrix.row(row).flags.writeable
        target = np.full((len(rows) + 2, DIMENSION), 7, np.float64)
        matrix.fill(target, 1 + np.arange(len(rows))[::-1], rows)
        assert (target[-2:0:-1] == whole[rows]).all()
        assert (target[[0, -1]] == 7).all()
    for step in (1000, ROWS, ROWS + 1):
        blocks = [*matrix.blocks(step)]
        assert [start for start, _ in blocks] == [*range(0, ROWS, step)]
        assert not any(block.flags.writeable for _, block in blocks)
        assert np.concatenate([b for _, b in blocks]).tobytes() == whole.tobytes()
    apart = matrix.map_privately()
    assert apart.dtype == np.float32
    assert apart.tobytes() == whole.tobytes()
    assert not apart.flags.writeable


@given(
    st.sampled_from(NUMBER_TYPES),
    st.lists(st.lists(st.integers(0, ROWS - 1), max_size=40), max_size=4),
)
def test_any_rows_in_any_order(
    stores: dict[NumberType, Path],
    expected: dict[NumberType, NDArray[np.float32]],
    dtype: NumberType,
    gathers: list[list[int]],
) -> None:
    """Gathers of any rows, one after the other, find each in its place."""
    matrix = Store.open(stores[dtype]).vectors
    for gathered in gathers:
        rows = np.array(gathered, np.int64)
        assert matrix.take(rows).tobytes() == expected[dtype][rows].tobytes()


@pytest.mark.parametrize("dtype", NUMBER_TYPES)
def test_other_types_are_as_they_would_be_by_float32(
    dtype: NumberType,
    stores: dict[NumberType, Path],
    expected: dict[NumberType, NDArray[np.float32]],
) -> None:
    """Rows written as another type are those of the file, converted once."""
    matrix = Store.open(stores[dtype]).vectors
    for other in (np.float16, np.float32, np.float64, np.int8):
        target = np.zeros((len(FAR_APART), DIMENSION), other)
        matrix.fill(target, np.arange(len(FAR_APART)), FAR_APART)
        assert target.tobytes() == expected[dtype][FAR_APART].astype(other).tobytes()


@pytest.mark.parametrize("row", [-1, -ROWS, ROWS, ROWS + 5])
@pytest.mark.parametrize("others", [[], [0], [*range(200)]])
def test_what_is_no_row_is_an_error(
    row: int, others: list[int], stores: dict[NumberType, Path]
) -> None:
    """A miss, which is -1, never becomes the last row."""
    matrix = Store.open(stores["float32"]).vectors
    rows = np.array([*others, row])
    with pytest.raises(IndexError, match="from 0 to 2,999, found rows from"):
        matrix.take(rows)
    target = np.zeros((len(rows), DIMENSION), np.float32)
    with pytest.raises(IndexError, match=f"{row:,}"):
        matrix.fill(target, np.arange(len(rows)), rows)
    assert not target.any()


def test_a_miss_is_said_to_be_one(stores: dict[NumberType, Path]) -> None:
    """The error for -1 says what it stands for; that for other numbers does not."""
    matrix = Store.open(stores["float32"]).vectors
    with pytest.raises(IndexError, match="-1 marks a word without a vector: keep only"):
        matrix.take(np.array([5, -1]))
    with pytest.raises(IndexError, match=r"from -2 to 5$"):
        matrix.take(np.array([5, -2]))


@pytest.mark.parametrize("rows", [FAR_APART, CLOSE[:127], FAR_APART[:1]])
@pytest.mark.parametrize(
    "kind", ["u1", "i1", "u2", "i2", "u4", "i4", "u8", ">i8", list]
)
def test_row_numbers_of_any_type(
    rows: NDArray[np.int64],
    kind: Any,
    stores: dict[NumberType, Path],
    expected: dict[NumberType, NDArray[np.float32]],
) -> None:
    """Narrow types and lists of numbers find the same rows."""
    matrix = Store.open(stores["float32"]).vectors
    if str(kind)[1:] == "1":
        rows = rows % 128
    given = rows.tolist() if kind is list else rows.astype(kind)
    wanted = expected["float32"][rows]
    assert matrix.take(given).tobytes() == wanted.tobytes()
    target = np.zeros_like(wanted)
    matrix.fill(target, np.arange(len(rows)), given)
    assert target.tobytes() == wanted.tobytes()


def test_no_rows_are_an_empty_array(stores: dict[NumberType, Path]) -> None:
    """An empty list is one of row numbers."""
    assert Store.open(stores["int8"]).vectors.take([]).shape == (0, DIMENSION)


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        (np.arange(ROWS) == 5, "type bool: use numpy.flatnonzero"),
        ([True, False], "type bool: use numpy.flatnonzero"),
        (np.array([1.0, 2.0]), "shape \\(2,\\) and type float64$"),
        (["the"], "type <U3$"),
        (5, "shape \\(\\) and type int64$"),
        ([[1, 2], [3, 4]], "shape \\(2, 2\\) and type int64$"),
    ],
    ids=["mask", "list of bool", "float", "words", "a number", "two dimensions"],
)
def test_what_are_no_row_numbers_is_refused(
    rows: Any, sentence: str, stores: dict[NumberType, Path]
) -> None:
    """A mask never means rows 0 and 1, and a fraction is never cut off."""
    matrix = Store.open(stores["float32"]).vectors
    target = np.zeros((2, DIMENSION), np.float32)
    with pytest.raises(TypeError, match=sentence):
        matrix.take(rows)
    with pytest.raises(TypeError, match=sentence):
        matrix.fill(target, np.arange(2), rows)


@needs_linux
@pytest.mark.parametrize("dtype", NUMBER_TYPES)
def test_only_rows_close_together_are_mapped(dtype: NumberType, tmp_path: Path) -> None:
    """Rows that are far apart do not bring what lies around them into the process."""
    store = make_store(tmp_path, np.ones((ROWS, DIMENSION), np.float32), dtype)
    assert count_mapped(store) == 0
    store.vectors.take(FAR_APART)
    assert count_mapped(store) == 0
    store.vectors.take(CLOSE)
    size = (store.folder / "vectors.npy").stat().st_size
    assert count_mapped(store) >= size * len(CLOSE) / ROWS


@needs_linux
def test_many_rows_are_mapped_in_the_end(tmp_path: Path) -> None:
    """After as many rows as there are pieces, further ones come from the map."""
    store = make_store(tmp_path, np.ones((ROWS, DIMENSION), np.float32))
    for _ in range(55 // len(FAR_APART)):
        store.vectors.take(FAR_APART)
        assert count_mapped(store) == 0
    store.vectors.take(FAR_APART)
    store.vectors.take(FAR_APART)
    assert count_mapped(store) >= len(FAR_APART) * mmap.PAGESIZE


@needs_linux
def test_a_matrix_is_always_a_map(tmp_path: Path) -> None:
    """However often the matrix is asked for, it is never copied into memory."""
    store = make_store(tmp_path, np.ones((ROWS, DIMENSION), np.float32))

    def count_maps() -> int:
        maps = Path("/proc/self/maps").read_text(encoding="utf-8").splitlines()
        return sum(line.endswith(str(store.folder / "vectors.npy")) for line in maps)

    before = count_maps()
    kept = []
    for number in range(1, 4):
        kept.append(store.vectors.map_privately())
        assert count_maps() == before + number


@pytest.mark.slow
@needs_linux
def test_a_first_scan_leaves_few_pages_behind(tmp_path: Path) -> None:
    """A single scan needs the memory of some blocks; later ones find all in place.

    16 MB, as a system may map 2 MB at a time.
    """
    store = make_store(tmp_path, np.ones((16_000, 256), np.float32))
    size = 16_000 * 256 * 4
    before = np.zeros(1, np.float32)
    for _, block in store.vectors.blocks(500):
        # As by a thread that is a block behind.
        before.sum()
        before = block
        assert count_mapped(store) < size / 2
    before.sum()
    assert 0 < count_mapped(store) < size / 2
    for _, block in store.vectors.blocks(500):
        block.sum()
    assert count_mapped(store) >= size
    store.vectors.take(FAR_APART)
    assert count_mapped(store) >= size


@needs_linux
@pytest.mark.parametrize("ask", ["take", "row"])
def test_a_cold_file_is_read_where_rows_are(ask: str, tmp_path: Path) -> None:
    """Of a file that is not in memory, the pages of the rows are read, and no others.

    8 MB, of which systems read more than a row would need unless they are told.
    """
    store = make_store(tmp_path, np.ones((8000, 256), np.float32))
    path = store.folder / "vectors.npy"

    def read(action: Callable[[], object]) -> int:
        with path.open("rb") as file:
            os.fsync(file.fileno())
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        before = count_read()
        action()
        return count_read() - before

    if read(path.read_bytes) < path.stat().st_size:
        pytest.skip("this disk does not say what is read")
    rows = np.arange(100, 8000, 500)
    if ask == "take":
        found = read(lambda: store.vectors.take(rows))
    else:
        found = read(lambda: [store.vectors.row(row) for row in rows.tolist()])
    assert 0 < found <= len(rows) * 2 * mmap.PAGESIZE


def count_read() -> int:
    """Count the bytes that this process has had read from a disk."""
    lines = Path("/proc/self/io").read_text(encoding="ascii").splitlines()
    return next(int(s.split()[1]) for s in lines if s.startswith("read_bytes"))


@needs_linux
def test_a_shorter_file_is_an_error(tmp_path: Path) -> None:
    """Rows that were cut off while the store is in use are reported, by their file."""
    store = make_store(tmp_path, np.ones((2000, 100), np.float32))
    os.truncate(store.folder / "vectors.npy", 400_000)
    with pytest.raises(CacheError, match=r"vectors\.npy has become shorter"):
        store.vectors.take(np.array([1, 1999]))


@pytest.mark.parametrize("dtype", NUMBER_TYPES)
def test_a_removed_store_can_be_used_on(dtype: NumberType, tmp_path: Path) -> None:
    """What is open stays so: rows, blocks and the matrix."""
    numbers = np.random.default_rng(1).normal(size=(2000, 100)).astype(np.float32)
    store = make_store(tmp_path, numbers, dtype)
    whole = read_plainly(store)
    shutil.rmtree(store.folder)
    rows = np.arange(0, 2000, 501)
    assert (store.vectors.take(rows) == whole[rows]).all()
    assert (store.vectors.row(7) == whole[7]).all()
    assert (store.vectors.map_privately() == whole).all()


@needs_linux
def test_no_descriptor_is_left_open(stores: dict[NumberType, Path]) -> None:
    """A store that is not used any more has none of its files open."""
    Store.open(stores["int8"]).vectors.take(FAR_APART)
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(20):
        Store.open(stores["int8"]).vectors.take(FAR_APART)
    assert len(os.listdir("/proc/self/fd")) == before


@pytest.mark.parametrize("is_reused", [False, True])
def test_a_number_that_was_taken_is_left_alone(
    is_reused: bool,
    stores: dict[NumberType, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A store that goes closes no file of others that has its descriptor's number."""
    dup, kept = os.dup, []

    def keep(number: int) -> int:
        kept.append(dup(number))
        return kept[-1]

    monkeypatch.setattr(os, "dup", keep)
    store = Store.open(stores["float32"])
    (number,) = kept
    with (tmp_path / "other").open("wb") as other:
        if is_reused:
            os.dup2(other.fileno(), number)
        else:
            os.close(number)
        del store
        gc.collect()
        if is_reused:
            assert os.fstat(number).st_ino == os.fstat(other.fileno()).st_ino
            os.close(number)


# In another process, whose descriptors are its own.
_DAEMON = """
import os, sys
from pathlib import Path
import numpy as np
from glove_registry.store import Store
matrix = Store.open(Path(sys.argv[1])).vectors
rows = np.arange(0, 3000, 401)
before = matrix.take(rows)
if sys.argv[2] == "fork":
    child = os.fork()
    assert (matrix.take(rows) == before).all()
    if child:
        assert os.waitpid(child, 0)[1] == 0
else:
    os.closerange(3, 100)
    if sys.argv[2] == "reuse":
        for _ in range(50):
            os.open(sys.argv[0], os.O_RDONLY)
    assert (matrix.take(rows) == before).all()
    assert (matrix.take(rows[::-1]) == before[::-1]).all()
print("done", flush=True)
os._exit(0)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.parametrize("how", ["fork", "close", "reuse"])
def test_other_processes_and_daemons(
    how: str, stores: dict[NumberType, Path], tmp_path: Path
) -> None:
    """Rows are right after a fork, and where all files were closed or replaced."""
    (tmp_path / "daemon.py").write_text(_DAEMON, encoding="ascii")
    done = subprocess.run(
        [sys.executable, str(tmp_path / "daemon.py"), str(stores["float32"]), how],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "done" in done.stdout
