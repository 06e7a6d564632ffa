"""A store of format 1 is seen, said and replaced, without the network."""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from entries import SMALL, list_files, sha256, write_registry
from fault_server import FaultServer
from old_stores import NAMES, write_old_store
from zips import make_zip

import glove_registry
from glove_registry.cache import Cache
from glove_registry.cli import main
from glove_registry.errors import CacheError, ChecksumError, OfflineError
from glove_registry.store.numbers import NumberType

# With a word twice, and one beyond ASCII.
TEXT = SMALL + b"caf\xc3\xa9 1e-8 -7.25 3\nthe 9 9 9\n"
ROWS = [
    *([1, 2, 3], [-1, 0.5, float(np.float32(2e-3))], [0, 0, 1]),
    *([float(np.float32(1e-8)), -7.25, 3], [9, 9, 9]),
]
TOKENS = ["the", "of", "film", "caf\u00e9", "the"]
ARCHIVE = make_zip({"v.txt": TEXT})
KEY = hashlib.sha256(f"{sha256(ARCHIVE)}/v.txt".encode()).hexdigest()


@pytest.fixture
def registry(tmp_path: Path, server: FaultServer) -> Path:
    """An entry whose text a server has."""
    url = server.add("/v.txt", TEXT)
    return write_registry(tmp_path, "mine", url=url, sha256=sha256(TEXT))


@pytest.fixture
def stores(cache_root: Path) -> Path:
    """The folder of the stores."""
    return cache_root / "stores"


def test_it_is_read_said_and_replaced(
    registry: Path, stores: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Offline, the old store becomes one of today with the same rows and origin."""
    old = write_old_store(stores, TEXT, name="mine")
    vectors = glove_registry.load("mine", registry=registry, offline=True)
    assert list(vectors.tokens) == TOKENS
    assert vectors.matrix.tolist() == ROWS
    assert vectors.rows(["the", "caf\u00e9", "no"]).tolist() == [0, 3, -1]
    assert vectors.provenance["url"] == "https://example.org/old"
    assert vectors.provenance["sha256"] == sha256(TEXT)
    assert vectors.provenance["registry"].endswith("registry.yaml:3")
    (new,) = stores.iterdir()
    assert new.name == f"mine-{sha256(TEXT)[:12]}-v2"
    (message,) = caplog.messages
    assert message == f"{old}, a store of format 1, was replaced by {new}"
    assert main(["verify", "--registry", str(registry)]) == 0
    glove_registry.load("mine", registry=registry, offline=True)
    assert len(caplog.messages) == 1


def test_it_becomes_what_the_text_becomes(
    registry: Path, stores: Path, tmp_path: Path
) -> None:
    """The new store has the same files as one that is compiled from the text."""
    write_old_store(stores, TEXT, name="mine")
    glove_registry.load("mine", registry=registry, offline=True)
    glove_registry.load("mine", registry=registry, cache_dir=tmp_path / "other")
    (new,), (compiled,) = stores.iterdir(), (tmp_path / "other" / "stores").iterdir()
    names = {path.name for path in compiled.iterdir()}
    assert names == {path.name for path in new.iterdir()}
    for name in names - {"manifest.json"}:
        assert (new / name).read_bytes() == (compiled / name).read_bytes(), name


@pytest.mark.parametrize("dtype", ["float16", "int8"])
def test_another_number_type_is_made_from_it(
    dtype: NumberType, registry: Path, stores: Path
) -> None:
    """Another number type is made from the old store, which then stays."""
    old = write_old_store(stores, TEXT, name="mine")
    load = partial(glove_registry.load, "mine", registry=registry, offline=True)
    vectors = load(dtype=dtype)
    assert list(vectors.tokens) == TOKENS
    assert vectors.provenance["dtype"] == dtype
    # It is needed for float32.
    assert old.is_dir()
    assert load().matrix.tolist() == ROWS
    assert not old.exists()


def test_another_name_is_served_by_it(registry: Path, stores: Path) -> None:
    """The old store of another name serves, and is replaced when that is loaded."""
    old = write_old_store(stores, TEXT, name="second")
    entry = {"url": "https://localhost/v.txt", "sha256": sha256(TEXT)}
    registry.write_text(json.dumps({"variants": {"mine": entry, "second": entry}}))
    for name, is_there in (("mine", True), ("second", False)):
        vectors = glove_registry.load(name, registry=registry, offline=True)
        assert vectors.matrix.tolist() == ROWS
        assert old.exists() == is_there
    a, b = stores.iterdir()
    assert (a / "vectors.npy").samefile(b / "vectors.npy")


@pytest.mark.parametrize("file", NAMES[:3])
def test_a_damaged_one_is_not_believed(
    file: str, registry: Path, stores: Path, server: FaultServer
) -> None:
    """An old store with a flipped bit is replaced by the text as it is fetched."""
    old = write_old_store(stores, TEXT, name="mine")
    content = bytearray((old / file).read_bytes())
    content[-2] ^= 1
    (old / file).write_bytes(content)
    vectors = glove_registry.load("mine", registry=registry)
    assert vectors.matrix.tolist() == ROWS
    assert list(vectors.tokens) == TOKENS
    assert server.sent == len(TEXT)
    assert not old.exists()


@pytest.mark.parametrize(
    "change",
    [
        {"format_version": 0},
        {"rows": "six"},
        {"rows": 7},
        {"dimension": None},
        {"files": {}},
        {"provenance": {}},
        {"provenance": {"url_sha256": "", "member": None, "key": ""}},
        {"provenance": None},
        {"unknown": 1},
        None,
    ],
    ids=str,
)
def test_a_manifest_that_lies_is_not_believed(
    change: dict[str, object] | None, registry: Path, stores: Path
) -> None:
    """An old store that does not match its manifest is as good as none."""
    old = write_old_store(stores, TEXT, name="mine") / "manifest.json"
    given = json.loads(old.read_text())
    old.write_text("[]" if change is None else json.dumps({**given, **change}))
    with pytest.raises(OfflineError):
        glove_registry.load("mine", registry=registry, offline=True)
    assert glove_registry.load("mine", registry=registry).matrix.tolist() == ROWS


def test_a_text_of_another_digest_is_left_alone(registry: Path, stores: Path) -> None:
    """The old store of another text with the name is neither used nor removed."""
    other = write_old_store(stores, TEXT.replace(b"film", b"flim"), name="mine")
    old = other.rename(stores / f"mine-{sha256(TEXT)[:12]}-v1")
    assert "film" in glove_registry.load("mine", registry=registry)
    assert old.is_dir()


# -- what an old store proves -------------------------------------------------------


@pytest.mark.parametrize("whole", [True, False], ids=["whole", "member"])
def test_an_archive_is_known_only_if_it_was_verified(
    whole: bool, tmp_path: Path, stores: Path, server: FaultServer
) -> None:
    """Format 1 named an archive's sha256 also if only the member had been read."""
    url = server.add("/v.zip", make_zip({"v.txt": TEXT, "evil": b""}))
    registry = write_registry(
        tmp_path, "mine", url=url, sha256=sha256(ARCHIVE), member="v.txt"
    )
    facts = {"url_sha256": sha256(ARCHIVE), "member": "v.txt"}
    key = KEY if whole else sha256(TEXT)
    write_old_store(stores, TEXT, name="mine", key=key, **facts)
    if whole:
        vectors = glove_registry.load("mine", registry=registry, offline=True)
        assert vectors.provenance["url_sha256"] == sha256(ARCHIVE)
        assert len([*stores.iterdir()]) == 1
    else:
        with pytest.raises(OfflineError):
            glove_registry.load("mine", registry=registry, offline=True)
        with pytest.raises(ChecksumError, match=sha256(ARCHIVE)):
            glove_registry.load("mine", registry=registry)


# -- where nothing can be written ---------------------------------------------------


def test_a_cache_that_cannot_be_written_is_said(registry: Path) -> None:
    """In a read-only cache, an old store is an error that names the folder."""
    code = (
        "import os, sys, glove_registry\n"
        "import glove_registry.download, glove_registry.store.cleanup\n"
        "import glove_registry.store.convert, glove_registry.store.build\n"
        "registry, cache = sys.argv[1:]\n"
        "registry = glove_registry.Registry([registry])\n"
        # All is imported and read before, as another user may not read the environment.
        "registry.find('mine')\n"
        "if os.getuid() == 0: os.setuid(65534)\n"
        "try: glove_registry.load('mine', registry=registry, cache_dir=cache,\n"
        "                         offline=True)\n"
        "except glove_registry.errors.CacheError as error: print(error)"
    )
    # Not below pytest's own folders, which other users cannot enter.
    with tempfile.TemporaryDirectory() as place:
        cache = Path(place, "cache")
        own = Path(place, "registry.yaml")
        own.write_bytes(registry.read_bytes())
        write_old_store(cache / "stores", TEXT, name="mine")
        before = list_files(cache)
        for folder in (cache / "stores", cache, Path(place)):
            folder.chmod(0o555)
        done = subprocess.run(
            [sys.executable, "-c", code, str(own), str(cache)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert f"cannot use the cache folder {cache}" in done.stdout, done.stderr
        assert list_files(cache) == before
        for folder in (Path(place), cache, cache / "stores"):
            folder.chmod(0o755)


def test_an_old_store_that_goes_meanwhile_is_fetched(
    registry: Path, stores: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If another process removes the old store, the text is fetched."""
    old = write_old_store(stores, TEXT, name="mine")
    check = Cache.check_room

    def remove_then_check(cache: Cache, needed: int) -> None:
        if old.exists():
            (old / "tokens.txt").unlink(missing_ok=True)
        check(cache, needed)

    monkeypatch.setattr(Cache, "check_room", remove_then_check)
    assert glove_registry.load("mine", registry=registry).matrix.tolist() == ROWS


def test_one_that_does_not_fit_stays(
    registry: Path, stores: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a full disk the old store is neither replaced nor lost."""
    old = write_old_store(stores, TEXT, name="mine")

    def refuse(cache: Cache, needed: int) -> None:
        raise CacheError("no room")

    monkeypatch.setattr(Cache, "check_room", refuse)
    with pytest.raises(CacheError):
        glove_registry.load("mine", registry=registry, offline=True)
    assert sorted(os.listdir(old)) == sorted([*NAMES, "manifest.json"])
