"""Vectors are published in a bucket, and loaded from there."""

import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from entries import sha256
from plain_rows import SAMPLE, read_sample
from run_program import run_code
from test_push import LOAD, run_page

import glove_registry
from glove_registry.authoring import push
from glove_registry.authoring.bucket import ONLY_NEW
from glove_registry.cli import main
from glove_registry.errors import FetchError, OutputError

if TYPE_CHECKING:
    from s3_server import S3Server

s3fs = pytest.importorskip("s3fs")
pytest.importorskip("moto")

NAME = f"small.{SAMPLE}"


@pytest.fixture
def s3(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> "Iterator[S3Server]":
    """An S3 server that the settings of AWS's tools name, with the owner's keys."""
    from s3_server import S3Server

    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "owner")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "owner-secret")
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setattr(s3fs.S3FileSystem, "retries", 1)
    with S3Server() as running:
        monkeypatch.setenv("AWS_ENDPOINT_URL", running.base)
        yield running


def list_objects(s3: "S3Server") -> dict[str, int]:
    """Return all objects of the bucket, with their sizes."""
    found = s3.connect("s3").list_objects_v2(Bucket="vectors").get("Contents", ())
    return {one["Key"]: one["Size"] for one in found}


def test_others_load_the_same_vectors_from_the_bucket(
    s3: "S3Server", tmp_path: Path
) -> None:
    """In a new process with an empty cache, the folder gives all words and numbers."""
    made = push(SAMPLE, "s3://vectors/lab/small/")
    assert list_objects(s3) == {
        f"lab/small/{name}": size for name, size in made.files.items()
    }
    assert made.registry == "s3://vectors/lab/small/"
    name = f"{made.registry}#credentials=environment"
    printed = run_code(LOAD, NAME, name, tmp_path / "empty").splitlines()
    words, numbers = read_sample()
    assert printed[:2] == [
        sha256(b"\n".join(words)),
        f"{sha256(numbers.tobytes())} float32",
    ]


def test_a_public_bucket_is_read_unsigned(
    s3: "S3Server", monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where all may read, neither the registry nor the vectors need credentials."""
    made = push(SAMPLE, "s3://vectors/small")
    client = s3.connect("s3")
    for name in made.files:
        client.put_object_acl(Bucket="vectors", Key=f"small/{name}", ACL="public-read")
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    s3.asked.clear()
    assert glove_registry.load(NAME, registry=made.registry).shape == (10_000, 50)
    assert not [one for one in s3.asked if "Authorization" in one.headers]


def test_a_private_registry_is_refused_without_a_word_of_consent(
    s3: "S3Server",
) -> None:
    """Credentials that are there are not sent unless the registry's name says so."""
    made = push(SAMPLE, "s3://vectors/small")
    s3.asked.clear()
    with pytest.raises(FetchError, match="it is private"):
        glove_registry.load(NAME, registry=made.registry)
    assert not [one for one in s3.asked if "Authorization" in one.headers]


def test_the_registry_comes_last(s3: "S3Server") -> None:
    """Nobody finds an entry whose file has not arrived."""
    push(SAMPLE, "s3://vectors/small")
    puts = [one.path for one in s3.asked if one.method in ("PUT", "POST")]
    assert puts[-1] == "/vectors/small/registry.yaml"


def test_an_upload_that_fails_is_taken_back(
    s3: "S3Server", monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the registry cannot be written, nothing of the publication stays."""
    real = s3fs.S3FileSystem._put_file

    async def fail(self: Any, lpath: str, rpath: str, **how: Any) -> None:
        if rpath.endswith(".yaml"):
            raise OSError("signed with owner-secret")
        await real(self, lpath, rpath, **how)

    monkeypatch.setattr(s3fs.S3FileSystem, "_put_file", fail)
    with pytest.raises(OutputError, match="could not be uploaded") as error:
        push(SAMPLE, "s3://vectors/small")
    assert "owner-secret" not in str(error.value)
    assert not list_objects(s3)


def test_what_the_bucket_has_is_not_replaced(
    s3: "S3Server", capsys: pytest.CaptureFixture[str]
) -> None:
    """A file of the same name is an error before anything is written."""
    s3.put("small/README.md", b"mine")
    assert main(["push", SAMPLE, "--to", "s3://vectors/small"]) == 1
    assert "already has README.md, and nothing is replaced" in capsys.readouterr().err
    assert list_objects(s3) == {"small/README.md": 4}


def test_another_publication_at_the_same_time_is_left_as_it_is(
    s3: "S3Server", monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two uploads into one folder, the later one neither replaces nor removes."""
    real = s3fs.S3FileSystem._put_file
    theirs = {"small/registry.yaml": 6, "small/README.md": 6}

    async def meddle(self: Any, lpath: str, rpath: str, **how: Any) -> None:
        if rpath.endswith(".md"):
            for key in theirs:
                s3.put(key, b"theirs")
        await real(self, lpath, rpath, **how)

    monkeypatch.setattr(s3fs.S3FileSystem, "_put_file", meddle)
    with pytest.raises(OutputError, match=r"already has README\.md, and nothing is"):
        push(SAMPLE, "s3://vectors/small")
    assert list_objects(s3) == theirs


def test_what_a_killed_upload_left_is_named(s3: "S3Server") -> None:
    """Without a registry, the error says which files to remove; with one, not."""
    s3.put(f"small/{NAME}.safetensors", b"vectors")
    with pytest.raises(OutputError, match=f"{NAME}.safetensors, .* broke off"):
        push(SAMPLE, "s3://vectors/small")
    s3.put("small/registry.yaml", b"theirs")
    with pytest.raises(OutputError) as error:
        push(SAMPLE, "s3://vectors/small")
    assert "broke off" not in str(error.value)


@pytest.mark.parametrize(
    ("scheme", "package", "kind"),
    [
        ("s3", "s3fs", "S3FileSystem"),
        ("gs", "gcsfs", "GCSFileSystem"),
        ("az", "adlfs", "AzureBlobFileSystem"),
    ],
)
def test_every_file_system_can_refuse_to_replace(
    scheme: str, package: str, kind: str
) -> None:
    """The arguments by which files are only created are those of its method."""
    method = getattr(pytest.importorskip(package), kind)._put_file
    assert ONLY_NEW[scheme].keys() <= inspect.signature(method).parameters.keys()


@pytest.mark.parametrize("to", ["s3://no-such-bucket/small", "s3://vectors/small"])
def test_a_bucket_that_may_not_be_written_is_one_error(
    to: str, s3: "S3Server", monkeypatch: pytest.MonkeyPatch
) -> None:
    """A missing bucket, or missing keys, end in a sentence that says what to check."""
    if "vectors" in to:
        monkeypatch.delenv("AWS_ACCESS_KEY_ID")
        monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(OutputError, match="check the name of the bucket"):
        push(SAMPLE, to)


@pytest.mark.slow
@pytest.mark.usefixtures("s3")
def test_the_commands_of_the_page_run(tmp_path: Path) -> None:
    """docs/sharing.md publishes in a bucket, and finds the entry there."""
    assert "dimension" in run_page("bucket-commands", tmp_path)
