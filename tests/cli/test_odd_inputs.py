"""Files that are not regular, or not text, are refused at once in one sentence."""

import errno
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from entries import SMALL, sha256, write_registry

import glove_registry
from glove_registry.authoring import add, push
from glove_registry.cache.files import open_regular
from glove_registry.catalogue import write_catalogue
from glove_registry.cli import inputs, main
from glove_registry.coverage import counts
from glove_registry.errors import GloveRegistryError, OutputError, RegistryError

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


def test_texts_and_words_are_read_from_files_alone(
    odd: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The same holds for what a command reads beside vectors; nothing is written."""
    monkeypatch.chdir(tmp_path)
    for arguments in (
        ["embed", SAMPLE, "odd.txt", "--output", "new.npy"],
        ["export", SAMPLE, "new.npz", "--words", "odd.txt"],
        ["push", SAMPLE, "--to", "new", "--citation", "odd.txt"],
    ):
        assert main(arguments) == 1
        shown = capsys.readouterr()
        assert shown.err.startswith("glove-registry: odd.txt cannot be read: ")
        assert (shown.out, [*tmp_path.glob("new*")]) == ("", [])


@pytest.mark.parametrize(
    "arguments",
    [
        ["coverage", SAMPLE, ""],
        ["embed", SAMPLE, "", "--output", "new"],
        ["embed", SAMPLE, "words", "--output", ""],
        ["add", "", "--name", "mine"],
        ["push", "", "--to", "new"],
        ["push", SAMPLE, "--to", ""],
        ["push", SAMPLE, "--to", "new", "--coverage", ""],
        ["update", ""],
        ["export", SAMPLE, ""],
        ["explore", SAMPLE, "--output", ""],
        ["list", "--registry", ""],
    ],
    ids=" ".join,
)
def test_an_empty_text_is_no_path(
    arguments: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """An unset variable of a shell is a usage error, and not the working folder."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as raised:
        main(arguments)
    assert raised.value.code == 2
    assert "expected a path, found an empty text" in capsys.readouterr().err
    assert [*tmp_path.iterdir()] == []


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


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("a\0b", r"a\\x00b"),
        ("x" * 300, "x{300}"),
        ("~no_such_user/x", "~no_such_user/x"),
        ("~no\0user/x", r"~no\\x00user/x"),
    ],
    ids=["null", "long", "nobody", "null in ~"],
)
def test_a_path_that_no_file_can_have_is_one_sentence(
    path: str, shown: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is an error of this package, whatever it would be read for."""
    calls: tuple[Callable[[], object], ...] = (
        lambda: glove_registry.open_file(path),
        lambda: glove_registry.load(SAMPLE, registry=path),
        lambda: glove_registry.Registry.from_file(path),
        lambda: glove_registry.fetch(SAMPLE, from_file=path),
        lambda: counts.count_words(path),
        lambda: add(path, "mine", to="mine.yaml"),
    )
    for call in calls:
        with pytest.raises(GloveRegistryError, match=shown):
            call()
    if "\0" not in path:
        monkeypatch.setenv("GLOVE_REGISTRY_PATH", path)
        with pytest.raises(RegistryError, match=shown):
            glove_registry.list_variants()


def test_a_path_that_no_file_can_have_is_not_written_to() -> None:
    """The same holds for what is written, whether as a file or as a folder."""
    vectors = glove_registry.load(SAMPLE)
    calls: tuple[Callable[[str], object], ...] = (
        vectors.explore(words=100, projection="pca").save,
        lambda path: vectors.export(path, "npz"),
        lambda path: write_catalogue(glove_registry.Registry.default(), path),
        lambda path: push(vectors, path, name="mine"),
        lambda path: add("v.txt", "mine", to=path),
    )
    for path, shown in (
        ("a\0b", r"a\\x00b"),
        ("a\ud800b", r"a\\ud800b"),
        ("x" * 300, "x{300}"),
    ):
        for call in calls:
            with pytest.raises(OutputError, match=shown):
                call(path)


@pytest.mark.parametrize("command", ["tokenize", "embed"])
def test_standard_input_that_cannot_be_read_is_one_sentence(
    command: str, tmp_path: Path
) -> None:
    """A descriptor that is open for writing alone is not taken for the output."""
    more = ["--output", f"{tmp_path}/new.npy"] * (command == "embed")
    with (tmp_path / "file").open("wb") as file:
        done = subprocess.run(
            [*COMMAND, command, SAMPLE, *more],
            stdin=file,
            capture_output=True,
            text=True,
            check=False,
        )
    reason = os.strerror(errno.EBADF)
    sentence = f"glove-registry: standard input cannot be read: {reason}\n"
    assert (done.returncode, done.stderr) == (1, sentence)


def test_a_text_without_end_ends_early(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A line that does not end is refused before all of it is in memory."""
    monkeypatch.setattr(inputs, "MAX_LINE", 10)
    path = tmp_path / "lines"
    output = tmp_path / "new.npy"
    path.write_bytes(b"a\n" + b"b" * 9 + b"\n" + b"c" * 10)
    with path.open("rb") as file:
        assert b"".join(inputs.read_lines(file, "it")) == path.read_bytes()
    path.write_bytes(b"a\n" + b"b" * 100)
    with path.open("rb") as file:
        with pytest.raises(GloveRegistryError):
            list(inputs.read_lines(file, "it"))
        assert file.tell() == 2 + 11
    for name, arguments in (
        (str(path), ["embed", SAMPLE, str(path), "--output", str(output)]),
        ("standard input", ["embed", SAMPLE, "--output", str(output)]),
        ("standard input", ["tokenize", SAMPLE]),
    ):
        with path.open() as file:
            monkeypatch.setattr(sys, "stdin", file)
            assert main(arguments) == 1
        shown = capsys.readouterr()
        sentence = f"glove-registry: {name}, line 2: more than 10 bytes without the end"
        assert shown.err.startswith(sentence)
        assert (shown.out, output.exists()) == ("", False)


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


def test_an_error_that_names_a_file_is_not_one_of_output(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An error of the file system that nothing else explains names its file."""

    def fail(arguments: object) -> int:
        raise PermissionError(errno.EACCES, "refused", "a/b")

    monkeypatch.setattr(sys.modules[main.__module__], "_run", fail)
    assert main(["list"]) == 1
    assert capsys.readouterr().err == "glove-registry: cannot use a/b (refused)\n"


@pytest.mark.parametrize("target", ["2>&-", "2>/dev/full"])
def test_what_nobody_can_be_told_changes_nothing(target: str) -> None:
    """Without standard error, its sentences are not in the output, nor an error."""
    found, failed = (
        subprocess.run(
            f"'{sys.executable}' -m glove_registry {arguments} {target}",
            shell=True,
            capture_output=True,
            check=False,
        )
        for arguments in ("search glove 6B 50d qqzz --json", "info nope")
    )
    assert found.returncode == 0
    assert [one["dimension"] for one in json.loads(found.stdout)] == [50, 50]
    assert (failed.returncode, failed.stdout, failed.stderr) == (2, b"", b"")
