"""Files on the Hugging Face Hub: the opener of ``hf:``.

A revision is a branch, a tag or a commit. The commit that it is now is asked for first,
by the request that the hub's own client makes, and all bytes are fetched from that
commit. What the hub says of a file's hash is not believed: the entry's sha256 decides.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlsplit

from ..errors import FetchError
from ..registry import Source
from ..registry.schemes import find_scheme
from ..registry.urls import is_loopback, redact
from .credentials import Token, read_hub_token
from .remote import Remote

if TYPE_CHECKING:
    from .http import Policy

ENDPOINT_VARIABLE = "HF_ENDPOINT"
_ENDPOINT = "https://huggingface.co"
_COMMIT = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True, slots=True)
class HubFile:
    """A file of a repository, at a revision."""

    repository: str  # ``ORG/REPO``, of data sets ``datasets/ORG/REPO``
    path: str
    revision: str = "main"

    def make_url(self, endpoint: str) -> str:
        """Return the URL from which the hub sends the file."""
        revision, path = quote(self.revision, safe=""), quote(self.path)
        return f"{endpoint}/{self.repository}/resolve/{revision}/{path}"


def read_hub_url(url: str) -> HubFile:
    """Read ``hf:[datasets/]ORG/REPO/FILE[@REVISION]``; raises `FetchError`."""
    scheme = find_scheme(url)
    found = re.fullmatch(scheme.pattern, url, re.ASCII)
    path = unquote(found["file"]) if found else ""
    # Escaped dots would lead to other pages of the hub.
    if found is None or {".", ".."} & set(path.split("/")):
        raise FetchError(f"{redact(url)}: expected {scheme.form}")
    return HubFile(found["repository"], path, unquote(found["revision"] or "main"))


def locate(source: Source, policy: "Policy") -> Remote:
    """Find the file at the commit that its revision is now."""
    from .http import Authorization, Web, retrying

    file, endpoint = read_hub_url(source.url), read_endpoint()
    authorization = None
    token = None if source.credentials is None else read_hub_token()
    url = file.make_url(endpoint)
    if token is not None and token.text:
        authorization = Authorization.bearer(url, token.text)
    connect = partial(
        Web,
        authorization=authorization,
        explain_refusal=partial(_explain, file, endpoint, token),
    )
    commit: str | None = file.revision
    if not _COMMIT.fullmatch(file.revision):
        web = connect(policy)
        try:
            commit = retrying(
                url, policy, lambda: web.read_header(url, "X-Repo-Commit")
            )
        finally:
            web.close()
    if commit is None or not _COMMIT.fullmatch(commit):
        # A mirror that does not say it: bytes are right by their sha256 in any case.
        return Remote(url, source.url, connect)
    pinned = HubFile(file.repository, file.path, commit)
    path = find_scheme(source.url).read_path(source.url)
    return Remote(pinned.make_url(endpoint), f"hf:{path}@{commit}", connect)


def read_endpoint() -> str:
    """Return the beginning of the hub's URLs; raises `FetchError` if it is not safe."""
    endpoint = os.environ.get(ENDPOINT_VARIABLE, "").strip().rstrip("/") or _ENDPOINT
    try:
        parts = urlsplit(endpoint)
        is_url = bool(parts.hostname) and not (parts.query or parts.fragment)
    except ValueError:
        is_url = False
    safe = is_url and (
        parts.scheme == "https" or (parts.scheme == "http" and is_loopback(endpoint))
    )
    if not safe:
        raise FetchError(
            f"{ENDPOINT_VARIABLE} is {redact(endpoint)!r}: expected the beginning of "
            f"an https: URL, such as {_ENDPOINT}"
        )
    return endpoint


def _explain(
    file: HubFile,
    endpoint: str,
    token: Token | None,
    status: int,
    headers: Mapping[str, str],
) -> str | None:
    code = headers.get("X-Error-Code")
    if code == "RevisionNotFound":
        return (
            f"{file.repository} has no revision {file.revision!r}: check what follows "
            "the @"
        )
    if code == "EntryNotFound":
        return (
            f"{file.repository} has no such file at {file.revision!r}: check its path"
        )
    if status not in (401, 403, 404):
        return None
    if token is None:
        login = (
            "if you may read it, write `credentials: environment` into the entry, and "
            "set HF_TOKEN or run `hf auth login`"
        )
    elif not token.text:
        login = (
            f"no token was found in HF_TOKEN or {token.place}: set it, or run `hf auth "
            "login`"
        )
    else:
        login = (
            f"the token in {token.place} does not give access: check it with `hf auth "
            "whoami`"
        )
    if code == "GatedRepo":
        page = f"{redact(endpoint)}/{file.repository}"
        return f"its authors grant access on {page}; {login}"
    return f"there is no {file.repository}, or it is private; {login}"
