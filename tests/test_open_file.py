"""`open_file` does for any local file what `load` does for an entry."""

import bz2
import gzip
import io
import lzma
import os
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from entries import SMALL, list_files, sha256
from zstd_module import zstd

import glove_registry
from glove_registry import errors

WORDS = ["the", "of", "film"]
VALUES = np.array([[1, 2, 3], [-1, 0.5, 2e-3], [0, 0, 1]], np.float32)
BINARY = b"3 3\n" + b"".join(
    word.encode() + b" " + struct.pack("<3f", *row) + b"\n"
    for word, row in zip(WORDS, VALUES.tolist(), strict=True)
)
FORMS = {"glove": SMALL, "word2vec": b"3 3\n" + SMALL, "word2vec-binary": BINARY}


def zipped(content: bytes) -> bytes:
    """Put content into an archive of one."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inside", content)
    return file.getvalue()


CONTAINERS: dict[str, Callable[[bytes], bytes]] = {
    "plain": bytes,
    "zip": zipped,
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zst": zstd.compress,
}


@pytest.mark.parametrize("named", [False, True], ids=["found", "named"])
@pytest.mark.parametrize("container", CONTAINERS)
@pytest.mark.parametrize("form", FORMS)
def test_each_form_in_each_container(
    form: str, container: str, named: bool, tmp_path: Path
) -> None:
    """GloVe, word2vec text and binary, however packed, give the same vectors."""
    path = tmp_path / "vectors of mine.dat"
    path.write_bytes(CONTAINERS[container](FORMS[form]))

    vectors = glove_registry.open_file(
        path,
        format=form if named else None,  # type: ignore[arg-type]
    )

    assert list(vectors.tokens) == WORDS
    assert vectors.matrix.tobytes() == VALUES.tobytes()
    assert vectors.provenance["url"] == path.as_uri()
    assert vectors.provenance["url_sha256"] == sha256(path.read_bytes())
    assert vectors.provenance["sha256"] == sha256(FORMS[form])


@pytest.mark.slow
@pytest.mark.parametrize("container", CONTAINERS)
@pytest.mark.parametrize("form", FORMS)
def test_the_real_file_is_the_same_in_every_form_and_container(
    form: str, container: str, real_text: Path, tmp_path: Path
) -> None:
    """30,000 real rows give the same arrays, however written and packed."""
    with real_text.open("rb") as file:
        lines = [next(file) for _ in range(30_000)]
    text = b"".join(lines)
    plain = tmp_path / "plain.txt"
    plain.write_bytes(text)
    expected = glove_registry.open_file(plain)
    header = b"30000 50\n"
    if form == "word2vec":
        text = header + text
    if form == "word2vec-binary":
        rows = [line.split(b" ") for line in lines]
        text = header + b"".join(
            token + b" " + np.array([float(n) for n in numbers], "<f4").tobytes()
            for token, *numbers in rows
        )
    packed = tmp_path / "packed"
    packed.write_bytes(CONTAINERS[container](text))

    found = glove_registry.open_file(packed)

    assert found.matrix.tobytes() == expected.matrix.tobytes()
    assert list(found.tokens) == list(expected.tokens)


def test_a_second_opening_reads_nothing_of_the_file(tmp_path: Path) -> None:
    """An unchanged file is neither hashed nor parsed again, nor is pooch imported."""
    path = tmp_path / "v.txt"
    path.write_bytes(SMALL)
    glove_registry.open_file(path)
    path.chmod(0o644)  # touches ctime: hashed once more, compiled no more
    glove_registry.open_file(path)
    before = path.stat().st_atime_ns
    code = (
        "import sys, glove_registry\n"
        "vectors = glove_registry.open_file(sys.argv[1])\n"
        "assert 'film' in vectors\n"
        "print(sorted({'pooch', 'requests', 'pyarrow', 'keras'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "[]\n"
    assert path.stat().st_atime_ns == before


def test_a_changed_file_is_compiled_anew(tmp_path: Path) -> None:
    """A file that is written to gives its new vectors, the old ones stay usable."""
    path = tmp_path / "v.txt"
    path.write_bytes(SMALL)
    old = glove_registry.open_file(path)
    stat = path.stat()
    path.write_bytes(SMALL.replace(b"film", b"flim"))
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert "flim" in glove_registry.open_file(path)
    assert "film" in old


def test_members_and_formats_are_kept_apart(tmp_path: Path) -> None:
    """Two members of a zip, and two readings of a text, are four stores."""
    path = tmp_path / "two.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a", b"2 3\nx 1\n")
        archive.writestr("b", SMALL)
    with pytest.raises(errors.FormatError, match="'a', 'b'"):
        glove_registry.open_file(path)
    assert list(glove_registry.open_file(path, member="b").tokens) == WORDS
    glove = glove_registry.open_file(path, member="a", format="glove")
    assert list(glove.tokens) == ["2", "x"]
    with pytest.raises(errors.FormatError, match="line 2: expected 3 numbers"):
        glove_registry.open_file(path, member="a", format="word2vec")


def test_what_cannot_be_opened_is_said(tmp_path: Path, cache_root: Path) -> None:
    """A missing file, a folder, and a file of no vectors are one clear error each."""
    with pytest.raises(errors.FetchError, match="No such file"):
        glove_registry.open_file(tmp_path / "missing.txt")
    with pytest.raises(errors.FetchError, match="directory"):
        glove_registry.open_file(tmp_path)
    path = tmp_path / "page.html"
    path.write_bytes(b"<!DOCTYPE html>\n<html></html>\n")
    with pytest.raises(errors.FormatError, match=r"page\.html.*line 1"):
        glove_registry.open_file(path)
    assert [f for f in list_files(cache_root) if not f.startswith("stamps")] == []


def test_a_format_that_there_is_not_is_said(tmp_path: Path) -> None:
    """The names of formats are checked before a file is read."""
    with pytest.raises(errors.FormatError, match="expected one of glove"):
        glove_registry.open_file(tmp_path / "x", format="csv")  # type: ignore[arg-type]


def test_a_repeated_token_means_its_first_row(tmp_path: Path) -> None:
    """A token that stands there twice keeps both rows and is found at the first one."""
    path = tmp_path / "v.txt"
    path.write_bytes(b"a 1 0\nb 2 0\na 3 0\nb 4 0\nc 5 0\na 6 0\n")
    vectors = glove_registry.open_file(path)
    assert list(vectors.tokens) == ["a", "b", "a", "b", "c", "a"]
    assert vectors.rows(["c", "b", "a"]).tolist() == [4, 1, 0]
    assert vectors.matrix[:, 0].tolist() == [1, 2, 3, 4, 5, 6]
    assert vectors.provenance["rows"] == 6
    assert vectors.provenance["distinct"] == 3
