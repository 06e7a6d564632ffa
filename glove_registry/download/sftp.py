"""Copy a file by SFTP, with paramiko: the opener of ``sftp:``."""

from importlib import import_module
from typing import IO, TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from ..errors import FetchError

if TYPE_CHECKING:
    from .http import Policy

# paramiko requests as much at once, and keeps it in memory.
_PIECE = 1 << 21


def copy(url: str, file: IO[bytes], policy: "Policy") -> None:
    """Write the file at `url` to `file`."""
    try:
        paramiko = import_module("paramiko")
    except ImportError:
        raise FetchError(
            "sftp: URLs need the package paramiko, which is not installed: run `python "
            "-m pip install paramiko`"
        ) from None
    parts = urlsplit(url)
    with paramiko.Transport((parts.hostname or "", parts.port or 22)) as connection:
        connection.connect(
            username=unquote(parts.username or "anonymous"),
            password=unquote(parts.password or ""),
        )
        client = paramiko.SFTPClient.from_transport(connection)
        client.get_channel().settimeout(policy.read_timeout)
        # Not its `get`, which has a list of all requests for the size that it is told.
        with client.open(unquote(parts.path)) as remote:
            size = remote.stat().st_size
            if size is None:
                raise FetchError("the server does not state the size of the file")
            for at in range(0, size, _PIECE):
                wanted = min(_PIECE, size - at)
                piece = b"".join(remote.readv([(at, wanted)]))
                file.write(piece)
                if len(piece) < wanted:
                    raise EOFError(f"the file ends before its {size:,} bytes")
