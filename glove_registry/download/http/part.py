"""The part file: the raw bytes of a transfer, which survive the process.

A part holds the beginning of what a server sends, exactly as it is sent. Beside it lies
a small JSON file, written before the first byte, with what is needed to resume. A kill
at any moment leaves a shorter beginning and nothing worse; and since bytes are trusted
through their sha256 alone, not even a torn tail after a power cut does harm.
"""

import errno
import hashlib
import json
import os
import re
import secrets
import shutil
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from io import FileIO
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from ...cache.files import FULL, measure_spare_room
from ...cache.records import read_record
from ...registry.urls import redact
from .errors import NoRoom

_READ_SIZE = 1 << 18

# What can be sent back to a server.
_SHORT = re.compile(r"[ -~]{,1026}")

_NOT_OURS = {errno.ELOOP, errno.EMLINK, errno.EISDIR, errno.ENXIO, errno.EINVAL}
_NOT_OURS |= {errno.EACCES, errno.EPERM}


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a server said about a file."""

    etag: str | None = None  # a strong one, with the quotes (RFC 9110, 8.8.3)
    modified: str | None = None  # the Last-Modified date, as sent
    total: int | None = None  # bytes

    @property
    def validator(self) -> str | None:
        """What identifies the file in If-Range (RFC 9110, 13.1.5)."""
        return self.etag or self.modified

    def find_contradiction(self, newer: "Facts") -> str | None:
        """Return why `newer` describes another file; None if it may be the same."""
        if None not in (self.total, newer.total) and self.total != newer.total:
            return f"the file on the server has {newer.total} bytes, not {self.total}"
        if self.etag and newer.etag:
            # Mirrors behind one name may disagree on dates; equal tags outrank them.
            same, kind = self.etag == newer.etag, "ETag"
        elif self.modified and newer.modified:
            same, kind = self.modified == newer.modified, "Last-Modified"
        else:
            return None
        return None if same else f"the file on the server changed (another {kind})"

    def updated_by(self, newer: "Facts") -> "Facts":
        """Return what `newer` says, and the rest of these: a 206 may say less."""
        return Facts(
            etag=newer.etag or self.etag,
            modified=newer.modified or self.modified,
            total=self.total if newer.total is None else newer.total,
        )


class Part:
    """An open part file; a context manager that closes it.

    Only one process at a time writes to a part. A second one, or one on a file system
    without locks, gets a part of its own, which it cannot resume later.

    `folder` is created if it does not exist, and everything in it may be deleted while
    no transfer runs. `key` identifies the file: a URL, or a member of an archive.
    `has_checksum` is whether a checksum will verify the bytes; it is False after that
    of resumed bytes was wrong, so that the next ones all come from one version of the
    file. `resumed` is whether the bytes come from more than one answer of a server.
    """

    def __init__(self, folder: Path, key: str, *, has_checksum: bool = False) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        stem = hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()[:32]
        self._key = redact(key)
        self.path = folder / f"{stem}.part"
        file = _open_alone(self.path)
        self._shared = file is not None
        if file is None:
            self.path = folder / f"{stem}-{os.getpid()}-{secrets.token_hex(4)}.part"
            file = open(self.path, "a+b", buffering=0, opener=_open_new)  # noqa: SIM115
        self.file = file
        self._sidecar = self.path.with_suffix(".json")
        self._keep_sidecar = False
        self.size = os.fstat(file.fileno()).st_size
        self.facts = Facts()
        self.resumed = self.size > 0
        found = read_record(self._sidecar) or {}
        self.has_checksum = has_checksum and not found.get("rejected")
        facts = _read_facts(found)
        if facts is None:
            self.reset()
        else:
            self.facts = facts

    def __enter__(self) -> Self:
        """Return the part."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it; its bytes stay for the next process.

        Unless the disk is full and no checksum would verify these bytes.
        """
        full = isinstance(error, OSError) and error.errno in FULL
        if full and not self.has_checksum:
            self.reset()
        self.close()

    def save_facts(self, facts: Facts) -> None:
        """Write what is known of the remote file, before bytes of it arrive."""
        if facts == self.facts and self._sidecar.is_file():
            return
        self.facts = facts
        self._write_sidecar(asdict(facts))

    def append(self, data: bytes) -> None:
        """Append bytes.

        Raises OSError if the disk is full (ENOSPC, EDQUOT) or fails; what fitted is
        kept.
        """
        view = memoryview(data)
        while view:
            written = self.file.write(view)
            self.size += written
            view = view[written:]

    def read(self, first: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Yield the bytes from offset `first` up to `end`, or to the last one."""
        end = self.size if end is None else min(end, self.size)
        while first < end:
            # Sought each time: whoever takes the bytes may append in between.
            self.file.seek(first)
            data = self.file.read(min(_READ_SIZE, end - first))
            if not data:
                return
            first += len(data)
            yield data

    def reset(self) -> None:
        """Throw the bytes away."""
        # Bytes first: a sidecar without bytes is harmless, the reverse is not.
        if self.size:
            self.file.truncate(0)
        self._sidecar.unlink(missing_ok=True)
        self.size = 0
        self.facts = Facts()
        self.resumed = False

    def reject(self) -> None:
        """Throw the bytes away, and remember that they did not belong together."""
        self.reset()
        with suppress(OSError):
            self._write_sidecar({"rejected": True})
            self._keep_sidecar = self._shared

    def remove(self) -> None:
        """Delete the file, as its bytes are published."""
        self.reset()
        self.close()

    def close(self) -> None:
        """Close the file; the next process resumes with its bytes."""
        if self.file.closed:
            return
        # A part with a private name is never found again, and an empty one is useless.
        if not self._shared or not self.size:
            if os.name == "nt":
                self.file.close()  # an open file cannot be deleted there
            # Elsewhere deleted before it is closed, which ends the lock: afterwards
            # another process may own the path.
            self.path.unlink(missing_ok=True)
            if not self._keep_sidecar:
                self._sidecar.unlink(missing_ok=True)
        self.file.close()

    def _write_sidecar(self, found: dict[str, object]) -> None:
        # Removed before, as it may be a link. If it is lost or cut off by a kill, the
        # transfer starts again.
        self._sidecar.unlink(missing_ok=True)
        with open(self._sidecar, "x", encoding="utf-8") as file:
            json.dump({"of": self._key, **found}, file, indent=1)


def _read_facts(found: dict[str, Any]) -> Facts | None:
    """Return the facts in a sidecar; None if it has no usable ones."""
    match found:
        case {
            "etag": str() | None as etag,
            "modified": str() | None as modified,
            "total": int() | None as total,
        } if all(_SHORT.fullmatch(text) for text in (etag, modified) if text):
            return Facts(etag=etag, modified=modified, total=total)
    return None


def _open_alone(path: Path) -> FileIO | None:
    """Open for appending what no other process has open; None if impossible."""
    while True:
        try:
            file = open(path, "a+b", buffering=0, opener=_open_regular)  # noqa: SIM115
        except OSError as error:
            # A link, folder, device or another user's file is left alone.
            if error.errno in _NOT_OURS:
                return None
            raise
        if not _lock(file):
            file.close()
            return None
        try:
            if os.path.samestat(os.fstat(file.fileno()), os.stat(path)):
                return file
        except FileNotFoundError:
            pass
        # Its last owner deleted it between our opening and our locking.
        file.close()


def _open_new(path: str, flags: int) -> int:
    """Open a file that does not exist yet."""
    return os.open(path, flags | os.O_EXCL, 0o666)


def _open_regular(path: str, flags: int) -> int:
    """Open a regular file, without following a link or waiting for a pipe."""
    flags |= getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    number = os.open(path, flags, 0o666)
    if not stat.S_ISREG(os.fstat(number).st_mode):
        os.close(number)
        raise OSError(errno.EINVAL, "not a regular file", path)
    return number


def _lock(file: FileIO) -> bool:
    try:
        import fcntl  # absent on Windows, where callers' own locks must suffice
    except ImportError:
        return True
    try:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def check_room(url: str, folder: Path, coming: int | None) -> None:
    """Raise `NoRoom` if the disk that has `folder` is too small for a file.

    `coming` is the number of bytes still to come, None if unknown. The error names the
    URL, as that may be wrong rather than the disk too small.
    """
    disk = shutil.disk_usage(folder)
    if coming is None:
        if measure_spare_room(folder) >= 0:
            return
        problem = "the server does not declare a size, and the disk is all but full"
    else:
        if disk.free >= coming:
            return
        problem = f"{coming:,} bytes are still to come"
    raise NoRoom(
        url,
        f"{problem}: {folder} has {disk.free:,} bytes free; free some disk space, or "
        "choose another cache folder or source",
        coming,
    )
