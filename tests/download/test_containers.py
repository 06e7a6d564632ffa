"""What a file is packed in is told by its first bytes."""

import bz2
import errno
import gzip
import io
import lzma
import os
import random
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from entries import SMALL, sha256, write_registry
from zips import make_zip
from zstd_module import zstd

import glove_registry
from glove_registry.download.containers import (
    LookaheadText,
    list_tar,
    list_zipped,
    open_zipped,
    unpack,
)
from glove_registry.download.verified import VerifiedText, read_to_end
from glove_registry.errors import FormatError
from glove_registry.registry import Member


def make_tar() -> bytes:
    """Make an archive of one file."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        info = tarfile.TarInfo("v.txt")
        info.size = len(SMALL)
        archive.addfile(info, io.BytesIO(SMALL))
    return packed.getvalue()


def look(content: bytes) -> LookaheadText:
    """Read the first bytes of a file."""
    return LookaheadText(VerifiedText(io.BytesIO(content), Member(), "the file"))


@pytest.mark.parametrize(
    ("content", "container"),
    [
        (SMALL, None),
        (b"", None),
        (b"BZh9 1 2 3\n", None),
        (make_zip({"v.txt": SMALL}), "zip"),
        (make_zip({}), "zip"),
        (make_tar(), "tar"),
        (gzip.compress(SMALL, mtime=0), "gz"),
        (bz2.compress(SMALL), "bz2"),
        (bz2.compress(b""), "bz2"),
        (lzma.compress(SMALL), "xz"),
        (zstd.compress(SMALL), "zst"),
        (b"\x50\x2a\x4d\x18\0\0\0\0" + zstd.compress(SMALL), "zst"),
        (b"\x5f\x2a\x4d\x18\0\0\0\0" + zstd.compress(SMALL), "zst"),
    ],
)
def test_a_container_is_told_by_its_beginning(
    content: bytes, container: str | None
) -> None:
    """Each container is recognised, and a plain text is none."""
    assert look(content).container == container


@pytest.mark.parametrize("size", [1, 500, 1 << 20])
def test_looking_ahead_takes_nothing_away(size: int) -> None:
    """What was looked at is read like all that follows."""
    content = bytes(range(256)) * 5
    ahead = look(content)
    assert ahead.head == content[:512]
    pieces = [*iter(lambda: ahead.read(size), b"")]
    assert b"".join(pieces) == content
    assert max(map(len, pieces)) <= size


class Slow(io.BytesIO):
    """A stream that brings a few bytes at a time, as a network does."""

    def read(self, size: int | None = -1, /) -> bytes:
        """Read less than what is wanted."""
        assert size is not None
        return super().read(min(size, 100))


def test_looking_ahead_waits_for_slow_streams() -> None:
    """No more and no less is looked at if bytes arrive a few at a time."""
    content = bytes(range(256)) * 5
    ahead = LookaheadText(VerifiedText(Slow(content), Member(), "the file"))
    assert ahead.head == content[:512]
    assert b"".join(iter(lambda: ahead.read(1 << 20), b"")) == content


def test_files_in_archives_are_listed() -> None:
    """Names and sizes of files are listed, and no folders."""
    archive = io.BytesIO(make_zip({"d/": b"", "d/v.txt": SMALL, "w": b""}))
    assert list_zipped(archive) == [("d/v.txt", len(SMALL)), ("w", 0)]
    for content in (make_tar(), gzip.compress(make_tar())):
        assert list_tar(look(content)) == [("v.txt", len(SMALL))]
    assert list_tar(look(gzip.compress(SMALL))) is None


def test_two_members_are_read_by_turns() -> None:
    """Members of one open file are read at the same time, in pieces of any size."""
    texts = {"a": bytes(range(256)) * 5000, "b": bytes(range(255, -1, -1)) * 5000}
    file = io.BytesIO(make_zip(texts, level=0))
    with open_zipped(file, "a") as a, open_zipped(file, "b") as b:
        found = {"a": b"", "b": b""}
        while piece := a.read(100_000):
            assert len(piece) <= 100_000
            found["a"] += piece
            found["b"] += b.read(100_000)
        found["b"] += b.read(100_000)
        assert b.read(1) == b""
    assert found == texts


@pytest.mark.parametrize("pack", [bz2.compress, lzma.compress], ids=["bz2", "xz"])
@pytest.mark.parametrize("padding", [0, 4, 1 << 17])
def test_streams_one_after_another(
    pack: Callable[[bytes], bytes], padding: int
) -> None:
    """Several streams, with zero bytes between and behind them, are one text."""
    packed = (pack(SMALL) + bytes(padding)) * 2
    with unpack(look(packed)) as text:
        assert b"".join(iter(lambda: text.read(7), b"")) == SMALL * 2
        assert text.read(7) == b""


def pack_zst(window_log: int) -> bytes:
    """Compress so that unpacking needs a window of this size."""
    options = {zstd.CompressionParameter.window_log: window_log}
    packer = zstd.ZstdCompressor(options=options)
    # Without the flush, the size would be known, and the window as small.
    return bytes(packer.compress(SMALL, packer.FLUSH_BLOCK) + packer.flush())


@pytest.mark.parametrize("packed", [lzma.compress(SMALL, preset=9), pack_zst(27)])
def test_as_much_memory_as_the_tools_take(packed: bytes) -> None:
    """What `xz -9` and `zstd --long` write is unpacked."""
    with unpack(look(packed)) as text:
        assert text.read(1000) == SMALL


def test_more_memory_than_the_tools_take() -> None:
    """A window of twice as many bytes is refused, and the error says how many."""
    with (
        pytest.raises(FormatError, match="more than 134,217,728 bytes of memory"),
        unpack(look(pack_zst(28))) as text,
    ):
        text.read(1000)


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_a_stream_that_is_cut_off(pack: Callable[[bytes], bytes]) -> None:
    """A stream without its end is an error, however much of it was read."""
    packed = pack(bytes(range(256)) * 1000)
    for end in (len(packed) // 2, len(packed) - 1):
        with pytest.raises(FormatError), unpack(look(packed[:end])) as text:
            read_to_end(text)


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_vectors_that_cannot_be_read_in_a_tar(pack: Callable[[bytes], bytes]) -> None:
    """An error about the only file in a tar is raised as it is."""

    def parse() -> None:
        with unpack(look(pack(make_tar()))) as text:
            assert text.read(10) == SMALL[:10]
            raise FormatError("these are no vectors")

    with pytest.raises(FormatError, match=r"^these are no vectors$"):
        parse()


class Faulty(io.BytesIO):
    """A file on a disk that cannot be read past some place."""

    number = errno.EIO

    def read(self, size: int | None = -1, /) -> bytes:
        """Read, or fail as a broken disk does."""
        piece = super().read(size)
        if not piece:
            raise OSError(self.number, os.strerror(self.number))
        return piece


@pytest.mark.parametrize("number", [errno.EIO, errno.EINVAL])
def test_a_fault_of_the_disk_is_no_damage_of_the_file(number: int) -> None:
    """An error of the operating system is raised as it is."""
    file = Faulty(gzip.compress(random.Random(1).randbytes(1 << 20))[:700_000])
    file.number = number
    ahead = LookaheadText(VerifiedText(file, Member(), "the file"))
    with (
        pytest.raises(OSError, match=os.strerror(number)) as caught,
        unpack(ahead) as text,
    ):
        read_to_end(text)
    assert (type(caught.value), caught.value.errno) == (OSError, number)


def test_headers_that_refer_to_each_other_without_end(tmp_path: Path) -> None:
    """A tar of thousands of headers for one file is an error of ours."""
    info = tarfile.TarInfo("v")
    info.type = tarfile.XHDTYPE
    path = tmp_path / "v.tar"
    path.write_bytes(info.tobuf() * 5000)
    with pytest.raises(FormatError):
        glove_registry.open_file(path)


def test_an_archive_that_is_cut_off_while_it_is_read() -> None:
    """A member whose bytes are gone meanwhile is an error."""
    content = make_zip({"a": random.Random(1).randbytes(1 << 20)})
    file = io.BytesIO(content)
    with open_zipped(file, "a") as text:
        assert text.read(1)
        file.truncate(600_000)
        with pytest.raises(FormatError, match="cut off"):
            read_to_end(text)


def test_how_a_member_is_named_is_said_where_it_helps(tmp_path: Path) -> None:
    """Only who named no member of several is told how to name one."""
    path = tmp_path / "v.zip"
    path.write_bytes(make_zip({"a": SMALL, "b": SMALL}))
    with pytest.raises(FormatError, match="by member= for a file"):
        glove_registry.open_file(path)
    with pytest.raises(FormatError, match="no member 'x'") as caught:
        glove_registry.open_file(path, member="x")
    assert "by member=" not in str(caught.value)


def test_one_file_is_not_one_of_several_sources(tmp_path: Path) -> None:
    """Who has one damaged archive is not told to choose another source."""
    path = tmp_path / "v.zip"
    path.write_bytes(make_zip({"a": SMALL})[:-1])
    with pytest.raises(FormatError, match="download or copy it again") as caught:
        glove_registry.open_file(path)
    assert "source" not in str(caught.value)


def test_a_plain_file_has_no_member(tmp_path: Path) -> None:
    """A member's name is refused where the file itself is the text."""
    (tmp_path / "v.txt").write_bytes(SMALL)
    facts = {"url": "file:v.txt", "sha256": sha256(SMALL), "member": "x"}
    registry = write_registry(tmp_path, "mine", **facts)
    with pytest.raises(FormatError, match="no archive, and has no member 'x'"):
        glove_registry.load("mine", registry=registry)
    with pytest.raises(FormatError, match="no archive, and has no member 'x'"):
        glove_registry.open_file(tmp_path / "v.txt", member="x")


def test_an_original_may_be_a_member(tmp_path: Path) -> None:
    """A text without a hash of its own is loaded from what `fetch` has kept of it."""
    packed = make_zip({"x": SMALL, "y": b"other"})
    (tmp_path / "v.zip").write_bytes(packed)
    facts = {"url": "file:v.zip", "sha256": sha256(packed), "member": "x"}
    registry = write_registry(tmp_path, "mine", **facts)
    glove_registry.fetch("mine", registry=registry)
    (tmp_path / "v.zip").unlink()
    assert glove_registry.load("mine", registry=registry).provenance["member"] == "x"
