"""Copy a file by SFTP, with paramiko: the opener of ``sftp:``."""

import logging
import socket
from importlib import import_module
from types import SimpleNamespace
from typing import IO, TYPE_CHECKING, Any, NoReturn
from urllib.parse import unquote_to_bytes, urlsplit

from ..errors import FetchError

if TYPE_CHECKING:
    from .http import Policy

# Bytes that paramiko requests at once, and keeps in memory. At the floor rate of a
# download they arrive within its window.
_PIECE = 1 << 19

# Where paramiko writes what it thinks of a server, tracebacks and the server's words
# included, as they are. What matters of it is raised, too.
_LOG = "glove_registry.paramiko"
logging.getLogger(_LOG).setLevel(logging.CRITICAL + 1)


def copy(url: str, file: IO[bytes], policy: "Policy") -> None:
    """Write the file at `url` to `file`.

    A password is sent to no server but one whose key is in ``~/.ssh/known_hosts``.
    """
    try:
        paramiko = import_module("paramiko")
    except ImportError:
        raise FetchError(
            "sftp: URLs need the package paramiko, which is not installed: run `python "
            "-m pip install paramiko`"
        ) from None
    try:
        _fetch(paramiko, url, file, policy)
    except (
        paramiko.AuthenticationException,
        paramiko.BadHostKeyException,
        paramiko.ssh_exception.IncompatiblePeer,
    ):
        raise
    except paramiko.SSHException as error:
        raise EOFError(f"the connection broke ({error})") from error


def _fetch(paramiko: Any, url: str, file: IO[bytes], policy: "Policy") -> None:
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or 22
    password = unquote_to_bytes(parts.password or "")
    with (
        socket.create_connection((host, port), policy.connect_timeout) as connection,
        paramiko.SSHClient() as client,
    ):
        client.set_log_channel(_LOG)
        try:
            client.load_system_host_keys()
        except (paramiko.hostkeys.InvalidHostKey, ValueError) as error:
            raise FetchError(
                "~/.ssh/known_hosts has a line that is not valid "
                f"({type(error).__name__}): correct or remove it"
            ) from None
        # Where nothing secret is sent, the sha256 of what comes is enough.
        client.set_missing_host_key_policy(
            SimpleNamespace(missing_host_key=_refuse)
            if password
            else paramiko.AutoAddPolicy()
        )
        client.connect(
            host,
            port,
            username=unquote_to_bytes(parts.username or "anonymous"),
            password=password,
            allow_agent=False,
            look_for_keys=False,
            sock=connection,
        )
        files = client.open_sftp()
        files.get_channel().settimeout(policy.read_timeout)
        _copy(files, unquote_to_bytes(parts.path), file)


def _copy(files: Any, path: bytes, file: IO[bytes]) -> None:
    # Not by its `get`, which has a list of all requests for the size that it is told.
    with files.open(path) as remote:
        size = remote.stat().st_size
        if size is None:
            raise FetchError("the server does not state the size of the file")
        for at in range(0, size, _PIECE):
            wanted = min(_PIECE, size - at)
            piece = b"".join(remote.readv([(at, wanted)]))
            file.write(piece)
            if len(piece) < wanted:
                raise EOFError(f"the file ends before its {size:,} bytes")


def _refuse(client: Any, host: str, key: Any) -> NoReturn:
    raise FetchError(
        f"the key of {host} is not in ~/.ssh/known_hosts, so that the password could "
        "reach another server: connect to it once by `sftp`, and check its key"
    )
