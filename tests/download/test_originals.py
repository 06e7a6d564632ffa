"""Files in the cache's folder of originals: which are used, and as whose."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest

from glove_registry.cache import Cache
from glove_registry.cache.records import name_record, write_record
from glove_registry.download import find_published, keep_archive
from glove_registry.download.originals import find_local_sources
from glove_registry.registry import Member, Source, Variant

TEXT, ARCHIVE, OTHER = "a" * 64, "b" * 64, "c" * 64
FIRST = Source(url="https://h.invalid/first.txt", sha256=OTHER)
SECOND = Source(url="https://h.invalid/v.zip", sha256=ARCHIVE, bytes=7)


@pytest.fixture
def cache(cache_root: Path) -> Cache:
    """A cache with a folder of originals."""
    (cache_root / "sources").mkdir(parents=True)
    return Cache(cache_root)


def make_variant(sha256: str | None) -> Variant:
    """Return a variant whose text may have a known hash."""
    member = Member(sha256=sha256)
    return Variant(name="small", sources=(FIRST, SECOND), member=member, origin="a:1")


def put(cache: Cache, name: str, recorded: str | None = None) -> Path:
    """Put a file into the folder, with or without a record of its hash."""
    path = cache.sources / name
    path.write_bytes(b"text")
    if recorded:
        write_record(name_record(path), cache, sha256=recorded)
    return path


def test_which_files_are_used(cache: Cache) -> None:
    """A variant's own original is first, then the same text, then its archive."""
    own = put(cache, f"small-{TEXT[:12]}.txt")
    whole = put(cache, f"small-{TEXT}.txt", TEXT)
    same = put(cache, f"another-{TEXT[:12]}.txt", TEXT)
    archive = put(cache, f"{ARCHIVE[:12]}-v.zip")
    renamed = put(cache, f"{ARCHIVE}-w.zip", ARCHIVE)
    put(cache, f"another-{OTHER[:12]}.txt", OTHER)
    put(cache, f"unknown-{TEXT[:12]}.txt")
    put(cache, f"{ARCHIVE[:12]}-x.zip", OTHER)
    put(cache, f"{ARCHIVE[:12]}.zip")
    put(cache, f"x{ARCHIVE[:12]}-v.zip")
    (cache.sources / f"{ARCHIVE[:12]}-folder").mkdir()
    folder = cache.sources / "folder"
    folder.mkdir()
    write_record(name_record(folder), cache, sha256=TEXT)

    found = find_local_sources(make_variant(TEXT), cache)
    assert [(Path(urlsplit(one.url).path), one.sha256, one.bytes) for one in found] == [
        (own, TEXT, None),
        (whole, TEXT, None),
        (same, TEXT, None),
        (archive, ARCHIVE, 7),
        (renamed, ARCHIVE, 7),
    ]


def test_nothing_is_used_without_a_hash(cache: Cache) -> None:
    """A file that nothing vouches for is not used, and no folder is no error."""
    put(cache, "small-.txt")
    put(cache, "-v.zip")
    source = Source(url="https://h.invalid/v.zip")
    variant = Variant(name="small", sources=(source,), origin="a:1")
    assert find_local_sources(variant, cache) == []
    assert find_local_sources(variant, Cache(cache.root / "no")) == []


def test_a_file_without_a_hash_is_not_kept(cache: Cache, tmp_path: Path) -> None:
    """Of a source without a checksum nothing is kept, and it stays where it is."""
    path = tmp_path / "v.zip"
    path.write_bytes(b"text")
    assert keep_archive(path, Source(url="https://h.invalid/v.zip"), cache) is None
    assert path.read_bytes() == b"text"
    assert list(cache.sources.iterdir()) == []


def test_whose_a_kept_file_is(cache: Cache) -> None:
    """A kept file counts as the published one of its hash, and others as themselves."""
    variant = make_variant(None)
    kept = put(cache, f"{ARCHIVE[:12]}-v.zip")
    source = Source(url=kept.as_uri(), sha256=ARCHIVE)
    assert find_published(variant, source, cache) == SECOND
    # Of a text, the whole published file was verified if nothing else could be.
    text = Source(url=put(cache, f"small-{TEXT}.txt", TEXT).as_uri(), sha256=TEXT)
    assert find_published(variant, text, cache) == FIRST
    unverified = Source(url=FIRST.url)
    assert find_published(make_variant(TEXT), text, cache) == unverified
    elsewhere = Source(url="file:///elsewhere/v.zip", sha256=ARCHIVE)
    assert find_published(variant, elsewhere, cache) == elsewhere
