"""Credentials of whoever fetches: sent only if asked for, and where they belong."""

import base64
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from entries import SMALL, sha256, write_registry
from fault_server import FaultServer

import glove_registry
from glove_registry import errors
from glove_registry.download.credentials import Login, read_hub_token, read_netrc

NAME, SECRET = "me", "s:cret/1"
BASIC = "Basic " + base64.b64encode(f"{NAME}:{SECRET}".encode()).decode()


@pytest.fixture
def netrc(tmp_path: Path) -> Path:
    """A netrc file with a login for this machine, and a default for any other."""
    path = tmp_path / "netrc"
    path.write_text(
        f"machine 127.0.0.1 login {NAME} password {SECRET}\n"
        "default login anybody password of-anybody\n"
    )
    path.chmod(0o600)
    return path


def _load(folder: Path, url: str, **fields: Any) -> Any:
    registry = write_registry(folder, "v", url=url, sha256=sha256(SMALL), **fields)
    return glove_registry.load("v", registry=registry)


@pytest.mark.usefixtures("netrc")
def test_netrc_is_read_if_the_entry_says_so(
    server: FaultServer, tmp_path: Path
) -> None:
    """The login for the host is sent to it, and to no host that it redirects to."""
    with FaultServer() as elsewhere:
        server.add("/v.txt", b"")
        away = elsewhere.add("/v.txt", SMALL)
        location = {"Location": away, "Set-Cookie": "session=1; Path=/"}
        server.spoil("/v.txt", "redirect", status=302, headers=location)
        _load(tmp_path, f"{server.base}/v.txt", credentials="environment")
        assert [one.headers.get("Authorization") for one in server.seen] == [BASIC]
        for one in elsewhere.seen:
            sent = {name.lower() for name in one.headers}
            assert not sent & {"authorization", "cookie"}


@pytest.mark.usefixtures("netrc")
def test_a_way_back_brings_no_credentials(server: FaultServer, tmp_path: Path) -> None:
    """Where another host redirects to, no login is sent, even at its own host."""
    with FaultServer() as elsewhere:
        for path in ("/v.txt", "/admin"):
            server.add(path, SMALL)
        elsewhere.add("/back", b"")
        there = {"Location": f"{elsewhere.base}/back"}
        server.spoil("/v.txt", "redirect", status=302, headers=there)
        back = {"Location": f"{server.base}/admin"}
        elsewhere.spoil("/back", "redirect", status=302, headers=back)
        _load(tmp_path, f"{server.base}/v.txt", credentials="environment")
    found = [(one.path, one.headers.get("Authorization")) for one in server.seen]
    assert found == [("/v.txt", BASIC), ("/admin", None)]


@pytest.mark.usefixtures("netrc")
def test_no_login_is_sent_unasked(server: FaultServer, tmp_path: Path) -> None:
    """Without `credentials: environment` the file is not read, and 401 explains it."""
    server.add("/v.txt", SMALL)
    server.spoil("/v.txt", "status", status=401)
    with pytest.raises(errors.FetchError, match=r"401.*`credentials: environment`"):
        _load(tmp_path, f"{server.base}/v.txt")
    assert "Authorization" not in server.seen[0].headers


def test_the_default_of_netrc_is_for_no_host(netrc: Path) -> None:
    """A host that the file does not name gets nothing, as an entry could name any."""
    login = read_netrc("https://evil.example.org/v.txt")
    assert (login.path, login.user, login.password) == (netrc, None, "")


@pytest.mark.usefixtures("netrc")
def test_no_netrc_is_no_login(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that does not exist is where a login could be written, and no error."""
    monkeypatch.setenv("NETRC", str(tmp_path / "none"))
    assert read_netrc("https://h/v.txt") == Login(tmp_path / "none")


def test_no_login_crosses_an_open_network(tmp_path: Path) -> None:
    """Over http: to another machine, an error is raised before a connection is made."""
    with pytest.raises(errors.FetchError, match="sent over https: only"):
        _load(tmp_path, "http://host.invalid/v.txt", credentials="environment")


@pytest.mark.usefixtures("netrc")
@pytest.mark.parametrize("variable", ["http_proxy", "all_proxy"])
def test_no_proxy_gets_what_is_for_this_machine(
    variable: str, server: FaultServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A login for this machine goes to no proxy, to which it would be unencrypted."""
    with FaultServer() as proxy:
        monkeypatch.setenv(variable, proxy.base)
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        server.add("/v.txt", SMALL)
        _load(tmp_path, f"{server.base}/v.txt", credentials="environment")
        assert proxy.seen == []
    assert [one.headers.get("Authorization") for one in server.seen] == [BASIC]


def test_the_environment_s_netrc_is_the_one_of_curl(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without NETRC the file is ~/.netrc."""
    monkeypatch.delenv("NETRC")
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".netrc").write_text(f"machine h login {NAME} password {SECRET}\n")
    (tmp_path / ".netrc").chmod(0o600)
    assert read_netrc("https://h/v.txt").user == NAME


@pytest.mark.parametrize(
    ("text", "status", "advice"),
    [
        ("", 401, r"netrc has none for this host: add `machine 127\.0\.0\.1 login"),
        (f"machine 127.0.0.1 login {NAME} password {SECRET}", 401, "does not accept"),
        (f"machine 127.0.0.1 login {NAME} password {SECRET}", 403, "does not accept"),
        (f"machine h {SECRET} {SECRET}", 401, "line 1 is not valid netrc syntax"),
        ("machine h login \xff", 401, "cannot be read"),
    ],
)
def test_a_missing_or_wrong_login_is_explained_and_not_shown(
    server: FaultServer,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    text: str,
    status: int,
    advice: str,
) -> None:
    """The error says what to do; neither it nor the log shows the password."""
    path = tmp_path / "netrc"
    path.write_bytes(text.encode("latin-1"))
    path.chmod(0o600)
    caplog.set_level("DEBUG")
    server.add("/v.txt", SMALL)
    server.spoil("/v.txt", "status", status=status)
    with pytest.raises(errors.FetchError, match=advice) as caught:
        _load(tmp_path, f"{server.base}/v.txt", credentials="environment")
    shown = f"{caught.value!r} {caught.value.__context__!r} {caplog.text}"
    assert SECRET not in shown
    assert BASIC not in shown


def test_a_token_that_cannot_be_read_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file of the token that is a folder is named, not taken for no token."""
    monkeypatch.setenv("HF_TOKEN_PATH", str(tmp_path))
    with pytest.raises(errors.FetchError, match="cannot be read"):
        read_hub_token()


def test_credentials_are_not_shown(
    netrc: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What holds credentials does not show them, if it is printed by mistake."""
    from glove_registry.download.http import Authorization

    monkeypatch.setenv("HF_TOKEN", SECRET)
    for one in (
        read_netrc("https://127.0.0.1/"),
        read_hub_token(),
        Authorization.basic("https://h/", NAME, SECRET),
        Authorization.bearer("https://h/", SECRET),
    ):
        assert SECRET not in repr(one)
        assert BASIC not in repr(one)


@pytest.mark.usefixtures("netrc")
def test_nothing_on_disk_has_credentials(
    server: FaultServer, tmp_path: Path, cache_root: Path
) -> None:
    """Neither the store with its provenance nor an interrupted download has them."""
    server.add("/v.txt", SMALL)
    server.spoil("/v.txt", "cut", at=10)
    server.spoil("/v.txt", "status", status=403)
    url = f"{server.base}/v.txt"
    with pytest.raises(errors.FetchError):
        _load(tmp_path, url, credentials="environment")
    assert list((cache_root / "partial").iterdir())
    vectors = _load(tmp_path, url, credentials="environment")
    assert SECRET not in str(vectors.provenance)
    for path in cache_root.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert SECRET.encode() not in data
            assert BASIC.encode() not in data


@pytest.mark.parametrize(
    ("variable", "read"),
    [("NETRC", lambda: read_netrc("https://h/v")), ("HF_TOKEN_PATH", read_hub_token)],
)
def test_only_a_regular_file_of_bounded_size_is_read(
    variable: str,
    read: Callable[[], object],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A pipe is not waited for, and a device is not read to an end that it lacks."""
    monkeypatch.delenv("HF_TOKEN", raising=False)
    path = tmp_path / "secret"
    monkeypatch.setenv(variable, str(path))
    path.write_bytes(b"#" * 1_000_001)
    with pytest.raises(errors.FetchError, match="secret cannot be read"):
        read()
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(errors.FetchError, match="a pipe, not a regular file"):
        read()
    path.unlink()
    path.symlink_to("/dev/zero")
    with pytest.raises(errors.FetchError, match="a device, not a regular file"):
        read()


@pytest.mark.parametrize("variable", ["NETRC", "HF_TOKEN_PATH", "HF_HOME", "XDG"])
def test_the_home_of_nobody_has_no_credentials(
    variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A path below the home folder of no user is one without a file."""
    for name in ("HF_TOKEN", "HF_TOKEN_PATH", "HF_HOME"):
        monkeypatch.delenv(name, raising=False)
    name = "XDG_CACHE_HOME" if variable == "XDG" else variable
    monkeypatch.setenv(name, "~no_such_user/x")
    if variable == "NETRC":
        assert read_netrc("https://h/v").user is None
    else:
        token = read_hub_token()
        assert (token.text, token.place[:15]) == ("", "~no_such_user/x")


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"url": "ftp://h/v.txt", "credentials": "environment"}, "sent to ftp: URLs"),
        ({"url": "file:v.txt", "credentials": "environment"}, "sent to file: URLs"),
        ({"url": "https://h/v.txt", "credentials": "me:pw"}, "one of environment"),
        (
            {"sources": [{"url": "doi:10.1/x/v", "credentials": "environment"}]},
            "to doi:",
        ),
    ],
)
def test_a_registry_can_only_ask_for_them(
    tmp_path: Path, fields: dict[str, Any], fault: str
) -> None:
    """The field takes no credentials, and stands only where some could be sent."""
    registry = write_registry(tmp_path, "v", **fields)
    with pytest.raises(errors.RegistryError, match=fault):
        glove_registry.load("v", registry=registry)
