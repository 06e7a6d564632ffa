"""The hub on loopback for those who publish, as huggingface_hub speaks to it.

A repository is created, the hub says of each file whether it belongs into the commit or
into the store of large files, takes those at another origin by the batch protocol of
Git LFS, and accepts all of them by one commit.
"""

import base64
import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import unquote, urlsplit

import hub_server
import yaml
from fault_server import Seen
from hub_server import HubServer, Refusal

# Whose owner may read every repository, and write into none.
READER = "hf_reader"


class UploadHub(HubServer):
    """A hub that takes commits; a context manager.

    Attributes
    ----------
    uploads : dict of str to bytes
        What arrived in the store of large files, by its sha256.
    uploads_seen : list of Seen
        The requests that came there.
    summaries : list of str
        What the commits that came are called.
    broken : bool
        Whether that store refuses everything.
    """

    def __init__(self) -> None:
        super().__init__()
        self._server.RequestHandlerClass = Handler
        self.tokens.add(READER)
        self.uploads: dict[str, bytes] = {}
        self.uploads_seen: list[Seen] = []
        self.summaries: list[str] = []
        self.broken = False
        self._intake = _Intake(("127.0.0.1", 0), _IntakeHandler)
        self._intake.owner = self
        self.intake = f"http://127.0.0.1:{self._intake.server_address[1]}"
        self._taking = threading.Thread(target=self._intake.serve_forever, args=(0.02,))

    def __enter__(self) -> Self:
        super().__enter__()
        self._taking.start()
        return self

    def __exit__(self, *reason: object) -> None:
        self._intake.shutdown()
        self._taking.join()
        self._intake.server_close()
        super().__exit__(*reason)


class Handler(hub_server.Handler):
    """Answers of the hub to those who publish, besides those to all."""

    @property
    def hub(self) -> UploadHub:
        """The hub."""
        owner = self.server.owner
        assert isinstance(owner, UploadHub)
        return owner

    def do_GET(self) -> None:  # noqa: N802 (called so by http.server)
        """Answer with facts about a repository, or with a file."""
        is_api = self.path.startswith("/api/models/")
        self.respond(self.describe if is_api else self.resolve)

    def do_POST(self) -> None:  # noqa: N802
        """Take one step of a publication."""
        path = unquote(urlsplit(self.path).path)
        body = self.read_body()
        if path == "/api/repos/create":
            self.respond(lambda: self.create(json.loads(body)))
        elif path == "/api/validate-yaml":
            self.respond(lambda: self.validate(json.loads(body)["content"]))
        elif path.endswith(".git/info/lfs/objects/batch"):
            name = path[1:].removesuffix(".git/info/lfs/objects/batch")
            self.respond(lambda: self.offer(name, json.loads(body)))
        elif "/preupload/" in path:
            self.respond(lambda: self.sort(self.read_name(path), json.loads(body)))
        elif "/commit/" in path:
            lines = [json.loads(line) for line in body.splitlines()]
            self.respond(lambda: self.accept(self.read_name(path), lines))
        else:
            self.respond(self.resolve)  # which knows no such route

    @staticmethod
    def read_name(path: str) -> str:
        """Return the repository of ``/api/models/ORG/REPO/...``."""
        return "/".join(path.split("/")[3:5])

    def require_writer(self, name: str) -> None:
        """Refuse those who may not write into a repository."""
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if token not in self.hub.tokens:
            raise Refusal(401, "", "Invalid username or password.")
        if token == READER:
            raise Refusal(403, "", f"You don't have the rights to write to {name}")

    def describe(self) -> tuple[int, dict[str, str], bytes]:
        """Answer ``/api/models/ORG/REPO``."""
        name = self.read_name(urlsplit(self.path).path)
        repository = self.find_repository(name)
        commit = repository.branches["main"]
        files = [{"rfilename": file} for file in sorted(repository.commits[commit])]
        facts = {"id": name, "sha": commit, "private": repository.private}
        return _send({**facts, "siblings": files, "tags": []})

    def create(self, asked: dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
        """Create a repository, with the file that each has."""
        name = f"{asked['organization']}/{asked['name']}"
        self.require_writer(name)
        url = f"{self.hub.base}/{name}"
        if name in self.hub.repositories:
            return 409, {}, json.dumps({"error": "exists", "url": url}).encode()
        files = {".gitattributes": b"*.safetensors filter=lfs\n"}
        # The library's releases before 2 send the first.
        private = asked.get("private") is True or asked.get("visibility") == "private"
        self.hub.commit(name, files, private=private)
        return _send({"url": url, "name": name, "id": name})

    def validate(self, content: str) -> tuple[int, dict[str, str], bytes]:
        """Answer whether the facts at the beginning of a card can be read."""
        try:
            front = yaml.safe_load(content.split("---\n", 2)[1])
            errors = [] if isinstance(front, dict) else [{"message": "no mapping"}]
        except (IndexError, yaml.YAMLError) as error:
            errors = [{"message": str(error)}]
        status, headers, body = _send({"errors": errors, "warnings": []})
        return (400 if errors else status), headers, body

    def sort(
        self, name: str, asked: dict[str, Any]
    ) -> tuple[int, dict[str, str], bytes]:
        """Answer which files are large."""
        self.require_writer(name)
        modes = {True: "lfs", False: "regular"}
        files = [
            {
                "path": one["path"],
                "uploadMode": modes[one["path"].endswith(".safetensors")],
                "shouldIgnore": False,
                "oid": None,
            }
            for one in asked["files"]
        ]
        return _send({"files": files})

    def offer(
        self, name: str, asked: dict[str, Any]
    ) -> tuple[int, dict[str, str], bytes]:
        """Answer where large files are taken, by the batch protocol of Git LFS."""
        self.require_writer(name)
        objects = [
            {**one, "actions": {"upload": {"href": f"{self.hub.intake}/{one['oid']}"}}}
            for one in asked["objects"]
        ]
        return _send({"transfer": "basic", "objects": objects})

    def accept(
        self, name: str, lines: list[dict[str, Any]]
    ) -> tuple[int, dict[str, str], bytes]:
        """Make a commit of files that are sent along, or have arrived before."""
        self.require_writer(name)
        head = self.find_repository(name).branches["main"]
        files = {}
        for line in lines:
            value = line["value"]
            if value.get("parentCommit", head) != head:
                raise Refusal(412, "", "A commit has happened since.")
            if line["key"] == "header":
                self.hub.summaries.append(value["summary"])
            elif line["key"] == "file":
                files[value["path"]] = base64.b64decode(value["content"])
            elif line["key"] == "lfsFile":
                if value["oid"] not in self.hub.uploads:
                    raise Refusal(400, "", f"{value['path']} has not arrived")
                files[value["path"]] = self.hub.uploads[value["oid"]]
        commit = self.hub.commit(name, files)
        url = f"{self.hub.base}/{name}/commit/{commit}"
        return _send({"success": True, "commitUrl": url, "commitOid": commit})


class _Intake(ThreadingHTTPServer):
    daemon_threads = True
    owner: UploadHub


class _IntakeHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Intake

    def log_message(self, *_: object) -> None:
        pass

    def do_PUT(self) -> None:
        owner = self.server.owner
        owner.uploads_seen.append(
            Seen(self.command, self.path, dict(self.headers.items()))
        )
        data = self.rfile.read(int(self.headers["Content-Length"]))
        digest = hashlib.sha256(data).hexdigest()
        is_right = self.path == f"/{digest}" and not owner.broken
        if is_right:
            owner.uploads[digest] = data
        self.send_response(200 if is_right else 400)
        self.send_header("Content-Length", "0")
        self.end_headers()


def _send(answer: dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
    body = json.dumps(answer).encode()
    return 200, {"Content-Type": "application/json"}, body
