"""Read a file of vectors in the plainest way: all of it, by the standard library alone.

What this gives is what the package must give, and what this refuses it must refuse.
"""

import bz2
import gzip
import io
import lzma
import math
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable
from functools import partial
from typing import Any

from zstd_module import zstd

NUMBER = re.compile(rb"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
HEADER = re.compile(rb"([0-9]{1,18}) ([0-9]{1,9})[ \r]*")

DAMAGE = (
    *(EOFError, OSError, ValueError, NotImplementedError, RuntimeError),
    *(zlib.error, lzma.LZMAError, zipfile.BadZipFile, zstd.ZstdError),
)


class NoVectors(Exception):
    """The bytes are no file of vectors."""


Rows = tuple[list[bytes], list[bytes]]
"""Tokens, and the numbers of each as the bytes of float32."""


def read_plainly(packed: bytes) -> Rows:
    """Read a file of vectors, or raise `NoVectors`."""
    try:
        content = unpack_plainly(packed)
    except DAMAGE as error:
        raise NoVectors from error
    first, *lines = content.split(b"\n")
    header = HEADER.fullmatch(first)
    if header is None:
        return read_lines([first, *lines], count_numbers(first))
    announced, dimension = int(header[1]), int(header[2])
    check(announced > 0 and dimension > 0)
    if lines and count_numbers(lines[0]) >= dimension:
        rows = read_lines(lines, dimension)
    else:
        rows = read_binary(content[len(first) + 1 :], announced, dimension)
    check(len(rows[0]) == announced)
    return rows


def check(good: bool) -> None:
    """Give up if something is not as it must be."""
    if not good:
        raise NoVectors


def unpack_plainly(packed: bytes) -> bytes:
    """Unpack whatever the first bytes say it is."""
    if packed.startswith((b"PK\3\4", b"PK\5\6")):
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            infos = archive.infolist()
            (info,) = [info for info in infos if not info.filename.endswith("/")]
            check(not stat.S_ISLNK(info.external_attr >> 16))
            return archive.read(info)
    if packed.startswith(b"\x1f\x8b"):
        return gzip.decompress(packed)
    if re.match(rb"BZh[1-9](1A|\x17r)", packed):
        return unpack_streams(packed, bz2.BZ2Decompressor)
    if packed.startswith(b"\xfd7zXZ\0"):
        return unpack_streams(packed, partial(lzma.LZMADecompressor, lzma.FORMAT_XZ))
    if packed.startswith(b"\x28\xb5\x2f\xfd"):
        return unpack_streams(packed, zstd.ZstdDecompressor)
    return packed


def unpack_streams(packed: bytes, unpacker: Callable[[], Any]) -> bytes:
    """Unpack one stream after another; zero bytes after bz2 and xz are padding."""
    content = b""
    while packed:
        stream = unpacker()
        content += stream.decompress(packed)
        check(stream.eof)
        packed = stream.unused_data
        if unpacker is not zstd.ZstdDecompressor:
            packed = packed.lstrip(b"\0")
    return content


def count_numbers(line: bytes) -> int:
    """Count the numbers at the end of a line, the token left aside."""
    count = 0
    for field in reversed(line.rstrip(b" \r").split(b" ")[1:]):
        if not NUMBER.fullmatch(field):
            break
        count += 1
    return count


def read_lines(lines: list[bytes], dimension: int) -> Rows:
    """Read rows of text: a token, a blank, and numbers with one blank between them."""
    if not lines[-1]:
        lines = lines[:-1]  # the last line is ended
    check(bool(lines) and dimension > 0 and count_numbers(lines[0]) == dimension)
    tokens, values = [], []
    for line in lines:
        if line.endswith(b"\r"):
            line = line[:-1]
        fields = line.rstrip(b" ").split(b" ")
        check(len(fields) > dimension)
        words, numbers = fields[:-dimension], fields[-dimension:]
        # One more number is of a row of another dimension.
        check(len(words) == 1 or not NUMBER.fullmatch(words[-1]))
        check(all(NUMBER.fullmatch(number) for number in numbers))
        check(all(math.isfinite(float(number)) for number in numbers))
        tokens.append(b" ".join(words))
        try:
            values.append(b"".join(struct.pack("<f", float(x)) for x in numbers))
        except OverflowError as error:
            raise NoVectors from error
    return tokens, values


def read_binary(content: bytes, announced: int, dimension: int) -> Rows:
    """Read rows of word2vec's binary form."""
    tokens: list[bytes] = []
    values: list[bytes] = []
    while len(tokens) < announced:
        content = content.lstrip(b"\n")
        token, blank, content = content.partition(b" ")
        numbers, content = content[: 4 * dimension], content[4 * dimension :]
        check(bool(blank) and b"\n" not in token and len(numbers) == 4 * dimension)
        check(all(math.isfinite(x) for (x,) in struct.iter_unpack("<f", numbers)))
        tokens.append(token)
        values.append(numbers)
    check(not content.strip(b"\n"))
    return tokens, values
