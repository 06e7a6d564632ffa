"""One member of a tar archive, read as the archive streams by.

The rules are those for zip: a member is named exactly, or the archive holds one file;
links, devices and duplicate names are refused.
"""

import tarfile
from collections.abc import Iterator
from typing import IO, Any, Protocol, Self, cast

from ...errors import FormatError
from .macos import is_macos_metadata

TAR_HEADER_BYTES = tarfile.BLOCKSIZE

# Names longer than a header has room for come in a block before it.
_MAX_NAME = 1 << 16
_NAME_BLOCKS = (
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
)
_MAX_FILES = 10_000
# Reads at the end of a whole archive: fewer than this.
_MAX_ENDS = 8
_SHOWN = 20


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


class _BoundedInfo(tarfile.TarInfo):
    """A header that does not make the library read gigabytes for a name."""

    @classmethod
    def frombuf(cls, buf: Any, encoding: str, errors: str) -> Self:
        info = super().frombuf(buf, encoding, errors)
        if info.type in _NAME_BLOCKS and info.size > _MAX_NAME:
            raise FormatError(
                f"the tar archive has a name of {info.size:,} bytes, expected at most "
                f"{_MAX_NAME:,}"
            )
        return info


def is_tar(head: bytes) -> bool:
    """Return whether these `TAR_HEADER_BYTES` are the beginning of a tar archive.

    By the checksum of a header: archives of before 1988 have nothing else to go by.
    """
    try:
        tarfile.TarInfo.frombuf(head, "utf-8", "surrogateescape")
    except tarfile.HeaderError:
        return False
    return True


def list_tar_members(stream: _Readable) -> list[tuple[str, int]]:
    """Return the names and sizes of the files in an archive.

    Raises tarfile.TarError if it is damaged.
    """
    return [(_name(info), info.size) for info in _files(_open(stream))]


class TarMember:
    """A member of a tar archive as a stream of bytes.

    `member` is its exact name; None: the archive must hold exactly one file. Raises
    `FormatError` if the member is missing, ambiguous or not a regular file.
    """

    def __init__(self, stream: _Readable, member: str | None) -> None:
        self._member = member.removeprefix("./") if member else member
        self._names: list[str] = []
        self._archive = _open(stream)
        self._rest = _files(self._archive)
        self._content = self._find()

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes, and none at the end."""
        piece = self._content.read(size)
        if not piece:
            self.finish()
        return piece

    def finish(self) -> None:
        """Read the rest of the archive, and raise if the member is not the only one."""
        for info in self._rest:
            self._note(info)
        found = [name for name in self._names if self._member in (None, name)]
        if len(found) > 1:
            raise FormatError(
                f"the archive holds {self._list()}: name one of them, by `member:` "
                "in an entry of the registry, by member= for a file"
                if self._member is None
                else f"the archive holds {len(found)} members called "
                f"{self._member!r}, and it is not clear which is meant"
            )

    def _find(self) -> IO[bytes]:
        for info in self._rest:
            self._note(info)
            if self._member in (None, _name(info)):
                if not info.isreg():
                    raise FormatError(
                        f"{_name(info)!r} is a link or a device, not a file"
                    )
                # None only for what is not a regular file.
                return cast("IO[bytes]", self._archive.extractfile(info))
        if self._member is None:
            raise FormatError("the archive holds no file")
        raise FormatError(
            f"the archive has no member {self._member!r}: it holds "
            f"{self._list() or 'nothing'}"
        )

    def _note(self, info: tarfile.TarInfo) -> None:
        self._names.append(_name(info))
        if len(self._names) > _MAX_FILES:
            raise FormatError(
                f"the archive holds more than {_MAX_FILES:,} files: unpack the one "
                "you need"
            )

    def _list(self) -> str:
        names = ", ".join(map(repr, self._names[:_SHOWN]))
        return names + (", ..." if len(self._names) > _SHOWN else "")


class _Ending:
    """A stream that cannot be read on and on behind its end.

    The library skips a file by reading it in pieces, however long its header says that
    it is: 2^90 bytes of nothing would take forever.
    """

    def __init__(self, stream: _Readable) -> None:
        self._stream = stream
        self._ends = 0

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes; none a few times at the end."""
        piece = self._stream.read(size)
        self._ends += not piece
        if self._ends > _MAX_ENDS:
            raise tarfile.ReadError("a file in it is longer than the archive")
        return piece


def _open(stream: _Readable) -> tarfile.TarFile:
    return tarfile.open(
        fileobj=cast("IO[bytes]", _Ending(stream)),
        mode="r|",
        tarinfo=_BoundedInfo,
        encoding="utf-8",
        errors="surrogateescape",
    )


def _files(archive: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    """Yield everything but folders, in order."""
    while (info := archive.next()) is not None:
        if not info.isdir() and not is_macos_metadata(_name(info)):
            yield info


def _name(info: tarfile.TarInfo) -> str:
    return info.name.removeprefix("./")
