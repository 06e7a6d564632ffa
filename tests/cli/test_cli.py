"""The command line shows what the library knows, to people and to scripts."""

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest
from entries import SMALL, list_files, sha256, write_registry
from fault_server import FaultServer
from terminal import run_command

import glove_registry
from glove_registry.analysis import analogies
from glove_registry.cli import main
from glove_registry.cli.main import make_parser
from glove_registry.explorer.projection import PROJECTIONS
from glove_registry.frameworks.export.writers import FileNumberType
from glove_registry.lookup.case import CASE_RULES
from glove_registry.registry.names import EVALUATION_CASES
from glove_registry.store.numbers import NUMBER_TYPES
from glove_registry.text.pooling import POOLINGS

SAMPLE = "glove.6B.50d-first10k"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a separate process."""
    return subprocess.run(
        [sys.executable, "-m", "glove_registry", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )


def test_choices_are_those_of_the_library() -> None:
    """Names that options repeat, so that --help imports little, are all that exist."""
    (commands,) = (
        action.choices.items()
        for action in make_parser()._actions
        if isinstance(action, argparse._SubParsersAction)
    )
    known: dict[str, tuple[str, ...]] = {
        "pooling": POOLINGS,
        "case": CASE_RULES,
        "rule": analogies.RULES,
        "projection": PROJECTIONS,
        "dtype": NUMBER_TYPES,
    }
    of_files = get_args(FileNumberType)
    others = {("evaluate", "case"): EVALUATION_CASES}
    others |= {(command, "dtype"): of_files for command in ("export", "push")}
    for command, parser in commands:
        for action in parser._actions:
            if action.choices and action.dest in known:
                wanted = others.pop((command, action.dest), known[action.dest])
                assert tuple(action.choices) == wanted, f"{command} --{action.dest}"
    assert not others


def test_a_terminal_shows_what_a_fetch_costs_before_it(
    server: FaultServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A line before the bar, once, and none where nothing is downloaded."""
    facts = {"url": server.add("/v.txt", SMALL), "sha256": sha256(SMALL)}
    registry = write_registry(tmp_path, "mine", **facts, bytes=len(SMALL))
    command = ("fetch", "mine", "--registry", str(registry))
    line = f"fetch mine: downloads {len(SMALL)} B, is kept in "
    assert "".join(run_command(*command).lines).count(line) == 1
    assert "downloads" not in "".join(run_command(*command).lines)
    glove_registry.load("mine", registry=registry, progress=True)
    assert "downloads" not in capsys.readouterr().err


def test_list_is_a_table_with_aligned_columns(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Each column begins below its header, for every variant."""
    assert main(["list", "--all"]) == 0
    header, *rows = capsys.readouterr().out.splitlines()
    assert [row.split()[0] for row in rows] == list(glove_registry.Registry.default())
    corpus = header.index("CORPUS")
    assert all(row[corpus - 1] == " " != row[corpus] for row in rows)


def test_list_folds_families(capsys: pytest.CaptureFixture[str]) -> None:
    """A family is one line, whose name is the pattern that lists its variants."""
    assert main(["list"]) == 0
    shown = capsys.readouterr()
    names = [line.split()[0] for line in shown.out.splitlines()[1:]]
    assert len(names) < 40
    assert "--all" in shown.err
    (line,) = [x for x in shown.out.splitlines() if x.startswith("fasttext.wiki.*")]
    assert "174 languages: Wikipedia" in line
    assert main(["list", line.split()[0]]) == 0
    shown = capsys.readouterr()
    assert len(shown.out.splitlines()) == 1 + 174
    assert not shown.err
    assert main(["list", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [one["name"] for one in found] == list(glove_registry.Registry.default())


def test_list_can_be_narrowed(capsys: pytest.CaptureFixture[str]) -> None:
    """A pattern selects names; one that matches none is a usage error."""
    assert main(["list", "*.300d", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found
    assert all(variant["dimension"] == 300 for variant in found)
    assert main(["list", "nothing*"]) == 2
    assert "no variant matches" in capsys.readouterr().err


def test_benchmarks_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    """As a table or JSON, narrowed by a pattern."""
    names = [one.name for one in glove_registry.Registry.default().list_benchmarks()]
    assert main(["list", "--benchmarks"]) == 0
    header, *rows = capsys.readouterr().out.splitlines()
    assert header.split() == ["NAME", "TASK", "DESCRIPTION"]
    assert [row.split()[0] for row in rows] == names
    assert main(["list", "--benchmarks", "sim*", "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)
    assert (found["name"], found["task"]) == ("simlex-999", "similarity")
    assert main(["list", "--benchmarks", "nothing*"]) == 2
    assert "no benchmark matches" in capsys.readouterr().err


def test_info_shows_all_facts(capsys: pytest.CaptureFixture[str]) -> None:
    """Info shows the license, revisions, citation, and each checksum with its file."""
    assert main(["info", "glove.6B.50d"]) == 0
    out = capsys.readouterr().out
    variant = glove_registry.info("glove.6B.50d")
    for fact in (
        variant.member.sha256,
        variant.sources[0].sha256,
        variant.sources[1].url,
        "original (also: with-unk)",
        "PDDL-1.0",
        "@inproceedings{pennington2014glove",
    ):
        assert str(fact) in out
    assert main(["info", "glove.6B.50d@with-unk", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["rows"] == 400_001


def test_what_moves_is_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A download is the member's part of an archive, or a bound, or the whole file."""
    zipped = "https://a.org/b.zip?c=1"
    member = {"name": "m.txt", "sha256": "2" * 64}
    for place, bytes_, at_most, listed, told in (
        (
            {
                "url": zipped,
                "bytes": 862 * 10**6,
                "member": {**member, "packed": 69200000},
            },
            69200000,
            False,
            " 69 MB",
            "69 MB of an archive of 862 MB",
        ),
        (
            {
                "url": zipped,
                "bytes": 862 * 10**6,
                "member": {**member, "bytes": 171350079},
            },
            171350079,
            True,
            "<= 171 MB",
            "at most 171 MB of an archive of 862 MB",
        ),
        (
            {"url": zipped, "bytes": 862 * 10**6, "member": member},
            862 * 10**6,
            True,
            "<= 862 MB",
            "at most 862 MB of an archive of 862 MB",
        ),
        # Without the member's sha256, and by FTP, all of the archive is downloaded.
        (
            {"url": zipped, "bytes": 862 * 10**6, "member": "m.txt"},
            862 * 10**6,
            False,
            " 862 MB",
            "862 MB",
        ),
        (
            {"url": "ftp://a.org/b.zip", "bytes": 5, "member": {**member, "packed": 2}},
            5,
            False,
            "5 B",
            "5 B",
        ),
        # A tar is read from its beginning.
        (
            {"url": "https://a.org/b.tar.gz", "bytes": 5, "member": member},
            5,
            False,
            "5 B",
            "5 B",
        ),
        # A file that is not an archive is downloaded whole, though it unpacks to more.
        (
            {"url": "https://a.org/b.gz", "bytes": 5, "member": {"sha256": "2" * 64}},
            5,
            False,
            "5 B",
            "5 B",
        ),
        ({"url": zipped, "member": member}, None, True, "-", "unknown"),
        ({"url": "file:b.zip", "bytes": 5}, 0, False, "local", "nothing"),
    ):
        registry = write_registry(tmp_path, "mine", **{"sha256": "1" * 64, **place})
        options = ["mine", "--registry", str(registry)]
        found = glove_registry.info("mine", registry=registry).download
        assert (found.bytes, found.at_most) == (bytes_, at_most)
        assert main(["list", *options]) == 0
        assert listed in capsys.readouterr().out.splitlines()[1]
        assert main(["info", *options]) == 0
        assert f"download {told}" in " ".join(capsys.readouterr().out.split())
        for command in ("info", "list"):
            assert main([command, *options, "--json"]) == 0
            given = json.loads(capsys.readouterr().out)
            given = given[0] if command == "list" else given
            assert given["download"] == {"bytes": bytes_, "at_most": at_most}


def test_the_first_release_that_people_load_moves_69_mb(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """List, info and the page show what glove.6B.50d downloads, not the archive."""
    assert main(["list", "glove.6B.50d"]) == 0
    assert "69 MB" in capsys.readouterr().out
    assert main(["info", "glove.6B.50d"]) == 0
    assert "69 MB of an archive of 862 MB" in capsys.readouterr().out
    assert main(["catalogue", "--output", str(tmp_path)]) == 0
    page = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert "<td>69 MB</td>" in page
    assert "<td>\u2264 347 MB</td>" in page


def test_cite_prints_bibtex_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Cite prints BibTeX and nothing else; an entry without it is an error."""
    assert main(["cite", "glove.840B.300d"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("@inproceedings{pennington2014glove,\n")
    assert out.endswith("}\n")
    assert out.count("{") == out.count("}")
    registry = write_registry(tmp_path, "mine", url="https://a.org/b", sha256="1" * 64)
    assert main(["cite", "mine", "--registry", str(registry)]) == 1
    assert "the entry of mine gives no citation" in capsys.readouterr().err


def test_fetch_prints_a_path_alone(cache_root: Path) -> None:
    """In a pipe, fetch prints the path and nothing else, not even a bar."""
    done = run("fetch", SAMPLE)
    assert (done.returncode, done.stderr) == (0, "")
    path = Path(done.stdout.rstrip("\n"))
    assert path.is_relative_to(cache_root)
    assert path.read_bytes().startswith(b"the 0.418 ")
    assert json.loads(run("fetch", SAMPLE, "--json").stdout)["path"] == str(path)


def test_the_cache_is_listed_and_removed_from(
    cache_root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Cache list shows what load and fetch have put there; cache remove removes it."""
    vectors = glove_registry.load(SAMPLE)
    glove_registry.fetch(SAMPLE)
    assert main(["cache", "dir"]) == 0
    assert capsys.readouterr().out == f"{cache_root}\n"

    assert main(["cache", "list", "--json"]) == 0
    items = json.loads(capsys.readouterr().out)
    assert [(item["kind"], item["variant"]) for item in items] == [
        ("store", SAMPLE),
        ("original", SAMPLE),
    ]
    store = Path(items[0]["path"])
    files = [*store.iterdir(), cache_root / "used" / store.name]
    assert items[0]["bytes"] == sum(file.stat().st_size for file in files)
    assert main(["cache", "list"]) == 0
    assert "2.2 MB" in capsys.readouterr().out

    assert main(["cache", "remove", SAMPLE]) == 0
    assert capsys.readouterr().out.count("removed") == 2
    assert list_files(cache_root) == []
    # Vectors that were mapped before stay usable.
    assert vectors["film"].any()

    assert main(["cache", "remove", SAMPLE]) == 1
    assert "has no item or variant" in capsys.readouterr().err
    assert main(["cache", "list"]) == 0


def test_a_registry_of_ones_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """--registry adds entries to every command that takes a name."""
    (tmp_path / "v.txt").write_bytes(SMALL)
    registry = write_registry(
        tmp_path, "mine", url="file:v.txt", sha256=sha256(SMALL), dimension=3
    )
    for command in ("list", "info", "fetch"):
        assert main([command, "mine", "--registry", str(registry)]) == 0
        assert "mine" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["info", "glove.6b.50d"], 2, "did you mean 'glove.6B.50d'"),
        (["fetch", "glove.2024.dolma.300d"], 1, "has no checksum"),
        (["check", "nope"], 2, "no variant matches"),
        (["check", "glove.6B.50d@nope"], 2, "no revision 'nope'"),
        (["fetch", "glove.6B.50d", "--from", "/no"], 1, "/no cannot be read"),
        (["list", "--registry", "/nowhere.yaml"], 1, "/nowhere.yaml: cannot read"),
        (["cache", "remove", "../.."], 2, "has no item or variant"),
        (["verify", "nope"], 2, "has no item or variant 'nope'"),
        (["verify", "glove.6B.50d"], 1, "has no item or variant"),
        (["catalogue", "--output", ""], 2, "expected a path, found an empty text"),
        (["list", "--registry", "https://[x/"], 1, "https://[x/registry.yaml: not a"),
        (["update", "https://x:y/"], 1, "not a URL: check its host and port"),
        (["list", "--registry", "https://a.org/b c.yaml"], 1, "contains no blanks"),
        (["list", "--registry", ""], 2, "expected a path, found an empty text"),
        (["fetch"], 2, "NAME"),
        (["lst"], 2, "'lst'"),
        ([], 2, "COMMAND"),
    ],
)
def test_a_mistake_is_one_sentence(
    arguments: list[str], status: int, words: str
) -> None:
    """A user's mistake gives one sentence, an exit status, and no traceback."""
    done = run(*arguments)
    assert done.returncode == status
    assert words in done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr


def test_a_long_argument_is_not_repeated(capsys: pytest.CaptureFixture[str]) -> None:
    """Of an argument that somebody has pasted, an error shows the ends."""
    long = f"begins{'x' * 100_000}ends"
    for arguments in (
        ["list", long],
        ["search", long],
        ["search", "glove", long],
        ["list", "--dimension", long],
        ["schema", long],
        ["completion", long],
    ):
        try:
            status: object = main(arguments)
        except SystemExit as ended:
            status = ended.code
        assert status == (0 if arguments[:2] == ["search", "glove"] else 2)
        *_, last = capsys.readouterr().err.splitlines()
        assert len(last) < 600 and "begins" in last


def test_help_teaches() -> None:
    """--help names every command, the first steps and the variables."""
    text = run("--help").stdout
    for part in ("list", "info", "fetch", "cache", "GLOVE_REGISTRY_CACHE", "exit"):
        assert part in text
    assert "NAME@REVISION" in run("info", "--help").stdout
    assert run("--version").stdout == f"glove-registry {glove_registry.__version__}\n"


def test_a_reader_who_leaves_early_is_no_error() -> None:
    """`glove-registry list | head -1` ends without a traceback."""
    done = subprocess.run(
        f"'{sys.executable}' -m glove_registry list --json | head -n 1",
        shell=True,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("[\n", "")


def test_prose_in_several_lines_is_one_cell(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A description in a block of YAML is one line of a table."""
    place = {"url": "https://a.org/b", "sha256": "1" * 64}
    texts = dict.fromkeys(("description", "corpus"), "Two lines,\none text.\n")
    registry = write_registry(tmp_path, "mine", **place, **texts)
    for command in ("info", "list"):
        assert main([command, "mine", "--registry", str(registry)]) == 0
        assert "  Two lines, one text.\n" in capsys.readouterr().out


def test_similar_shows_neighbours(capsys: pytest.CaptureFixture[str]) -> None:
    """As a table or as JSON, which `most_similar` returns for the same arguments."""
    vectors = glove_registry.load(SAMPLE)
    assert main(["similar", SAMPLE, "film", "--topn", "2"]) == 0
    assert capsys.readouterr().out == f"{vectors.most_similar('film', topn=2)}\n"
    options = ["--negative", "france", "--negative=the", "--restrict", "3000", "--json"]
    assert main(["similar", SAMPLE, "Paris", "germany", *options]) == 0
    expected = vectors.most_similar(
        ["Paris", "germany"], ["france", "the"], restrict=3000
    )
    assert json.loads(capsys.readouterr().out) == expected.to_dicts()
    assert main(["similar", SAMPLE, "Paris", "--case", "exact"]) == 1
    assert "did you mean 'paris'?" in capsys.readouterr().err


def test_a_word_may_be_two_dashes(capsys: pytest.CaptureFixture[str]) -> None:
    """After a first "--", and as the value of an option."""
    vectors = glove_registry.load(SAMPLE)
    assert main(["similar", SAMPLE, "--", "--"]) == 0
    assert capsys.readouterr().out == f"{vectors.most_similar('--')}\n"
    assert main(["similar", SAMPLE, "--negative=--", "--", "--"]) == 1
    assert "cancel out" in capsys.readouterr().err
    assert main(["analogy", SAMPLE, "--", "--", "king", "woman"]) == 0
    assert capsys.readouterr().out == f"{vectors.analogy('--', 'king', 'woman')}\n"
    assert main(["info", "--", "--"]) == 2
    assert "called '--'" in capsys.readouterr().err


def test_what_similar_needs(capsys: pytest.CaptureFixture[str]) -> None:
    """A word on either side is enough; what cancels out is a failure in a sentence."""
    vectors = glove_registry.load(SAMPLE)
    assert main(["similar", SAMPLE, "--negative", "war"]) == 0
    assert capsys.readouterr().out == f"{vectors.most_similar(negative='war')}\n"
    assert main(["similar", SAMPLE, "film", "--negative", "film"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "cancel out" in line
    with pytest.raises(SystemExit) as ended:
        main(["similar", SAMPLE])
    assert ended.value.code == 2
    assert "expected a WORD" in capsys.readouterr().err


def test_prune_says_that_there_is_nothing_to_remove(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """On standard error: standard output lists what was removed."""
    monkeypatch.setenv("GLOVE_REGISTRY_CACHE", str(tmp_path))
    assert main(["cache", "prune"]) == 0
    shown = capsys.readouterr()
    assert shown.out == "" and "nothing to remove" in shown.err


@pytest.mark.parametrize("rule", analogies.RULES)
def test_analogy_completes(
    capsys: pytest.CaptureFixture[str], rule: analogies.Rule
) -> None:
    """By each rule, as `analogy` does."""
    vectors = glove_registry.load(SAMPLE)
    words = ("man", "king", "woman")
    assert main(["analogy", SAMPLE, *words, "--rule", rule, "--json"]) == 0
    expected = vectors.analogy(*words, rule=rule)
    assert json.loads(capsys.readouterr().out) == expected.to_dicts()
    assert main(["analogy", SAMPLE, *words, "--topn", "1"]) == 0
    assert capsys.readouterr().out.split()[0] == "queen"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["similar", SAMPLE, "film", "--cosine"], "'--cosine': did you mean '--case'?"),
        (["similar", SAMPLE, "film", "--topk=3"], "'--topk': did you mean '--topn'?"),
        (["similar", "--jsno", SAMPLE, "film"], "'--jsno': did you mean '--json'?"),
        (["list", "--xyzzy"], "unknown option '--xyzzy'."),
        (["list", "a", "b"], "unexpected argument 'b'"),
        (["cache", "prune", "--unused"], "expected one argument"),
        (["cache", "prune", "--old-days=3"], "did you mean '--unused-days'?"),
        (["similar", SAMPLE, "film", "--topn", "0"], "from 1 on, found 0"),
        (["similar", SAMPLE, "film", "--topn", "x"], "from 1 on, found x"),
    ],
)
def test_a_mistyped_option_leads_to_the_nearest(
    capsys: pytest.CaptureFixture[str], arguments: list[str], told: str
) -> None:
    """The error names the option that was meant, if one is similar."""
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert told in capsys.readouterr().err


def test_tokenize_splits_texts_as_the_variant_says(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Arguments are texts, of which each becomes a line or a list, without a load."""
    assert main(["tokenize", "glove.840B.300d", "Don't!", "", "caf\u00e9"]) == 0
    assert capsys.readouterr().out == "Do n't !\n\ncaf\u00e9\n"
    assert main(["tokenize", "glove.twitter.27B.25d", "--json", "Don't!", "@x"]) == 0
    assert json.loads(capsys.readouterr().out) == [["do", "n't", "!"], ["<user>"]]


def test_tokenize_reads_lines_of_standard_input() -> None:
    """Without a text as an argument, each line is one, in UTF-8 or not."""
    done = subprocess.run(
        [sys.executable, "-m", "glove_registry", "tokenize", "glove.6B.50d"],
        input=b"\xe2\x80\x9cGood\xe2\x80\x9d\n\nA\xc2\xa0film.\r\n\xff",
        capture_output=True,
        check=True,
    )
    lines = done.stdout.decode().splitlines()
    assert lines == ['" good "', "", "a film .", "\\udcff"]


def test_a_warning_is_a_sentence(tmp_path: Path) -> None:
    """What a library warns of is told like an error, without a line of code."""
    (tmp_path / "v.txt").write_bytes(b"/c/en/a 1 2\n/c/en/b 1 2\n/c/en/c 1 2\n")
    done = run(
        *("add", str(tmp_path / "v.txt"), "--name", "v"),
        *("--to", str(tmp_path / "registry.yaml")),
    )
    assert done.returncode == 0
    assert done.stderr.startswith("glove-registry: warning: ")
    assert all(line.startswith("glove-registry: ") for line in done.stderr.splitlines())
