"""The same text under two names is fetched once, and compiled once."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from entries import SMALL, sha256
from fault_server import FaultServer
from zips import make_zip

import glove_registry
from glove_registry.cli import main
from glove_registry.errors import FormatError, OfflineError


def write_two(folder: Path, first: object, second: object) -> Path:
    """Write a registry of two variants."""
    path = folder / "registry.yaml"
    path.write_text(json.dumps({"variants": {"first": first, "second": second}}))
    return path


@pytest.fixture(params=["text", "archive"])
def registry(
    request: pytest.FixtureRequest, tmp_path: Path, server: FaultServer
) -> Path:
    """Two entries of one text: by its own hash, or by that of an archive."""
    content = make_zip({"v.txt": SMALL})
    url = server.url("v.zip", content)
    if request.param == "archive":
        same = {"url": url, "sha256": sha256(content), "member": "v.txt"}
        return write_two(tmp_path, same, {**same, "license": "MIT"})
    member = {"name": "v.txt", "sha256": sha256(SMALL)}
    other = {"url": server.url("v.txt", SMALL), "sha256": sha256(SMALL)}
    return write_two(tmp_path, {"url": url, "member": member}, other)


def test_a_second_name_moves_no_bytes(
    registry: Path, server: FaultServer, cache_root: Path
) -> None:
    """Loaded under another name, the text is neither fetched nor compiled again."""
    first = glove_registry.load("first", registry=registry)
    moved = server.sent
    second = glove_registry.load("second", registry=registry, offline=True)
    assert server.sent == moved
    assert second.name == second.provenance["name"] == "second"
    assert (second.matrix == first.matrix).all()
    assert list(second.tokens) == list(first.tokens)
    a, b = (cache_root / "stores").iterdir()
    assert (a / "vectors.npy").samefile(b / "vectors.npy")
    assert main(["verify", "--registry", str(registry)]) == 0


def test_what_one_name_shares_outlives_the_other(
    registry: Path, cache_root: Path
) -> None:
    """Removing one of two names leaves the other complete."""
    for name in ("first", "second"):
        glove_registry.load(name, registry=registry)
    assert main(["cache", "remove", "first"]) == 0
    vectors = glove_registry.load("second", registry=registry, offline=True)
    assert vectors["film"].tolist() == [0, 0, 1]
    assert main(["verify", "--registry", str(registry)]) == 0


def test_shared_bytes_are_counted_once(registry: Path, cache_root: Path) -> None:
    """The listed sizes add up to those on the disk."""
    for name in ("first", "second"):
        glove_registry.load(name, registry=registry)
    done = subprocess.run(
        [sys.executable, "-m", "glove_registry", "cache", "list", "--json"],
        capture_output=True,
        check=True,
    )
    listed = sum(item["bytes"] for item in json.loads(done.stdout))
    files = {
        path.stat().st_ino: path.stat().st_size
        for path in cache_root.rglob("*")
        if path.is_file()
    }
    assert listed == sum(files.values())


def test_a_damaged_twin_is_not_copied(
    registry: Path, server: FaultServer, cache_root: Path
) -> None:
    """A store with a flipped bit is not copied for another name."""
    glove_registry.load("first", registry=registry)
    (store,) = (cache_root / "stores").iterdir()
    content = bytearray((store / "vectors.npy").read_bytes())
    content[-1] ^= 1
    (store / "vectors.npy").write_bytes(content)
    moved = server.sent
    vectors = glove_registry.load("second", registry=registry)
    assert vectors["film"].tolist() == [0, 0, 1]
    assert server.sent > moved


def test_another_name_is_fetched_from_what_is_kept(
    tmp_path: Path, server: FaultServer
) -> None:
    """A kept original is used for every entry of its text, without the network."""
    entry = {"url": server.url("v.txt", SMALL), "sha256": sha256(SMALL)}
    same = {**entry, "member": {"sha256": sha256(SMALL)}}
    registry = write_two(tmp_path, same, {**same, "license": "MIT"})
    glove_registry.fetch("first", registry=registry)
    path = glove_registry.fetch("second", registry=registry, offline=True)
    assert path.read_bytes() == SMALL
    assert path.name.startswith("second-")
    vectors = glove_registry.load("second", registry=registry, offline=True)
    assert vectors.provenance["url"] == entry["url"]


def test_a_text_to_be_read_otherwise_is_read_anew(
    tmp_path: Path, server: FaultServer
) -> None:
    """The store is not copied for an entry with another format or shape."""
    entry = {"url": server.url("v.txt", SMALL), "sha256": sha256(SMALL)}
    registry = write_two(tmp_path, {**entry}, {**entry, "format": "word2vec"})
    glove_registry.load("first", registry=registry)
    with pytest.raises(OfflineError):
        glove_registry.load("second", registry=registry, offline=True)
    registry = write_two(tmp_path, {**entry}, {**entry, "dimension": 5})
    with pytest.raises(FormatError, match="second"):
        glove_registry.load("second", registry=registry)


def test_without_hard_links_files_are_copied(
    registry: Path, cache_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where there are no hard links, the second name has its own files."""

    def refuse(source: Path, target: Path) -> None:
        raise PermissionError("no links here")

    monkeypatch.setattr("os.link", refuse)
    for name in ("first", "second"):
        glove_registry.load(name, registry=registry)
    a, b = (cache_root / "stores").iterdir()
    assert not (a / "vectors.npy").samefile(b / "vectors.npy")
    assert main(["verify", "--registry", str(registry)]) == 0


def test_two_names_at_once_fetch_once(
    registry: Path, server: FaultServer, tmp_path: Path
) -> None:
    """Processes that load a text under two names wait for one another."""
    code = "import sys, glove_registry as g; g.load(sys.argv[1], registry=sys.argv[2])"
    processes = [
        subprocess.Popen([sys.executable, "-c", code, name, str(registry)])
        for name in ("first", "second") * 2
    ]
    assert [process.wait(60) for process in processes] == [0] * 4
    moved = server.sent
    glove_registry.load("first", registry=registry, cache_dir=tmp_path / "alone")
    assert moved <= server.sent - moved
