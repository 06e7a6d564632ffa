"""The tab key completes commands, options, choices and names, in the real shells."""

import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from entries import write_registry
from needed_engines import require_program

from glove_registry import Registry
from glove_registry.cli import main
from glove_registry.registry.files import builtin_path
from glove_registry.registry.names import scan_names

SHELLS = {
    "bash": (["bash", "--norc", "--noprofile", "-i"], "source"),
    "zsh": (["zsh", "-f", "-i"], "autoload -Uz compinit; compinit -u; source"),
    "fish": (["fish", "--no-config", "-i"], "source"),
}


@pytest.fixture
def commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in PATH with the command, and a registry of one's own in effect."""
    folder = tmp_path / "bin"
    folder.mkdir()
    script = folder / "glove-registry"
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m glove_registry "$@"\n')
    script.chmod(0o755)
    own = write_registry(tmp_path, "lab.news", url="ftp://h/a", sha256="1" * 64)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("GLOVE_REGISTRY_PATH", str(own))
    monkeypatch.setenv("HOME", str(tmp_path))
    return folder


def complete(line: str) -> list[str]:
    """Ask the command for what completes a line, as the scripts of shells do."""
    read, write = os.pipe()
    done = subprocess.run(
        ["bash", "-c", f"exec glove-registry 8>&{write} 9>/dev/null"],
        env=os.environ
        | {"COMP_LINE": line, "COMP_POINT": str(len(line)), "_ARGCOMPLETE": "1"}
        | {"_ARGCOMPLETE_SHELL": "bash", "_ARGCOMPLETE_SUPPRESS_SPACE": "1"},
        pass_fds=[write],
        capture_output=True,
        check=True,
    )
    os.close(write)
    with os.fdopen(read) as file:
        found = file.read()
    assert not done.stdout
    return [name for name in found.split("\v") if name]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("glove-registry sea", {"search"}),
        ("glove-registry cache ", {"dir", "list", "remove", "prune"}),
        ("glove-registry info glove.twitter.27B.2", {"glove.twitter.27B.25d"}),
        ("glove-registry info lab", {"lab.news"}),
        ("glove-registry similar lab", {"lab.news"}),
        ("glove-registry evaluate lab.news glove.840", {"glove.840B.300d"}),
        ("glove-registry evaluate lab.news --benchmark sim", {"simlex-999"}),
        ("glove-registry cache remove lab", {"lab.news"}),
        ("glove-registry list --dim", {"--dimension"}),
        ("glove-registry embed x --pooling s", {"sum", "sqrtn"}),
        ("glove-registry export lab.news x --to word", {"word2vec", "word2vec-binary"}),
        ("glove-registry completion ", {"bash", "zsh", "fish"}),
        # Neither files nor options, where words are asked for.
        ("glove-registry similar lab.news ", set()),
        ("glove-registry coverage lab.news notes", {"notes.txt"}),
    ],
)
def test_what_completes_a_line(
    line: str,
    expected: set[str],
    commands: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Commands, options, choices, names of each layer, and files where one is due."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes.txt").touch()
    found = {name.strip() for name in complete(line)}
    assert expected <= found
    if "twitter" not in line:
        assert found == expected


def test_the_registry_on_the_line_is_asked(commands: Path, tmp_path: Path) -> None:
    """Names of `--registry FILE` are offered, too, if it stands before the name."""
    (tmp_path / "other").mkdir()
    other = write_registry(tmp_path / "other", "my.own", url="ftp://h/a")
    line = f"glove-registry info --registry {other} my"
    assert [name.strip() for name in complete(line)] == ["my.own"]


@contextmanager
def open_shell(name: str, folder: Path) -> Iterator[int]:
    """Run a shell on a terminal that has read the script; yield the terminal."""
    command, source = SHELLS[name]
    script = folder / f"completion.{name}"
    made = subprocess.run(
        ["glove-registry", "completion", name], capture_output=True, check=True
    )
    script.write_bytes(made.stdout)
    child, terminal = pty.fork()
    if child == 0:
        os.environ["TERM"] = "xterm"
        os.execvp(command[0], command)
    try:
        # What is typed before the prompt can be lost while the terminal is set up.
        assert select.select([terminal], [], [], 60)[0]
        # Written apart, so that the echo of the line is not taken for its output.
        os.write(terminal, f"{source} {script}; echo rea''dy\n".encode())
        assert read_until(terminal, "ready")
        yield terminal
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(terminal)


def read_until(terminal: int, text: str, seconds: float = 60) -> bool:
    """Read what a terminal shows until it is a text; return whether it was."""
    shown = ""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if select.select([terminal], [], [], 1)[0]:
            try:
                shown += os.read(terminal, 65536).decode("utf-8", "replace")
            except OSError as error:  # that of a terminal which nobody has open
                raise AssertionError(f"the shell ended after {shown!r}") from error
            plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[()].|[\r\x08]", "", shown)
            if text in plain:
                return True
    return False


@pytest.mark.parametrize(
    "name",
    [
        "bash",
        # Few machines have them: .ci/run installs them for the slow tests.
        pytest.param("zsh", marks=pytest.mark.slow),
        pytest.param("fish", marks=pytest.mark.slow),
    ],
)
def test_the_tab_key_in_a_shell(name: str, commands: Path, tmp_path: Path) -> None:
    """In each shell, the script completes a name on a terminal."""
    require_program(name)
    with open_shell(name, tmp_path) as terminal:
        for typed, added in (
            (b"glove-registry inf\t", "info"),
            (b"lab.n\t", "lab.news"),
            (b"--js\t", "--json"),
        ):
            os.write(terminal, typed)
            assert read_until(terminal, added)


def test_the_scripts_name_their_shell(capsys: pytest.CaptureFixture[str]) -> None:
    """Each script registers the command, and an unknown shell is a usage error."""
    for shell, word in (
        ("bash", "complete "),
        ("zsh", "#compdef"),
        ("fish", "--command"),
    ):
        assert main(["completion", shell]) == 0
        script = capsys.readouterr().out
        assert word in script
        assert "glove-registry" in script
    with pytest.raises(SystemExit, match="2"):
        main(["completion", "tcsh"])


WITHOUT_YAML = """
import sys
before = set(sys.modules)
from glove_registry.cli.arguments import list_names
from argparse import Namespace
assert "lab.news" in list_names(Namespace())
imported = set(sys.modules) - before
assert not {"yaml", "numpy", "dataclasses", "logging"} & imported
"""


def test_completion_parses_nothing(commands: Path) -> None:
    """Names are found without YAML, as the answer must come at once."""
    subprocess.run([sys.executable, "-c", WITHOUT_YAML], check=True)


@pytest.mark.parametrize(
    "text",
    [
        builtin_path().read_text(encoding="utf-8"),
        "variants:\n  a: {url: u}\n  b.c:\n    url: v\n",
        """\
groups:
  g:
    corpus: x
variants:  # mine

# here
    'a':
      u: v
    "b":
      description: |
        c:
          d: e
benchmarks:
  f:
""",
    ],
    ids=["built-in", "short", "long"],
)
def test_names_are_those_that_a_parser_finds(text: str) -> None:
    """The names of a file in block style are those of its table of variants."""
    import yaml

    assert scan_names(text) == list(yaml.safe_load(text)["variants"])


def test_names_in_another_style_are_read(tmp_path: Path) -> None:
    """A registry in JSON is parsed, so that its names are completed as well."""
    path = tmp_path / "r.yaml"
    path.write_text(
        '{"variants": {"a": {"url": "ftp://h/a"}, "b": {"url": "ftp://h/b"}}}'
    )
    assert scan_names(path.read_text()) == []
    assert Registry([path]).scan_names() == ["a", "b"]
