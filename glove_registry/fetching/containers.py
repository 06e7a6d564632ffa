"""From a file on disk to the one stream of bytes inside it: zip, gz, bz2, xz or plain.

Which container a file is is read from its first bytes, never from its name.
"""

import bz2
import gzip
import lzma
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from ..errors import FormatError
from .verified import Readable

# The libraries' own words for "this file is damaged or cut off"; gzip's is an OSError.
_DAMAGE = (EOFError, OSError, lzma.LZMAError, zlib.error, zipfile.BadZipFile)

_OPENERS: tuple[tuple[bytes, Callable[..., Any]], ...] = (
    (b"\x1f\x8b", gzip.open),
    (b"BZh", bz2.open),
    (b"\xfd7zXZ\x00", lzma.open),
)
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_ZSTD = b"\x28\xb5\x2f\xfd"


@contextmanager
def open_content(path: Path, member: str | None = None) -> Iterator["Content"]:
    """Open what is inside a file, uncompressed.

    Parameters
    ----------
    path : Path
        A plain file, a gz, bz2 or xz, or a zip archive.
    member : str, optional
        The exact name of a zip's member. Without one, the archive must hold exactly
        one file. Ignored where the file is no zip.

    Yields
    ------
    Content
        To be read from start to end.

    Raises
    ------
    FormatError
        The member is missing, ambiguous or encrypted, or the file is damaged.
    """
    with path.open("rb") as raw:
        start = raw.read(6)
    if start.startswith(_ZSTD):
        raise FormatError(
            f"{path} is compressed with zstd, which cannot be read: unpack it first"
        )
    with ExitStack() as stack:
        with _damage_as_format_error(path):
            content: Readable
            if start.startswith(_ZIP):
                archive = stack.enter_context(zipfile.ZipFile(path))
                info = choose_member(archive, member, str(path))
                content = stack.enter_context(archive.open(info))
            else:
                fitting = (o for magic, o in _OPENERS if start.startswith(magic))
                opener: Callable[..., Any] = next(fitting, open)
                content = stack.enter_context(opener(path, "rb"))
        yield Content(content, path)


class Content:
    """A stream of bytes whose damage is told as `FormatError`."""

    def __init__(self, stream: Readable, path: Path) -> None:
        self._stream = stream
        self._path = path

    def read(self, size: int) -> bytes:
        """Give at most `size` bytes, and none at the end."""
        with _damage_as_format_error(self._path):
            return self._stream.read(size)


def choose_member(
    archive: zipfile.ZipFile, member: str | None, shown: str
) -> zipfile.ZipInfo:
    """Find the one member that is meant, or say which there are."""
    files = [info for info in archive.infolist() if not info.is_dir()]
    listing = ", ".join(repr(info.filename) for info in files[:20]) or "nothing"
    found = [info for info in files if member in (None, info.filename)]
    if member is None and len(found) != 1:
        raise FormatError(
            f"{shown} holds {listing}: say in the entry which `member:` is meant"
        )
    if not found:
        raise FormatError(f"{shown} has no member {member!r}: it holds {listing}")
    if len(found) > 1:
        raise FormatError(
            f"{shown} holds {len(found)} members called {member!r}: it cannot be "
            "told which one is meant"
        )
    info = found[0]
    if info.flag_bits & 0x1:
        raise FormatError(f"{shown}: {info.filename!r} is encrypted: unpack it first")
    if stat.S_ISLNK(info.external_attr >> 16):
        raise FormatError(f"{shown}: {info.filename!r} is a symbolic link, not a text")
    return info


@contextmanager
def _damage_as_format_error(path: Path) -> Iterator[None]:
    try:
        yield
    except _DAMAGE as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise  # the disk's trouble, not the file's
        raise FormatError(f"{path} is damaged or cut off: {error}") from error
    except (NotImplementedError, RuntimeError) as error:
        # zipfile's words for a compression or encryption that it cannot undo.
        raise FormatError(f"{path} cannot be unpacked: {error}") from error
