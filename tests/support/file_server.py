"""A web server on loopback that serves named files and counts what it sends."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType


class FileServer:
    """Serves what is put into `files`; a context manager."""

    def __init__(self) -> None:
        self.files: dict[str, Path | bytes] = {}
        self.cut: dict[str, int] = {}
        self.requests: list[str] = []
        self.bytes_sent = 0
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._make_handler())
        self._thread = threading.Thread(
            target=self._http.serve_forever, args=(0.01,), daemon=True
        )

    def url(self, name: str, content: Path | bytes, cut: int | None = None) -> str:
        """Serve `content` under a name; break off after `cut` bytes if given."""
        self.files["/" + name] = content
        if cut is not None:
            self.cut["/" + name] = cut
        return f"http://127.0.0.1:{self._http.server_port}/{name}"

    def __enter__(self) -> "FileServer":
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def _make_handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.requests.append(self.path)
                if self.path not in server.files:
                    self.send_error(404)
                    return
                content = server.files[self.path]
                body = content if isinstance(content, bytes) else content.read_bytes()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                sent = body[: server.cut.get(self.path)]
                server.bytes_sent += len(sent)
                self.wfile.write(sent)

            def log_message(self, format: str, *arguments: object) -> None:
                """Say nothing: the tests look at `requests`."""

        return Handler
