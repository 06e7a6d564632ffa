"""A progress bar counts the bytes that move, up to how many there are."""

import gzip
from pathlib import Path
from typing import Any

import pytest
from bad_ftp_server import BadFtpServer
from entries import SMALL, sha256, write_registry
from fault_server import FaultServer
from zips import make_zip

import glove_registry
from glove_registry import errors
from glove_registry.download import fetch
from glove_registry.messages.progress import Bar, open_bar

PACKED = gzip.compress(SMALL, mtime=0)  # the same in each worker of pytest-xdist
ARCHIVE = make_zip({"small.txt": SMALL})
MEMBER = {"name": "small.txt", "sha256": sha256(SMALL), "bytes": len(SMALL)}


@pytest.fixture
def bars(monkeypatch: pytest.MonkeyPatch) -> list[Bar]:
    """The bars that are opened, none of which draws anything."""
    opened: list[Bar] = []

    def open_silently(action: str, progress: bool | None) -> Bar:
        assert action == "load small"
        opened.append(open_bar(action, False))
        return opened[-1]

    monkeypatch.setattr(fetch, "open_bar", open_silently)
    return opened


@pytest.mark.parametrize(
    ("name", "content", "fields", "size"),
    [
        ("v.txt", SMALL, {"sha256": sha256(SMALL)}, len(SMALL)),
        ("v.gz", PACKED, {"sha256": sha256(PACKED)}, len(PACKED)),
        ("v.gz", PACKED, {"member": {"sha256": sha256(SMALL)}}, len(PACKED)),
        ("v.zip", ARCHIVE, {"sha256": sha256(ARCHIVE)}, len(ARCHIVE)),
    ],
)
def test_bytes_of_a_download(
    bars: list[Bar],
    server: FaultServer,
    tmp_path: Path,
    name: str,
    content: bytes,
    fields: dict[str, Any],
    size: int,
) -> None:
    """The bytes of the file are counted as they are transferred, packed or not."""
    url = server.add(f"/{name}", content)
    registry = write_registry(tmp_path, "small", url=url, **fields)
    glove_registry.load("small", registry=registry)
    assert [(bar.n, bar.total, bar.leave) for bar in bars] == [(size, size, True)]


def test_bytes_of_a_member(
    bars: list[Bar], server: FaultServer, tmp_path: Path
) -> None:
    """Of an archive only the member's bytes are transferred and counted."""
    archive = make_zip({"small.txt": SMALL, "large.txt": bytes(1 << 20)}, level=0)
    url = server.add("/v.zip", archive)
    registry = write_registry(tmp_path, "small", url=url, member=MEMBER)
    glove_registry.load("small", registry=registry)
    (bar,) = bars
    assert len(SMALL) < bar.n <= len(SMALL) + 100
    # Its own header may be longer than is known, and is at most 100 bytes here.
    assert bar.total == bar.n


@pytest.mark.parametrize(
    ("name", "content", "fields", "size", "total"),
    [
        ("v.txt", SMALL, {"sha256": sha256(SMALL)}, len(SMALL), len(SMALL)),
        ("v.gz", PACKED, {"sha256": sha256(PACKED)}, len(PACKED), len(PACKED)),
        ("v.zip", ARCHIVE, {"sha256": sha256(ARCHIVE)}, len(SMALL), None),
        ("v.zip", ARCHIVE, {"member": MEMBER}, len(SMALL), len(SMALL)),
    ],
)
def test_bytes_of_a_local_file(
    bars: list[Bar],
    tmp_path: Path,
    name: str,
    content: bytes,
    fields: dict[str, Any],
    size: int,
    total: int | None,
) -> None:
    """The bytes of a local file are counted; of an archive, then those of the text."""
    (tmp_path / name).write_bytes(content)
    registry = write_registry(tmp_path, "small", url=f"file:{name}", **fields)
    glove_registry.load("small", registry=registry)
    assert [(bar.n, bar.total) for bar in bars] == [(size, total)]


def test_bytes_of_a_copy(bars: list[Bar], tmp_path: Path) -> None:
    """A file that is copied whole is counted while the copy is read."""
    with BadFtpServer(SMALL, "", "") as server:
        registry = write_registry(
            tmp_path, "small", url=server.url, sha256=sha256(SMALL)
        )
        glove_registry.load("small", registry=registry)
    assert [(bar.n, bar.total) for bar in bars] == [(len(SMALL),) * 2]


def test_a_bar_goes_where_nothing_came(
    bars: list[Bar], server: FaultServer, tmp_path: Path
) -> None:
    """If all sources fail, the bar is removed, and the error remains."""
    url = server.url("v.txt", b"other 1 2 3\n")
    registry = write_registry(tmp_path, "small", url=url, sha256=sha256(SMALL))
    with pytest.raises(errors.ChecksumError):
        glove_registry.load("small", registry=registry)
    assert [bar.leave for bar in bars] == [False]
