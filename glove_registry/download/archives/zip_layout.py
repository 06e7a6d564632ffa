"""Where the members of a zip archive lie, read from bytes: no network, no files.

Section numbers are those of APPNOTE.TXT 6.3.10, the specification of the format. What
comes in may be damaged or made to deceive: whatever it is, the outcome is a
`Directory` or a `ZipError`.
"""

import re
import stat
import struct
from dataclasses import dataclass, replace
from itertools import pairwise

from .shadow import is_shadow

TAIL_SIZE = 22 + 0xFFFF
"""Bytes at the end of an archive in which its end record must begin (4.3.16)."""

HEADER_LIMIT = 30 + 2 * 0xFFFF
"""Bytes that the header before a member's data has at most (4.3.7)."""

STORED, DEFLATED, BZIP2 = 0, 8, 12
_METHODS = {
    1: "shrink",
    6: "implode",
    9: "deflate64",
    14: "lzma",
    93: "zstd",
    95: "xz",
    98: "ppmd",
}

# An archive of word vectors has a handful of members: more is an attack on memory.
_DIRECTORY_LIMIT = 4 << 20
_ENTRIES_LIMIT = 10_000

# Deflate makes 1,032 bytes of one at most.
_DEFLATE_LIMIT = 1032

_END = struct.Struct("<4s4H2LH")  # 4.3.16
_LOCATOR = struct.Struct("<4sLQL")  # 4.3.15
_END64 = struct.Struct("<4sQ2H2L4Q")  # 4.3.14
_RECORD = struct.Struct("<4s6H3L5H2L")  # 4.3.12
HEADER = struct.Struct("<4s5H3L2H")  # 4.3.7

ENCRYPTED = 1 << 0 | 1 << 6 | 1 << 13  # 4.4.4
SIZES_FOLLOW = 1 << 3
_UTF8 = 1 << 11
_PATCH = 1 << 5


class ZipError(Exception):
    """An archive is damaged, or not one to be trusted.

    Parameters
    ----------
    kind : str
        ``not-a-zip``, ``two-ends``, ``damaged``, ``split``, ``too-many``,
        ``overlap``, ``missing``, ``several``, ``duplicate``, ``encrypted``,
        ``symlink``, ``folder``, ``method``,
        ``header-differs``, ``bomb``, ``cut``, ``checksum``.
    reason : str
        What was wrong, what was expected, what to do.
    """

    def __init__(self, kind: str, reason: str) -> None:
        super().__init__(kind, reason)
        self.kind = kind
        self.reason = reason

    def __str__(self) -> str:
        """Give the reason alone."""
        return self.reason


@dataclass(frozen=True, slots=True)
class Entry:
    """A member, as the directory describes it.

    Attributes
    ----------
    name : str
        For comparing and showing. Never a path: it is a stranger's text.
    raw_name : bytes
        The same as it stands in the archive.
    flags, method : int
        General purpose flags (4.4.4) and compression method (4.4.5).
    crc : int
        CRC-32 of the text.
    compressed_size, size : int
        Bytes in the archive, and bytes of the text.
    offset, limit : int
        Where its header begins, and where the next thing in the archive does.
    is_symlink : bool
        Whether it was a symbolic link where it was packed.
    """

    name: str
    raw_name: bytes
    flags: int
    method: int
    crc: int
    compressed_size: int
    size: int
    offset: int
    limit: int
    is_symlink: bool

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder, which has no bytes."""
        return self.name.endswith("/")

    @property
    def end(self) -> int:
        """Offset that its data cannot reach beyond."""
        return min(self.limit, self.offset + HEADER_LIMIT + self.compressed_size)


@dataclass(frozen=True, slots=True)
class Directory:
    """All members of an archive, in the order of its directory.

    Attributes
    ----------
    entries : tuple of Entry
        Folders included.
    """

    entries: tuple[Entry, ...]

    def pick(self, name: str | None) -> Entry:
        """Find the one member that is meant, and refuse what cannot be trusted.

        Parameters
        ----------
        name : str or None
            Its exact name; None: the archive's only file.

        Raises
        ------
        ZipError
            If it is missing, not the only one, or nothing that can be read here.
        """
        files = [entry for entry in self.entries if not entry.is_folder]
        if name is None:
            files = [entry for entry in files if not is_shadow(entry.name)]
        if not files:
            raise ZipError("missing", "the archive holds no file")
        found = files if name is None else [one for one in files if one.name == name]
        if name is not None and len(found) > 1:
            raise ZipError(
                "duplicate",
                f"the archive has {len(found)} members named {name!r}, so that it is "
                "not clear which is meant: choose another source",
            )
        if len(found) != 1:
            problem = (
                f"has no member {name!r}"
                if name is not None
                else f"has {len(files)} members and none was named"
            )
            raise ZipError(
                "missing" if name is not None or not files else "several",
                f"the archive {problem}: name one of {_list_names(files)}",
            )
        (entry,) = found
        _refuse_unreadable(entry)
        return entry


@dataclass(frozen=True, slots=True)
class Missing:
    """The bytes at hand do not reach far enough back.

    Attributes
    ----------
    first : int
        Offset in the archive from which on they are needed.
    """

    first: int


def parse_directory(tail: bytes, total: int) -> Directory | Missing:
    """Read the directory of an archive from the bytes at its end.

    Parameters
    ----------
    tail : bytes
        The last bytes of the archive, at least `TAIL_SIZE` of them if it has so many.
    total : int
        Size of the archive in bytes.

    Returns
    -------
    Directory or Missing
        Missing, which happens at most thrice, says how much more of the end to bring.

    Raises
    ------
    ZipError
        If this is no archive, or a damaged or deceitful one.
    """
    begin = total - len(tail)
    end = _find_end(tail)
    _, disk, start_disk, here, count, size, offset, _ = _END.unpack_from(tail, end)
    if 0xFFFF in (disk, start_disk, here, count) or 0xFFFFFFFF in (size, offset):
        at = end - _LOCATOR.size
        if at < 0 < begin:
            # A comment of full length pushes the locator out of the tail.
            return _miss(max(begin + at - _END64.size, 0), total)
        if at >= 0 and tail[at : at + 4] == b"PK\x06\x07":
            _, _, record, _ = _LOCATOR.unpack_from(tail, at)
            if record + _END64.size > begin + at:
                raise damage("its zip64 end record lies outside of it")
            if record < begin:
                return _miss(record, total)
            end = record - begin
            found = _END64.unpack_from(tail, end)
            if found[0] != b"PK\x06\x06":
                raise damage("its zip64 end record is not where it should be")
            disk, start_disk, here, count, size, offset = found[4:]
    if disk or start_disk or here != count:
        raise ZipError("split", "the archive is one of several volumes: choose another")
    if offset + size > begin + end:
        raise damage("its directory would lie beyond its end")
    if count > _ENTRIES_LIMIT or size > _DIRECTORY_LIMIT:
        raise _too_many()
    if count * _RECORD.size > size:
        raise damage("its directory is too short for its members")
    if offset < begin:
        return _miss(offset, total)
    at = offset - begin
    return Directory(_parse_entries(tail[at : at + size], count, offset))


def _find_end(tail: bytes) -> int:
    """Find the end record: the one whose comment ends with the archive."""
    places = [found.start() for found in re.finditer(rb"PK\x05\x06", tail)]
    whole = [
        at
        for at in places
        if at + _END.size <= len(tail)
        and at + _END.size + _END.unpack_from(tail, at)[-1] == len(tail)
    ]
    if whole and (len(whole) > 1 or whole[0] != places[-1]):
        # Readers differ in which one they take, and so in the text they find.
        raise ZipError(
            "two-ends",
            "the comment of the archive holds another directory, so that it is not "
            "clear which is meant: choose another source",
        )
    if whole:
        return whole[0]
    page = tail[:512].lstrip()[:9].lower().startswith((b"<!doctype", b"<html"))
    raise ZipError(
        "not-a-zip",
        "this is an HTML page in place of a zip archive: open the URL in a browser to "
        "see what it says, or choose another source"
        if page
        else "this is no zip archive, or it is cut off: it has no end record",
    )


def _miss(first: int, total: int) -> Missing:
    if total - first > _DIRECTORY_LIMIT + TAIL_SIZE:
        raise _too_many()
    return Missing(first)


def _too_many() -> ZipError:
    return ZipError(
        "too-many",
        f"the archive lists more than {_ENTRIES_LIMIT:,} members, or more than "
        f"{_DIRECTORY_LIMIT >> 20} MiB of them: choose an archive of vectors alone",
    )


def _parse_entries(data: bytes, count: int, directory: int) -> tuple[Entry, ...]:
    entries = []
    at = 0
    for _ in range(count):
        entry, at = _parse_record(data, at)
        entries.append(entry)
    if at != len(data):
        raise damage("its directory is longer than its members need")
    return _limit(entries, directory)


def _parse_record(data: bytes, at: int) -> tuple[Entry, int]:
    if at + _RECORD.size > len(data) or data[at : at + 4] != b"PK\x01\x02":
        raise damage("its directory holds something that is no member")
    (_, maker, _, flags, method, _, _, crc, packed, size, *lengths, offset) = (
        _RECORD.unpack_from(data, at)
    )
    name_length, extra_length, comment_length, disk, _, outside = lengths
    at += _RECORD.size
    after = at + name_length + extra_length + comment_length
    if after > len(data):
        raise damage("its directory is cut off")
    raw_name = data[at : at + name_length]
    extra = data[at + name_length : at + name_length + extra_length]
    size, packed, offset = read_zip64(extra, (size, packed, offset))
    if disk not in (0, 0xFFFF):
        raise ZipError("split", "the archive is one of several volumes: choose another")
    # 4.4.2: made on Unix or macOS, where the upper half is the file's mode.
    is_symlink = maker >> 8 in (3, 19) and stat.S_ISLNK(outside >> 16)
    name = raw_name.decode("utf-8" if flags & _UTF8 else "cp437", "backslashreplace")
    entry = Entry(
        name, raw_name, flags, method, crc, packed, size, offset, 0, is_symlink
    )
    return entry, after


def read_zip64(extra: bytes, values: tuple[int, ...]) -> list[int]:
    """Replace the values that did not fit in 32 bits by those of the extra (4.5.3)."""
    large = b""
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, at)
        if kind == 1:
            large = extra[at + 4 : at + 4 + length]
            break
        at += 4 + length
    replaced = []
    for value in values:
        if value == 0xFFFFFFFF:
            if len(large) < 8:
                raise damage("a size of zip64 is missing from it")
            value = int.from_bytes(large[:8], "little")
            large = large[8:]
        replaced.append(value)
    return replaced


def _limit(entries: list[Entry], directory: int) -> tuple[Entry, ...]:
    """Give each entry the offset at which the next begins; none may overlap."""
    offsets = sorted({entry.offset for entry in entries})
    following = dict(pairwise([*offsets, directory]))
    limited = []
    for entry in entries:
        limit = following[entry.offset]
        least = HEADER.size + len(entry.raw_name) + entry.compressed_size
        if entry.offset + least > limit:
            raise _overlap()
        limited.append(replace(entry, limit=limit))
    if len(offsets) != len(entries):
        raise _overlap()
    return tuple(limited)


def _overlap() -> ZipError:
    return ZipError(
        "overlap",
        "members of the archive overlap, as in a zip bomb: choose another source",
    )


def _refuse_unreadable(entry: Entry) -> None:
    shown = repr(entry.name)
    if entry.flags & ENCRYPTED:
        raise ZipError(
            "encrypted", f"member {shown} is encrypted: choose an open archive"
        )
    if entry.is_symlink:
        raise ZipError(
            "symlink", f"member {shown} is a symbolic link, not a file: name the file"
        )
    if entry.method not in (STORED, DEFLATED, BZIP2) or entry.flags & _PATCH:
        method = _METHODS.get(entry.method, str(entry.method))
        raise ZipError(
            "method",
            f"member {shown} is compressed by method {method}: only stored, deflated "
            "and bzip2 members can be read",
        )
    if entry.method == STORED and entry.size != entry.compressed_size:
        raise damage(f"member {shown} is stored and yet of two sizes")
    if entry.method == DEFLATED and entry.size > entry.compressed_size * _DEFLATE_LIMIT:
        raise ZipError(
            "bomb",
            f"member {shown} declares {entry.size:,} bytes, and its "
            f"{entry.compressed_size:,} compressed ones cannot hold so many: choose "
            "another source",
        )


def _list_names(entries: list[Entry]) -> str:
    shown = ", ".join(repr(entry.name[:80]) for entry in entries[:20])
    more = f" and {len(entries) - 20} more" if len(entries) > 20 else ""
    return (shown or "nothing, as it is empty") + more


def damage(what: str) -> ZipError:
    """Make the error for what no sound archive holds."""
    reason = f"the archive is damaged ({what}): choose another source"
    return ZipError("damaged", reason)
