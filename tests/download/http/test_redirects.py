"""Redirects and credentials: what is followed, what stays at home."""

import importlib.util
from pathlib import Path

import pytest
from fault_server import FaultServer
from raw_server import RawServer
from transfers import DATA, take

from glove_registry.download.http.client import Client
from glove_registry.download.http.errors import NoConnection, Refused
from glove_registry.download.http.policy import Policy


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirect(
    status: int, server: FaultServer, tmp_path: Path, policy: Policy
) -> None:
    """A redirect is followed, also a relative one, and again at each resume."""
    server.add("/f", DATA)
    server.spoil("/f", "cut", at=1_000_000)
    url = server.add("/old", b"")
    server.spoil("/old", "redirect", status=status, headers={"Location": "f"}, times=2)
    assert take(url, tmp_path, policy) == DATA
    assert [seen.path for seen in server.seen] == ["/old", "/f", "/old", "/f"]


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("/loop", "circle"),
        ("file:///etc/passwd", "to file:"),
        ("ftp://127.0.0.1/f", "to ftp:"),
        ("http://[", "invalid URL"),
        ("", "circle"),
        ("/\xe4", "invalid URL"),
        ("/" + "x" * 9000, "invalid URL"),
        ("http://127.0.0.1:99999/", "check the URL"),
        ("x" * 60 + ":", "to x{20}:"),
    ],
)
def test_bad_redirect(
    server: FaultServer, tmp_path: Path, policy: Policy, location: str, reason: str
) -> None:
    """A redirect in a circle, or to anything but a web server, is refused at once."""
    url = server.add("/loop", b"")
    server.spoil(
        "/loop", "redirect", status=301, headers={"Location": location}, times=30
    )
    with pytest.raises(Refused, match=reason):
        take(url, tmp_path, policy)
    assert len(server.seen) == 1


def test_a_url_that_is_none_is_no_fault_of_the_connection(client: Client) -> None:
    """The error is about the URL, so that it is not taken for an unreachable host."""
    for url in ("http://127.0.0.1:99999/", "http://a..b/"):
        with pytest.raises(Refused, match="check the URL") as caught:
            client.probe(url)
        assert not isinstance(caught.value, NoConnection)


def test_redirect_with_endless_body(
    server: FaultServer, tmp_path: Path, policy: Policy
) -> None:
    """The body of a redirect is not waited for."""
    server.add("/f", b"abc")
    url = server.add("/old", b"")
    target = {"Location": "/f"}
    server.spoil("/old", "endless", status=302, headers=target)
    assert take(url, tmp_path, policy) == b"abc"
    assert server.seen[0].sent < 50_000_000


def test_too_many_redirects(
    server: FaultServer, tmp_path: Path, policy: Policy
) -> None:
    """A chain of redirects ends after ten."""
    for step in range(20):
        server.add(f"/{step}", b"")
        target = {"Location": f"/{step + 1}"}
        server.spoil(f"/{step}", "redirect", status=307, headers=target)
    with pytest.raises(Refused, match="too often"):
        take(f"{server.base}/0", tmp_path, policy)
    assert len(server.seen) == 11


def test_credentials_stay_at_home(
    server: FaultServer,
    tmp_path: Path,
    policy: Policy,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A password goes to the host of its URL and no other; ~/.netrc is not read."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login stored password stored\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    with FaultServer() as elsewhere:
        away = elsewhere.add("/f", b"abc")
        server.add("/f", b"")
        for target in ("/g", away):
            location = {"Location": target}
            server.spoil("/f", "redirect", status=302, headers=location)
        server.add("/g", b"here")
        url = f"http://me:s%2Fcret@127.0.0.1:{server.port}/f"
        assert take(url, tmp_path / "a", policy) == b"here"
        assert take(url, tmp_path / "b", policy) == b"abc"
        expected = "Basic bWU6cy9jcmV0"  # printf me:s/cret | base64
        assert [one.headers.get("Authorization") for one in server.seen] == [
            expected
        ] * 3
        assert "Authorization" not in elsewhere.seen[0].headers
        assert take(away, tmp_path / "c", policy) == b"abc"
        assert "Authorization" not in elsewhere.seen[1].headers


def test_credentials_are_not_shown(
    server: FaultServer, tmp_path: Path, policy: Policy
) -> None:
    """Neither error nor part file shows a password or a token."""
    server.add("/f?token=hush", DATA)
    url = f"http://me:hush@127.0.0.1:{server.port}/f?token=hush"
    server.spoil("/f?token=hush", "cut", at=1_000_000)
    server.spoil("/f?token=hush", "status", status=403)
    with pytest.raises(Refused) as caught:
        take(url, tmp_path, policy)
    shown = [str(caught.value), repr(caught.value), repr(caught.value.__context__)]
    sidecars = [path.read_text() for path in tmp_path.glob("*.json")]
    assert len(sidecars) == 1
    assert "hush" not in "".join(shown + sidecars)
    assert f"http://127.0.0.1:{server.port}/f?token=***" in shown[0]


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
def test_socks_proxy_is_named(
    tmp_path: Path, policy: Policy, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    """Where a SOCKS proxy cannot be used, the variable that asks for it is named."""
    if importlib.util.find_spec("socks"):
        pytest.skip("PySocks is here")
    for name in ("no_proxy", "http_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv(variable, "socks5h://me:hush@127.0.0.1:1")
    with pytest.raises(Refused, match=f"{variable} names a SOCKS proxy.*pip") as caught:
        take("http://host.invalid/f", tmp_path, policy)
    assert "hush" not in str(caught.value)


def test_certificates_that_are_not_there(
    tmp_path: Path, policy: Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A variable that names no file of certificates is not blamed on the disk."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "no.pem"))
    with pytest.raises(Refused, match="REQUESTS_CA_BUNDLE"):
        take("https://127.0.0.1:1/f", tmp_path, policy)


def test_a_file_without_certificates_is_blamed(
    tmp_path: Path, policy: Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A variable that names a file of something else is in the error."""
    (tmp_path / "no.pem").write_text("x")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "no.pem"))
    with (
        RawServer(lambda request: iter([])) as server,
        pytest.raises(NoConnection, match="REQUESTS_CA_BUNDLE"),
    ):
        take(server.url.replace("http:", "https:"), tmp_path, policy)


@pytest.mark.parametrize("url", ["ftp://h/f", "file:///etc/passwd", "f", "http://["])
def test_only_http(tmp_path: Path, policy: Policy, url: str) -> None:
    """URLs that are not http: or https: are refused without a connection."""
    with pytest.raises(Refused):
        take(url, tmp_path, policy)
