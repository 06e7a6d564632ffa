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


def test_what_is_no_tar() -> None:
    """A tar is told by the checksum of its first header."""
    data = pack({"a": b"text"})
    assert is_tar(data[:512])
    assert not is_tar(bytes(512))
    assert not is_tar(b"b" + data[1:512])
    assert not is_tar(data[:511])
