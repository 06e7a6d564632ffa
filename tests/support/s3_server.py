"""A real S3 server on loopback, moto's, that breaks transfers off on request."""

import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Self

import boto3
import requests
from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server

BUCKET = "vectors"

# It reads what services there are once.
_SESSION = boto3.Session()


@dataclass(frozen=True)
class Asked:
    """A request that came."""

    method: str
    path: str
    headers: dict[str, str] = field(default_factory=dict)


class S3Server:
    """The server; a context manager.

    Attributes
    ----------
    base : str
        Its URL, as AWS_ENDPOINT_URL names it.
    asked : list of Asked
        The requests that came.
    left : int or None
        How many bytes of objects are still sent before every answer breaks off; None:
        all.
    silent : bool
        Whether objects are not sent at all, nor their requests answered.
    """

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.left: int | None = None
        self.silent = False
        self._closing = threading.Event()
        self._moto = DomainDispatcherApplication(create_backend_app)
        self._server = make_server(
            "127.0.0.1", 0, self._answer, threaded=True, request_handler=_Quiet
        )
        self.base = f"http://127.0.0.1:{self._server.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    def __enter__(self) -> Self:
        self._thread.start()
        self.connect("s3").create_bucket(Bucket=BUCKET)
        self.asked.clear()
        return self

    def __exit__(self, *_: object) -> None:
        # What moto keeps belongs to the process.
        requests.post(f"{self.base}/moto-api/reset", timeout=10)
        self._closing.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def connect(self, service: str) -> Any:
        """Return a client of AWS's own library."""
        return _SESSION.client(
            service,
            endpoint_url=self.base,
            region_name="us-east-1",
            aws_access_key_id="owner",
            aws_secret_access_key="owner",
        )

    def put(self, key: str, data: bytes, *, private: bool = False) -> str:
        """Store an object that all may read unless it is private; return its URL."""
        acl = "private" if private else "public-read"
        self.connect("s3").put_object(Bucket=BUCKET, Key=key, Body=data, ACL=acl)
        self.asked.clear()
        return f"s3://{BUCKET}/{key}"

    @property
    def ranges(self) -> list[str | None]:
        """The ranges that were requested of objects."""
        gets = (one for one in self.asked if one.method == "GET")
        return [one.headers.get("Range") for one in gets]

    def _answer(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        headers = {
            name.removeprefix("HTTP_").replace("_", "-").title(): value
            for name, value in environ.items()
            if name.startswith("HTTP_")
        }
        asked = Asked(environ["REQUEST_METHOD"], environ["PATH_INFO"], headers)
        self.asked.append(asked)
        if self.silent and asked.method == "GET":
            self._closing.wait(10)
        body = self._moto(environ, start_response)
        return self._cut(body) if asked.method == "GET" else body

    def _cut(self, body: Iterable[bytes]) -> Iterator[bytes]:
        for piece in body:
            if self.left is None:
                yield piece
                continue
            sent, self.left = piece[: self.left], max(self.left - len(piece), 0)
            yield sent
            if len(sent) < len(piece):
                return


class _Quiet(WSGIRequestHandler):
    def log(self, *_: Any) -> None:
        """Print nothing."""
