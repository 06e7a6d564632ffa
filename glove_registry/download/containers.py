"""Open the text inside a file: zip, tar, gz, bz2, xz, zst or plain.

The container is told by its first bytes, never by its name. Errors do not name the
file, as their callers do.
"""

import bz2
import gzip
import importlib
import lzma
import re
import sys
import tarfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, Any, NamedTuple

from ..errors import FormatError, GloveRegistryError
from .archives import (
    TAR_HEADER_BYTES,
    TarMember,
    ZipError,
    ZipMember,
    is_tar,
    list_tar_members,
    read_directory,
)
from .verified import Readable, Text, read_to_end

_PIECE = 1 << 16
_LARGE_PIECE = 1 << 18

# What the libraries raise for damaged or cut-off files; gzip's is an OSError.
_DAMAGE = (EOFError, OSError, zlib.error, tarfile.TarError)

_AGAIN = ": download or copy it again"

# Memory that unpacking may take, for the part of the text that a packed file refers
# back to. `xz -9` needs 65 MB, `zstd --ultra -22` and `--long` 128 MiB.
_MOST_MEMORY = 1 << 27
_WINDOW_LOG = 27

_ZIP = (b"PK\x03\x04", b"PK\x05\x06")

# The pickle in archives that PyTorch writes.
_TORCH = re.compile(r"(?:^|/)data\.pkl$")


def is_npz(head: bytes) -> bool:
    """Return whether an archive begins with an array of numpy, a format of its own."""
    name = head[30 : 30 + int.from_bytes(head[26:28], "little")]
    return head.startswith(_ZIP[0]) and name.endswith(b".npy")


def find_container(head: bytes, *, has_member: bool = False) -> str | None:
    """Return which container begins with these `TAR_HEADER_BYTES` of a file.

    "zip", "tar", "gz", "bz2", "xz" or "zst"; None if the file is the text itself, as an
    archive of numpy's arrays is unless the text is that of a member with a name.
    """
    if head.startswith(_ZIP) and (has_member or not is_npz(head)):
        return "zip"
    for compression in _COMPRESSIONS:
        if head.startswith(compression.magic):
            return compression.name
    return "tar" if is_tar(head) else None


class Lookahead:
    """A stream whose first bytes are in `head` and are still to be read."""

    def __init__(self, stream: Readable) -> None:
        self._stream = stream
        self.head = b""
        while len(self.head) < TAR_HEADER_BYTES and (
            piece := stream.read(TAR_HEADER_BYTES - len(self.head))
        ):
            self.head += piece
        self._rest = self.head

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes, and none at the end."""
        if not self._rest:
            return self._stream.read(size)
        piece, self._rest = self._rest[:size], self._rest[size:]
        return piece


class LookaheadText(Lookahead):
    """A text whose first bytes are in `head` and are still to be read.

    `has_member` says that the text which is wanted is that of a member, by its name.
    """

    def __init__(self, text: Text, *, has_member: bool = False) -> None:
        super().__init__(text)
        self._text = text
        self._has_member = has_member

    @property
    def sha256(self) -> str:
        """The sha256 of the bytes read so far."""
        return self._text.sha256

    @property
    def count(self) -> int:
        """Number of bytes read so far."""
        return self._text.count

    @property
    def is_zip(self) -> bool:
        """Whether a zip archive begins here, other than one that is a text itself."""
        return self.container == "zip"

    @property
    def container(self) -> str | None:
        """Which container begins here, by `find_container`."""
        return find_container(self.head, has_member=self._has_member)


@contextmanager
def unpack(packed: LookaheadText, member: str | None = None) -> Iterator[Readable]:
    """Open the text inside a file other than a zip archive.

    Yields what raises `FormatError` where the file is damaged: `packed` itself if it is
    plain, else the text unpacked; of a tar the `member`, or the only file.
    """
    content = _decompress(packed)
    with _damage_as_format_error():
        ahead = packed if content is packed else Lookahead(content)
        tarred = TarMember(ahead, member) if is_tar(ahead.head) else None
    if tarred is None:
        yield ahead
        return
    try:
        yield _Unpacked(tarred, ahead)
    except FormatError:
        # Of several files, the first need not be the one that is meant.
        with _damage_as_format_error():
            tarred.finish()
        raise


class Listed(NamedTuple):
    """A file in an archive, with the uncompressed size that the archive says."""

    name: str
    bytes: int


def list_tar(packed: LookaheadText) -> list[Listed] | None:
    """List the files in a tar, compressed or not; None if it is another file."""
    with _damage_as_format_error():
        ahead = Lookahead(_decompress(packed))
        if not is_tar(ahead.head):
            return None
        return [Listed(*entry) for entry in list_tar_members(ahead)]


def _decompress(packed: LookaheadText) -> Readable:
    for compression in _COMPRESSIONS:
        if packed.head.startswith(compression.magic):
            return compression.open(packed)
    return packed


@contextmanager
def open_zipped(file: IO[bytes], member: str | None) -> Iterator[Readable]:
    """Open a member of a zip archive; None: the archive must hold exactly one file.

    Raises `FormatError` if the member is missing, ambiguous or encrypted, or the
    archive is damaged.
    """
    found = _pick(file, member)
    raw = _read_range(file, found.offset, found.end)
    yield _Pieces(found.read(raw))


def find_zipped(file: IO[bytes], member: str | None) -> Listed:
    """Return the name and the size of a member; raises as `open_zipped` does."""
    found = _pick(file, member)
    return Listed(found.name, found.size)


def _pick(file: IO[bytes], member: str | None) -> ZipMember:
    with _as_format_error():
        directory = read_directory(file)
        names = [one.name for one in directory.members]
        if member is None and any(map(_TORCH.search, names)):
            raise FormatError(
                "this is a file of PyTorch (.pt), which holds a pickle and is never "
                "loaded: open it with torch.load() and write its words and numbers by "
                "numpy.savez(path, words=words, vectors=numbers)"
            )
        return directory.pick(member)


def list_zipped(file: IO[bytes]) -> list[Listed]:
    """List the files in a zip archive, folders left out; raises `FormatError`."""
    with _as_format_error():
        members = read_directory(file).members
    return [Listed(one.name, one.size) for one in members if not one.is_folder]


def _read_range(file: IO[bytes], start: int, stop: int) -> Iterator[bytes]:
    while start < stop:
        # Each time, as others may read the file, too.
        file.seek(start)
        piece = file.read(_LARGE_PIECE)
        if not piece:
            return
        start += len(piece)
        yield piece


class _Pieces:
    """The text of a zip member as a stream of bytes."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = memoryview(b"")

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes, and none at the end."""
        while not self._rest:
            with _as_format_error():
                piece = next(self._pieces, None)
            if piece is None:
                return b""
            self._rest = memoryview(piece)
        piece, self._rest = bytes(self._rest[:size]), self._rest[size:]
        return piece


@contextmanager
def _as_format_error() -> Iterator[None]:
    try:
        yield
    except ZipError as error:
        # There is one file here, and no choice of sources.
        reason = error.reason.replace(": choose another source", _AGAIN)
        how = ", by `member:` in an entry of the registry, by member= for a file"
        raise FormatError(reason + (how if error.kind == "several" else "")) from None


class _Unpacked:
    """A stream of unpacked bytes that raises `FormatError` where it is damaged.

    The packed file is read to its very end, where its hash is checked, whatever
    follows what was packed.
    """

    def __init__(
        self,
        stream: Readable,
        packed: Readable | None = None,
        *damage: type[Exception],
    ) -> None:
        self._stream = stream
        self._packed = packed
        self._damage = damage

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes, and none at the end."""
        with _damage_as_format_error(*self._damage):
            piece = self._stream.read(size)
        if not piece and self._packed is not None:
            read_to_end(self._packed)
        return piece


class _Streams:
    """Unpack one bz2 or xz stream after another, to the last byte of a file.

    `bz2.open` and `lzma.open` ignore a damaged stream after a whole one, and end there
    without an error.
    """

    def __init__(self, packed: Readable, unpacker: Callable[[], Any]) -> None:
        self._packed = packed
        self._unpacker = unpacker
        self._stream = unpacker()

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes, and none at the end."""
        while True:
            if self._stream.eof:
                # Zero bytes are padding, which xz allows.
                rest = self._stream.unused_data.lstrip(b"\0")
                while not rest:
                    rest = self._packed.read(_PIECE)
                    if not rest:
                        return b""
                    rest = rest.lstrip(b"\0")
                self._stream = self._unpacker()
            elif self._stream.needs_input:
                rest = self._packed.read(_PIECE)
                if not rest:
                    raise EOFError("it ends before its end-of-stream marker")
            else:
                rest = b""
            piece: bytes = self._stream.decompress(rest, size)
            if piece:
                return piece


@contextmanager
def _damage_as_format_error(*unpackers: type[Exception]) -> Iterator[None]:
    try:
        yield
    except GloveRegistryError:
        raise  # a fault of the network, or in the choice of the member
    except unpackers as error:
        raise FormatError(
            f"the file is damaged, or needs more than {_MOST_MEMORY:,} bytes of memory "
            f"to be unpacked ({error}): unpack it yourself"
        ) from error
    except _DAMAGE as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise  # a fault of the disk
        raise FormatError(
            f"the file is damaged or cut off ({error}){_AGAIN}"
        ) from error


def _open_gz(packed: Any) -> _Unpacked:
    return _Unpacked(gzip.open(packed), packed)


def _open_bz2(packed: Readable) -> _Unpacked:
    return _Unpacked(_Streams(packed, bz2.BZ2Decompressor), packed)


def _open_xz(packed: Readable) -> _Unpacked:
    def make() -> lzma.LZMADecompressor:
        return lzma.LZMADecompressor(lzma.FORMAT_XZ, _MOST_MEMORY)

    return _Unpacked(_Streams(packed, make), packed, lzma.LZMAError)


def _open_zst(packed: Readable) -> _Unpacked:
    # In the standard library from Python 3.14 on; before, its backport is the same.
    zstd: Any = importlib.import_module(
        "compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd"
    )
    options = {zstd.DecompressionParameter.window_log_max: _WINDOW_LOG}
    return _Unpacked(zstd.open(packed, options=options), packed, zstd.ZstdError)


class _Compression(NamedTuple):
    """A file of one text, packed: the first bytes, and what unpacks the stream."""

    name: str
    magic: tuple[bytes, ...]
    open: Callable[[Any], _Unpacked]


_COMPRESSIONS = (
    _Compression("gz", (b"\x1f\x8b",), _open_gz),
    _Compression(
        "bz2",
        # With the mark of a block or of the end: a word can begin with "BZh".
        tuple(b"BZh%d" % n + mark for n in range(1, 10) for mark in (b"1A", b"\x17r")),
        _open_bz2,
    ),
    _Compression("xz", (b"\xfd7zXZ\x00",), _open_xz),
    _Compression(
        "zst",
        # The second kind are skippable frames, with which pzstd begins.
        (
            b"\x28\xb5\x2f\xfd",
            *(bytes([n]) + b"\x2a\x4d\x18" for n in range(0x50, 0x60)),
        ),
        _open_zst,
    ),
)
