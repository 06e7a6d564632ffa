"""Hashes of files that were opened are remembered until the files change."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from entries import SMALL, list_files, sha256

from glove_registry.cache import Cache
from glove_registry.cache.digests import hash_file
from glove_registry.download import find_hash, hashes


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Which files were hashed, from their first byte to the last."""
    seen: list[Path] = []

    def note(path: Path) -> str:
        seen.append(path)
        return hash_file(path)

    monkeypatch.setattr(hashes, "hash_file", note)
    return seen


def rewrite(path: Path) -> None:
    """Write other bytes of the same number."""
    path.write_bytes(SMALL[::-1])


def rename(path: Path) -> None:
    """Put another file of the same size and times in its place."""
    before = path.stat()
    other = path.with_name("other")
    other.write_bytes(SMALL[::-1])
    os.utime(other, ns=(before.st_atime_ns, before.st_mtime_ns))
    other.replace(path)


@pytest.mark.parametrize("change", [rewrite, rename])
def test_a_file_is_hashed_once_until_it_changes(
    change: Callable[[Path], None],
    tmp_path: Path,
    cache_root: Path,
    hashed: list[Path],
) -> None:
    """The second time, a hash comes from its record; a changed file is hashed anew."""
    path, cache = tmp_path / "v.txt", Cache(cache_root)
    path.write_bytes(SMALL)
    for _ in range(2):
        assert find_hash(path, cache) == sha256(SMALL)
    assert hashed == [path]
    change(path)
    for _ in range(2):
        assert find_hash(path, cache) == sha256(SMALL[::-1])
    assert hashed == [path, path]


def test_a_record_of_a_hash_that_is_damaged(
    tmp_path: Path, cache_root: Path, hashed: list[Path]
) -> None:
    """A record without a state, or with a hash that is none, is not believed."""
    path, cache = tmp_path / "v.txt", Cache(cache_root)
    path.write_bytes(SMALL)
    find_hash(path, cache)
    (name,) = list_files(cache_root)
    record = cache_root / name
    good = json.loads(record.read_text())
    for bad in ({**good, "state": None}, {**good, "sha256": "x"}, {}):
        record.write_text(json.dumps(bad))
        assert find_hash(path, cache) == sha256(SMALL)
    assert len(hashed) == 4


def test_a_file_that_changes_while_it_is_hashed(
    tmp_path: Path, cache_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The hash of a file that was written to meanwhile is not recorded."""
    path, cache = tmp_path / "v.txt", Cache(cache_root)
    path.write_bytes(SMALL)

    def hash_and_change(path: Path) -> str:
        path.write_bytes(SMALL * 2)
        return sha256(SMALL)

    monkeypatch.setattr(hashes, "hash_file", hash_and_change)
    assert find_hash(path, cache) == sha256(SMALL)
    monkeypatch.undo()
    assert list_files(cache_root) == []
    assert find_hash(path, cache) == sha256(SMALL * 2)


def test_a_cache_that_cannot_be_written(tmp_path: Path, hashed: list[Path]) -> None:
    """Where nothing can be recorded, a file is hashed each time."""
    path = tmp_path / "v.txt"
    path.write_bytes(SMALL)
    (tmp_path / "file").write_bytes(b"")
    cache = Cache(tmp_path / "file" / "cache")
    for _ in range(2):
        assert find_hash(path, cache) == sha256(SMALL)
    assert hashed == [path, path]
