"""Odd things in place of the cache's files: right vectors or a clear error."""

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from entries import SMALL, write_registry
from written_files import make_quick_folder

import glove_registry
from glove_registry.cache.files import remove_all
from glove_registry.cli import main
from glove_registry.errors import CacheError, FetchError

SECONDS = 60
FOLDERS = ["stores", "sources", "partial", "trusted", "used", "locks", "hashes", "tmp"]
STATUS = ("st_ino", "st_mode", "st_nlink", "st_size", "st_mtime_ns")


@pytest.fixture(autouse=True)
def _no_waiting() -> Iterator[None]:
    """Let a call that blocks forever fail."""

    def fail(number: int, frame: object) -> None:
        raise TimeoutError("it was waited for")

    before = signal.signal(signal.SIGALRM, fail)
    signal.alarm(SECONDS)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder in memory, where a flush to the disk costs nothing."""
    with make_quick_folder() as quick:
        monkeypatch.setenv("GLOVE_REGISTRY_CACHE", f"{quick}/cache")
        yield Path(quick)


@pytest.fixture
def registry(folder: Path) -> Path:
    """An entry that is trusted on first use, so that all kinds of files exist."""
    (folder / "v.txt").write_bytes(SMALL)
    return write_registry(folder, "mine", url="file:v.txt")


def use(registry: Path, folder: Path) -> None:
    """Load, fetch and open, and check the vectors."""
    vectors = glove_registry.load("mine", registry=registry, trust_on_first_use=True)
    assert vectors["film"].tolist() == [0, 0, 1]
    assert vectors.rows(["of", "none"]).tolist() == [1, -1]
    path = glove_registry.fetch("mine", registry=registry, trust_on_first_use=True)
    assert path.read_bytes() == SMALL
    assert "film" in glove_registry.open_file(folder / "v.txt")


def try_use(registry: Path, folder: Path) -> str | None:
    """Do the same; return the cache's error."""
    try:
        use(registry, folder)
    except CacheError as error:
        return str(error)
    return None


def list_places(root: Path) -> list[str]:
    """Name every file and folder of a cache."""
    return sorted(str(path.relative_to(root)) for path in root.rglob("*"))


def put_pipe(place: Path, bait: Path) -> None:
    """Put a pipe without a writer."""
    os.mkfifo(place)


def put_device(place: Path, bait: Path) -> None:
    """Put a link to a device without an end."""
    place.symlink_to("/dev/zero")


def put_link(place: Path, bait: Path) -> None:
    """Put a link to a user's file."""
    place.symlink_to(bait)


def put_link_to_folder(place: Path, bait: Path) -> None:
    """Put a link to a user's folder."""
    place.symlink_to(bait.parent)


def put_dangling_link(place: Path, bait: Path) -> None:
    """Put a link to a file that does not exist."""
    place.symlink_to(bait.with_name("nowhere"))


def put_loop(place: Path, bait: Path) -> None:
    """Put a link to itself."""
    place.symlink_to(place.name)


def put_folder(place: Path, bait: Path) -> None:
    """Put a folder with something in it."""
    place.mkdir()
    (place / "inside").write_bytes(b"x")


def put_file(place: Path, bait: Path) -> None:
    """Put a file with other bytes."""
    place.write_bytes(b"something else")


def put_nothing(place: Path, bait: Path) -> None:
    """Leave nothing there."""


QUICK = [put_pipe, put_link, put_nothing]
SLOW = [
    *(put_device, put_link_to_folder, put_dangling_link),
    *(put_loop, put_folder, put_file),
]
ODD = [*QUICK, *(pytest.param(put, marks=pytest.mark.slow) for put in SLOW)]


@pytest.mark.slow
@pytest.mark.parametrize("put", ODD, ids=lambda put: getattr(put, "__name__", None))
def test_every_place_can_hold_something_odd(
    put: Callable[[Path, Path], None],
    registry: Path,
    folder: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Loads give the right vectors or name what is in the way; no link is followed."""
    use(registry, folder)
    cache_root, whole = folder / "cache", folder / "whole"
    cache_root.rename(whole)
    bait = folder / "bait" / "precious"
    bait.parent.mkdir()
    bait.write_bytes(b"precious")
    kept = [getattr(bait.stat(), key) for key in STATUS]
    refused = []
    option = ["--registry", str(registry)]
    places = list_places(whole)
    assert len(places) > 15
    for place in places:
        remove_all(cache_root)
        shutil.copytree(whole, cache_root)
        path = cache_root / place
        remove_all(path)
        put(path, bait)
        if refusal := try_use(registry, folder):
            assert str(path) in refusal, place
            refused.append(place)
        assert main(["cache", "list"]) == 0, place
        main(["verify", *option])
        assert main(["cache", "prune", "--unused-days", "0"]) in (0, 1), place
        remove_all(path)
        use(registry, folder)
        assert main(["verify", *option]) == 0, capsys.readouterr().out
        assert bait.read_bytes() == b"precious"
        assert [getattr(bait.stat(), key) for key in STATUS] == kept, place
        # A folder of the cache may be a link to another disk, and is written to.
        assert put is put_link_to_folder or [*bait.parent.iterdir()] == [bait]
    if put is put_nothing:
        # Deleting any one file or folder is safe.
        assert refused == []


@pytest.mark.parametrize("put", ODD, ids=lambda put: getattr(put, "__name__", None))
@pytest.mark.parametrize("name", FOLDERS)
def test_a_first_use_works_or_names_what_is_in_the_way(
    name: str, put: Callable[[Path, Path], None], registry: Path, folder: Path
) -> None:
    """A folder of the cache may be a link to a folder, and nothing else."""
    cache_root = folder / "cache"
    bait = folder / "bait" / "precious"
    for made in (cache_root, bait.parent):
        made.mkdir()
    bait.write_bytes(b"precious")
    put(cache_root / name, bait)
    if refusal := try_use(registry, folder):
        assert str(cache_root / name) in refusal
        assert put not in (put_folder, put_link_to_folder, put_nothing)
        assert name in ("stores", "sources", "trusted", "tmp")
    assert main(["cache", "prune", "--unused-days", "0"]) in (0, 1)
    assert bait.read_bytes() == b"precious"


def test_a_source_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """An error in reading a file: source does not blame the cache folder."""
    # Reading the memory of a process where nothing is mapped is an I/O error.
    broken = Path("/proc/self/mem")
    path = write_registry(tmp_path, "mine", url=broken.as_uri(), sha256="a" * 64)
    for use_it in (glove_registry.load, glove_registry.fetch):
        with pytest.raises(FetchError, match="/proc/self/mem: the file cannot be read"):
            use_it("mine", registry=path)


@pytest.mark.parametrize("put", [put_pipe, put_device, put_dangling_link, put_folder])
def test_an_odd_source_is_refused(
    put: Callable[[Path, Path], None], tmp_path: Path
) -> None:
    """Pipes and devices are refused as sources and files, without waiting."""
    put(tmp_path / "odd", tmp_path / "bait")
    path = write_registry(tmp_path, "mine", url="file:odd", sha256="a" * 64)
    with pytest.raises(FetchError, match="odd"):
        glove_registry.load("mine", registry=path)
    with pytest.raises(FetchError, match="odd"):
        glove_registry.fetch("mine", registry=path, from_file=tmp_path / "odd")
    with pytest.raises(FetchError, match="odd"):
        glove_registry.open_file(tmp_path / "odd")
    np.save(tmp_path / "v.npy", np.eye(1))
    with pytest.raises(FetchError, match="odd"):
        glove_registry.open_file(tmp_path / "v.npy", words=tmp_path / "odd")
    with pytest.raises(FetchError, match="odd"):
        glove_registry.open_file(tmp_path / "odd", words=["film"])


def test_a_cache_that_no_folder_can_be_is_told() -> None:
    """A null character in its path ends in a sentence, whatever is asked for."""
    for use_it in (glove_registry.load, glove_registry.fetch):
        with pytest.raises(CacheError, match=r"a\\x00b has a null character"):
            use_it("glove.6B.50d-first10k", cache_dir="a\0b")
        with pytest.raises(CacheError, match=r"folder a\\ud800b has the character"):
            use_it("glove.6B.50d-first10k", cache_dir="a\ud800b")
    with pytest.raises(CacheError, match=r"folder a\\ud800b has the character"):
        glove_registry.open_file("v.txt", cache_dir="a\ud800b")


@pytest.mark.parametrize("place", ["loop", "nowhere", "loop/in", "file/in"])
def test_a_cache_that_cannot_be_is_not_empty(
    place: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Whoever asks what it holds is told what is wrong with it, as by a load."""
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "nowhere").symlink_to("missing")
    (tmp_path / "file").touch()
    monkeypatch.setenv("GLOVE_REGISTRY_CACHE", str(tmp_path / place))
    commands = ["cache list", "cache prune", "cache remove x", "verify"]
    for command in (*commands, "fetch glove.6B.50d-first10k"):
        assert main(command.split()) == 1
        shown = capsys.readouterr()
        assert shown.err.startswith(
            f"glove-registry: cannot use the cache folder {tmp_path / place} ("
        )
        assert shown.out == ""


def test_a_cache_that_is_not_there_yet_is_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is wrong with a folder that can still be made."""
    monkeypatch.setenv("GLOVE_REGISTRY_CACHE", str(tmp_path / "new" / "cache"))
    for command in ("cache list", "verify"):
        assert main([*command.split(), "--json"]) == 0
        assert capsys.readouterr().out == "[]\n"


def test_a_working_folder_that_was_removed_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is named from there is said to be, and nothing else is blamed."""
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    with pytest.raises(FetchError, match=r"v\.txt .* was removed: .* absolute path"):
        glove_registry.open_file("v.txt")
    monkeypatch.setenv("GLOVE_REGISTRY_CACHE", "mine")
    with pytest.raises(CacheError, match=r"mine .* was removed: .* absolute path"):
        glove_registry.load("glove.6B.50d-first10k")
    assert main(["cache", "list"]) == 1
    assert "working folder, which was removed" in capsys.readouterr().err


def test_too_many_open_files_are_no_fault_of_the_cache() -> None:
    """The error says that files have to be closed, and not made readable."""
    resource = pytest.importorskip("resource")
    glove_registry.load("glove.6B.50d-first10k")
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    opened = []
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (1000, limits[1]))
        with suppress(OSError):
            while True:
                opened.append(os.open(os.devnull, os.O_RDONLY))
        os.close(opened.pop())  # for the registry, which is read first
        with pytest.raises(CacheError, match="too many files are open"):
            glove_registry.load("glove.6B.50d-first10k")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
        for descriptor in opened:
            os.close(descriptor)


def test_a_path_need_not_be_text(tmp_path: Path) -> None:
    """A cache, a registry and a file whose paths are not UTF-8 work like others."""
    odd = tmp_path / os.fsdecode(b"caf\xe9")
    odd.mkdir()
    (odd / "v.txt").write_bytes(SMALL)
    registry = write_registry(odd, "mine", url=(odd / "v.txt").as_uri())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GLOVE_REGISTRY_CACHE", str(odd / "cache"))
        for _ in range(2):
            use(registry, odd)
        for command in (["list"], ["list", "--json"], ["dir"], ["prune"]):
            assert main(["cache", *command]) == 0
        assert main(["verify", "--registry", str(registry)]) == 0
