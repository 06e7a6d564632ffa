"""One member of a tar archive, read as the archive streams by.

The rules are those for zip: a member is named exactly, or the archive holds one file;
links and devices are refused, as is a name that stands there twice.
"""

import tarfile
from collections.abc import Iterator
from typing import IO, Any, Protocol, Self, cast

from ...errors import FormatError
from .shadow import is_shadow

TAR_HEADER_BYTES = tarfile.BLOCKSIZE

# Names longer than a header has room for come in a block before it.
_LONGEST_NAME = 1 << 16
_NAME_BLOCKS = (
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
)
_MOST_FILES = 10_000
_SHOWN = 20


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


class _BoundedInfo(tarfile.TarInfo):
    """A header that does not make the library read gigabytes for a name."""

    @classmethod
    def frombuf(cls, buf: Any, encoding: str, errors: str) -> Self:
        info = super().frombuf(buf, encoding, errors)
        if info.type in _NAME_BLOCKS and info.size > _LONGEST_NAME:
            raise FormatError(
                f"the tar archive has a name of {info.size:,} bytes, expected at most "
                f"{_LONGEST_NAME:,}"
            )
        return info


def is_tar(head: bytes) -> bool:
    """Say whether a tar archive begins with these `TAR_HEADER_BYTES`.

    By the checksum that each header has: archives of before 1988 have no other mark.
    """
    try:
        tarfile.TarInfo.frombuf(head, "utf-8", "surrogateescape")
    except tarfile.HeaderError:
        return False
    return True


def list_tarred(stream: _Readable) -> list[tuple[str, int]]:
    """List the files of an archive with their sizes.

    Raises
    ------
    tarfile.TarError
        The archive is damaged.
    """
    return [(_name(info), info.size) for info in _files(_open(stream))]


class TarredMember:
    """A member of a tar archive as a stream of bytes.

    Parameters
    ----------
    stream : Readable
        The archive.
    member : str or None
        The exact name; None: the archive must hold exactly one file.
    shown : str
        What to call the archive in errors.

    Raises
    ------
    FormatError
        The member is missing, ambiguous or no file.
    """

    def __init__(self, stream: _Readable, member: str | None, shown: str) -> None:
        self._member = member.removeprefix("./") if member else member
        self._shown = shown
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
        """Read to the end of the archive, and raise if another member is meant, too."""
        for info in self._rest:
            self._note(info)
        found = [name for name in self._names if self._member in (None, name)]
        if len(found) > 1:
            raise FormatError(
                f"{self._shown} holds {self._list()}: say which is meant, by `member:` "
                "in an entry of the registry, by member= for a file"
                if self._member is None
                else f"{self._shown} holds {len(found)} members called "
                f"{self._member!r}: it cannot be told which one is meant"
            )

    def _find(self) -> IO[bytes]:
        for info in self._rest:
            self._note(info)
            if self._member in (None, _name(info)):
                if not info.isreg():
                    raise FormatError(
                        f"{self._shown}: {_name(info)!r} is a link or a device, not a "
                        "text"
                    )
                # None only for what is no regular file.
                return cast("IO[bytes]", self._archive.extractfile(info))
        if self._member is None:
            raise FormatError(f"{self._shown} holds no file")
        raise FormatError(
            f"{self._shown} has no member {self._member!r}: it holds "
            f"{self._list() or 'nothing'}"
        )

    def _note(self, info: tarfile.TarInfo) -> None:
        self._names.append(_name(info))
        if len(self._names) > _MOST_FILES:
            raise FormatError(
                f"{self._shown} holds more than {_MOST_FILES:,} files: unpack the one "
                "that is meant"
            )

    def _list(self) -> str:
        names = ", ".join(map(repr, self._names[:_SHOWN]))
        return names + (", ..." if len(self._names) > _SHOWN else "")


def _open(stream: _Readable) -> tarfile.TarFile:
    return tarfile.open(
        fileobj=cast("IO[bytes]", stream),
        mode="r|",
        tarinfo=_BoundedInfo,
        encoding="utf-8",
        errors="surrogateescape",
    )


def _files(archive: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    """Go through what is no folder, in order."""
    while (info := archive.next()) is not None:
        if not info.isdir() and not is_shadow(_name(info)):
            yield info


def _name(info: tarfile.TarInfo) -> str:
    return info.name.removeprefix("./")
