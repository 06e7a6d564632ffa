"""Objects in buckets, from a real S3 server: by ranges, resumed, private ones."""

import json
import os
import shutil
import socket
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import requests
from entries import sha256, write_registry
from raw_server import RawServer
from zips import make_zip

import glove_registry
from glove_registry import errors
from glove_registry.authoring import add
from glove_registry.cli import main
from glove_registry.download.http import Client

if TYPE_CHECKING:
    from s3_server import S3Server

pytest.importorskip("s3fs")
pytest.importorskip("moto")

ROWS = b"".join(b"w%d %d 0 1\n" % (n, n) for n in range(40_000))
NEW = ROWS.replace(b" 0 1\n", b" 1 0\n")


@pytest.fixture
def s3(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> "Iterator[S3Server]":
    """An S3 server that the settings of AWS's tools name, and no credentials."""
    import s3fs
    from s3_server import S3Server

    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    # It would wait between its own tries, before ours.
    monkeypatch.setattr(s3fs.S3FileSystem, "retries", 1)
    with S3Server() as running:
        monkeypatch.setenv("AWS_ENDPOINT_URL", running.base)
        yield running


def _load(folder: Path, url: str, data: bytes = ROWS, **fields: Any) -> Any:
    registry = write_registry(folder, "v", url=url, sha256=sha256(data), **fields)
    return glove_registry.load("v", registry=registry)


def test_a_public_object_is_loaded_unsigned(s3: "S3Server", tmp_path: Path) -> None:
    """A public object is loaded by ranges, and no request is signed."""
    url = s3.put("in/v%20.txt", ROWS)
    vectors = _load(tmp_path, url.replace("%", "%25"))
    assert vectors["w30000"].tolist() == [30_000, 0, 1]
    assert vectors.provenance["url"] == url.replace("%", "%25")
    assert len(s3.ranges) > 1
    assert all(s3.ranges)
    assert not [one for one in s3.asked if "Authorization" in one.headers]


def test_a_broken_transfer_is_resumed(s3: "S3Server", tmp_path: Path) -> None:
    """After a break, a later run requests only the bytes that are missing."""
    url = s3.put("v.txt", ROWS)
    s3.left = 400_000
    with pytest.raises(errors.FetchError, match=r"s3://vectors/v\.txt: .* given up"):
        _load(tmp_path, url)
    s3.left = None
    s3.asked.clear()
    assert len(_load(tmp_path, url)) == 40_000
    first = str(s3.ranges[0]).removeprefix("bytes=").partition("-")[0]
    assert 250_000 < int(first) < 400_000


def test_a_member_of_an_archive_is_fetched_by_ranges(
    s3: "S3Server", tmp_path: Path
) -> None:
    """Of a zip in a bucket, only the directory and the member are transferred."""
    archive = make_zip({"other.txt": ROWS * 5, "v.txt": ROWS})
    url = s3.put("a.zip", archive)
    member = {"name": "v.txt", "sha256": sha256(ROWS)}
    s3.left = len(archive) // 2
    assert len(_load(tmp_path, url, archive, member=member)) == 40_000


@pytest.mark.parametrize("has_checksum", [True, False])
def test_a_changed_object_is_never_mixed(
    s3: "S3Server", tmp_path: Path, monkeypatch: pytest.MonkeyPatch, has_checksum: bool
) -> None:
    """An object that is replaced between two blocks is read anew or refused."""
    import s3fs

    url = s3.put("v.txt", ROWS)
    read = s3fs.S3FileSystem.cat_file
    blocks = []

    def replace_then_read(files: Any, path: str, *args: Any, **kwargs: Any) -> bytes:
        blocks.append(path)
        if len(blocks) == 2:
            s3.put("v.txt", NEW)
        return bytes(read(files, path, *args, **kwargs))

    monkeypatch.setattr(s3fs.S3FileSystem, "cat_file", replace_then_read)
    if has_checksum:
        with pytest.raises(errors.ChecksumError):
            _load(tmp_path, url)
        return
    registry = write_registry(tmp_path, "v", url=url)
    vectors = glove_registry.load("v", registry=registry, trust_on_first_use=True)
    assert vectors.provenance["sha256"] == sha256(NEW)


@pytest.fixture
def keys(s3: "S3Server", monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Credentials of a user who may read everything; from now on all are verified."""
    from moto import settings

    iam = s3.connect("iam")
    iam.create_user(UserName="reader")
    rule = {"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [rule]})
    iam.put_user_policy(UserName="reader", PolicyName="read", PolicyDocument=policy)
    key = iam.create_access_key(UserName="reader")["AccessKey"]
    s3.put("private.txt", ROWS, private=True)
    found = {
        "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
    }
    for name, value in found.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(settings, "INITIAL_NO_AUTH_ACTION_COUNT", 0)
    return found


PRIVATE = "s3://vectors/private.txt"


def test_a_private_object_is_loaded_with_credentials(
    s3: "S3Server", tmp_path: Path, keys: dict[str, str]
) -> None:
    """With `credentials: environment` requests are signed, and no secret is sent."""
    assert len(_load(tmp_path, PRIVATE, credentials="environment")) == 40_000
    signed = [one.headers.get("Authorization", "") for one in s3.asked]
    assert all(keys["AWS_ACCESS_KEY_ID"] in one for one in signed)
    assert keys["AWS_SECRET_ACCESS_KEY"] not in str(s3.asked)


@pytest.mark.usefixtures("keys")
def test_nothing_is_signed_unasked(s3: "S3Server", tmp_path: Path) -> None:
    """Credentials in the environment are left alone unless the entry asks for them."""
    with pytest.raises(errors.FetchError, match=r"private.*`credentials: environment`"):
        _load(tmp_path, PRIVATE)
    assert s3.asked
    assert not [one for one in s3.asked if "Authorization" in one.headers]


@pytest.mark.parametrize(
    "wrong",
    [
        {"AWS_SECRET_ACCESS_KEY": "wrong-secret"},
        {"AWS_ACCESS_KEY_ID": "AKIAUNKNOWNUNKNOWN00"},
        {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""},
    ],
)
def test_wrong_or_missing_credentials_are_explained_and_not_shown(
    s3: "S3Server",
    tmp_path: Path,
    keys: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    wrong: dict[str, str],
) -> None:
    """The error says where to look, and shows neither of the two keys."""
    for name, value in wrong.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(errors.FetchError, match="see `aws configure`") as caught:
        _load(tmp_path, PRIVATE, credentials="environment")
    shown = f"{caught.value!r} {caught.value.__context__!r}"
    secrets = {*keys.values(), *wrong.values()} - {""}
    assert not [one for one in secrets if one in shown]


@pytest.mark.usefixtures("s3")
def test_an_answer_without_a_size_is_explained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error says what an answer lacks, and not how a library stumbled over it."""
    answer = b'HTTP/1.1 200 OK\r\nETag: "x"\r\n\r\n'
    with RawServer(lambda request: iter([answer])) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.port}")
        with pytest.raises(errors.FetchError, match="the size of the object"):
            _load(tmp_path, "s3://bucket/v.txt")


def test_a_silent_server_is_given_up(
    s3: "S3Server", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An object that does not arrive in time is not waited for without end."""
    hasty = replace(Client.policy, read_timeout=0.2, patience=1.0)
    monkeypatch.setattr(Client, "policy", hasty)
    url = s3.put("v.txt", ROWS)
    s3.silent = True
    with pytest.raises(errors.FetchError, match=r"no answer arrived within 0\.2 s"):
        _load(tmp_path, url)


@pytest.mark.parametrize("wrong", ["size", "disk"])
def test_an_object_of_another_size_is_refused_before_it_is_read(
    s3: "S3Server", tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    """The size that the store states is held against the entry and the free space."""
    url = s3.put("v.txt", ROWS)
    size = len(ROWS) + (wrong == "size")
    if wrong == "disk":
        full = shutil.disk_usage(tmp_path)._replace(free=len(ROWS) - 1)
        monkeypatch.setattr(shutil, "disk_usage", lambda folder: full)
    reason = {"size": "expected", "disk": "bytes are needed"}[wrong]
    with pytest.raises(OSError, match=reason):
        _load(tmp_path, url, bytes=size)
    assert not s3.ranges


def test_what_is_not_there(s3: "S3Server", tmp_path: Path) -> None:
    """A missing object or bucket, and a folder, is an error of one sentence."""
    s3.put("in/v.txt", ROWS)
    with pytest.raises(errors.FetchError, match="this is a folder"):
        _load(tmp_path, "s3://vectors/in")
    for url in ("s3://vectors/none.txt", "s3://no-such-bucket/v.txt"):
        with pytest.raises(errors.FetchError, match="there is no such object"):
            _load(tmp_path, url)


@pytest.mark.parametrize("url", ["s3://vectors", "s3://vectors/", "s3:v", "s3://v/a?b"])
def test_other_forms_are_refused(tmp_path: Path, url: str) -> None:
    """A URL without bucket and key is a fault of the registry."""
    with pytest.raises(errors.RegistryError, match="expected s3://BUCKET/KEY"):
        _load(tmp_path, url)


def test_check_and_add_follow(
    s3: "S3Server", tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An object is added and checked as any other source."""
    registry = tmp_path / "registry.yaml"
    add(s3.put("v.txt", ROWS), "v", to=registry)
    assert main(["check", "v", "--registry", str(registry)]) == 0
    assert f"{len(ROWS):,} bytes" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("scheme", "module"), [("s3", "s3fs"), ("gs", "gcsfs.core"), ("az", "adlfs")]
)
def test_a_missing_package_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scheme: str, module: str
) -> None:
    """Without the extra, the error has the command that installs it."""
    monkeypatch.setitem(sys.modules, module, None)
    command = r"pip install \"glove_registry\[cloud\]\""
    with pytest.raises(errors.FetchError, match=command):
        _load(tmp_path, f"{scheme}://vectors/v.txt", credentials="environment")


def test_a_bucket_of_google_is_read_by_ranges(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A public object, and a member of an archive, are loaded from an emulator."""
    emulator = pytest.importorskip("gcp_storage_emulator.server")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = emulator.create_server(
        "127.0.0.1", port, in_memory=True, default_bucket="vectors"
    )
    server.start()
    base = f"http://127.0.0.1:{port}"
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", base)
    archive = make_zip({"other.txt": ROWS * 5, "new.txt": NEW})
    try:
        for name, data in (("in/v.txt", ROWS), ("a.zip", archive)):
            place = f"{base}/upload/storage/v1/b/vectors/o?uploadType=media"
            done = requests.post(place, data, params={"name": name}, timeout=10)
            done.raise_for_status()
        assert len(_load(tmp_path, "gs://vectors/in/v.txt")) == 40_000
        member = {"name": "new.txt", "sha256": sha256(NEW)}
        vectors = _load(tmp_path, "gs://vectors/a.zip", archive, member=member)
        assert vectors["w7"].tolist() == [7, 1, 0]
        with pytest.raises(errors.FetchError, match="there is no such object"):
            _load(tmp_path, "gs://vectors/none.txt", b"none")
    finally:
        server.stop()


def test_settings_that_are_missing_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without an account, no request is made, and the error names its variable."""
    pytest.importorskip("adlfs")
    for name in [name for name in os.environ if name.startswith("AZURE_")]:
        monkeypatch.delenv(name)
    with pytest.raises(errors.FetchError, match="check AZURE_STORAGE_ACCOUNT_NAME"):
        _load(tmp_path, "az://vectors/v.txt", credentials="environment")


@pytest.mark.parametrize(
    ("kind", "passes"), [(ConnectionResetError, True), (BlockingIOError, False)]
)
def test_what_may_pass_is_tried_again(
    s3: "S3Server",
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    kind: type[Exception],
    passes: bool,
) -> None:
    """A broken connection is tried again, any other failure reported at once."""
    import s3fs

    url = s3.put("v.txt", ROWS)
    asked = []

    def fail(files: Any, path: str, **_: Any) -> None:
        asked.append(path)
        raise kind("secret of the library")

    monkeypatch.setattr(s3fs.S3FileSystem, "info", fail)
    with pytest.raises(errors.FetchError, match=kind.__name__) as caught:
        _load(tmp_path, url)
    assert (len(asked) > 1) == passes
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("status", "meaning"),
    [
        *((status, "it is private") for status in (401, 403)),
        *((status, "check the URL and the network") for status in (400, 402, 404, 499)),
        *((status, "given up after") for status in (408, 429, 500, 503)),
    ],
)
def test_what_a_status_means(
    s3: "S3Server",
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    status: int,
    meaning: str,
) -> None:
    """A status refuses access, fails for good, or may pass, as it does in HTTP."""
    import s3fs

    class Failure(Exception):
        code = status

    def fail(files: Any, path: str, **_: Any) -> None:
        raise Failure

    url = s3.put("v.txt", ROWS)
    monkeypatch.setattr(s3fs.S3FileSystem, "info", fail)
    with pytest.raises(errors.FetchError, match=meaning):
        _load(tmp_path, url)


@pytest.mark.parametrize("change", [-1_000, 1])
def test_a_block_of_another_size_is_asked_for_again(
    s3: "S3Server", tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: int
) -> None:
    """Bytes that are missing from a block are not left out, nor more of them kept."""
    import s3fs

    url = s3.put("v.txt", ROWS)
    read, asked = s3fs.S3FileSystem.cat_file, []

    def spoil(files: Any, path: str, **span: int) -> Any:
        asked.append(span)
        if len(asked) == 1:
            span["end"] += change
        return read(files, path, **span)

    monkeypatch.setattr(s3fs.S3FileSystem, "cat_file", spoil)
    registry = write_registry(tmp_path, "lab", url=url)
    path = glove_registry.fetch("lab", registry=registry, trust_on_first_use=True)
    assert path.read_bytes() == ROWS
    assert asked[1]["start"] == asked[0]["start"]


def test_what_is_always_signed_must_be_asked_for(tmp_path: Path) -> None:
    """A library that signs whenever it can is not used without being asked to."""
    with pytest.raises(errors.FetchError, match="adlfs signs every request"):
        _load(tmp_path, "az://vectors/v.txt")
