"""A later load goes straight to its store, and only while nothing has changed."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from entries import SMALL, sha256, write_registry

import glove_registry
from glove_registry.cache import Cache
from glove_registry.errors import RegistryError, UnverifiableError
from glove_registry.registries import Registry
from glove_registry.store import Store, shortcut
from glove_registry.store.shortcut import follow_shortcut, leave_shortcut


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A registry file with the entry "small", whose text is beside it."""
    text = tmp_path / "small.txt"
    text.write_bytes(SMALL)
    return write_registry(tmp_path, "small", url=text.as_uri(), sha256=sha256(SMALL))


@pytest.fixture
def cache(cache_root: Path, path: Path) -> Cache:
    """A cache in which a shortcut leads from "small" to its store."""
    cache = Cache(cache_root)
    glove_registry.load("small", registry=path)
    return cache


def follow(path: Path, cache: Cache, name: str = "small") -> Store | None:
    """Follow a shortcut as `load` does."""
    found = follow_shortcut(name, Registry.over_default(path), cache)
    return found and found[0]


def test_a_shortcut_leads_to_the_store_without_reading_yaml(
    path: Path, cache: Cache
) -> None:
    """While nothing has changed, the store is mapped and no YAML is imported."""
    store = follow(path, cache)
    assert store is not None
    assert store.vectors.take(np.array([0])).tolist() == [[1, 2, 3]]
    code = (
        "import sys; from pathlib import Path\n"
        "from glove_registry.cache.places import Cache\n"
        "from glove_registry.registries import Registry\n"
        "from glove_registry.store.shortcut import follow_shortcut\n"
        "registry, root = sys.argv[1:]\n"
        "known = Registry.over_default(registry)\n"
        "assert follow_shortcut('small', known, Cache(Path(root))) is not None\n"
        "assert not {'yaml', 'logging', 'shutil', 'difflib'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code, path, cache.root], check=True)


def edit_registry(path: Path, cache: Cache) -> None:
    """Change no more than a comment."""
    path.write_text(path.read_text() + "# checked\n")


def remove_mark(path: Path, cache: Cache) -> None:
    """Remove the record, as a user may."""
    next(cache.used.iterdir()).unlink()


def empty_mark(path: Path, cache: Cache) -> None:
    """Leave an empty record, as `note_use` does."""
    next(cache.used.iterdir()).write_bytes(b"")


def cut_mark(path: Path, cache: Cache) -> None:
    """Cut its last byte off."""
    mark = next(cache.used.iterdir())
    mark.write_bytes(mark.read_bytes()[:-1])


def garble_mark(path: Path, cache: Cache) -> None:
    """Write bytes that are not text."""
    next(cache.used.iterdir()).write_bytes(b"\xff" * 64)


def put_a_folder_for_the_mark(path: Path, cache: Cache) -> None:
    """Replace it by a folder."""
    remove_mark(path, cache)
    (cache.used / next(cache.stores.iterdir()).name).mkdir()


def remove_store(path: Path, cache: Cache) -> None:
    """Remove the store."""
    folder = next(cache.stores.iterdir())
    folder.rename(folder.with_name("elsewhere"))


def damage_store(path: Path, cache: Cache) -> None:
    """Flip a bit of its index."""
    index = next(cache.stores.iterdir()) / "index.npy"
    content = bytearray(index.read_bytes())
    content[-1] ^= 1
    index.write_bytes(content)


def compile_otherwise(path: Path, cache: Cache) -> None:
    """Change how the text was read in the manifest."""
    manifest = next(cache.stores.iterdir()) / "manifest.json"
    found = json.loads(manifest.read_text())
    del found["xxh3_128"]
    found["provenance"]["format"] = "word2vec"
    manifest.write_text(json.dumps(found))


CHANGES = [
    edit_registry,
    remove_mark,
    empty_mark,
    cut_mark,
    garble_mark,
    put_a_folder_for_the_mark,
    remove_store,
    damage_store,
    compile_otherwise,
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_a_shortcut_leads_nowhere_once_anything_has_changed(
    change: Callable[[Path, Cache], None], path: Path, cache: Cache
) -> None:
    """After any change, the name is looked up again and loads."""
    assert follow(path, cache) is not None
    change(path, cache)
    assert follow(path, cache) is None
    assert glove_registry.load("small", registry=path)["film"].tolist() == [0, 0, 1]


def test_another_version_of_this_package_follows_no_shortcut(
    path: Path, cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After an upgrade of the package, the name is looked up again."""
    monkeypatch.setattr(shortcut, "__version__", "99")
    assert follow(path, cache) is None


@pytest.mark.parametrize("name", ["small@first", "Small", "smal", "", "..", "../small"])
def test_a_shortcut_is_for_the_name_it_was_left_for(
    name: str, path: Path, cache: Cache
) -> None:
    """A shortcut leads from its exact name only."""
    assert follow(path, cache, name) is None


def test_a_mark_of_one_store_leads_to_no_other(path: Path, cache: Cache) -> None:
    """A record that is copied to another store does not lead there."""
    (folder,) = cache.stores.iterdir()
    other = folder.with_name(f"small-{'0' * 12}-v2")
    folder.rename(other)
    (cache.used / folder.name).rename(cache.used / other.name)
    assert follow(path, cache) is None


def test_a_registry_without_files_has_no_shortcuts(path: Path, cache: Cache) -> None:
    """A `Registry` made of entries has no shortcuts."""
    registry = Registry()
    (folder,) = cache.stores.iterdir()
    before = (cache.used / folder.name).read_bytes()
    leave_shortcut("small", registry, cache, Store.open(folder))
    assert (cache.used / folder.name).read_bytes() == before
    assert follow_shortcut("small", registry, cache) is None


def test_a_cache_that_cannot_be_written_gets_no_shortcut(
    path: Path, cache: Cache
) -> None:
    """A cache in which nothing can be recorded works without shortcuts."""
    remove_mark(path, cache)
    cache.used.rmdir()
    cache.used.write_bytes(b"in the way")
    (folder,) = cache.stores.iterdir()
    leave_shortcut("small", Registry.over_default(path), cache, Store.open(folder))
    assert cache.used.read_bytes() == b"in the way"
    assert "film" in glove_registry.load("small", registry=path)


def test_a_fault_in_a_registry_is_seen_at_once(path: Path, cache: Cache) -> None:
    """A fault in a registry file is an error with its line at the next load."""
    path.write_text(path.read_text() + "    rows: many\n")
    with pytest.raises(RegistryError, match=r"registry\.yaml:5:11: rows: expected"):
        glove_registry.load("small", registry=path)


def test_a_shortcut_leads_to_what_the_entry_promises_alone(
    path: Path, cache: Cache
) -> None:
    """No shortcut leads to a store of the same name with another text."""
    folder, other = next(cache.stores.iterdir()), cache.stores / f"small-{'1' * 12}-v2"
    shutil.copytree(folder, other)
    leave_shortcut("small", Registry.over_default(path), cache, Store.open(other))
    assert not (cache.used / other.name).exists()


def test_trust_has_to_be_said_each_time(path: Path, cache: Cache) -> None:
    """An entry without a checksum must be trusted in each call."""
    text = path.with_name("small.txt")
    registry = write_registry(path.parent, "small", url=text.as_uri())
    for _ in range(2):
        glove_registry.load("small", registry=registry, trust_on_first_use=True)
    known = Registry.over_default(registry)
    (folder,) = cache.stores.iterdir()
    leave_shortcut("small", known, cache, Store.open(folder))
    assert follow_shortcut("small", known, cache) is None
    with pytest.raises(UnverifiableError):
        glove_registry.load("small", registry=registry)
