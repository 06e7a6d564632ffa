"""The same archive gives the same text by every way in which it can come."""

import gzip
import io
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from entries import SMALL, sha256, write_registry
from fault_server import FaultServer
from zips import make_zip

import glove_registry
from glove_registry.errors import FetchError, FormatError

OTHER = b"film 9 9 9\n"


def pack(content: bytes, comment: bytes = b"") -> bytes:
    """Make an archive of one member."""
    return make_zip({"v.txt": content}, comment=comment)


def put_before(first: bytes, content: bytes) -> bytes:
    """Make an archive behind other bytes, with places that take them into account."""
    packed = io.BytesIO()
    packed.write(first)
    with zipfile.ZipFile(packed, "a") as archive:
        archive.writestr("v.txt", content)
    return packed.getvalue()


def put_between(content: bytes, directory: bytes) -> bytes:
    """Put another directory between that of an archive and its end record."""
    archive = pack(content)
    end = archive.rindex(b"PK\5\6")
    return archive[:end] + directory + archive[end:]


def make_tar(content: bytes) -> bytes:
    """Make a tar of one member."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        info = tarfile.TarInfo("v.txt")
        info.size = len(content)
        archive.addfile(info, io.BytesIO(content))
    return packed.getvalue()


def hide_directory(content: bytes) -> bytes:
    """Put a whole other archive into the comment, so that its places are right."""
    outer = pack(content, b"-" * 400)
    before = outer.index(b"-" * 400)
    hidden = pack(OTHER)
    place = hidden.rindex(b"PK\5\6")
    moved = bytearray(hidden)
    # The directory of the hidden one lies behind all of the outer one.
    start = int.from_bytes(moved[place + 16 : place + 20], "little") + before
    moved[place + 16 : place + 20] = start.to_bytes(4, "little")
    record = moved.index(b"PK\1\2")
    moved[record + 42 : record + 46] = before.to_bytes(4, "little")
    filled = outer[:before] + bytes(moved)
    return filled + b"-" * (len(outer) - len(filled))


ARCHIVES: dict[str, tuple[Callable[[], bytes], bool]] = {
    "sound": (lambda: pack(SMALL), True),
    "commented": (lambda: pack(SMALL, b"by nobody"), True),
    "another directory in the comment": (lambda: hide_directory(SMALL), False),
    "another archive in the comment": (lambda: pack(SMALL, pack(OTHER)), False),
    "bytes before it": (lambda: b"#!/bin/sh\n" + pack(SMALL), False),
    "bytes before it, counted in": (lambda: put_before(b"#!/bin/sh\n", SMALL), False),
    "a text before it": (lambda: put_before(OTHER, SMALL), False),
    "a gzip before it": (lambda: put_before(gzip.compress(OTHER), SMALL), False),
    "something before its end": (lambda: put_between(SMALL, b"PK\1\2" * 20), False),
    "bytes behind it": (lambda: pack(SMALL) + b"\n", False),
    "another name before the data": (
        lambda: pack(SMALL).replace(b"v.txt", b"w.txt", 1),
        False,
    ),
}


@pytest.mark.parametrize("name", ARCHIVES)
def test_every_way_gives_one_text_or_none(
    name: str, server: FaultServer, tmp_path: Path
) -> None:
    """By range, as a whole and as a file, an archive is one text or an error."""
    make, is_sound = ARCHIVES[name]
    archive = make()
    path = tmp_path / "v.zip"
    path.write_bytes(archive)
    url = server.url("v.zip", archive)
    text = f"member: {{name: v.txt, sha256: {sha256(SMALL)}}}"
    entries = {
        "file": f"{{url: '{path.as_uri()}', sha256: {sha256(archive)}, member: v.txt}}",
        "range": f"{{url: '{url}', {text}}}",
        "whole": f"{{url: '{url}', sha256: {sha256(archive)}, member: v.txt}}",
    }
    registry = tmp_path / "registry.yaml"
    registry.write_text(
        "variants:\n" + "".join(f"  {way}: {entries[way]}\n" for way in entries)
    )
    for way in entries:
        cache = tmp_path / way
        if is_sound:
            vectors = glove_registry.load(way, registry=registry, cache_dir=cache)
            assert vectors.provenance["sha256"] == sha256(SMALL)
        else:
            with pytest.raises((FormatError, FetchError)):
                glove_registry.load(way, registry=registry, cache_dir=cache)
    if is_sound:
        assert len(glove_registry.open_file(path)) == 3
    else:
        with pytest.raises(FormatError):
            glove_registry.open_file(path)


def test_an_archive_that_begins_with_an_array(
    server: FaultServer, tmp_path: Path
) -> None:
    """A member that is named is found behind an array of numpy, by every way."""
    archive = make_zip({"a.npy": OTHER, "v.txt": SMALL})
    path = tmp_path / "v.zip"
    path.write_bytes(archive)
    url = server.url("v.zip", archive)
    text = f"member: {{name: v.txt, sha256: {sha256(SMALL)}}}"
    entries = [
        f"{{url: '{path.as_uri()}', member: v.txt, sha256: {sha256(archive)}}}",
        f"{{url: '{path.as_uri()}', {text}}}",
        f"{{url: '{url}', member: v.txt, sha256: {sha256(archive)}}}",
        f"{{url: '{url}', {text}}}",
    ]
    registry = tmp_path / "registry.yaml"
    for number, entry in enumerate(entries):
        registry.write_text(f"variants:\n  v: {entry}\n")
        cache = tmp_path / f"{number}"
        vectors = glove_registry.load("v", registry=registry, cache_dir=cache)
        assert vectors.provenance["sha256"] == sha256(SMALL)
        cache = tmp_path / f"{number}-fetched"
        kept = glove_registry.fetch(
            "v", registry=registry, cache_dir=cache, from_file=path
        )
        assert kept.read_bytes() == SMALL
    opened = glove_registry.open_file(path, member="v.txt", cache_dir=tmp_path / "o")
    assert opened.provenance["sha256"] == sha256(SMALL)
    with pytest.raises(FormatError, match="name one of 'a"):
        glove_registry.open_file(path, member="w.txt")


def test_a_member_that_is_an_archive_of_arrays(
    server: FaultServer, tmp_path: Path
) -> None:
    """A member in one source may be the whole file in another, and in the cache."""
    numbers = np.array([[1.0, 2], [3, 4]])
    vectors = glove_registry.from_arrays(["the", "film"], numbers, name="v")
    path = vectors.export(tmp_path / "v.npz")
    arrays = path.read_bytes()
    text = {"name": "v.npz", "sha256": sha256(arrays)}
    archive = make_zip({"v.npz": arrays})
    for way, url in [
        ("file", path.as_uri()),
        ("whole", server.url("v.tar", arrays)),
        ("range", server.url("v.zip", archive)),
    ]:
        registry = write_registry(tmp_path, "v", url=url, member=text)
        for _ in range(2):
            kept = glove_registry.fetch(
                "v", registry=registry, cache_dir=tmp_path / way
            )
            assert kept.read_bytes() == arrays
        loaded = glove_registry.load("v", registry=registry, cache_dir=tmp_path / way)
        assert loaded["film"].tolist() == [3, 4]


@pytest.mark.parametrize(
    "content",
    [
        put_before(make_tar(SMALL), OTHER),
        make_tar(SMALL) + pack(OTHER),
        gzip.compress(SMALL),
        make_zip({"v.npy.txt": SMALL}),
    ],
    ids=["tar before a zip", "tar and a zip", "gzip", "zip"],
)
@pytest.mark.parametrize("ending", ["zip", "tar", "txt"])
def test_a_file_is_what_it_begins_with(
    content: bytes, ending: str, server: FaultServer, tmp_path: Path
) -> None:
    """Neither its name nor what stands further on says what kind of file it is."""
    path = tmp_path / f"v.{ending}"
    path.write_bytes(content)
    for url in (server.url(path.name, content), path.as_uri()):
        registry = write_registry(tmp_path, "v", url=url, sha256=sha256(content))
        cache = tmp_path / url.partition(":")[0]
        vectors = glove_registry.load("v", registry=registry, cache_dir=cache)
        assert vectors.provenance["sha256"] == sha256(SMALL)
    assert len(glove_registry.open_file(path)) == 3
