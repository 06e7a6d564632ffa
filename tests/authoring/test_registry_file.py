"""A registry file is changed whole or not at all, whatever happens meanwhile."""

import errno
import os
import random
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from entries import SMALL, sha256

from glove_registry import Registry
from glove_registry.authoring.registry_file import check_writable, read_text, rewrite
from glove_registry.cache import Cache
from glove_registry.cli import main
from glove_registry.errors import OutputError, RegistryError

OLD = f"# ours\nvariants:\n  old:\n    url: https://e.org/a\n    sha256: {'a' * 64}\n"


@pytest.fixture
def registry(tmp_path: Path) -> Path:
    """A registry file of one entry, beside a file of vectors."""
    (tmp_path / "v.txt").write_bytes(SMALL)
    path = tmp_path / "registry.yaml"
    path.write_text(OLD)
    return path


def add(registry: Path, name: str = "new") -> int:
    """Run the command in this process."""
    source = str(registry.with_name("v.txt"))
    return main(["add", source, "--name", name, "--to", str(registry)])


def list_names(folder: Path) -> list[str]:
    """List what is in a folder, the cache left out."""
    return sorted(path.name for path in folder.iterdir() if path.name != "cache")


# -- killed -------------------------------------------------------------------------

REWRITING = """
import sys
from pathlib import Path
from glove_registry.authoring.registry_file import rewrite
from glove_registry.cache import Cache

path, a, b = map(Path, sys.argv[1:])
a, b = a.read_text(), b.read_text()
while True:
    rewrite(path, lambda text: b if text == a else a, Cache.locate())
    print("written", flush=True)
"""


@pytest.mark.slow
def test_a_process_killed_at_any_moment_leaves_one_of_two_texts(
    tmp_path: Path,
) -> None:
    """A file that is changed without a pause is whole after each of many kills."""
    texts = [tmp_path / "a", tmp_path / "b"]
    for text, letter in zip(texts, "ab", strict=True):
        text.write_text(letter * 300_000)
    path = tmp_path / "registry.yaml"
    path.write_text("a" * 300_000)
    generator = random.Random(1)
    for _ in range(12):
        process = subprocess.Popen(
            [sys.executable, "-c", REWRITING, str(path), *map(str, texts)],
            stdout=subprocess.PIPE,
        )
        assert process.stdout is not None
        assert process.stdout.readline() == b"written\n"
        time.sleep(generator.uniform(0, 0.05))
        process.kill()
        process.communicate()
        assert path.read_bytes() in (b"a" * 300_000, b"b" * 300_000)


# The command in a process that dies at one step of the writing.
DYING = """
import os, signal, sys
from pathlib import Path
from glove_registry.cli import main

def die(*arguments):
    os.kill(os.getpid(), signal.SIGKILL)

class Half:
    def __init__(self, file):
        self.file = file
    def __enter__(self):
        return self
    def __exit__(self, *error):
        self.file.close()
    def write(self, content):
        self.file.write(content[: len(content) // 2])
        self.file.flush()
        die()

plain_open, plain_replace = Path.open, Path.replace

def open_half(path, mode="r", *rest, **more):
    file = plain_open(path, mode, *rest, **more)
    return Half(file) if mode == "xb" else file

def replace_and_die(path, target):
    plain_replace(path, target)
    die()

step = sys.argv.pop(1)
if step == "write":
    Path.open = open_half
elif step == "fsync":
    os.fsync = die
elif step == "rename":
    Path.replace = die
elif step == "renamed":
    Path.replace = replace_and_die
main(sys.argv[1:])
"""


@pytest.mark.parametrize("step", ["write", "fsync", "rename", "renamed"])
def test_a_kill_in_mid_write_leaves_the_old_file_or_the_new_one(
    step: str, registry: Path
) -> None:
    """Killed at each step of writing, `add` leaves the old text, or all of the new."""
    source = str(registry.with_name("v.txt"))
    arguments = ["add", source, "--name", "new", "--to", str(registry)]
    done = subprocess.run([sys.executable, "-c", DYING, step, *arguments], check=False)
    assert done.returncode == -signal.SIGKILL
    if step == "renamed":
        assert registry.read_text().startswith(OLD)
        assert set(Registry.from_file(registry)) == {"old", "new"}
    else:
        assert registry.read_text() == OLD
        # What the kill has left behind does not stand in the way.
        assert add(registry) == 0
        assert set(Registry.from_file(registry)) == {"old", "new"}


# -- faults -------------------------------------------------------------------------


def fail(number: int) -> Callable[..., Any]:
    """Give what fails as the operating system does."""

    def failing(*arguments: object) -> None:
        raise OSError(number, os.strerror(number))

    return failing


@pytest.mark.parametrize(
    ("step", "number"),
    [
        ("os.fsync", errno.ENOSPC),
        ("os.fsync", errno.EIO),
        ("pathlib.Path.replace", errno.EACCES),
        ("pathlib.Path.chmod", errno.EPERM),
    ],
)
def test_a_fault_while_writing_is_one_sentence_and_no_change(
    step: str,
    number: int,
    registry: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A full disk or a refusal leaves the old file and nothing beside it."""
    with monkeypatch.context() as patch:
        patch.setattr(step, fail(number))
        assert add(registry) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines()[-1] == (
        f"glove-registry: {registry} cannot be changed ({os.strerror(number)}): "
        "it is unchanged"
    )
    assert registry.read_text() == OLD
    assert list_names(registry.parent) == ["registry.yaml", "v.txt"]


def test_ctrl_c_while_writing_leaves_nothing_half(
    registry: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An interrupt before the rename leaves the old file and nothing beside it."""

    def interrupt(*arguments: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", interrupt)
        assert add(registry) == 130
    assert capsys.readouterr().err.splitlines()[-1] == "glove-registry: interrupted"
    assert registry.read_text() == OLD
    assert list_names(registry.parent) == ["registry.yaml", "v.txt"]


# -- others -------------------------------------------------------------------------


def test_what_somebody_else_writes_meanwhile_is_not_lost(
    registry: Path, cache_root: Path
) -> None:
    """A file that an editor saves just then is read anew, and keeps the editor's."""
    seen = []

    def change(text: str) -> str:
        seen.append(text)
        if len(seen) == 1:
            registry.write_text(text + "# by an editor\n")
        return text + "# by us\n"

    text = rewrite(registry, change, Cache(cache_root))
    assert seen == [OLD, OLD + "# by an editor\n"]
    assert registry.read_text() == text == OLD + "# by an editor\n# by us\n"


@pytest.mark.slow
def test_processes_that_add_at_once_add_all(registry: Path) -> None:
    """Of six entries that are added at the same time none is lost."""
    command = [sys.executable, "-m", "glove_registry"]
    source = str(registry.with_name("v.txt"))
    processes = [
        subprocess.Popen(
            [*command, "add", source, "--name", f"new{i}", "--to", str(registry)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        for i in range(6)
    ]
    for process in processes:
        _, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
    assert set(Registry.from_file(registry)) == {"old", *(f"new{i}" for i in range(6))}
    assert registry.read_text().startswith(OLD)


def test_without_a_lock_it_goes_on(registry: Path, cache_root: Path) -> None:
    """Where the cache has no room for a lock, the file is changed all the same."""
    cache_root.write_text("no folder")
    assert (
        rewrite(registry, lambda text: text + "#\n", Cache(cache_root)) == OLD + "#\n"
    )
    assert registry.read_text() == OLD + "#\n"


# -- the file itself ----------------------------------------------------------------


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o664])
def test_permissions_stay(mode: int, registry: Path) -> None:
    """Nobody gains or loses access to the file."""
    registry.chmod(mode)
    assert add(registry) == 0
    assert stat.S_IMODE(registry.stat().st_mode) == mode


def test_a_new_file_has_the_permissions_of_new_files(tmp_path: Path) -> None:
    """A registry that is made takes the umask, as any file does."""
    (tmp_path / "v.txt").write_bytes(SMALL)
    (tmp_path / "other").touch()
    registry = tmp_path / "registry.yaml"
    assert add(registry) == 0
    assert registry.stat().st_mode == (tmp_path / "other").stat().st_mode
    assert list_names(tmp_path) == ["other", "registry.yaml", "v.txt"]


def test_a_link_stays_a_link(registry: Path, tmp_path: Path) -> None:
    """It is followed, and the URL is not relative, as it would mean two places."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    link = folder / "mine.yaml"
    link.symlink_to("../registry.yaml")
    (folder / "v.txt").write_bytes(SMALL)
    assert add(link) == 0
    assert link.is_symlink()
    assert list_names(folder) == ["mine.yaml", "v.txt"]
    for path in (link, registry):
        source = Registry.from_file(path).find("new").sources[0]
        assert source.url == (folder / "v.txt").as_uri()
        assert source.sha256 == sha256(SMALL)


def test_what_is_no_file_is_left_alone(
    registry: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A folder, a device, a place in no folder and what is no text are refused."""
    (tmp_path / "latin.yaml").write_bytes(b"# \xe9\n")
    for path, words in (
        (tmp_path, "directory"),
        (Path(os.devnull), "not a regular file"),
        (tmp_path / "no" / "registry.yaml", "there is no folder"),
        (tmp_path / "latin.yaml", "not UTF-8 at byte 2"),
    ):
        source = str(tmp_path / "v.txt")
        assert main(["add", source, "--name", "new", "--to", str(path)]) == 1
        assert words in capsys.readouterr().err
    assert Path(os.devnull).is_char_device()
    assert (tmp_path / "latin.yaml").read_bytes() == b"# \xe9\n"


def test_a_file_that_may_not_be_written_is_told_at_once(
    registry: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before anything is fetched, the file and its folder are asked."""
    for refused in (registry, registry.parent):

        def access(path: Path, mode: int, refused: Path = refused) -> bool:
            return path != refused

        monkeypatch.setattr("os.access", access)
        with pytest.raises(
            OutputError, match=f"no permission to write to {refused}: name"
        ):
            check_writable(registry)


def test_read_text_keeps_every_byte(tmp_path: Path) -> None:
    """Line ends and marks come as they are; a file that is not there is empty."""
    path = tmp_path / "registry.yaml"
    assert read_text(path) == ""
    path.write_bytes(b"\xef\xbb\xbfa: b\r\nc: d\re: f")
    assert read_text(path) == "\ufeffa: b\r\nc: d\re: f"
    path.write_bytes(b"\xff")
    with pytest.raises(RegistryError, match="not UTF-8"):
        read_text(path)
