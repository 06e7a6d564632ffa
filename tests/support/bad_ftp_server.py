"""An FTP server on loopback that goes wrong at one step of a download."""

import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from typing import Self

STEPS = ("welcome", "USER", "TYPE", "PASV", "RETR", "data", "end")


class BadFtpServer:
    """Serves one file under any name, and knows no goodbye; a context manager.

    Parameters
    ----------
    content : bytes
        Of the file.
    step : str
        Where it goes wrong: one of `STEPS`.
    fault : str
        "silence", "drip": how; "flood": by a reply, or a file, without end; "slow": by
        a file that comes whole, a byte at a time; "refuse": by a reply of status 421;
        "cut": by hanging up.
    times : int
        How many connections go wrong; afterwards all is well.

    Attributes
    ----------
    replies : dict
        To each step but "data", of which "PASV" is made for each connection; "{line}"
        stands for the line that is replied to.
    lines : list of bytes
        That clients sent.
    """

    def __init__(
        self, content: bytes, step: str, fault: str, times: int = 1 << 30
    ) -> None:
        self.content = content
        self.connections = 0
        self.lines: list[bytes] = []
        self.replies = {
            "welcome": b"220 welcome",
            "USER": b"230 come in",
            "TYPE": b"200 binary",
            "RETR": b"150 here it comes",
            "end": b"226 that was it",
        }
        self.closing = threading.Event()
        self._step, self._fault, self._times = step, fault, times
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"ftp://127.0.0.1:{self._listener.getsockname()[1]}/v.txt"
        self._threads = [threading.Thread(target=self._accept)]

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        with suppress(OSError), socket.create_connection(self._listener.getsockname()):
            pass
        for thread in self._threads:
            thread.join()
        self._listener.close()

    def _accept(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            if self.closing.is_set():
                connection.close()
                return
            self.connections += 1
            step = self._step if self.connections <= self._times else ""
            thread = threading.Thread(target=self._serve, args=(connection, step))
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket, bad: str) -> None:
        with (
            suppress(OSError),
            connection,
            socket.create_server(("127.0.0.1", 0)) as data,
        ):
            connection.settimeout(20)
            data.settimeout(20)
            port = data.getsockname()[1]
            passive = b"227 (127,0,0,1,%d,%d)" % divmod(port, 256)
            replies = {**self.replies, "PASV": passive}
            with connection.makefile("rb") as lines:
                line = b""
                for step in STEPS:
                    if step == "data":
                        self._send_file(data, bad == step)
                        continue
                    if step not in ("welcome", "end"):
                        line = lines.readline().strip()
                        self.lines.append(line)
                    reply = replies[step].replace(b"{line}", line)
                    for piece in self._say(reply, bad == step):
                        connection.sendall(piece)
                    if bad == step:
                        return
                if lines.readline():
                    connection.sendall(b"500 what?\r\n")

    def _send_file(self, listener: socket.socket, bad: bool) -> None:
        connection, _ = listener.accept()
        with connection:
            if not bad:
                connection.sendall(self.content)
            elif self._fault == "cut":
                connection.sendall(self.content[:-1])
            elif self._fault == "slow":
                for byte in self.content:
                    self.closing.wait(0.02)
                    connection.sendall(bytes([byte]))
            else:
                for piece in self._go_wrong(b"x"):
                    connection.sendall(piece)

    def _say(self, reply: bytes, bad: bool) -> Iterator[bytes]:
        if not bad:
            yield reply + b"\r\n"
        elif self._fault == "refuse":
            yield b"421 too many users\r\n"
        else:
            yield from self._go_wrong(b"220-" + b"x" * 4000 + b"\r\n")

    def _go_wrong(self, what: bytes) -> Iterator[bytes]:
        while self._fault == "flood" and not self.closing.is_set():
            yield what * 100
        while self._fault == "drip":
            for byte in what:
                if self.closing.wait(0.02):
                    return
                yield bytes([byte])
        if self._fault == "silence":
            self.closing.wait(20)
