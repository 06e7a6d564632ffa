"""A failure of one run does not stand in the way of the next."""

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest
from entries import list_files, sha256, write_registry
from fault_server import FaultServer

import glove_registry
from glove_registry import errors

TEXT = b"".join(b"w%d 1 2 3\n" % number for number in range(50_000))
OTHER = TEXT.replace(b" 1 2 3", b" 3 2 1")


@pytest.fixture(params=[bytes, gzip.compress], ids=["plain", "gz"])
def pack(request: pytest.FixtureRequest) -> Callable[[bytes], bytes]:
    """How the text is served."""
    return request.param  # type: ignore[no-any-return]


def test_another_text_is_not_gone_on_with(
    pack: Callable[[bytes], bytes], tmp_path: Path, cache_root: Path
) -> None:
    """A wrong text is dropped, so that the right one is fetched once it exists."""
    with FaultServer() as server:
        url = server.add("/v", pack(OTHER))
        registry = write_registry(
            tmp_path, "small", url=url, member={"sha256": sha256(TEXT)}
        )
        with pytest.raises(errors.ChecksumError, match=sha256(OTHER)):
            glove_registry.load("small", registry=registry)
        assert list_files(cache_root) == []
        server.add("/v", pack(TEXT), etag='"v2"')
        vectors = glove_registry.load("small", registry=registry)
    assert vectors.provenance["sha256"] == sha256(TEXT)


def test_the_hash_of_the_text_outranks_validators(
    pack: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    """A download of a text with a known hash resumes, whatever ETag is sent."""
    with FaultServer() as server:
        packed = pack(TEXT)
        url = server.add("/v", packed)
        for number in range(3):
            change = {"etag": f'"{number}"'}
            server.spoil("/v", "cut", at=len(packed) // 3, change=change)
        registry = write_registry(
            tmp_path, "small", url=url, member={"sha256": sha256(TEXT)}
        )
        vectors = glove_registry.load("small", registry=registry)
        assert vectors.provenance["sha256"] == sha256(TEXT)
        assert server.sent == len(packed)


def test_a_mixture_of_two_texts_is_taken_anew(
    pack: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    """A mixture of two files is noticed, and fetched again as one."""
    with FaultServer() as server:
        packed = pack(TEXT)
        url = server.add("/v", packed)
        other = {"etag": '"bad"', "data": pack(OTHER)[: len(packed)].ljust(len(packed))}
        server.spoil("/v", "cut", at=len(packed) // 2)
        server.spoil("/v", "become", change=other)
        server.spoil("/v", "become", change={"etag": '"v1"', "data": packed})
        registry = write_registry(
            tmp_path, "small", url=url, member={"sha256": sha256(TEXT)}
        )
        vectors = glove_registry.load("small", registry=registry)
        assert vectors.provenance["sha256"] == sha256(TEXT)
        assert len(server.seen) == 3
