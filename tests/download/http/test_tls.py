"""Certificates: always verified, never a step back to http."""

import shutil
import ssl
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from entries import SMALL, sha256, write_registry
from fault_server import FaultServer
from raw_server import RawServer
from transfers import DATA, Archive, take
from zips import make_zip

import glove_registry
from glove_registry.download.http.client import Client
from glove_registry.download.http.errors import Refused, RetriesExhausted
from glove_registry.download.http.policy import Policy
from glove_registry.download.http.remote_zip import open_member

pytestmark = pytest.mark.skipif(
    shutil.which("openssl") is None, reason="openssl makes the certificate"
)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate for 127.0.0.1, with its key."""
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    making = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
    naming = "-subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1"
    files = ["-keyout", str(path), "-out", f"{path}.crt"]
    command = ["openssl", *making.split(), *naming.split(), *files]
    subprocess.run(command, check=True, capture_output=True)
    with path.open("ab") as both:
        both.write(Path(f"{path}.crt").read_bytes())
    return path


@pytest.fixture
def secure(certificate: Path) -> Iterator[FaultServer]:
    """A server that speaks TLS with it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with FaultServer(context) as running:
        yield running


@pytest.mark.parametrize("variable", ["CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "NONE"])
def test_unknown_certificate(
    secure: FaultServer,
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
) -> None:
    """An untrusted certificate is refused at once, and no variable changes that."""
    monkeypatch.setenv(variable, "")
    url = secure.add("/f", b"abc")
    with pytest.raises(Refused, match="certificate is not valid"):
        client.probe(url)
    assert secure.seen == []


def test_certificate_of_another_host(
    secure: FaultServer,
    client: Client,
    certificate: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A certificate holds for the host it names and for no other."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    url = secure.add("/f", b"abc").replace("127.0.0.1", "localhost")
    with pytest.raises(Refused, match="certificate is not valid"):
        client.probe(url)


def test_no_way_back_to_http(
    secure: FaultServer,
    server: FaultServer,
    client: Client,
    certificate: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A redirect from https to http is refused, and the other way round followed."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    plain = server.add("/f", b"abc")
    url = secure.add("/old", b"abcdef")
    assert client.probe(url).total == 6
    secure.spoil("/old", "redirect", status=301, headers={"Location": plain})
    with pytest.raises(Refused, match="from https: to http:"):
        client.probe(url)
    assert server.seen == []
    server.spoil("/f", "redirect", status=301, headers={"Location": url})
    assert client.probe(plain).total == 6


def test_no_tls_at_all(server: FaultServer, client: Client) -> None:
    """A host that does not speak TLS is left at once."""
    url = server.add("/f", b"abc").replace("http:", "https:")
    with pytest.raises(Refused, match="TLS failed"):
        client.probe(url)


def test_a_member_takes_one_handshake(
    secure: FaultServer,
    archive: Archive,
    tmp_path: Path,
    client: Client,
    certificate: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Both requests for a member of an archive come by the same connection."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    url = secure.add("/a.zip", archive.data)
    with open_member(client, url, "words.50d.txt", tmp_path) as text:
        assert b"".join(text) == archive.texts["words.50d.txt"]
    assert (len(secure.seen), secure.connections) == (2, 1)


def test_a_load_of_a_member_takes_one_handshake(
    secure: FaultServer,
    tmp_path: Path,
    certificate: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """So do both requests of `load`."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    packed = make_zip({"v.txt": SMALL, "other.bin": DATA[:200_000]})
    url = secure.add("/a.zip", packed)
    member = {"name": "v.txt", "sha256": sha256(SMALL)}
    registry = write_registry(tmp_path, "small", url=url, member=member)
    assert len(glove_registry.load("small", registry=registry)) == 3
    assert (len(secure.seen), secure.connections) == (2, 1)


@pytest.mark.parametrize("what", ["headers", "body"])
def test_an_answer_that_drips_through_tls(
    policy: Policy,
    certificate: Path,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    what: str,
) -> None:
    """Encrypted or not, an answer that drips is given up."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))

    def script(request: bytes) -> Iterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\n"
        if what == "headers":
            yield from server.drip(b"X-A: a\r\n")
        yield b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0;"
        yield from server.drip(b"x")

    hasty = replace(policy, answer_timeout=0.5, read_timeout=0.5, patience=0.0)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with RawServer(script, context=context) as server:
        begun = time.monotonic()
        with pytest.raises(RetriesExhausted, match=r"(answer|file) arrived .* 0.5 s"):
            take(server.url, tmp_path, hasty)
        assert time.monotonic() - begun < 5
