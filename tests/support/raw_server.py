"""A server on loopback that answers with any bytes, at any pace."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Self

Script = Callable[[bytes], Iterator[bytes]]
"""Takes a request, and yields what is sent in answer to it; then it hangs up."""


class RawServer:
    """Plays a script to each connection; a context manager.

    Parameters
    ----------
    script : callable
    greeting : bool
        Whether it speaks first: the request is then empty.
    context : ssl.SSLContext, optional
        To speak TLS with.
    """

    def __init__(
        self,
        script: Script,
        greeting: bool = False,
        context: ssl.SSLContext | None = None,
    ) -> None:
        self.script = script
        self.requests: list[bytes] = []
        self.closing = threading.Event()
        self._greeting = greeting
        self._context = context
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._listener.settimeout(10)
        self.port = int(self._listener.getsockname()[1])
        self.url = f"{'https' if context else 'http'}://127.0.0.1:{self.port}/f"
        self._threads = [threading.Thread(target=self._accept)]

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port)):
            pass
        for thread in self._threads:
            thread.join()
        self._listener.close()

    def drip(self, data: bytes, pause: float = 0.02) -> Iterator[bytes]:
        """Yield one byte at a time, again and again, until the server is closed."""
        while not self.closing.is_set():
            for byte in data:
                if self.closing.wait(pause):
                    return
                yield bytes([byte])

    def _accept(self) -> None:
        while True:
            with suppress(OSError):
                connection, _ = self._listener.accept()
                if self.closing.is_set():
                    connection.close()
                    return
                thread = threading.Thread(target=self._answer, args=(connection,))
                thread.start()
                # Those that are done need not be waited for.
                self._threads = [one for one in self._threads if one.is_alive()]
                self._threads.append(thread)

    def _answer(self, connection: socket.socket) -> None:
        connection.settimeout(10)
        if self._context is not None:
            connection = self._context.wrap_socket(connection, server_side=True)
        with suppress(OSError), connection:
            request = b"" if self._greeting else read_request(connection)
            self.requests.append(request)
            for piece in self.script(request):
                connection.sendall(piece)
            # A FIN and not a RST, which would overtake what is on its way.
            connection.shutdown(socket.SHUT_WR)
            connection.settimeout(1)
            while connection.recv(1 << 16):
                pass


def read_request(connection: socket.socket) -> bytes:
    """Read until an empty line, or until nothing comes any more."""
    request = b""
    while b"\r\n\r\n" not in request:
        piece = connection.recv(1 << 16)
        if not piece:
            break
        request += piece
    return request
