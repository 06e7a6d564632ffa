"""A store of each number type is made once, from float32 where that is there."""

import json
from pathlib import Path

import numpy as np
import pytest
from entries import SMALL, list_files, sha256, write_registry
from fault_server import FaultServer
from numpy.typing import NDArray

import glove_registry
from glove_registry import Vectors
from glove_registry.cli import main
from glove_registry.errors import FormatError, OfflineError
from glove_registry.store.numbers import NumberType

SAMPLE = "glove.6B.50d-first10k"
SHORT: list[NumberType] = ["float16", "int8"]
ALL: list[NumberType] = ["float32", *SHORT]
# Half of a unit in the last place, and half of a step of each row's scale.
TOLERANCES = {"float16": 2.0**-11, "int8": 0.5 / 127}


@pytest.fixture
def registry(tmp_path: Path, server: FaultServer) -> Path:
    """An entry whose text a server has."""
    url = server.add("/v.txt", SMALL)
    return write_registry(tmp_path, "mine", url=url, sha256=sha256(SMALL))


def name_stores(cache_root: Path) -> list[str]:
    """List the names of the stores, each without its digest."""
    names = [path.name for path in (cache_root / "stores").iterdir()]
    return sorted(name.replace(f"-{sha256(SMALL)[:12]}", "") for name in names)


def read_plainly(folder: Path) -> NDArray[np.float32]:
    """Read the vectors of a store by numpy alone."""
    stored = np.load(folder / "vectors.npy", allow_pickle=False)
    vectors: NDArray[np.float32] = stored.astype(np.float32)
    if (folder / "scales.npy").exists():
        vectors *= np.load(folder / "scales.npy", allow_pickle=False)[:, None]
    return vectors


def find_store(vectors: Vectors, cache_root: Path) -> Path:
    """Return the folder of the store that is of the vectors' type."""
    dtype = vectors.provenance["dtype"]
    ending = "-v2" if dtype == "float32" else f"-v2-{dtype}"
    (folder,) = (cache_root / "stores").glob(f"*{ending}")
    return folder


@pytest.mark.parametrize("dtype", SHORT)
def test_it_is_near_to_float32_and_smaller(dtype: NumberType, cache_root: Path) -> None:
    """Each number is the nearest that its type has, in a file of half or a quarter."""
    exact = glove_registry.load(SAMPLE)
    vectors = glove_registry.load(SAMPLE, dtype=dtype)
    folder = find_store(vectors, cache_root)
    stored, wanted = read_plainly(folder), exact.matrix
    assert (vectors.matrix == stored).all()
    size = np.abs(wanted)
    unit = size.max(axis=1)[:, None] if dtype == "int8" else size
    assert (np.abs(stored - wanted) <= TOLERANCES[dtype] * unit * 1.0001 + 3e-8).all()
    assert (stored != wanted).any()
    part = {"float16": 2, "int8": 4}[dtype]
    bytes_of_all = (find_store(exact, cache_root) / "vectors.npy").stat().st_size - 128
    assert (folder / "vectors.npy").stat().st_size - 128 == bytes_of_all // part
    assert list(vectors.tokens) == list(exact.tokens)
    assert vectors.row("film") == exact.row("film")
    assert main(["verify"]) == 0


@pytest.mark.parametrize("dtype", SHORT)
def test_it_is_made_from_the_store_of_float32_without_the_network(
    dtype: NumberType, registry: Path, server: FaultServer, cache_root: Path
) -> None:
    """After a load, another type moves no byte, and its store is that of the text."""
    plain = glove_registry.load("mine", registry=registry)
    before = list_files(find_store(plain, cache_root))
    asked = len(server.requests)
    made = glove_registry.load("mine", registry=registry, offline=True, dtype=dtype)
    assert len(server.requests) == asked
    assert list_files(find_store(plain, cache_root)) == before
    other = cache_root.with_name("other")
    direct = glove_registry.load(
        "mine", registry=registry, dtype=dtype, cache_dir=other
    )
    # From the text at once: no store of float32 is needed.
    assert name_stores(other) == [f"mine-v2-{dtype}"]
    one, two = find_store(made, cache_root), find_store(direct, other)
    assert list_files(one) == list_files(two)
    for name in {*list_files(one)} - {"manifest.json"}:
        assert (one / name).read_bytes() == (two / name).read_bytes(), name
    differing = {"compiled_by"}
    assert {k: v for k, v in made.provenance.items() if k not in differing} == {
        k: v for k, v in direct.provenance.items() if k not in differing
    }
    assert made.provenance["sha256"] == sha256(SMALL)
    assert made.provenance["dtype"] == dtype


def test_each_type_is_compiled_once(
    registry: Path, server: FaultServer, cache_root: Path
) -> None:
    """Every type has its own store, found again by name and by shortcut."""
    for _ in range(3):
        for dtype in ALL:
            vectors = glove_registry.load("mine", registry=registry, dtype=dtype)
            assert vectors.provenance["dtype"] == dtype
    assert len(server.requests) == 1
    assert name_stores(cache_root) == ["mine-v2", "mine-v2-float16", "mine-v2-int8"]
    inodes = {path.stat().st_ino for path in cache_root.glob("stores/*/vectors.npy")}
    registry.write_text(registry.read_text() + "# no shortcut leads past this\n")
    for dtype in ALL:
        glove_registry.load("mine", registry=registry, offline=True, dtype=dtype)
    again = {path.stat().st_ino for path in cache_root.glob("stores/*/vectors.npy")}
    assert again == inodes


def test_float32_is_not_made_from_less(registry: Path, server: FaultServer) -> None:
    """Numbers that were rounded are not taken for those of the text."""
    glove_registry.load("mine", registry=registry, dtype="float16")
    with pytest.raises(OfflineError):
        glove_registry.load("mine", registry=registry, offline=True)
    with pytest.raises(OfflineError):
        glove_registry.load("mine", registry=registry, offline=True, dtype="int8")
    exact = glove_registry.load("mine", registry=registry)
    assert exact["of"].tolist() == [-1, 0.5, float(np.float32(2e-3))]


@pytest.mark.parametrize("dtype", SHORT)
def test_another_name_shares_the_files_of_its_type(
    dtype: NumberType, tmp_path: Path, server: FaultServer, cache_root: Path
) -> None:
    """A second name has links to the first one's store of that type."""
    entry = {"url": server.add("/v.txt", SMALL), "sha256": sha256(SMALL)}
    registry = tmp_path / "registry.yaml"
    registry.write_text(json.dumps({"variants": {"first": entry, "second": entry}}))
    for name in ("first", "second"):
        for each in (dtype, ALL[0]):
            glove_registry.load(name, registry=registry, dtype=each)
    # Once for each type, because float16 was asked for first.
    assert len(server.requests) == 2
    assert len(name_stores(cache_root)) == 4
    files = [path.stat().st_ino for path in cache_root.glob("stores/*/vectors.npy")]
    assert len(set(files)) == 2


@pytest.mark.parametrize("dtype", SHORT)
def test_a_damaged_store_of_float32_is_not_rounded(
    dtype: NumberType, registry: Path, server: FaultServer, cache_root: Path
) -> None:
    """A store with a flipped bit is not what another type is made from."""
    plain = glove_registry.load("mine", registry=registry)
    path = find_store(plain, cache_root) / "vectors.npy"
    content = bytearray(path.read_bytes())
    content[-1] ^= 64
    path.write_bytes(content)
    made = glove_registry.load("mine", registry=registry, dtype=dtype)
    assert len(server.requests) == 2
    assert read_plainly(find_store(made, cache_root))[2].tolist() == [0, 0, 1]


def test_an_opened_file_has_types_too(tmp_path: Path, cache_root: Path) -> None:
    """`open_file` makes and finds a store of each type."""
    path = tmp_path / "v.txt"
    path.write_bytes(SMALL)
    for dtype in [*ALL, *ALL]:
        opened = glove_registry.open_file(path, dtype=dtype)
        assert opened.provenance["dtype"] == dtype
    assert name_stores(cache_root) == ["v.txt-v2", "v.txt-v2-float16", "v.txt-v2-int8"]


@pytest.mark.parametrize("wrong", ["float64", "", None, 16, np.float16, ["int8"]])
def test_another_type_is_refused(wrong: object, tmp_path: Path) -> None:
    """The error for an unknown type names the three."""
    with pytest.raises(FormatError, match="expected one of float32, float16, int8"):
        glove_registry.load(SAMPLE, dtype=wrong)  # type: ignore[arg-type]
    with pytest.raises(FormatError, match="expected one of float32, float16, int8"):
        glove_registry.open_file(tmp_path, dtype=wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("loaded", [False, True], ids=["text", "store"])
def test_numbers_that_float16_has_not_are_said(loaded: bool, tmp_path: Path) -> None:
    """A text with larger numbers is an error that names it and the way out."""
    (tmp_path / "v.txt").write_bytes(b"the 1 2\nof 7e4 1\n")
    text = sha256(b"the 1 2\nof 7e4 1\n")
    registry = write_registry(tmp_path, "large", url="file:v.txt", sha256=text)
    if loaded:
        glove_registry.load("large", registry=registry)
    with pytest.raises(FormatError, match=r"^large.*65,504.*use dtype='float32'"):
        glove_registry.load("large", registry=registry, dtype="float16")
    assert "of" in glove_registry.load("large", registry=registry, dtype="int8")


def test_the_commands_know_all_types(
    registry: Path, cache_root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Stores of each type are used, listed, verified, removed by name, and pruned."""
    for dtype in ALL:
        glove_registry.load("mine", registry=registry, dtype=dtype)
    option = ["--registry", str(registry)]
    capsys.readouterr()
    assert main(["cache", "list", "--json"]) == 0
    items = json.loads(capsys.readouterr().out)
    assert [(item["kind"], item["variant"]) for item in items] == [
        ("store", "mine")
    ] * 3
    for dtype in SHORT:
        option_of_type = ["--dtype", dtype, "--topn", "1"]
        assert main(["similar", "mine", "the", *option_of_type, *option]) == 0
    capsys.readouterr()
    assert main(["verify", *option]) == 0
    # Three stores, and what was computed from two of them.
    assert capsys.readouterr().out.count("\nok ") == 3 + 2
    (store,) = (cache_root / "stores").glob("*-int8")
    scales = bytearray((store / "scales.npy").read_bytes())
    scales[-1] ^= 1
    (store / "scales.npy").write_bytes(scales)
    assert main(["verify", *option]) == 1
    assert "scales.npy has changed" in capsys.readouterr().out
    assert main(["cache", "remove", store.name]) == 0
    assert name_stores(cache_root) == ["mine-v2", "mine-v2-float16"]
    old = cache_root / "stores" / f"mine-{sha256(SMALL)[:12]}-v1-float16"
    old.mkdir()
    assert main(["cache", "prune"]) == 0
    assert name_stores(cache_root) == ["mine-v2", "mine-v2-float16"]
    assert main(["cache", "remove", "mine", *option]) == 0
    assert [file for file in list_files(cache_root) if "stores" in file] == []
