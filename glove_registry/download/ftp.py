"""Copy a file from an FTP server: the opener of ``ftp:``."""

import ftplib
from contextlib import closing
from typing import IO, TYPE_CHECKING
from urllib.parse import unquote_to_bytes, urlsplit

if TYPE_CHECKING:
    from .http import Policy

_PIECE = 1 << 18

# Bytes of all replies of a server to one download.
_REPLIES_LIMIT = 1 << 20


def copy(url: str, file: IO[bytes], policy: "Policy") -> None:
    """Write the file at `url` to `file`."""
    parts = urlsplit(url)
    # Names and replies are bytes of no known encoding: Latin-1 keeps them as they are.
    # No goodbye is said: the answer to it could only undo what went well.
    with closing(_FTP(timeout=policy.read_timeout, encoding="latin-1")) as ftp:
        ftp.connect(parts.hostname or "", parts.port or 0)
        ftp.login(_unquote(parts.username or ""), _unquote(parts.password or ""))
        ftp.retrbinary(f"RETR {_unquote(parts.path)}", file.write, _PIECE)


def _unquote(text: str) -> str:
    return unquote_to_bytes(text).decode("latin-1")


class _FTP(ftplib.FTP):
    """A connection that reads a limited amount of replies."""

    _received = 0

    def getline(self) -> str:
        """Read a line of a reply."""
        line = super().getline()
        self._received += len(line) + 2
        if self._received > _REPLIES_LIMIT:
            raise EOFError("the server's replies have no end")
        return line
