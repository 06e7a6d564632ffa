"""`open_file` does for any local file what `load` does for an entry."""

import bz2
import errno
import gzip
import json
import lzma
import os
import shutil
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from entries import SMALL, list_files, sha256, write_registry
from fault_server import FaultServer
from odd_files import tar
from written_files import CONTAINERS, FORMS
from zips import make_zip
from zstd_module import zstd

import glove_registry
from glove_registry import Registry, errors

WORDS = ["the", "of", "film"]
VALUES = np.array([[1, 2, 3], [-1, 0.5, 2e-3], [0, 0, 1]], np.float32)
ROWS = [(w.encode(), [str(x) for x in v]) for w, v in zip(WORDS, VALUES, strict=True)]


@pytest.mark.parametrize("named", [False, True], ids=["found", "named"])
@pytest.mark.parametrize("container", CONTAINERS)
@pytest.mark.parametrize("form", FORMS)
def test_each_form_in_each_container(
    form: str, container: str, named: bool, tmp_path: Path
) -> None:
    """GloVe, word2vec text and binary, however packed, give the same vectors."""
    path = tmp_path / "vectors of mine.dat"
    content = FORMS[form](ROWS)
    path.write_bytes(CONTAINERS[container](content))

    vectors = glove_registry.open_file(
        path,
        format=form if named else None,  # type: ignore[arg-type]
    )

    assert list(vectors.tokens) == WORDS
    assert vectors.matrix.tobytes() == VALUES.tobytes()
    assert vectors.provenance["url"] == path.as_uri()
    assert vectors.provenance["url_sha256"] == sha256(path.read_bytes())
    assert vectors.provenance["sha256"] == sha256(content)


def write_two_releases(folder: Path) -> Path:
    """Write two texts of known releases beside their registry."""
    entries = ""
    for name, text in (("lab.3d", SMALL), ("lab.two", b"a 1 2\nb 3 4\n")):
        (folder / f"{name}.txt").write_bytes(text)
        entries += f"  {name}:\n    url: ./{name}.txt\n    sha256: {sha256(text)}\n"
    registry = folder / "registry.yaml"
    registry.write_text(f"variants:\n{entries}")
    return registry


def test_the_file_of_a_release_is_recognized(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It opens; the log says once how to have what the registry knows of it."""
    monkeypatch.setenv("GLOVE_REGISTRY_PATH", str(write_two_releases(tmp_path)))
    path = tmp_path / "a copy.txt"
    path.write_bytes(SMALL)
    for _ in range(2):
        assert list(glove_registry.open_file(path)) == WORDS
    [told] = caplog.messages
    assert f"`glove-registry fetch lab.3d --from '{path}'`, then load('lab.3d')" in told
    path.write_bytes(SMALL + b"x 1 1 1\n")
    assert len(glove_registry.open_file(path)) == 4
    assert len(caplog.messages) == 1


def test_a_file_opens_whatever_the_registries_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Vectors of one's own need no registry: one that is invalid does not matter."""
    monkeypatch.setenv("GLOVE_REGISTRY_PATH", str(tmp_path / "none.yaml"))
    (tmp_path / "mine.txt").write_bytes(SMALL)
    assert len(glove_registry.open_file(tmp_path / "mine.txt")) == 3


def test_the_archive_of_several_releases_names_that_of_the_member(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing is said before it is opened; of one text, all names are."""
    path = tmp_path / "two.zip"
    path.write_bytes(make_zip({"a.txt": SMALL, "b.txt": b"a 1 2\nb 3 4\n"}))
    digest = sha256(path.read_bytes())
    entries = "".join(
        f"  {name}:\n    url: ./two.zip\n    sha256: {digest}\n"
        f"    member: {{name: {member}.txt}}\n"
        for name, member in [("z.a", "a"), ("z.b", "b"), ("z.c", "b")]
    )
    registry = tmp_path / "registry.yaml"
    registry.write_text(f"variants:\n{entries}")
    monkeypatch.setenv("GLOVE_REGISTRY_PATH", str(registry))
    with pytest.raises(errors.FormatError, match="has 2 members"):
        glove_registry.open_file(path)
    assert caplog.messages == []
    for member, names in [("a.txt", "z.a"), ("b.txt", "z.b or z.c")]:
        caplog.clear()
        glove_registry.open_file(path, member=member)
        [told] = caplog.messages
        assert f"is the file of {names}: `glove-registry fetch {names[:3]} " in told


@pytest.mark.parametrize("offline", ["0", "1"])
def test_a_file_opens_without_a_request(
    offline: str,
    server: FaultServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A registry named by a URL is not fetched for it; one that is here is asked."""
    entry = f"  lab.3d:\n    url: ./small.txt\n    sha256: {sha256(SMALL)}\n"
    url = server.add("/registry.yaml", f"variants:\n{entry}".encode())
    monkeypatch.setenv("GLOVE_REGISTRY_PATH", url)
    monkeypatch.setenv("GLOVE_REGISTRY_OFFLINE", offline)
    (tmp_path / "mine.txt").write_bytes(SMALL)
    cache = tmp_path / "cache"
    assert len(glove_registry.open_file(tmp_path / "mine.txt", cache_dir=cache)) == 3
    assert server.requests == []
    assert caplog.messages == []

    assert "lab.3d" in Registry.over_default(None, cache_dir=cache, offline=False)
    (tmp_path / "copy.txt").write_bytes(SMALL)
    glove_registry.open_file(tmp_path / "copy.txt", dtype="int8", cache_dir=cache)
    assert server.requests == ["/registry.yaml"]
    assert "is the file of lab.3d" in caplog.messages[-1]


def test_the_text_of_another_release_is_named(tmp_path: Path) -> None:
    """A file that is not that of the variant, but of another, is said to be its."""
    registry = write_two_releases(tmp_path)
    with pytest.raises(errors.ChecksumError, match=r"This is the file of lab\.two$"):
        glove_registry.fetch(
            "lab.3d", registry=registry, from_file=tmp_path / "lab.two.txt"
        )
    (tmp_path / "other.txt").write_bytes(b"c 1 2\n")
    with pytest.raises(errors.ChecksumError) as caught:
        glove_registry.fetch(
            "lab.3d", registry=registry, from_file=tmp_path / "other.txt"
        )
    assert "This is the file" not in str(caught.value)


def test_the_path_of_a_release_as_a_name_leads_to_fetch(tmp_path: Path) -> None:
    """load() of a file that is called as a release says how to bring it."""
    folder = tmp_path / "my files" / ("a long name of a folder" * 5)
    folder.mkdir(parents=True)
    path = folder / "glove.6B.50d.txt"
    path.write_bytes(SMALL)
    with pytest.raises(
        errors.UnknownVariantError,
        match=rf"open_file.*`glove-registry fetch glove\.6B\.50d --from '{path}'`",
    ):
        glove_registry.load(str(path))


def in_parts(pack: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    """Pack a large file in streams one after another, by all processors."""

    def pack_parts(content: bytes) -> bytes:
        size = 8 << 20
        parts = [content[i : i + size] for i in range(0, len(content), size)]
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            return b"".join(pool.map(pack, parts))

    return pack_parts


def zip_fast(content: bytes) -> bytes:
    """Return a quickly made archive of one file."""
    return make_zip({"glove.6B.50d.txt": content}, level=1)


# 171 MB are packed as fast as each container can be.
FAST: dict[str, Callable[[bytes], bytes]] = {
    "plain": bytes,
    "zip": zip_fast,
    "gz": in_parts(lambda part: gzip.compress(part, 1)),
    "bz2": in_parts(lambda part: bz2.compress(part, 1)),
    "xz": in_parts(lambda part: lzma.compress(part, preset=0)),
    "zst": in_parts(lambda part: zstd.compress(part, 1)),
}


def hash_store(path: Path, cache: Path) -> dict[str, str]:
    """Open a file; return the sha256 of each file of its store."""
    glove_registry.open_file(path, cache_dir=cache)
    (store,) = (cache / "stores").iterdir()
    manifest = json.loads((store / "manifest.json").read_text())
    hashes = {}
    for name in manifest["files"]:
        file = store / name
        # The header of an array follows from the manifest, and is not hashed.
        is_array = file.suffix == ".npy"
        content = np.load(file).tobytes() if is_array else file.read_bytes()
        hashes[name] = sha256(content)
    assert hashes == {name: f["sha256"] for name, f in manifest["files"].items()}
    assert {file.name for file in store.iterdir()} == {*hashes, "manifest.json"}
    # Half a gigabyte a time would add up.
    path.unlink()
    shutil.rmtree(cache)
    return hashes


@pytest.fixture(scope="module")
def real_store(
    real_text: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, str]:
    """The hashes of the store that is made of the official text as it is."""
    folder = tmp_path_factory.mktemp("plain")
    (folder / "link.txt").symlink_to(real_text)
    return hash_store(folder / "link.txt", folder / "cache")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("form", "container"),
    [
        *(("glove", container) for container in FAST if container != "plain"),
        *(("word2vec", "plain"), ("word2vec-binary", "plain")),
    ],
)
def test_the_real_file_gives_the_same_store_in_every_form_and_container(
    form: str,
    container: str,
    real_text: Path,
    real_store: dict[str, str],
    tmp_path: Path,
) -> None:
    """The official text becomes the same store, bit for bit, in any container."""
    content = real_text.read_bytes()
    header = b"400000 50\n"
    if form == "word2vec":
        content = header + content
    if form == "word2vec-binary":
        rows = (line.split(b" ") for line in content.split(b"\n")[:-1])
        content = header + b"".join(
            token + b" " + struct.pack("<50f", *map(float, numbers)) + b"\n"
            for token, *numbers in rows
        )
    path = tmp_path / "packed"
    path.write_bytes(FAST[container](content))
    del content
    assert hash_store(path, tmp_path / "cache") == real_store


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
    """A changed file is compiled again, and the old vectors stay usable."""
    path = tmp_path / "v.txt"
    path.write_bytes(SMALL)
    old = glove_registry.open_file(path)
    stat = path.stat()
    path.write_bytes(SMALL.replace(b"film", b"flim"))
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert "flim" in glove_registry.open_file(path)
    assert "film" in old


def test_members_and_formats_are_kept_apart(tmp_path: Path) -> None:
    """Two members of a zip, and two ways to read a text, are four stores."""
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
    """A missing file, a folder and a file without vectors are clear errors."""
    with pytest.raises(errors.FetchError, match=os.strerror(errno.ENOENT)):
        glove_registry.open_file(tmp_path / "missing.txt")
    with pytest.raises(errors.FetchError, match="is a folder"):
        glove_registry.open_file(tmp_path)
    path = tmp_path / "page.html"
    path.write_bytes(b"<!DOCTYPE html>\n<html></html>\n")
    with pytest.raises(errors.FormatError, match=r"page\.html.*line 1"):
        glove_registry.open_file(path)
    assert [f for f in list_files(cache_root) if not f.startswith("hashes")] == []


DAMAGED = {
    "a changed byte in a zip": make_zip({"a": SMALL}, zipfile.ZIP_STORED).replace(
        b"film", b"firm"
    ),
    "half a zip": make_zip({"a": SMALL})[:60],
    "a zip of two": make_zip({"a": SMALL, "b": SMALL}),
    "an empty zip": make_zip({}),
    "half a gz": gzip.compress(SMALL)[:-9],
    "half an xz": lzma.compress(SMALL)[:-9],
    "a tar without the member": tar("", {"a": SMALL}),
    "text without numbers": b"the\n",
}


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED)
@pytest.mark.parametrize("checksum", [True, False], ids=["verified", "trusted"])
def test_an_error_names_the_file_once(
    content: bytes, checksum: bool, tmp_path: Path
) -> None:
    """Whatever is wrong with a local file, each error has its path exactly once."""
    path = tmp_path / "vectors.dat"
    path.write_bytes(content)
    member = "missing" if content == DAMAGED["a tar without the member"] else None
    with pytest.raises(errors.FormatError) as opened:
        glove_registry.open_file(path, member=member)

    fields = {"sha256": sha256(content)} if checksum else {}
    fields |= {"member": member} if member else {}
    registry = write_registry(tmp_path, "mine", url=path.as_uri(), **fields)
    with pytest.raises((errors.FormatError, errors.FetchError)) as loaded:
        glove_registry.load("mine", registry=registry, trust_on_first_use=True)

    assert str(opened.value).startswith(f"{path}: ")
    for message in (str(opened.value), str(loaded.value)):
        assert message.count(path.name) == 1


@pytest.mark.parametrize("path", [None, 3, b"vectors.txt", ["vectors.txt"]])
def test_what_is_not_a_path_is_refused(path: object) -> None:
    """Other types than str and path-like objects are errors that show the value."""
    with pytest.raises(TypeError, match=r"path=.*: expected the path of a file"):
        glove_registry.open_file(path)  # type: ignore[arg-type]


def test_a_format_that_there_is_not_is_said(tmp_path: Path) -> None:
    """The names of formats are checked before a file is read."""
    with pytest.raises(errors.FormatError, match="expected one of glove"):
        glove_registry.open_file(tmp_path / "x", format="no-such")  # type: ignore[arg-type]


@pytest.mark.parametrize("member", [5, b"v.txt", "\ud800", "v\udcff.txt"])
def test_what_no_member_is_called_is_refused(member: str, tmp_path: Path) -> None:
    """A name that is no text is said to be none, before the file is read."""
    with pytest.raises(errors.FormatError, match="the name of a file in an archive"):
        glove_registry.open_file(tmp_path / "missing", member=member)


@pytest.mark.parametrize(
    "content",
    [SMALL, make_zip({"a": SMALL}), tar("", {"a": SMALL})],
    ids=["plain", "zip", "tar"],
)
def test_a_long_name_of_a_member_is_shortened(content: bytes, tmp_path: Path) -> None:
    """An error shows both ends of a long name, and a shorter one whole."""
    path = tmp_path / "v"
    path.write_bytes(content)
    for name, shown in [("n" * 70, "n" * 70), ("n" * 100_000, "n" * 37 + " ... n")]:
        with pytest.raises(errors.FormatError, match=f"no member '{shown}") as caught:
            glove_registry.open_file(path, member=name)
        assert len(str(caught.value)) < 500 + len(str(path))


def test_a_repeated_token_means_its_first_row(tmp_path: Path) -> None:
    """A repeated token keeps both rows and is found at the first."""
    path = tmp_path / "v.txt"
    path.write_bytes(b"a 1 0\nb 2 0\na 3 0\nb 4 0\nc 5 0\na 6 0\n")
    vectors = glove_registry.open_file(path)
    assert list(vectors.tokens) == ["a", "b", "a", "b", "c", "a"]
    assert vectors.rows(["c", "b", "a"]).tolist() == [4, 1, 0]
    assert vectors.matrix[:, 0].tolist() == [1, 2, 3, 4, 5, 6]
    assert vectors.provenance["rows"] == 6
    assert vectors.provenance["distinct"] == 3


def test_a_binary_file_without_rows_is_refused(tmp_path: Path) -> None:
    """A header alone is no file of vectors, even if it may announce any number."""
    path = tmp_path / "empty.bin"
    path.write_bytes(b"5 3\n")
    with pytest.raises(errors.FormatError, match="cut off"):
        glove_registry.open_file(path, format="word2vec-binary", rows="any")
