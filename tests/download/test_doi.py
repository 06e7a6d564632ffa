"""A file behind a DOI is found by the APIs of repositories, and fetched like any other.

The answers have the form that the services document.
"""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from entries import SMALL, sha256, write_registry
from fault_server import FaultServer

import glove_registry
from glove_registry import errors
from glove_registry.download import doi as doi_module

CONTENT = gzip.compress(SMALL)
_HTTPS = doi_module._DATAVERSE
NAME = "my v.txt.gz"


@pytest.fixture(autouse=True)
def services(server: FaultServer, monkeypatch: pytest.MonkeyPatch) -> FaultServer:
    """The server, in place of doi.org and of all repositories."""
    for name in ("_RESOLVER", "_ZENODO", "_FIGSHARE", "_FIGSHARE_FILES"):
        path = name.lower() if name != "_ZENODO" else ""
        monkeypatch.setattr(doi_module, name, f"{server.base}/{path}".rstrip("/"))
    monkeypatch.setattr(doi_module, "_DATAVERSE", "http://{}/api")
    return server


def _answer(server: FaultServer, path: str, answer: Any) -> None:
    data = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    server.add(path, data, kind="application/json")


def _lead(server: FaultServer, doi: str, page: str) -> None:
    value = {"type": "URL", "data": {"format": "string", "value": page}}
    answer = {"responseCode": 1, "handle": doi, "values": [value]}
    _answer(server, f"/_resolver/{doi}?type=URL", answer)


def _load(folder: Path, url: str) -> Any:
    registry = write_registry(folder, "v", url=url, sha256=sha256(CONTENT))
    return glove_registry.load("v", registry=registry)


def test_zenodo(server: FaultServer, tmp_path: Path) -> None:
    """The newest record of a DOI of all versions has the file; a break is resumed."""
    doi, name = "10.5281/zenodo.12", "in/my v.txt.gz"
    _lead(server, doi, "https://zenodo.org/doi/10.5281/zenodo.12")
    _answer(
        server,
        "/api/records/12",
        {"id": 13, "files": [{"key": "a"}, {"key": name}, {"key": "z"}]},
    )
    path = "/records/13/files/in/my%20v.txt.gz?download=1"
    server.add(path, CONTENT)
    server.spoil(path, "cut", at=20)
    url = f"doi:{doi}/in/my%20v.txt.gz"
    assert _load(tmp_path, url).provenance["url"] == url
    assert server.ranges[-1] == "bytes=20-"


@pytest.mark.parametrize("version", ["", "/versions/2"])
def test_figshare(server: FaultServer, tmp_path: Path, version: str) -> None:
    """The version that the DOI ends with is asked for, otherwise the newest."""
    doi = "10.6084/m9.figshare.7" + version.replace("/versions/", ".v")
    _lead(server, doi, "https://lab.figshare.com/articles/dataset/Vectors/7/2")
    _answer(server, f"/_figshare?doi={doi.replace('/', '%2F')}", [{"id": 7}])
    files = {"files": [{"name": "other", "id": 8}, {"name": NAME, "id": 9}]}
    _answer(server, f"/_figshare/7{version}", files)
    server.add("/_figshare_files/9", CONTENT)
    assert "film" in _load(tmp_path, f"doi:{doi}/my%20v.txt.gz")


def _add_dataverse(server: FaultServer) -> str:
    doi = "10.7910/DVN/ABC"
    _lead(server, doi, f"{server.base}/citation?persistentId=doi:{doi}")
    files = [{"dataFile": {"filename": NAME, "id": 5}}]
    _answer(
        server,
        "/api/datasets/:persistentId?persistentId=doi%3A10.7910%2FDVN%2FABC",
        {"status": "OK", "data": {"latestVersion": {"files": files}}},
    )
    server.add("/api/access/datafile/5", CONTENT)
    return f"doi:{doi}/my%20v.txt.gz"


def test_dataverse(server: FaultServer, tmp_path: Path) -> None:
    """Any other host is asked as a Dataverse; its DOIs have slashes."""
    assert "film" in _load(tmp_path, _add_dataverse(server))


def test_no_login_is_sent_to_what_a_doi_leads_to(
    server: FaultServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever has a DOI can name any host, which gets no login of the netrc file."""
    path = tmp_path / "netrc"
    path.write_text("machine 127.0.0.1 login me password a\ndefault login b password c")
    path.chmod(0o600)
    monkeypatch.setenv("NETRC", str(path))
    assert "film" in _load(tmp_path, _add_dataverse(server))
    assert len(server.seen) > 2
    for one in server.seen:
        assert not {"authorization", "cookie"} & {name.lower() for name in one.headers}


def test_only_encrypted_services_are_asked(
    server: FaultServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The API of a Dataverse is asked over https:, even if its page is at http:."""
    url = _add_dataverse(server)
    monkeypatch.setattr(doi_module, "_DATAVERSE", _HTTPS)
    with pytest.raises(errors.FetchError, match="TLS failed"):
        _load(tmp_path, url)
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"[" * 100_000,
        b"9" * 10_000,
        [],
        {"values": []},
        {"values": 1},
        {"values": [{"data": {"value": "https://[x"}}]},
        {"values": [{"data": {"value": "https://zenodo.org/about"}}]},
        {"values": [{"data": {"value": 5}}]},
    ],
)
def test_an_answer_of_another_form_is_an_error(
    server: FaultServer, tmp_path: Path, answer: Any
) -> None:
    """Whatever doi.org answers, the error says what to write instead."""
    _answer(server, "/_resolver/10.1/x?type=URL", answer)
    with pytest.raises(errors.FetchError, match="write the https: URL of the file"):
        _load(tmp_path, "doi:10.1/x/v.txt.gz")


@pytest.mark.parametrize("number", ["Infinity", "1e999", "NaN", "null", "9" * 9999])
def test_a_number_that_is_none_is_an_error(
    server: FaultServer, tmp_path: Path, number: str
) -> None:
    """A record whose number is none is as good as no record."""
    doi = "10.5281/zenodo.12"
    _lead(server, doi, "https://zenodo.org/records/12")
    answer = f'{{"id": {number}, "files": [{{"key": "v.txt.gz"}}]}}'
    _answer(server, "/api/records/12", answer.encode())
    with pytest.raises(errors.FetchError, match="write the https: URL of the file"):
        _load(tmp_path, f"doi:{doi}/v.txt.gz")


def test_an_unknown_file_is_an_error(server: FaultServer, tmp_path: Path) -> None:
    """A name that the data set does not have is told with its URL."""
    url = _add_dataverse(server).replace("my", "your")
    with pytest.raises(errors.FetchError, match="check the DOI and the name"):
        _load(tmp_path, url)


def test_an_answer_without_end_is_given_up(
    server: FaultServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No more of an answer is read than any data set needs."""
    monkeypatch.setattr(doi_module, "_MAX_BYTES", 1_000)
    _answer(server, "/_resolver/10.1/x?type=URL", b" " * 2_000)
    with pytest.raises(errors.FetchError, match="more than 1,000 bytes"):
        _load(tmp_path, "doi:10.1/x/v.txt.gz")


@pytest.mark.parametrize("url", ["doi:x", "doi:10.1/x", "doi:10.1/x/a?b", "doi:10.1/"])
def test_other_forms_are_refused(tmp_path: Path, url: str) -> None:
    """A registry names a DOI and a file."""
    with pytest.raises(errors.RegistryError, match="expected doi:DOI/FILE"):
        _load(tmp_path, url)


@pytest.mark.parametrize("url", ["doi:10.1/../x/a", "doi:10.1/x/%2e%2e"])
def test_dots_lead_nowhere_else(server: FaultServer, tmp_path: Path, url: str) -> None:
    """Nothing else of a service is asked for by a path with dots."""
    with pytest.raises(errors.FetchError, match="expected doi:DOI/FILE"):
        _load(tmp_path, url)
    assert not server.seen
