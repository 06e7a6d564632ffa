"""The part file: raw bytes on their way, which survive the process.

A part holds a prefix of what a server sends, exactly as it is sent. Beside it lies a
small JSON file, written before the first byte, with what is needed to go on. A kill
at any moment leaves a shorter prefix and nothing worse; and since bytes are trusted
through their sha256 alone, not even a torn tail after a power cut does harm.
"""

import errno
import hashlib
import json
import os
import re
import secrets
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from io import FileIO
from pathlib import Path
from types import TracebackType
from typing import Self

from ...registry.urls import redact

READ_SIZE = 1 << 18

# What can be sent back to a server.
_SHORT = re.compile(r"[ -~]{,1026}")

_FULL = (errno.ENOSPC, errno.EDQUOT)
_NOT_OURS = {errno.ELOOP, errno.EMLINK, errno.EISDIR, errno.ENXIO, errno.EINVAL}
_NOT_OURS |= {errno.EACCES, errno.EPERM}


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the answers so far said of a remote file.

    Attributes
    ----------
    etag : str or None
        Its strong entity tag, with the quotes (RFC 9110, 8.8.3).
    modified : str or None
        Its Last-Modified date, as sent.
    total : int or None
        Its size in bytes.
    """

    etag: str | None = None
    modified: str | None = None
    total: int | None = None

    @property
    def validator(self) -> str | None:
        """What If-Range can name the file by (RFC 9110, 13.1.5)."""
        return self.etag or self.modified

    def find_contradiction(self, newer: "Facts") -> str | None:
        """Say in which way `newer` describes another file; None if it need not."""
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
        """Take over what `newer` says, and keep the rest: a 206 may say less."""
        return Facts(
            etag=newer.etag or self.etag,
            modified=newer.modified or self.modified,
            total=self.total if newer.total is None else newer.total,
        )


class Part:
    """An open part file; a context manager that closes it.

    Only one process at a time writes to a part. A second one, or one on a file
    system without locks, gets a part of its own, which it cannot resume later.

    Parameters
    ----------
    folder : pathlib.Path
        Where it lies; made if absent. Everything in it may be deleted while no
        transfer runs.
    key : str
        What the bytes are of: a URL, or what identifies a member of an archive.
    pinned : bool
        Whether a hash decides on the bytes at their end.

    Attributes
    ----------
    path : pathlib.Path
        The part file.
    size : int
        Bytes in it.
    facts : Facts
        Of the remote file that they come from.
    resumed : bool
        Whether its bytes come from more than one answer of a server.
    pinned : bool
        As given; but not after the hash of resumed bytes was wrong, so that the next
        ones are all of one file.

    Raises
    ------
    OSError
        If `folder` cannot be made or written to.
    """

    def __init__(self, folder: Path, key: str, *, pinned: bool = False) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        stem = hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()[:32]
        self._key = redact(key)
        self.path = folder / f"{stem}.part"
        file = _open_alone(self.path)
        self._shared = file is not None
        if file is None:
            self.path = folder / f"{stem}-{os.getpid()}-{secrets.token_hex(4)}.part"
            file = open(self.path, "a+b", buffering=0, opener=_open_new)  # noqa: SIM115
        self._file = file
        self._sidecar = self.path.with_suffix(".json")
        self._marked = False
        self.size = os.fstat(file.fileno()).st_size
        self.facts = Facts()
        self.resumed = self.size > 0
        found = self._read_sidecar()
        self.pinned = pinned and not found.get("distrusted")
        facts = _read_facts(found)
        if facts is None:
            self.reset()
        else:
            self.facts = facts

    def __enter__(self) -> Self:
        """Hand out itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it; what is in it stays for the next process.

        Unless the disk is full and nothing would vouch for these bytes.
        """
        full = isinstance(error, OSError) and error.errno in _FULL
        if full and not self.pinned:
            self.reset()
        self.close()

    def note(self, facts: Facts) -> None:
        """Write down what is known of the remote file, before bytes of it come."""
        if facts == self.facts and self._sidecar.is_file():
            return
        self.facts = facts
        self._write_sidecar(asdict(facts))

    def append(self, data: bytes) -> None:
        """Add bytes at the end.

        Raises
        ------
        OSError
            If the disk is full (ENOSPC, EDQUOT) or fails; what fitted is kept.
        """
        view = memoryview(data)
        while view:
            written = self._file.write(view)
            self.size += written
            view = view[written:]

    def read(self, first: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Yield the bytes from offset `first` up to `end`, or to the last one."""
        end = self.size if end is None else min(end, self.size)
        while first < end:
            # Sought each time: whoever takes the bytes may append in between.
            self._file.seek(first)
            data = self._file.read(min(READ_SIZE, end - first))
            if not data:
                return
            first += len(data)
            yield data

    def reset(self) -> None:
        """Throw the bytes away."""
        # Bytes first: a sidecar without bytes is harmless, the reverse is not.
        if self.size:
            self._file.truncate(0)
        self._sidecar.unlink(missing_ok=True)
        self.size = 0
        self.facts = Facts()
        self.resumed = False

    def distrust(self) -> None:
        """Throw the bytes away, and remember that they were put together wrongly."""
        self.reset()
        with suppress(OSError):
            self._write_sidecar({"distrusted": True})
            self._marked = self._shared

    def remove(self) -> None:
        """Delete the file: its bytes are where they belong."""
        self.reset()
        self.close()

    def close(self) -> None:
        """Keep the bytes for the next process, which goes on with them."""
        if self._file.closed:
            return
        # Nobody finds a part of a private name again, and an empty one is of no use.
        if not self._shared or not self.size:
            if os.name == "nt":
                self._file.close()  # an open file cannot be deleted there
            # Elsewhere deleted before it is closed, which ends the lock: afterwards
            # it could be somebody else's.
            self.path.unlink(missing_ok=True)
            if not self._marked:
                self._sidecar.unlink(missing_ok=True)
        self._file.close()

    def _write_sidecar(self, found: dict[str, object]) -> None:
        text = json.dumps({"of": self._key, **found}, indent=1)
        temporary = self.path.with_suffix(f".{secrets.token_hex(4)}.tmp")
        # open(), since files of tempfile ignore the umask and shut others out.
        with open(temporary, "x", encoding="utf-8") as file:
            file.write(text)
        os.replace(temporary, self._sidecar)

    def _read_sidecar(self) -> dict[str, object]:
        try:
            with open(self._sidecar, "rb", opener=_open_regular) as file:
                found = json.loads(file.read(READ_SIZE))
        except (OSError, ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}


def _read_facts(found: dict[str, object]) -> Facts | None:
    """Read facts out of a sidecar; None if it has none that can be used."""
    match found:
        case {
            "etag": str() | None as etag,
            "modified": str() | None as modified,
            "total": int() | None as total,
        } if all(_SHORT.fullmatch(text) for text in (etag, modified) if text):
            return Facts(etag=etag, modified=modified, total=total)
    return None


def _open_alone(path: Path) -> FileIO | None:
    """Open for appending what no other process has open; None if that cannot be."""
    while True:
        try:
            file = open(path, "a+b", buffering=0, opener=_open_regular)  # noqa: SIM115
        except OSError as error:
            # A link, a folder, a device, a file of somebody else's: it is left alone.
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
    """Open a file that is not there yet."""
    return os.open(path, flags | os.O_EXCL, 0o666)


def _open_regular(path: str, flags: int) -> int:
    """Open a regular file, and neither follow a link nor wait for a pipe."""
    flags |= getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    number = os.open(path, flags, 0o666)
    if not stat.S_ISREG(os.fstat(number).st_mode):
        os.close(number)
        raise OSError(errno.EINVAL, "not a regular file", path)
    return number


def _lock(file: FileIO) -> bool:
    try:
        import fcntl  # absent on Windows, where callers' own locks have to do
    except ImportError:
        return True
    try:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
