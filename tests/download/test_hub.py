"""Files on a hub: resolved, pinned to a commit, fetched by ranges, private ones too."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from entries import sha256, write_registry
from fault_server import FaultServer
from hub_server import TOKEN, WRONG_TOKEN, HubServer
from zips import make_zip

import glove_registry
from glove_registry import Registry, errors
from glove_registry.authoring import add
from glove_registry.cli import main
from glove_registry.download.hub import read_hub_url

ROWS = b"".join(b"w%d %d 0 1\n" % (n, n) for n in range(20_000))


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[HubServer]:
    """A hub that HF_ENDPOINT names, with large files at another host and port."""
    with HubServer() as running:
        monkeypatch.setenv("HF_ENDPOINT", f"{running.base}/")
        running.commit("org/repo", {"v.txt": ROWS, "small.txt": b"a 1\nb 2\n"})
        yield running


def _load(folder: Path, url: str, data: bytes = ROWS, **fields: Any) -> Any:
    registry = write_registry(folder, "v", url=url, sha256=sha256(data), **fields)
    return glove_registry.load("v", registry=registry)


@pytest.mark.parametrize("name", ["org/repo", "datasets/org/repo"])
@pytest.mark.parametrize("revision", ["", "@main", "@refs/pr/1", "@v1.0"])
def test_provenance_states_the_commit(
    hub: HubServer, tmp_path: Path, name: str, revision: str
) -> None:
    """A file is loaded from the commit that its revision is, which is recorded."""
    branch = revision[1:] or "main"
    commit = hub.commit(name, {"in/v 1.txt": ROWS}, branch=branch)
    vectors = _load(tmp_path, f"hf:{name}/in/v%201.txt{revision}")
    assert vectors["w7"].tolist() == [7, 0, 1]
    assert vectors.provenance["url"] == f"hf:{name}/in/v%201.txt@{commit}"
    head, *fetched = hub.seen
    assert head.method == "HEAD"
    assert fetched
    assert all(f"/resolve/{commit}/" in seen.path for seen in fetched)


def test_a_commit_needs_no_question(hub: HubServer, tmp_path: Path) -> None:
    """An entry that names a commit costs no request more, and loads that commit."""
    commit = hub.commit("org/repo", {"small.txt": b"a 3\nb 4\n"})
    hub.commit("org/repo", {"small.txt": b"a 5\nb 6\n"})
    url = f"hf:org/repo/small.txt@{commit}"
    assert _load(tmp_path, url, b"a 3\nb 4\n")["b"].tolist() == [4]
    assert [seen.method for seen in hub.seen] == ["GET"]


def test_the_entry_decides_which_bytes_are_right(
    hub: HubServer, tmp_path: Path
) -> None:
    """A file that changed in the repository is refused, whatever the hub states."""
    hub.commit("org/repo", {"v.txt": ROWS + b"more 1 2 3\n"})
    with pytest.raises(errors.ChecksumError, match=sha256(ROWS)):
        _load(tmp_path, "hf:org/repo/v.txt")


def test_a_broken_transfer_is_resumed(hub: HubServer, tmp_path: Path) -> None:
    """After a break only the rest is requested, in this process."""
    hub.store.spoil(hub.place(ROWS), "cut", at=100_000)
    assert len(_load(tmp_path, "hf:org/repo/v.txt")) == 20_000
    assert hub.store.ranges == [None, "bytes=100000-"]


def test_a_later_process_resumes(
    hub: HubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What an interrupted run fetched is not fetched again by the next."""
    hub.store.spoil(hub.place(ROWS), "cut", at=100_000)
    hub.store.spoil(hub.place(ROWS), "status", status=404)
    with pytest.raises(errors.FetchError, match="404"):
        _load(tmp_path, "hf:org/repo/v.txt")
    assert len(_load(tmp_path, "hf:org/repo/v.txt")) == 20_000
    assert hub.store.ranges[-1] == "bytes=100000-"


def test_a_member_of_an_archive_is_fetched_by_ranges(
    hub: HubServer, tmp_path: Path
) -> None:
    """Of a zip on the hub, only the directory and the member are transferred."""
    archive = make_zip({"other.txt": ROWS * 20, "v.txt": ROWS})
    hub.commit("org/repo", {"a.zip": archive})
    member = {"name": "v.txt", "sha256": sha256(ROWS)}
    vectors = _load(tmp_path, "hf:org/repo/a.zip@main", archive, member=member)
    assert len(vectors) == 20_000
    assert hub.store.sent < len(archive) / 2
    assert all(hub.store.ranges)


def test_a_registry_on_a_hub_names_files_of_its_commit(
    hub: HubServer, tmp_path: Path
) -> None:
    """`registry="hf:ORG/REPO"` means the commit that it was when it was fetched."""
    entry = {"url": "./v.txt", "sha256": sha256(ROWS)}
    text = write_registry(tmp_path, "v", **entry).read_bytes()
    commit = hub.commit("org/repo", {"registry.yaml": text})
    Registry.from_file("hf:org/repo")
    hub.commit("org/repo", {"registry.yaml": b"other", "v.txt": b"other"})
    vectors = glove_registry.load("v", registry="hf:org/repo")
    with pytest.raises(errors.UnknownVariantError, match="update hf:org/repo`"):
        glove_registry.load("w", registry="hf:org/repo")
    assert vectors.provenance["url"] == f"hf:org/repo/v.txt@{commit}"


PRIVATE = "hf:org/private/v.txt"


@pytest.fixture
def private(hub: HubServer, monkeypatch: pytest.MonkeyPatch) -> HubServer:
    """A private repository, and a token in the environment that may read it."""
    hub.commit("org/private", {"v.txt": ROWS}, private=True)
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    return hub


def _list_authorizations(hub: HubServer) -> set[str | None]:
    return {seen.headers.get("Authorization") for seen in hub.seen}


@pytest.mark.parametrize("place", ["HF_TOKEN", "HF_TOKEN_PATH", "HF_HOME", "XDG"])
def test_the_token_goes_to_the_hub_and_nowhere_else(
    private: HubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    """A private file is loaded with a token that the host of its bytes never sees."""
    if place != "HF_TOKEN":
        monkeypatch.delenv("HF_TOKEN")
        folder = tmp_path / "huggingface"
        folder.mkdir()
        (folder / "token").write_text(f"{TOKEN}\n")
    if place in ("HF_HOME", "XDG"):
        monkeypatch.delenv("HF_TOKEN_PATH")
        monkeypatch.delenv("HF_HOME", raising=False)
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
        if place == "HF_HOME":
            monkeypatch.setenv("HF_HOME", str(folder))
    elif place == "HF_TOKEN_PATH":
        monkeypatch.setenv("HF_TOKEN_PATH", str(folder / "token"))
    private.cookies["session"] = "of-the-hub"
    vectors = _load(tmp_path, PRIVATE, credentials="environment")
    assert len(vectors) == 20_000
    assert _list_authorizations(private) == {f"Bearer {TOKEN}"}
    for seen in private.store.seen:
        sent = {name.lower() for name in seen.headers}
        assert not sent & {"authorization", "cookie", "proxy-authorization"}
        assert TOKEN not in str(seen)


def test_another_port_is_another_host(private: HubServer, tmp_path: Path) -> None:
    """Token and cookies stay where they belong even if only the port differs."""
    private.store_host = "127.0.0.1"
    private.cookies["session"] = "of-the-hub"
    _load(tmp_path, PRIVATE, credentials="environment")
    assert private.store.seen
    for seen in private.store.seen:
        sent = {name.lower() for name in seen.headers}
        assert not sent & {"authorization", "cookie"}


def test_no_token_is_sent_unasked(private: HubServer, tmp_path: Path) -> None:
    """Without `credentials: environment` nobody gets the token, as the error says."""
    with pytest.raises(errors.FetchError, match=r"401.*`credentials: environment`"):
        _load(tmp_path, PRIVATE)
    assert _list_authorizations(private) == {None}


@pytest.mark.parametrize(
    ("token", "advice"),
    [
        (WRONG_TOKEN, "the token in HF_TOKEN does not give access"),
        ("", "no token was found in HF_TOKEN or .*token: .*`hf auth login`"),
        ("two words", "HF_TOKEN does not hold a token"),
    ],
)
def test_a_missing_or_wrong_token_is_explained_and_not_shown(
    private: HubServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    token: str,
    advice: str,
) -> None:
    """The error says which token failed and what to do; nothing shows the token."""
    monkeypatch.setenv("HF_TOKEN", token)
    caplog.set_level("DEBUG")
    with pytest.raises(errors.FetchError, match=advice) as caught:
        _load(tmp_path, PRIVATE, credentials="environment")
    assert not private.store.seen
    shown = (
        f"{caught.value} {caught.value!r} {caught.value.__context__!r} {caplog.text}"
    )
    assert not token or token not in shown


@pytest.mark.parametrize(
    ("url", "advice"),
    [
        ("hf:org/repo/v.txt@none", "no revision 'none'"),
        ("hf:org/repo/none.txt", "no such file at 'main'"),
        ("hf:org/none/v.txt", "there is no org/none, or it is private"),
        ("hf:org/gated/v.txt", "grant access on http://127.0.0.1:.*/org/gated"),
    ],
)
def test_what_the_hub_lacks_is_explained(
    hub: HubServer, tmp_path: Path, url: str, advice: str
) -> None:
    """A missing repository, revision or file is told apart by what the hub says."""
    hub.commit("org/gated", {"v.txt": ROWS}, gated=True)
    with pytest.raises(errors.FetchError, match=advice):
        _load(tmp_path, url)


@pytest.mark.parametrize("status", [401, 402, 403, 404, 405])
def test_a_status_alone_is_explained_if_access_may_lack(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    """A hub that gives no code is taken to lack access at 401, 403 and 404 alone."""
    with FaultServer() as server:
        monkeypatch.setenv("HF_ENDPOINT", server.base)
        server.add("/org/repo/resolve/main/v.txt", ROWS)
        server.spoil("/org/repo/resolve/main/v.txt", "status", status=status, times=9)
        with pytest.raises(errors.FetchError) as caught:
            _load(tmp_path, "hf:org/repo/v.txt")
    explained = "there is no org/repo, or it is private" in str(caught.value)
    assert explained == (status in (401, 403, 404))


@pytest.mark.parametrize(
    "endpoint", ["http://hub.example.org", "hub.example.org", "https://", "ftp://h"]
)
def test_the_endpoint_must_be_encrypted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, endpoint: str
) -> None:
    """HF_ENDPOINT is refused if the token would be seen on the way."""
    monkeypatch.setenv("HF_ENDPOINT", endpoint)
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    with pytest.raises(errors.FetchError, match="HF_ENDPOINT is") as caught:
        _load(tmp_path, PRIVATE, credentials="environment")
    assert TOKEN not in str(caught.value)


def test_the_hub_itself_is_the_default() -> None:
    """Without HF_ENDPOINT a file is at the host that the hub's own client uses."""
    client = pytest.importorskip("huggingface_hub")
    file = read_hub_url("hf:datasets/org/repo/in/v%201.txt@refs/pr/1")
    expected = client.hf_hub_url(
        "org/repo", "in/v 1.txt", repo_type="dataset", revision="refs/pr/1"
    )
    assert file.make_url("https://huggingface.co") == expected


@pytest.mark.parametrize(
    "url",
    [
        "hf:org/repo",
        "hf:org/repo/",
        "hf:repo/v.txt",
        "hf:datasets/org/repo",
        "hf:org/repo/../../api/whoami-v2",
        "hf:org/../api/v.txt",
        "hf:org/repo/v.txt@",
        "hf:org/repo/v.txt@..",
        "hf:org/repo/v.txt?token=x",
        "hf:org/repo/a@b@c",
        "hf://org/repo/v.txt",
        "hf://me:secret@org/repo/v.txt",
        "hf:/org/repo/v.txt",
    ],
)
def test_other_forms_are_refused(tmp_path: Path, url: str) -> None:
    """A URL of another form is a fault of the registry; no password is shown."""
    with pytest.raises(errors.RegistryError) as caught:
        _load(tmp_path, url)
    assert re.search("expected hf:ORG|no credentials", str(caught.value))
    assert "secret" not in str(caught.value)


def test_escaped_dots_lead_nowhere_else(hub: HubServer, tmp_path: Path) -> None:
    """No other page of the hub can be asked for in the name of whoever fetches."""
    with pytest.raises(errors.FetchError, match="expected hf:ORG"):
        _load(tmp_path, "hf:org/repo/%2e%2e/%2E%2E/api/whoami-v2")
    assert not hub.seen


def test_a_hub_that_states_no_commit_is_enough(
    hub: HubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From a mirror without X-Repo-Commit, the revision is recorded as it is."""
    hub.store.add("/org/repo/resolve/main/v.txt", ROWS)
    monkeypatch.setenv("HF_ENDPOINT", hub.store.base)
    vectors = _load(tmp_path, "hf:org/repo/v.txt")
    assert vectors.provenance["url"] == "hf:org/repo/v.txt"


def test_check_and_add_follow(
    private: HubServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file on a hub is added and checked as any other, private or not."""
    registry = tmp_path / "registry.yaml"
    add("hf:org/repo/v.txt@main", "public", to=registry)
    add(PRIVATE, "private", to=registry, credentials="environment")
    assert len(glove_registry.load("private", registry=registry)) == 20_000
    assert main(["check", "p*", "--registry", str(registry)]) == 0
    assert capsys.readouterr().out.count(f"{len(ROWS):,} bytes") == 2
    private.repositories["org/private"].commits.clear()
    assert main(["check", "private", "--registry", str(registry)]) == 1
    assert TOKEN not in registry.read_text() + capsys.readouterr().out
