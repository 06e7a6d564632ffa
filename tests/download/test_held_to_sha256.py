"""`load(name, sha256=...)` returns the text that an experiment was made with."""

from pathlib import Path

import pytest
from entries import SMALL, list_files, sha256, write_registry
from fault_server import FaultServer
from zips import make_zip

import glove_registry
from glove_registry.errors import ChecksumError, UnverifiableError

OTHER = SMALL.replace(b"film", b"flim")


def test_the_same_text_is_loaded(tmp_path: Path, server: FaultServer) -> None:
    """The sha256 in the provenance loads the same vectors, warm or cold."""
    registry = write_registry(
        tmp_path, "small", url=server.url("a.txt", SMALL), sha256=sha256(SMALL)
    )
    first = glove_registry.load("small", registry=registry)
    held = first.provenance["sha256"]

    warm = glove_registry.load("small", registry=registry, sha256=held)
    cold = glove_registry.load(
        "small", registry=registry, sha256=held, cache_dir=tmp_path / "other"
    )
    assert list(warm) == list(cold) == ["the", "of", "film"]


def test_an_entry_that_changed_is_refused(tmp_path: Path, server: FaultServer) -> None:
    """If the entry now names another text, nothing of it is fetched."""
    registry = write_registry(
        tmp_path,
        "small",
        url=server.url("a.zip", make_zip({"small.txt": OTHER})),
        member={"name": "small.txt", "sha256": sha256(OTHER)},
    )
    with pytest.raises(ChecksumError, match=f"{sha256(OTHER)}.*{sha256(SMALL)} was"):
        glove_registry.load("small", registry=registry, sha256=sha256(SMALL))
    assert server.requests == []


@pytest.mark.parametrize("loaded_before", [False, True])
def test_an_archive_s_text_is_held_to_it(
    loaded_before: bool, tmp_path: Path, cache_root: Path, server: FaultServer
) -> None:
    """If the entry has the archive's sha256 alone, its text is verified too."""
    content = make_zip({"small.txt": SMALL})
    registry = write_registry(
        tmp_path, "small", url=server.url("a.zip", content), sha256=sha256(content)
    )
    if loaded_before:
        glove_registry.load("small", registry=registry)
        asked = len(server.requests)
    right = glove_registry.load("small", registry=registry, sha256=sha256(SMALL))
    assert "film" in right
    if loaded_before:
        # The store that is there serves: the archive is not fetched again.
        assert len(server.requests) == asked
    with pytest.raises(ChecksumError, match=sha256(OTHER)):
        glove_registry.load("small", registry=registry, sha256=sha256(OTHER))
    assert len(list((cache_root / "stores").iterdir())) == 1


def test_other_bytes_of_an_unverified_entry_are_refused(
    tmp_path: Path, cache_root: Path, server: FaultServer
) -> None:
    """An entry without a checksum loads with the caller's sha256, and only with it."""
    url = server.url("a.txt", SMALL)
    registry = write_registry(tmp_path, "small", url=url)
    with pytest.raises(UnverifiableError, match="sha256="):
        glove_registry.load("small", registry=registry)
    with pytest.raises(ChecksumError, match=sha256(OTHER)):
        glove_registry.load("small", registry=registry, sha256=sha256(OTHER))
    assert not [name for name in list_files(cache_root) if "stores" in name]

    vectors = glove_registry.load("small", registry=registry, sha256=sha256(SMALL))
    assert "film" in vectors


@pytest.mark.parametrize("wrong", ["", "d8f717f8", "g" * 64, "A" * 64, 5])
def test_what_is_no_sha256_is_said(wrong: str) -> None:
    """A malformed sha256 is an error that says what one looks like."""
    with pytest.raises(ChecksumError, match="expected 64 hexadecimal digits"):
        glove_registry.load("glove.6B.50d-first10k", sha256=wrong)
