"""Tar archives that are damaged, also where their checksums are right again."""

import gzip
import io
import shutil
import tarfile
from pathlib import Path
from random import Random

import pytest
from damage import NUMBERS, TOKENS, damage, ignoring_warnings, use
from plain_reader import NoVectors, read_plainly
from written_files import FORMS, Row, make_quick_folder

import glove_registry
from glove_registry.errors import FormatError

FORMATS = [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT]
# Where a header has its name, mode and owner, size, type, and all else.
FIELDS = [(0, 100), (100, 124), (124, 136), (156, 157), (157, 512)]


def make_archive(random: Random) -> bytes:
    """Return a tar with a few vectors, sometimes among other files, or cut short."""
    tokens = [token for token in TOKENS if b"\0" not in token]
    dimension = random.randint(1, 3)
    rows: list[Row] = [
        (random.choice(tokens), random.choices(NUMBERS, k=dimension))
        for _ in range(random.randint(1, 8))
    ]
    content = FORMS[random.choice(list(FORMS))](rows)
    files = [(random.choice(["v.txt", "./v.txt", "é/v.txt", "x" * 150]), content)]
    if random.random() < 0.3:
        files.append((random.choice(["._v.txt", "other"]), b"abc"))
    packed = io.BytesIO()
    format = random.choice(FORMATS[1:])
    with tarfile.open(fileobj=packed, mode="w", format=format) as archive:
        for name, data in files:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    whole = packed.getvalue()
    return whole[: len(whole) - random.choice([0, 512, 1024])]


def change_header(archive: bytes, random: Random) -> bytes:
    """Change a byte of a block, and make its checksum that of a header again."""
    # Most blocks of a small archive are padding.
    at = 512 * random.choice([0, random.randrange(max(len(archive) // 512, 1))])
    block = bytearray(archive[at : at + 512])
    if len(block) < 512:
        return archive
    place = random.randrange(*random.choice(FIELDS))
    block[place] = random.choice([0, 32, 48, 49, 55, 0x80, 255, random.randrange(256)])
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return archive[:at] + block + archive[at + 512 :]


def extract(archive: bytes) -> list[bytes]:
    """Return the files that Python's own reader finds when it can seek."""
    with tarfile.open(fileobj=io.BytesIO(archive)) as opened:
        return [
            found.read()
            for info in opened
            if not Path(info.name).name.startswith("._")
            if (found := opened.extractfile(info)) is not None
        ]


@pytest.mark.parametrize("size", [1 << 40, 1 << 80])
def test_a_file_longer_than_any_disk_is_refused_at_once(
    size: int, tmp_path: Path
) -> None:
    """A header is not believed: nothing is skipped that is not there."""
    info = tarfile.TarInfo("other")
    info.size = size
    header = info.tobuf(tarfile.GNU_FORMAT)
    (tmp_path / "v.tar").write_bytes(header + bytes(2048))
    for member in (None, "v.txt"):
        with pytest.raises(FormatError, match="damaged or cut off"):
            glove_registry.open_file(tmp_path / "v.tar", member=member)


@pytest.mark.parametrize(
    ("first", "count"), [(0, 150), pytest.param(150, 2000, marks=pytest.mark.slow)]
)
def test_a_damaged_tar_is_read_as_it_stands_or_refused(first: int, count: int) -> None:
    """It gives the rows of the one file that it holds, or an error and no store."""
    verdicts = []
    with make_quick_folder() as folder:
        for number in range(first, first + count):
            random = Random(f"tar {number}")
            archive = make_archive(random)
            for _ in range(random.choice([0, 1, 1, 2])):
                if random.random() < 0.6:
                    archive = change_header(archive, random)
                else:
                    archive = damage(archive, make_archive(random), random)
            path, cache = Path(folder, "v.tar"), Path(folder, "cache")
            path.write_bytes(
                gzip.compress(archive) if random.random() < 0.2 else archive
            )
            try:
                with ignoring_warnings():
                    vectors = glove_registry.open_file(path, cache_dir=cache)
            except FormatError:
                assert [*cache.glob("stores/*"), *cache.glob("tmp/*")] == [], number
                verdicts.append("refused")
                continue
            assert use(vectors)[:2] == read_one(archive), number
            verdicts.append("read")
            shutil.rmtree(cache)
    assert min(map(verdicts.count, ("read", "refused"))) > count / 5


def read_one(archive: bytes) -> tuple[list[bytes], list[bytes]]:
    """Return the rows of the only file of an archive, or of bytes that are none."""
    try:
        (content,) = extract(archive)
    except (tarfile.TarError, ValueError):
        content = archive
    try:
        return read_plainly(content)
    except NoVectors:
        return [], []
