"""Sources are tried in their order; if all fail, one error has all reasons."""

from pathlib import Path

import pytest
from entries import SMALL, list_files, sha256, write_registry
from fault_server import FaultServer
from small_disk import small_disk

import glove_registry
from glove_registry import errors


def test_all_reasons_are_listed(server: FaultServer, tmp_path: Path) -> None:
    """The error names each source with its reason, and how to bring the file."""
    wrong = server.url("wrong.txt", b"other 1 2 3\n")
    sources = [{"url": f"{server.base}/no.txt"}, {"url": wrong}]
    registry = write_registry(
        tmp_path, "small", sources=sources, member={"sha256": sha256(SMALL)}
    )
    with pytest.raises(errors.FetchError) as caught:
        glove_registry.load("small", registry=registry)
    assert not isinstance(caught.value, errors.ChecksumError)
    first, one, two, advice = str(caught.value).splitlines()
    assert first == "small could not be fetched: no source had it"
    assert one.startswith(f"  {server.base}/no.txt: the server answered 404")
    assert two.startswith(f"  {wrong}: ")
    assert sha256(b"other 1 2 3\n") in two
    assert "glove-registry fetch small --from FILE" in advice


def test_where_all_sources_are_files(tmp_path: Path) -> None:
    """If no network is involved, the error does not speak of one."""
    registry = write_registry(
        tmp_path, "small", url="file:no.txt", sha256=sha256(SMALL)
    )
    with pytest.raises(
        errors.FetchError, match=r"\nCheck the path, the file"
    ) as caught:
        glove_registry.load("small", registry=registry)
    assert "connection" not in str(caught.value)
    assert str(tmp_path / "no.txt") in str(caught.value)


def test_a_disk_that_is_too_small_for_any_source(
    server: FaultServer, tmp_path: Path
) -> None:
    """If no source fits, the error is that of a full disk, with the least room."""
    sources = [
        {"url": server.url(f"{size}.txt", bytes(size))}
        for size in (6_000_000, 5_000_000, 7_000_000)
    ]
    registry = write_registry(
        tmp_path, "small", sources=sources, member={"sha256": sha256(SMALL)}
    )
    with (
        small_disk(tmp_path / "disk", 1 << 22) as disk,
        pytest.raises(errors.CacheError, match="5,000,000 bytes are needed"),
    ):
        glove_registry.load("small", registry=registry, cache_dir=disk / "cache")


def test_a_source_that_fits_is_used(server: FaultServer, tmp_path: Path) -> None:
    """A source that is too large for the disk is no obstacle for the next one."""
    large = server.url("large.txt", bytes(6_000_000))
    url = server.url("small.txt", SMALL)
    registry = write_registry(
        tmp_path,
        "small",
        sources=[{"url": large}, {"url": url}],
        member={"sha256": sha256(SMALL)},
    )
    with small_disk(tmp_path / "disk", 1 << 22) as disk:
        cache = disk / "cache"
        path = glove_registry.fetch("small", registry=registry, cache_dir=cache)
        assert path.read_bytes() == SMALL
        assert [name for name in list_files(cache) if "partial" in name] == []
