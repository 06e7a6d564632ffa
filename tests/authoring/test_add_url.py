"""What is at a URL gets its entry by one fetch, which serves the first load too."""

import gzip
import json
import os
import shutil
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
import yaml
from entries import SMALL, list_files, sha256
from fault_server import FaultServer
from lab import make_release, read_entries, write_zip

import glove_registry
from glove_registry.authoring import add
from glove_registry.cli import main
from glove_registry.errors import FormatError, OfflineError, RegistryError


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where an entry goes if nothing else is said; it is not there yet."""
    monkeypatch.chdir(tmp_path)
    return tmp_path / "registry.yaml"


def test_a_url_is_fetched_once(
    server: FaultServer,
    registry: Path,
    cache_root: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A gz with a header gets its entry, and the first load takes what was fetched."""
    text = b"3 3\n" + SMALL
    content = gzip.compress(text)
    url = server.url("lab.vec.gz", content)
    assert main(["add", url, "--name", "lab", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    entry = {
        "url": url,
        "sha256": sha256(content),
        "bytes": len(content),
        "member": {"sha256": sha256(text), "bytes": len(text)},
        "dimension": 3,
        "rows": 3,
        "cased": False,
        "format": "word2vec",
    }
    assert read_entries(registry) == {"lab": entry}
    assert yaml.safe_load(told["text"]) == {"variants": {"lab": entry}}
    assert (told["url"], told["sha256"], told["container"]) == (
        url,
        sha256(content),
        "gz",
    )
    (found,) = told["entries"]
    assert (found["name"], found["line"], found["header"]) == ("lab", 2, True)
    assert (found["rows"], found["dimension"], found["repeated"]) == (3, 3, 0)

    assert Path(told["kept"]).read_bytes() == content
    assert [name for name in list_files(cache_root) if "sources" not in name] == [
        f"used/{Path(told['kept']).name}"
    ]
    vectors = glove_registry.load("lab", registry=registry, offline=True)
    assert len(vectors) == 3
    assert server.requests == ["/lab.vec.gz"]
    assert main(["cache", "remove", "lab", "--registry", str(registry)]) == 0
    assert list_files(cache_root) == []


def test_what_an_archive_holds_is_asked_before_it_is_fetched(registry: Path) -> None:
    """Which member is meant is asked for at the cost of its directory."""
    release = {**make_release(), "large.txt": b"a 1 2\n" * 100_000}
    path = write_zip(registry.with_name("lab.zip"), release, zipfile.ZIP_STORED)
    with FaultServer() as server:
        url = server.add("/lab.zip", path.read_bytes())
        with pytest.raises(RegistryError, match=r"holds 'lab\.2d\.txt', .*--member"):
            add(url, "lab")
        with pytest.raises(RegistryError, match=r"no member 'x': it holds 'lab\.2d"):
            add(url, "lab", member="x")
        assert server.sent < 200_000
        add(url, "lab", member="lab.5d.txt")
        # Without what was kept, the entry brings that member alone.
        shutil.rmtree(registry.with_name("cache"))
        before = server.sent
        assert glove_registry.load("lab", registry=registry).dimension == 5
        assert server.sent - before < 100_000


def test_what_a_dry_run_fetched_is_not_fetched_again(registry: Path) -> None:
    """A dry run, or a mistake, leaves the transfer where the next run finds it."""
    release = {**make_release(), "large.txt": b"a 1 2\n" * 100_000}
    path = write_zip(registry.with_name("lab.zip"), release, zipfile.ZIP_STORED)
    with FaultServer() as server:
        url = server.add("/lab", path.read_bytes())  # no ending tells that it is a zip
        with pytest.raises(RegistryError, match="--member"):
            add(url, "lab")
        size = path.stat().st_size
        assert server.sent == size
        add(url, "lab", member="lab.5d.txt", dry_run=True)
        assert not registry.exists()
        addition = add(url, "lab", member="lab.5d.txt")
        assert server.sent == size
    assert addition.kept is not None
    assert addition.kept.read_bytes() == path.read_bytes()
    assert not list(registry.with_name("cache").glob("partial/*"))
    assert not list(registry.with_name("cache").glob("tmp/*"))


def test_a_broken_transfer_goes_on(registry: Path) -> None:
    """What arrives in pieces has the sha256 of the whole."""
    content = b"a 1 2\n" * 100_000
    with FaultServer() as server:
        url = server.add("/v.txt", content)
        server.spoil("/v.txt", "cut", at=100_000, times=2)
        addition = add(url, "v")
    assert addition.examination.sha256 == sha256(content)
    assert server.ranges == [None, "bytes=100000-", "bytes=200000-"]


def test_a_kill_while_fetching_costs_no_bytes(registry: Path, cache_root: Path) -> None:
    """The registry is as it was, and the next run fetches only what is missing."""
    registry.write_text("# ours\n")
    content = b"a 1 2\n" * 100_000
    with FaultServer() as server:
        url = server.add("/v.txt", content)
        server.spoil("/v.txt", "stall", at=500_000)
        process = subprocess.Popen(
            [sys.executable, "-m", "glove_registry", "add", url, "--name", "v"]
        )
        while (
            sum(p.stat().st_size for p in cache_root.glob("partial/*.part")) < 500_000
        ):
            assert process.poll() is None
            time.sleep(0.01)
        process.kill()
        process.wait()
        assert registry.read_text() == "# ours\n"
        add(url, "v")
        assert server.ranges == [None, "bytes=500000-"]
    assert registry.read_text().startswith("# ours\n\nvariants:\n  v:\n")
    assert read_entries(registry)["v"]["sha256"] == sha256(content)


def test_what_is_no_vectors_is_not_gone_on_with(
    registry: Path, cache_root: Path
) -> None:
    """A wrong file is not kept: once the server has the right one, that is taken."""
    with FaultServer() as server:
        url = server.add("/v.txt", b"We have moved\nto another place\n")
        with pytest.raises(FormatError, match=r"v\.txt: line 1: expected a token"):
            add(url, "v")
        assert list_files(cache_root) == []
        server.add("/v.txt", SMALL)
        add(url, "v")
    assert read_entries(registry)["v"]["sha256"] == sha256(SMALL)


def test_a_member_packed_by_bzip2_is_read_from_afar(
    server: FaultServer, registry: Path, tmp_path: Path
) -> None:
    """What is read of a zip on this machine is read of it by URL."""
    path = write_zip(tmp_path / "lab.zip", {"v.txt": SMALL}, zipfile.ZIP_BZIP2)
    add(server.url("lab.zip", path), "far")
    add(path, "near")
    shutil.rmtree(os.environ["GLOVE_REGISTRY_CACHE"])
    for name in ("far", "near"):
        assert len(glove_registry.load(name, registry=registry)) == 3


def test_offline_nothing_is_asked(
    server: FaultServer, registry: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A URL is refused at once, a file is not."""
    monkeypatch.setenv("GLOVE_REGISTRY_OFFLINE", "1")
    write_zip(registry.with_name("lab.zip"), {"v.txt": SMALL})
    for name in ("lab.zip", "v.txt"):
        with pytest.raises(OfflineError, match="GLOVE_REGISTRY_OFFLINE"):
            add(server.url(name, SMALL), "v")
    assert server.requests == []
    add("lab.zip", "v")
    assert list(read_entries(registry)) == ["v"]
