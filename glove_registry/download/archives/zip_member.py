"""A member of a zip archive: what the directory says of it, and its text.

`zipfile` would cut a text off at its declared size without an error, ignore what is
left of the member's data, and unpack bzip2 without a bound on memory. So the data are
checked and unpacked here, as they arrive from a disk or a network.

Section numbers are those of APPNOTE.TXT 6.3.10, the specification of the format.
"""

import bz2
import stat
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZIP_STORED, ZipInfo

from ...messages.printable import quote

_HEADER = struct.Struct("<4s5H3L2H")  # 4.3.7
_MAX_HEADER = _HEADER.size + 2 * 0xFFFF
_FIELD = struct.Struct("<2H")  # 4.5.1
_UNICODE_PATH = 0x7075  # 4.6.9
# In place of a size: it is in the extra field of zip64.
_IN_EXTRA = 0xFFFFFFFF

# Deflate makes at most 1,032 bytes of one.
_MAX_DEFLATE_RATIO = 1032

_PIECE = 1 << 20

_ENCRYPTED = 1 << 0 | 1 << 6 | 1 << 13  # 4.4.4
_SIZES_FOLLOW = 1 << 3
_PATCH = 1 << 5
_UTF8 = 1 << 11

_READABLE = (ZIP_STORED, ZIP_DEFLATED, ZIP_BZIP2)
_METHODS = {9: "deflate64", 14: "lzma", 93: "zstd", 95: "xz", 98: "ppmd"}


class ZipError(Exception):
    """An archive is damaged or cannot be trusted.

    `kind` is ``not-a-zip``, ``two-ends``, ``damaged``, ``split``, ``too-many``,
    ``overlap``, ``missing``, ``several``, ``duplicate``, ``encrypted``, ``symlink``,
    ``method``, ``header-differs``, ``bomb``, ``cut`` or ``checksum``. `reason` is what
    was wrong, what was expected, what to do.
    """

    def __init__(self, kind: str, reason: str) -> None:
        super().__init__(kind, reason)
        self.kind = kind
        self.reason = reason

    def __str__(self) -> str:
        """Return the reason alone."""
        return self.reason


@dataclass(frozen=True, slots=True)
class ZipMember:
    """A member of an archive, as the directory describes it."""

    info: ZipInfo
    limit: int  # offset at which the next member, or the directory, begins
    name: str  # to compare and to show; it is never used as a path

    @property
    def size(self) -> int:
        """Bytes of the text."""
        return self.info.file_size

    @property
    def is_folder(self) -> bool:
        """Whether the member is a folder, which has no bytes."""
        return self.name.endswith("/")

    @property
    def least_end(self) -> int:
        """Offset that the member's data reach at least."""
        size = _HEADER.size + len(encode_name(self.info)) + self.info.compress_size
        return self.offset + size

    @property
    def offset(self) -> int:
        """Offset of the member's header in the archive."""
        return self.info.header_offset

    @property
    def end(self) -> int:
        """Offset that the member's data cannot reach beyond."""
        return min(self.limit, self.offset + _MAX_HEADER + self.info.compress_size)

    def check_readable(self) -> None:
        """Raise `ZipError` if the text cannot be read, or is surely not as declared."""
        info, shown = self.info, quote(self.name)
        method, packed = info.compress_type, info.compress_size
        if info.flag_bits & _ENCRYPTED:
            raise ZipError(
                "encrypted", f"member {shown} is encrypted: choose an open archive"
            )
        # 4.4.2: made on Unix or macOS, where the upper half is the file's mode.
        if info.create_system in (3, 19) and stat.S_ISLNK(info.external_attr >> 16):
            raise ZipError(
                "symlink",
                f"member {shown} is a symbolic link, not a file: name the file",
            )
        if method not in _READABLE or info.flag_bits & _PATCH:
            raise ZipError(
                "method",
                f"member {shown} is compressed by method "
                f"{_METHODS.get(method, method)}: only stored, deflated and bzip2 "
                "members can be read",
            )
        if method == ZIP_STORED and self.size != packed:
            raise damage(f"member {shown} is stored and yet has two sizes")
        if method == ZIP_DEFLATED and self.size > packed * _MAX_DEFLATE_RATIO:
            raise ZipError(
                "bomb",
                f"member {shown} declares {self.size:,} bytes, and its {packed:,} "
                "compressed ones cannot hold so many: choose another source",
            )

    def read(self, raw: Iterator[bytes]) -> Iterator[bytes]:
        """Unpack the text from the bytes of the archive as they arrive.

        `raw` is the archive from `offset` on, in pieces of any size; bytes after the
        member's data are ignored. Yields at most 1 MiB at a time, and no more in all
        than the directory declares. Raises `ZipError` if the data are cut off, damaged,
        or of another length or CRC-32 than the directory declares.
        """
        crc = 0
        count = 0
        for text in _unpack(self, _read_data(self, raw)):
            count += len(text)
            if count > self.size:
                raise ZipError(
                    "bomb",
                    f"member {quote(self.name)} holds more than the {self.size} "
                    "bytes that the directory of the archive declares: choose another "
                    "source",
                )
            crc = zlib.crc32(text, crc)
            yield text
        if count != self.size:
            raise ZipError(
                "cut",
                f"member {quote(self.name)} has {count} bytes, expected {self.size}",
            )
        if crc != self.info.CRC:
            raise ZipError(
                "checksum",
                f"member {quote(self.name)} has CRC-32 {crc:08x}, expected "
                f"{self.info.CRC:08x}",
            )


def encode_name(info: ZipInfo) -> bytes:
    """Return a name as it is written in the archive."""
    # `filename` ends at a NUL, and newer Pythons replace it by one of the extras.
    encoding = "utf-8" if info.flag_bits & _UTF8 else "cp437"
    return info.orig_filename.encode(encoding)


def find_unicode_names(extra: bytes, name: bytes) -> set[str]:
    """Return what the extra fields of a member say that its name is in Unicode."""
    begin = b"\1" + struct.pack("<L", zlib.crc32(name))
    found = set()
    at = 0
    while at + _FIELD.size <= len(extra):
        kind, size = _FIELD.unpack_from(extra, at)
        at += _FIELD.size + size
        field = extra[at - size : at]
        if kind == _UNICODE_PATH and field.startswith(begin):
            found.add(field.removeprefix(begin).decode("utf-8", "replace"))
    return found


def _read_data(member: ZipMember, raw: Iterator[bytes]) -> Iterator[bytes]:
    """Check and strip the header, and end where the member's data do."""
    start = b""
    needed = _HEADER.size
    while len(start) < needed:
        piece = next(raw, b"")
        if not piece:
            raise _cut(member)
        start += piece
        if len(start) >= _HEADER.size:
            if not start.startswith(b"PK\x03\x04"):
                raise ZipError(
                    "header-differs",
                    "there is no member where the directory of the archive says: the "
                    "archive is damaged or has changed",
                )
            needed = _HEADER.size + sum(_HEADER.unpack_from(start)[-2:])
    _check_header(start[:needed], member)
    left = member.info.compress_size
    piece = start[needed:]
    while True:
        piece = piece[:left]
        left -= len(piece)
        if piece:
            yield piece
        if not left:
            return
        piece = next(raw, b"")
        if not piece:
            raise _cut(member)


def _check_header(header: bytes, member: ZipMember) -> None:
    """Raise if another reader would read another text by this header."""
    _, _, flags, method, _, _, crc, packed, size, length, _ = _HEADER.unpack_from(
        header
    )
    info = member.info
    name, extra = header[_HEADER.size :][:length], header[_HEADER.size + length :]
    found = [crc, size, packed]
    expected = [info.CRC, info.file_size, info.compress_size]
    # 4.4.4: with this flag the values may follow the data, and be zero here.
    later = [0, 0, 0] if flags & _SIZES_FOLLOW else expected
    # 4.5.3: the extra field of a header has both sizes.
    for sizes in (expected, later):
        if struct.pack("<2H2Q", 1, 16, *sizes[1:]) in extra:
            pairs = zip(found, sizes, strict=True)
            found = [there if here == _IN_EXTRA else here for here, there in pairs]
    if (
        name != encode_name(info)
        or find_unicode_names(extra, name) - {member.name}
        or method != info.compress_type
        or flags & _ENCRYPTED
        or any(map(lambda here, *there: here not in there, found, expected, later))
    ):
        raise ZipError(
            "header-differs",
            f"the header of member {quote(member.name)} differs from the directory of "
            "the archive: choose another source",
        )


def _unpack(member: ZipMember, packed: Iterator[bytes]) -> Iterator[bytes]:
    """Decompress in pieces of bounded size: a bomb never fills the memory."""
    if member.info.compress_type == ZIP_STORED:
        yield from packed
        return
    deflated = member.info.compress_type == ZIP_DEFLATED
    unpacker: Any = zlib.decompressobj(-15) if deflated else bz2.BZ2Decompressor()
    for piece in packed:
        rest = piece
        while not unpacker.eof:
            try:
                text = unpacker.decompress(rest, _PIECE)
            except (zlib.error, OSError):
                shown = quote(member.name)
                raise damage(f"member {shown} cannot be unpacked") from None
            # A decompressor of bzip2 keeps what is left itself.
            rest = unpacker.unconsumed_tail if deflated else b""
            if text:
                yield text
            elif not rest:
                break
        if unpacker.eof:
            break
    if not unpacker.eof:
        raise _cut(member)
    if unpacker.unused_data or next(packed, b""):
        raise damage(f"member {quote(member.name)} ends before its data do")


def _cut(member: ZipMember) -> ZipError:
    shown = quote(member.name)
    return ZipError("cut", f"member {shown} is cut off: choose another source")


def damage(what: str) -> ZipError:
    """Return the error for what no sound archive holds."""
    return ZipError(
        "damaged", f"the archive is damaged ({what}): choose another source"
    )
