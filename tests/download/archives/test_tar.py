"""Reading members of tar archives: named exactly, or the only file."""

import io
import tarfile
from collections.abc import Mapping

import pytest

from glove_registry.download.archives import TarMember, is_tar, list_tar_members
from glove_registry.errors import FormatError


def pack(files: Mapping[str, bytes], form: int = tarfile.GNU_FORMAT) -> bytes:
    """Make an archive of files, and of folders if their names end in a slash."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=form) as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            info.type = tarfile.DIRTYPE if name.endswith("/") else tarfile.REGTYPE
            archive.addfile(info, io.BytesIO(content))
    return packed.getvalue()


def read(data: bytes, member: str | None = None) -> bytes:
    """Read a member to its end, in small pieces."""
    found = TarMember(io.BytesIO(data), member)
    return b"".join(iter(lambda: found.read(3), b""))


def test_a_member_is_found_by_its_name() -> None:
    """Each member is read whole, with or without the ./ that tar puts before it."""
    data = pack({"./a": b"text a", "d/": b"", "./d/b": b"text b"})
    assert read(data, "a") == read(data, "./a") == b"text a"
    assert read(data, "d/b") == b"text b"
    assert list_tar_members(io.BytesIO(data)) == [("a", 6), ("d/b", 6)]


@pytest.mark.parametrize("most", [1, 100, 511, 513])
def test_an_archive_that_arrives_in_pieces(most: int) -> None:
    """A member is read whole, however few bytes a read of the archive returns."""

    class Dripping(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return super().read(min(size or most, most))

    found = TarMember(Dripping(pack({"d/": b"", "a": b"text a" * 500})), "a")
    assert b"".join(iter(lambda: found.read(700), b"")) == b"text a" * 500


@pytest.mark.parametrize("shadow", ["__MACOSX/a", "d/._a", "._a", "d/.DS_Store"])
def test_the_only_file_needs_no_name(shadow: str) -> None:
    """Neither folders nor the files that macOS adds count as files."""
    data = pack({"d/": b"", shadow: b"no", "a": b"text a"})
    assert read(data) == b"text a"
    assert list_tar_members(io.BytesIO(data)) == [("a", 6)]


@pytest.mark.parametrize("other", ["b", "d/__MACOSX/a", "a._b", "DS_Store"])
def test_several_files_need_a_name(other: str) -> None:
    """A second file is noticed at the end, and both are named."""
    with pytest.raises(FormatError, match=f"'a', '{other}': name one of them"):
        read(pack({"a": b"1", other: b"2"}))


def test_a_name_that_is_there_twice() -> None:
    """A second member of the same name is noticed, wherever it is."""
    data = pack({"a": b"1", "b": b"2"})[: 4 * 512] + pack({"a": b"3"})
    with pytest.raises(FormatError, match="2 members called 'a'"):
        read(data, "a")


def test_no_file() -> None:
    """An archive of folders alone has no file to read, whatever its name."""
    data = pack({"d/": b""})
    with pytest.raises(FormatError, match="holds no file"):
        read(data)
    with pytest.raises(FormatError, match="no member 'a': it holds nothing"):
        read(data, "a")


@pytest.mark.parametrize(("count", "end"), [(20, "'a19'$"), (21, r"'a19', \.\.\.$")])
def test_an_error_lists_some_names(count: int, end: str) -> None:
    """An error names twenty members, and says if there are more."""
    data = pack({f"a{number}": b"" for number in range(count)})
    with pytest.raises(FormatError, match=f"it holds 'a0', .*{end}"):
        read(data, "b")


@pytest.mark.parametrize("letter", ["n", "\1"])
def test_an_error_does_not_grow_with_names(letter: str) -> None:
    """What is wrong is said in short, however long the names are."""
    name = letter * 60_000
    data = pack({f"{name}{number}": b"" for number in range(25)})
    twice = pack({name: b""})[: 512 + 60_416 + 512] + pack({name: b""})
    for archive, member in [(data, "x"), (data, name), (data, None), (twice, name)]:
        with pytest.raises(FormatError) as caught:
            read(archive, member)
        assert len(str(caught.value)) < 2000
    block = pack_block(tarfile.GNUTYPE_LONGNAME, name.encode())
    with pytest.raises(FormatError, match="is a link or a device") as caught:
        read(block + make_header(tarfile.SYMTYPE, 0), name)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("form", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_a_long_name_is_read_and_an_endless_one_is_not(form: int) -> None:
    """A name of up to 64 KiB is a name, and a longer one is not read at all."""
    name = "a" * 60_000
    assert read(pack({name: b"text"}, form), name) == b"text"
    with pytest.raises(FormatError, match=r"a name of 70,.* at most 65,536"):
        read(pack({"a" * 70_000: b"text"}, form))


def test_the_longest_name() -> None:
    """The limit is met by what is just as long."""
    name = "a" * 65_535  # and a zero byte
    assert read(pack({name: b"text"}), name) == b"text"


def test_too_many_files() -> None:
    """Ten thousand files are read, and one more is too many to look through."""
    data = pack({"a": b"", "b": b""})
    first, other = data[:512], data[512:1024]
    most = first + 9_999 * other
    assert read(most, "a") == b""
    with pytest.raises(FormatError, match="more than 10,000 files"):
        read(most + other, "a")


@pytest.mark.parametrize("name", ["d/", "__MACOSX/a", "._a"])
def test_too_many_of_what_is_not_listed(name: str) -> None:
    """Folders and files of macOS are counted, too, as each takes time."""
    data = pack({name: b"", "a": b"text"})
    first, rest = data[:512], data[512:]
    assert read(9_999 * first + rest) == b"text"
    with pytest.raises(FormatError, match="more than 10,000 files and folders"):
        read(10_000 * first + rest)


def pack_block(kind: bytes, content: bytes) -> bytes:
    """Make a block that stands before the header that it is about."""
    info = tarfile.TarInfo("block")
    info.type, info.size = kind, len(content)
    return info.tobuf(tarfile.GNU_FORMAT) + content + bytes(-len(content) % 512)


def spell(*records: bytes) -> bytes:
    """Return records of an extended header, each after its own length."""
    return b"".join(b"%d %s\n" % (len(one) + 4, one) for one in records)


def test_names_have_a_limit_together() -> None:
    """What stands before headers is counted over the whole archive."""
    data = pack({"a": b"text"})
    block = pack_block(tarfile.GNUTYPE_LONGLINK, bytes(1 << 16))
    rest = pack_block(tarfile.GNUTYPE_LONGLINK, bytes(512))
    assert 254 * len(block) + len(rest) == 16_777_216
    assert read(254 * block + rest + data) == b"text"
    more = pack_block(tarfile.GNUTYPE_LONGLINK, bytes(513))
    with pytest.raises(FormatError, match="more than 16,777,216 bytes of names"):
        read(254 * block + more + data)


@pytest.mark.parametrize(
    "before",
    [
        pack_block(tarfile.GNUTYPE_SPARSE, b"1"),
        pack_block(tarfile.XHDTYPE, spell(b"GNU.sparse.map=0,x")),
        pack_block(tarfile.XHDTYPE, spell(b"GNU.sparse.size=one")),
        pack_block(tarfile.XHDTYPE, spell(b"GNU.sparse.major=1", b"path=a")),
        pack_block(tarfile.SOLARIS_XHDTYPE, spell(b"GNU.sparse.name=a")),
        pack_block(tarfile.XGLTYPE, spell(b"GNU.sparse.minor=0")),
    ],
)
def test_sparse_files_are_refused(before: bytes) -> None:
    """Of a file with holes no map is read, which may be of any size."""
    with pytest.raises(FormatError, match="holds a sparse file"):
        read(before + pack({"a": b"text"}))


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        (tarfile.XHDTYPE, spell(b"size=-512")),
        (tarfile.XHDTYPE, spell(b"size=1_0")),
        (tarfile.XHDTYPE, spell(b"size=" + b"9" * 80)),
        (tarfile.XHDTYPE, b"path=a\n"),
        (tarfile.XHDTYPE, b"0 path=a\n"),
        (tarfile.XHDTYPE, b"7 path=a\n"),
        (tarfile.XHDTYPE, b"99 path=a\n"),
        (tarfile.XHDTYPE, b"9 path=ab"),
        (tarfile.XHDTYPE, b"7 path="),
        (tarfile.XHDTYPE, b"5 pa\n9 path=b\n"),
        (tarfile.XHDTYPE, spell(b"path=a") + b"0 path=a\n"),
        (tarfile.XHDTYPE, b"8 path=\n"),
        (tarfile.XHDTYPE, spell(b"path=a\0b")),
        (tarfile.GNUTYPE_LONGNAME, b""),
        (tarfile.XHDTYPE, b"9" * 5000 + b" path=a\n"),
        (tarfile.XGLTYPE, spell(b"path=a")),
        (tarfile.XGLTYPE, spell(b"size=4")),
    ],
)
def test_odd_extended_headers_are_damage(kind: bytes, content: bytes) -> None:
    """What readers may take differently is refused."""
    with pytest.raises(tarfile.TarError):
        read(pack_block(kind, content) + pack({"a": b"text"}))


OLD = pack_block(tarfile.GNUTYPE_LONGNAME, b"b\0")
NEW = pack_block(tarfile.XHDTYPE, spell(b"path=b", b"size=2", b"mtime=0.5"))


@pytest.mark.parametrize("blocks", [OLD + NEW, NEW + OLD, OLD + OLD + NEW])
def test_names_and_sizes_before_a_header_outrank_it(blocks: bytes) -> None:
    """A member has the name and the size that are said before its header."""
    assert read(blocks + pack({"a": b"text"}), "b") == b"te"


OTHER_OLD = pack_block(tarfile.GNUTYPE_LONGNAME, b"c\0")
OTHER_NEW = pack_block(tarfile.XHDTYPE, spell(b"path=c"))


@pytest.mark.parametrize(
    ("one", "other"), [(OLD, OTHER_OLD), (OLD, OTHER_NEW), (NEW, OTHER_OLD)]
)
def test_two_names_for_one_file(one: bytes, other: bytes) -> None:
    """Of two names, GNU tar takes the last and Python the first: they are refused."""
    for blocks in (one + other, other + one):
        with pytest.raises(tarfile.TarError, match="or two"):
            read(blocks + pack({"a": b"text"}))


@pytest.mark.parametrize("kind", [tarfile.XHDTYPE, tarfile.SOLARIS_XHDTYPE])
@pytest.mark.parametrize("records", [b"", spell(b"path=b"), spell(b"size=3")])
def test_two_extended_headers_for_one_file(kind: bytes, records: bytes) -> None:
    """GNU tar forgets the first one, whatever is in the second: they are refused."""
    other = pack_block(kind, records)
    for blocks in (NEW + other, other + NEW):
        with pytest.raises(tarfile.TarError, match="two extended headers"):
            read(blocks + pack({"a": b"text", "b": b"text"}))


def write_times(data: bytes, magic: bytes = b"ustar  \0") -> bytes:
    """Put times into a header as `tar --listed-incremental` does, and a checksum."""
    data = data[:257] + magic + data[265:345] + b"15302512474\0" * 2 + data[369:]
    total = sum(data[:148]) + 8 * ord(" ") + sum(data[156:512])
    return data[:148] + b"%06o\0 " % total + data[156:]


def test_an_incremental_archive_of_gnu_tar() -> None:
    """Times in a header are no part of the name, which POSIX alone has there."""
    for magic in (b"ustar  \0", bytes(8), b"ustar 00"):
        data = write_times(pack({"v.txt": b"text"}), magic)
        assert read(data, "v.txt") == read(data) == b"text"
    posix = pack({f"{'d' * 60}/{'e' * 60}": b"text"}, tarfile.USTAR_FORMAT)
    assert read(posix, f"{'d' * 60}/{'e' * 60}") == b"text"


@pytest.mark.parametrize(("kind", "content"), [(b"D", b"Ya\0\0"), (b"V", b"")])
def test_what_gnu_tar_writes_beside_files(kind: bytes, content: bytes) -> None:
    """The list of a folder's names and the label of an archive are no files."""
    data = pack_block(kind, content) + pack({"a": b"text"})
    assert read(data) == b"text"
    assert list_tar_members(io.BytesIO(data)) == [("a", 4)]


def test_a_block_of_names_needs_its_header() -> None:
    """An archive that ends where a file's header should be is damaged."""
    block = pack_block(tarfile.GNUTYPE_LONGNAME, b"b\0")
    for end in (b"", bytes(1024)):
        with pytest.raises(tarfile.TarError, match="missing"):
            read(pack({"a": b"text"})[:1024] + block + end)


def make_header(kind: bytes, size: int, name: str = "b") -> bytes:
    """Make a header alone, whatever size it states."""
    info = tarfile.TarInfo(name)
    info.type, info.size, info.linkname = kind, size, "c"
    return info.tobuf(tarfile.GNU_FORMAT)


NOT_FILES = [
    *(tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE),
    *(tarfile.BLKTYPE, tarfile.FIFOTYPE),
]


@pytest.mark.parametrize("size", [1, 512])
@pytest.mark.parametrize("kind", NOT_FILES)
def test_a_link_or_a_device_with_a_size(kind: bytes, size: int) -> None:
    """GNU tar skips so many bytes behind it, and Python reads headers there."""
    rest = pack({"a": b"text"})
    assert read(make_header(kind, 0) + rest, "a") == b"text"
    sized = [pack_block(tarfile.XHDTYPE, spell(b"size=512")) + make_header(kind, 0)]
    if kind != tarfile.LNKTYPE:  # which has none to GNU tar, too
        sized.append(make_header(kind, size))
    for header in sized:
        with pytest.raises(tarfile.TarError, match="a device in it has a size"):
            read(header + rest, "a")


@pytest.mark.parametrize("kind", [tarfile.LNKTYPE, tarfile.DIRTYPE])
def test_a_size_behind_which_is_nothing(kind: bytes) -> None:
    """The size of a hard link or a folder is that of something elsewhere."""
    assert read(make_header(kind, 512) + pack({"a": b"text"}), "a") == b"text"


@pytest.mark.parametrize("kind", [tarfile.AREGTYPE, tarfile.REGTYPE])
@pytest.mark.parametrize(
    "before", [b"", pack_block(tarfile.XHDTYPE, spell(b"path=b/"))]
)
def test_a_folder_by_its_name(kind: bytes, before: bytes) -> None:
    """Bytes behind a folder of the oldest kind are skipped, as GNU tar does."""
    hidden = pack({"a": b"hidden"})[:1024]
    folder = before + make_header(kind, 1024, "b" if before else "b/") + hidden
    assert read(folder + pack({"a": b"text"}), "a") == b"text"
    assert read(folder + pack({"a": b"text"})) == b"text"


@pytest.mark.parametrize("kind", [tarfile.REGTYPE, tarfile.DIRTYPE, *NOT_FILES])
@pytest.mark.parametrize("size", [-1, -512])
@pytest.mark.parametrize("before", [b"", pack_block(tarfile.XHDTYPE, spell(b"size=0"))])
def test_a_size_below_zero(kind: bytes, size: int, before: bytes) -> None:
    """A header with a negative size is damage, whatever is said before it."""
    with pytest.raises(tarfile.TarError, match="the size of a file in it is negative"):
        read(before + make_header(kind, size) + pack({"a": b""}))


@pytest.mark.parametrize("name", ["a", "a/"])
def test_a_kind_that_nobody_knows(name: str) -> None:
    """It is one of two files of a name, as GNU tar takes it for a file."""
    data = make_header(b"Z", 0, name) + pack({"a": b"text"})
    with pytest.raises(FormatError, match="'a' is a link or a device, not a file"):
        read(data, "a")
    with pytest.raises(FormatError, match="2 members called 'a'"):
        read(pack({"a": b"text"})[:1024] + data[:512], "a")


def test_what_is_no_tar() -> None:
    """A tar is told by the checksum of its first header."""
    data = pack({"a": b"text"})
    assert is_tar(data[:512])
    assert not is_tar(bytes(512))
    assert not is_tar(b"b" + data[1:512])
    assert not is_tar(data[:511])
