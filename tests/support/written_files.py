"""Small files of vectors, in every format and every container.

Numbers are given as text; their expected values come from the standard library alone.
"""

import bz2
import gzip
import io
import lzma
import struct
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from unittest import mock

from fasttext_files import write_model
from zstd_module import zstd

from glove_registry import formats

Row = tuple[bytes, Sequence[str]]
"""A token and its numbers, as they are written."""


def to_float32(number: str) -> bytes:
    """Return the four bytes of a number: float32(float(text))."""
    return struct.pack("<f", float(number))


def write_glove(rows: Sequence[Row]) -> bytes:
    """Write a token and its numbers on each line."""
    return b"".join(
        token + b" " + " ".join(numbers).encode() + b"\n" for token, numbers in rows
    )


def write_word2vec(rows: Sequence[Row]) -> bytes:
    """Write a header and GloVe text."""
    return _write_header(rows) + write_glove(rows)


def write_word2vec_binary(rows: Sequence[Row], end: bytes = b"\n") -> bytes:
    """Write a header, tokens and binary numbers."""
    return _write_header(rows) + b"".join(
        token + b" " + b"".join(map(to_float32, numbers)) + end
        for token, numbers in rows
    )


def _write_header(rows: Sequence[Row]) -> bytes:
    return b"%d %d\n" % (len(rows), len(rows[0][1]))


def write_fasttext(rows: Sequence[Row]) -> bytes:
    """Write a model of fastText whose words have no n-grams."""
    numbers = b"".join(to_float32(n) for _, numbers in rows for n in numbers)
    dimension = len(rows[0][1])
    matrix = struct.pack("<2q", len(rows), dimension) + numbers
    return write_model([token for token, _ in rows], matrix, dimension)


FORMS: dict[str, Callable[[Sequence[Row]], bytes]] = {
    "glove": write_glove,
    "word2vec": write_word2vec,
    "word2vec-binary": write_word2vec_binary,
    "fasttext": write_fasttext,
}


def make_zip(content: bytes, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return an archive of one member, whose name is not ASCII."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        archive.writestr("wörter.txt", content)
    return file.getvalue()


def in_thirds(
    pack: Callable[[bytes], bytes], padding: bytes = b""
) -> Callable[[bytes], bytes]:
    """Return a function that packs content as three streams, one after another."""

    def pack_thirds(content: bytes) -> bytes:
        third = len(content) // 3
        parts = content[:third], content[third : 2 * third], content[2 * third :]
        return padding.join(map(pack, parts))

    return pack_thirds


CONTAINERS: dict[str, Callable[[bytes], bytes]] = {
    "plain": bytes,
    "zip": make_zip,
    "zip stored": lambda content: make_zip(content, zipfile.ZIP_STORED),
    "gz": gzip.compress,
    "gz of members": in_thirds(gzip.compress),
    "bz2": bz2.compress,
    "bz2 of streams": in_thirds(bz2.compress),
    "xz": lzma.compress,
    "xz of padded streams": in_thirds(lzma.compress, bytes(4)),
    "zst": zstd.compress,
    "zst of frames": in_thirds(zstd.compress),
}


class Dripping(io.BytesIO):
    """A stream that returns a few bytes at a time, as networks do."""

    def __init__(self, content: bytes, step: int) -> None:
        super().__init__(content)
        self._step = step

    def read(self, size: int | None = -1, /) -> bytes:
        """Return at most `step` bytes."""
        return super().read(
            self._step if size is None or size < 0 else min(size, self._step)
        )


def make_quick_folder() -> "tempfile.TemporaryDirectory[str]":
    """Yield a folder for thousands of files, in memory if possible."""
    memory = Path("/dev/shm")
    return tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None)


@contextmanager
def blocks_of(size: int) -> Iterator[None]:
    """Set the size of the readers' blocks."""
    # All are imported first: one that is imported later would keep the patched size.
    modules = [
        import_module(module.name)
        for module in iter_modules(formats.__path__, f"{formats.__name__}.")
    ]
    with ExitStack() as stack:
        for found in modules:
            if hasattr(found, "BLOCK_BYTES"):
                stack.enter_context(mock.patch.object(found, "BLOCK_BYTES", size))
        yield
