"""The text of a zip member, out of its raw bytes: inflated, bounded and checked."""

import bz2
import zlib
from collections.abc import Callable, Iterator

from .zip_layout import (
    BZIP2,
    DEFLATED,
    ENCRYPTED,
    HEADER,
    SIZES_FOLLOW,
    STORED,
    Entry,
    ZipError,
    damage,
    read_zip64,
)

_PIECE = 1 << 20


def read_member(entry: Entry, raw: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the text of a member, from its raw bytes as they arrive.

    Parameters
    ----------
    entry : Entry
        What the directory says of it; from `Directory.pick`.
    raw : iterator of bytes
        The archive's bytes from ``entry.offset`` on, in pieces of any size. What
        follows the member's data is not looked at.

    Yields
    ------
    bytes
        At most 1 MiB at a time, and never more in all than the directory declares.

    Raises
    ------
    ZipError
        If the bytes are cut off, damaged, or of another length or CRC-32 than the
        directory declares.
    """
    shown = repr(entry.name)
    crc = 0
    count = 0
    packed = _take_data(entry, raw)
    for text in _UNPACK[entry.method](entry, packed):
        count += len(text)
        if count > entry.size:
            raise ZipError(
                "bomb",
                f"member {shown} holds more than the {entry.size} bytes that the "
                "directory of the archive declares: choose another source",
            )
        crc = zlib.crc32(text, crc)
        yield text
    if count != entry.size:
        raise ZipError(
            "cut", f"member {shown} has {count} bytes, expected {entry.size}"
        )
    if crc != entry.crc:
        raise ZipError(
            "checksum",
            f"member {shown} has CRC-32 {crc:08x}, expected {entry.crc:08x}",
        )


def _take_data(entry: Entry, raw: Iterator[bytes]) -> Iterator[bytes]:
    """Strip the header, check it, and end where the data does."""
    start = b""
    needed = HEADER.size
    while len(start) < needed:
        piece = next(raw, b"")
        if not piece:
            break
        start += piece
        if len(start) >= HEADER.size:
            needed = measure_header(start[: HEADER.size])
    if len(start) < needed:
        raise _cut(entry)
    check_header(start[:needed], entry)
    left = entry.compressed_size
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
            raise _cut(entry)


def _inflate(entry: Entry, packed: Iterator[bytes]) -> Iterator[bytes]:
    """Inflate in pieces of bounded size: a bomb never fills the memory."""
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        for piece in packed:
            rest = piece
            while rest and not inflater.eof:
                text = inflater.decompress(rest, _PIECE)
                rest = inflater.unconsumed_tail
                if text:
                    yield text
        while not inflater.eof:
            # What is left inside when the input has ended.
            text = inflater.decompress(b"", _PIECE)
            if not text:
                raise _cut(entry)
            yield text
    except zlib.error:
        raise damage(f"member {entry.name!r} cannot be inflated") from None
    if inflater.unused_data or next(packed, b""):
        raise damage(f"member {entry.name!r} ends before its data do")


def _unpack_bzip2(entry: Entry, packed: Iterator[bytes]) -> Iterator[bytes]:
    unpacker = bz2.BZ2Decompressor()
    try:
        for piece in packed:
            rest = piece
            while not unpacker.eof:
                yield unpacker.decompress(rest, _PIECE)
                rest = b""
                if unpacker.needs_input:
                    break
    except OSError:
        raise damage(f"member {entry.name!r} cannot be unpacked") from None
    if not unpacker.eof:
        raise _cut(entry)
    if unpacker.unused_data or next(packed, b""):
        raise damage(f"member {entry.name!r} ends before its data do")


_UNPACK: dict[int, Callable[[Entry, Iterator[bytes]], Iterator[bytes]]] = {
    STORED: lambda _, packed: packed,
    DEFLATED: _inflate,
    BZIP2: _unpack_bzip2,
}


def _cut(entry: Entry) -> ZipError:
    return ZipError("cut", f"member {entry.name!r} is cut off: choose another source")


def measure_header(start: bytes) -> int:
    """Say how long the header is that begins with these 30 bytes.

    Raises
    ------
    ZipError
        If they are none.
    """
    if len(start) < HEADER.size or start[:4] != b"PK\x03\x04":
        raise ZipError(
            "header-differs",
            "there is no member where the directory of the archive says: the archive "
            "is damaged or has changed",
        )
    name_length, extra_length = HEADER.unpack_from(start)[-2:]
    return int(HEADER.size + name_length + extra_length)


def check_header(header: bytes, entry: Entry) -> None:
    """Hold the header before a member's data against the directory.

    Parameters
    ----------
    header : bytes
        As many as `measure_header` says.
    entry : Entry
        What the directory says.

    Raises
    ------
    ZipError
        If the two differ: another reader would read another text.
    """
    _, _, flags, method, _, _, crc, packed, size, name_length, _ = HEADER.unpack_from(
        header
    )
    name = header[HEADER.size : HEADER.size + name_length]
    extra = header[HEADER.size + name_length :]
    size, packed = read_zip64(extra, (size, packed))
    pairs = [
        (crc, entry.crc),
        (packed, entry.compressed_size),
        (size, entry.size),
    ]
    # 4.4.4: with this flag the values may follow the data, and be zero here.
    later = bool(flags & SIZES_FOLLOW)
    if (
        name != entry.raw_name
        or method != entry.method
        or flags & ENCRYPTED
        or any(here != there and not (later and here == 0) for here, there in pairs)
    ):
        raise ZipError(
            "header-differs",
            f"the header of member {entry.name!r} differs from the directory of the "
            "archive: choose another source",
        )
