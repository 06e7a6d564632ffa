"""Reading directories and members of archives: sound, deceptive and damaged ones."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from zips import make_zip

from glove_registry.download.archives import (
    TAIL_SIZE,
    ZipDirectory,
    ZipError,
    read_directory,
)

TEXT = b"the 0.418 0.24968\n, 0.013441 0.23682\n" * 500
CENTRAL = b"PK\x01\x02"
LOCAL = b"PK\x03\x04"


class Pipe(io.RawIOBase):
    """A file that cannot be sought, so that zipfile writes sizes after the data."""

    def __init__(self) -> None:
        self.data = b""

    def writable(self) -> bool:
        """It can be written to, and nothing else."""
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        """Take the bytes."""
        self.data += bytes(data)
        return len(data)


def pack(
    *names: str, method: int = zipfile.ZIP_DEFLATED, comment: bytes = b""
) -> bytes:
    """Make an archive with the same text under each name."""
    members = {name: b"" if name.endswith("/") else TEXT for name in names}
    return make_zip(members, method, comment=comment)


class End(io.BytesIO):
    """The end of a large file, which may be read, and what precedes may not."""

    def __init__(self, data: bytes, total: int) -> None:
        super().__init__(data.rjust(TAIL_SIZE, b" "))
        self.first = total - TAIL_SIZE

    def seek(self, offset: int, whence: int = 0) -> int:
        """Seek, within what may be read."""
        place = offset if whence else offset - self.first
        return self.first + super().seek(place, whence)

    def tell(self) -> int:
        """Return the place in the large file."""
        return self.first + super().tell()


def parse(data: bytes) -> ZipDirectory:
    """Read the directory of an archive in memory."""
    return read_directory(io.BytesIO(data))


def split(data: bytes, size: int = 1000) -> Iterator[bytes]:
    """Cut bytes into pieces, as a network does."""
    return (data[at : at + size] for at in range(0, len(data), size))


def read(data: bytes, name: str | None = None, size: int = 1000) -> bytes:
    """Read a member from an archive in memory."""
    entry = parse(data).pick(name)
    return b"".join(entry.read(split(data[entry.offset : entry.end], size)))


def patch(data: bytes, record: bytes, offset: int, value: bytes, nth: int = 0) -> bytes:
    """Overwrite a field of the nth record of a kind."""
    at = -1
    for _ in range(nth + 1):
        at = data.index(record, at + 1)
    at += offset
    return data[:at] + value + data[at + len(value) :]


# --- sound archives


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("size", [1, 7, 30, 1000, 1 << 20])
def test_read_members(method: int, size: int) -> None:
    """Each member is read as it was packed, in whatever pieces the bytes arrive."""
    data = pack("a.txt", "b/c.txt", method=method)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for info, entry in zip(archive.infolist(), parse(data).members, strict=True):
            assert entry.name == info.filename
            assert entry.offset == info.header_offset
            assert (entry.size, entry.info.CRC) == (info.file_size, info.CRC)
            assert entry.info.compress_size == info.compress_size
            assert read(data, entry.name, size) == archive.read(info)


def test_sizes_after_the_data() -> None:
    """An archive that was written to a pipe is read, with sizes in a descriptor."""
    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("a.txt", TEXT)
        made.writestr("b.txt", TEXT[::-1])
    assert struct.unpack_from("<H", pipe.data, 6)[0] & 8
    assert read(pipe.data, "a.txt") == TEXT
    assert read(pipe.data, "b.txt") == TEXT[::-1]


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_empty_member(method: int) -> None:
    """A member without bytes is read as such."""
    assert read(make_zip({"a.txt": b""}, method)) == b""


@pytest.mark.parametrize("comment", [b"", b"x", b"PK", b"y" * 65535])
def test_comment(comment: bytes) -> None:
    """The end record is found before any comment."""
    assert read(pack("a.txt", comment=comment)) == TEXT


def test_names() -> None:
    """Names are compared as text, in both of the format's encodings, never as paths."""
    names = ["wörter.txt", "../../../etc/passwd", "/abs", "C:\\x", "a\nb", "folder/"]
    data = pack(*names)
    assert [entry.name for entry in parse(data).members] == names
    assert read(data, "../../../etc/passwd") == TEXT
    assert read(data, "wörter.txt") == TEXT


def test_names_that_are_not_what_their_flag_says() -> None:
    """A name that is flagged as UTF-8 and is not hides no other member."""
    data = pack("wörter.txt", "größe.txt").replace("wö".encode(), b"w\xc3(")
    names = [one.name for one in parse(data).members]
    assert names[1] == "größe.txt"
    assert [read(data, name) for name in names] == [TEXT, TEXT]


def test_names_in_utf8_without_its_flag() -> None:
    """A name is read as UTF-8 if it is, as `unzip` and Info-ZIP on Linux have it."""
    data = pack_unicode("größe".encode())
    assert read(data, "größe") == TEXT
    two = make_zip({"größe": b"1", "gr__e": b"2"})
    for place in (LOCAL, CENTRAL):
        at = 6 if place == LOCAL else 8
        two = patch(two, place, at, bytes(2))
    two = two.replace(b"gr__e", "größe".encode("cp437"))
    with pytest.raises(ZipError) as caught:
        read(two, "größe")
    assert caught.value.kind == "duplicate"


def pack_unicode(
    name: bytes,
    *others: bytes,
    flags: int = 0,
    places: str = "both",
    hashed: bytes | None = None,
) -> bytes:
    """Make a member of this name that has others in extra fields, as Info-ZIP has."""
    crc = struct.pack("<L", zlib.crc32(hashed or name))
    extra = b"".join(
        struct.pack("<2HB", 0x7075, 5 + len(other), 1) + crc + other for other in others
    )
    data = build(
        *(TEXT, len(TEXT), zlib.crc32(TEXT), 0, name),
        extra=extra if places != "directory" else b"",
        central_extra=extra if places != "header" else b"",
    )
    flag = struct.pack("<H", flags)
    return patch(patch(data, LOCAL, 6, flag), CENTRAL, 8, flag)


@pytest.mark.parametrize("places", ["both", "directory"])
def test_name_in_an_extra_field(places: str) -> None:
    """A name in a code page of its own has its Unicode beside it, as unzip reads it."""
    for encoding in ("gbk", "utf-8", "cp437"):
        name = "größe" if encoding == "cp437" else "词"
        data = pack_unicode(name.encode(encoding), name.encode(), places=places)
        assert read(data, name) == TEXT
        assert [one.name for one in parse(data).members] == [name]
    assert read(pack_unicode(b"a.txt", b"a.txt", places=places), "a.txt") == TEXT
    renamed = pack_unicode(b"a.txt", b"b.txt", places=places, hashed=b"b.txt")
    assert read(renamed, "a.txt") == TEXT


@pytest.mark.parametrize("places", ["both", "directory", "header"])
@pytest.mark.parametrize(
    ("name", "others", "flags"),
    [
        (b"x.txt", [b"v.txt"], 0),
        (b"x.txt", [b"v.txt"], 1 << 11),
        (b"x.txt", [b"x.txt", b"v.txt"], 0),
        ("größe".encode(), [b"v.txt"], 1 << 11),
        ("词".encode("gbk"), [b"v.txt", b"w.txt"], 0),
        ("词".encode("gbk"), [b"v\0w"], 0),
        (b"v.txt\0x", [], 0),
    ],
)
def test_two_names_for_one_member(
    name: bytes, others: list[bytes], flags: int, places: str
) -> None:
    """A member that readers would call by two names is refused, whatever is asked."""
    with pytest.raises(ZipError) as caught:
        read(pack_unicode(name, *others, flags=flags, places=places))
    assert caught.value.kind == (
        "damaged" if places != "header" or not others else "header-differs"
    )


def test_only_file() -> None:
    """A member may be left unnamed if there is one; folders do not count."""
    assert read(pack("folder/", "folder/a.txt")) == TEXT


@pytest.mark.parametrize("shadow", ["__MACOSX/._a", "d/._a", "._a", "d/.DS_Store"])
def test_files_that_macos_adds(shadow: str) -> None:
    """What macOS adds does not count as a file, and can be read by its exact name."""
    data = make_zip({shadow: b"shadow", "a.txt": TEXT})
    assert read(data) == TEXT
    assert read(data, shadow) == b"shadow"


@pytest.mark.parametrize("other", ["d/__MACOSX/a", "a._b", "DS_Store"])
def test_files_like_those_of_macos(other: str) -> None:
    """A name that only resembles one that macOS gives is that of a file."""
    with pytest.raises(ZipError) as caught:
        parse(pack("a.txt", other)).pick(None)
    assert caught.value.kind == "several"


def pack_comments(size: int) -> bytes:
    """Make an archive whose directory has this size, by long comments."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        while size:
            info = zipfile.ZipInfo(f"{size:08}")
            info.comment = b"x" * (min(size, 60_000) - 46 - 8)
            size -= min(size, 60_000)
            archive.writestr(info, b"")
    return file.getvalue()


def test_largest_directory() -> None:
    """Four MiB of members or ten thousand of them are read, and no more."""
    assert parse(pack_comments(4 << 20)).pick(f"{4 << 20:08}").size == 0
    data = make_zip({f"{number}": b"" for number in range(10_000)})
    assert len(parse(data).members) == 10_000
    more = make_zip({f"{number}": b"" for number in range(10_001)})
    for too_large in (pack_comments((4 << 20) + 1), more):
        with pytest.raises(ZipError, match="than 10,000 members, or more than 4 MiB"):
            parse(too_large)


def test_large_directory() -> None:
    """A directory larger than what is read of the end is read whole."""
    data = pack(*(f"{number:0200}.txt" for number in range(400)), comment=b"c")
    assert parse(data).members[0].end < len(data) - TAIL_SIZE
    assert len(parse(data).members) == 400
    assert read(data, f"{7:0200}.txt") == TEXT


def pack_zip64(*names: str, comment: bytes = b"") -> bytes:
    """Make an archive whose end is told by the records of zip64 alone."""
    with mock.patch.object(zipfile, "ZIP64_LIMIT", 100):
        data = pack(*names, comment=comment)
    assert b"PK\x06\x06" in data
    # zipfile fills the old record in as well where it can.
    return patch(data, b"PK\x05\x06", 8, b"\xff" * 12)


def test_zip64() -> None:
    """Archives whose records are those of zip64 are read."""
    assert read(pack_zip64("a.txt", "b.txt"), "b.txt") == TEXT
    assert read(pack_zip64("a.txt", comment=b"z" * 65535)) == TEXT


def test_number_of_a_volume_in_zip64() -> None:
    """A member whose volume is told in its zip64 record is read."""
    assert read(patch(pack("a.txt"), CENTRAL, 34, b"\xff\xff")) == TEXT


def test_beyond_four_gigabytes() -> None:
    """Sizes and offsets that do not fit in 32 bits come from the zip64 records."""
    packed, size, offset = 5 << 30, 6 << 30, 7 << 30
    extra = struct.pack("<2H3Q", 1, 24, size, packed, offset)
    extra = struct.pack("<2HI", 0x5455, 4, 0) + extra
    record = struct.pack(
        "<4s6H3I5H2I",
        *(CENTRAL, 45, 45, 0, 8, 0, 0, 0xABCDEF, 0xFFFFFFFF, 0xFFFFFFFF),
        *(5, len(extra), 0, 0, 0, 0, 0xFFFFFFFF),
    )
    first = struct.pack("<4s6H3I5H2I", CENTRAL, 45, 45, *[0] * 7, 5, *[0] * 6)
    directory = first + b"0.txt" + record + b"a.txt" + extra
    at = offset + packed + 100
    total = at + len(directory) + 56 + 20 + 22
    end64 = struct.pack(
        "<4sQ2H2I4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 2, 2, len(directory), at
    )
    locator = struct.pack("<4sIQI", b"PK\x06\x07", 0, at + len(directory), 1)
    full = 0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", *full, 0)
    found = read_directory(End(directory + end64 + locator + end, total))
    entry = found.pick("a.txt")
    assert (entry.info.compress_size, entry.size, entry.offset) == (
        packed,
        size,
        offset,
    )
    assert entry.limit == at


# --- archives that are refused, each by the name of its fault


def lie_about_size(data: bytes) -> bytes:
    """Declare fewer bytes than the member has, in both places."""
    small = struct.pack("<I", len(TEXT) - 1)
    return patch(patch(data, CENTRAL, 24, small), LOCAL, 22, small)


def lie_about_crc(data: bytes) -> bytes:
    """Declare another CRC-32, in both places."""
    crc = struct.pack("<I", zlib.crc32(TEXT) ^ 1)
    return patch(patch(data, CENTRAL, 16, crc), LOCAL, 14, crc)


def nest(data: bytes) -> bytes:
    """Let the second member begin inside the first, as zip bombs do."""
    return patch(data, CENTRAL, 42, struct.pack("<I", 10), nth=1)


def overlap(data: bytes) -> bytes:
    """Let the second member begin at the last byte of the first."""
    last = data.index(LOCAL, 1) - 1
    return patch(data, CENTRAL, 42, struct.pack("<I", last), nth=1)


def link(system: int) -> bytes:
    """Pack a symbolic link, as Info-ZIP and others do."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        info = zipfile.ZipInfo("a.txt")
        info.create_system = system
        info.external_attr = 0o120777 << 16
        made.writestr(info, "/etc/passwd")
    return buffer.getvalue()


def lie_in_zip64_extra(name: str) -> bytes:
    """Declare another size in the extra field of the header alone."""
    data = pack_zip64(name)
    assert data[18:26] == b"\xff" * 8
    return patch(data, LOCAL, 30 + len(name) + 4, b"\1")


def hide_directory(data: bytes) -> bytes:
    """Put another directory, with its zip64 records, into the last comment of one."""
    at, start, last = data.index(b"PK\5\6"), data.index(CENTRAL), data.rindex(CENTRAL)
    hidden = data[start:at]
    comment = hidden + struct.pack(
        "<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, 2, 2, len(hidden), start
    )
    comment += struct.pack("<4sLQL", b"PK\6\7", 0, at + len(hidden), 1)
    data = patch(data, b"PK\5\6", 12, struct.pack("<L", at - start + len(comment)))
    data = patch(data, CENTRAL, 32, struct.pack("<H", len(comment)), nth=1)
    assert last + 46 + len("b.txt") == at
    return data[:at] + comment + b"a gap" + data[at:]


DECEITS: list[tuple[str, Callable[[bytes], bytes]]] = [
    ("not-a-zip", lambda data: data[:-1]),
    ("not-a-zip", lambda data: b""),
    ("not-a-zip", lambda data: b"<!DOCTYPE html><p>Please log in"),
    ("two-ends", lambda _: pack("a.txt", comment=b"PK\5\6" + bytes(40))),
    ("two-ends", lambda _: pack("a.txt", comment=pack("a.txt"))),
    ("two-ends", lambda _: pack("a.txt", comment=pack("a.txt", comment=b"x") + b"y")),
    *(
        (kind, lambda data, n=n: patch(data, CENTRAL, 8, struct.pack("<H", 1 << n)))
        for kind, n in [("encrypted", n) for n in (0, 6, 13)] + [("method", 5)]
    ),
    ("duplicate", lambda data: data.replace(b"b.txt", b"a.txt")),
    ("symlink", lambda _: link(3)),  # Unix
    ("symlink", lambda _: link(19)),  # macOS
    ("overlap", nest),
    ("overlap", overlap),
    ("overlap", lambda data: patch(data, CENTRAL, 42, b"\0\0\0\0", nth=1)),
    ("overlap", lambda data: patch(data, CENTRAL, 20, b"\xff\xff\x00\x00")),
    ("method", lambda _: pack("a.txt", method=zipfile.ZIP_LZMA)),
    ("missing", lambda _: pack("c.txt")),
    ("split", lambda data: patch(data, b"PK\x05\x06", 4, b"\x01\x00")),
    ("split", lambda data: patch(data, b"PK\x05\x06", 6, b"\x01\x00")),
    ("split", lambda data: patch(data, b"PK\x05\x06", 8, b"\x01\x00")),
    *(
        ("split", lambda data, n=n: patch(data, CENTRAL, 34, struct.pack("<H", n)))
        for n in (1, 0xFFFE)
    ),
    ("damaged", lambda data: patch(data, b"PK\x05\x06", 8, b"\x03\x00\x03\x00")),
    ("damaged", lambda data: patch(data, b"PK\x05\x06", 16, b"\xff\xff\xff\x7f")),
    ("damaged", lambda data: patch(data, CENTRAL, 0, b"PK\x09\x09")),
    ("damaged", lambda data: patch(data, LOCAL, 40, b"\xff\xff\xff\xff")),
    ("damaged", lambda data: b"x" + data),
    ("damaged", hide_directory),
    ("damaged", lambda _: patch(pack_zip64("a.txt"), b"PK\x05\x06", 8, b"\2\0\2\0")),
    ("damaged", lambda _: pack_zip64("a.txt").replace(b"PK\x06\x06", b"PK\x06\x09")),
    ("header-differs", lambda _: lie_in_zip64_extra("a.txt")),
    ("header-differs", lambda data: patch(data, LOCAL, 30, b"x")),
    ("header-differs", lambda data: patch(data, LOCAL, 8, b"\x00\x00")),
    ("header-differs", lambda data: patch(data, LOCAL, 14, b"\x00\x01\x02\x03")),
    ("header-differs", lambda data: patch(data, LOCAL, 14, bytes(12))),
    ("header-differs", lambda data: patch(data, LOCAL, 0, b"PK\x09\x09")),
    ("header-differs", lambda data: patch(data, LOCAL, 6, b"\x01\x00")),
    ("bomb", lie_about_size),
    ("checksum", lie_about_crc),
]


@pytest.mark.parametrize(("kind", "deceive"), DECEITS)
def test_refuse_deceit(kind: str, deceive: Callable[[bytes], bytes]) -> None:
    """Each way to deceive a reader ends in the error that is named for it."""
    data = deceive(pack("a.txt", "b.txt"))
    with pytest.raises(ZipError) as caught:
        read(data, "a.txt")
    assert caught.value.kind == kind


def test_html_is_called_so() -> None:
    """A page in place of an archive is called a page."""
    with pytest.raises(ZipError, match="HTML page"):
        parse(b"\n<html><body>404")


def test_error_lists_members() -> None:
    """Who names no member, or a wrong one, is told which there are."""
    data = pack("a.txt", "folder/", "b.txt")
    with pytest.raises(ZipError, match=r"no member 'x': name one of 'a.txt', 'b.txt'"):
        parse(data).pick("x")
    with pytest.raises(ZipError, match="2 members and none was named") as caught:
        parse(data).pick(None)
    assert caught.value.kind == "several"
    with pytest.raises(ZipError, match="holds no file"):
        parse(pack()).pick(None)


def build(
    packed: bytes,
    size: int,
    crc: int = 0,
    method: int = 8,
    name: bytes = b"a.txt",
    extra: bytes = b"",
    central_extra: bytes = b"",
) -> bytes:
    """Make an archive by hand, of one member with these fields."""
    fields = (20, 0, method, 0, 0, crc, len(packed), size, len(name))
    head = struct.pack("<5H3IH", *fields)
    local = LOCAL + head + struct.pack("<H", len(extra)) + name + extra + packed
    rest = (len(central_extra), *[0] * 5)
    central = CENTRAL + struct.pack("<H", 20) + head + struct.pack("<4H2I", *rest)
    central += name + central_extra
    numbers = (0, 0, 1, 1, len(central), len(local), 0)
    return local + central + struct.pack("<4s4H2IH", b"PK\x05\x06", *numbers)


def deflate(data: bytes) -> bytes:
    """Deflate without header or trailer."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


def test_member_without_a_name() -> None:
    """An empty name is a name."""
    data = build(b"text", 4, zlib.crc32(b"text"), method=0, name=b"")
    assert read(data) == read(data, "") == b"text"


def test_text_that_is_too_short() -> None:
    """A member that has fewer bytes than it declares is cut, in both numbers."""
    data = build(deflate(TEXT), len(TEXT) + 1, zlib.crc32(TEXT))
    with pytest.raises(ZipError, match=f"has {len(TEXT)} bytes, expected") as caught:
        read(data)
    assert caught.value.kind == "cut"


def test_longest_header_of_a_member() -> None:
    """A header with as long a name and extra field as can be is read past."""
    longest = b"n" * 0xFFFF
    data = build(b"text", 4, zlib.crc32(b"text"), method=0, name=longest, extra=longest)
    assert read(data) == b"text"


@pytest.mark.parametrize(
    ("method", "name"),
    [
        *[(9, "deflate64"), (14, "lzma"), (93, "zstd"), (95, "xz"), (98, "ppmd")],
        *[(1, "1"), (97, "97")],
    ],
)
def test_method_that_cannot_be_read_is_named(method: int, name: str) -> None:
    """An error names the method by which a member is compressed."""
    with pytest.raises(ZipError, match=f"by method {name}: only"):
        parse(build(b"packed", 4, method=method)).pick(None)


def test_bomb_stops_at_the_declared_size() -> None:
    """No more bytes of a bomb are unpacked than its directory declares."""
    data = build(deflate(bytes(64 << 20)), 1000)
    entry = parse(data).pick(None)
    inflated = entry.read(split(data))
    with pytest.raises(ZipError) as caught:
        next(inflated)
    assert caught.value.kind == "bomb"


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2])
def test_broken_connection_is_not_damage(method: int) -> None:
    """An error of the network or disk that brings a member is raised as it is."""
    data = pack("a.txt", method=method)

    def break_off() -> Iterator[bytes]:
        yield data[:50]
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        list(parse(data).pick(None).read(break_off()))


@pytest.mark.parametrize("size", [1, 100, 1000, 1 << 20])
def test_bytes_behind_the_end_of_a_member(size: int) -> None:
    """Bytes after the end of the compressed data are damage, however they arrive."""
    assert read(build(deflate(TEXT), len(TEXT), zlib.crc32(TEXT)), size=size) == TEXT
    data = build(deflate(TEXT) + b"more", len(TEXT), zlib.crc32(TEXT))
    with pytest.raises(ZipError) as caught:
        read(data, size=size)
    assert caught.value.kind == "damaged"


def test_stored_in_two_sizes() -> None:
    """A stored member whose two sizes differ is damage, seen in the directory."""
    assert read(build(TEXT, len(TEXT), zlib.crc32(TEXT), method=0)) == TEXT
    with pytest.raises(ZipError) as caught:
        parse(build(TEXT, len(TEXT) - 1, zlib.crc32(TEXT), method=0)).pick(None)
    assert caught.value.kind == "damaged"


def test_count_that_lies() -> None:
    """A directory with more or fewer members than it counts is damage."""
    for count in (b"\x01\x00", b"\x03\x00"):
        data = patch(pack("a.txt", "b.txt"), b"PK\x05\x06", 8, count * 2)
        with pytest.raises(ZipError) as caught:
            parse(data)
        assert caught.value.kind == "damaged"


@pytest.mark.parametrize(
    ("count", "size"),
    [
        (10_001, 1 << 20),
        (1 << 63, 1 << 62),
        (100, (4 << 20) + 1),
        (100, 4599),
    ],
)
def test_directory_beyond_all_bounds(count: int, size: int) -> None:
    """A directory that announces too much is refused before any of it is fetched."""
    end = struct.pack(
        "<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, size, 9
    )
    total = 1 << 30
    offset = total - 22 - 20 - len(end) - size
    end = end[:-8] + struct.pack("<Q", max(offset, 0))
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, total - 22 - 20 - len(end), 1)
    old = struct.pack(
        "<4s4H2LH", b"PK\x05\x06", 0, 0, *[0xFFFF] * 2, *[0xFFFFFFFF] * 2, 0
    )
    with pytest.raises(ZipError) as caught:
        read_directory(End(end + locator + old, total))
    assert caught.value.kind in ("too-many", "damaged")


def test_size_that_no_deflated_bytes_hold() -> None:
    """A member that declares more text than its bytes can make is refused unread."""
    packed = deflate(bytes(1 << 20))
    most = 1032 * len(packed)
    assert parse(build(packed, most)).pick(None).size == most
    with pytest.raises(ZipError) as caught:
        parse(build(packed, most + 1)).pick(None)
    assert caught.value.kind == "bomb"


@pytest.mark.parametrize(("count", "end"), [(20, "'19'"), (21, "'19' and 1 more")])
def test_error_lists_some_members(count: int, end: str) -> None:
    """An error names twenty members, both ends of each, and counts the others."""
    long = "n" * 79
    data = make_zip(dict.fromkeys([long, *map(str, range(1, count))], b""))
    with pytest.raises(ZipError) as caught:
        parse(data).pick("x")
    short = f"'{'n' * 37} ... {'n' * 36}'"
    names = ", ".join([short, *(f"'{n}'" for n in range(1, 19))])
    assert str(caught.value).endswith(f"name one of {names}, {end}")


def test_error_does_not_grow_with_names() -> None:
    """A list of names in an error is short, however long the names are."""
    for letter in ("n", "\1"):
        data = pack(*(letter * 60_000 + str(number) for number in range(25)))
        for name in ("x", letter * 60_000, None):
            with pytest.raises(ZipError) as caught:
                parse(data).pick(name)
            assert len(str(caught.value)) < 2000


@pytest.mark.parametrize(
    "change",
    [
        lambda data: patch(data, CENTRAL, 8, b"\1"),
        lambda data: patch(data, CENTRAL, 10, b"\x0e"),
        lambda data: patch(data, LOCAL, 30, b"x"),
        lambda data: patch(data, LOCAL, 30 + 60_000, b"\xff" * 9),
        lambda data: patch(data, LOCAL, 30 + 60_000, bytes(9)),
        lambda data: data.replace(b"\1" * 60_000, b"\1" * 59_998 + b"\0\1"),
        lie_about_size,
        lie_about_crc,
    ],
)
def test_error_shortens_the_name_of_a_member(change: Callable[[bytes], bytes]) -> None:
    """Whatever is wrong with a member of a long name, the error is short."""
    with pytest.raises(ZipError, match="member '") as caught:
        read(change(pack("\1" * 60_000)))
    assert len(str(caught.value)) < 300


EMPTY = make_zip({})


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (
            patch(pack("a.txt"), b"PK\5\6", 12, struct.pack("<L", 46 + 5 + 1)),
            "does not end where",
        ),
        (pack("a.txt").replace(b"PK\5\6", bytes(99) + b"PK\5\6"), "does not end where"),
        (patch(pack("a.txt"), b"PK\5\6", 8, b"\2\0\2\0"), "too short for its members"),
        (patch(EMPTY, b"PK\5\6", 8, b"\1\0\1\0"), "too short for its members"),
        (b"PK\6\7" + bytes(16) + EMPTY, "zip64 end record is not where"),
    ],
)
def test_damage_of_the_end_is_named(data: bytes, words: str) -> None:
    """What cannot be right about an end record is said, before more is read."""
    with pytest.raises(ZipError, match=words):
        parse(data)


def test_zip64_record_that_lies() -> None:
    """A zip64 record that is not just before its locator is damage, and not sought."""
    data = pack_zip64("a.txt")
    for offset in (len(data), 1 << 62):
        beyond = patch(data, b"PK\x06\x07", 8, struct.pack("<Q", offset))
        with pytest.raises(ZipError) as caught:
            parse(beyond)
        assert caught.value.kind == "damaged"
    with pytest.raises(ZipError) as caught:
        read_directory(End(data[-42:], 1 << 30))
    assert caught.value.kind == "damaged"


def test_a_comment_that_ends_like_a_zip64_directory() -> None:
    """A locator at the end of the last comment would be taken for the archive's own."""
    data = pack_zip64("a.txt")
    end = data.index(b"PK\6\6")
    comment = struct.pack("<4sLQL", b"PK\6\7", 0, 0, 1)
    longer = patch(data[:end], CENTRAL, 32, struct.pack("<H", len(comment))) + comment
    size, start = len(longer) - data.index(CENTRAL), data.index(CENTRAL)
    tail = patch(data[end:], b"PK\6\6", 40, struct.pack("<2Q", size, start))
    tail = patch(tail, b"PK\6\7", 8, struct.pack("<Q", len(longer)))
    with pytest.raises(ZipError, match="ends like a zip64 directory") as caught:
        parse(longer + tail)
    assert caught.value.kind == "damaged"


def test_cut_member() -> None:
    """A member whose bytes end early is an error, wherever they end."""
    data = pack("a.txt")
    entry = parse(data).pick(None)
    for end in range(entry.limit):
        with pytest.raises(ZipError) as caught:
            list(entry.read(split(data[:end])))
        assert caught.value.kind == "cut"


# --- arbitrary damage

SEEDS = [
    pack_zip64("a.txt", "b.txt"),
    pack("a.txt", "b.txt"),
    pack("a.txt", method=zipfile.ZIP_STORED, comment=b"PK\x05\x06 comment"),
    pack(*(f"{number}.txt" for number in range(20))),
]
FUZZING = settings(max_examples=300, deadline=None, database=None)


def read_everything(data: bytes) -> None:
    """Read all that a damaged archive still shows; only ZipError may come of it."""
    try:
        found = parse(data)
    except ZipError:
        return
    for entry in found.members:
        try:
            found.pick(entry.name)
            raw = split(data[entry.offset : entry.end])
            assert len(b"".join(entry.read(raw))) == entry.size
        except ZipError:
            pass


@FUZZING
@given(st.binary(max_size=200))
def test_arbitrary_bytes(data: bytes) -> None:
    """Any bytes at all end in a directory or in the error of the module."""
    read_everything(data)


@FUZZING
@given(st.binary(max_size=200), st.integers(0, 4), st.integers(0, 100))
def test_arbitrary_bytes_before_an_end_record(
    data: bytes, count: int, offset: int
) -> None:
    """A valid end record behind any bytes ends likewise."""
    numbers = (0, 0, count, count, len(data) - offset if offset < len(data) else 7)
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", *numbers, offset, 0)
    read_everything(data + end)


@FUZZING
@given(
    st.sampled_from(SEEDS),
    st.lists(st.tuples(st.integers(0, 1 << 16), st.binary(min_size=1, max_size=4))),
    st.integers(0, 1 << 16),
)
def test_arbitrary_damage(
    data: bytes, edits: list[tuple[int, bytes]], shown: int
) -> None:
    """A sound archive with any bytes overwritten, or cut off, ends likewise."""
    damaged = bytearray(data)
    for at, piece in edits:
        at %= len(data)
        damaged[at : at + len(piece)] = piece
    read_everything(bytes(damaged))
    read_everything(bytes(damaged[: shown % len(data)]))


@FUZZING
@given(
    st.sampled_from(SEEDS),
    st.integers(0, 400),
    st.integers(0, 255),
    st.integers(0, 1 << 16),
)
def test_lying_end_record(seed: bytes, at: int, value: int, total: int) -> None:
    """Any one byte of the records at the end may lie, and so may all offsets."""
    data = bytearray(seed)
    data[-1 - at] = value
    read_everything(bytes(data))
    read_everything(bytes(total) + bytes(data))
