"""Records: what was written is read back, and nothing else is ever believed."""

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glove_registry.cache import Cache
from glove_registry.cache.records import (
    name_record,
    read_record,
    read_sha256,
    write_record,
)

SHA256 = "0f" * 32


def test_a_record_is_read_back_and_replaced(tmp_path: Path) -> None:
    """The record beside a file holds the values that were written last, and no more."""
    cache = Cache(tmp_path)
    path = name_record(cache.sources / "v.txt")
    assert path == tmp_path / "sources" / "v.txt.record"
    assert read_record(path) is None
    write_record(path, cache, sha256="1" * 64, state=["/ä\udcff", 5])
    write_record(path, cache, sha256=SHA256)
    assert read_record(path) == {"sha256": SHA256}
    assert read_sha256(path) == SHA256
    assert os.listdir(path.parent) == ["v.txt.record"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\x00",
        b"[1]",
        b"null",
        SHA256.encode(),
        f"{SHA256}  v.txt\n".encode(),
        b"[" * 50_000,
        b'{"a":' * 10_000,
        json.dumps({"sha256": SHA256, "padding": " " * (1 << 16)}).encode(),
    ],
)
def test_what_is_no_record_reads_as_none(content: bytes, tmp_path: Path) -> None:
    """Damaged, foreign, nested and overlong files are neither errors nor believed."""
    path = tmp_path / "v.record"
    path.write_bytes(content)
    assert read_record(path) is None
    assert read_sha256(path) is None


def test_a_flipped_bit_is_never_believed(tmp_path: Path) -> None:
    """A record with another digit or letter reads as None."""
    cache, path = Cache(tmp_path), tmp_path / "used" / "v.record"
    values = {"sha256": SHA256, "state": ["/ä\udcff", 5], "url": None}
    write_record(path, cache, **values)
    content = path.read_bytes()
    for place in range(len(content)):
        flipped = bytearray(content)
        flipped[place] ^= 1 << place % 8
        path.write_bytes(flipped)
        found = read_record(path)
        assert found is None or {**found, **values} == found


@pytest.mark.parametrize(
    "value", [None, 5, True, [SHA256], "", "0f", SHA256.upper(), SHA256 + "0"]
)
def test_what_is_no_sha256_is_not_believed(value: object, tmp_path: Path) -> None:
    """A sha256 of another type or form reads as None, whatever else the record has."""
    path = tmp_path / "v.record"
    path.write_text(json.dumps({"sha256": value, "state": 1}))
    assert read_sha256(path) is None


def test_odd_things_in_a_record_s_place_read_as_none(tmp_path: Path) -> None:
    """A folder, a pipe without a writer, a loop of links are not waited for."""
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    for name in ("folder", "pipe", "loop", "missing", "null\0"):
        assert read_record(tmp_path / name) is None


@given(st.binary(max_size=200))
def test_any_bytes_are_a_table_or_none(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    """No content raises, and only a JSON object of text is a record."""
    path = tmp_path_factory.getbasetemp() / "any.record"
    path.write_bytes(content)
    try:
        expected = json.loads(content)
    except (ValueError, RecursionError):
        expected = None
    record = read_record(path)
    assert record == (expected if isinstance(expected, dict) else None)
