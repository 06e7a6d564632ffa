"""From a file to an entry: what it says is so, and `load` finds it."""

import gzip
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from entries import SMALL, list_files, sha256, write_registry
from fault_server import FaultServer
from lab import make_release, read_entries, write_zip
from real_release import BYTES, ROWS, SHA256
from written_files import CONTAINERS, FORMS, Row

import glove_registry
from glove_registry import Registry
from glove_registry.authoring import add, registry_file
from glove_registry.cli import main
from glove_registry.errors import FormatError, RegistryError
from glove_registry.registry import files as registry_files
from glove_registry.registry.files import builtin_path

TOKENS = ["the", "of", "Film", "nan", "a b", "…", "the"]
ROWS_WRITTEN: list[Row] = [
    (token.encode(), (str(i), "-0.5", "2e-3")) for i, token in enumerate(TOKENS)
]


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where an entry goes if nothing else is said; it is not there yet."""
    monkeypatch.chdir(tmp_path)
    return tmp_path / "registry.yaml"


# -- what is found out --------------------------------------------------------------


@pytest.mark.parametrize("container", CONTAINERS)
@pytest.mark.parametrize("form", FORMS)
def test_an_entry_says_what_is_so(
    form: str, container: str, registry: Path, tmp_path: Path
) -> None:
    """Every form in every container gets the entry that other tools would give it."""
    if form == "word2vec-binary":
        rows = [row for row in ROWS_WRITTEN if b" " not in row[0]]
    else:
        rows = ROWS_WRITTEN
    text = FORMS[form](rows)
    content = CONTAINERS[container](text)
    (tmp_path / "v").write_bytes(content)
    addition = add("v", "lab.v")

    expected: dict[str, Any] = {
        "url": "./v",
        "sha256": sha256(content),
        "bytes": len(content),
        "member": {"sha256": sha256(text), "bytes": len(text)},
        "dimension": 3,
        "rows": len(rows),
        "cased": True,
        "format": form,
    }
    if container.startswith("zip"):
        expected["member"]["name"] = "wörter.txt"
    if container == "plain":
        del expected["member"]
    assert read_entries(registry) == {"lab.v": expected}
    (found,) = addition.examination.contents
    assert (found.upper, found.repeated) == (1, 1)

    vectors = glove_registry.load("lab.v", registry=registry)
    assert vectors.tokens[:] == [token.decode() for token, _ in rows]


def test_upper_case_and_repeated_tokens_are_counted(
    registry: Path, tmp_path: Path
) -> None:
    """Both counts are those of a plain loop, over letters of several scripts."""
    tokens = [f"w{i}" for i in range(298)] + ["É", "ΣΑΣ", "Ⅷ", "ß", "漢", "w7", "w7"]
    (tmp_path / "v.txt").write_text("".join(f"{token} 1 2\n" for token in tokens))
    (found,) = add("v.txt", "v").examination.contents
    assert found.upper == sum(token.lower() != token for token in tokens) == 3
    assert found.repeated == len(tokens) - len(set(tokens)) == 2
    # Fewer than one in a hundred.
    assert found.cased is False
    assert read_entries(registry)["v"]["cased"] is False


def test_a_file_inside_a_package_is_a_source(registry: Path) -> None:
    """Of the sample in this package it finds out what its entry says."""
    known = glove_registry.info("glove.6B.50d-first10k")
    add(known.sources[0].url, "mine")
    mine = glove_registry.info("mine", registry=registry)
    assert mine.sources[0].url == known.sources[0].url
    assert mine.sources[0].sha256 == known.sources[0].sha256
    assert mine.member.sha256 == known.member.sha256
    assert (mine.rows, mine.dimension, mine.cased) == (10_000, 50, False)


@pytest.mark.slow
def test_of_the_real_release_it_finds_what_is_published(
    real_zip: Path, tmp_path: Path, registry: Path
) -> None:
    """Size, sha256, rows and case of glove.6B.50d are the published ones."""
    add(real_zip, "real")
    entry = read_entries(registry)["real"]
    assert entry["member"] == {
        "name": "glove.6B.50d.txt",
        "sha256": SHA256,
        "bytes": BYTES,
    }
    assert (entry["rows"], entry["dimension"], entry["cased"]) == (ROWS, 50, False)


@pytest.mark.slow
def test_a_large_file_needs_no_more_memory(real_text: Path, registry: Path) -> None:
    """171 MB of text are read in 100 MB more than a few lines of it."""
    (registry.parent / "v.txt").write_bytes(SMALL)
    code = (
        "import resource, sys; from glove_registry.authoring import add\n"
        "add(sys.argv[1], 'v', dry_run=True)\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    small, large = (
        int(subprocess.check_output([sys.executable, "-c", code, path]))
        for path in ("v.txt", str(real_text))
    )
    assert large - small < 100_000


# -- archives -----------------------------------------------------------------------


def test_an_archive_of_four_members_gives_four_entries(
    registry: Path, tmp_path: Path
) -> None:
    """With {dimension} in the name each member gets one, and each can be loaded."""
    release = make_release()
    path = write_zip(tmp_path / "lab.zip", release)
    add(path, "lab.{dimension}d")
    entries = read_entries(registry)
    assert list(entries) == ["lab.2d", "lab.3d", "lab.5d", "lab.8d"]
    for name, entry in entries.items():
        text = release[f"{name}.txt"]
        assert entry == {
            "url": "./lab.zip",
            "sha256": sha256(path.read_bytes()),
            "bytes": path.stat().st_size,
            "member": {
                "name": f"{name}.txt",
                "sha256": sha256(text),
                "bytes": len(text),
            },
            "dimension": len(text.split(b"\n")[0].split()) - 1,
            "rows": 3,
            "cased": False,
            "format": "glove",
        }
        vectors = glove_registry.load(name, registry=registry)
        assert vectors["film"].tolist() == [0.5] * entry["dimension"]


def test_one_member_can_be_chosen(registry: Path, tmp_path: Path) -> None:
    """--member takes that one alone, as any name."""
    write_zip(tmp_path / "lab.zip", make_release())
    assert main(["add", "lab.zip", "--name", "x", "--member", "lab.5d.txt"]) == 0
    assert read_entries(registry)["x"]["dimension"] == 5


def test_a_member_behind_an_array_can_be_chosen(registry: Path, tmp_path: Path) -> None:
    """--member takes a text from an archive that begins with an array of numpy."""
    write_zip(tmp_path / "lab.zip", {"a.npy": b"", **make_release()})
    assert main(["add", "lab.zip", "--name", "x", "--member", "lab.5d.txt"]) == 0
    assert read_entries(registry)["x"]["dimension"] == 5


def test_long_names_are_shortened(
    registry: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A list of members stays short, however long their names are."""
    name = "n" * 60_000
    write_zip(tmp_path / "lab.zip", {f"{name}{n}": b"a 1 2\n" for n in range(25)})
    for wanted in ([], ["--member", name]):
        assert main(["add", "lab.zip", "--name", "lab", *wanted]) == 1
        assert 1000 < len(capsys.readouterr().err) < 2000 + len(str(tmp_path))


def test_which_member_is_meant_has_to_be_said(
    registry: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of several files none is guessed: the error lists them, and no file is made."""
    write_zip(tmp_path / "lab.zip", make_release())
    assert main(["add", "lab.zip", "--name", "lab"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    for words in (*make_release(), "--member", "{member}", "{dimension}"):
        assert words in err
    assert not registry.exists()


def test_members_that_are_no_vectors_are_left_out(
    registry: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A page of text, a list of counts and nothing at all are told, and no entry."""
    others = {"README.md": b"# Lab\nby us\n", "vocab.txt": b"the 9\nof 5\n", "no": b""}
    write_zip(tmp_path / "lab.zip", {"docs/": b"", **others, **make_release()})
    assert main(["add", "lab.zip", "--name", "{member}"]) == 0
    assert list(read_entries(registry)) == ["lab.2d", "lab.3d", "lab.5d", "lab.8d"]
    err = capsys.readouterr().err
    assert all(f"left out {name!r}" in err for name in others)


def test_a_member_that_is_broken_is_not_left_out(
    registry: Path, tmp_path: Path
) -> None:
    """Be it damaged, or no vectors any more from some line on."""
    release = make_release()
    path = write_zip(tmp_path / "lab.zip", release, zipfile.ZIP_STORED)
    path.write_bytes(
        path.read_bytes().replace(b"of 0.5 0.5 0.5\n", b"of 0.5 0.5 0.6\n")
    )
    with pytest.raises(FormatError, match=r"lab\.zip: .*CRC-32"):
        add("lab.zip", "{member}")
    readme = write_zip(tmp_path / "lab.zip", {**release, "README": b"See lab.txt\n"}, 0)
    readme.write_bytes(readme.read_bytes().replace(b"See lab", b"See lob"))
    with pytest.raises(FormatError, match=r"lab\.zip: .*CRC-32"):
        add("lab.zip", "{member}")
    write_zip(tmp_path / "lab.zip", {**release, "lab.3d.txt": b"a 1 2\nb 1 2\nc 1\n"})
    with pytest.raises(FormatError, match=r"lab\.zip: 'lab\.3d\.txt': line 3: "):
        add("lab.zip", "{member}")
    assert not registry.exists()


def test_names_of_members_must_differ(registry: Path, tmp_path: Path) -> None:
    """Two members of one dimension cannot both be called by it."""
    write_zip(tmp_path / "lab.zip", {"a.txt": SMALL, "b/c.vec": SMALL})
    with pytest.raises(RegistryError, match=r"members would be called 'v\.3d'"):
        add("lab.zip", "v.{dimension}d")
    add("lab.zip", "v.{member}")
    assert list(read_entries(registry)) == ["v.a", "v.c"]


def test_no_ending_of_a_format_is_part_of_a_name(
    registry: Path, tmp_path: Path
) -> None:
    """A member is called alike in each format; dots and numbers of its name stay."""
    made = glove_registry.from_arrays(["a", "b"], [[1, 2], [3, 4]], name="made")
    files = {"t.50d.tsv": b"a\t1\t2\nb\t3\t4\n", "g.6B.50d": b"a 1 2\nb 3 4\n"}
    for ending in ("vec", "npz", "safetensors", "parquet"):
        path = made.export(tmp_path / f"{ending[0]}.50d.{ending}")
        files[path.name] = path.read_bytes()
    write_zip(tmp_path / "lab.zip", files)
    add("lab.zip", "{member}")
    names = ["t.50d", "g.6B.50d", "v.50d", "n.50d", "s.50d", "p.50d"]
    assert list(read_entries(registry)) == names


# -- where it goes ------------------------------------------------------------------


def test_what_stands_there_stays(
    registry: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The command adds lines to a file, prints them, and says where they are."""
    (tmp_path / "v.txt").write_bytes(SMALL)
    before = (
        "# the lab's own\nvariants:\n"
        f"  old: {{url: 'https://e.org/a', sha256: {'a' * 64}}}  # first\n"
        "# the end\n"
    )
    mine = tmp_path / "mine.yaml"
    mine.write_text(before)
    assert main(["add", "v.txt", "--name", "new", "--to", "mine.yaml"]) == 0
    out, err = capsys.readouterr()
    entry = out.removeprefix("variants:\n")
    assert mine.read_text() == before.replace("# the end", f"\n{entry}# the end")
    assert "written to mine.yaml, line 5\n" in err
    assert 'load("new", registry="mine.yaml")' in err
    assert mine.read_text().splitlines()[4] == "  new:"
    assert not registry.exists()


def test_a_dry_run_prints_a_registry(
    registry: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is printed can be saved as a file of its own, and nothing is written."""
    (tmp_path / "v.txt").write_bytes(SMALL)
    before = list_files(tmp_path)
    assert main(["add", "v.txt", "--name", "v", "--dry-run"]) == 0
    assert list_files(tmp_path) == before
    out, err = capsys.readouterr()
    assert "nothing is written" in err
    registry.write_text(out)
    assert len(glove_registry.load("v", registry=registry)) == 3


def test_the_file_of_the_variable_is_the_one(
    registry: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    """GLOVE_REGISTRY_PATH names it, also before it is there; of several none is."""
    (tmp_path / "v.txt").write_bytes(SMALL)
    (tmp_path / "lab").mkdir()
    mine = tmp_path / "lab" / "mine.yaml"
    monkeypatch.setenv("GLOVE_REGISTRY_PATH", str(mine))
    assert main(["add", "v.txt", "--name", "v"]) == 0
    assert 'load("v")' in capsys.readouterr().err
    assert len(glove_registry.load("v")) == 3
    monkeypatch.setenv("GLOVE_REGISTRY_PATH", f"{mine}:{registry}")
    assert main(["add", "v.txt", "--name", "w"]) == 1
    assert "names 2 files: choose one by --to" in capsys.readouterr().err
    assert not registry.exists()


def test_a_folder_with_its_registry_can_be_moved(
    registry: Path, tmp_path: Path
) -> None:
    """A file below the registry's folder is found from there, any other by its path."""
    lab = tmp_path / "lab"
    (lab / "data").mkdir(parents=True)
    (lab / "data" / "a b#ü?.txt").write_bytes(SMALL)
    (tmp_path / "v.txt").write_bytes(SMALL)
    add("lab/data/a b#ü?.txt", "inside", to="lab/mine.yaml")
    add("lab/../v.txt", "outside", to="lab/mine.yaml")
    add((tmp_path / "v.txt").as_uri(), "by-url", to="lab/mine.yaml")
    (lab / ".hidden.txt").write_bytes(SMALL)
    add("lab/.hidden.txt", "hidden", to="lab/mine.yaml")
    moved = lab.rename(tmp_path / "moved")
    urls = [entry["url"] for entry in read_entries(moved / "mine.yaml").values()]
    outside = (tmp_path / "v.txt").as_uri()
    inside = "./data/a%20b%23%C3%BC%3F.txt"
    assert urls == [inside, outside, outside, "file:.hidden.txt"]
    for name in ("inside", "outside", "by-url", "hidden"):
        assert len(glove_registry.load(name, registry=moved / "mine.yaml")) == 3


def test_the_catalogue_of_the_package_is_not_written_to(
    registry: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An installed one never; one of a checkout only if it is named."""
    (tmp_path / "v.txt").write_bytes(SMALL)
    installed = tmp_path / "_data" / "registry.yaml"
    installed.parent.mkdir()
    before = builtin_path().read_bytes()
    installed.write_bytes(before)
    monkeypatch.setattr(registry_file, "builtin_path", lambda: installed)
    with pytest.raises(RegistryError, match="belongs to the installed package"):
        add("v.txt", "v", to=installed)
    assert installed.read_bytes() == before
    registry.write_bytes(before)
    monkeypatch.setattr(registry_file, "builtin_path", lambda: registry)
    with pytest.raises(RegistryError, match="is the built-in catalogue: write --to"):
        add("v.txt", "v")
    add("v.txt", "v", to=registry)
    assert list(read_entries(registry))[-1] == "v"


def test_a_name_of_another_registry_is_taken(
    registry: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A built-in name needs --override, and then its entry says so."""
    (tmp_path / "v.txt").write_bytes(SMALL)
    assert main(["add", "v.txt", "--name", "glove.6B.50d"]) == 1
    assert "'glove.6B.50d' is also defined at " in capsys.readouterr().err
    assert main(["add", "v.txt", "--name", "GLOVE.6b.50d", "--override"]) == 1
    assert "as 'glove.6B.50d': choose another name\n" in capsys.readouterr().err
    assert not registry.exists()
    assert main(["add", "v.txt", "--name", "glove.6B.50d", "--override"]) == 0
    assert read_entries(registry)["glove.6B.50d"]["override"] is True
    assert len(glove_registry.load("glove.6B.50d", registry=registry)) == 3


def test_a_name_of_an_installed_package_is_taken(
    registry: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A registry file that a package brings counts as the built-in one does."""
    (tmp_path / "v.txt").write_bytes(SMALL)
    (tmp_path / "lab").mkdir()
    theirs = write_registry(tmp_path / "lab", "theirs", url="file:v.txt")
    monkeypatch.setattr(registry_files, "list_plugin_files", lambda: [theirs])
    with pytest.raises(RegistryError, match=r"also defined at .*lab/registry\.yaml:3"):
        add("v.txt", "theirs")
    add("v.txt", "ours")
    assert list(read_entries(registry)) == ["ours"]


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["v.txt", "--name", "old"], 1, r"registry.yaml:2: 'old' exists already"),
        (["v.txt", "--name", "OLD"], 1, r"registry.yaml:2: 'OLD' exists already"),
        (["{url}", "--name", "old"], 1, r"registry.yaml:2: 'old' exists already"),
        (["{url}", "--name", "a b"], 1, r"'a b' is not a valid name"),
        (["{url}", "--name", "{x}.3d"], 1, r"'{x}.3d' is not a valid name"),
        (["{url}", "--name", "../{dimension}"], 1, r"'../1' is not a valid name"),
        (["{url}", "--name", "glove.6B.50d"], 1, r"is also defined at"),
        (["{url}", "--name", "new", "--to", "broken.yaml"], 1, r"broken.yaml:1:1: "),
        (["{url}", "--name", "new", "--to", "no/r.yaml"], 1, r"there is no folder"),
        (["nothing.txt", "--name", "new"], 1, r"nothing.txt does not exist"),
        (["v.txt", "--name", "new", "--member", "a"], 1, r"is not an archive"),
        (["v.txt", "--name", "{member}"], 1, r"is not an archive"),
        (["page.txt", "--name", "new"], 1, r"page.txt: line 1: expected a token"),
        (["empty.txt", "--name", "new"], 1, r"empty.txt: .* the file is empty"),
        (["half.gz", "--name", "new"], 1, r"half.gz: the file is damaged or cut off"),
        (["empty.zip", "--name", "new"], 1, r"empty.zip holds no file"),
        (["page.zip", "--name", "{member}"], 1, r"page.zip: 'page.txt': line 1"),
        (["pages.zip", "--name", "{member}"], 1, r"none of its members looks like"),
        (
            ["gopher://host/v.txt", "--name", "new"],
            1,
            r"expected a URL that starts with",
        ),
        (["https://u:secret@e.org/v", "--name", "new"], 1, r"e.org/v: .*credentials"),
        (["https://e.org/v?token=secret", "--name", "new"], 1, r"token=\*\*\*: .*key"),
        (["v.txt"], 2, "--name"),
    ],
)
def test_a_mistake_is_one_sentence(
    arguments: list[str],
    status: int,
    words: str,
    server: FaultServer,
    registry: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A mistake changes no registry, and is told before anything is fetched."""
    (tmp_path / "v.txt").write_bytes(SMALL)
    (tmp_path / "page.txt").write_bytes(b"hello\n")
    (tmp_path / "empty.txt").touch()
    (tmp_path / "half.gz").write_bytes(gzip.compress(SMALL)[:-9])
    write_zip(tmp_path / "empty.zip", {})
    write_zip(tmp_path / "page.zip", {"page.txt": b"hello\n"})
    write_zip(tmp_path / "pages.zip", {"a": b"hello\n", "b": b""})
    (tmp_path / "broken.yaml").write_text("- a\n")
    before = write_registry(tmp_path, "old", url="file:v.txt").read_bytes()
    url = server.url("v.txt", SMALL)
    try:
        ended = main(["add", *(one.replace("{url}", url) for one in arguments)])
    except SystemExit as usage:
        ended = usage.code  # type: ignore[assignment]
    assert ended == status
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "secret" not in shown.err
    assert re.search(words, shown.err)
    assert status == 2 or shown.err.count("\n") == 1
    assert registry.read_bytes() == before
    assert server.requests == []
    assert set(Registry.from_file(registry)) == {"old"}
