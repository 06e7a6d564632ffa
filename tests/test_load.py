"""`load` returns the right vectors or raises, and leaves nothing incomplete."""

import bz2
import gzip
import json
import lzma
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest
from entries import SMALL, list_files, sha256, write_registry
from fault_server import FaultServer
from zips import make_zip
from zstd_module import zstd

import glove_registry
from glove_registry import errors

SAMPLE = "glove.6B.50d-first10k"


CONTAINERS = {
    "txt": SMALL,
    "txt.gz": gzip.compress(SMALL),
    "txt.bz2": bz2.compress(SMALL),
    "txt.xz": lzma.compress(SMALL),
    "txt.zst": zstd.compress(SMALL),
    "zip": make_zip({"only": SMALL}),
    # The content is recognised by its bytes, not by its name.
    "misnamed.txt": gzip.compress(SMALL),
}


@pytest.mark.parametrize("name", CONTAINERS)
def test_every_container_gives_the_same_store(
    name: str, tmp_path: Path, cache_root: Path, server: FaultServer
) -> None:
    """A text loads alike from a plain file, a gz, bz2, xz or an archive of one."""
    content = CONTAINERS[name]
    url = server.url(name, content)
    registry = write_registry(tmp_path, "small", url=url, sha256=sha256(content))

    vectors = glove_registry.load("small", registry=registry)

    assert list(vectors.tokens) == ["the", "of", "film"]
    assert vectors.matrix.tolist() == [
        [1, 2, 3],
        [-1, 0.5, float(np.float32(2e-3))],
        [0, 0, 1],
    ]
    assert vectors.provenance["sha256"] == sha256(SMALL)
    assert vectors.provenance["url"] == url
    (store,) = (cache_root / "stores").iterdir()
    manifest = json.loads((store / "manifest.json").read_text())
    for file, record in manifest["files"].items():
        found = (store / file).read_bytes()
        content = found[128 if file.endswith(".npy") else 0 :]  # without its header
        assert record["bytes"] == len(found)
        assert record["sha256"] == sha256(content)


def test_one_member_of_several_is_taken_by_its_name(
    tmp_path: Path, server: FaultServer
) -> None:
    """Of an archive of several texts the entry's member is loaded, and no other."""
    content = make_zip({"a": b"no 1 2\n", "b": SMALL})
    registry = write_registry(
        tmp_path,
        "small",
        url=server.url("a.zip", content),
        member={"name": "b", "sha256": sha256(SMALL), "bytes": len(SMALL)},
    )
    assert "film" in glove_registry.load("small", registry=registry)


def test_a_second_load_needs_no_network_and_no_original(
    tmp_path: Path, server: FaultServer
) -> None:
    """Once a store exists, load asks the server for nothing."""
    content = gzip.compress(SMALL)
    url = server.url("v.gz", content)
    registry = write_registry(tmp_path, "small", url=url, sha256=sha256(content))
    glove_registry.load("small", registry=registry)
    server.resources.clear()
    asked = len(server.requests)

    vectors = glove_registry.load("small", registry=registry)

    assert vectors["film"].tolist() == [0, 0, 1]
    assert len(server.requests) == asked


def test_a_warm_load_imports_nothing_it_does_not_need(cache_root: Path) -> None:
    """A second load imports neither pooch, requests, pyarrow, tqdm, YAML nor Keras."""
    glove_registry.load(SAMPLE)
    code = (
        "import glove_registry, sys\n"
        "glove_registry.load('glove.6B.50d-first10k')['film']\n"
        "heavy = {'pooch', 'requests', 'pyarrow', 'tqdm', 'yaml', 'keras',"
        " 'tensorflow'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.slow
def test_the_embedded_sample_is_the_head_of_the_real_file(real_text: Path) -> None:
    """glove.6B.50d-first10k holds the first 10,000 rows of the official text."""
    vectors = glove_registry.load(SAMPLE)
    with real_text.open("rb") as file:
        head = [next(file) for _ in range(10_000)]
    assert vectors.provenance["sha256"] == sha256(b"".join(head))
    assert list(vectors.tokens) == [line.split(b" ")[0].decode() for line in head]


@pytest.mark.slow
def test_the_real_release_is_right_to_the_bit(
    real_text: Path, real_zip: Path, tmp_path: Path, server: FaultServer
) -> None:
    """All 400,000 tokens and 20,000,000 numbers equal float32(float(text))."""
    registry = write_registry(
        tmp_path,
        "real",
        url=server.url("glove.6B.zip", real_zip),
        sha256=sha256(real_zip.read_bytes()),
        member={
            "name": "glove.6B.50d.txt",
            "sha256": glove_registry.info("glove.6B.50d").member.sha256,
        },
        dimension=50,
        rows=400_000,
    )

    vectors = glove_registry.load("real", registry=registry)

    assert len(vectors) == len(vectors.tokens) == 400_000
    tokens = []
    with real_text.open("rb") as file:
        for row, line in enumerate(file):
            token, *numbers = line[:-1].split(b" ")
            tokens.append(token.decode())
            expected = np.array([float(n) for n in numbers]).astype(np.float32)
            assert expected.tobytes() == vectors.matrix[row].tobytes(), row
    assert list(vectors.tokens) == tokens
    assert (vectors.rows(tokens) == np.arange(400_000)).all()
    missing = [token + "\u2603" for token in tokens[:20_000]]
    assert (vectors.rows(missing) == -1).all()


# -- what goes wrong ----------------------------------------------------------------


def test_wrong_bytes_are_refused_and_not_kept(
    tmp_path: Path, cache_root: Path, server: FaultServer
) -> None:
    """The error for a wrong file has both hashes and its size, and it is removed."""
    url = server.url("v.txt", SMALL)
    registry = write_registry(tmp_path, "small", url=url, sha256="a" * 64)

    with pytest.raises(errors.ChecksumError) as caught:
        glove_registry.load("small", registry=registry)

    message = str(caught.value)
    for part in ("a" * 64, sha256(SMALL), f"{len(SMALL)} bytes", url):
        assert part in message
    assert list_files(cache_root) == []


def test_a_wrong_member_in_a_right_archive_accuses_the_registry(
    tmp_path: Path, cache_root: Path, server: FaultServer
) -> None:
    """If only the member's hash is wrong, the error blames the entry."""
    content = make_zip({"a": SMALL})
    registry = write_registry(
        tmp_path,
        "small",
        url=server.url("a.zip", content),
        sha256=sha256(content),
        member={"name": "a", "sha256": "b" * 64},
    )
    with pytest.raises(errors.ChecksumError, match="please report it"):
        glove_registry.load("small", registry=registry)
    assert not (cache_root / "stores").exists()


def test_a_wrong_member_without_an_archive_hash_is_not_kept(
    tmp_path: Path, cache_root: Path, server: FaultServer
) -> None:
    """If only the member's hash is known, a wrong member is refused and removed."""
    registry = write_registry(
        tmp_path,
        "small",
        url=server.url("a.zip", make_zip({"a": SMALL})),
        member={"name": "a", "sha256": "b" * 64},
    )
    with pytest.raises(errors.ChecksumError, match=sha256(SMALL)):
        glove_registry.load("small", registry=registry)
    assert list_files(cache_root) == []


def test_a_member_larger_than_promised_is_refused(
    tmp_path: Path, cache_root: Path, server: FaultServer
) -> None:
    """Unpacking stops at the member's size in the registry."""
    bomb = make_zip({"a": b"\0" * 50_000_000})
    registry = write_registry(
        tmp_path,
        "small",
        url=server.url("a.zip", bomb),
        member={"name": "a", "sha256": "b" * 64, "bytes": 1000},
    )
    with pytest.raises(errors.FetchError):
        glove_registry.load("small", registry=registry)
    assert list_files(cache_root) == []


@pytest.mark.parametrize("name", CONTAINERS)
def test_a_file_that_arrives_cut_off_is_refused(
    name: str, tmp_path: Path, cache_root: Path, server: FaultServer
) -> None:
    """A connection that ends early leaves nothing behind."""
    content = CONTAINERS[name]
    url = server.url(name, content, cut=len(content) // 2)
    registry = write_registry(tmp_path, "small", url=url, sha256=sha256(content))
    with pytest.raises(errors.FetchError, match="small could not be fetched"):
        glove_registry.load("small", registry=registry)
    assert not (cache_root / "stores").exists()


@pytest.mark.parametrize("name", CONTAINERS)
def test_a_file_that_was_stored_cut_off_is_an_error(
    name: str, tmp_path: Path, cache_root: Path, server: FaultServer
) -> None:
    """A truncated file with the expected hash is reported as unreadable."""
    content = CONTAINERS[name][:-9]
    url = server.url(name, content)
    registry = write_registry(
        tmp_path, "small", url=url, sha256=sha256(content), rows=3
    )
    with pytest.raises(errors.FormatError, match="small"):
        glove_registry.load("small", registry=registry)
    assert not (cache_root / "stores").exists()


def test_the_next_source_is_tried_and_all_reasons_are_listed(
    tmp_path: Path, server: FaultServer
) -> None:
    """If a source fails, the next is tried; if all fail, all are listed."""
    good = server.url("v.txt", SMALL)
    missing = good.replace("v.txt", "missing.txt")
    wrong = server.url("wrong.txt", b"wrong")
    sources = [{"url": url, "sha256": sha256(SMALL)} for url in (missing, wrong, good)]
    registry = write_registry(tmp_path, "small", sources=sources)
    assert glove_registry.load("small", registry=registry).provenance["url"] == good

    del server.resources["/v.txt"]
    with pytest.raises(errors.FetchError) as caught:
        glove_registry.load("small", registry=registry, cache_dir=tmp_path / "other")
    lines = str(caught.value).splitlines()
    assert f"{missing}: the server answered 404" in lines[1]
    assert f"{wrong}: " in lines[2]
    assert sha256(b"wrong") in lines[2]
    assert good in lines[3]


def test_an_entry_without_a_checksum_is_refused(server: FaultServer) -> None:
    """Nothing is fetched that could not be verified."""
    with pytest.raises(errors.UnverifiableError, match="has no checksum"):
        glove_registry.load("glove.2024.dolma.300d")


@pytest.mark.parametrize("wrong", [{"dimension": 4}, {"rows": 4}])
def test_a_shape_that_the_entry_denies_is_refused(
    wrong: dict[str, int], tmp_path: Path, cache_root: Path, server: FaultServer
) -> None:
    """Dimension and rows must be those of the entry, cold and warm."""
    url = server.url("v.txt", SMALL)
    fields = {"url": url, "sha256": sha256(SMALL)}
    registry = write_registry(tmp_path, "small", **fields, **wrong)
    with pytest.raises(errors.FormatError):
        glove_registry.load("small", registry=registry)
    assert not (cache_root / "stores").exists()

    glove_registry.load("small", registry=write_registry(tmp_path, "small", **fields))
    registry = write_registry(tmp_path, "small", **fields, **wrong)
    with pytest.raises(errors.FormatError, match=r"correct the entry \(.*yaml:3\)"):
        glove_registry.load("small", registry=registry)


def test_a_cache_that_is_a_file_is_named(tmp_path: Path) -> None:
    """The error for an impossible cache folder names it and the variable."""
    (tmp_path / "file").write_text("")
    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(errors.CacheError, match="GLOVE_REGISTRY_CACHE") as caught:
            glove_registry.load(SAMPLE, cache_dir=folder)
        assert str(folder) in str(caught.value)


def test_a_cache_that_cannot_be_written_is_named() -> None:
    """The error of a cold load into a read-only cache folder names the folder."""
    code = (
        "import os, sys, glove_registry\n"
        "name, warm, cold = sys.argv[1:]\n"
        "glove_registry.load(name, cache_dir=warm)\n"
        # Root may write anywhere; by now all that a load imports is imported.
        "if os.getuid() == 0: os.setuid(65534)\n"
        "glove_registry.load(name, cache_dir=warm)\n"
        "try: glove_registry.load(name, cache_dir=cold)\n"
        "except glove_registry.errors.CacheError as error: print(error)"
    )
    # Not below pytest's own folders, which other users cannot enter.
    with tempfile.TemporaryDirectory() as place:
        Path(place).chmod(0o755)
        cold = Path(place, "cold")
        cold.mkdir(mode=0o555)
        done = subprocess.run(
            [sys.executable, "-c", code, SAMPLE, f"{place}/warm", str(cold)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert f"cannot use the cache folder {cold}" in done.stdout, done.stderr
        assert os.listdir(cold) == []


@pytest.mark.parametrize("file", ["vectors.npy", "index.npy", "manifest.json"])
def test_a_store_with_a_cut_file_is_made_anew(file: str, cache_root: Path) -> None:
    """A store with a truncated file is compiled again, and never mapped."""
    before = glove_registry.load(SAMPLE)["film"].tolist()
    path = next((cache_root / "stores").iterdir()) / file
    os.truncate(path, path.stat().st_size // 2)

    vectors = glove_registry.load(SAMPLE)

    assert vectors["film"].tolist() == before
    assert list_files(cache_root / "tmp") == []


def test_no_home_is_an_error_that_names_the_variable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """If there is no folder for a cache, the error names the variable to set."""
    monkeypatch.delenv("GLOVE_REGISTRY_CACHE")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)
    with pytest.raises(errors.CacheError, match="GLOVE_REGISTRY_CACHE"):
        glove_registry.load(SAMPLE)


# -- the original -------------------------------------------------------------------


def test_fetch_gives_the_authors_text(
    tmp_path: Path, cache_root: Path, server: FaultServer
) -> None:
    """Fetch unpacks the verified text beside its hash; load then needs no network."""
    content = make_zip({"../evil.txt": SMALL, "b": b"x 1\n"})
    registry = write_registry(
        tmp_path,
        "small",
        url=server.url("a.zip", content),
        sha256=sha256(content),
        member="../evil.txt",
    )
    path = glove_registry.fetch("small", registry=registry)

    assert path.read_bytes() == SMALL
    assert path.is_relative_to(cache_root / "sources")
    assert json.loads(Path(f"{path}.record").read_text())["sha256"] == sha256(SMALL)
    server.resources.clear()
    assert glove_registry.fetch("small", registry=registry) == path
    assert "film" in glove_registry.load("small", registry=registry)


def test_a_changed_original_is_not_used(tmp_path: Path, server: FaultServer) -> None:
    """An original that has been changed is fetched again."""
    content = gzip.compress(SMALL)
    registry = write_registry(
        tmp_path, "small", url=server.url("v.gz", content), sha256=sha256(content)
    )
    path = glove_registry.fetch("small", registry=registry)
    path.write_bytes(b"x 1 2 3\n")

    assert "film" in glove_registry.load("small", registry=registry)
    assert glove_registry.fetch("small", registry=registry).read_bytes() == SMALL


def test_files_take_the_permissions_of_the_umask(
    tmp_path: Path, cache_root: Path, server: FaultServer
) -> None:
    """Other users can read everything in the cache."""
    old = os.umask(0o002)
    try:
        content = gzip.compress(SMALL)
        url = server.url("v.gz", content)
        registry = write_registry(tmp_path, "small", url=url, sha256=sha256(content))
        glove_registry.load("small", registry=registry)
        glove_registry.fetch("small", registry=registry)
    finally:
        os.umask(old)
    for path in cache_root.rglob("*"):
        expected = 0o775 if path.is_dir() else 0o664
        assert path.stat().st_mode & 0o777 == expected, path


def test_file_sources_are_read_where_they_are(tmp_path: Path, cache_root: Path) -> None:
    """A file: source is verified and compiled in place; a wrong one is left alone."""
    file = tmp_path / "vectors and more.txt"
    file.write_bytes(SMALL)
    registry = write_registry(
        tmp_path, "small", url="file:vectors%20and%20more.txt", sha256=sha256(SMALL)
    )
    assert "film" in glove_registry.load("small", registry=registry)
    assert file.read_bytes() == SMALL

    wrong = write_registry(tmp_path, "wrong", url=file.as_uri(), sha256="a" * 64)
    with pytest.raises(errors.ChecksumError):
        glove_registry.load("wrong", registry=wrong)
    assert file.read_bytes() == SMALL


def test_damaged_bytes_that_nothing_vouches_for_are_not_gone_on_with(
    tmp_path: Path, server: FaultServer
) -> None:
    """If only the text has a hash, a damaged download is fetched again."""
    good = gzip.compress(SMALL)
    url = server.url("v.gz", good[:-12] + b"x" * 12)
    registry = write_registry(
        tmp_path, "small", url=url, member={"sha256": sha256(SMALL)}
    )
    with pytest.raises(errors.FetchError, match="damaged or cut off"):
        glove_registry.load("small", registry=registry)
    server.url("v.gz", good)
    assert "film" in glove_registry.load("small", registry=registry)


def test_a_damaged_local_file_is_left_for_the_next_source(
    tmp_path: Path, server: FaultServer
) -> None:
    """An unreadable file without a hash is reported, and the next source is tried."""
    for name, content in (("bad.zip", b"no zip"), ("bad.gz", b"\x1f\x8bno gz at all")):
        (tmp_path / name).write_bytes(content)
    sources = [
        {"url": "file:bad.zip"},
        {"url": "file:bad.gz"},
        {"url": server.url("good.gz", gzip.compress(SMALL))},
    ]
    registry = write_registry(
        tmp_path, "small", sources=sources, member={"sha256": sha256(SMALL)}
    )
    assert "film" in glove_registry.load("small", registry=registry)


@pytest.mark.parametrize("name", ["__main__", "no_such_package", "os"])
def test_a_package_that_has_no_files_is_said_to_have_none(
    name: str, tmp_path: Path
) -> None:
    """A package: source of no package, or of a module, is one clear error."""
    registry = write_registry(
        tmp_path, "small", url=f"package:{name}/v.txt", sha256="a" * 64
    )
    with pytest.raises(errors.FetchError, match="not installed"):
        glove_registry.load("small", registry=registry)


def test_a_home_of_nobody_is_a_folder_of_that_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A ~user that does not exist is taken as a folder's name."""
    monkeypatch.chdir(tmp_path)
    vectors = glove_registry.load(SAMPLE, cache_dir="~no-such-user/cache")
    assert "film" in vectors
    assert (tmp_path / "~no-such-user" / "cache" / "stores").is_dir()
