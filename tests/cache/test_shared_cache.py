"""Several users share one cache; the files of one do not make another fail."""

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from entries import SMALL, sha256, write_registry
from written_files import make_quick_folder

import glove_registry

pytestmark = pytest.mark.skipif(
    shutil.which("setpriv") is None or os.geteuid() != 0,
    reason="only root can become another user",
)

ALICE, BOB = 1201, 1202
LOAD = (
    "import sys, glove_registry as g\n"
    "v = g.load(sys.argv[1], registry=sys.argv[2], trust_on_first_use=True)\n"
    "assert v['film'].tolist() == [0, 0, 1]\n"
)
FETCH = "import sys, glove_registry as g; g.fetch(sys.argv[1], registry=sys.argv[2])"


@pytest.fixture
def shared() -> Iterator[Path]:
    """A world-writable folder with two texts and their registry."""
    with make_quick_folder() as folder:
        root = Path(folder)
        root.chmod(0o755)
        (root / "cache").mkdir()
        (root / "cache").chmod(0o777)
        (root / "v.txt").write_bytes(SMALL)
        (root / "w.txt").write_bytes(SMALL + b"last 4 4 4\n")
        registry = write_registry(root, "one", url="file:v.txt", sha256=sha256(SMALL))
        other = {"url": "file:w.txt", "sha256": sha256((root / "w.txt").read_bytes())}
        lines = "".join(f"    {key}: {value}\n" for key, value in other.items())
        registry.write_text(f"{registry.read_text()}  two:\n{lines}")
        yield root


def run_as(
    user: int, code: str, name: str, root: Path
) -> subprocess.CompletedProcess[str]:
    """Run a program as a user whose files others cannot write to."""
    # Python itself may be installed where others cannot read.
    capability = "-all,+dac_read_search"
    identity = [f"--reuid={user}", f"--regid={user}", "--clear-groups"]
    capabilities = [f"--inh-caps={capability}", f"--ambient-caps={capability}"]
    return subprocess.run(
        [
            *("setpriv", *identity, *capabilities),
            *(sys.executable, "-c", code, name, str(root / "registry.yaml")),
        ],
        env={
            **os.environ,
            "GLOVE_REGISTRY_CACHE": str(root / "cache"),
            "HOME": str(root),
            "PYTHONPATH": str(Path(glove_registry.__file__).parents[1]),
        },
        cwd=root,
        umask=0o022,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_shared_cache_serves_every_user(shared: Path) -> None:
    """Folders made in a shared cache are writable by all of its users."""
    for user, name in ((ALICE, "one"), (BOB, "two"), (BOB, "one"), (ALICE, "two")):
        for code in (LOAD, FETCH):
            done = run_as(user, code, name, shared)
            assert done.returncode == 0, done.stderr


def test_locks_and_leftovers_of_another_user_are_no_reason_to_fail(
    shared: Path,
) -> None:
    """A lock file, a dead folder and a part that only their owner may write to."""
    cache = shared / "cache"
    key = sha256(SMALL)
    for folder in ("locks", "tmp", "partial"):
        (cache / folder).mkdir()
        (cache / folder).chmod(0o777)
    left = cache / "tmp" / "one-0123abcd"
    left.mkdir()
    for path in (
        cache / "locks" / f"{key}.lock",
        cache / "tmp" / "one-0123abcd.lock",
        left / "big",
    ):
        path.write_text(platform.node())
        os.chown(path, ALICE, ALICE)
    os.chown(left, ALICE, ALICE)
    for code in (LOAD, FETCH):
        done = run_as(BOB, code, "one", shared)
        assert done.returncode == 0, done.stderr
    assert (left / "big").exists()
    assert run_as(ALICE, LOAD, "two", shared).returncode == 0
    assert not left.exists()


def test_a_folder_in_the_way_is_named(shared: Path) -> None:
    """If a folder excludes other users, the error names it."""
    stores = shared / "cache" / "stores"
    stores.mkdir(mode=0o755)
    os.chown(stores, ALICE, ALICE)
    done = run_as(BOB, LOAD, "one", shared)
    assert "CacheError: cannot use the cache folder" in done.stderr
    assert f"(Permission denied: {stores}/one-{sha256(SMALL)[:12]}-v2)" in done.stderr


def test_prune_leaves_another_users_records_and_goes_on(shared: Path) -> None:
    """Where users may only remove files of their own, as in /tmp, the rest goes."""
    (shared / "cache").chmod(0o1777)
    opened = "import sys, glove_registry as g; g.open_file(sys.argv[1])"
    prune = "from glove_registry.cli import main; sys.exit(main(['cache', 'prune']))"
    assert run_as(ALICE, opened, "v.txt", shared).returncode == 0
    assert run_as(BOB, LOAD, "two", shared).returncode == 0
    (shared / "v.txt").write_bytes(b"changed 1 2\n")
    (record,) = (shared / "cache" / "hashes").iterdir()
    gone = shared / "cache" / "used" / "bob-is-gone"
    gone.touch()
    os.chown(gone, BOB, BOB)
    done = run_as(BOB, f"import sys; {prune}", "", shared)
    assert done.returncode == 0, done.stderr
    assert f"{record} cannot be removed (Operation not permitted)" in done.stderr
    assert record.exists() and not gone.exists()
