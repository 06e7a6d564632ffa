"""However a text is asked for, it is fetched and compiled once, and always verified."""

import gzip
import json
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from entries import SMALL, sha256, write_registry
from fault_server import FaultServer
from zips import make_zip

import glove_registry
from glove_registry import Vectors
from glove_registry.cache import Cache
from glove_registry.cli import main
from glove_registry.errors import ChecksumError, OfflineError
from glove_registry.store import writer
from glove_registry.store.build import make_store

OTHER = SMALL.replace(b"film", b"flim")
TEXT = sha256(SMALL)
ARCHIVE = make_zip({"v.txt": SMALL, "other.txt": OTHER})
GZ = gzip.compress(SMALL)


class Site(NamedTuple):
    """A server with one text in several forms, and a registry of all of them."""

    server: FaultServer
    registry: Path

    def load(self, name: str, **how: Any) -> Vectors:
        """Load an entry."""
        return glove_registry.load(name, registry=self.registry, **how)


@pytest.fixture
def site(tmp_path: Path, server: FaultServer) -> Site:
    """Entries of one text, which know the sha256 of other files, or none."""
    plain = server.add("/v.txt", SMALL)
    packed = server.add("/v.gz", GZ)
    archive = server.add("/v.zip", ARCHIVE)
    whole = sha256(ARCHIVE)
    text = {"name": "v.txt", "sha256": TEXT}
    entries: dict[str, object] = {
        "plain": {"url": plain, "sha256": TEXT},
        "packed": {"url": packed, "sha256": sha256(GZ)},
        "archive": {"url": archive, "sha256": whole, "member": "v.txt"},
        "same-archive": {"url": archive, "sha256": whole, "member": "v.txt"},
        "other-member": {"url": archive, "sha256": whole, "member": "other.txt"},
        # Its text has a checksum: only the member is fetched.
        "member": {"url": archive, "sha256": whole, "member": text},
        "unverified": {"url": plain},
    }
    path = tmp_path / "registry.yaml"
    path.write_text(json.dumps({"variants": entries}))
    return Site(server, path)


def count_compiled(cache_root: Path) -> int:
    """Count the stores that are not links to others."""
    return len({p.stat().st_ino for p in cache_root.glob("stores/*/vectors.npy")})


# Each way to ask for the text: what the store proves afterwards, and what has to be
# proved by a store that is to be used.
WAYS: dict[str, tuple[Callable[[Site], Vectors], set[str], str]] = {
    "plain": (lambda s: s.load("plain"), {"text", "url"}, "text"),
    "packed, held": (lambda s: s.load("packed", sha256=TEXT), {"text", "gz"}, "gz"),
    "archive": (lambda s: s.load("archive"), {"text", "zip"}, "zip"),
    "archive, held": (lambda s: s.load("archive", sha256=TEXT), {"text", "zip"}, "zip"),
    "member, held": (lambda s: s.load("member", sha256=TEXT), {"text"}, "text"),
    "unverified, held": (
        lambda s: s.load("unverified", sha256=TEXT),
        {"text", "url"},
        "text",
    ),
    "unverified, trusted": (
        lambda s: s.load("unverified", trust_on_first_use=True),
        {"text", "url"},
        "url",
    ),
}
BYTES = {"url": len(SMALL), "gz": len(GZ), "zip": len(ARCHIVE)}


@pytest.mark.parametrize("second", WAYS)
@pytest.mark.parametrize("first", WAYS)
def test_what_is_proved_is_neither_fetched_nor_compiled_again(
    first: str, second: str, site: Site, cache_root: Path
) -> None:
    """A second way to ask for a text moves no byte if the first has proved enough."""
    load, proved, _ = WAYS[first]
    load(site)
    sent, asked = site.server.sent, len(site.server.requests)
    load, _, needed = WAYS[second]
    vectors = load(site)
    assert vectors["film"].tolist() == [0, 0, 1]
    assert vectors.provenance["sha256"] == TEXT
    if needed in proved:
        assert len(site.server.requests) == asked
        assert count_compiled(cache_root) == 1
    else:
        # All of it moves, because all of it has to be verified.
        assert site.server.sent - sent == BYTES[needed]
    # Whatever the order, everything is known now.
    asked = len(site.server.requests)
    for way in (first, second):
        WAYS[way][0](site)
    assert len(site.server.requests) == asked
    assert main(["verify", "--registry", str(site.registry)]) == 0


@pytest.mark.parametrize("first", ["plain", "archive", "packed", "member"])
def test_a_file_with_the_bytes_of_a_store_is_not_compiled(
    first: str, site: Site, tmp_path: Path, cache_root: Path
) -> None:
    """`open_file` of the text, or of a file that was verified, uses the store."""
    site.load(first)
    (tmp_path / "mine.txt").write_bytes(SMALL)
    opened = glove_registry.open_file(tmp_path / "mine.txt")
    assert opened["film"].tolist() == [0, 0, 1]
    (tmp_path / "mine.gz").write_bytes(GZ)
    glove_registry.open_file(tmp_path / "mine.gz")
    (tmp_path / "mine.zip").write_bytes(ARCHIVE)
    glove_registry.open_file(tmp_path / "mine.zip", member="v.txt")
    # Only the files of other containers were read.
    assert count_compiled(cache_root) == {"packed": 2, "archive": 2}.get(first, 3)


def test_an_opened_file_serves_the_entry_of_its_bytes(
    site: Site, tmp_path: Path, cache_root: Path
) -> None:
    """What `open_file` has read, `load` does not fetch."""
    (tmp_path / "mine.zip").write_bytes(ARCHIVE)
    glove_registry.open_file(tmp_path / "mine.zip", member="v.txt")
    for name in ("archive", "plain", "member"):
        assert "film" in site.load(name, offline=True)
    assert count_compiled(cache_root) == 1
    with pytest.raises(OfflineError):
        site.load("other-member", offline=True)


def test_a_format_that_is_stated_and_one_that_is_recognized_share_a_store(
    tmp_path: Path, cache_root: Path
) -> None:
    """Whether an entry or the text says the format, the text is compiled once."""
    path = tmp_path / "v.txt"
    path.write_bytes(SMALL)
    fields = {"url": "file:v.txt", "sha256": TEXT}
    for format in ("glove", None):
        stated = {**fields, "format": format} if format else fields
        registry = write_registry(tmp_path, f"of.{format}", **stated)
        glove_registry.load(f"of.{format}", registry=registry)
    opened = glove_registry.open_file(path)
    assert opened.provenance["format"] == "glove"
    assert len([*cache_root.glob("stores/*")]) == 3
    assert count_compiled(cache_root) == 1
    # Read as it is stated, and then as it is recognized, by its header.
    path.write_bytes(b"1 1\n3 2\n")
    assert list(glove_registry.open_file(path, format="glove").tokens) == ["1", "3"]
    assert list(glove_registry.open_file(path).tokens) == ["3"]
    assert count_compiled(cache_root) == 3


def test_processes_with_and_without_a_sha256_fetch_once(
    site: Site, cache_root: Path
) -> None:
    """Processes that ask for one archive's text in different ways wait."""
    code = "import sys, json, glove_registry as g; g.load(**json.loads(sys.argv[1]))"
    calls = [
        {"name": name, "registry": str(site.registry), **held}
        for name in ("archive", "same-archive")
        for held in ({}, {"sha256": TEXT})
    ]
    processes = [
        subprocess.Popen([sys.executable, "-c", code, json.dumps(call)])
        for call in calls
    ]
    assert [process.wait(60) for process in processes] == [0] * 4
    assert site.server.sent == len(ARCHIVE)
    assert count_compiled(cache_root) == 1


@pytest.mark.parametrize(
    "calls",
    [
        [("archive", {}), ("same-archive", {}), ("archive", {"sha256": TEXT})],
        [("unverified", {"trust_on_first_use": True})] * 3,
    ],
    ids=["archive", "trusted"],
)
def test_threads_that_ask_at_once_fetch_once(
    calls: list[tuple[str, dict[str, Any]]], site: Site, cache_root: Path
) -> None:
    """Threads that ask for one text at the same time wait for the first of them."""
    barrier = threading.Barrier(len(calls))

    def load(call: tuple[str, dict[str, Any]]) -> Vectors:
        barrier.wait()
        return site.load(call[0], **call[1])

    with ThreadPoolExecutor(len(calls)) as pool:
        assert all("film" in vectors for vectors in pool.map(load, calls))
    assert len(site.server.requests) == 1
    assert count_compiled(cache_root) == 1


def test_who_reads_a_new_record_waits_for_its_store(
    site: Site, cache_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the record of a trusted hash and its store, nothing is fetched again."""
    publish = writer.publish_store
    late: list[Vectors] = []

    def load() -> None:
        late.append(site.load("unverified", trust_on_first_use=True))

    thread = threading.Thread(target=load)

    def publish_late(*arguments: Any) -> Path:
        thread.start()
        thread.join(0.5)  # it would take less than that, if it did not wait
        return publish(*arguments)

    monkeypatch.setattr(writer, "publish_store", publish_late)
    site.load("unverified", trust_on_first_use=True)
    thread.join()
    assert "film" in late[0]
    assert len(site.server.requests) == 1
    assert count_compiled(cache_root) == 1


def test_who_waited_for_another_fetch_uses_what_it_brought(
    site: Site, cache_root: Path
) -> None:
    """A hash that was trusted while this process waited is the one it looks for.

    Its entry had none when it began to wait: it would fetch the text once more.
    """
    entry = glove_registry.info("unverified", registry=site.registry)
    glove_registry.fetch("unverified", registry=site.registry, trust_on_first_use=True)
    asked = len(site.server.requests)
    assert "film" in make_store(entry, Cache(cache_root), "float32").tokens
    assert len(site.server.requests) == asked


def test_a_file_that_causes_a_warning_is_compiled_once(
    tmp_path: Path, cache_root: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Odd tokens are no reason to compile a file each time it is opened."""
    path = tmp_path / "v.txt"
    path.write_bytes(SMALL + b"caf\xe9 1 2 3\n")
    inodes = set()
    for _ in range(3):
        with pytest.warns(UserWarning, match="not UTF-8"):
            glove_registry.open_file(path)
        (vectors,) = cache_root.glob("stores/*/vectors.npy")
        inodes.add(vectors.stat().st_ino)
    assert len(inodes) == 1
    assert caplog.messages == []


def test_odd_rows_are_read_as_each_entry_wants(
    tmp_path: Path, cache_root: Path
) -> None:
    """Odd rows of a text whose dimension was stated are read anew where it is not."""
    path = tmp_path / "v.txt"
    path.write_bytes(SMALL + b"caf\xe9 1 2 3\n")
    entry = {"url": path.as_uri(), "sha256": sha256(path.read_bytes())}
    stated = {**entry, "dimension": 3}
    entries = {"first": stated, "second": entry, "third": stated}
    registry = tmp_path / "registry.yaml"
    registry.write_text(json.dumps({"variants": entries}))
    compiled = []
    for name in entries:
        with pytest.warns(UserWarning, match="not UTF-8"):
            glove_registry.load(name, registry=registry)
        compiled.append(count_compiled(cache_root))
    assert compiled == [1, 2, 2]


# -- nothing is weakened ------------------------------------------------------------


@pytest.mark.parametrize("how", [{}, {"sha256": TEXT}], ids=["plain", "held"])
@pytest.mark.parametrize("first", [None, "member", "plain"])
def test_an_archive_is_held_to_its_own_checksum(
    first: str | None, how: dict[str, str], site: Site
) -> None:
    """Another archive is refused, though its member is the text that is wanted."""
    if first:
        site.load(first)
    site.server.resources["/v.zip"].data = make_zip({"v.txt": SMALL, "evil": b"x"})
    with pytest.raises(ChecksumError, match=sha256(ARCHIVE)):
        site.load("archive", **how)


@pytest.mark.parametrize("fetched", [False, True], ids=["loaded", "fetched"])
def test_an_archive_of_which_a_part_was_read_is_not_verified(
    fetched: bool, site: Site
) -> None:
    """The store of a member alone proves nothing of the archive around it."""
    site.server.resources["/v.zip"].data = make_zip({"v.txt": SMALL, "evil": b"x"})
    if fetched:
        glove_registry.fetch("member", registry=site.registry)
    vectors = site.load("member", offline=fetched)
    assert vectors.provenance["url_sha256"] is None
    with pytest.raises(ChecksumError, match=sha256(ARCHIVE)):
        site.load("archive")


@pytest.mark.parametrize("loaded", [False, True], ids=["cold", "warm"])
def test_another_text_than_asked_for_is_refused(loaded: bool, site: Site) -> None:
    """The right archive with another text than the caller's is refused, and said."""
    if loaded:
        site.load("archive")
    for _ in range(2):
        with pytest.raises(ChecksumError) as caught:
            site.load("archive", sha256=sha256(OTHER))
        assert f"sha256 {TEXT}" in str(caught.value)
        assert f"sha256={sha256(OTHER)} was asked for" in str(caught.value)
    # The archive was read once: it is right, and what it holds is known.
    assert site.server.sent == len(ARCHIVE)


def test_members_are_not_mixed_up_by_a_copy(
    site: Site, tmp_path: Path, cache_root: Path
) -> None:
    """The copy of a store proves what was read, not what its own entry says."""
    site.load("archive")
    member = {"name": "other.txt", "sha256": TEXT}
    url = site.server.base + "/v.zip"
    entry = {"url": url, "sha256": sha256(ARCHIVE), "member": member}
    liar = tmp_path / "liar.yaml"
    liar.write_text(json.dumps({"variants": {"liar": entry}}))
    assert "film" in glove_registry.load("liar", registry=liar)
    assert "flim" in site.load("other-member")
    assert count_compiled(cache_root) == 2


def test_of_several_texts_from_one_url_none_is_trusted(site: Site) -> None:
    """If one URL has had several texts, trust on first use fetches again."""
    site.load("unverified", sha256=TEXT)
    site.server.resources["/v.txt"].data = OTHER
    site.load("unverified", sha256=sha256(OTHER))
    asked = len(site.server.requests)
    vectors = site.load("unverified", trust_on_first_use=True)
    assert len(site.server.requests) > asked
    assert "flim" in vectors


def test_what_was_verified_is_what_is_trusted_ever_after(site: Site) -> None:
    """Trusting an entry whose text the caller verified before records that text."""
    site.load("unverified", sha256=TEXT)
    site.load("unverified", trust_on_first_use=True, offline=True)
    site.server.resources["/v.txt"].data = OTHER
    with pytest.raises(ChecksumError, match="trusted on first use"):
        site.load("unverified", trust_on_first_use=True, sha256=sha256(OTHER))
