"""Files that are not on the web: by ``ftp:``, and by what else pooch can reach.

They come whole and are not resumed. Neither ftplib nor pooch knows of a floor or of an
end of patience, so each try runs in a thread that is given up where `transport` would.
"""

import ftplib
import hashlib
import os
import re
import secrets
import socket
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from ..errors import FetchError
from ..messages.printable import make_line, shorten
from ..registry.urls import redact

if TYPE_CHECKING:
    from .http import Policy

_PIECE = 1 << 18

# Bytes of all replies of an FTP server to one download.
_REPLIES_LIMIT = 1 << 20


def retrieve(url: str, folder: Path, size: int | None = None) -> Path:
    """Bring a file to a folder.

    Parameters
    ----------
    url : str
        ``ftp:``, ``sftp:`` or ``doi:``.
    folder : Path
        Made if absent.
    size : int, optional
        Of the file, in bytes.

    Returns
    -------
    Path
        Of the file, which has a name of this process alone.

    Raises
    ------
    FetchError
        It did not come.
    OSError
        It cannot be written.
    """
    from .http import Policy
    from .http.disk import check_room
    from .http.policy import Interrupted, Patience

    policy = Policy()
    patience = Patience(url, policy)
    base = re.sub(r"[^A-Za-z0-9._-]", "_", PurePosixPath(url).name)[-80:]
    key = hashlib.sha256(url.encode("utf-8", "surrogateescape")).hexdigest()[:12]
    folder.mkdir(parents=True, exist_ok=True)
    if size is not None:
        check_room(url, folder, size)
    path = folder / f"{key}-{os.getpid()}-{secrets.token_hex(4)}-{base}"
    while True:
        try:
            with path.open("xb") as file:
                _bring(url, _Output(url, file, size, policy), policy)
            return path
        except Interrupted as fault:
            path.unlink(missing_ok=True)
            patience.spend(fault)
        except BaseException:
            path.unlink(missing_ok=True)
            raise


def _bring(url: str, output: "_Output", policy: "Policy") -> None:
    """Try once."""
    from .http.deadline import watch
    from .http.policy import Interrupted

    scheme = urlsplit(url).scheme
    bring = _bring_by_ftp if scheme == "ftp" else _bring_by_pooch
    begun = policy.clock()
    try:
        watch(lambda: bring(url, output, policy), output.measure, policy)
    except Interrupted:
        raise
    # Answers of all kinds become exceptions of all kinds in the libraries.
    except Exception as error:
        if output.fault is not None:
            raise output.fault from None
        reason = make_line(shorten(redact(_name(error)), 300))
        if _may_pass(error):
            raise Interrupted(reason, lost=policy.clock() - begun) from None
        raise FetchError(f"{reason} (check the URL and the network)") from None


def _name(error: Exception) -> str:
    if isinstance(error, EOFError):
        return str(error) or "the server closed the connection"
    if isinstance(error, ftplib.Error):
        return f"the server answered {error}"
    return f"{type(error).__name__}: {error}"


def _may_pass(error: Exception) -> bool:
    """Tell whether another try may help."""
    import requests

    if isinstance(error, socket.gaierror):
        return error.errno == socket.EAI_AGAIN
    passing = (ConnectionError, TimeoutError, EOFError, ftplib.error_temp)
    theirs = (requests.exceptions.ConnectionError, requests.exceptions.Timeout)
    return isinstance(error, (*passing, *theirs))


def _bring_by_pooch(url: str, output: "_Output", policy: "Policy") -> None:
    import pooch

    if urlsplit(url).scheme == "sftp":
        # The one downloader that writes to nothing but a path.
        by_ssh = pooch.SFTPDownloader(timeout=policy.read_timeout)
        by_ssh(url, output.name, None)
    else:
        by_doi = pooch.DOIDownloader(timeout=policy.read_timeout, chunk_size=_PIECE)
        by_doi(url, output, None)


def _bring_by_ftp(url: str, output: "_Output", policy: "Policy") -> None:
    parts = urlsplit(url)
    with _FTP(timeout=policy.read_timeout) as ftp:
        ftp.connect(parts.hostname or "", parts.port or 0)
        ftp.login(unquote(parts.username or ""), unquote(parts.password or ""))
        ftp.retrbinary(f"RETR {unquote(parts.path)}", output.write, _PIECE)


class _FTP(ftplib.FTP):
    """A connection whose server says a limited amount."""

    _said = 0

    def getline(self) -> str:
        """Read a line of a reply."""
        line = super().getline()
        self._said += len(line) + 2
        if self._said > _REPLIES_LIMIT:
            raise EOFError("the server's replies have no end")
        return line


class _Output:
    """A file that takes what is expected of it, and no more than there is room for.

    It is closed when the try that writes to it is given up, which then ends, too, as
    soon as another byte arrives.
    """

    def __init__(
        self, url: str, file: IO[bytes], size: int | None, policy: "Policy"
    ) -> None:
        self._url = url
        self.name = file.name
        self.fault: OSError | None = None
        self._file = file
        self._size = size
        self._limit = policy.undeclared_limit if size is None else size
        self._count = 0

    def write(self, data: bytes) -> int:
        """Write all of it."""
        self._count += len(data)
        try:
            self._check()
            return self._file.write(data)
        except OSError as fault:
            self.fault = fault
            raise

    def flush(self) -> None:
        """Do as files do."""
        self._file.flush()

    def measure(self) -> int:
        """Return the number of bytes that have come."""
        return max(self._count, os.fstat(self._file.fileno()).st_size)

    def _check(self) -> None:
        from .http.disk import check_room

        if self._count > self._limit:
            raise FetchError(
                f"it goes on past the {self._limit:,} bytes it should have: choose "
                "another source"
            )
        if self._size is None:
            check_room(self._url, Path(self.name).parent, None)
