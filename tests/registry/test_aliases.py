"""The names of other tools lead to a variant, which keeps a name of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from entries import SMALL, sha256, write_registry

import glove_registry
from glove_registry.cli import main
from glove_registry.errors import RegistryError, UnknownVariantError

SAMPLE = "glove.6B.50d-first10k"


@pytest.fixture
def lab(tmp_path: Path) -> Path:
    """A registry whose entry has an alias, and its file."""
    (tmp_path / "v.txt").write_bytes(SMALL)
    return write_registry(
        tmp_path,
        "lab.news",
        url="file:v.txt",
        sha256=sha256(SMALL),
        aliases=["Zeitung.7", "hub/lab-news"],
    )


@pytest.mark.parametrize(
    ("alias", "name"),
    [
        *((f"glove-wiki-gigaword-{n}", f"glove.6B.{n}d") for n in (50, 100, 200, 300)),
        *(
            (f"glove-twitter-{n}", f"glove.twitter.27B.{n}d")
            for n in (25, 50, 100, 200)
        ),
        ("word2vec-google-news-300", "word2vec.GoogleNews-300d"),
        ("GoogleNews-vectors-negative300", "word2vec.GoogleNews-300d"),
        ("fasttext.en.300d", "fasttext.wiki.en.300d"),
        ("fasttext.simple.300d", "fasttext.wiki.simple.300d"),
    ],
)
def test_names_of_other_tools_lead_to_the_same_vectors(alias: str, name: str) -> None:
    """Names of gensim and torchtext are found, and the variant has its own name."""
    assert glove_registry.info(alias).name == name
    assert alias in glove_registry.Registry.default()
    assert alias not in list(glove_registry.Registry.default())


def test_a_revision_of_an_alias() -> None:
    """An alias stands for a name, so that a revision can follow it."""
    found = glove_registry.info("glove-wiki-gigaword-50@with-unk")
    assert found.reference == "glove.6B.50d@with-unk"
    with pytest.raises(UnknownVariantError, match="has no revision 'new'"):
        glove_registry.info("glove-wiki-gigaword-50@new")


@pytest.mark.parametrize("alias", ["Zeitung.7", "hub/lab-news"])
def test_what_is_loaded_has_its_own_name(alias: str, lab: Path) -> None:
    """Vectors, provenance and cache are those of the name, however it was asked for."""
    vectors = glove_registry.load(alias, registry=lab)
    assert vectors.name == vectors.provenance["name"] == "lab.news"
    assert vectors.provenance["registry"].endswith("registry.yaml:3")
    again = glove_registry.load("lab.news", registry=lab)
    assert again.provenance == vectors.provenance
    path = glove_registry.fetch(alias, registry=lab)
    assert path == glove_registry.fetch("lab.news", registry=lab)


def test_the_command_line_takes_an_alias(
    lab: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Commands take an alias, show the aliases and remove what it led to."""
    assert main(["info", "Zeitung.7", "--registry", str(lab)]) == 0
    shown = capsys.readouterr().out
    assert "lab.news" in shown
    assert "Zeitung.7, hub/lab-news" in shown
    assert main(["info", "hub/lab-news", "--registry", str(lab), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["name"] == "lab.news"
    options = ["hub/lab-news", "--registry", str(lab), "--json"]
    assert main(["similar", *options[:1], "film", *options[1:]]) == 0
    capsys.readouterr()
    assert main(["cache", "remove", *options]) == 0
    removed = json.loads(capsys.readouterr().out)
    assert {(item["kind"], item["variant"]) for item in removed} == {
        ("derived", "lab.news"),
        ("store", "lab.news"),
    }


WARM = """
import sys
import glove_registry
print(glove_registry.load(sys.argv[1], registry=sys.argv[2]).name)
assert "yaml" not in sys.modules
"""


def test_a_later_load_of_an_alias_reads_no_yaml(lab: Path) -> None:
    """Once loaded under any of its names, a variant is mapped at once under each."""
    glove_registry.load("lab.news", registry=lab)
    for name in ("hub/lab-news", "Zeitung.7", "lab.news"):
        done = subprocess.run(
            [sys.executable, "-c", WARM, name, str(lab)],
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout == "lab.news\n"


@pytest.mark.parametrize(
    "damage",
    [
        lambda record: record | {"aliases": ["other"]},
        lambda record: record | {"aliases": 7},
        lambda record: record | {"aliases": None},
    ],
)
def test_a_changed_record_leads_nowhere(
    lab: Path, damage: Callable[[dict[str, object]], dict[str, object]]
) -> None:
    """Aliases in the cache that are not the registry's are not believed."""
    glove_registry.load("lab.news", registry=lab)
    used = Path(os.environ["GLOVE_REGISTRY_CACHE"]) / "used"
    (record,) = used.iterdir()
    record.write_text(json.dumps(damage(json.loads(record.read_text()))))
    assert glove_registry.load("hub/lab-news", registry=lab).name == "lab.news"
    with pytest.raises(UnknownVariantError):
        glove_registry.load("other", registry=lab)


def write(path: Path, entries: str) -> Path:
    """Write entries, each `name: alias, alias`, as a registry file."""
    path.write_text(
        "variants:\n"
        + "".join(
            f"  {name}: {{url: 'https://h/{name}', sha256: {'1' * 64}, "
            f"aliases: [{aliases}]}}\n"
            for name, aliases in (line.split(": ") for line in entries.split("; "))
        )
    )
    return path


@pytest.mark.parametrize(
    ("entries", "line", "fault"),
    [
        ("a: x; b: x", 3, "'x' of 'b' is also an alias of 'a'"),
        ("a: x; b: y, X", 3, "'X' of 'b' is also an alias of 'a'"),
        ("a: b; b: y", 2, "'b' of 'a' is also the name of 'b'"),
        ("a: y; b: A", 3, "'A' of 'b' is also the name of 'a'"),
        ("a: x@y", 2, "and @, which begins a revision"),
        ("a: 'bad name'", 2, "without blanks"),
        ('a: "bad\\tname"', 2, "without blanks"),
        ('a: "bad\\u200bname"', 2, "invisible"),
        ("a: x, y, x", 2, "'x' is there twice"),
        (f"a: {'x' * 101}", 2, "at most 100 characters"),
    ],
)
def test_an_alias_means_one_thing_in_a_file(
    entries: str, line: int, fault: str, tmp_path: Path
) -> None:
    """In one file, an alias that is also a name or another's alias is an error."""
    path = write(tmp_path / "r.yaml", entries)
    with pytest.raises(RegistryError) as caught:
        glove_registry.Registry.from_file(path)
    assert fault in str(caught.value)
    assert str(caught.value).startswith(f"{path}:{line}:")


def test_an_alias_may_spell_its_own_name(tmp_path: Path) -> None:
    """The name in another case is an alias like any other."""
    path = write(tmp_path / "r.yaml", "GloVe: glove, GLOVE")
    registry = glove_registry.Registry.from_file(path)
    assert registry.find("glove").name == registry.find("GLOVE").name == "GloVe"


def test_the_highest_layer_has_the_alias(tmp_path: Path) -> None:
    """Of several layers, the highest one's alias counts, and any name before it."""
    low = write(tmp_path / "low.yaml", "a: x, y, c; b: z")
    high = write(tmp_path / "high.yaml", "c: x")
    registry = glove_registry.Registry([low, high])
    found = {name: registry.find(name).name for name in "abcxyz"}
    assert found == {"a": "a", "b": "b", "c": "c", "x": "c", "y": "a", "z": "b"}
    assert list(registry) == ["a", "b", "c"]


@pytest.mark.parametrize("alias", ["b", "B"])
def test_an_alias_that_would_never_be_found_is_a_fault(
    alias: str, tmp_path: Path
) -> None:
    """A name of a lower layer is found before an alias of a higher one."""
    low = write(tmp_path / "low.yaml", "a: x; b: z")
    high = write(tmp_path / "high.yaml", f"c: y, {alias}")
    registry = glove_registry.Registry([low, high])
    with pytest.raises(RegistryError, match=rf"high\.yaml:2: alias '{alias}' of 'c'"):
        registry.find("c")


def test_an_entry_that_is_replaced_loses_its_aliases(tmp_path: Path) -> None:
    """Names of the replaced vectors do not lead to others."""
    low = write(tmp_path / "low.yaml", "a: x")
    high = tmp_path / "high.yaml"
    high.write_text(
        "variants:\n  a:\n    url: https://h/other\n    override: true\n"
        f"    sha256: {'2' * 64}\n    aliases: [y]\n"
    )
    registry = glove_registry.Registry([low, high])
    assert registry.find("y").sources[0].url == "https://h/other"
    with pytest.raises(UnknownVariantError):
        registry.find("x")
