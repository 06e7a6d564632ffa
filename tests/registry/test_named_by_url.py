"""A registry named by a URL is fetched once, pinned by its sha256, little trusted."""

import gzip
import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from entries import SMALL, list_files, sha256
from fault_server import Fault, FaultServer
from run_program import run_code

import glove_registry
from glove_registry import Registry
from glove_registry.cli import main
from glove_registry.download.http import Client
from glove_registry.errors import (
    CacheError,
    ChecksumError,
    FetchError,
    OfflineError,
    RegistryError,
    UnknownVariantError,
)
from glove_registry.registry.files import MAX_BYTES, list_own_files, parse_registry
from glove_registry.registry.names import explain_bad_name

ENTRY = "  lab.3d:\n    url: ./small.txt\n    sha256: " + sha256(SMALL) + "\n"
TEXT = ("variants:\n" + ENTRY).encode()


@pytest.fixture
def url(server: FaultServer) -> str:
    """The URL of a registry, with the file of its entry beside it."""
    server.add("/lab/small.txt", SMALL)
    return server.add("/lab/registry.yaml", TEXT)


def test_it_is_fetched_once_and_then_used_from_the_cache(
    url: str, server: FaultServer, caplog: pytest.LogCaptureFixture
) -> None:
    """The first use tells what was trusted; later ones send no request."""
    vectors = glove_registry.load("lab.3d", registry=url)
    assert vectors["film"].tolist() == [0, 0, 1]
    assert f"Name it as {url}#sha256={sha256(TEXT)} to hold" in caplog.text
    assert vectors.provenance["url"] == url.replace("registry.yaml", "small.txt")
    assert vectors.provenance["registry"] == f"{url}:3"
    count = len(server.requests)
    glove_registry.load("lab.3d", registry=url, offline=True)
    assert [*Registry.from_file(url)] == ["lab.3d"]
    assert len(server.requests) == count


def test_a_server_that_is_gone_does_not_matter_later(
    url: str, server: FaultServer
) -> None:
    """What was fetched is enough in a new process, whatever the server says now."""
    glove_registry.load("lab.3d", registry=url)
    server.add("/lab/registry.yaml", b"variants: other\n")
    code = (
        "import sys, glove_registry as g; print(g.load('lab.3d', registry=sys.argv[1]))"
    )
    assert run_code(code, url) == "<Vectors lab.3d: 3 x 3>\n"


def test_a_stated_sha256_decides(url: str, server: FaultServer) -> None:
    """Any other text is refused, and nothing of it is kept."""
    pinned = f"{url}#sha256={sha256(TEXT)}"
    assert "lab.3d" in Registry.from_file(pinned)
    other = f"{url}#sha256={'a' * 64}"
    with pytest.raises(ChecksumError, match=f"has sha256 {sha256(TEXT)}, expected aaa"):
        Registry.from_file(other)
    server.add("/lab/registry.yaml", TEXT + b"# changed\n")
    assert "lab.3d" in Registry.from_file(pinned)
    with pytest.raises(ChecksumError):
        Registry.from_file(other)


def test_a_changed_registry_is_an_error_until_it_is_accepted(
    url: str,
    server: FaultServer,
    cache_root: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Without the text, only its sha256 is in the cache; `update` accepts another."""
    assert main(["info", "lab.3d", "--registry", url]) == 0
    for path in (cache_root / "sources").iterdir():
        path.unlink()
    changed = ENTRY.replace("lab.3d", "lab.new") + ENTRY + "    dimension: 3\n"
    server.add("/lab/registry.yaml", b"variants:\n" + changed.encode())
    capsys.readouterr()
    assert main(["info", "lab.3d", "--registry", url]) == 1
    told = capsys.readouterr().err
    assert "has changed since it was first used" in told
    assert f"`glove-registry update {url}`" in told
    assert main(["update", url]) == 0
    assert main(["info", "lab.new", "--registry", url]) == 0


def test_update_tells_what_changes_before_it_is_used(
    url: str, server: FaultServer, capsys: pytest.CaptureFixture[str]
) -> None:
    """Added, removed and changed entries are listed; a dry run accepts nothing."""
    old = "variants:\n" + ENTRY + ENTRY.replace("lab.3d", "lab.gone")
    new = "variants:\n" + ENTRY + "    license: MIT\n"
    new += ENTRY.replace("lab.3d", "lab.new")
    server.add("/lab/registry.yaml", old.encode())
    assert [*Registry.from_file(url)] == ["lab.3d", "lab.gone"]
    server.add("/lab/registry.yaml", new.encode())
    assert [*Registry.from_file(url)] == ["lab.3d", "lab.gone"]
    assert main(["update", url, "--dry-run"]) == 0
    shown = capsys.readouterr().out.split("\n")
    assert [line.split() for line in shown[1:4]] == [
        ["added", "lab.new"],
        ["removed", "lab.gone"],
        ["changed", "lab.3d", "license"],
    ]
    assert [*Registry.from_file(url)] == ["lab.3d", "lab.gone"]
    assert main(["update", url, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["accepted"]
    assert (found["before"], found["after"]) == (
        sha256(old.encode()),
        sha256(new.encode()),
    )
    assert [*Registry.from_file(url)] == ["lab.3d", "lab.new"]
    assert main(["update", url]) == 0
    assert "has not changed" in capsys.readouterr().err


def test_an_update_with_faults_is_not_used(
    url: str, server: FaultServer, capsys: pytest.CaptureFixture[str]
) -> None:
    """The old text stays, and the faults of the new one are told with their places."""
    assert "lab.3d" in Registry.from_file(url)
    server.add("/lab/registry.yaml", b"variants:\n  lab.3d: {md5: 1}\n")
    assert main(["update", url]) == 1
    assert f"{url}:2:12: " in capsys.readouterr().err
    assert "lab.3d" in Registry.from_file(url)
    assert main(["update", f"{url}#sha256={'a' * 64}"]) == 1
    assert "is named with its sha256" in capsys.readouterr().err


def test_an_unknown_name_leads_to_update(url: str) -> None:
    """A name may be newer than the text in the cache, unless its sha256 is stated."""
    folder = url.removesuffix("registry.yaml")
    with pytest.raises(UnknownVariantError) as error:
        glove_registry.load("lab.4d", registry=folder)
    assert f"`glove-registry update {folder}` looks for newer" in str(error.value)
    with pytest.raises(UnknownVariantError) as error:
        glove_registry.load("lab.4d", registry=f"{url}#sha256={sha256(TEXT)}")
    assert "update" not in str(error.value)


def test_it_is_used_wherever_a_registry_file_is(
    url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """GLOVE_REGISTRY_PATH, --registry and the folder's URL name it, too."""
    monkeypatch.setenv("GLOVE_REGISTRY_PATH", url)
    assert glove_registry.info("lab.3d").name == "lab.3d"
    monkeypatch.delenv("GLOVE_REGISTRY_PATH")
    folder = url.removesuffix("registry.yaml")
    assert main(["list", "lab.*", "--registry", folder]) == 0
    assert "lab.3d" in capsys.readouterr().out


@pytest.mark.skipif(os.pathsep != ":", reason="paths are not separated by colons")
@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("/a/b.yaml:/c d.yaml", ["/a/b.yaml", "/c d.yaml"]),
        (
            "https://h.org/r.yaml:/a.yaml:http://127.0.0.1:8080/r.yaml",
            ["https://h.org/r.yaml", "/a.yaml", "http://127.0.0.1:8080/r.yaml"],
        ),
        ("hf:lab/v:hf:lab/w@v2:/a", ["hf:lab/v", "hf:lab/w@v2", "/a"]),
        (
            "http://[::1]:80/r:s3://b/r#sha256=0:",
            ["http://[::1]:80/r", "s3://b/r#sha256=0"],
        ),
        ("hf:/a/b", ["hf", "/a/b"]),
        ("::a:", ["a"]),
    ],
)
def test_colons_of_urls_separate_nothing(
    value: str, expected: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """GLOVE_REGISTRY_PATH can mix paths and URLs, with ports and schemes."""
    monkeypatch.setenv("GLOVE_REGISTRY_PATH", value)
    assert list(map(str, list_own_files())) == expected


def test_a_registry_that_changes_on_its_way_is_read_from_its_beginning(
    url: str, server: FaultServer
) -> None:
    """A break, after which another text is served, never mixes the two."""
    new = b"#" * 100_000 + b"\n" + TEXT
    server.add("/lab/registry.yaml", b"#" * 200_000 + b"\n" + TEXT)
    server.spoil("/lab/registry.yaml", "cut", at=150_000)
    server.spoil("/lab/registry.yaml", "become", change={"data": new, "etag": '"v2"'})
    assert [*Registry.from_file(f"{url}#sha256={sha256(new)}")] == ["lab.3d"]


def test_offline_it_must_be_in_the_cache(url: str, server: FaultServer) -> None:
    """Without the network, a registry that was never used is an error."""
    with pytest.raises(OfflineError, match="offline it cannot be fetched"):
        glove_registry.load("lab.3d", registry=url, offline=True)
    assert not server.requests


def test_each_cache_has_its_own(url: str, server: FaultServer, tmp_path: Path) -> None:
    """The folder that a call names has the text, and no other."""
    glove_registry.load("lab.3d", registry=url, cache_dir=tmp_path / "other")
    assert not list_files(tmp_path / "cache")
    with pytest.raises(OfflineError):
        glove_registry.load("lab.3d", registry=url, offline=True)


def test_the_cache_is_listed_with_its_url(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Which registry a record is of can be seen, which its name does not tell."""
    assert "lab.3d" in Registry.from_file(url)
    assert main(["cache", "list"]) == 0
    [line] = [x for x in capsys.readouterr().out.split("\n") if x.startswith("pin")]
    assert line.split()[-1] == url
    assert main(["cache", "list", "--json"]) == 0
    items = json.loads(capsys.readouterr().out)
    assert {item["url"] for item in items if item["kind"] == "pin"} == {url}
    assert {item["url"] for item in items if item["kind"] != "pin"} == {None}


def test_a_damaged_pin_trusts_nothing_anew(url: str, cache_root: Path) -> None:
    """If the record of the sha256 cannot be read, no other text takes its place."""
    assert "lab.3d" in Registry.from_file(url)
    [record] = (cache_root / "trusted").iterdir()
    record.write_text("{}")
    with pytest.raises(CacheError, match="remove it to trust anew"):
        Registry.from_file(url)


def test_a_damaged_text_is_fetched_again(url: str, cache_root: Path) -> None:
    """A flipped bit in the cache never becomes an entry."""
    assert "lab.3d" in Registry.from_file(url)
    [kept] = (cache_root / "sources").glob("*.txt")
    kept.write_bytes(TEXT.replace(b"lab.3d", b"lab.3e"))
    assert [*Registry.from_file(url)] == ["lab.3d"]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("http://example.org/registry.yaml", "could change this registry on its way"),
        ("ftp://example.org/registry.yaml", "could change this registry on its way"),
        ("sftp://example.org/registry.yaml", "could change this registry on its way"),
        ("https://me:secret@example.org/r.yaml", "contains no credentials"),
        ("https://example.org/r.yaml?token=secret", "contains no credentials"),
        ("file:///srv/registry.yaml", "by its path"),
        ("https://example.org/r.yaml#sha256=abc", "64 hexadecimal digits"),
        ("https://example.org/r.yaml#entries", "64 hexadecimal digits"),
        ("https://example.org/r.yaml#credentials=always", "64 hexadecimal digits"),
        ("https://example.org/r.yaml#credentials=", "64 hexadecimal digits"),
        ("https://example.org/r.yaml#credentials=environment&x=", "64 hexadecimal"),
        ("https://example.org/r.yaml#&", "64 hexadecimal digits"),
        ("hf:lab/small/other.yaml#sha256=", "64 hexadecimal digits"),
    ],
)
def test_other_urls_are_refused_before_a_request(name: str, reason: str) -> None:
    """A registry comes from a host that proves who it is; its URL has no secrets."""
    with pytest.raises(RegistryError, match=reason) as error:
        Registry.from_file(name)
    assert "secret" not in str(error.value)


def test_a_hostile_registry_cannot_use_credentials_elsewhere(
    url: str, server: FaultServer, tmp_path: Path
) -> None:
    """Credentials are only asked for where the registry is itself."""
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password secret\n")
    (tmp_path / "netrc").chmod(0o600)
    where = {
        "./small.txt": True,
        f"{server.base}/lab/small.txt": True,
        "https://intranet.example.org/small.txt": False,
        f"http://127.0.0.1:{server.port + 1}/small.txt": False,
        "hf:org/private/small.txt": False,
        "s3://bucket/small.txt": False,
    }
    for place, allowed in where.items():
        fields = f"url: {place}\n    credentials: environment\n"
        entry = f"variants:\n  lab:\n    {fields}    sha256: {sha256(SMALL)}\n"
        server.add("/lab/registry.yaml", entry.encode())
        stated = f"{url}#sha256={sha256(entry.encode())}"
        asked = f"{stated}&credentials=environment"
        if allowed:
            # Not without being told so by whoever names the registry.
            with pytest.raises(RegistryError, match="only if that URL ends with"):
                Registry.from_file(stated)
            glove_registry.load("lab", registry=asked, cache_dir=tmp_path / "new")
            continue
        for name in (stated, asked):
            with pytest.raises(RegistryError, match="only for its own host"):
                Registry.from_file(name)


@pytest.mark.parametrize("place", ["hf:lab/small/v.txt", "hf:lab/small/in/v.txt@v1"])
def test_a_registry_on_the_hub_asks_for_files_of_its_repository(place: str) -> None:
    """The token is sent for no other repository, whoever has it."""

    def read(registry: str) -> Any:
        text = f"variants:\n  lab: {{url: '{place}', credentials: environment}}\n"
        return parse_registry(registry, text.encode())["lab"].variants[0].sources

    end = "/registry.yaml@main"
    [source] = read(f"hf:lab/small{end}#credentials=environment")
    assert source.credentials == "environment"
    for other in ("lab/other", "evil/small", "datasets/lab/small"):
        with pytest.raises(RegistryError, match="only for its own host"):
            read(f"hf:{other}{end}#credentials=environment")
    with pytest.raises(RegistryError, match="only if that URL ends with"):
        read(f"hf:lab/small{end}")


def test_a_hostile_registry_cannot_name_files_of_this_machine(
    url: str, server: FaultServer, tmp_path: Path
) -> None:
    """Neither absolute nor relative paths, nor files of packages, are opened."""
    (tmp_path / "secret.txt").write_bytes(SMALL)
    for local in (
        (tmp_path / "secret.txt").as_uri(),
        "file:secret.txt",
        "package:glove_registry/samples/NOTICE.txt",
        "./../secret.txt",
        "./%2e%2e/secret.txt",
    ):
        entry = f"variants:\n  lab:\n    url: {local}\n    sha256: {sha256(SMALL)}\n"
        server.add("/lab/registry.yaml", entry.encode())
        with pytest.raises(
            RegistryError, match=r"no files of this machine|without '..'"
        ):
            Registry.from_file(f"{url}#sha256={sha256(entry.encode())}")


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ("  glove.6B.50d:\n", "is also defined at"),
        ("  GLOVE.6b.50d:\n", "is also defined at"),
        ("  glove.6B.50d:\n    override: true\n", "cannot replace entries of others"),
        ("  glove-wiki-gigaword-50:\n", "already means 'glove.6B.50d'"),
        ("  lab:\n    aliases: [glove.6B.50d]\n", "already means 'glove.6B.50d'"),
        ("  lab:\n    aliases: [glove-wiki-gigaword-50]\n", "already means"),
        (
            "  lab:\n    aliases: [GLOVE.6B.50d]\n",
            "'GLOVE.6B.50d' differs from 'glove.6B.50d' only in case",
        ),
        (
            "  GLOVE-wiki-gigaword-50:\n",
            "differs from 'glove-wiki-gigaword-50' only in case",
        ),
    ],
)
def test_a_hostile_registry_cannot_change_what_a_name_means(
    entry: str,
    reason: str,
    url: str,
    server: FaultServer,
    cache_root: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Names and aliases of lower layers are taken; a text with one is never kept."""
    fields = f"    url: ./small.txt\n    sha256: {sha256(SMALL)}\n"
    text = f"variants:\n{entry}{fields}"
    server.add("/lab/registry.yaml", text.encode())
    with pytest.raises(RegistryError, match=reason) as caught:
        glove_registry.load("glove.6B.50d", registry=url)
    assert "glove-registry update" not in str(caught.value)
    assert not [name for name in list_files(cache_root) if "registry-" in name]
    server.add("/lab/registry.yaml", TEXT)
    assert "lab.3d" in Registry.over_default(url)
    server.add("/lab/registry.yaml", text.encode())
    for options in ([], ["--dry-run"]):
        assert main(["update", url, *options]) == 1
        assert reason in capsys.readouterr().err
    assert "lab.3d" in Registry.over_default(url)


def test_what_is_in_use_leads_to_update_when_a_lower_layer_takes_its_name(
    url: str,
    server: FaultServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The error says how to fetch a newer text, which then does away with it."""
    mine = tmp_path / "registry.yaml"
    mine.write_bytes(TEXT)
    folder = url.removesuffix("registry.yaml")
    assert "lab.3d" in Registry.over_default(folder)
    monkeypatch.setenv("GLOVE_REGISTRY_PATH", os.pathsep.join([str(mine), url]))
    with pytest.raises(RegistryError, match=f"`glove-registry update {url}` fetches"):
        glove_registry.info("glove.6B.50d")
    server.add("/lab/registry.yaml", TEXT.replace(b"lab.3d", b"lab.new"))
    # Its own old names are not in its way.
    assert main(["update", folder]) == 0
    assert glove_registry.info("lab.new").name == "lab.new"


def test_an_earlier_text_is_named_by_its_sha256(url: str, server: FaultServer) -> None:
    """What an update replaced is still in the cache, though no server has it."""
    assert "lab.3d" in Registry.from_file(url)
    new = TEXT.replace(b"lab.3d", b"lab.new")
    server.add("/lab/registry.yaml", new)
    assert main(["update", url]) == 0
    server.resources.clear()
    assert [*Registry.from_file(f"{url}#sha256={sha256(TEXT)}")] == ["lab.3d"]
    assert [*Registry.from_file(f"{url}#sha256={sha256(new)}")] == ["lab.new"]
    assert [*Registry.from_file(url)] == ["lab.new"]


def test_whether_a_name_is_refused_does_not_depend_on_the_cache(
    server: FaultServer, tmp_path: Path
) -> None:
    """A text that was used as a file is not trusted as much when it is fetched."""
    text = (
        "variants:\n  lab:\n    aliases: [glove-wiki-gigaword-50]\n"
        f"    url: ./small.txt\n    sha256: {sha256(SMALL)}\n"
    )
    (tmp_path / "small.txt").write_bytes(SMALL)
    path = tmp_path / "registry.yaml"
    path.write_text(text)
    assert len(glove_registry.load("glove-wiki-gigaword-50", registry=path)) == 3
    url = server.add("/lab/registry.yaml", text.encode())
    with pytest.raises(RegistryError, match=r"already means 'glove\.6B\.50d'"):
        glove_registry.load("glove-wiki-gigaword-50", registry=url)


def test_a_hostile_registry_cannot_forge_the_pin_of_another(
    url: str, cache_root: Path
) -> None:
    """In the cache, a registry has a name that no variant can have."""
    Registry.from_file(url)
    (pin,) = (cache_root / "trusted").iterdir()
    assert explain_bad_name(pin.stem) is not None


def test_a_hostile_registry_cannot_be_endless(url: str, server: FaultServer) -> None:
    """Reading stops at the limit of a registry file, whatever else comes."""
    server.add("/lab/registry.yaml", b"#" * (MAX_BYTES + 1))
    with pytest.raises(RegistryError, match="more than 4,000,000 bytes"):
        Registry.from_file(url)
    server.resources["/lab/registry.yaml"].framing = "chunked"
    server.resources["/lab/registry.yaml"].faults.append(Fault("endless"))
    with pytest.raises(RegistryError, match="more than 4,000,000 bytes"):
        Registry.from_file(url)


@pytest.mark.parametrize("name", ["registry.zip", "registry.yaml.gz", "registry.tar"])
def test_a_hostile_registry_is_not_unpacked(name: str, server: FaultServer) -> None:
    """No more of an archive arrives than of a text, however small what is in it."""
    size = 40_000_000
    data = {"zip": b"PK\3\4" + bytes(size), "gz": gzip.compress(b"") * (size // 20)}
    url = server.add(f"/{name}", data.get(name.rpartition(".")[2], bytes(size)))
    with pytest.raises(RegistryError, match="more than 4,000,000 bytes"):
        Registry.from_file(url)
    # What was read, and what was on its way in buffers of the system.
    assert server.sent < size / 2


def test_a_registry_that_does_not_arrive_is_one_error(
    url: str, server: FaultServer, cache_root: Path
) -> None:
    """The URL and the reason are told once, and nothing is trusted."""
    missing = url.replace("lab", "none")
    with pytest.raises(FetchError, match="404") as error:
        Registry.from_file(missing)
    assert str(error.value).count(missing) == 1
    assert not (cache_root / "trusted").exists()


def test_a_host_that_is_down_is_given_up_soon(
    url: str, server: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A registry is waited for ten seconds, and not a minute as vectors are."""
    waits: list[float] = []
    monkeypatch.setattr(Client, "policy", replace(Client.policy, sleep=waits.append))
    server.spoil("/lab/registry.yaml", "status", status=503, times=100)
    with pytest.raises(FetchError, match="503"):
        Registry.from_file(url)
    assert 5 < sum(waits) <= 10


def test_a_folder_without_its_slash_is_told_what_it_lacks(
    url: str, server: FaultServer
) -> None:
    """A page or an error in place of a folder leads to its URL with a slash."""
    folder = url.removesuffix("/registry.yaml")
    for _ in ("missing", "a page"):
        with pytest.raises(FetchError, match=f"ends with a slash: {folder}/$"):
            Registry.from_file(folder)
        server.add("/lab", b"<html></html>", kind="text/html")
    assert "lab.3d" in Registry.from_file(f"{folder}/")


def test_what_is_no_registry_is_not_trusted(
    url: str, server: FaultServer, cache_root: Path
) -> None:
    """The page of a portal, in place of the registry, is an error and not kept."""
    server.add("/lab/registry.yaml", b"<html>Please log in</html>")
    with pytest.raises(RegistryError, match=f"{url}:1:1: "):
        Registry.from_file(url)
    assert not [name for name in list_files(cache_root) if "registry-" in name]
    server.add("/lab/registry.yaml", TEXT)
    assert "lab.3d" in Registry.from_file(url)


def test_a_text_that_is_not_utf_8_is_told_with_its_url(
    url: str, server: FaultServer
) -> None:
    """Bytes that are no text are an error of the registry."""
    server.add("/lab/registry.yaml", b"\xff\xfe")
    with pytest.raises(RegistryError, match="not UTF-8 at byte 0"):
        Registry.from_file(url)
    assert main(["update", url]) == 1


def test_a_folder_stands_for_its_registry(tmp_path: Path) -> None:
    """registry= takes the folder that push has written."""
    (tmp_path / "registry.yaml").write_bytes(TEXT)
    (tmp_path / "small.txt").write_bytes(SMALL)
    assert len(glove_registry.load("lab.3d", registry=tmp_path)) == 3
