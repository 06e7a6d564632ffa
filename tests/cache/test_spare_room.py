"""A text of unknown size is stopped before the disk is full."""

import shutil
from pathlib import Path

import pytest
from entries import list_files
from small_disk import small_disk

import glove_registry
from glove_registry.errors import CacheError


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
