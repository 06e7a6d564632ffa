"""A URL scheme is one row and one opener: all else follows from its row."""

import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import IO

import pytest
from entries import SMALL, list_files, sha256, write_registry
from fault_server import FaultServer

import glove_registry
from glove_registry import errors
from glove_registry.authoring import add
from glove_registry.cli import main
from glove_registry.download.http import Policy, Web
from glove_registry.download.openers import load_opener
from glove_registry.download.remote import Remote
from glove_registry.registry import Source
from glove_registry.registry.schemes import SCHEMES, Scheme, find_scheme


@pytest.fixture(params=["copy", "find", "locate"])
def kind(
    request: pytest.FixtureRequest,
    server: FaultServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> str:
    """A scheme ``lab:`` of each kind of opener, whose module is not imported yet."""
    (tmp_path / "v.txt").write_bytes(SMALL)

    def copy(url: str, file: IO[bytes], policy: object) -> None:
        assert url == "lab:v.txt"
        file.write((tmp_path / "v.txt").read_bytes())

    def find(url: str) -> Path:
        return tmp_path / url.removeprefix("lab:")

    def locate(source: Source, policy: Policy) -> Remote:
        name = source.url.removeprefix("lab:")
        return Remote(server.url(name, SMALL), f"{source.url}@7", Web)

    openers: dict[str, Callable[..., object]]
    openers = {"copy": copy, "find": find, "locate": locate}
    module = ModuleType("glove_registry.download.lab")
    module.opener = openers[request.param]  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    row = Scheme(
        "lab",
        "lab:opener",
        place="local" if request.param == "find" else "remote",
        ranges=request.param == "locate",
        hosted=False,
        form="lab:FILE",
        pattern=r"lab:\w+\.txt",
    )
    monkeypatch.setitem(SCHEMES, "lab", row)
    return request.param  # type: ignore[no-any-return]


def test_a_row_and_an_opener_are_all_that_a_scheme_needs(
    kind: str, tmp_path: Path, cache_root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """load, fetch, check, add, offline and the listing follow the row of a scheme."""
    registry = write_registry(tmp_path, "v", url="lab:v.txt", sha256=sha256(SMALL))
    is_local = kind == "find"

    if not is_local:
        with pytest.raises(errors.OfflineError, match=r"lab:v\.txt"):
            glove_registry.load("v", registry=registry, offline=True)
    vectors = glove_registry.load("v", registry=registry, offline=is_local)
    assert vectors["film"].tolist() == [0, 0, 1]
    # Of what can be located, the version that was found.
    version = "@7" if kind == "locate" else ""
    assert vectors.provenance["url"].endswith(f"v.txt{version}")
    assert not [name for name in list_files(cache_root) if "tmp" in name]
    assert glove_registry.fetch("v", registry=registry).read_bytes() == SMALL

    assert main(["check", "v", "--registry", str(registry)]) == 0
    assert ("unchecked" in capsys.readouterr().out) == (kind == "copy")
    download = glove_registry.info("v", registry=registry).download
    assert download.bytes == (0 if is_local else None)

    added = add("lab:v.txt", "w", to=registry, cache_dir=tmp_path / "other")
    assert (added.url, added.examination.sha256) == ("lab:v.txt", sha256(SMALL))
    assert (added.kept is None) == is_local


@pytest.mark.usefixtures("kind")
def test_other_bytes_are_refused_whatever_the_scheme(tmp_path: Path) -> None:
    """An opener does not decide which bytes are right."""
    registry = write_registry(tmp_path, "v", url="lab:v.txt", sha256="a" * 64)
    with pytest.raises(errors.ChecksumError, match=sha256(SMALL)):
        glove_registry.load("v", registry=registry)


@pytest.mark.usefixtures("kind")
def test_a_url_must_have_the_form_of_its_scheme(tmp_path: Path) -> None:
    """A registry refuses a URL that does not match its row, and tells the form."""
    registry = write_registry(tmp_path, "v", url="lab:no", sha256="a" * 64)
    with pytest.raises(errors.RegistryError, match="expected lab:FILE"):
        glove_registry.load("v", registry=registry)


@pytest.mark.parametrize("url", ["", "v.txt", "gopher://h/v", "labs:v", "://x"])
def test_an_unknown_scheme_is_an_error_that_lists_the_known(url: str) -> None:
    """No URL is opened by guessing what its scheme may mean."""
    with pytest.raises(errors.FetchError, match=", ".join(f"{s}:" for s in SCHEMES)):
        find_scheme(url)


def test_each_opener_exists() -> None:
    """The dotted names in the table lead to functions."""
    for scheme in SCHEMES.values():
        assert scheme.name == scheme.name.lower()
        assert callable(load_opener(f"{scheme.name}:"))
