"""One member of a tar archive, read as the archive streams by.

The rules are those for zip: a member is named exactly, or the archive holds one file;
links, devices and duplicate names are refused.

The standard library parses each header. Its reader of whole archives is not used: it
keeps every header in memory, and reads maps of sparse files and skips what is missing
for as long as an archive says.
"""

import re
import tarfile
from collections.abc import Iterator
from typing import Protocol

from ...errors import FormatError
from ...messages.printable import quote
from .macos import is_macos_metadata

TAR_HEADER_BYTES = tarfile.BLOCKSIZE

_EXTENDED = (tarfile.XHDTYPE, tarfile.SOLARIS_XHDTYPE)
# Blocks before a header, with names that it has no room for and other facts.
_NAME_BLOCKS = (
    *_EXTENDED,
    tarfile.XGLTYPE,
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
)
# What GNU tar writes beside files: the list of a folder's names, the archive's label.
_NO_FILES = (b"D", b"V")
_POSIX_MAGIC = b"ustar\0"
_RECORD = re.compile(rb"([1-9]\d{0,19}) ([^=\n]+)=")
_SIZE = re.compile(rb"\d{1,20}")

_MAX_NAME = 1 << 16
# In a whole archive, folders included.
_MAX_NAMES = 16 << 20
_MAX_FILES = 10_000
_SHOWN = 20
_PIECE = 1 << 16


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


def is_tar(head: bytes) -> bool:
    """Return whether these `TAR_HEADER_BYTES` are the beginning of a tar archive.

    By the checksum of a header: archives of before 1988 have nothing else to go by.
    """
    try:
        _parse(head)
    except tarfile.HeaderError:
        return False
    return True


def list_tar_members(stream: _Readable) -> list[tuple[str, int]]:
    """Return the names and sizes of the files in an archive.

    Raises tarfile.TarError if it is damaged.
    """
    return [(info.name, info.size) for info in _Archive(stream).list_files()]


class TarMember:
    """A member of a tar archive as a stream of bytes.

    `member` is its exact name; None: the archive must hold exactly one file. Raises
    `FormatError` if the member is missing, ambiguous or not a regular file.
    """

    def __init__(self, stream: _Readable, member: str | None) -> None:
        self._member = member.removeprefix("./") if member else member
        self._names: list[str] = []
        self._archive = _Archive(stream)
        self._rest = self._archive.list_files()
        self._find()

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes, and none at the end."""
        piece = self._archive.read(size)
        if not piece:
            self.finish()
        return piece

    def finish(self) -> None:
        """Read the rest of the archive, and raise if the member is not the only one."""
        self._names += [info.name for info in self._rest]
        found = [name for name in self._names if self._member in (None, name)]
        if len(found) > 1:
            raise FormatError(
                f"the archive holds {self._list()}: name one of them, by `member:` "
                "in an entry of the registry, by member= for a file"
                if self._member is None
                else f"the archive holds {len(found)} members called "
                f"{quote(self._member)}, and it is not clear which is meant"
            )

    def _find(self) -> None:
        for info in self._rest:
            self._names.append(info.name)
            if self._member in (None, info.name):
                if not info.isreg():
                    raise FormatError(
                        f"{quote(info.name)} is a link or a device, not a file"
                    )
                return
        if self._member is None:
            raise FormatError("the archive holds no file")
        raise FormatError(
            f"the archive has no member {quote(self._member)}: it holds "
            f"{self._list() or 'nothing'}"
        )

    def _list(self) -> str:
        names = ", ".join(map(quote, self._names[:_SHOWN]))
        return names + (", ..." if len(self._names) > _SHOWN else "")


class _Archive:
    """The headers of an archive in order, and the bytes that follow each."""

    def __init__(self, stream: _Readable) -> None:
        self._stream = stream
        self._left = 0  # of the current file
        self._padding = 0  # behind it
        self._files = 0
        self._names = 0

    def read(self, size: int) -> bytes:
        """Return at most `size` bytes of the current file, and none at its end."""
        if not self._left:
            return b""
        piece = self._stream.read(min(size, self._left))
        if not piece:
            raise tarfile.ReadError("a file in it is longer than the archive")
        self._left -= len(piece)
        return piece

    def list_files(self) -> Iterator[tarfile.TarInfo]:
        """Yield everything but folders; `read` is of what was yielded last."""
        while (info := self._next()) is not None:
            is_folder = info.isdir() or (info.isreg() and info.name.endswith("/"))
            is_file = not is_folder and info.type not in _NO_FILES
            # What is neither, GNU tar takes for a file of this name.
            info.name = info.name.rstrip("/")
            if is_file and not is_macos_metadata(info.name):
                yield info

    def _next(self) -> tarfile.TarInfo | None:
        """Return the next header, completed by the blocks before; None at the end."""
        said: dict[bytes, bytes] = {}
        is_extended = False
        while (info := self._read_header()) and info.type in _NAME_BLOCKS:
            content = self._read_name_block(info)
            if info.type == tarfile.GNUTYPE_LONGNAME:
                _add(said, {b"path": content.partition(b"\0")[0]})
            elif info.type in _EXTENDED:
                if is_extended:
                    # GNU tar forgets the first one, and Python does not.
                    raise tarfile.ReadError("a file in it has two extended headers")
                is_extended = True
                _add(said, _read_records(content))
            elif info.type == tarfile.XGLTYPE and _read_records(content):
                raise tarfile.ReadError("it states one name or size for all files")
        if info is None:
            if said:
                raise tarfile.ReadError("the header of its last file is missing")
            return None
        self._files += 1
        if self._files > _MAX_FILES:
            raise FormatError(
                f"the archive holds more than {_MAX_FILES:,} files and folders: "
                "unpack the file that you need"
            )
        if b"path" in said:
            info.name = said[b"path"].decode("utf-8", "surrogateescape")
        info.name = info.name.removeprefix("./")
        if b"size" in said:
            info.size = _read_size(said[b"size"])
        if info.isdir() or (info.islnk() and b"size" not in said):
            info.size = 0  # nothing follows, whatever its header says
        elif info.size and (info.islnk() or info.issym() or info.isdev()):
            # GNU tar skips so many bytes, and Python reads headers there.
            raise tarfile.ReadError("a link or a device in it has a size")
        self._expect(info.size)
        return info

    def _read_name_block(self, info: tarfile.TarInfo) -> bytes:
        if info.size > _MAX_NAME:
            raise FormatError(
                f"the tar archive has a name of {info.size:,} bytes, expected at most "
                f"{_MAX_NAME:,}"
            )
        self._names += TAR_HEADER_BYTES + info.size
        if self._names > _MAX_NAMES:
            raise FormatError(
                f"the tar archive has more than {_MAX_NAMES:,} bytes of names: unpack "
                "the file that you need"
            )
        self._expect(info.size)
        return b"".join(iter(lambda: self.read(_PIECE), b""))

    def _expect(self, size: int) -> None:
        """Expect the bytes of a file, up to the next multiple of a block."""
        self._left, self._padding = size, -size % TAR_HEADER_BYTES

    def _read_header(self) -> tarfile.TarInfo | None:
        """Skip what is left of the current file, and return the header behind it."""
        self._left += self._padding
        self._padding = 0
        while self.read(_PIECE):
            pass
        block = b""
        while len(block) < TAR_HEADER_BYTES and (
            piece := self._stream.read(TAR_HEADER_BYTES - len(block))
        ):
            block += piece
        # Blocks of zeros are the end, which some writers leave out.
        if not block.strip(b"\0"):
            return None
        info = _parse(block)
        if info.type == tarfile.GNUTYPE_SPARSE:
            raise _refuse_sparse()
        if info.size < 0:
            raise tarfile.ReadError("the size of a file in it is negative")
        if info.isdir() and block[156:157] == tarfile.AREGTYPE:
            # A folder by its name alone: GNU tar skips its bytes, as those of a file.
            info.type, info.name = tarfile.AREGTYPE, f"{info.name}/"
        if block[257:263] != _POSIX_MAGIC:
            # Others have times, or nothing, where this has the first part of a name.
            name = block[:100].partition(b"\0")[0]
            info.name = name.decode("utf-8", "surrogateescape")
        return info


def _parse(block: bytes) -> tarfile.TarInfo:
    return tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")


def _add(said: dict[bytes, bytes], more: dict[bytes, bytes]) -> None:
    """Add names and sizes to those said before: readers differ in which one counts."""
    for field, value in more.items():
        if not value or said.setdefault(field, value) != value:
            raise tarfile.ReadError("it states no name or size, or two, for a file")


def _read_records(content: bytes) -> dict[bytes, bytes]:
    """Return what an extended header of POSIX says of names and sizes."""
    found = {}
    at = 0
    while at < len(content):
        record = _RECORD.match(content, at)
        end = at + int(record[1]) if record else at
        # As no newline precedes the value, this one is behind it.
        if record is None or content[end - 1 : end] != b"\n":
            raise tarfile.ReadError("an extended header is not valid")
        if record[2].startswith(b"GNU.sparse."):
            raise _refuse_sparse()
        if record[2] in (b"path", b"size"):
            found[record[2]] = content[record.end() : end - 1]
            if b"\0" in found[record[2]]:
                raise tarfile.ReadError("a name or a size in it has a null character")
        at = end
    return found


def _read_size(digits: bytes) -> int:
    if not _SIZE.fullmatch(digits):
        raise tarfile.ReadError("a size is not a number")
    return int(digits)


def _refuse_sparse() -> FormatError:
    return FormatError(
        "the tar archive holds a sparse file: unpack the file that you need"
    )
