"""Opening one source: what it turns out to be, and whose fault it is."""

import bz2
import errno
import gzip
import io
import lzma
import os
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from entries import SMALL, list_files, sha256, write_registry
from fault_server import FaultServer
from zips import make_zip

import glove_registry
from glove_registry.errors import ChecksumError, FetchError, FormatError

OTHER = SMALL.replace(b"film", b"flim")


def test_a_download_without_tls_is_warned_of(
    server: FaultServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """http: to another machine warns at the caller's line; loopback does not."""
    url = server.url("v.txt", SMALL)
    registry = write_registry(tmp_path, "v", url=url, sha256=sha256(SMALL))
    glove_registry.load("v", registry=registry)
    is_loopback = "glove_registry.download.open_text.is_loopback"
    monkeypatch.setattr(is_loopback, lambda url: False)
    with pytest.warns(UserWarning, match="fetched without TLS") as caught:
        glove_registry.load("v", registry=registry, cache_dir=tmp_path / "other")
    assert [warning.filename for warning in caught] == [__file__]


@pytest.mark.parametrize("how", ["web", "file"])
@pytest.mark.parametrize("known", ["archive", "member"])
def test_what_turns_out_to_be_an_archive(
    how: str,
    known: str,
    server: FaultServer,
    tmp_path: Path,
) -> None:
    """An archive is opened even if neither its name nor its entry tell that it is."""
    archive = make_zip({"small.txt": SMALL})
    (tmp_path / "v").write_bytes(archive)
    url = server.add("/v", archive) if how == "web" else "file:v"
    sums: dict[str, dict[str, Any]] = {
        "archive": {"sha256": sha256(archive)},
        "member": {"member": {"sha256": sha256(SMALL)}},
    }
    registry = write_registry(tmp_path, "small", url=url, **sums[known])
    assert "film" in glove_registry.load("small", registry=registry)
    # It is fetched once.
    assert len(server.requests) == (how == "web")


@pytest.mark.parametrize("name", ["download?id=5", "v.gz", "v.zip"])
@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress, bytes])
def test_the_name_of_a_file_does_not_say_how_its_member_is_packed(
    name: str, pack: Callable[[bytes], bytes], server: FaultServer, tmp_path: Path
) -> None:
    """A member of a tar is read by an entry that knows it, whatever the URL ends in."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for inside, content in (("small.txt", SMALL), ("other.txt", OTHER)):
            info = tarfile.TarInfo(inside)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    packed = pack(archive.getvalue())
    registry = write_registry(
        tmp_path,
        "small",
        url=server.add(f"/{name}", packed),
        sha256=sha256(packed),
        member={"name": "small.txt", "sha256": sha256(SMALL)},
    )
    assert "film" in glove_registry.load("small", registry=registry)


@pytest.mark.parametrize("how", ["web", "file"])
@pytest.mark.parametrize("is_known", [True, False])
def test_who_is_wrong_about_a_member(
    how: str, is_known: bool, server: FaultServer, tmp_path: Path
) -> None:
    """If the archive is the right one, another text in it is the entry's fault."""
    archive = make_zip({"small.txt": b"other 1 2 3\n"})
    (tmp_path / "v.zip").write_bytes(archive)
    url = server.url("v.zip", archive) if how == "web" else "file:v.zip"
    registry = write_registry(
        tmp_path,
        "small",
        url=url,
        member={"name": "small.txt", "sha256": sha256(SMALL)},
        **({"sha256": sha256(archive)} if is_known else {}),
    )
    with pytest.raises(ChecksumError) as caught:
        glove_registry.load("small", registry=registry)
    told = "the entry must be wrong about the member" in str(caught.value)
    assert told == is_known


def test_a_verified_archive_is_kept_for_the_right_name(
    server: FaultServer, tmp_path: Path
) -> None:
    """Who named a wrong member of a verified archive need not fetch it again."""
    archive = make_zip({"small.txt": SMALL, "other.txt": OTHER})
    fields = {"url": server.url("v.zip", archive), "sha256": sha256(archive)}
    registry = write_registry(tmp_path, "small", **fields, member="wrong")
    with pytest.raises(FormatError, match=r"name one of 'small.txt', 'other.txt'"):
        glove_registry.load("small", registry=registry)
    registry = write_registry(tmp_path, "small", **fields, member="small.txt")
    assert "film" in glove_registry.load("small", registry=registry)
    assert len(server.requests) == 1


@pytest.mark.parametrize("how", ["web", "file"])
@pytest.mark.parametrize("is_known", [True, False])
def test_who_is_wrong_about_a_text(
    how: str, is_known: bool, server: FaultServer, tmp_path: Path, cache_root: Path
) -> None:
    """A file without vectors is a fault of the source, unless it is the right file."""
    content = b"<html>\n"
    (tmp_path / "v.txt").write_bytes(content)
    url = server.add("/v.txt", content) if how == "web" else "file:v.txt"
    registry = write_registry(
        tmp_path,
        "small",
        url=url,
        **({"sha256": sha256(content)} if is_known else {}),
        **({} if is_known else {"member": {"sha256": sha256(SMALL)}}),
    )
    with pytest.raises(FormatError if is_known else FetchError):
        glove_registry.load("small", registry=registry)
    # Of the right file nothing need be fetched again.
    assert bool(list_files(cache_root)) == (is_known and how == "web")


@pytest.mark.skipif(not Path("/proc/self/mem").is_file(), reason="Linux only")
def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    """A fault of the disk that has a source is that source's, in words."""
    registry = write_registry(
        tmp_path, "small", url="file:/proc/self/mem", sha256=sha256(SMALL)
    )
    message = f"/proc/self/mem: the file cannot be read .{os.strerror(errno.EIO)}"
    with pytest.raises(FetchError, match=message):
        glove_registry.load("small", registry=registry)


def test_a_file_of_another_size_is_not_read(tmp_path: Path) -> None:
    """A file that is too long or too short is refused for its size."""
    (tmp_path / "v.txt").write_bytes(SMALL)
    for size in (len(SMALL) - 1, len(SMALL) + 1):
        registry = write_registry(
            tmp_path, "small", url="file:v.txt", sha256=sha256(SMALL), bytes=size
        )
        message = f"the file has {len(SMALL)} bytes, expected {size}"
        with pytest.raises(ChecksumError, match=message):
            glove_registry.load("small", registry=registry)


def test_a_local_archive_is_verified_before_it_is_opened(
    tmp_path: Path, cache_root: Path
) -> None:
    """Of an archive with another sha256, not even a sound member is read."""
    rest = bytes(1 << 16)
    right, wrong = (
        make_zip({"small.txt": text, "rest": rest}, zipfile.ZIP_STORED)
        for text in (SMALL, OTHER)
    )
    (tmp_path / "v.zip").write_bytes(wrong)
    registry = write_registry(
        tmp_path, "small", url="file:v.zip", sha256=sha256(right), member="small.txt"
    )
    with pytest.raises(ChecksumError, match=sha256(wrong)):
        glove_registry.load("small", registry=registry)
    assert list_files(cache_root) == []
