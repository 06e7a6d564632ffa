"""What only pooch can reach comes through pooch, and is verified like all else."""

import gzip
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from entries import SMALL, list_files, sha256, write_registry
from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.handlers import FTPHandler
from pyftpdlib.servers import FTPServer

import glove_registry
from glove_registry import errors
from glove_registry.adding import add

CONTENT = gzip.compress(SMALL)


@pytest.fixture
def base(tmp_path: Path) -> Iterator[str]:
    """The URL of a real FTP server on loopback that has one file."""
    folder = tmp_path / "served"
    folder.mkdir()
    (folder / "v.txt.gz").write_bytes(CONTENT)
    authorizer = DummyAuthorizer()
    authorizer.add_anonymous(str(folder))

    class Handler(FTPHandler):  # type: ignore[misc]
        pass

    Handler.authorizer = authorizer
    server = FTPServer(("127.0.0.1", 0), Handler)
    stop = threading.Event()

    def serve() -> None:
        while not stop.is_set():
            server.serve_forever(timeout=0.02, blocking=False, handle_exit=False)

    thread = threading.Thread(target=serve)
    thread.start()
    yield f"ftp://127.0.0.1:{server.address[1]}"
    stop.set()
    thread.join()
    server.close_all()


def test_a_file_comes_by_ftp(base: str, tmp_path: Path, cache_root: Path) -> None:
    """An ftp: source is fetched, verified, compiled, and not left behind."""
    registry = write_registry(
        tmp_path, "small", url=f"{base}/v.txt.gz", sha256=sha256(CONTENT)
    )
    vectors = glove_registry.load("small", registry=registry)
    assert "film" in vectors
    assert vectors.provenance["url"] == f"{base}/v.txt.gz"
    assert [name for name in list_files(cache_root) if name.startswith("partial")] == []


def test_what_comes_by_ftp_is_held_to_its_hash(
    base: str, tmp_path: Path, cache_root: Path
) -> None:
    """Another file, or none, is an error with its reason, and nothing is kept."""
    registry = write_registry(
        tmp_path, "small", url=f"{base}/v.txt.gz", sha256="a" * 64
    )
    with pytest.raises(errors.ChecksumError, match=sha256(CONTENT)):
        glove_registry.load("small", registry=registry)
    registry = write_registry(tmp_path, "small", url=f"{base}/no", sha256="a" * 64)
    with pytest.raises(errors.FetchError, match="550"):
        glove_registry.load("small", registry=registry)
    assert list_files(cache_root) == []


def test_a_file_that_came_by_ftp_gets_an_entry(base: str, tmp_path: Path) -> None:
    """What is added from there is kept, so that the first load needs no server."""
    registry = tmp_path / "registry.yaml"
    addition = add(f"{base}/v.txt.gz", "small", to=registry)
    assert addition.findings.sha256 == sha256(CONTENT)
    vectors = glove_registry.load("small", registry=registry, offline=True)
    assert vectors.provenance["sha256"] == sha256(SMALL)
    with pytest.raises(errors.FetchError, match="550"):
        add(f"{base}/no", "other", to=registry)
