"""Files that are not regular, or not text, are refused at once in one sentence."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from entries import SMALL, sha256, write_registry

import glove_registry
from glove_registry.cache.files import open_regular
from glove_registry.coverage import counts
from glove_registry.errors import GloveRegistryError

SAMPLE = "glove.6B.50d-first10k"
COMMAND = [sys.executable, "-m", "glove_registry"]
SECONDS = 60
CHECKOUT = Path(glove_registry.__file__).parents[1]


@pytest.fixture(params=["FIFO", "folder", "/dev/zero", "link to a FIFO", "socket"])
def odd(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The path of something that cannot be read like a file."""
    path = tmp_path / "odd.txt"
    match request.param:
        case "FIFO":
            os.mkfifo(path)
        case "folder":
            path.mkdir()
        case "/dev/zero":
            path.symlink_to("/dev/zero")
        case "link to a FIFO":
            os.mkfifo(tmp_path / "fifo")
            path.symlink_to("fifo")
        case "socket":
            import socket

            with socket.socket(socket.AF_UNIX) as listener:
                listener.bind(os.fspath(path))
    return path


@pytest.mark.parametrize(
    "arguments",
    [
        ["coverage", SAMPLE, "odd.txt"],
        ["fetch", SAMPLE, "--from", "odd.txt"],
        ["list", "--registry", "odd.txt"],
        ["add", "odd.txt", "--name", "mine", "--to", "mine.yaml"],
        ["add", "v.txt", "--name", "mine", "--to", "odd.txt"],
    ],
    ids=["coverage", "fetch --from", "--registry", "add", "add --to"],
)
def test_a_command_refuses_what_is_no_file(
    arguments: list[str], odd: Path, tmp_path: Path
) -> None:
    """A command does not wait for a writer or read forever, and says what it found."""
    (tmp_path / "v.txt").write_bytes(SMALL)
    done = subprocess.run(
        [*COMMAND, *arguments],
        cwd=tmp_path,
        env={
            **os.environ,
            "PYTHONPATH": os.fspath(CHECKOUT),
        },
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("glove-registry: ") and "odd.txt" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("call", ["open_file", "registry", "from_file", "PATH"])
def test_a_call_refuses_what_is_no_file(
    call: str, odd: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each function of the library that takes a path does the same."""
    monkeypatch.setenv("GLOVE_REGISTRY_PATH", str(odd) if call == "PATH" else "")
    calls: dict[str, Callable[[], object]] = {
        "open_file": lambda: glove_registry.open_file(odd),
        "registry": lambda: glove_registry.load(SAMPLE, registry=odd),
        "from_file": lambda: glove_registry.fetch(SAMPLE, from_file=odd),
        "PATH": glove_registry.list_variants,
    }
    with pytest.raises(GloveRegistryError, match=r"odd\.txt"):
        calls[call]()


def test_a_regular_file_is_read_and_waits_for_nothing(tmp_path: Path) -> None:
    """A regular file is opened as by `open`; a null character is an OSError, too."""
    path = tmp_path / "v.txt"
    path.write_bytes(SMALL)
    with open_regular(path) as file:
        assert file.read() == SMALL
    with pytest.raises(OSError, match="null"):
        open_regular("a\0b")


def test_a_picture_is_not_drawn_into_a_pipe(tmp_path: Path) -> None:
    """A pipe as the path of a picture is refused, without waiting for a reader."""
    os.mkfifo(tmp_path / "picture.png")
    (tmp_path / "words").write_text("film")
    done = subprocess.run(
        [*COMMAND, "coverage", SAMPLE, "words", "--plot", "picture.png"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.fspath(CHECKOUT)},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 1
    assert "picture.png cannot be written: it is not a regular file" in done.stderr


def test_a_path_with_a_null_character_is_one_sentence() -> None:
    """A name that no file can have is an error of this package."""
    calls: tuple[Callable[[], object], ...] = (
        lambda: glove_registry.open_file("a\0b"),
        lambda: glove_registry.load(SAMPLE, registry="a\0b"),
        lambda: glove_registry.fetch(SAMPLE, from_file="a\0b"),
        lambda: counts.count_words("a\0b"),
    )
    for call in calls:
        with pytest.raises(GloveRegistryError, match=r"a\\x00b"):
            call()


def test_names_that_are_not_utf_8(tmp_path: Path) -> None:
    """Files whose names are not UTF-8 are read wherever a path is accepted."""
    folder = tmp_path / os.fsdecode(b"caf\xe9")
    folder.mkdir()
    path = folder / os.fsdecode(b"\xff v%20.txt")
    path.write_bytes(SMALL)
    registry = write_registry(folder, "mine", url="file:v.txt", sha256=sha256(SMALL))
    assert glove_registry.open_file(path)["film"].tolist() == [0, 0, 1]
    fetched = glove_registry.fetch("mine", registry=registry, from_file=path)
    assert fetched.read_bytes() == SMALL
    (folder / "v.txt").write_bytes(SMALL)
    vectors = glove_registry.load(
        "mine", registry=registry, cache_dir=folder / os.fsdecode(b"\xff")
    )
    assert vectors["film"].tolist() == [0, 0, 1]


def test_standard_input_is_a_text_to_cover() -> None:
    """Coverage reads standard input by the name -, and says if there is none."""
    arguments = [*COMMAND, "coverage", SAMPLE, "-"]
    done = subprocess.run(arguments, input=b"a film", capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"covers 100 % of 2 types" in done.stdout
    closed = subprocess.run(
        f"'{sys.executable}' -m glove_registry coverage {SAMPLE} - <&-",
        shell=True,
        capture_output=True,
        check=False,
    )
    assert closed.returncode == 1
    assert b"standard input cannot be read (it is closed)" in closed.stderr


def test_a_file_without_words_ends_early(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file without white space is refused before all of it is in memory."""
    monkeypatch.setattr(counts, "MAX_WORD", 1000)
    path = tmp_path / "zeros"
    path.write_bytes(b"\0" * 1001)
    with pytest.raises(GloveRegistryError, match="1,000 characters without white"):
        counts.count_words(path)
    path.write_bytes(b"\0" * 1000)
    assert counts.count_words(path).total() == 1


@pytest.mark.parametrize(
    "arguments", ["list", "list --json", "--help", "schema", "info glove.6B.50d"]
)
def test_a_broken_pipe_is_silent(arguments: str) -> None:
    """A reader who stops early sees no message, whatever was printed."""
    done = subprocess.run(
        f"'{sys.executable}' -m glove_registry {arguments} | true",
        shell=True,
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")


def test_output_that_cannot_be_written_is_one_sentence() -> None:
    """A full disk under standard output is reported; a closed output is not."""
    for target, status in ((">/dev/full", 1), (">&-", 0)):
        done = subprocess.run(
            f"'{sys.executable}' -m glove_registry list {target}",
            shell=True,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == status
        assert "Traceback" not in done.stderr
        assert ("cannot be written (No space left" in done.stderr) == bool(status)
