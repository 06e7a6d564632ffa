"""A web server on loopback with a limited speed."""

import re
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

# Bytes per write: few enough to be smooth, enough to cost next to no time.
PIECE = 1 << 16


class Link:
    """Context manager that serves one file and ranges of it.

    Parameters
    ----------
    path : Path
    bytes_per_second : float
        Shared by all connections.
    """

    def __init__(self, path: Path, bytes_per_second: float) -> None:
        self.path = path
        self.bytes_sent = 0
        self._pause = PIECE / bytes_per_second
        self._free_at = 0.0
        self._lock = threading.Lock()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._make_handler())
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,))

    @property
    def url(self) -> str:
        """URL of the file."""
        return f"http://127.0.0.1:{self._http.server_port}/{self.path.name}"

    def __enter__(self) -> "Link":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def _wait_for_turn(self, size: int) -> None:
        """Wait until a piece would have arrived."""
        with self._lock:
            self.bytes_sent += size
            now = time.monotonic()
            self._free_at = max(self._free_at, now) + self._pause * size / PIECE
            wait = self._free_at - now
        time.sleep(wait)

    def _make_handler(self) -> type[BaseHTTPRequestHandler]:
        link = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_HEAD(self) -> None:
                self._begin()

            def do_GET(self) -> None:
                start, stop = self._begin()
                with link.path.open("rb") as file:
                    file.seek(start)
                    while start < stop:
                        piece = file.read(min(PIECE, stop - start))
                        link._wait_for_turn(len(piece))
                        try:
                            self.wfile.write(piece)
                        except OSError:
                            # The client has all that it needs.
                            self.close_connection = True
                            return
                        start += len(piece)

            def _begin(self) -> tuple[int, int]:
                """Send the headers; return the requested range."""
                size = link.path.stat().st_size
                asked = re.fullmatch(
                    r"bytes=(\d*)-(\d*)", self.headers.get("Range", "")
                )
                start, stop = 0, size
                if asked is not None and asked[1]:
                    start = int(asked[1])
                    stop = min(int(asked[2]) + 1, size) if asked[2] else size
                elif asked is not None:
                    start = max(size - int(asked[2]), 0)
                self.send_response(206 if asked else 200)
                if asked:
                    said = f"bytes {start}-{stop - 1}/{size}"
                    self.send_header("Content-Range", said)
                self.send_header("Content-Length", str(stop - start))
                self.send_header("Accept-Ranges", "bytes")
                self.send_header("ETag", '"one"')
                self.end_headers()
                return start, stop

            def log_message(self, format: str, *arguments: object) -> None:
                """Log nothing: bytes are counted instead."""

        return Handler
