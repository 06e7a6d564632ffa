"""A real SFTP server on loopback, by paramiko, whose answers can be spoilt."""

import os
import socket
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

import paramiko


class SftpServer:
    """Serves the files of a folder to anybody; a context manager.

    Attributes
    ----------
    key : paramiko.PKey
        Its own, by which clients recognise it.
    passwords : list of str
        Those that clients sent.
    greetings : list of bytes
        Sent to so many clients, one to each, before it hangs up.
    fault : {"", "huge", "unknown", "endless", "silent", "cut"}
        A wrong size, or none, is stated; zeros follow the end of a file of wrong size;
        requests for bytes have no answer, or end the connection.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.key = paramiko.ECDSAKey.generate()
        self.passwords: list[str] = []
        self.greetings: list[bytes] = []
        self.fault = ""
        self.closing = threading.Event()
        self._transports: list[paramiko.Transport] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self.base = f"sftp://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._accept)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port)):
            pass
        self._thread.join()
        self._listener.close()
        self.hang_up()
        for transport in self._transports:
            transport.join(10)

    def hang_up(self) -> None:
        """End all connections."""
        for transport in self._transports:
            transport.close()

    def _accept(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            if self.closing.is_set():
                connection.close()
                return
            if self.greetings:
                with suppress(OSError), connection:
                    connection.sendall(self.greetings.pop())
                continue
            transport = paramiko.Transport(connection)
            transport.add_server_key(self.key)
            transport.set_subsystem_handler("sftp", paramiko.SFTPServer, _Files, self)
            self._transports.append(transport)
            # A client that does not like the key hangs up in its midst.
            with suppress(paramiko.SSHException, EOFError, OSError):
                transport.start_server(server=_Login(self))


class _Login(paramiko.ServerInterface):  # type: ignore[misc]
    def __init__(self, owner: SftpServer) -> None:
        self._owner = owner

    def get_allowed_auths(self, username: str) -> str:
        return "password"

    def check_auth_password(self, username: str, password: str) -> int:
        self._owner.passwords.append(password)
        return int(paramiko.AUTH_SUCCESSFUL)

    def check_channel_request(self, kind: str, number: int) -> int:
        return int(paramiko.OPEN_SUCCEEDED)


class _Files(paramiko.SFTPServerInterface):  # type: ignore[misc]
    def __init__(self, server: Any, owner: SftpServer) -> None:
        super().__init__(server)
        self._owner = owner

    def open(self, path: str, flags: int, attributes: Any) -> Any:
        try:
            return _File(self._owner, self._owner.folder / path.lstrip("/"))
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno)


class _File(paramiko.SFTPHandle):  # type: ignore[misc]
    def __init__(self, owner: SftpServer, path: Path) -> None:
        super().__init__(os.O_RDONLY)
        self._owner = owner
        self._content = path.read_bytes()

    def stat(self) -> paramiko.SFTPAttributes:
        told = paramiko.SFTPAttributes()
        if self._owner.fault in ("huge", "endless"):
            told.st_size = 1 << 60
        elif self._owner.fault != "unknown":
            told.st_size = len(self._content)
        return told

    def read(self, offset: int, length: int) -> Any:
        if self._owner.fault == "silent":
            self._owner.closing.wait(30)
        if self._owner.fault == "cut":
            self._owner.hang_up()
        data = self._content[offset : offset + length]
        if self._owner.fault == "endless":
            data += bytes(length - len(data))
        return data or paramiko.SFTP_EOF
