"""What a person sees on a terminal of 80 columns, and of 42."""

import re
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from entries import sha256, write_registry
from raw_server import RawServer
from terminal import Terminal, run_command, run_on_terminal

import glove_registry
from glove_registry.cache import Cache
from glove_registry.cli import main
from glove_registry.messages.layout import format_bytes
from glove_registry.store.listing import list_items

SAMPLE = "glove.6B.50d-first10k"
TEXT = b"".join(b"word%d 1 2 3\n" % i for i in range(200_000))
WIDTHS = pytest.mark.parametrize("columns", [80, 42])


@WIDTHS
@pytest.mark.parametrize(
    "command",
    [["list", "--benchmarks"], ["cache", "list"], ["verify"]],
)
def test_a_table_fits_the_terminal(
    command: list[str], columns: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """A row is one line, which an ellipsis ends where something is left out."""
    glove_registry.load(SAMPLE)
    assert main(command) == 0
    whole = capsys.readouterr().out.splitlines()
    # What standard error says comes after it.
    lines = run_command(*command, columns=columns).lines[: len(whole)]
    assert any(len(line) > columns for line in whole) or columns > 42
    for line, complete in zip(lines, whole, strict=True):
        start = line.rstrip(" …")
        assert complete.startswith(start)
        assert start == complete or line.endswith("…")
        # Numbers are whole, or left out.
        assert not (
            start[-1:].isdecimal() and complete[len(start) :][:1] in tuple("1,")
        )


def test_eighty_columns_have_room_for_the_corpus() -> None:
    """The list leaves out other columns, but not what a variant costs."""
    heading, *lines = run_command("list", columns=80).lines
    assert heading.split() == ["NAME", "DIM", "WORDS", "DOWNLOAD", "DISK", "CORPUS"]
    start = heading.index("CORPUS")
    shown = {line.split()[0]: line[start:].rstrip("\u2026") for line in lines[:-1]}
    assert all(map(str.strip, shown.values()))
    for variant in glove_registry.list_variants("glove.*"):
        assert (variant.corpus or "").startswith(shown[variant.name])
    # Where nothing helps, the first columns are those that say most.
    (heading, *_) = run_command("list", columns=42).lines
    assert heading.split() == ["NAME", "LANG", "\u2026"]


def test_a_word_without_end_does_not_widen_its_neighbours() -> None:
    """A token of 60 kB is cut in a table, and whole in the list itself."""
    long = "\u6620" * 20_000
    vectors = glove_registry.from_arrays(
        ["film", "movie", long], [[1, 0], [1, 1], [1, 2]], name="mine"
    )
    near = vectors.most_similar("film")
    assert near.words == ["movie", long]
    assert str(near).splitlines()[0] == f"movie{' ' * 56}0.7071"
    assert len(near._repr_html_()) < 1000


def test_a_terminal_without_an_ellipsis_has_dots() -> None:
    """Where the encoding has no ellipsis, three dots stand for it."""
    command = [sys.executable, "-m", "glove_registry", "list"]
    shown = run_on_terminal(command, 42, encoding="ascii")
    assert shown.lines[0].endswith(" ...")
    assert "u2026" not in "".join(shown.lines)


class SlowServer(RawServer):
    """Sends half of a text, and the rest when it is told to; has nothing else."""

    def __init__(self) -> None:
        self.go_on = threading.Event()
        super().__init__(self._send)

    def _send(self, request: bytes) -> Iterator[bytes]:
        if b"GET /missing" in request:
            yield b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n"
            return
        yield b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(TEXT)
        half = len(TEXT) // 2
        yield TEXT[:half]
        self.go_on.wait(20)
        yield TEXT[half:]


@pytest.fixture
def slow() -> Iterator[SlowServer]:
    """The server; it is never left waiting."""
    with SlowServer() as server:
        yield server
        server.go_on.set()


@pytest.fixture
def registry(slow: SlowServer, tmp_path: Path) -> Path:
    """A registry whose entry has a source that is missing, and the slow one."""
    urls = [slow.url.replace("/f", "/missing"), slow.url]
    sources = [{"url": url, "sha256": sha256(TEXT)} for url in urls]
    return write_registry(tmp_path, "mine.of.a.long-name.3d", sources=sources)


PROGRAM = """
import sys
from glove_registry.messages import progress
progress._WINDOW = 0.5
import glove_registry
try:
    glove_registry.load("mine.of.a.long-name.3d", registry=sys.argv[1])
except KeyboardInterrupt as error:
    print("caught", type(error) is KeyboardInterrupt)
    if "again" in sys.argv:
        raise
    if "other" in sys.argv:
        raise RuntimeError("another error")
"""


def run_program(
    registry: Path, columns: int, press: Callable[[list[str]], str | None], *more: str
) -> Terminal:
    """Load the variant in a process on a terminal."""
    command = [sys.executable, "-c", PROGRAM, str(registry), *more]
    return run_on_terminal(command, columns, press=press)


@WIDTHS
def test_a_bar_stays_true_while_nothing_arrives(
    columns: int, registry: Path, slow: SlowServer
) -> None:
    """A transfer that stands still says so, in one line below the notes, to the end."""

    def go_on(lines: list[str]) -> None:
        if any("no data for" in line for line in lines) or columns == 42:
            slow.go_on.set()

    shown = run_program(registry, columns, go_on)
    assert shown.status == 0
    note = "".join(shown.lines[:-1])
    assert note.endswith("check the URL; trying the next source")
    last = shown.lines[-1]
    assert last.startswith("load mine")
    assert f"{len(TEXT) / 1e6:.1f} MB in " in last
    for lines in shown.screens[1:]:
        # Never two bars, and never beside something else.
        bars = [line for line in lines if re.match(r"load .*(\d [kM]?B|%)", line)]
        assert len(bars) <= 1
        assert bars in ([], lines[-1:])
        assert all("load mine" not in line[1:] for line in lines)
    if columns == 80:
        assert any("50%, 1.6 MB of 3.3 MB, no data for" in s[-1] for s in shown.screens)


def test_a_terminal_of_unknown_size_has_a_bar() -> None:
    """A terminal whose size is 0, as in a container, is taken for one of 80 columns."""
    shown = run_command("fetch", SAMPLE, columns=0)
    assert shown.status == 0
    assert shown.lines[0].startswith(f"fetch {SAMPLE}: 1.5 MB in ")


class Interrupt:
    """Presses Ctrl-C once, as soon as half of the text has arrived."""

    def __init__(self) -> None:
        self._keys = iter(["\x03"])

    def __call__(self, lines: list[str]) -> str | None:
        """Return what to press now."""
        return next(self._keys, None) if lines and "50%" in lines[-1] else None


def test_an_interrupted_script_ends_in_one_line(registry: Path) -> None:
    """If nobody catches the interrupt, there is one line and no traceback."""
    shown = run_program(registry, 80, Interrupt(), "again")
    assert shown.status == -signal.SIGINT
    assert not any("50%" in line or "Traceback" in line for line in shown.lines)
    assert [line.rstrip("^C ") for line in shown.lines[-2:]] == [
        "caught True",
        "glove_registry: load mine.of.a.long-name.3d: interrupted",
    ]


def test_a_caller_can_catch_an_interrupt(registry: Path) -> None:
    """Callers see a KeyboardInterrupt, and later errors are shown as always."""
    shown = run_program(registry, 80, Interrupt())
    assert (shown.status, shown.lines[-1].rstrip("^C ")) == (0, "caught True")
    shown = run_program(registry, 80, Interrupt(), "other")
    assert shown.status == 1
    assert shown.lines[-1] == "RuntimeError: another error"
    assert any("Traceback" in line for line in shown.lines)


def test_an_interrupted_command_ends_in_one_line(registry: Path) -> None:
    """The command line says that it was interrupted, below all notes."""
    shown = run_command(
        "fetch",
        "mine.of.a.long-name.3d",
        "--registry",
        str(registry),
        press=Interrupt(),
    )
    assert shown.status == 130
    assert shown.lines[-2].endswith("check the URL; trying the next source")
    assert shown.lines[-1].rstrip("^C ") == "glove-registry: interrupted"


def test_an_excepthook_of_the_program_stays(
    monkeypatch: pytest.MonkeyPatch, registry: Path
) -> None:
    """A hook that the program has set is not replaced by an interrupt."""

    def hook(*arguments: object) -> None:
        """Do nothing."""

    monkeypatch.setattr(sys, "excepthook", hook)
    monkeypatch.setattr("glove_registry.store.build.make_store", _raise_interrupt)
    with pytest.raises(KeyboardInterrupt):
        glove_registry.load("mine.of.a.long-name.3d", registry=registry)
    assert sys.excepthook is hook


def _raise_interrupt(*arguments: object, **options: object) -> None:
    raise KeyboardInterrupt


def test_prune_says_what_it_did(
    cache_root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each removed item has a line; what it freed and what is left are summed up."""
    glove_registry.load(SAMPLE)
    glove_registry.fetch(SAMPLE)
    (store,) = (cache_root / "stores").iterdir()
    items = list_items(Cache(cache_root))
    sizes = {item.kind: format_bytes(item.bytes) for item in items}
    assert main(["cache", "prune"]) == 0
    shown = capsys.readouterr()
    assert shown.out == ""
    both = format_bytes(sum(item.bytes for item in items))
    assert shown.err == f"glove-registry: nothing to remove; {both} are left\n"
    store.rename(store.with_name(store.name.replace("-v2", "-v1")))
    assert main(["cache", "prune"]) == 0
    shown = capsys.readouterr()
    assert shown.out.startswith(f"removed store {SAMPLE}-")
    removed, left = sizes["store"], sizes["original"]
    assert shown.err == f"glove-registry: removed {removed}; {left} are left\n"


def test_a_file_given_for_a_cached_one_is_verified_and_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`fetch --from` says that a file is right, and of another that the cache is."""
    right, wrong = tmp_path / "right.txt", tmp_path / "wrong.txt"
    right.write_bytes(b"a 1\nb 2\n")
    wrong.write_bytes(b"a 1\nb 3\n")
    entry = {"url": right.as_uri(), "sha256": sha256(right.read_bytes())}
    registry = write_registry(tmp_path, "mine", **entry)
    option = ["--registry", str(registry)]
    assert main(["fetch", "mine", *option]) == 0
    path = capsys.readouterr().out.rstrip()
    assert main(["fetch", "mine", "--from", str(right), *option]) == 0
    shown = capsys.readouterr()
    assert shown.out.rstrip() == path
    assert shown.err == (
        f"glove-registry: {right} was verified: it has the text of mine\n"
    )
    assert main(["fetch", "mine", "--from", str(wrong), "--json", *option]) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert f"{wrong}: the file has sha256" in shown.err
    assert shown.err.endswith(f"The cache has the right file: {path}\n")
    assert "cache remove" not in shown.err
    assert Path(path).read_bytes() == right.read_bytes()
