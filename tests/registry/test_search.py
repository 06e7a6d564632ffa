"""Variants are found by words about them, and listed by parts of what they say."""

import json
import runpy
import tracemalloc
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import glove_registry
from glove_registry import Registry
from glove_registry.cli import main
from glove_registry.errors import UnknownVariantError
from glove_registry.registry import Source, Variant
from glove_registry.registry.language_names import NAMES, OWN_NAMES
from glove_registry.registry.languages import find_tags, has_tag, name_language
from glove_registry.registry.matching import Index

HASH = "1" * 64
ENTRIES = f"""
groups:
  wiki:
    corpus: Wikipedia
    license: CC-BY-SA-3.0
    dimension: 300
variants:
  wiki.de.300d: {{group: wiki, language: de, url: "https://h/a", sha256: {HASH}}}
  wiki.de.100d:
    group: wiki
    language: de
    dimension: 100
    rows: 2000
    url: https://h/b
    sha256: {HASH}
  wiki.de.50d:
    {{group: wiki, language: de, dimension: 50, rows: 90, url: "https://h/c"}}
  wiki.ro.300d: {{group: wiki, language: ro, url: "https://h/d", sha256: {HASH}}}
  wiki.vo.300d: {{group: wiki, language: vo, url: "https://h/d", sha256: {HASH}}}
  news.deep:
    corpus: Zürcher Zeitung
    language: de-CH
    dimension: 25
    cased: true
    description: Of a German newspaper.
    aliases: [tagblatt]
    url: https://h/e
    sha256: {HASH}
  brazil:
    {{language: pt-BR, dimension: 25, cased: false, url: "https://h/f", sha256: {HASH}}}
"""


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    """Seven variants in four languages; one has no checksum."""
    path = tmp_path / "registry.yaml"
    path.write_text(ENTRIES, encoding="utf-8")
    return Registry.from_file(path)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("german wikipedia 300", ["wiki.de.300d"]),
        ("300d German WIKIPEDIA", ["wiki.de.300d"]),
        ("wiki.de.300d", ["wiki.de.300d"]),
        # The smaller of equally good ones first; last, what cannot be loaded.
        ("german wikipedia", ["wiki.de.100d", "wiki.de.300d", "wiki.de.50d"]),
        ("german 50", ["wiki.de.50d"]),
        ("romanian", ["wiki.ro.300d"]),
        ("volapuk", ["wiki.vo.300d"]),
        ("Volapük", ["wiki.vo.300d"]),
        ("zurcher", ["news.deep"]),
        ("zeit", ["news.deep"]),
        ("tagblatt", ["news.deep"]),
        ("newspaper", ["news.deep"]),
        ("portuguese", ["brazil"]),
        ("pt-br", ["brazil"]),
        ("br uncased", ["brazil"]),
        # Cased is a word, not the end of "uncased".
        ("cased", ["news.deep"]),
        ("300 romanian vectors", ["wiki.ro.300d"]),
        ("romanian 25", ["wiki.ro.300d", "news.deep", "brazil"]),
        # What all are says nothing, even where few descriptions have the word.
        ("the german vectors of wiki", ["wiki.de.100d", "wiki.de.300d", "wiki.de.50d"]),
        ("pre-trained romanian word embeddings", ["wiki.ro.300d"]),
        ("model vectors of newspaper", ["news.deep"]),
        ("deutsch wikipedia 300", ["wiki.de.300d"]),
        ("vectors português", ["brazil"]),
        ("klingon", []),
        ("", []),
        ("...", []),
        ("d", []),
    ],
)
def test_words_find_variants(text: str, names: list[str], registry: Registry) -> None:
    """A word is of a name, alias, corpus, language, dimension or description."""
    found = [variant.name for variant in registry.search(text)]
    assert found == names


def test_the_code_of_a_language_begins_no_other_word(registry: Registry) -> None:
    """The word "ro" is Romanian and not the beginning of another word."""
    assert [v.name for v in registry.search("ro")] == ["wiki.ro.300d"]
    # As a word of "wiki.de", as a tag and as the beginning of "deep" in a name.
    names = [v.name for v in registry.search("de")]
    assert set(names) == {"wiki.de.300d", "wiki.de.100d", "wiki.de.50d", "news.deep"}


def make_variant(name: str, **fields: Any) -> Variant:
    """Make a variant that is included nowhere."""
    return Variant(name=name, sources=(Source(url="https://h/a"),), **fields)


def test_a_word_counts_as_much_as_in_its_best_field() -> None:
    """That a language has it in its name does not lower it in a corpus."""
    variants = [
        make_variant("a", corpus="German news", language="gsw"),
        make_variant("b", corpus="German news"),
    ]
    assert Index(variants).search("german") == variants


def test_a_description_of_many_variants_is_indexed_once() -> None:
    """The long text of a group takes no memory for each of its variants."""
    text = " ".join(f"word{number}" for number in range(2_500))
    variants = [make_variant(f"v{n}", description=text) for n in range(400)]
    tracemalloc.start()
    try:
        index = Index(variants)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 4_000_000
    assert index.search("word2499 v7")[0] is variants[7]


def test_rare_words_count_more(registry: Registry) -> None:
    """Of variants with as many of the words, the one with the rarer word is first."""
    assert registry.search("wikipedia zeitung")[0].name == "news.deep"
    assert registry.search("300 tagblatt")[0].name == "news.deep"


def test_a_language_that_is_named_comes_first(registry: Registry) -> None:
    """Before variants that have more of the other words, or can be loaded."""
    names = [variant.name for variant in registry.search("romana zurcher zeitung")]
    assert names == ["wiki.ro.300d", "news.deep"]


def test_the_command_does_not_report_words_that_say_nothing(
    registry: Registry, capsys: pytest.CaptureFixture[str]
) -> None:
    """A note names words that are unknown, and not "pre-trained"."""
    assert main(["search", "pre-trained", "german", "vectors", "klingon"]) == 0
    notes = capsys.readouterr().err.splitlines()
    assert notes == ["glove-registry: no variant has the word 'klingon'"]


def test_the_order_of_words_and_calls_does_not_matter(registry: Registry) -> None:
    """The same words find the same variants in the same order."""
    first = registry.search("german wikipedia cased 25 300")
    assert first == registry.search("300 25 cased wikipedia german")
    assert first == registry.search("german wikipedia cased 25 300 300")


@pytest.mark.parametrize(
    ("pattern", "filters", "names"),
    [
        ("*", {"dimension": 100}, ["wiki.de.100d"]),
        ("*", {"language": "de", "dimension": 25}, ["news.deep"]),
        ("*", {"language": "German", "dimension": 25}, ["news.deep"]),
        ("*", {"language": "de-CH"}, ["news.deep"]),
        ("*", {"language": "DE-ch"}, ["news.deep"]),
        ("*", {"language": "pt"}, ["brazil"]),
        ("*", {"language": "pt-PT"}, []),
        ("*", {"language": "fr"}, []),
        ("*", {"language": "DEUTSCH", "dimension": 25}, ["news.deep"]),
        ("*", {"language": "PORTUGUÊS"}, ["brazil"]),
        ("*", {"language": "Română"}, ["wiki.ro.300d"]),
        ("*", {"language": "volapuk"}, ["wiki.vo.300d"]),
        ("deuts", {"dimension": 25}, ["news.deep"]),
        ("german", {"dimension": 50}, ["wiki.de.50d"]),
        ("ZÜRCHER", {}, ["news.deep"]),
        ("zurcher z", {}, ["news.deep"]),
        ("ortug", {}, ["brazil"]),
        ("i.de.1", {}, ["wiki.de.100d"]),
        ("tagb*", {}, ["news.deep"]),
        ("tagb", {}, ["news.deep"]),
        ("wiki.??.300d", {}, ["wiki.de.300d", "wiki.ro.300d", "wiki.vo.300d"]),
        ("wiki.ro", {}, ["wiki.ro.300d"]),
        ("wiki.r*", {"dimension": 100}, []),
        ("wiki.de.300d", {"dimension": 100}, []),
        ("ro", {}, ["wiki.ro.300d"]),
        ("nothing", {}, []),
    ],
)
def test_listing_by_a_part_and_filters(
    pattern: str, filters: dict[str, object], names: list[str], registry: Registry
) -> None:
    """A part of a name, corpus or language; a shell pattern for a whole name."""
    listed = registry.list_variants(pattern, **filters)  # type: ignore[arg-type]
    assert [variant.name for variant in listed] == names


def test_a_complete_name_lists_one_variant() -> None:
    """A name that begins another one stands for itself, and so does an alias."""
    for name in ("glove.6B.50d", "glove-wiki-gigaword-50"):
        (variant,) = glove_registry.list_variants(name)
        assert variant.name == "glove.6B.50d"
    assert len(glove_registry.list_variants("glove.6B.50")) == 2


def test_benchmarks_are_listed_by_a_part_of_their_name() -> None:
    """As variants are: by a name, by a part of one, or by a shell pattern."""
    registry = Registry.default()
    for pattern in ("simlex-999", "SimLex", "lex-", "s*999"):
        assert [b.name for b in registry.list_benchmarks(pattern)] == ["simlex-999"]
    assert len(registry.list_benchmarks("sim")) == 2
    assert registry.list_benchmarks("nothing") == []


def test_mistakes_in_filters_are_errors(registry: Registry) -> None:
    """What is no pattern, dimension, language or text says what was expected."""
    with pytest.raises(TypeError, match="expected a part of a name"):
        registry.list_variants(None)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="expected a part of a name"):
        registry.list_variants(["a"])  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="expected a whole number"):
        registry.list_variants(dimension="100")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="expected a text such as 'de'"):
        registry.list_variants(language=49)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="did you mean 'German'"):
        registry.list_variants(language="germn")
    with pytest.raises(TypeError, match="german wikipedia 300"):
        registry.search(300)  # type: ignore[arg-type]


def test_built_in_variants_are_found() -> None:
    """The functions of the package search the built-in registry."""
    names = [variant.name for variant in glove_registry.search("glove twitter 100")]
    assert names == ["glove.twitter.27B.100d"]
    assert glove_registry.search("german wikipedia 300")[0].language == "de"
    assert glove_registry.search("english wikipedia 300")[0].language == "en"
    assert glove_registry.search("google news")[0].name == "word2vec.GoogleNews-300d"
    every = glove_registry.list_variants(language="English")
    assert {v.language for v in every} == {"en", "en-simple"}
    assert "glove.6B.100d" in {v.name for v in every}


def test_thousands_of_entries_are_found_as_few_are(tmp_path: Path) -> None:
    """In a large registry each entry has its name, alias, language and place."""
    benchmark = runpy.run_path(
        str(Path(__file__).parents[2] / "benchmarks" / "registry.py")
    )
    path = tmp_path / "large.yaml"
    path.write_text(benchmark["make_registry"](5_000), encoding="utf-8")
    registry = Registry.over_default(path)
    assert registry.scan_names() == list(registry)
    assert registry.find("lab-wiki-4321").name == "lab.wiki.04321.300d"
    assert registry.search("lab 04321 300")[0].name == "lab.wiki.04321.300d"
    assert len(registry.list_variants("lab.wiki", language="pt")) == 500
    with pytest.raises(UnknownVariantError, match=r"'lab\.wiki\.04321\.300d'"):
        registry.find("lab.wiki.4321.300d")


def test_every_language_of_the_registry_has_a_name() -> None:
    """No built-in entry is missed by the English name of its language."""
    for variant in glove_registry.list_variants():
        if variant.language:
            assert name_language(variant.language), variant.language


@pytest.mark.parametrize("tag", OWN_NAMES)
def test_a_language_is_found_by_its_own_name(tag: str) -> None:
    """What its speakers call it stands for its tag alone, also decomposed."""
    for spelling in (OWN_NAMES[tag], OWN_NAMES[tag].upper()):
        assert find_tags(spelling) == (tag,)
        assert find_tags(unicodedata.normalize("NFD", spelling)) == (tag,)


def test_words_find_every_language_by_its_own_name() -> None:
    """In any script, the first variants found are of the language."""
    known = {variant.language for variant in glove_registry.list_variants()}
    for tag in OWN_NAMES.keys() & known:
        assert glove_registry.search(OWN_NAMES[tag])[0].language == tag


@given(st.sampled_from(sorted(NAMES)))
def test_a_language_is_found_by_its_name_and_tag(tag: str) -> None:
    """Each language's name, in any case, stands for its tag and those within it."""
    assert tag in find_tags(NAMES[tag].swapcase())
    assert find_tags(tag) == (tag,) or tag in find_tags(tag)
    assert has_tag(f"{tag}-x-any", find_tags(NAMES[tag]))
    assert not has_tag(f"{tag}x", [tag])
    assert not has_tag(None, [tag])


def test_the_command_finds_and_lists(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`search` and `list` with filters print the variants, and JSON for scripts."""
    path = tmp_path / "registry.yaml"
    path.write_text(ENTRIES, encoding="utf-8")
    own = ["--registry", str(path), "--json"]
    assert main(["search", "zurcher", "zeitung", "25", *own]) == 0
    assert [one["name"] for one in json.loads(capsys.readouterr().out)] == ["news.deep"]
    assert main(["list", "--language", "de-ch", "--dimension", "25", *own]) == 0
    assert [one["name"] for one in json.loads(capsys.readouterr().out)] == ["news.deep"]
    assert main(["search", "klingon zurcher", *own[:2]]) == 0
    captured = capsys.readouterr()
    assert "news.deep" in captured.out
    assert "no variant has the word 'klingon'" in captured.err


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["search", "klingon"], "no variant matches 'klingon'"),
        (["search"], "WORD"),
        (["list", "--dimension", "7"], "no variant matches '--dimension 7'"),
        (
            ["list", "glove", "--dimension", "7"],
            "no variant matches 'glove --dimension 7'",
        ),
        (["list", "--dimension", "0"], "expected a whole number from 1 on"),
        (["list", "--language", "Germn"], "did you mean 'German'?"),
        (["list", "--benchmarks", "--language", "de"], "not for --benchmarks"),
    ],
)
def test_the_command_refuses(
    arguments: list[str], reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """What finds nothing or is no filter ends with status 2 and the reason."""
    try:
        status = main(arguments)
    except SystemExit as stop:
        status = int(stop.code or 0)
    assert status == 2
    assert reason in capsys.readouterr().err


def test_suggestions_begin_with_what_can_be_loaded(registry: Registry) -> None:
    """Without a checksum comes last; before it, the smallest vectors first."""
    with pytest.raises(UnknownVariantError) as caught:
        registry.find("wiki.de")
    assert str(caught.value).endswith(
        "did you mean 'wiki.de.100d', 'wiki.de.300d' or 'wiki.de.50d'?"
    )


def test_words_in_place_of_a_name_lead_to_variants(registry: Registry) -> None:
    """What `search` would find with all of the words is suggested."""
    with pytest.raises(UnknownVariantError, match=r"did you mean 'wiki\.ro\.300d'\?"):
        registry.find("romanian wikipedia 300")


@pytest.mark.parametrize("path", ["x.txt", "./mine", "../x", "/tmp/none", "a.NPZ"])
def test_a_path_leads_to_what_opens_files(
    path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """What looks like a path, whether it exists or not, leads to open_file and add."""
    with pytest.raises(UnknownVariantError, match=r"open_file\(\)"):
        glove_registry.load(path)
    with pytest.raises(UnknownVariantError, match=r"open_file\(\)"):
        glove_registry.load(Path(path))  # type: ignore[arg-type]
    assert main(["fetch", path]) == 2
    assert "glove-registry add" in capsys.readouterr().err


def test_a_file_with_the_name_of_a_variant_is_suggested_as_such() -> None:
    """The name of a variant's file leads to the variant first, and to open_file."""
    with pytest.raises(UnknownVariantError) as caught:
        glove_registry.load("glove.6B.100d.txt")
    message = str(caught.value)
    assert message.index("'glove.6B.100d'?") < message.index("open_file()")
