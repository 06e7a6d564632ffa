"""Files behind ftp: and sftp: are fetched, verified and given up like any other."""

import gzip
import random
import re
import socket
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import paramiko
import pytest
from bad_ftp_server import STEPS, BadFtpServer
from entries import SMALL, list_files, sha256, write_registry
from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.handlers import FTPHandler
from pyftpdlib.servers import FTPServer
from sftp_server import SftpServer
from small_disk import small_disk

import glove_registry
from glove_registry import errors
from glove_registry.authoring import add
from glove_registry.download.http import Client

CONTENT = gzip.compress(SMALL)


@pytest.fixture
def base(tmp_path: Path) -> Iterator[str]:
    """The URL of a real FTP server on loopback that has one file."""
    folder = tmp_path / "served"
    folder.mkdir()
    (folder / "v.txt.gz").write_bytes(CONTENT)
    authorizer = DummyAuthorizer()
    authorizer.add_anonymous(str(folder))

    class Handler(FTPHandler):  # type: ignore[misc]
        pass

    Handler.authorizer = authorizer
    server = FTPServer(("127.0.0.1", 0), Handler)
    stop = threading.Event()

    def serve() -> None:
        while not stop.is_set():
            server.serve_forever(timeout=0.02, blocking=False, handle_exit=False)

    thread = threading.Thread(target=serve)
    thread.start()
    yield f"ftp://127.0.0.1:{server.address[1]}"
    stop.set()
    thread.join()
    server.close_all()


def test_a_file_comes_by_ftp(base: str, tmp_path: Path, cache_root: Path) -> None:
    """An ftp: source is fetched, verified, compiled, and not left behind."""
    registry = write_registry(
        tmp_path,
        "small",
        url=f"{base}/v.txt.gz",
        sha256=sha256(CONTENT),
        bytes=len(CONTENT),
    )
    vectors = glove_registry.load("small", registry=registry)
    assert "film" in vectors
    assert vectors.provenance["url"] == f"{base}/v.txt.gz"
    assert [name for name in list_files(cache_root) if name.startswith("partial")] == []


def test_what_comes_by_ftp_is_held_to_its_hash(
    base: str, tmp_path: Path, cache_root: Path
) -> None:
    """Another file, or none, is an error with its reason, and nothing is kept."""
    registry = write_registry(
        tmp_path, "small", url=f"{base}/v.txt.gz", sha256="a" * 64
    )
    with pytest.raises(errors.ChecksumError, match=sha256(CONTENT)):
        glove_registry.load("small", registry=registry)
    registry = write_registry(tmp_path, "small", url=f"{base}/no", sha256="a" * 64)
    with pytest.raises(errors.FetchError, match="550"):
        glove_registry.load("small", registry=registry)
    assert list_files(cache_root) == []


def test_a_file_that_came_by_ftp_gets_an_entry(base: str, tmp_path: Path) -> None:
    """A file added from there is kept, so that the first load needs no server."""
    registry = tmp_path / "registry.yaml"
    addition = add(f"{base}/v.txt.gz", "small", to=registry)
    assert addition.examination.sha256 == sha256(CONTENT)
    vectors = glove_registry.load("small", registry=registry, offline=True)
    assert vectors.provenance["sha256"] == sha256(SMALL)
    with pytest.raises(errors.FetchError, match="550"):
        add(f"{base}/no", "other", to=registry)


def test_a_file_that_came_needs_no_goodbye(tmp_path: Path) -> None:
    """A server that knows no end of a session does not undo a download."""
    with BadFtpServer(SMALL, "", "") as server:
        registry = write_registry(
            tmp_path, "small", url=server.url, sha256=sha256(SMALL)
        )
        assert "film" in glove_registry.load("small", registry=registry)
        assert server.connections == 1


@pytest.mark.parametrize("step", ["welcome", "USER", "TYPE", "RETR", "end"])
def test_replies_may_be_any_bytes(step: str, tmp_path: Path) -> None:
    """A reply in an unknown encoding does not end a download."""
    with BadFtpServer(SMALL, "", "") as server:
        server.replies[step] += b" gr\xfc\xdf Gott"
        registry = write_registry(
            tmp_path, "small", url=server.url, sha256=sha256(SMALL)
        )
        assert "film" in glove_registry.load("small", registry=registry)


def test_a_path_is_sent_byte_by_byte(tmp_path: Path) -> None:
    """The bytes of a name are those that the URL states, whatever they encode."""
    with BadFtpServer(SMALL, "", "") as server:
        url = server.url.replace("v.txt", "caf%e9%20%C3%A9.txt")
        registry = write_registry(tmp_path, "small", url=url, sha256=sha256(SMALL))
        assert "film" in glove_registry.load("small", registry=registry)
        assert server.lines[-1] == b"RETR /caf\xe9 \xc3\xa9.txt"


def test_a_reason_is_shown_as_the_server_means_it(tmp_path: Path) -> None:
    """Replies in UTF-8, as most are, stay readable in an error."""
    with BadFtpServer(SMALL, "", "") as server:
        server.replies["USER"] = "530 f\xfcr Mitglieder".encode()
        registry = write_registry(
            tmp_path, "small", url=server.url, sha256=sha256(SMALL)
        )
        with pytest.raises(errors.FetchError, match="530 f\xfcr Mitglieder"):
            glove_registry.load("small", registry=registry)


# -- servers that draw it out -------------------------------------------------------


@pytest.fixture
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """One second takes the place of a minute."""
    hasty = replace(Client.policy, floor_window=0.2, patience=0.3, backoff=0.1)
    monkeypatch.setattr(Client, "policy", hasty)


@pytest.mark.usefixtures("_hasty")
@pytest.mark.parametrize("fault", ["silence", "drip", "flood"])
@pytest.mark.parametrize("step", STEPS)
def test_a_server_that_draws_it_out_is_given_up(
    step: str, fault: str, tmp_path: Path, cache_root: Path
) -> None:
    """A server that stalls, drips or never ends at any step is given up in time."""
    with BadFtpServer(SMALL, step, fault) as server:
        registry = write_registry(
            tmp_path, "small", url=server.url, sha256=sha256(SMALL), bytes=len(SMALL)
        )
        begun = time.monotonic()
        with pytest.raises(errors.FetchError, match=re.escape(server.url)):
            glove_registry.load("small", registry=registry)
        assert time.monotonic() - begun < 6
    assert list_files(cache_root) == []


def test_replies_without_end_are_not_read_to_it(tmp_path: Path) -> None:
    """A server whose replies do not end is left, and the error says so."""
    with BadFtpServer(SMALL, "welcome", "flood") as server:
        registry = write_registry(
            tmp_path, "small", url=server.url, sha256=sha256(SMALL)
        )
        with pytest.raises(errors.FetchError, match="replies have no end"):
            glove_registry.load("small", registry=registry)


@pytest.mark.usefixtures("_hasty")
def test_a_slow_server_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that keeps above the floor rate comes, however long it takes."""
    monkeypatch.setattr(Client, "policy", replace(Client.policy, floor_rate=5.0))
    with BadFtpServer(SMALL, "data", "slow") as server:
        registry = write_registry(
            tmp_path, "small", url=server.url, sha256=sha256(SMALL)
        )
        assert "film" in glove_registry.load("small", registry=registry)
        assert server.connections == 1


@pytest.mark.usefixtures("_hasty")
def test_a_server_that_always_hangs_up(tmp_path: Path) -> None:
    """The error says that the server hangs up, though it gives no reason."""
    with BadFtpServer(SMALL, "USER", "cut") as server:
        registry = write_registry(
            tmp_path, "small", url=server.url, sha256=sha256(SMALL)
        )
        with pytest.raises(errors.FetchError, match="server closed the connection"):
            glove_registry.load("small", registry=registry)
        assert server.connections > 1


def test_a_file_that_is_too_long_is_not_read_to_its_end(tmp_path: Path) -> None:
    """A byte more than the entry says is enough to leave a server."""
    with BadFtpServer(SMALL, "", "") as server:
        registry = write_registry(
            tmp_path,
            "small",
            url=server.url,
            sha256=sha256(SMALL),
            bytes=len(SMALL) - 1,
        )
        message = f"goes on past the {len(SMALL) - 1} bytes it should have"
        with pytest.raises(errors.FetchError, match=message):
            glove_registry.load("small", registry=registry)


@pytest.mark.parametrize(
    ("fault", "tries"), [(socket.EAI_AGAIN, 2), (socket.EAI_NONAME, 1)]
)
def test_a_name_that_cannot_be_looked_up(
    fault: int, tries: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A resolver that is busy is asked again, and one that knows no host is not."""
    asked = []
    look_up = socket.getaddrinfo

    def fail_once(*arguments: Any, **settings: Any) -> Any:
        asked.append(arguments)
        if len(asked) == 1:
            raise socket.gaierror(fault, "not now")
        return look_up(*arguments, **settings)

    with BadFtpServer(SMALL, "", "") as server:
        registry = write_registry(
            tmp_path, "small", url=server.url, sha256=sha256(SMALL)
        )
        monkeypatch.setattr(socket, "getaddrinfo", fail_once)
        if tries == 2:
            assert "film" in glove_registry.load("small", registry=registry)
        else:
            with pytest.raises(errors.FetchError, match="check the URL and the net"):
                glove_registry.load("small", registry=registry)
        assert server.connections == tries - 1


@pytest.mark.parametrize(
    ("step", "fault"), [("welcome", "refuse"), ("USER", "cut"), ("RETR", "cut")]
)
def test_a_server_that_is_busy_for_now_is_asked_again(
    step: str, fault: str, tmp_path: Path
) -> None:
    """A temporary refusal or a lost connection is not the end of a download."""
    with BadFtpServer(SMALL, step, fault, times=3) as server:
        registry = write_registry(
            tmp_path, "small", url=server.url, sha256=sha256(SMALL)
        )
        assert "film" in glove_registry.load("small", registry=registry)
        assert server.connections == 4


def test_a_file_without_an_end_leaves_room(tmp_path: Path) -> None:
    """A file of unknown size stops before the disk is full, and is not left there."""
    with (
        small_disk(tmp_path / "disk", 1 << 23) as disk,
        BadFtpServer(SMALL, "data", "flood") as server,
    ):
        registry = write_registry(
            tmp_path, "small", url=server.url, sha256=sha256(SMALL)
        )
        with pytest.raises(errors.FetchError, match="free some disk space"):
            glove_registry.load("small", registry=registry, cache_dir=disk / "cache")
        assert list_files(disk) == []


def test_a_file_that_the_disk_has_no_room_for(tmp_path: Path) -> None:
    """A size in the entry is held against the free space before anything is copied."""
    with (
        small_disk(tmp_path / "disk", 1 << 22) as disk,
        BadFtpServer(SMALL, "", "") as server,
    ):
        registry = write_registry(
            tmp_path, "small", url=server.url, sha256=sha256(SMALL), bytes=5_000_000
        )
        with pytest.raises(errors.CacheError, match="5,000,000 bytes are needed"):
            glove_registry.load("small", registry=registry, cache_dir=disk / "cache")
        assert server.connections == 0


def test_a_registry_comes_by_ftp_from_this_machine(base: str, tmp_path: Path) -> None:
    """It is copied, and no more of it than a registry may have."""
    path = tmp_path / "served" / "registry.yaml"
    path.write_text(f"variants: {{v: {{url: ./v.txt.gz, sha256: {sha256(CONTENT)}}}}}")
    assert "film" in glove_registry.load("v", registry=f"{base}/registry.yaml")
    (tmp_path / "served" / "large.yaml").write_bytes(b"#" * 4_000_001)
    with pytest.raises(errors.FetchError, match="past the 4,000,000 bytes"):
        glove_registry.Registry.from_file(f"{base}/large.yaml")


def test_what_no_library_expects_is_an_error_of_ours(tmp_path: Path) -> None:
    """A path that the library does not expect raises an error of ours."""
    url = "ftp://127.0.0.1:1/a%0d%0ab"
    registry = write_registry(tmp_path, "small", url=url, sha256=sha256(SMALL))
    with pytest.raises(errors.FetchError, match="could not be fetched") as caught:
        glove_registry.load("small", registry=registry)
    assert "\r" not in str(caught.value)


@pytest.fixture
def sftp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SftpServer]:
    """A real SFTP server on loopback that has one file, and is known to nobody."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "served").mkdir()
    (tmp_path / "served" / "v .gz").write_bytes(CONTENT)
    with SftpServer(tmp_path / "served") as server:
        yield server


def test_a_file_comes_by_sftp(sftp: SftpServer, tmp_path: Path) -> None:
    """A file of several pieces is copied whole, and no password is needed."""
    content = random.Random(1).randbytes(5 << 20)
    packed = gzip.compress(content)
    (tmp_path / "served" / "v .gz").write_bytes(packed)
    registry = write_registry(
        tmp_path, "v", url=f"{sftp.base}/v%20.gz", sha256=sha256(packed)
    )
    path = glove_registry.fetch("v", registry=registry)
    assert path.read_bytes() == content
    assert sftp.passwords == [""]


def test_an_sftp_path_is_sent_byte_by_byte(
    sftp: SftpServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bytes of a name are those that the URL states, whatever they encode."""
    # This makes a server of it whose names are not UTF-8.
    monkeypatch.setattr(
        paramiko.Message, "get_text", lambda self: self.get_string().decode("latin-1")
    )
    (tmp_path / "served" / "caf\xe9.gz").write_bytes(CONTENT)
    registry = write_registry(
        tmp_path, "small", url=f"{sftp.base}/caf%e9.gz", sha256=sha256(CONTENT)
    )
    assert "film" in glove_registry.load("small", registry=registry)


@pytest.mark.parametrize(
    "greeting", [b"", b"Not allowed at this time\r\n", b"SSH-2.0-x\r\n"]
)
def test_an_sftp_server_that_is_busy_for_now_is_asked_again(
    sftp: SftpServer, greeting: bytes, tmp_path: Path
) -> None:
    """One that hangs up before anything is agreed on may have time later."""
    sftp.greetings = [greeting] * 3
    registry = write_registry(
        tmp_path, "small", url=f"{sftp.base}/v%20.gz", sha256=sha256(CONTENT)
    )
    assert "film" in glove_registry.load("small", registry=registry)
    assert sftp.greetings == []


@pytest.mark.parametrize(
    "greeting",
    [
        b"",
        b"\x1b[31mHELLO\xff\n" * 3,
        b"SSH-9.9-\x1b[31mevil\r\n",
        b"SSH-2.0-x\r\n\0\0\0\x0c\x0a\x14" + b"A" * 2000,
        b"HTTP/1.1 400 Bad\r\n\r\n",
    ],
)
def test_an_odd_greeting_is_one_sentence(
    sftp: SftpServer,
    greeting: bytes,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """What is no SFTP server is an error, and nothing is logged but by this package."""
    sftp.greetings = [greeting] * 99
    registry = write_registry(
        tmp_path, "small", url=f"{sftp.base}/v%20.gz", sha256=sha256(CONTENT)
    )
    with pytest.raises(errors.FetchError, match="could not be fetched") as caught:
        glove_registry.load("small", registry=registry)
    assert {record.name for record in caplog.records} <= {"glove_registry"}
    assert f"{caught.value}{caplog.text}".replace("\n", "").isprintable()


@pytest.mark.parametrize(
    "line", [b"[127.0.0.1]:22 ssh-rsa AAA\n", b"# \xff\n"], ids=["key", "bytes"]
)
def test_a_broken_known_hosts_is_named(
    sftp: SftpServer, line: bytes, tmp_path: Path
) -> None:
    """The error names the file of this machine, and not the URL, as what to mend."""
    (tmp_path / "home" / ".ssh").mkdir(parents=True)
    (tmp_path / "home" / ".ssh" / "known_hosts").write_bytes(line)
    registry = write_registry(
        tmp_path, "small", url=f"{sftp.base}/v%20.gz", sha256=sha256(CONTENT)
    )
    with pytest.raises(errors.FetchError, match="known_hosts has a line that is not"):
        glove_registry.load("small", registry=registry)


# paramiko sends requests in a thread, which shows where it was when they ended.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("huge", "ends before its 1,152,921,504,606,846,976 bytes"),
        ("unknown", "does not state the size"),
        ("endless", "goes on past the 10,000,000 bytes"),
        ("silent", "0 bytes arrived within"),
        ("cut", "the connection broke .*; given up after"),
    ],
)
def test_an_sftp_server_that_does_not_keep_its_word_is_given_up(
    sftp: SftpServer,
    fault: str,
    reason: str,
    tmp_path: Path,
    cache_root: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Neither memory, disk nor time is taken by it, and nothing is left behind."""
    sftp.fault = fault
    hasty = replace(Client.policy, undeclared_limit=10_000_000)
    if fault == "silent":
        hasty = replace(hasty, floor_window=2, patience=1)
    monkeypatch.setattr(Client, "policy", hasty)
    registry = write_registry(
        tmp_path, "small", url=f"{sftp.base}/v%20.gz", sha256=sha256(CONTENT)
    )
    with pytest.raises(errors.FetchError, match=reason):
        glove_registry.load("small", registry=registry)
    assert list_files(cache_root) == []


@pytest.mark.parametrize("known", ["not", "by this key", "by another key"])
def test_a_password_goes_to_no_server_that_is_not_known(
    sftp: SftpServer, known: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the key in ~/.ssh/known_hosts lets a mirror's password go there."""
    key = paramiko.ECDSAKey.generate() if "another" in known else sftp.key
    if known != "not":
        (tmp_path / "home" / ".ssh").mkdir(parents=True)
        line = f"[127.0.0.1]:{sftp.port} {key.get_name()} {key.get_base64()}\n"
        (tmp_path / "home" / ".ssh" / "known_hosts").write_text(line)
    mirror = sftp.base.replace("sftp://", "sftp://me:hush@")
    monkeypatch.setenv("GLOVE_REGISTRY_MIRROR", mirror)
    (tmp_path / "served" / "127.0.0.1:1").mkdir()
    (tmp_path / "served" / "127.0.0.1:1" / "v.gz").write_bytes(CONTENT)
    registry = write_registry(
        tmp_path, "small", url="http://127.0.0.1:1/v.gz", sha256=sha256(CONTENT)
    )
    if known == "by this key":
        assert "film" in glove_registry.load("small", registry=registry)
        assert sftp.passwords == ["hush"]
        return
    with pytest.raises(errors.FetchError) as caught:
        glove_registry.load("small", registry=registry)
    assert "hush" not in str(caught.value)
    assert ("known_hosts" in str(caught.value)) == (known == "not")
    assert sftp.passwords == []


def test_sftp_needs_a_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who has no paramiko is told to install it."""
    monkeypatch.setitem(sys.modules, "paramiko", None)
    registry = write_registry(
        tmp_path, "small", url="sftp://h.invalid/v.gz", sha256=sha256(CONTENT)
    )
    with pytest.raises(errors.FetchError, match="pip install paramiko"):
        glove_registry.load("small", registry=registry)


def test_credentials_of_a_mirror_are_used_and_not_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """User and password are sent to their server, and are in no message."""
    with BadFtpServer(SMALL, "PASV", "cut") as server:
        mirror = server.url.replace("ftp://", "ftp://me:hush@").removesuffix("/v.txt")
        monkeypatch.setenv("GLOVE_REGISTRY_MIRROR", mirror)
        registry = write_registry(
            tmp_path, "small", url="http://127.0.0.1:1/v.txt", sha256=sha256(SMALL)
        )
        with pytest.raises(errors.FetchError) as caught:
            glove_registry.load("small", registry=registry)
        assert server.connections
    assert "127.0.0.1" in str(caught.value)
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize("login", ["me:hush", "m%e9:h%C3%BC%73h", ":hush", "hush:"])
@pytest.mark.parametrize("status", [b"530", b"421"])
def test_a_login_that_a_server_repeats_is_not_shown(
    login: str,
    status: bytes,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Neither an error nor a warning has a user or password from a server's reply."""
    with BadFtpServer(SMALL, "", "") as server:
        # TYPE stands here for PASS, which the server has no step for.
        server.replies["USER"] = b"331 who?"
        server.replies["TYPE"] = status + b" no: {line}, " + login.encode()
        mirror = server.url.replace("ftp://", f"ftp://{login}@")
        monkeypatch.setenv("GLOVE_REGISTRY_MIRROR", mirror.removesuffix("/v.txt"))
        registry = write_registry(
            tmp_path, "small", url="http://127.0.0.1:1/v.txt", sha256=sha256(SMALL)
        )
        with pytest.raises(errors.FetchError, match=r"no: .*\*\*\*") as caught:
            glove_registry.load("small", registry=registry)
    shown = f"{caught.value}{caplog.text}"
    for secret in ("hush", "h\xfcsh", "%73", "m%e9"):
        assert secret not in shown
