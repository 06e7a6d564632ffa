"""No text from outside reaches a terminal unescaped."""

import json
import logging
import os
import socket
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from entries import SMALL, sha256, write_registry
from hypothesis import given
from hypothesis import strategies as st

import glove_registry
from glove_registry.cli import main
from glove_registry.errors import MAX_MESSAGE, GloveRegistryError, RegistryError
from glove_registry.messages.layout import count_columns, cut
from glove_registry.messages.log import log
from glove_registry.messages.printable import make_line, make_printable, shorten

# Escape, bell, backspace, carriage return, DEL, two C1 controls, bidirectional
# controls of each kind, line and paragraph separator, zero-width space.
NASTY = (
    "a\x1b[31m\x07\x08\r\x7f\x85\x9b\u202e\u2066\u200e\u200f\u061c\u2028\u2029\u200b"
)
COMMAND = [sys.executable, "-m", "glove_registry"]
# Other characters that file names can contain.
NASTY_NAME = NASTY + "\udcff\udc9b"


def check_output(text: str) -> None:
    """Check that all of it prints, and that nothing was dropped."""
    assert all(c.isprintable() or c in "\n\t" for c in text), ascii(text)


def run_main(
    capsys: pytest.CaptureFixture[str], *arguments: str
) -> tuple[int | str | None, str]:
    """Run a command; return its status and output, checked to print."""
    try:
        status: int | str | None = main(list(arguments))
    except SystemExit as stop:
        status = stop.code
    output = "".join(capsys.readouterr())
    check_output(output)
    return status, output


@given(st.text())
def test_what_is_made_printable_prints(text: str) -> None:
    """Any text becomes one that prints, and is then unchanged."""
    printable = make_printable(text)
    assert all(c.isprintable() or c in "\n\t" for c in printable)
    assert make_printable(printable) == printable
    assert make_line(text).isprintable()


# Fillers are letters that are not drawn.
DRAWN = st.characters(
    categories=["L", "N", "P", "S"], exclude_characters="\u115f\u1160\u3164\uffa0"
)


@given(st.lists(st.text(DRAWN) | st.sampled_from([" ", "e\u0301\u0323"])).map("".join))
def test_what_is_drawn_is_unchanged(text: str) -> None:
    """Letters of all scripts, some with marks, digits, signs and blanks are kept."""
    assert make_printable(text) == make_line(text) == text


def test_what_is_not_drawn_is_escaped() -> None:
    """Letters that look like nothing, hidden selectors, and marks that pile up."""
    for hidden in "\u3164\u115f\u1160\uffa0\u034f\ufe00\U000e0100\U000e01ef":
        assert make_line(f"a{hidden}b") == f"a{ascii(hidden)[1:-1]}b"
    assert make_line("e" + "\u0301" * 6) == "e" + "\u0301" * 4 + r"\u0301\u0301"
    assert make_line("\u0e34" * 5) == "\u0e34" * 4 + r"\u0e34"
    # A heart as a picture, a letter of Hebrew with its points, a word of Hindi.
    for word in (
        "\u2764\ufe0f",
        "\u05e9\u05c1\u05bc\u05b8",
        "\u0939\u093f\u0928\u094d",
    ):
        assert make_line(word) == make_printable(word) == word


def test_a_cell_of_any_length_is_cut_at_once() -> None:
    """A long cell is as wide as its column, and nobody waits for that."""
    assert cut("x" * 10**6, 20) == "x" * 19 + "\u2026"
    assert cut("\u6620" * 10**6, 20) == "\u6620" * 9 + "\u2026"
    assert count_columns(cut("e\u0301" * 10**6, 20)) == 20
    assert cut("film", 4) == "film"


@given(st.text(), st.integers(10, 50))
def test_shortened_text_keeps_its_ends(text: str, limit: int) -> None:
    """Only a text that is longer than the limit is shortened, in its middle."""
    short = shorten(text, limit)
    assert len(short) == min(len(text), limit)
    assert short == text or (text[:2], text[-2:]) == (short[:2], short[-2:])


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """A registry with an existing file, whose texts are all hostile."""
    (tmp_path / "v.txt").write_bytes(SMALL)
    texts = ("description", "license", "citation", "corpus", "tokens")
    return write_registry(
        tmp_path,
        "mine",
        url="file:v.txt",
        sha256=sha256(SMALL),
        **dict.fromkeys(texts, NASTY),
        resembles=[NASTY],
    )


@pytest.mark.parametrize(
    "command",
    ["list", "info", "cite", "check", "fetch", "catalogue", "coverage"],
)
def test_fields_of_a_registry_are_escaped(
    command: str, hostile: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """All commands escape the fields of a registry, and drop none."""
    words = tmp_path / "words"
    words.write_text(f"film {NASTY}x", encoding="utf-8")
    arguments = {
        "list": ["mine"],
        "catalogue": ["--output", str(tmp_path / "site")],
        "coverage": ["mine", str(words)],
    }.get(command, ["mine"])
    status, output = run_main(capsys, command, *arguments, "--registry", str(hostile))
    assert status == 0
    if command in ("list", "info"):
        assert make_line(NASTY) in output


def test_a_citation_is_fit_for_a_bibliography(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Cite prints neither escapes, which would be TeX commands, nor open braces."""
    place = {"url": "https://a.org/b", "sha256": "1" * 64}
    registry = write_registry(
        tmp_path, "mine", **place, citation=f"@misc{{a,\n\ttitle = {{{NASTY}b}}}}\n"
    )
    status, output = run_main(capsys, "cite", "mine", "--registry", str(registry))
    assert status == 0
    assert "\\" not in output
    assert "[31m" in output
    registry = write_registry(tmp_path, "mine", **place, citation="@misc{a, title={b}")
    status, output = run_main(capsys, "cite", "mine", "--registry", str(registry))
    assert (status, "braces do not match" in output) == (1, True)


def test_the_catalogue_is_printable(hostile: Path, tmp_path: Path) -> None:
    """The page has no control character, and none that reverses the order of others."""
    arguments = ["--output", str(tmp_path), "--registry", str(hostile)]
    assert main(["catalogue", *arguments]) == 0
    page = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert not (set(NASTY) - set("a[31m\u200b")) & set(page)


@pytest.mark.parametrize("command", ["info", "fetch", "coverage", "list", "check"])
def test_json_is_valid_in_any_encoding(
    command: str, hostile: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With --json the same fields are ASCII, and unchanged when they are read back."""
    words = tmp_path / "words"
    words.write_text(f"film {NASTY}x", encoding="utf-8")
    more = [str(words)] if command == "coverage" else []
    assert main([command, "mine", *more, "--registry", str(hostile), "--json"]) == 0
    output = capsys.readouterr().out
    assert output.isascii()
    found = json.loads(output)
    if command == "info":
        assert found["description"] == NASTY


@pytest.mark.parametrize(
    "arguments",
    [
        ["info", NASTY_NAME],
        [NASTY_NAME],
        ["info", "glove.6B.50d", NASTY_NAME],
        ["list", NASTY_NAME],
        ["list", "--registry", NASTY_NAME],
        ["coverage", "glove.6B.50d", NASTY_NAME],
        ["fetch", "glove.6B.50d", "--from", NASTY_NAME],
        ["export", "glove.6B.50d", NASTY_NAME + "/x", "--to", "npz"],
        ["add", NASTY_NAME, "--name", "mine"],
        ["add", "v.txt", "--name", NASTY_NAME],
        ["add", f"https://{NASTY}.example.org", "--name", "mine"],
        ["cache", "remove", NASTY_NAME],
        ["cache", "prune", "--unused-days", NASTY_NAME],
    ],
    ids=lambda arguments: arguments[0] if arguments[0].isascii() else "no command",
)
def test_what_somebody_types_is_escaped(
    arguments: list[str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An error escapes the words, paths and URLs of a command."""
    monkeypatch.chdir(tmp_path)
    status, output = run_main(capsys, *arguments)
    assert status in (1, 2)
    assert r"\x1b[31m" in output


def test_paths_are_escaped(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Paths of folders with such names are printed escaped, one per line."""
    folder = tmp_path / f"c\n{NASTY_NAME}"
    monkeypatch.setenv("GLOVE_REGISTRY_CACHE", os.fspath(folder))
    shown = make_line(os.fspath(folder))
    for arguments in (["cache", "dir"], ["fetch", "glove.6B.50d-first10k"]):
        status, output = run_main(capsys, *arguments)
        assert status == 0
        assert output.startswith(shown) and output.count("\n") == 1
    (folder / "sources" / NASTY_NAME).touch()
    assert run_main(capsys, "cache", "list")[0] == 0
    # The library can still load from such a folder.
    assert len(glove_registry.load("glove.6B.50d-first10k")) == 10_000


def test_names_of_members_are_escaped(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Names in an archive are escaped in the entry that `add` writes, and in errors."""
    monkeypatch.chdir(tmp_path)
    with zipfile.ZipFile("v.zip", "w") as archive:
        archive.writestr(f"{NASTY}\n.txt", SMALL)
        archive.writestr("other.txt", b"no vectors, only text")
    status, output = run_main(capsys, "add", "v.zip", "--name", "mine")
    assert (status, r"\x1b[31m" in output) == (1, True)
    status, output = run_main(capsys, "add", "v.zip", "--name", "my.{dimension}d")
    assert status == 0
    written = Path("registry.yaml").read_text(encoding="utf-8")
    check_output(written)
    variant = glove_registry.info("my.3d", registry="registry.yaml")
    assert variant.member.name == f"{NASTY}\n.txt"
    status, output = run_main(capsys, "info", "my.3d", "--registry", "registry.yaml")
    assert (status, make_line(NASTY) in output) == (0, True)


@pytest.fixture
def ftp_port() -> Iterator[int]:
    """A server that refuses every file with a reply to the terminal."""
    reply = f"550 {NASTY}\r\n".replace("\r", "", 1).encode()

    def serve() -> None:
        connection, _ = listener.accept()
        with closing(connection), connection.makefile("rb") as lines:
            connection.sendall(b"220 ready\r\n")
            for line in lines:
                known = line.split()[0] in (b"USER", b"PASS", b"TYPE")
                connection.sendall(b"230 fine\r\n" if known else reply)

    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1]


def test_replies_of_a_server_are_escaped(ftp_port: int, tmp_path: Path) -> None:
    """Answers of an FTP server are escaped, on the command line and in str()."""
    registry = write_registry(
        tmp_path, "mine", url=f"ftp://127.0.0.1:{ftp_port}/v.txt", sha256="1" * 64
    )
    # In a separate process, as the FTP client leaves its socket open.
    done = subprocess.run(
        [*COMMAND, "fetch", "mine", "--registry", str(registry)],
        capture_output=True,
        check=False,
    )
    output = (done.stdout + done.stderr).decode()
    check_output(output)
    assert (done.returncode, r"\x1b[31m" in output) == (1, True)


def test_errors_and_logs_of_the_library_print(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """str() of an error and lines of the log are printable for every caller."""
    error = RegistryError(f"a {NASTY} b\nc")
    check_output(str(error))
    assert str(error).endswith(" b\nc")
    long = str(GloveRegistryError("x" * 10**6 + NASTY + " do this"))
    assert len(long) < 2 * MAX_MESSAGE and long.endswith(" do this")
    with caplog.at_level(logging.WARNING):
        log.warning("%s; trying the next source", NASTY)
    check_output(caplog.messages[0])


@pytest.mark.slow
@pytest.mark.parametrize(
    "environment",
    [
        {"PYTHONIOENCODING": "ascii"},
        {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
        {"PYTHONIOENCODING": "latin-1"},
    ],
    ids=["ascii", "C", "latin-1"],
)
def test_a_terminal_of_few_characters_is_enough(
    environment: dict[str, str], tmp_path: Path
) -> None:
    """Characters that the output's encoding lacks are escaped instead of failing."""
    (tmp_path / "v.txt").write_bytes(SMALL)
    registry = write_registry(
        tmp_path,
        "mine",
        url="file:v.txt",
        sha256=sha256(SMALL),
        description="\u6620\u753b \u0142",
        citation="@misc{a, title = {\u6620}}",
    )
    words = tmp_path / "w\u0142.txt"
    words.write_text("film \u6620\u753b", encoding="utf-8")
    for arguments in (
        ["info", "mine"],
        ["cite", "mine"],
        ["info", "mine", "--json"],
        ["coverage", "mine", str(words)],
        ["export", "mine", str(tmp_path / "\u0142.npz"), "--to", "npz"],
        ["info", "\u6620"],
    ):
        done = subprocess.run(
            [*COMMAND, *arguments, "--registry", str(registry)],
            env={**os.environ, **environment},
            capture_output=True,
            check=False,
        )
        assert done.returncode == 2 * (arguments[1] == "\u6620"), done.stderr
        assert b"Traceback" not in done.stderr
