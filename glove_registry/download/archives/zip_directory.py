"""The directory of a zip archive: found here, read by the standard library.

`zipfile` is lenient where readers differ in the text they find: it accepts bytes before
and after the archive, a second end record in the comment, and members that overlap. So
it is given the directory alone, of an archive whose end is sound; any file that can be
sought will do, so that of a remote archive little more than the end is fetched.

Whatever an archive holds, the outcome is a `ZipDirectory` or a `ZipError`. Section
numbers are those of APPNOTE.TXT 6.3.10, the specification of the format.
"""

import io
import os
import re
import struct
from dataclasses import dataclass
from itertools import pairwise
from typing import IO
from zipfile import BadZipFile, ZipFile, ZipInfo

from ...messages.printable import quote
from .macos import is_macos_metadata
from .zip_member import ZipError, ZipMember, damage, encode_name, find_unicode_names

_END = struct.Struct("<4s4H2LH")  # 4.3.16
_LOCATOR = struct.Struct("<4sLQL")  # 4.3.15
_END64 = struct.Struct("<4sQ2H2L4Q")  # 4.3.14
_RECORD_SIZE = 46  # 4.3.12, without name, extra field and comment
_FLAGS_AND_LENGTHS = struct.Struct("<8xH18x3H")
_UTF8 = 1 << 11  # 4.4.4

# In place of the fields of an end record: they are in that of zip64.
_IN_END64 = (*[0xFFFF] * 4, *[0xFFFFFFFF] * 2)

TAIL_SIZE = _END64.size + _LOCATOR.size + _END.size + (1 << 16)
"""Bytes at the end of an archive that hold its end records and comment."""

# An archive of word vectors has a handful of members: more is an attack on memory.
_MAX_DIRECTORY = 4 << 20
_MAX_MEMBERS = 10_000


@dataclass(frozen=True, slots=True)
class ZipDirectory:
    """All members of an archive, folders included, in the order of its directory."""

    members: tuple[ZipMember, ...]

    def pick(self, name: str | None) -> ZipMember:
        """Return the member of exactly this name; None: the archive's only file.

        Raises `ZipError` if there is no such member, more than one, or one that cannot
        be read or trusted.
        """
        files = [one for one in self.members if not one.is_folder]
        if name is None:
            files = [one for one in files if not is_macos_metadata(one.name)]
        if not files:
            raise ZipError("missing", "the archive holds no file")
        found = [one for one in files if name in (None, one.name)]
        if name is not None and len(found) > 1:
            raise ZipError(
                "duplicate",
                f"the archive has {len(found)} members named {quote(name)}, and it "
                "is not clear which is meant: choose another source",
            )
        if not found:
            raise ZipError(
                "missing",
                f"the archive has no member {quote(name)}: name one of "
                f"{_list_names(files)}",
            )
        if len(found) > 1:
            raise ZipError(
                "several",
                f"the archive has {len(files)} members and none was named: name one "
                f"of {_list_names(files)}",
            )
        (member,) = found
        member.check_readable()
        return member


def read_directory(file: IO[bytes]) -> ZipDirectory:
    """Read the directory of an archive, from the end of a seekable file.

    Raises `ZipError` if this is no zip archive, or a damaged or deceptive one.
    """
    total = file.seek(0, os.SEEK_END)
    file.seek(max(total - TAIL_SIZE, 0))
    count, size, offset = _check_end(file.read(TAIL_SIZE), total)
    file.seek(offset)
    directory = _correct_flags(file.read(size))
    if directory[-_LOCATOR.size :].startswith(b"PK\x06\x07"):
        raise damage("its last comment ends like a zip64 directory")
    end = _END.pack(b"PK\x05\x06", 0, 0, count, count, size, 0, 0)
    try:
        with ZipFile(io.BytesIO(directory + end)) as archive:
            infos = archive.infolist()
    except (BadZipFile, NotImplementedError):
        raise damage("its directory cannot be read") from None
    if len(infos) != count:
        raise damage("its directory has another number of members than it says")
    if any(info.volume not in (0, 0xFFFF) for info in infos):
        raise _split()
    places = [*sorted({info.header_offset for info in infos}), offset]
    if places[0]:
        # What begins otherwise is another file to whoever reads from the beginning.
        raise damage("it does not begin with its first member")
    following = dict(pairwise(places))
    members = tuple(
        ZipMember(info, following[info.header_offset], _find_name(info))
        for info in infos
    )
    if len(following) != len(members) or any(m.least_end > m.limit for m in members):
        raise ZipError(
            "overlap",
            "members of the archive overlap, as in a zip bomb: choose another source",
        )
    return ZipDirectory(members)


def _find_name(info: ZipInfo) -> str:
    """Return a member's name, which readers take from its record or an extra field."""
    name = info.orig_filename
    others = find_unicode_names(info.extra, encode_name(info)) - {name}
    has_null = any("\0" in one for one in (name, *others))  # where some end a name
    if has_null or len(others) > 1 or (others and info.flag_bits & _UTF8):
        raise damage(f"it has two names for member {quote(name)}")
    return others.pop() if others else name


def _correct_flags(directory: bytes) -> bytes:
    """Flag the names that are UTF-8, as `unzip` takes them, and no others.

    Info-ZIP leaves the flag out on Linux, and zipfile raises where it is wrong.
    """
    corrected = bytearray(directory)
    at = 0
    while at + _RECORD_SIZE <= len(corrected):
        flags, length, *others = _FLAGS_AND_LENGTHS.unpack_from(corrected, at)
        after_name = at + _RECORD_SIZE + length
        is_utf8 = _is_utf8(corrected[after_name - length : after_name])
        flags = flags | _UTF8 if is_utf8 else flags & ~_UTF8
        struct.pack_into("<H", corrected, at + 8, flags)
        at = after_name + sum(others)
    # zipfile accepts a last record that is longer than the directory.
    if at != len(corrected):
        raise damage("its directory cannot be read")
    return bytes(corrected)


def _is_utf8(name: bytearray) -> bool:
    try:
        name.decode()
    except UnicodeDecodeError:
        return False
    return True


def _check_end(tail: bytes, total: int) -> tuple[int, int, int]:
    """Return the number of members, and size and offset of their directory."""
    begin = total - len(tail)
    end = _find_end(tail)
    fields = _END.unpack_from(tail, end)[1:-1]
    locator, record = end - _LOCATOR.size, end - _LOCATOR.size - _END64.size
    if locator >= 0 and tail.startswith(b"PK\x06\x07", locator):
        place = _LOCATOR.unpack_from(tail, locator)[2]
        if place != begin + record or not tail.startswith(b"PK\x06\x06", record):
            raise damage("its zip64 end record is not where it should be")
        fields64 = _END64.unpack_from(tail, record)[4:]
        known = zip(fields, fields64, _IN_END64, strict=True)
        if any(old not in (new, no_value) for old, new, no_value in known):
            raise damage("its two end records contradict each other")
        fields, end = fields64, record
    disk, start_disk, here, count, size, offset = fields
    if disk or start_disk or here != count:
        raise _split()
    if offset + size != begin + end:
        raise damage("its directory does not end where its end record begins")
    if count > _MAX_MEMBERS or size > _MAX_DIRECTORY:
        raise ZipError(
            "too-many",
            f"the archive lists more than {_MAX_MEMBERS:,} members, or more than "
            f"{_MAX_DIRECTORY >> 20} MiB of them: choose an archive of vectors alone",
        )
    if count * _RECORD_SIZE > size:
        raise damage("its directory is too short for its members")
    return count, size, offset


def _find_end(tail: bytes) -> int:
    """Find the end record: the one whose comment ends with the archive."""
    places = [found.start() for found in re.finditer(rb"PK\x05\x06", tail)]
    complete = [
        at
        for at in places
        if at + _END.size <= len(tail)
        and at + _END.size + _END.unpack_from(tail, at)[-1] == len(tail)
    ]
    if complete and complete == places[-1:]:
        return complete[0]
    if complete:
        # Readers differ in which one they take, and so in the text they find.
        raise ZipError(
            "two-ends",
            "the comment of the archive holds another directory, and it is not clear "
            "which is meant: choose another source",
        )
    if tail[:512].lstrip().lower().startswith((b"<!doctype", b"<html")):
        raise ZipError(
            "not-a-zip",
            "this is an HTML page in place of a zip archive: open the URL in a browser "
            "to see what it says, or choose another source",
        )
    raise ZipError(
        "not-a-zip",
        "this is not a zip archive, or it is cut off, as it has no end record: choose "
        "another source",
    )


def _list_names(members: list[ZipMember]) -> str:
    shown = ", ".join(quote(one.name) for one in members[:20])
    return shown + (f" and {len(members) - 20} more" if len(members) > 20 else "")


def _split() -> ZipError:
    return ZipError("split", "the archive is one of several volumes: choose another")
