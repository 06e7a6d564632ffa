"""Vectors are published on the hub by its own library, and loaded from there."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from entries import sha256
from plain_rows import SAMPLE, read_sample
from run_program import run_code
from test_push import LOAD, run_page

import glove_registry
from glove_registry.authoring import push
from glove_registry.cli import main
from glove_registry.errors import OutputError

if TYPE_CHECKING:
    from hub_uploads import UploadHub

constants = pytest.importorskip("huggingface_hub.constants")

NAME = f"lab.{SAMPLE}"

# Those of the library's own calls.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> "Iterator[UploadHub]":
    """A hub that HF_ENDPOINT names, and the token of one who may write there."""
    from hub_server import TOKEN
    from hub_uploads import UploadHub

    # A protocol of the hub's own, beside that of Git LFS.
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True, raising=False)
    monkeypatch.setenv("HF_HUB_DISABLE_XET", "1")
    monkeypatch.setenv("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    with UploadHub() as running:
        monkeypatch.setenv("HF_ENDPOINT", running.base)
        # The library reads it when it is imported.
        monkeypatch.setattr(constants, "ENDPOINT", running.base)
        monkeypatch.setenv("HF_TOKEN", TOKEN)
        yield running


def test_others_load_the_same_vectors_by_the_repository(
    hub: "UploadHub", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a token or a cache, ``hf:ORG/REPO`` gives all words and numbers."""
    assert main(["push", SAMPLE, "--to", "hf:lab/small"]) == 0
    monkeypatch.delenv("HF_TOKEN")
    printed = run_code(LOAD, NAME, "hf:lab/small", tmp_path / "empty").splitlines()
    words, numbers = read_sample()
    assert printed[:2] == [
        sha256(b"\n".join(words)),
        f"{sha256(numbers.tobytes())} float32",
    ]


def test_everything_is_one_commit(hub: "UploadHub") -> None:
    """The repository is new, and its second commit adds all files together.

    It is called after the variant.
    """
    made = push(SAMPLE, "hf:lab/small")
    repository = hub.repositories["lab/small"]
    first, second = repository.commits.values()
    assert second.keys() - first.keys() == set(made.files)
    assert {name: len(second[name]) for name in made.files} == made.files
    assert hub.summaries == [f"Add {NAME}"]
    commit = list(repository.commits)[1]
    assert made.registry == f"hf:lab/small@{commit}"
    assert 'registry="hf:lab/small"' in made.card


def test_a_pinned_registry_outlives_later_commits(hub: "UploadHub") -> None:
    """Loaded at a commit, or at the first use, files are those of that commit."""
    made = push(SAMPLE, "hf:lab/small")
    kept = glove_registry.Registry.from_file("hf:lab/small")
    hub.commit("lab/small", {f"{NAME}.safetensors": b"other", "registry.yaml": b"x"})
    commit = made.registry.partition("@")[2]
    vectors = glove_registry.load(NAME, registry=made.registry)
    assert vectors.provenance["url"] == f"hf:lab/small/{NAME}.safetensors@{commit}"
    assert kept.find(NAME).sources[0].url == vectors.provenance["url"]


def test_the_token_goes_to_the_hub_alone(hub: "UploadHub") -> None:
    """Large files arrive at another host, which gets no token."""
    push(SAMPLE, "hf:lab/small")
    [upload] = hub.uploads_seen
    assert "authorization" not in map(str.lower, upload.headers)
    posts = [seen for seen in hub.seen if seen.method == "POST"]
    assert len(posts) == 5
    for seen in posts:
        assert "authorization" in map(str.lower, seen.headers)


def test_a_private_repository_is_read_by_those_who_say_so(
    hub: "UploadHub", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A registry that is named with `#credentials=environment` is sent the token.

    So are the files beside it. Otherwise none is sent.
    """
    hub.commit("lab/secret", {".gitattributes": b""}, private=True)
    push(SAMPLE, "hf:lab/secret")
    hub.seen.clear()
    with pytest.raises(glove_registry.errors.FetchError, match="private"):
        glove_registry.load(NAME, registry="hf:lab/secret")
    assert not [seen for seen in hub.seen if "Authorization" in seen.headers]
    name = "hf:lab/secret#credentials=environment"
    assert glove_registry.load(NAME, registry=name).shape == (10_000, 50)
    monkeypatch.setenv("HF_TOKEN", "hf_nobody")
    with pytest.raises(glove_registry.errors.FetchError, match="HF_TOKEN") as error:
        glove_registry.load(NAME, registry=name, cache_dir=tmp_path / "other")
    assert "hf_nobody" not in str(error.value)


def test_a_new_repository_is_private_if_that_is_asked_for(
    hub: "UploadHub", capsys: pytest.CaptureFixture[str]
) -> None:
    """It is never public in between, and what is printed and shown loads from it."""
    assert main(["push", SAMPLE, "--to", "hf:lab/secret", "--private"]) == 0
    assert hub.repositories["lab/secret"].private
    registry = capsys.readouterr().out.strip()
    commit = hub.repositories["lab/secret"].branches["main"]
    assert registry == f"hf:lab/secret@{commit}#credentials=environment"
    assert glove_registry.load(NAME, registry=registry).shape == (10_000, 50)
    card = hub.repositories["lab/secret"].commits[commit]["README.md"].decode()
    assert 'registry="hf:lab/secret#credentials=environment"' in card
    mine = glove_registry.from_arrays(["a"], [[1.0]], name="mine")
    push(mine, "hf:lab/open")
    assert not hub.repositories["lab/open"].private


def test_what_is_private_does_not_go_where_all_may_read(
    hub: "UploadHub", tmp_path: Path
) -> None:
    """A public repository, and a place without such a setting, are refused."""
    hub.commit("lab/open", {".gitattributes": b""})
    hub.commit("lab/secret", {".gitattributes": b""}, private=True)
    with pytest.raises(OutputError, match="lab/open exists and is public"):
        push(SAMPLE, "hf:lab/open", private=True)
    assert not [seen for seen in hub.seen if seen.method == "POST"]
    for place in (tmp_path / "lab", "s3://vectors/lab"):
        with pytest.raises(OutputError, match="only a new repository of the hub"):
            push(SAMPLE, place, private=True)
    assert not (tmp_path / "lab").exists()
    push(SAMPLE, "hf:lab/secret", private=True)
    assert len(hub.repositories["lab/secret"].commits) == 2


def test_what_the_repository_has_is_not_replaced(hub: "UploadHub") -> None:
    """Files of the same name are an error before anything is sent."""
    hub.commit("lab/small", {"README.md": b"mine", "other.txt": b"mine"})
    with pytest.raises(OutputError, match=r"already has README\.md, and nothing is"):
        push(SAMPLE, "hf:lab/small")
    assert hub.repositories["lab/small"].find("main") is not None
    assert not [seen for seen in hub.seen if seen.method == "POST"]
    assert not hub.uploads_seen


def test_a_repository_of_others_files_gets_these_beside(hub: "UploadHub") -> None:
    """Other files of an existing repository stay."""
    hub.commit("lab/small", {"model.bin": b"mine"})
    push(SAMPLE, "hf:lab/small")
    repository = hub.repositories["lab/small"]
    assert repository.commits[repository.branches["main"]]["model.bin"] == b"mine"


def test_a_change_meanwhile_is_refused(
    hub: "UploadHub", monkeypatch: pytest.MonkeyPatch
) -> None:
    """A commit by another one during the upload is neither lost nor built upon."""
    hub.commit("lab/small", {"model.bin": b"mine"})
    real = hub.repositories["lab/small"]

    class Meddling(dict[str, bytes]):
        def __setitem__(self, key: str, value: bytes) -> None:
            super().__setitem__(key, value)
            hub.commit("lab/small", {"registry.yaml": b"theirs"})

    hub.uploads = Meddling()
    with pytest.raises(OutputError, match="changed by others meanwhile"):
        push(SAMPLE, "hf:lab/small")
    assert real.commits[real.branches["main"]]["registry.yaml"] == b"theirs"


def test_a_store_that_fails_leaves_the_repository_as_it_was(hub: "UploadHub") -> None:
    """If the large file cannot be uploaded, there is no commit."""
    hub.broken = True
    with pytest.raises(OutputError, match="could not be published") as error:
        push(SAMPLE, "hf:lab/small")
    assert len(hub.repositories["lab/small"].commits) == 1
    assert "hf_right" not in str(error.value)


def test_a_token_that_may_not_write_is_told(
    hub: "UploadHub", monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error says what to do, and shows no token."""
    from hub_uploads import READER

    for token in (READER, "hf_wrong"):
        monkeypatch.setenv("HF_TOKEN", token)
        with pytest.raises(OutputError, match="may not write there") as error:
            push(SAMPLE, "hf:lab/small")
        assert token not in str(error.value)
    monkeypatch.delenv("HF_TOKEN")
    with pytest.raises(OutputError, match="needs a token of the hub: set HF_TOKEN"):
        push(SAMPLE, "hf:lab/small")
    assert not hub.repositories


def test_a_dry_run_asks_the_hub_nothing(
    hub: "UploadHub", capsys: pytest.CaptureFixture[str]
) -> None:
    """Page and entry are shown without a request."""
    words = ["push", SAMPLE, "--to", "hf:lab/small", "--dry-run"]
    assert main([*words, "--json"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert (made["registry"], made["name"]) == ("hf:lab/small", NAME)
    assert not made["written"]
    assert not hub.seen


def test_offline_nothing_is_sent(
    hub: "UploadHub", monkeypatch: pytest.MonkeyPatch
) -> None:
    """GLOVE_REGISTRY_OFFLINE forbids publishing, too."""
    monkeypatch.setenv("GLOVE_REGISTRY_OFFLINE", "1")
    with pytest.raises(glove_registry.errors.OfflineError, match="forbids to use"):
        push(SAMPLE, "hf:lab/small")
    assert not hub.seen


@pytest.mark.slow
def test_the_commands_of_the_page_run(hub: "UploadHub", tmp_path: Path) -> None:
    """docs/sharing.md publishes on the hub, and finds the entry there."""
    assert "dimension" in run_page("hub-commands", tmp_path)
