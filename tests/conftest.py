"""What the tests share: the real release, a web server on loopback, a cache each."""

import os
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import real_release
from chromium import NAMES, Chromium, find_chromium
from fault_server import FaultServer
from hypothesis import settings

import glove_registry
from glove_registry import Vectors
from glove_registry.download.http import Client

# How long an example takes says how busy the machine is, and proves nothing. Each run
# draws other examples, so that fewer of them are enough for one.
settings.register_profile("here", deadline=None, max_examples=50)
settings.load_profile("here")


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test has an empty cache, and no setting of the person who runs it."""
    for variable in (
        "GLOVE_REGISTRY_PATH",
        "GLOVE_REGISTRY_OFFLINE",
        "GLOVE_REGISTRY_MIRROR",
        "HF_ENDPOINT",
        "HF_TOKEN",
        "HUGGING_FACE_HUB_TOKEN",
        # Whichever library set it in this process, children start without it.
        "TF_CPP_MIN_LOG_LEVEL",
    ):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("GLOVE_REGISTRY_CACHE", str(tmp_path / "cache"))
    # Files with credentials, which do not exist.
    monkeypatch.setenv("HF_TOKEN_PATH", str(tmp_path / "token"))
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waiting between tries takes no time."""
    hasty = replace(Client.policy, sleep=lambda seconds: None)
    monkeypatch.setattr(Client, "policy", hasty)


@pytest.fixture
def cache_root(tmp_path: Path) -> Path:
    """The folder that `_own_cache` names."""
    return tmp_path / "cache"


@pytest.fixture(scope="session")
def real_text(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The official glove.6B.50d.txt, or no test that needs it goes on."""
    folder = tmp_path_factory.mktemp("release")
    return real_release.rebuild(folder / "glove.6B.50d.txt")


@pytest.fixture(scope="session")
def real_zip(real_text: Path) -> Path:
    """The official text in an archive, as it is published."""
    path = real_text.with_name("glove.6B.zip")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.write(real_text, "glove.6B.50d.txt")
    return path


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Vectors:
    """The first 10,000 words of glove.6B.50d, in a cache of their own."""
    cache = tmp_path_factory.mktemp("sample")
    return glove_registry.load("glove.6B.50d-first10k", cache_dir=cache)


@pytest.fixture
def server() -> Iterator[FaultServer]:
    """A web server on loopback whose files a test names itself."""
    with FaultServer() as running:
        yield running


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    """A browser, or no test that needs it goes on."""
    command = find_chromium()
    if command is None:
        reason = f"needs one of {', '.join(NAMES)}: apt-get install chromium"
        if os.environ.get("CI"):
            pytest.fail(f"{reason}; with CI set nothing is skipped")
        pytest.skip(reason)
    with Chromium(command, tmp_path_factory.mktemp("profile")) as browser:
        yield browser
