"""Offline, mirrored, put there by hand, trusted on first use: the hash decides."""

import json
import logging
from pathlib import Path
from typing import Any

import pytest
from entries import SMALL, list_files, sha256, write_registry
from fault_server import FaultServer
from zips import make_zip

import glove_registry
from glove_registry import errors
from glove_registry.cache import Cache
from glove_registry.cli import main
from glove_registry.download import record_trusted_hash
from glove_registry.download.sources import choose_sources
from glove_registry.registry import Resource, Source

OTHER = b"other 4 5 6\n"


ARCHIVE = make_zip({"small.txt": SMALL})
MEMBER = {"name": "small.txt", "sha256": sha256(SMALL), "bytes": len(SMALL)}


@pytest.fixture
def registry(tmp_path: Path, server: FaultServer) -> Path:
    """An entry whose archive the server has, with hashes of archive and member."""
    return write_registry(
        tmp_path,
        "small",
        url=server.url("data/small.zip", ARCHIVE),
        sha256=sha256(ARCHIVE),
        bytes=len(ARCHIVE),
        member=MEMBER,
    )


# -- offline ------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["argument", "1", "true", "YES"])
def test_a_cold_load_offline_says_what_to_bring_where(
    how: str,
    registry: Path,
    cache_root: Path,
    server: FaultServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Offline, the network is not asked; the error names files, hashes and paths."""
    if how != "argument":
        monkeypatch.setenv("GLOVE_REGISTRY_OFFLINE", how)
    with pytest.raises(errors.OfflineError) as caught:
        glove_registry.load(
            "small", registry=registry, offline=True if how == "argument" else None
        )
    message = str(caught.value)
    for part in (
        "small.txt",
        sha256(SMALL),
        str(cache_root / "sources" / f"small-{sha256(SMALL)[:12]}.txt"),
        sha256(ARCHIVE),
        str(cache_root / "sources" / f"{sha256(ARCHIVE)[:12]}-small.zip"),
        "glove-registry fetch small --from FILE",
    ):
        assert part in message
    assert server.requests == []
    assert not cache_root.exists()


@pytest.mark.parametrize("value", ["", "0", "false", "no", "off"])
def test_offline_can_be_said_not_to_be(
    value: str, registry: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """GLOVE_REGISTRY_OFFLINE=0 and the like allow the network."""
    monkeypatch.setenv("GLOVE_REGISTRY_OFFLINE", value)
    assert "film" in glove_registry.load("small", registry=registry)


def test_the_argument_is_stronger_than_the_variable(
    registry: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """offline=False fetches where the variable forbids it."""
    monkeypatch.setenv("GLOVE_REGISTRY_OFFLINE", "1")
    assert "film" in glove_registry.load("small", registry=registry, offline=False)


def test_a_warm_load_works_offline(registry: Path, server: FaultServer) -> None:
    """What has been loaded once needs no network."""
    glove_registry.load("small", registry=registry)
    asked = len(server.requests)
    assert "film" in glove_registry.load("small", registry=registry, offline=True)
    assert len(server.requests) == asked


@pytest.mark.parametrize("what", ["text", "archive"])
def test_a_file_put_where_the_error_said_is_used(
    what: str, registry: Path, cache_root: Path, server: FaultServer
) -> None:
    """The text or the archive, put at its path by hand, is verified and compiled."""
    with pytest.raises(errors.OfflineError) as caught:
        glove_registry.load("small", registry=registry, offline=True)
    paths = [
        Path(line.strip().removeprefix("as "))
        for line in str(caught.value).splitlines()
        if line.strip().startswith("as ")
    ]
    path = paths[0 if what == "text" else 1]
    path.parent.mkdir(parents=True)
    path.write_bytes(SMALL if what == "text" else ARCHIVE)

    assert "film" in glove_registry.load("small", registry=registry, offline=True)
    assert (
        glove_registry.fetch("small", registry=registry, offline=True).read_bytes()
        == SMALL
    )
    assert server.requests == []
    assert main(["verify"]) == 0


def test_a_wrong_file_put_there_is_refused_and_left_alone(
    registry: Path, cache_root: Path
) -> None:
    """An error names a file of other bytes and both hashes; the file stays, unused."""
    path = cache_root / "sources" / f"small-{sha256(SMALL)[:12]}.txt"
    path.parent.mkdir(parents=True)
    path.write_bytes(OTHER)
    with pytest.raises(errors.ChecksumError, match=sha256(OTHER)):
        glove_registry.load("small", registry=registry, offline=True)
    assert path.read_bytes() == OTHER
    assert main(["verify"]) == 1
    # With the network, the sources are asked next.
    assert "film" in glove_registry.load("small", registry=registry)


@pytest.mark.parametrize(
    "content",
    [SMALL, ARCHIVE, make_zip({"small.txt": SMALL, "README": b""})],
    ids=["the text", "the archive", "another archive"],
)
def test_fetch_takes_a_file_of_ones_own(
    content: bytes, registry: Path, tmp_path: Path, server: FaultServer
) -> None:
    """--from takes the text, or any archive that holds it, without the network."""
    file = tmp_path / "brought"
    file.write_bytes(content)
    assert (
        main(["fetch", "small", "--from", str(file), "--registry", str(registry)]) == 0
    )
    assert "film" in glove_registry.load("small", registry=registry, offline=True)
    assert server.requests == []
    assert file.read_bytes() == content


def test_fetch_refuses_a_wrong_file_of_ones_own(
    registry: Path, tmp_path: Path, cache_root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """--from a file of other bytes is one error, and nothing is kept."""
    file = tmp_path / "brought"
    file.write_bytes(OTHER)
    assert (
        main(["fetch", "small", "--from", str(file), "--registry", str(registry)]) == 1
    )
    assert sha256(OTHER) in capsys.readouterr().err
    assert list_files(cache_root) == []
    assert main(["fetch", "small", "--from", "/no", "--registry", str(registry)]) == 1
    assert "/no cannot be read" in capsys.readouterr().err


def test_fetch_verifies_a_file_although_it_has_the_original(
    registry: Path, tmp_path: Path, cache_root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """--from FILE is verified, whatever the cache holds already."""
    file = tmp_path / "brought"
    file.write_bytes(SMALL)
    arguments = ["fetch", "small", "--from", str(file), "--registry", str(registry)]
    assert main(arguments) == 0
    path = Path(capsys.readouterr().out.rstrip("\n"))
    kept = list_files(cache_root)
    for content in (OTHER, SMALL[:-1], b"", make_zip({"small.txt": OTHER})):
        file.write_bytes(content)
        assert main(arguments) == 1
        assert "other bytes than promised" in capsys.readouterr().err
        assert path.read_bytes() == SMALL
    file.write_bytes(ARCHIVE)
    assert main(arguments) == 0
    assert capsys.readouterr().out == f"{path}\n"
    assert list_files(cache_root) == kept


def test_where_only_the_archive_has_a_hash_the_archive_is_brought(
    tmp_path: Path, server: FaultServer
) -> None:
    """--from takes the published archive, not a text without a known hash."""
    registry = write_registry(
        tmp_path,
        "small",
        url=server.url("small.zip", ARCHIVE),
        sha256=sha256(ARCHIVE),
        member="small.txt",
    )
    text, archive = tmp_path / "text", tmp_path / "archive"
    text.write_bytes(SMALL)
    archive.write_bytes(ARCHIVE)
    with pytest.raises(errors.ChecksumError):
        glove_registry.fetch("small", registry=registry, from_file=text)
    path = glove_registry.fetch("small", registry=registry, from_file=archive)
    assert path.read_bytes() == SMALL
    # Its hash has been noted, and is what it is held to from now on.
    assert glove_registry.fetch("small", registry=registry, offline=True) == path
    assert server.requests == []


def test_offline_a_file_that_is_not_there_counts_for_nothing(
    tmp_path: Path, server: FaultServer
) -> None:
    """Where an entry's local source has no file, the error says what to bring."""
    sources = [
        {"url": url, "sha256": sha256(ARCHIVE)}
        for url in ("file:missing.zip", server.url("small.zip", ARCHIVE))
    ]
    registry = write_registry(tmp_path, "small", sources=sources, member=MEMBER)
    with pytest.raises(errors.OfflineError, match="Bring one of these files"):
        glove_registry.load("small", registry=registry, offline=True)


def test_what_is_to_be_brought_is_listed_once(tmp_path: Path, cache_root: Path) -> None:
    """A file of several mirrors is listed once, under a name without odd characters."""
    name = "y" * 90 + "%20a,b+c.zip"
    sources = [
        {"url": f"https://{host}.invalid/{name}", "sha256": sha256(ARCHIVE)}
        for host in ("one", "two")
    ]
    registry = write_registry(tmp_path, "small", sources=sources, member="small.txt")
    with pytest.raises(errors.OfflineError) as caught:
        glove_registry.load("small", registry=registry, offline=True)
    safe = "y" * 68 + "_20a_b_c.zip"
    assert len(safe) == 80
    place = cache_root / "sources" / f"{sha256(ARCHIVE)[:12]}-{safe}"
    assert str(caught.value).split("\n")[1:] == [
        f"  https://one.invalid/{name}",
        f"    (sha256 {sha256(ARCHIVE)})",
        f"    as {place}",
    ]


def test_what_has_no_hash_cannot_be_put_there(unverified: dict[str, Any]) -> None:
    """Without any checksum, the error names the command that takes a file."""
    with pytest.raises(errors.OfflineError, match="with --trust-on-first-use"):
        glove_registry.load(**unverified, trust_on_first_use=True, offline=True)


def test_an_original_that_went_bad_is_fetched_again(
    registry: Path, server: FaultServer
) -> None:
    """Fetch verifies what it has kept, and asks for nothing while that is right."""
    path = glove_registry.fetch("small", registry=registry)
    asked = len(server.requests)
    assert glove_registry.fetch("small", registry=registry) == path
    assert len(server.requests) == asked
    path.write_bytes(OTHER)
    assert glove_registry.fetch("small", registry=registry) == path
    assert path.read_bytes() == SMALL
    assert len(server.requests) > asked


# -- mirrors ------------------------------------------------------------------------


def test_a_mirror_is_asked_first(
    registry: Path, server: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """GLOVE_REGISTRY_MIRROR/HOST/PATH is where the bytes come from."""
    origin = glove_registry.info("small", registry=registry).sources[0].url
    place = origin.removeprefix("http://")
    mirrored = server.url(f"mirror/{place}", ARCHIVE)
    monkeypatch.setenv(
        "GLOVE_REGISTRY_MIRROR", mirrored.removesuffix(f"/{place}") + "/"
    )

    vectors = glove_registry.load("small", registry=registry)

    assert vectors.provenance["url"] == mirrored
    assert {f"/mirror/{place}"} == set(server.requests)


def test_what_has_no_host_is_not_mirrored(
    tmp_path: Path, server: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mirror is not asked for files of this machine."""
    (tmp_path / "v.txt").write_bytes(SMALL)
    registry = write_registry(tmp_path, "small", url="file:v.txt", sha256=sha256(SMALL))
    monkeypatch.setenv("GLOVE_REGISTRY_MIRROR", server.base)
    assert "film" in glove_registry.load("small", registry=registry)
    assert server.requests == []


@pytest.mark.parametrize(
    "path",
    ["../a.txt", "a/%2E%2e/../a.txt", "..%2fa.txt", "%252e%252e/x", "..;/x", "./x"],
)
def test_no_entry_leads_out_of_the_mirror(
    path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cache_root: Path
) -> None:
    """Dots in the path of a URL are refused in a registry, and lead to no mirror."""
    (tmp_path / "mirror" / "h.invalid").mkdir(parents=True)
    (tmp_path / "mirror" / "a.txt").write_bytes(SMALL)
    (tmp_path / "mirror" / "x").write_bytes(SMALL)
    url = f"https://h.invalid/{path}"
    entry = write_registry(tmp_path, "small", url=url, sha256=sha256(SMALL))
    with pytest.raises(errors.RegistryError, match=r"no '\.' or '\.\.' between"):
        glove_registry.load("small", registry=entry)
    monkeypatch.setenv("GLOVE_REGISTRY_MIRROR", (tmp_path / "mirror").as_uri())
    resource = Resource(name="small", sources=(Source(url=url),))
    tried = choose_sources(resource, Cache(cache_root), offline=False)
    assert [source.url for source in tried] == [url]


def test_a_mirror_of_another_revision_is_left_for_the_source(
    registry: Path,
    server: FaultServer,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A mirror with other bytes is not used, and the reason is logged."""
    origin = glove_registry.info("small", registry=registry).sources[0].url
    place = origin.removeprefix("http://")
    mirrored = server.url(f"mirror/{place}", make_zip({"small.txt": OTHER}))
    monkeypatch.setenv("GLOVE_REGISTRY_MIRROR", mirrored.removesuffix(f"/{place}"))

    with caplog.at_level(logging.WARNING, logger="glove_registry"):
        vectors = glove_registry.load("small", registry=registry)

    assert vectors.provenance["url"] == origin
    assert mirrored in caplog.text
    assert "trying the next source" in caplog.text


def test_a_mirror_s_password_is_never_shown(
    registry: Path,
    server: FaultServer,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    cache_root: Path,
) -> None:
    """Credentials of a mirror are in no log, error, provenance or file of the cache."""
    origin = glove_registry.info("small", registry=registry).sources[0].url
    place = origin.removeprefix("http://")
    base = server.url("mirror", b"").replace("http://", "http://me:secret@")
    monkeypatch.setenv("GLOVE_REGISTRY_MIRROR", base)
    with caplog.at_level(logging.DEBUG):
        glove_registry.load("small", registry=registry)
        server.resources.clear()
        with pytest.raises(errors.FetchError) as caught:
            glove_registry.fetch(
                "small", registry=registry, cache_dir=cache_root / "other"
            )
        server.url(f"mirror/{place}", ARCHIVE)
        vectors = glove_registry.load(
            "small", registry=registry, cache_dir=cache_root / "third"
        )
    assert "/mirror/" in vectors.provenance["url"]
    for shown in (caplog.text, str(caught.value), str(vectors.provenance)):
        assert "secret" not in shown
    for file in cache_root.rglob("*"):
        assert not file.is_file() or b"secret" not in file.read_bytes()


@pytest.mark.parametrize(
    "mirror", ["mirror.example.org", "https://[x", "data:x", "doi:10.1/x"]
)
def test_a_mirror_that_is_no_url_is_said_to_be_none(
    mirror: str, registry: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mirror without https:// is one clear error."""
    monkeypatch.setenv("GLOVE_REGISTRY_MIRROR", mirror)
    with pytest.raises(errors.FetchError, match="expected the beginning of a URL"):
        glove_registry.load("small", registry=registry)


# -- trust on first use -------------------------------------------------------------


@pytest.fixture
def unverified(tmp_path: Path, server: FaultServer) -> dict[str, Any]:
    """The arguments for an entry without any hash."""
    url = server.url("small.zip", ARCHIVE)
    path = write_registry(tmp_path, "small", url=url, member="small.txt")
    return {"name": "small", "registry": path}


def test_without_consent_nothing_is_fetched(
    unverified: dict[str, Any], server: FaultServer, cache_root: Path
) -> None:
    """An entry without a hash is refused before the network is asked."""
    for function in (glove_registry.load, glove_registry.fetch):
        with pytest.raises(errors.UnverifiableError, match="trust_on_first_use=True"):
            function(**unverified)
    assert server.requests == []
    assert list_files(cache_root) == []


@pytest.mark.parametrize("flag", ["offline", "progress", "trust_on_first_use"])
@pytest.mark.parametrize("said", ["no", "false", "True", 1])
def test_a_text_is_no_consent(
    flag: str,
    said: object,
    unverified: dict[str, Any],
    server: FaultServer,
    cache_root: Path,
) -> None:
    """What is no bool is an error, whatever it says, before anything is fetched."""
    options: dict[str, Any] = {"registry": unverified["registry"], flag: said}
    calls: dict[str, Any] = {
        "load": lambda: glove_registry.load("small", **options),
        "fetch": lambda: glove_registry.fetch("small", **options),
        "Embedder": lambda: glove_registry.Embedder("small", **options),
        "TextEmbedder": lambda: glove_registry.TextEmbedder("small", **options).fit([]),
    }
    if flag != "trust_on_first_use":
        calls["from_config"] = lambda: glove_registry.from_config(
            {"name": "small"}, **options
        )
    for call in calls.values():
        with pytest.raises(TypeError, match=rf"^{flag}={said!r}: expected True or Fal"):
            call()
    assert server.requests == []
    assert list_files(cache_root) == []


def test_what_came_first_is_what_must_come_ever_after(
    unverified: dict[str, Any],
    server: FaultServer,
    cache_root: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The first hash is recorded and logged; other bytes are refused from then on."""
    with caplog.at_level(logging.WARNING, logger="glove_registry"):
        first = glove_registry.load(**unverified, trust_on_first_use=True)
    assert first.provenance["sha256"] == sha256(SMALL)
    assert sha256(SMALL) in caplog.text
    (record,) = (cache_root / "trusted").iterdir()
    assert json.loads(record.read_text())["sha256"] == sha256(SMALL)

    # Consent is of each call, and it does not trust anew.
    with pytest.raises(errors.UnverifiableError):
        glove_registry.load(**unverified)
    assert main(["cache", "remove", "small"]) == 0
    server.url("small.zip", make_zip({"small.txt": OTHER}))
    with pytest.raises(errors.ChecksumError, match=sha256(OTHER)):
        glove_registry.load(**unverified, trust_on_first_use=True)

    server.url("small.zip", ARCHIVE)
    assert "film" in glove_registry.load(**unverified, trust_on_first_use=True)


def test_fetch_records_the_hash_too(
    unverified: dict[str, Any], server: FaultServer
) -> None:
    """With consent, fetch records the hash by which load then verifies."""
    path = glove_registry.fetch(**unverified, trust_on_first_use=True)
    assert path.read_bytes() == SMALL
    assert path.name == f"small-{sha256(SMALL)[:12]}.txt"
    server.resources.clear()
    assert glove_registry.fetch(**unverified, trust_on_first_use=True) == path
    assert "film" in glove_registry.load(**unverified, trust_on_first_use=True)


def test_a_record_that_cannot_be_read_is_not_trusted_over(
    unverified: dict[str, Any], cache_root: Path
) -> None:
    """A damaged record is an error that names it, never a new first use."""
    glove_registry.load(**unverified, trust_on_first_use=True)
    (record,) = (cache_root / "trusted").iterdir()
    record.write_text("{")
    with pytest.raises(errors.CacheError, match="remove it to trust anew"):
        glove_registry.load(**unverified, trust_on_first_use=True)


def test_consent_changes_nothing_where_a_hash_is_known(
    tmp_path: Path, server: FaultServer, cache_root: Path
) -> None:
    """trust_on_first_use never loosens the hash of an entry that has one."""
    registry = write_registry(
        tmp_path, "small", url=server.url("v.txt", OTHER), sha256=sha256(SMALL)
    )
    with pytest.raises(errors.ChecksumError):
        glove_registry.load("small", registry=registry, trust_on_first_use=True)
    assert not (cache_root / "trusted").exists()


def test_another_text_than_was_trusted_first(
    unverified: dict[str, Any], cache_root: Path
) -> None:
    """Of two processes that trust different texts at once, the second is refused."""
    glove_registry.load(**unverified, trust_on_first_use=True)
    variant = glove_registry.info("small", registry=unverified["registry"])
    record_trusted_hash(variant, Cache(cache_root), sha256(SMALL), "file:v")
    with pytest.raises(errors.ChecksumError, match=f"{sha256(OTHER)}.*another was"):
        record_trusted_hash(variant, Cache(cache_root), sha256(OTHER), "file:v")


@pytest.mark.parametrize("field", ["url", "sources", "member"])
def test_what_was_trusted_is_not_what_another_entry_names(
    field: str, tmp_path: Path, server: FaultServer, caplog: pytest.LogCaptureFixture
) -> None:
    """A name that another registry gives to another file is a first use of that one."""
    both = server.url("both.zip", make_zip({"one.txt": SMALL, "two.txt": OTHER}))
    gone = server.base + "/gone.txt"
    fields: dict[str, object]
    for name, content in (("one", SMALL), ("two", OTHER)) * 2:
        url = server.url(f"{name}.txt", content)
        fields = {"url": url}
        if field == "sources":
            fields = {"sources": [{"url": gone}, {"url": url}]}
        if field == "member":
            fields = {"url": both, "member": f"{name}.txt"}
        (tmp_path / name).mkdir(exist_ok=True)
        registry = write_registry(tmp_path / name, "lab.x", **fields)
        vectors = glove_registry.load(
            "lab.x", registry=registry, trust_on_first_use=True
        )
        assert vectors.provenance["sha256"] == sha256(content)
        assert vectors.provenance["registry"].startswith(str(registry))
        path = glove_registry.fetch("lab.x", registry=registry, trust_on_first_use=True)
        assert path.read_bytes() == content
    assert caplog.text.count("was trusted on first use") == 2
