"""A hub on loopback: what its protocol says to clients that fetch, and what they sent.

Files of repositories lie in commits, and are asked for as huggingface_hub does: the
answer to ``/ORG/REPO/resolve/REVISION/FILE`` states the commit, and of a large file the
hash, the size and its place at another origin.
"""

import hashlib
import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlsplit

from fault_server import FaultServer, Seen

# The token of a user who may read every repository here, and one that nobody has.
TOKEN = "hf_right"
WRONG_TOKEN = "hf_wrong"

# Files of at least so many bytes are stored elsewhere, as files of Git LFS are.
LARGE = 1 << 10


@dataclass
class Repository:
    """A repository: its commits, oldest first, and what its branches name."""

    private: bool = False
    gated: bool = False
    commits: dict[str, dict[str, bytes]] = field(default_factory=dict)
    branches: dict[str, str] = field(default_factory=dict)

    def find(self, revision: str) -> str | None:
        """Return the commit that a branch or a commit's own name stands for."""
        name = self.branches.get(revision, revision)
        return name if name in self.commits else None


class HubServer:
    """The hub; a context manager.

    Attributes
    ----------
    base : str
        Its origin, as HF_ENDPOINT names it.
    store : FaultServer
        The other origin, which has the large files, each as a resource that can be
        spoilt; see `place`.
    store_host : str
        The name by which redirects lead there. Only the port differs unless it is
        another one, such as ``localhost``.
    cookies : dict of str
        Set by every answer of the hub.
    seen : list of Seen
        The requests that came to the hub.
    """

    def __init__(self, store_host: str = "localhost") -> None:
        self.repositories: dict[str, Repository] = {}
        self.tokens = {TOKEN}
        self.cookies: dict[str, str] = {}
        self.seen: list[Seen] = []
        self.store = FaultServer()
        self.store_host = store_host
        self._server = _Server(("127.0.0.1", 0), Handler)
        self._server.owner = self
        self.base = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    def __enter__(self) -> Self:
        self.store.__enter__()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self.store.__exit__()

    def commit(
        self, name: str, files: dict[str, bytes], *, branch: str = "main", **new: Any
    ) -> str:
        """Add files to a branch of a repository, made if it is new; return the commit.

        ``datasets/ORG/REPO`` is one of datasets; `new` are attributes of a repository.
        """
        repository = self.repositories.setdefault(name, Repository(**new))
        parent = repository.branches.get(branch)
        kept = {} if parent is None else repository.commits[parent]
        text = f"{name} {parent} {sorted(files)} {len(repository.commits)}"
        commit = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
        repository.commits[commit] = {**kept, **files}
        repository.branches[branch] = commit
        for data in files.values():
            if len(data) >= LARGE:
                place = self.place(data)
                self.store.resources.pop(place, None)
                self.store.add(place, data, etag=f'"{_sha256(data)}"')
        return commit

    def place(self, data: bytes) -> str:
        """Return the path, with a signature, of a large file at the other origin."""
        return f"/large/{_sha256(data)}?Expires=2000000000&Signature=signed-{len(data)}"

    def locate(self, data: bytes) -> str:
        """Return the URL to which the hub redirects for a large file."""
        return f"http://{self.store_host}:{self.store.port}{self.place(data)}"


class Refusal(Exception):
    """An answer that refuses: its status, and what its headers say."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.headers = {"X-Error-Code": code, "X-Error-Message": message}


class _Server(ThreadingHTTPServer):
    # Clients keep connections open, for which closing must not wait.
    daemon_threads = True
    owner: HubServer

    def handle_error(self, *_: object) -> None:
        pass  # clients that hang up are what is tested here


class Handler(BaseHTTPRequestHandler):
    """Answers of the hub."""

    protocol_version = "HTTP/1.1"
    timeout = 10
    server: _Server

    def log_message(self, *_: object) -> None:
        """Print nothing."""

    def do_HEAD(self) -> None:
        """Answer what a file is."""
        self.respond(self.resolve)

    def do_GET(self) -> None:
        """Answer with a file, or where it is."""
        self.respond(self.resolve)

    def respond(self, route: Any) -> None:
        """Send what a route returns, (status, headers, body), or its refusal."""
        self.seen = Seen(self.command, self.path, dict(self.headers.items()))
        self.server.owner.seen.append(self.seen)
        try:
            status, headers, body = route()
        except Refusal as refusal:
            status, headers = refusal.status, refusal.headers
            body = json.dumps({"error": str(refusal)}).encode()
        self.seen.status = status
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        for name, value in self.server.owner.cookies.items():
            self.send_header("Set-Cookie", f"{name}={value}; Path=/")
        self.end_headers()
        if self.command != "HEAD":
            self.seen.sent += len(body)
            self.wfile.write(body)

    def find_repository(self, name: str) -> Repository:
        """Return a repository that this request may see.

        As on the hub, a private one looks like one that does not exist.
        """
        owner = self.server.owner
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if token and token not in owner.tokens:
            raise Refusal(401, "", "Invalid username or password.")
        repository = owner.repositories.get(name)
        if repository is None or (repository.private and not token):
            status = 404 if token else 401
            raise Refusal(status, "RepoNotFound", "Repository not found")
        if repository.gated and not token:
            message = f"Access to {name} is restricted. You must be authenticated."
            raise Refusal(401, "GatedRepo", message)
        return repository

    def resolve(self) -> tuple[int, dict[str, str], bytes]:
        """Answer ``[datasets/]ORG/REPO/resolve/REVISION/FILE``."""
        path = urlsplit(self.path).path
        before, middle, after = path.partition("/resolve/")
        if not middle:
            raise Refusal(404, "", f"no such route: {path}")
        name, (revision, _, file) = unquote(before[1:]), after.partition("/")
        repository = self.find_repository(name)
        commit = repository.find(unquote(revision))
        if commit is None:
            raise Refusal(404, "RevisionNotFound", f"Invalid rev id: {revision}")
        data = repository.commits[commit].get(unquote(file))
        if data is None:
            refusal = Refusal(404, "EntryNotFound", "Entry not found")
            refusal.headers["X-Repo-Commit"] = commit
            raise refusal
        headers = {"X-Repo-Commit": commit, "Accept-Ranges": "bytes"}
        if len(data) >= LARGE:
            headers |= {
                "X-Linked-ETag": f'"{_sha256(data)}"',
                "X-Linked-Size": str(len(data)),
                "Location": self.server.owner.locate(data),
            }
            return 302, headers, b""
        headers |= {
            "ETag": f'"{_name_blob(data)}"',
            "Content-Type": "text/plain; charset=utf-8",
        }
        return self._cut(data, headers)

    def _cut(
        self, data: bytes, headers: dict[str, str]
    ) -> tuple[int, dict[str, str], bytes]:
        """Answer with the range that is asked for, if one is."""
        wanted = self.headers.get("Range", "")
        if self.headers.get("If-Range") not in (None, headers["ETag"]):
            wanted = ""
        if self.command == "HEAD" or not wanted:
            return 200, {**headers, "Content-Length": str(len(data))}, data
        left, _, right = wanted.removeprefix("bytes=").partition("-")
        first = int(left) if left else max(len(data) - int(right), 0)
        end = min(int(right) + 1, len(data)) if left and right else len(data)
        if first >= end:
            return 416, {"Content-Range": f"bytes */{len(data)}"}, b""
        place = {"Content-Range": f"bytes {first}-{end - 1}/{len(data)}"}
        return 206, {**headers, **place}, data[first:end]

    def read_query(self) -> dict[str, list[str]]:
        """Return the fields after the question mark."""
        return parse_qs(urlsplit(self.path).query)

    def read_body(self) -> bytes:
        """Return the body of the request."""
        return self.rfile.read(int(self.headers.get("Content-Length", "0")))


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _name_blob(data: bytes) -> str:
    """Return the name that git gives to a file."""
    return hashlib.sha1(
        b"blob %d\0" % len(data) + data, usedforsecurity=False
    ).hexdigest()
