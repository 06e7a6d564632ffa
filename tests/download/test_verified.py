"""A text is right to its last byte, or an error: sizes, hashes and counts."""

import hashlib
import io
from pathlib import Path

import pytest

from glove_registry.cache.digests import hash_file
from glove_registry.download.verified import VerifiedText, read_to_end
from glove_registry.errors import ChecksumError
from glove_registry.registry import Member

TEXT = b"the 1 2\nof 3 4\n"
SHA256 = hashlib.sha256(TEXT).hexdigest()


def verify(
    size: int | None, sha256: str | None = None, text: bytes = TEXT
) -> VerifiedText:
    """Make a stream that is verified by a size and a hash."""
    return VerifiedText(io.BytesIO(text), Member(bytes=size, sha256=sha256), "it")


@pytest.mark.parametrize("size", [None, len(TEXT)])
@pytest.mark.parametrize("sha256", [None, SHA256])
def test_what_was_promised_is_handed_on(size: int | None, sha256: str | None) -> None:
    """A text of the promised size and hash passes unchanged, whichever are known."""
    stream = verify(size, sha256)
    assert b"".join(iter(lambda: stream.read(4), b"")) == TEXT
    assert stream.read(4) == b""
    assert (stream.count, stream.sha256) == (len(TEXT), SHA256)


@pytest.mark.parametrize("sha256", [None, SHA256])
def test_one_byte_too_many_is_an_error_at_that_byte(sha256: str | None) -> None:
    """A text that is longer than promised is refused before its end."""
    stream = verify(len(TEXT) - 1, sha256)
    assert stream.read(len(TEXT) - 1) == TEXT[:-1]
    with pytest.raises(
        ChecksumError, match=r"^it has more than the 14 bytes that were"
    ):
        stream.read(1)


def test_text_without_end_is_left_at_its_limit() -> None:
    """A stream without an end is read for at most one piece past its limit."""

    class Endless:
        given = 0

        def read(self, size: int, /) -> bytes:
            assert self.given <= 1000, "it was read past its limit"
            self.given += size
            return bytes(size)

    endless = Endless()
    with pytest.raises(ChecksumError, match="more than the 1,000 bytes"):
        read_to_end(VerifiedText(endless, Member(bytes=1000), "it"))


@pytest.mark.parametrize("text", [b"", TEXT[:-1]])
def test_one_byte_too_few_is_an_error_at_the_end(text: bytes) -> None:
    """A text that is shorter than promised is refused at its end, with both sizes."""
    with pytest.raises(ChecksumError, match=f"it has {len(text)} bytes, expected 15$"):
        read_to_end(verify(len(TEXT), text=text))


@pytest.mark.parametrize(("size", "more"), [(None, "$"), (len(TEXT), ", of 15 bytes$")])
def test_other_bytes_of_the_same_size_are_an_error(size: int | None, more: str) -> None:
    """The error for another hash names both hashes, and the sizes if known."""
    other = TEXT.replace(b"4", b"5")
    found = hashlib.sha256(other).hexdigest()
    message = rf"it has sha256 {found} \(15 bytes\), expected {SHA256}{more}"
    with pytest.raises(ChecksumError, match=message):
        read_to_end(verify(size, SHA256, other))


def test_each_piece_is_counted_as_it_comes() -> None:
    """Progress counts every byte, and the hash is that of the bytes so far."""
    told: list[int] = []
    stream = VerifiedText(io.BytesIO(TEXT), Member(), "it", told.append)
    assert (stream.count, stream.sha256) == (0, hashlib.sha256().hexdigest())
    for stop in (4, 8, 12, 15):
        stream.read(4)
        assert sum(told) == stream.count == stop
        assert stream.sha256 == hashlib.sha256(TEXT[:stop]).hexdigest()


def test_a_file_is_hashed_whole(tmp_path: Path) -> None:
    """The hash of a file is that of all its bytes."""
    path = tmp_path / "file"
    path.write_bytes(TEXT * 100_000)
    assert hash_file(path) == hashlib.sha256(TEXT * 100_000).hexdigest()
