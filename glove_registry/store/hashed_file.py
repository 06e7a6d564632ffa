"""A new file of a store, hashed and flushed to the disk while it is written."""

import hashlib
import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from mmap import mmap
from pathlib import Path
from typing import Self

from xxhash import xxh3_128

from .layout import FileRecord, Manifest

# Bytes that are written together: the largest page of memory, on most systems. Linux
# keeps in one page what was written as one, and reads of the map are then faster.
_PAGE = 1 << 21
# Bytes that are flushed together. If they were flushed at the end, a load would wait.
_FLUSHED = 1 << 25

_flush = getattr(os, "fdatasync", os.fsync)


def no_limit(size: int) -> None:
    """Do nothing: any number of bytes may be written."""


class HashedFile:
    """A new file of a store.

    The header of an array is written at the end, when the number of rows is known.
    `leave_room` is called with the number of bytes before they are written.
    """

    def __init__(
        self,
        folder: Path,
        name: str,
        draft: Manifest,
        leave_room: Callable[[int], None] = no_limit,
    ) -> None:
        self._name = name
        self._leave_room = leave_room
        self._file = (folder / name).open("wb", buffering=_PAGE)
        self._start = self._file.seek(len(draft.make_header(name)))
        self._sha256 = hashlib.sha256()
        self._xxh3 = xxh3_128()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="flush")
        self._flushing: Future[None] = Future()
        self._flushing.set_result(None)
        self._unflushed = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown()
        self._file.close()

    def write(self, content: bytes | memoryview | mmap) -> None:
        """Write and hash."""
        self._leave_room(memoryview(content).nbytes)
        self._sha256.update(content)
        self._xxh3.update(content)
        if not memoryview(content).nbytes:
            return  # which cannot be cast
        with memoryview(content).cast("B") as rest:
            start, done = self._file.tell(), 0
            while done < len(rest):
                room = _PAGE - (start + done) % _PAGE
                done += self._file.write(rest[done : done + room])
        self._unflushed += done
        if self._unflushed >= _FLUSHED and self._flushing.done():
            self._flushing.result()  # raises if it has failed
            self._file.flush()
            self._flushing = self._pool.submit(_flush, self._file.fileno())
            self._unflushed = 0

    def finish(self, manifest: Manifest) -> FileRecord:
        """Write the header, close the file, and return what the manifest says of it."""
        size = self._file.tell()
        self._file.seek(0)
        if self._file.write(manifest.make_header(self._name)) != self._start:
            raise AssertionError(f"the header of {self._name} outgrew its space")
        self._flushing.result()
        self._file.close()
        return FileRecord(size, self._sha256.hexdigest(), self._xxh3.hexdigest())
