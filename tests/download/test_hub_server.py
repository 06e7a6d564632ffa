"""The tests' server of a hub is held against the hub's own client."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hub_server import LARGE, TOKEN, WRONG_TOKEN, HubServer

hub_client = pytest.importorskip("huggingface_hub")

SMALL_FILE = b"film 0 0 1\n"
LARGE_FILE = b"film 0 0 1\n" * LARGE


@pytest.fixture
def hub() -> Iterator[HubServer]:
    """A hub with a public and a private repository."""
    with HubServer() as running:
        for name in ("org/public", "datasets/org/public", "org/private"):
            files = {"small.txt": SMALL_FILE, "in/large file.txt": LARGE_FILE}
            running.commit(name, files, private=name.endswith("private"))
        yield running
        # The server would wait for the connections that the client keeps.
        older = getattr(hub_client.utils, "reset_sessions", None)
        (older or hub_client.close_session)()


def _fetch(hub: HubServer, folder: Path, name: str, file: str, **how: Any) -> Path:
    return Path(
        hub_client.hf_hub_download(
            name,
            file,
            endpoint=hub.base,
            cache_dir=folder,
            **{"token": False, **how},
        )
    )


@pytest.mark.parametrize("kind", ["model", "dataset"])
@pytest.mark.parametrize(
    ("file", "data"), [("small.txt", SMALL_FILE), ("in/large file.txt", LARGE_FILE)]
)
def test_the_hub_s_own_client_fetches_files(
    hub: HubServer, tmp_path: Path, kind: str, file: str, data: bytes
) -> None:
    """huggingface_hub fetches small and large files, and files them by the commit."""
    path = _fetch(hub, tmp_path, "org/public", file, repo_type=kind)
    name = "datasets/org/public" if kind == "dataset" else "org/public"
    assert path.read_bytes() == data
    assert hub.repositories[name].branches["main"] in path.parts
    assert ([seen.method for seen in hub.store.seen] == ["GET"]) == (data is LARGE_FILE)


def test_each_commit_keeps_its_files(hub: HubServer, tmp_path: Path) -> None:
    """An older commit is found by its name, and a branch that is none is refused."""
    first = hub.repositories["org/public"].branches["main"]
    hub.commit("org/public", {"small.txt": b"new"})
    new = _fetch(hub, tmp_path, "org/public", "small.txt")
    old = _fetch(hub, tmp_path, "org/public", "small.txt", revision=first)
    assert (new.read_bytes(), old.read_bytes()) == (b"new", SMALL_FILE)
    with pytest.raises(hub_client.errors.RevisionNotFoundError):
        _fetch(hub, tmp_path, "org/public", "small.txt", revision="none")
    with pytest.raises(hub_client.errors.EntryNotFoundError):
        _fetch(hub, tmp_path, "org/public", "none.txt")


def test_a_private_repository_needs_a_token(hub: HubServer, tmp_path: Path) -> None:
    """With the token a private file is sent, and the other origin never sees it."""
    path = _fetch(hub, tmp_path, "org/private", "in/large file.txt", token=TOKEN)
    assert path.read_bytes() == LARGE_FILE
    assert {seen.headers.get("authorization") for seen in hub.store.seen} == {None}
    for token in (False, WRONG_TOKEN):
        with pytest.raises(hub_client.errors.HfHubHTTPError) as caught:
            _fetch(hub, tmp_path / "new", "org/private", "small.txt", token=token)
        assert caught.value.response.status_code == 401
