"""No damage to a file or store causes wrong rows, a crash or an incomplete store."""

import bz2
import gzip
import lzma
import struct
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import damage
import pytest
from entries import SMALL
from written_files import make_zip

import glove_registry
from glove_registry.errors import FormatError


def judge(what: str, first: int, count: int) -> Counter[str]:
    """Check cases in a separate process; return how many ended in which way."""
    done = subprocess.run(
        [sys.executable, "-W", "error", damage.__file__, what, str(first), str(count)],
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    # The last line of output is the case that ended the process.
    assert done.returncode == 0, f"{done.stdout[-60:]}\n{done.stderr[-5000:]}"
    verdicts = Counter(line.split()[1] for line in done.stdout.splitlines())
    assert verdicts.total() == count
    return verdicts


@pytest.mark.parametrize(
    ("first", "count"), [(0, 200), pytest.param(200, 3000, marks=pytest.mark.slow)]
)
def test_a_damaged_file_is_read_as_it_stands_or_refused(first: int, count: int) -> None:
    """Any file gives the rows that a plain reader reads, or an error and no store."""
    verdicts = judge("files", first, count)
    # Both happen often enough to show something.
    assert min(verdicts["read"], verdicts["refused"]) > count / 5


@pytest.mark.parametrize(
    ("first", "count"), [(0, 200), pytest.param(200, 1500, marks=pytest.mark.slow)]
)
def test_a_damaged_store_is_made_anew_or_its_damage_is_known(
    first: int, count: int
) -> None:
    """Any store gives vectors or an error, and `verify` finds what differs in it.

    Only numbers can differ. Damage to a store that is mapped crashes no process.
    """
    verdicts = judge("stores", first, count)
    least = min(verdicts["whole"], verdicts["changed"], verdicts["mapped"])
    assert least > count / 50


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_a_damaged_stream_after_a_whole_one_is_not_left_out(
    pack: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    """Rows of a second stream are never missing because of a flipped bit."""
    first, second = pack(SMALL), pack(b"flim 1 1 1\n")
    path = tmp_path / "v"
    refused = 0
    for place in range(len(second)):
        changed = bytearray(second)
        changed[place] ^= 4
        path.write_bytes(first + changed)
        try:
            vectors = glove_registry.open_file(path)
        except FormatError:
            refused += 1
        else:
            assert list(vectors.tokens) == ["the", "of", "film", "flim"]
    assert refused > len(second) / 2
    path.write_bytes(first + b"something else")
    with pytest.raises(FormatError, match="damaged"):
        glove_registry.open_file(path)


def lose_name(archive: bytes) -> bytes:
    """Turn the name of the member in the directory into a comment."""
    place = archive.rindex(b"PK\1\2") + 28
    name, extra, comment = struct.unpack_from("<3H", archive, place)
    lengths = struct.pack("<3H", 0, extra, comment + name)
    return archive[:place] + lengths + archive[place + 6 :]


def point(offset: int, signature: bytes, value: int) -> Callable[[bytes], bytes]:
    """Return a function that changes an offset in an archive."""

    def change(archive: bytes) -> bytes:
        place = archive.rindex(signature) + offset
        return archive[:place] + struct.pack("<I", value) + archive[place + 4 :]

    return change


@pytest.mark.parametrize(
    "change",
    [
        lose_name,
        point(16, b"PK\5\6", 5000),
        point(12, b"PK\5\6", 5000),
        point(42, b"PK\1\2", 0xFFFFFFF0),
        point(30, b"PK\1\2", 0xAAAA),
    ],
    ids=["no name", "negative place", "long directory", "far place", "long record"],
)
def test_an_archive_that_misleads_its_readers_is_refused(
    change: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    """A directory that contradicts the rest of the archive is an error."""
    path = tmp_path / "v.zip"
    path.write_bytes(change(make_zip(SMALL)))
    with pytest.raises(FormatError, match=r"v\.zip: .*(damaged|differs|overlap)"):
        glove_registry.open_file(path)


def test_a_name_that_is_not_utf8_hides_nothing(tmp_path: Path) -> None:
    """A member is read whatever the bytes of its name are."""
    path = tmp_path / "v.zip"
    path.write_bytes(make_zip(SMALL).replace("ö".encode(), b"\xc3("))
    assert len(glove_registry.open_file(path)) == 3


def test_a_word_can_begin_as_a_container_does(tmp_path: Path) -> None:
    """A file whose first word begins with the letters of bz2 is text."""
    path = tmp_path / "v.txt"
    path.write_bytes(b"BZh9 1 2\nBZhou 3 4\n")
    assert list(glove_registry.open_file(path).tokens) == ["BZh9", "BZhou"]
