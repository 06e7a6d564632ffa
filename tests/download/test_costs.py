"""What a first load costs is what it then moves and keeps, where entries tell it."""

import os
import shutil
from pathlib import Path

import pytest
from entries import SMALL, sha256, write_registry
from fault_server import FaultServer
from zips import make_zip

import glove_registry
from glove_registry import errors
from glove_registry.cache import Cache
from glove_registry.cache.places import NumberType
from glove_registry.download import estimate_costs
from glove_registry.download.costs import Cost, describe_cost
from glove_registry.messages.layout import format_bytes
from glove_registry.registries import Registry
from glove_registry.registry import DownloadSize

SAMPLE = "glove.6B.50d-first10k"


def estimate(name: str, cache: Cache | None, registry: Path | None = None) -> Cost:
    """Estimate what one variant or benchmark costs."""
    resource = Registry.over_default(registry).find_resource(name)
    (cost,) = estimate_costs([resource], cache)
    return cost


def test_a_store_is_as_large_as_was_said(cache_root: Path) -> None:
    """The size on the disk differs from the store that is made by less than 3 %."""
    disk = estimate(SAMPLE, None).disk
    glove_registry.load(SAMPLE)
    (store,) = (cache_root / "stores").iterdir()
    found = sum(file.stat().st_size for file in store.iterdir())
    assert disk == pytest.approx(found, rel=0.03)


def test_only_a_part_of_an_archive_moves(server: FaultServer, tmp_path: Path) -> None:
    """Of a zip, the part that moves is said, and about as much is sent."""
    other = os.urandom(200_000)
    archive = make_zip({"a.txt": SMALL, "other": other})
    registry = write_registry(
        tmp_path,
        "mine",
        url=server.add("/v.zip", archive),
        bytes=len(archive),
        member={"name": "a.txt", "sha256": sha256(SMALL), "bytes": len(SMALL)},
    )
    cost = estimate("mine", Cache.locate(), registry)
    assert cost.download == DownloadSize(bytes=len(SMALL), at_most=True)
    assert str(cost) == f"at most {len(SMALL)} B of an archive of 200 kB"
    glove_registry.load("mine", registry=registry)
    assert estimate("mine", Cache.locate(), registry).download.bytes == 0


def test_nothing_is_guessed() -> None:
    """What an entry does not tell is unknown, whatever others of its group have."""
    cost = estimate("fasttext.wiki.af.300d", None)
    assert (cost.download.bytes, cost.archive, cost.disk) == (None, None, None)
    assert str(cost) == "unknown"


def test_a_benchmark_takes_the_size_of_its_file() -> None:
    """Of a benchmark, the file itself is kept."""
    cost = estimate("google-analogies", None)
    assert cost.disk == cost.download.bytes == 603_955


@pytest.mark.parametrize("keep", ["store", "original", "archive", "twin"])
def test_what_the_cache_has_costs_nothing(
    keep: str, server: FaultServer, tmp_path: Path, cache_root: Path
) -> None:
    """A store of this or of the same text, an original, an archive: no load moves."""
    archive = make_zip({"a.txt": SMALL})
    url = server.add("/v.zip", archive)
    entry = {"url": url, "sha256": sha256(archive), "member": {"sha256": sha256(SMALL)}}
    registry = write_registry(tmp_path, "mine", **entry)
    assert not estimate("mine", Cache.locate(), registry).cached
    if keep == "store":
        glove_registry.load("mine", registry=registry)
    elif keep == "original":
        glove_registry.fetch("mine", registry=registry)
    elif keep == "archive":
        (cache_root / "sources").mkdir(parents=True)
        name = f"{sha256(archive)[:12]}-v.zip"
        (cache_root / "sources" / name).write_bytes(archive)
    else:
        (tmp_path / "twin").mkdir()
        twin = write_registry(tmp_path / "twin", "twin", **entry)
        glove_registry.load("twin", registry=twin)
    cost = estimate("mine", Cache.locate(), registry)
    assert cost.cached
    assert cost.download.bytes == 0
    # It is true.
    glove_registry.load("mine", registry=registry, offline=True)


def test_other_stores_do_not_count(cache_root: Path) -> None:
    """A store of another number type, version or text is no store of float32."""
    glove_registry.load(SAMPLE, dtype="int8")
    assert not estimate(SAMPLE, Cache.locate()).cached
    key = glove_registry.info(SAMPLE).key
    stores = cache_root / "stores"
    (made,) = stores.iterdir()
    for name in (f"{SAMPLE}-{key[:12]}-v1", f"{SAMPLE}-{'0' * 12}-v2", "a", "a-b-v2"):
        shutil.copytree(made, stores / name)
    (stores / f"other-{key}-v2").mkdir()
    assert not estimate(SAMPLE, Cache.locate()).cached
    shutil.copytree(made, stores / f"{SAMPLE}-{key}-v2")
    assert estimate(SAMPLE, Cache.locate()).cached


def test_a_store_that_was_read_otherwise_does_not_count(
    server: FaultServer, tmp_path: Path
) -> None:
    """Of the same text, the rows with a prefix are compiled, and so moved, again."""
    text = b"a 1 2\n/c/en/b 3 4\n/c/de/c 5 6\n"
    entry = {"url": server.add("/v.txt", text), "sha256": sha256(text)}
    registry = write_registry(tmp_path, "whole", **entry)
    glove_registry.load("whole", registry=registry)
    registry = write_registry(tmp_path, "en", **entry, prefix="/c/en/")
    assert not estimate("en", Cache.locate(), registry).cached
    with pytest.raises(errors.OfflineError):
        glove_registry.load("en", registry=registry, offline=True)
    glove_registry.load("en", registry=registry)
    assert estimate("en", Cache.locate(), registry).cached


@pytest.mark.parametrize(
    ("dtype", "said"), [("float32", 2.25), ("float16", 1.25), ("int8", 0.79)]
)
def test_a_store_of_each_type_is_as_large_as_was_said(
    dtype: NumberType, said: float, cache_root: Path
) -> None:
    """Before a load with a type, the size of a store of that type is described."""
    sample = glove_registry.info(SAMPLE)
    described = describe_cost(sample, Cache.locate(), dtype)
    assert f"takes about {format_bytes(int(said * 1e6))} in" in described
    glove_registry.load(SAMPLE, dtype=dtype)
    (store,) = (cache_root / "stores").iterdir()
    found = sum(file.stat().st_size for file in store.iterdir())
    assert found == pytest.approx(said * 1e6, rel=0.03)


def test_a_hash_that_was_trusted_counts(server: FaultServer, tmp_path: Path) -> None:
    """Without a checksum, the recorded one leads to the store; else nothing does."""
    registry = write_registry(tmp_path, "mine", url=server.add("/v.txt", SMALL))
    assert not estimate("mine", Cache.locate(), registry).cached
    glove_registry.load("mine", registry=registry, trust_on_first_use=True)
    assert estimate("mine", Cache.locate(), registry).cached
    [record] = Cache.locate().trusted.iterdir()
    record.write_text("{")
    assert not estimate("mine", Cache.locate(), registry).cached


def test_a_cache_that_cannot_be_read_is_empty(tmp_path: Path) -> None:
    """A list works without a cache, or where a file is in its place."""
    (tmp_path / "file").write_bytes(b"")
    assert not estimate(SAMPLE, Cache(tmp_path / "file")).cached
    assert not estimate(SAMPLE, Cache(tmp_path / "none")).cached


def test_what_will_happen_is_described(tmp_path: Path) -> None:
    """Before a transfer, people read what moves, what is kept and where."""
    cache = Cache(tmp_path)
    known = glove_registry.info("glove.6B.50d")
    assert describe_cost(known, cache, "float32") == (
        "downloads 69 MB of an archive of 862 MB, takes about 90 MB in " + str(tmp_path)
    )
    assert describe_cost(known, cache, None).endswith(
        f"takes about 171 MB in {tmp_path}"
    )
    unknown = glove_registry.info("fasttext.wiki.af.300d")
    assert describe_cost(unknown, cache, "float32") == (
        f"downloads a file of unknown size, is kept in {tmp_path}"
    )
