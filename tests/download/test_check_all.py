"""`check` over a whole registry: polite, quick, and never stopped by one host."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from fault_server import FaultServer, Tally
from raw_server import RawServer
from zips import make_zip

from glove_registry import Registry
from glove_registry.cli import main
from glove_registry.download import survey
from glove_registry.download.check import SourceCheck, check_sources, have_failed
from glove_registry.download.http import Client, Refused
from glove_registry.download.survey import Question, ask_all
from glove_registry.registry import Source

SIZE = 1000


@pytest.fixture
def servers() -> Iterator[list[FaultServer]]:
    """Seven hosts with files of 1,000 bytes, and one count of all connections."""
    everywhere = Tally()
    with ExitStack() as stack:
        running = [stack.enter_context(FaultServer()) for _ in range(7)]
        for server in running:
            server.tallies.append(everywhere)
            for number in range(30):
                server.add(f"/{number}.gz", b"x" * SIZE)
        yield running


@pytest.fixture
def silent() -> Iterator[str]:
    """A host that accepts connections and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


def write_entries(folder: Path, entries: dict[str, Any]) -> Path:
    """Write a registry file of entries that are a URL and other fields."""
    path = folder / "registry.yaml"
    variants = {
        name: {"sha256": "a" * 64, **fields} for name, fields in entries.items()
    }
    path.write_text(json.dumps({"variants": variants}))
    return path


def run_check(
    registry: Path, capsys: pytest.CaptureFixture[str], *options: str
) -> tuple[int, dict[str, tuple[str, str]]]:
    """Check the entries ``my.*``; return the status, and state and detail of each."""
    status = main(["check", "my.*", "--registry", str(registry), "--json", *options])
    checks = json.loads(capsys.readouterr().out)
    return status, {one["name"]: (one["state"], one["detail"]) for one in checks}


def test_two_hundred_entries_on_many_hosts(
    servers: list[FaultServer],
    silent: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One fault of each kind is told from 206 right files, by few connections."""
    # A busy machine can pause for half a second.
    monkeypatch.setattr(survey, "_PATIENCE", 2)
    entries = {
        f"my.{host}.{number}": {"url": f"{server.base}/{number}.gz", "bytes": SIZE}
        for host, server in enumerate(servers)
        for number in range(30)
    }
    entries["my.silent"] = {"url": f"{silent}/a.gz", "bytes": SIZE}
    del servers[1].resources["/1.gz"]
    servers[2].resources["/2.gz"].data += b"x"
    servers[3].spoil("/3.gz", "status", status=503, times=100)
    servers[4].resources["/4.gz"].kind = "text/html"
    begun = time.monotonic()
    status, found = run_check(write_entries(tmp_path, entries), capsys)
    assert time.monotonic() - begun < 10
    assert status == 1
    assert list(found) == sorted(entries, key=list(entries).index)
    others = {name: check for name, check in found.items() if check[0] != "ok"}
    assert {name: state for name, (state, _) in others.items()} == {
        "my.1.1": "wrong",
        "my.2.2": "wrong",
        "my.3.3": "unreachable",
        "my.4.4": "wrong",
        "my.silent": "unreachable",
    }
    assert "404" in others["my.1.1"][1]
    assert others["my.2.2"][1] == "the file has 1,001 bytes, expected 1,000"
    assert "503" in others["my.3.3"][1]
    assert "HTML page" in others["my.4.4"][1]
    assert "no answer arrived within 2 s" in others["my.silent"][1]
    assert all(server.tallies[0].most <= survey.PER_HOST for server in servers)
    assert servers[0].tallies[1].most <= survey.IN_ALL
    # Connections are kept for the next request.
    assert all(server.connections <= 3 * survey.PER_HOST for server in servers)


def test_the_number_of_sources_is_told_before_the_first_answer(tmp_path: Path) -> None:
    """So that a bar says of how many none is done while no host answers."""
    told = []
    with FaultServer() as server:
        server.add("/0.gz", b"x" * SIZE)
        entries = {f"my.{n}": {"url": f"{server.base}/{n}.gz"} for n in range(2)}
        registry = Registry.from_file(write_entries(tmp_path, entries))
        check_sources(registry.list_variants(), lambda *counts: told.append(counts))
    assert told == [(0, 2), (1, 2), (2, 2)]


def test_a_client_that_is_closed_keeps_no_connection_open() -> None:
    """Not even while an error that it raised is kept, as those of `check` are."""
    with FaultServer() as server:
        server.add("/a.gz", b"x" * SIZE)
        with Client(Client.policy) as client:
            with pytest.raises(Refused) as kept:
                client.probe(f"{server.base}/missing.gz")
            client.probe(f"{server.base}/a.gz")
        assert kept.value
        assert server.tallies[0].count_open() == 0


def test_a_host_is_asked_several_things_at_the_same_time(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two files are answered that a server holds back until it was asked for both."""
    both = threading.Barrier(2, timeout=5)

    def answer(request: bytes) -> Iterator[bytes]:
        both.wait()
        yield b"HTTP/1.1 206 OK\r\nContent-Range: bytes 0-0/9\r\n\r\nx"

    with RawServer(answer) as server:
        entries: dict[str, Any] = {
            f"my.{n}": {"url": f"{server.url}{n}", "bytes": 9} for n in range(2)
        }
        status, found = run_check(write_entries(tmp_path, entries), capsys)
    assert (status, len(server.requests)) == (0, 2)
    assert {state for state, _ in found.values()} == {"ok"}


def test_what_nobody_waits_for_is_not_asked() -> None:
    """Whoever stops after one answer leaves only the requests that were under way."""
    stopped = threading.Event()

    def answer(request: bytes) -> Iterator[bytes]:
        if not request.startswith(b"GET /f0 "):
            stopped.wait(30)
        yield b"HTTP/1.1 206 OK\r\nContent-Range: bytes 0-0/9\r\n\r\nx"

    with RawServer(answer) as server:
        questions = [
            Question(Source(url=f"{server.url}{number}")) for number in range(40)
        ]
        answers = ask_all(questions)
        assert next(answers)[0] == questions[0]
        answers.close()
        stopped.set()
        for thread in threading.enumerate():
            if thread.name == "glove_registry check":
                thread.join(30)
        assert len(server.requests) <= 1 + survey.PER_HOST


def test_a_fault_of_ours_is_not_taken_for_an_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An exception of a thread that asks is raised to whoever waits for answers."""

    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(survey, "_ask", fail)
    with pytest.raises(ZeroDivisionError):
        list(ask_all([Question(Source(url="https://h/v.txt"))]))


def test_a_host_that_is_down_is_given_up(
    silent: str,
    server: FaultServer,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A hundred files of a silent host take two waits, and do not hold up another."""
    monkeypatch.setattr(survey, "_PATIENCE", 0.3)
    entries: dict[str, Any] = {f"my.{n}": {"url": f"{silent}/{n}"} for n in range(100)}
    entries["my.good"] = {"url": server.add("/good", b"x" * SIZE), "bytes": SIZE}
    begun = time.monotonic()
    status, found = run_check(write_entries(tmp_path, entries), capsys)
    # To wait for each of them, four at a time, would take 7.5 seconds.
    assert time.monotonic() - begun < 5
    assert status == 0
    assert found.pop("my.good")[0] == "ok"
    assert {state for state, _ in found.values()} == {"unreachable"}
    given_up = [detail for _, detail in found.values() if "not asked" in detail]
    # Those that were being asked when the host was given up were asked, too.
    assert 100 - len(given_up) < survey.FAILURES + survey.PER_HOST
    assert "5 requests in a row" in given_up[0]


def test_an_answer_now_and_then_keeps_a_host(
    server: FaultServer,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Only failures in a row count: every third file of a bad host is still found."""
    monkeypatch.setattr(survey, "PER_HOST", 1)
    entries = {}
    for number in range(30):
        url = server.add(f"/{number}", b"x" * SIZE)
        if number % 3:
            server.spoil(f"/{number}", "status", status=503, times=100)
        entries[f"my.{number}"] = {"url": url, "bytes": SIZE}
    status, found = run_check(write_entries(tmp_path, entries), capsys)
    states = Counter(state for state, _ in found.values())
    assert (status, states) == (0, {"ok": 10, "unreachable": 20})


def test_a_file_of_several_entries_is_asked_for_once(
    server: FaultServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The directory of an archive with four members is read once, and judges each."""
    archive = make_zip({f"{n}.txt": b"x" * n for n in range(1, 5)})
    url = server.add("/a.zip", archive)
    entries = {
        f"my.{n}": {"url": url, "member": {"name": f"{n}.txt", "bytes": min(n, 3)}}
        for n in range(1, 6)
    }
    _, found = run_check(write_entries(tmp_path, entries), capsys)
    assert [state for state, _ in found.values()] == ["ok"] * 3 + ["wrong"] * 2
    assert found["my.4"][1] == "member 4.txt has 4 bytes, expected 3"
    assert "5.txt" in found["my.5"][1]
    assert server.requests == ["/a.zip"]


def test_time_is_bounded(
    server: FaultServer,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What was not asked when the time is over is said to be unchecked."""
    monkeypatch.setattr(survey, "LIMIT", -1.0)
    url = server.add("/a", b"x")
    status, found = run_check(write_entries(tmp_path, {"my.a": {"url": url}}), capsys)
    assert (status, found["my.a"][0]) == (0, "unchecked")
    assert server.seen == []


@pytest.mark.parametrize(
    ("break_network", "words"),
    [
        (lambda env: "http://no-such-host.invalid/a", "host"),
        (lambda env: env("http_proxy", "http://127.0.0.1:9") or "http://h/a", "proxy"),
        (lambda env: env("http_proxy", "socks5://h:1") or "http://h/a", "SOCKS"),
        *(
            (lambda env, to=to: env("http_proxy", to) or "http://h/a", "HTTPS_PROXY")
            for to in (
                *("http://127.0.0.1:999999", "127.0.0.1:1:1", "http://[::1"),
                *("foo://x", "http://", "http://a..b:1"),
            )
        ),
        (lambda env: "https://127.0.0.1:9/a", "refuses"),
    ],
)
def test_what_is_no_fault_of_the_file_is_unreachable(
    break_network: Callable[[Callable[[str, str], None]], str],
    words: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Names, proxies and connections that fail say nothing of an entry; all is lost."""
    url = break_network(monkeypatch.setenv)
    status, found = run_check(write_entries(tmp_path, {"my.a": {"url": url}}), capsys)
    assert (status, found["my.a"][0]) == (1, "unreachable")
    assert words in found["my.a"][1]


@pytest.mark.parametrize(
    ("code", "state"),
    [
        *((code, "wrong") for code in (401, 403, 404, 410, 451)),
        *((code, "unreachable") for code in (407, 408, 425, 429, 500, 502, 503, 504)),
    ],
)
def test_what_a_status_means(
    code: int,
    state: str,
    server: FaultServer,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A final answer about the file is wrong; that of a busy server is not."""
    url = server.add("/a", b"x")
    server.spoil("/a", "status", status=code, times=100)
    _, found = run_check(write_entries(tmp_path, {"my.a": {"url": url}}), capsys)
    assert found["my.a"][0] == state
    assert str(code) in found["my.a"][1]


@pytest.mark.parametrize("place", ["/other", "file:///etc/passwd", "ftp://h/a"])
def test_a_redirect_to_something_else_is_wrong(
    place: str, server: FaultServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where a redirect leads to other bytes or another scheme, the entry is wrong."""
    server.add("/other", b"short")
    url = server.add("/a", b"x" * SIZE)
    server.spoil("/a", "redirect", status=302, headers={"Location": place}, times=9)
    fields = {"url": url, "bytes": SIZE}
    status, found = run_check(write_entries(tmp_path, {"my.a": fields}), capsys)
    assert (status, found["my.a"][0]) == (1, "wrong")


def test_reports_for_a_job(
    server: FaultServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Markdown begins with what is wrong; JSON has the same; both replace old ones."""
    entries = {
        "my.good": {"url": server.add("/good", b"x" * SIZE), "bytes": SIZE},
        "my.size": {"url": server.add("/a_b_c", b"x"), "bytes": SIZE},
        "my.dead": {"url": "http://127.0.0.1:9/a"},
        "my.ftp": {"url": "ftp://127.0.0.1/a"},
    }
    registry = write_entries(tmp_path, entries)
    markdown, as_json = tmp_path / "report.md", tmp_path / "report.JSON"
    markdown.write_text("old")
    reports = ["--report", str(markdown), "--report", str(as_json)]
    status, found = run_check(registry, capsys, *reports)
    assert status == 1
    report = json.loads(as_json.read_text())
    assert report["counts"] == {"wrong": 1, "unreachable": 1, "unchecked": 1, "ok": 1}
    assert {
        one["name"]: (one["state"], one["detail"]) for one in report["sources"]
    } == found
    text = markdown.read_text()
    assert "4 sources: 1 wrong, 1 unreachable, 1 unchecked, 1 ok." in text
    assert re.findall(r"^## (\w+)", text, re.MULTILINE) == list(report["counts"])
    assert r"a\_b\_c" in text
    assert "the file has 1 bytes, expected 1,000 |" in text


def test_a_report_needs_a_known_ending_and_a_folder(
    server: FaultServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Another ending is a usage error before anything is asked."""
    registry = write_entries(tmp_path, {"my.a": {"url": server.add("/a", b"x")}})
    with pytest.raises(SystemExit) as ended:
        main(["check", "--registry", str(registry), "--report", "a.txt"])
    assert ended.value.code == 2
    assert "ends in .md or .json, found a.txt" in capsys.readouterr().err
    assert server.seen == []
    missing = tmp_path / "no" / "a.md"
    command = ["check", "my.a", "--registry", str(registry), "--report", str(missing)]
    assert main(command) == 1
    assert f"cannot write {missing}" in capsys.readouterr().err


def test_what_is_shown_explains_each_fault(
    server: FaultServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Right sources are a table; the others have their URL and sentence in full."""
    url = server.add("/size", b"x")
    entries = {
        "my.good": {"url": server.add("/good", b"x" * SIZE), "bytes": SIZE},
        "my.size": {"url": url, "bytes": SIZE},
    }
    registry = write_entries(tmp_path, entries)
    assert main(["check", "my.*", "--registry", str(registry)]) == 1
    shown = capsys.readouterr()
    assert shown.out.splitlines()[1].startswith("ok     my.good  the file has 1,000")
    assert shown.out.splitlines()[2:] == [
        "wrong: my.size",
        f"  {url}",
        "  the file has 1 bytes, expected 1,000",
    ]
    assert shown.err == "glove-registry: 2 sources: 1 wrong, 1 ok\n"


def test_ctrl_c_ends_a_check_at_once(silent: str, tmp_path: Path) -> None:
    """An interrupted check waits for no host, and says one line."""
    entries = {f"my.{n}": {"url": f"{silent}/{n}"} for n in range(20)}
    registry = write_entries(tmp_path, entries)
    command = [sys.executable, "-m", "glove_registry", "check", "my.*"]
    with subprocess.Popen(
        [*command, "--registry", str(registry)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        wait_for_threads(process.pid)
        process.send_signal(signal.SIGINT)
        begun = time.monotonic()
        output, errors = process.communicate(timeout=30)
    assert time.monotonic() - begun < 5
    assert (process.returncode, output) == (130, "")
    assert errors == "glove-registry: interrupted\n"


def wait_for_threads(pid: int) -> None:
    """Wait until a process has as many threads as connect to one host."""
    for _ in range(300):
        if len(os.listdir(f"/proc/{pid}/task")) > survey.PER_HOST:
            return
        time.sleep(0.1)
    pytest.fail("no thread was started")


def test_a_file_of_this_machine_does_not_stand_for_a_host() -> None:
    """Where no host can be reached, a file that is included hides nothing."""
    included = SourceCheck("a", "package:a/b", "ok", "")
    down = SourceCheck("b", "https://h/b", "unreachable", "")
    assert not have_failed([])
    assert not have_failed([included])
    assert have_failed([included, down])
    assert not have_failed([included, down, SourceCheck("c", "https://i/c", "ok", "")])
