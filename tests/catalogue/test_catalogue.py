"""The catalogue says what registry and cache say, and no text of it is markup."""

import ast
import base64
import hashlib
import json
import os
import re
import shlex
import subprocess
import sys
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
import yaml
from entries import SMALL, list_files, sha256, write_registry
from fault_server import FaultServer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import glove_registry
from glove_registry import Registry
from glove_registry.catalogue import write_catalogue
from glove_registry.catalogue.entries import Card
from glove_registry.catalogue.neighbours import choose_words
from glove_registry.cli import main
from glove_registry.download import estimate_costs
from glove_registry.errors import OutputError

VOID = {"input", "link", "meta", "wbr"}
# Blanks, and what has no place in a page or stands for it.
UNSEEN = re.compile("[\\s\x00-\x1f\x7f-\x9f\u202e\ufffd]")
# Texts that would do something if any of them were taken as markup or code.
HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "\"' onfocus='alert(1)' autofocus=\"",
    "</code></li></ol></main><style>*{display:none}</style>",
    "{{facts}}{{script}}",
    "&lt;b&gt; &amp;",
    "javascript:alert(1)",
    'https://example.org/" onclick="alert(1)',
    "\u202egnp.exe \u2028 \x00\x1b[31m\x85 \uffff",
)


class Page(HTMLParser):
    """A page as a parser sees it: elements, attributes and texts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = ""
        self.skeleton: list[tuple[str, tuple[str, ...]]] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.copied: dict[str, str] = {}
        self.code: dict[str, str] = {}
        # Of the table rows, by id: their text, and the number of their card.
        self.rows: dict[str, str] = {}
        self.cards: dict[str, int] = {}
        self.comments: list[str] = []
        self._open: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)
        self.close()
        assert not self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take the start of an element."""
        self.skeleton.append((tag, tuple(name for name, _ in attrs)))
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(self.elements[-1])

    def handle_endtag(self, tag: str) -> None:
        """Take the end of an element, which must be the one that is open."""
        assert self._open.pop()[0] == tag
        if tag in ("a", "dt", "dd", "li", "th", "td"):
            self.text += " "

    def handle_data(self, data: str) -> None:
        """Take text."""
        if not self._open:
            assert not data.strip()
            return
        tag, attributes = self._open[-1]
        if tag in ("script", "style"):
            kind = attributes.get("type") or tag
            self.code[kind] = self.code.get(kind, "") + data
            return
        self.text += data
        for tag, found in self._open:
            if what := found.get("data-copy"):
                self.copied[what] = self.copied.get(what, "") + data
            if tag == "tr" and (name := found.get("id")):
                self.rows[name] = self.rows.get(name, "") + data
                cards = sum(tag == "article" for tag, _ in self.skeleton)
                self.cards[name] = cards - 1

    def handle_comment(self, data: str) -> None:
        """Take a comment; the page has none."""
        self.comments.append(data)

    def values(self, name: str) -> list[str]:
        """Give all values of an attribute."""
        return [found[name] or "" for _, found in self.elements if name in found]


def read_page(registry: Registry, folder: Path) -> Page:
    """Write the catalogue of a registry and read the page of all variants."""
    return Page(write_catalogue(registry, folder).read_text(encoding="utf-8"))


def read_variant(folder: Path, name: str) -> Page:
    """Read the page of one variant."""
    path = folder / "variants" / f"{name}.html"
    return Page(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the built-in registry, written with an empty cache."""
    folder = tmp_path_factory.mktemp("site")
    cache = tmp_path_factory.mktemp("cache")
    write_catalogue(Registry.default(), folder, cache_dir=cache)
    return folder


@pytest.fixture(scope="module")
def page(site: Path) -> Page:
    """The page of all variants of the built-in registry."""
    return Page((site / "index.html").read_text(encoding="utf-8"))


def test_every_fact_of_every_variant_is_on_its_page(site: Path) -> None:
    """Names, shapes, sizes, URLs, checksums, licences and citations are all there."""
    for head in Registry.default().list_variants():
        page = read_variant(site, head.name)
        for variant in Registry.default().list_revisions(head.name):
            facts: list[object] = [
                variant.name,
                variant.revision,
                variant.corpus,
                variant.license,
                variant.description,
                variant.choose_when and variant.choose_when.strip(),
                variant.homepage,
                variant.dimension,
                variant.tokenizer,
                *variant.aliases,
                variant.member.name,
                variant.member.sha256,
                *(source.url for source in variant.sources),
                *(source.sha256 for source in variant.sources),
                *(variant.citation or "").strip().splitlines(),
                *(
                    f"{count:,}"
                    for count in (
                        variant.rows,
                        variant.member.bytes,
                        *(source.bytes for source in variant.sources),
                    )
                    if count
                ),
            ]
            for fact in facts:
                assert fact is None or str(fact) in page.text, (variant.name, fact)


def test_each_card_says_when_to_choose_it_and_what_it_costs(page: Page) -> None:
    """Names, advice, words, downloads and licences stand on the page of all."""
    variants = Registry.default().list_variants()
    for variant, cost in zip(variants, estimate_costs(variants, None), strict=True):
        assert str(variant.choose_when).strip() in page.text
        row = page.rows[variant.name]
        assert (f"{variant.row_count:,}" if variant.row_count else "\u2013") in row
        shown = str(cost.download).replace("at most", "≤").replace("-", "\u2013")
        assert ("included" if variant.is_included else shown) in row
    unknown = [v.name for v in variants if v.anchor is None]
    marked = [name for name in page.rows if "no checksum" in page.rows[name]]
    alone = page.text.count("no checksum: has to be trusted on first use")
    assert len(marked) + alone == len(unknown) > len(marked)
    assert set(marked) < set(unknown)


def test_variants_that_differ_in_size_or_language_share_a_card(page: Page) -> None:
    """Each variant is in one row, and four dimensions or all languages in one card."""
    names = list(Registry.default())
    assert sorted(page.rows) == sorted(names)
    sizes = Counter(page.cards.values())
    assert sum(sizes.values()) == len(names)
    for pattern in ("glove.6B.*00d", "glove.twitter.27B.*", "fasttext.cc.*"):
        found = [v.name for v in Registry.default().list_variants(pattern)]
        assert len({page.cards[name] for name in found}) == 1, pattern
    for pair in (
        ("glove.42B.300d", "glove.840B.300d"),
        ("fasttext.wiki.en.300d", "fasttext.wiki.en.bin"),
        ("word2vec.GoogleNews-300d", "word2vec.GoogleNews-300d-SLIM"),
        ("glove.6B.50d", "glove.6B.50d-first10k"),
    ):
        assert len({page.cards[name] for name in pair}) == 2, pair


def test_only_entries_of_a_group_share_a_card(tmp_path: Path) -> None:
    """Equal facts alone do not, nor does a group whose entries have other corpora."""
    (tmp_path / "r.yaml").write_text(
        "groups:\n  g: {url: 'https://example.org/a'}\n"
        "variants:\n"
        "  a.1: {group: g}\n"
        "  b: {url: 'https://example.org/b'}\n"
        "  a.2: {group: g, language: de, dimension: 5}\n"
        "  c: {url: 'https://example.org/b'}\n"
        "  a.3: {group: g, corpus: another}\n"
    )
    page = read_page(Registry.from_file(tmp_path / "r.yaml"), tmp_path)
    assert list(page.rows) == ["a.1", "a.2", "b", "c", "a.3"]
    assert list(page.cards.values()) == [0, 0, 1, 2, 3]


def test_a_large_family_takes_no_longer_for_each_entry(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its languages are listed once, not again for each row."""
    (tmp_path / "r.yaml").write_text(
        "groups:\n  g: {url: 'https://example.org/a'}\nvariants:\n"
        + "".join(f"  a.{n}: {{group: g, dimension: {n + 1}}}\n" for n in range(50))
    )
    listed = 0

    def list_languages(card: Card) -> list[str]:
        nonlocal listed
        listed += 1
        return ["English (en)", "German (de)"]

    monkeypatch.setattr(Card, "languages", property(list_languages))
    page = read_page(Registry.from_file(tmp_path / "r.yaml"), tmp_path)
    assert list(page.cards.values()) == [0] * 50
    assert listed == 1


def read_call(code: str) -> tuple[list[object], dict[str | None, object]]:
    """Return the arguments of the one call of `load` in some code."""
    *imports, last = ast.parse(code).body
    assert [ast.unparse(one) for one in imports] in ([], ["import glove_registry"])
    assert isinstance(last, ast.Expr | ast.Assign) and isinstance(last.value, ast.Call)
    assert ast.unparse(last.value.func) == "glove_registry.load"
    return (
        [ast.literal_eval(argument) for argument in last.value.args],
        {k.arg: ast.literal_eval(k.value) for k in last.value.keywords},
    )


def test_the_code_asks_for_its_variant(page: Page, site: Path) -> None:
    """It imports and names one variant, and trusts only where there is no checksum."""
    registry = Registry.default()
    for name in registry:
        own = read_variant(site, name)
        code = own.copied[f"the code of {name}"]
        assert code.startswith("import glove_registry\n")
        assert page.copied[f"the code of {name}"] in (code, code * 2)
        calls = {name: code}
        if registry.find(name).revision:
            for variant in registry.list_revisions(name):
                reference = variant.reference
                calls[reference] = own.copied[f"the call for {reference}"]
        for reference, code in calls.items():
            trusted = registry.find(reference).anchor is None
            given = {"trust_on_first_use": True} if trusted else {}
            assert read_call(code) == ([reference], given)


def test_the_code_of_ones_own_registry_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That of an entry that is not known anyway names its file, and works there."""
    (tmp_path / "v.txt").write_bytes(SMALL)
    path = write_registry(tmp_path, "mine", url="file:v.txt", sha256=sha256(SMALL))
    path = path.rename(tmp_path / "my (own).yaml")
    page = read_page(Registry.from_file(path), tmp_path / "site")
    monkeypatch.chdir(tmp_path)
    found: dict[str, Any] = {}
    exec(page.copied["the code of mine"], found)
    assert "film" in found["vectors"]
    own = read_variant(tmp_path / "site", "mine")
    program, *arguments = shlex.split(own.copied["the command for mine"])
    assert program == "glove-registry"
    assert main(arguments) == 0
    # What GLOVE_REGISTRY_PATH names is known to every load.
    monkeypatch.setenv("GLOVE_REGISTRY_PATH", str(path))
    page = read_page(Registry.from_file(path), tmp_path / "site")
    assert "registry=" not in page.copied["the code of mine"]
    exec(page.copied["the code of mine"], found)


@pytest.mark.parametrize("behind", ["", "#sha256={}", "#credentials=environment"])
def test_the_code_of_a_registry_with_a_url_names_it_whole(
    behind: str, server: FaultServer, tmp_path: Path
) -> None:
    """It loads from there, in any folder, with all that was stated of the registry."""
    entry = f"variants:\n  mine: {{url: ./v.txt, sha256: {sha256(SMALL)}}}\n".encode()
    server.add("/my%20lab/v.txt", SMALL)
    url = server.add("/my%20lab/registry.yaml", entry) + behind.format(sha256(entry))
    page = read_page(Registry.over_default(url), tmp_path / "site")
    _, given = read_call(page.copied["the code of mine"])
    assert given == {"registry": url}
    found: dict[str, Any] = {}
    exec(page.copied["the code of mine"], found)
    assert "film" in found["vectors"]
    own = read_variant(tmp_path / "site", "mine")
    assert shlex.split(own.copied["the command for mine"])[-1] == url
    assert main(shlex.split(own.copied["the command for mine"])[1:]) == 0


def test_the_code_of_a_registry_in_a_folder_names_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever names the folder gets code that names the file in it."""
    write_registry(tmp_path, "mine", url="https://example.org/a", sha256="1" * 64)
    monkeypatch.chdir(tmp_path)
    page = read_page(Registry.over_default("."), tmp_path / "site")
    _, given = read_call(page.copied["the code of mine"])
    assert given == {"registry": "registry.yaml"}


def test_scores_are_the_published_ones(page: Page, site: Path) -> None:
    """Each score stands on its variant's page with its source, and no other does."""
    path = Path(glove_registry.__file__).parent.parent / "registry.yaml"
    benchmarks = yaml.safe_load(path.read_text(encoding="utf-8"))["benchmarks"]
    expected: dict[str, list[str]] = {name: [] for name in Registry.default()}
    totals: dict[tuple[str, str], list[float]] = {}
    for benchmark, facts in benchmarks.items():
        for one in facts["published"]:
            for name, parts in one["scores"].items():
                scores = " ".join(f"{part} {value}" for part, value in parts.items())
                protocol = one["protocol"]
                expected[name].append(
                    f"{benchmark} {scores} {one['source']} {protocol}"
                )
                if "total" in parts:
                    key = (benchmark, str(page.cards[name]))
                    totals.setdefault(key, []).append(parts["total"])
    for name, rows in expected.items():
        text = " ".join(read_variant(site, name).text.split())
        assert [row for row in rows if row not in text] == []
        stated = sum(len(re.findall(r"total \d", row)) for row in rows)
        assert len(re.findall(r"total \d", text)) == stated
        assert ("no published scores" in text) == (not rows)
    flat = " ".join(page.text.split())
    for (benchmark, _), found in totals.items():
        low, high = min(found), max(found)
        shown = f"{low:.2f}" + f" to {high:.2f}" * (high > low)
        assert f"{benchmark} {shown}" in flat


LETTERS = "abcdefghij"


def write_release(folder: Path) -> tuple[Path, Path]:
    """Write vectors of a hundred words, and a registry that has them, and others."""
    rng = np.random.default_rng(3)
    lines = [
        f"word{a}{b} " + " ".join(f"{x:.4f}" for x in rng.normal(size=5))
        for a in LETTERS
        for b in LETTERS
    ]
    text = folder / "v.txt"
    text.write_text("\n".join(lines) + "\n")
    path = folder / "two.yaml"
    path.write_text(
        "variants:\n"
        f"  mine: {{url: 'file:v.txt', sha256: {sha256(text.read_bytes())}}}\n"
        f"  other: {{url: 'file:w.txt', sha256: {'1' * 64}}}\n"
    )
    return path, text


@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_neighbours_are_those_of_vectors_that_the_cache_has(
    dtype: Literal["float32", "float16"], tmp_path: Path, cache_root: Path
) -> None:
    """They are what a plain loop over the file finds; without a store, none."""
    path, text = write_release(tmp_path)
    registry = Registry.from_file(path)
    read_page(registry, tmp_path / "site")
    assert "Similar words" not in read_variant(tmp_path / "site", "mine").text
    # Nothing has been fetched or compiled for it.
    assert list_files(cache_root) == []
    glove_registry.load("mine", registry=path, dtype=dtype)
    kept = list_files(cache_root / "stores")
    index = " ".join(read_page(registry, tmp_path / "site").text.split())
    page = " ".join(read_variant(tmp_path / "site", "mine").text.split())
    assert "among the first 100 words" in page
    vectors = {
        word: np.array(numbers, float)
        for word, *numbers in map(str.split, text.read_text().splitlines())
    }
    for word in ("wordbf", "wordcf", "worddf", "wordef"):
        own = vectors[word]
        cosines = {
            other: own @ vector / np.linalg.norm(own) / np.linalg.norm(vector)
            for other, vector in vectors.items()
            if other != word
        }
        nearest = sorted(cosines, key=lambda other: -cosines[other])[:5]
        shown = " ".join(f"{other} {cosines[other]:.2f}" for other in nearest)
        assert f"{word} {shown}" in page
        first = f"Near to {word} {', '.join(nearest)}"
        assert (first in index) == (word == "wordbf")
    assert "Similar words" not in read_variant(tmp_path / "site", "other").text
    assert list_files(cache_root / "stores") == kept


def test_vectors_that_cannot_be_used_leave_the_neighbours_out(tmp_path: Path) -> None:
    """An entry that contradicts its store gets a page, without neighbours."""
    path, _ = write_release(tmp_path)
    glove_registry.load("mine", registry=path)
    path.write_text(
        path.read_text().replace("url: 'file:v", "dimension: 7, url: 'file:v")
    )
    read_page(Registry.from_file(path), tmp_path / "site")
    assert "Similar words" not in read_variant(tmp_path / "site", "mine").text


def test_the_sample_of_the_package_always_has_neighbours(site: Path) -> None:
    """The page shows them as `most_similar` finds them, with an empty cache, too."""
    text = " ".join(read_variant(site, "glove.6B.50d-first10k").text.split())
    vectors = glove_registry.load("glove.6B.50d-first10k")
    words = [w for w in vectors.tokens[1500:1520] if len(w) > 4 and w.isalpha()]
    found = vectors.most_similar(words[0], topn=5)
    shown = " ".join(f"{word} {cosine:.2f}" for word, cosine in found)
    assert f"{words[0]} {shown}" in text


@pytest.mark.parametrize(
    ("tokens", "words"),
    [
        ([f"{a}{b}xyz" for a in LETTERS for b in LETTERS], "bfxyz cfxyz dfxyz efxyz"),
        (["The", ",", "12345", "house", "a"] * 20, "house"),
        (["나는", "사람", "사람들"] * 40, "사람들"),
        (["1", "2", ";"] * 40, ""),
        ([], ""),
    ],
    ids=("words", "one word", "short words", "numbers", "nothing"),
)
def test_words_are_chosen_by_their_place(tokens: list[str], words: str) -> None:
    """They are words of letters without capitals, from some places on, each once."""
    assert choose_words(tokens) == words.split()


def write_texts(folder: Path, texts: list[str]) -> Registry:
    """Make a registry with a text in every field that takes any."""
    fields = (
        *("corpus", "license", "description", "citation", "tokens"),
        "choose_when",
    )
    path = write_registry(
        folder,
        "mine",
        url="https://example.org/a.zip",
        sha256="1" * 64,
        member={"name": texts[-1]},
        **dict(zip(fields, texts, strict=False)),
    )
    return Registry.from_file(path)


def check_texts(folder: Path, texts: list[str]) -> None:
    """See that pages with these texts have the elements of those with plain texts."""
    read_page(write_texts(folder, list("abcdefg")), folder / "plain")
    index = read_page(write_texts(folder, texts), folder / "site")
    own = read_variant(folder / "site", "mine")
    expected = read_variant(folder / "plain", "mine")
    assert own.skeleton == expected.skeleton
    plain = Page((folder / "plain" / "index.html").read_text(encoding="utf-8"))
    assert index.skeleton == plain.skeleton
    assert index.comments == own.comments == []
    shown = UNSEEN.sub("", own.text)
    assert all(UNSEEN.sub("", text) in shown for text in texts)
    for url in (*index.values("href"), *own.values("href")):
        assert re.match(
            r"https?://|(variants/mine|\.\./index)\.html$|data:image/svg",
            url,
            re.IGNORECASE,
        ), url
    (facts,) = json.loads(index.code["application/json"])
    # A filter offers what the facts hold: else it would find nothing.
    assert {facts["corpus"], facts["license"]} <= set(index.values("value"))


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_is_text(text: str, tmp_path: Path) -> None:
    """Wherever an entry has markup or code, the page shows it letter by letter."""
    check_texts(tmp_path, [text] * 7)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.lists(
        st.text(st.sampled_from("<>&\"'/= -!{}$\\\n\r\0ascript:f"), min_size=1).filter(
            str.strip
        ),
        min_size=7,
        max_size=7,
    )
)
def test_any_text_is_text(tmp_path: Path, texts: list[str]) -> None:
    """No text of the characters that mean something to a browser adds an element."""
    check_texts(tmp_path, texts)


@pytest.mark.parametrize(
    "homepage",
    [
        "https://example.org/a?b=1&c=2",
        "HTTP://example.org",
        'https://example.org/\'onclick="alert(1)"><script>',
    ],
)
def test_only_web_addresses_are_links(homepage: str, tmp_path: Path) -> None:
    """A homepage is a link, and the URL of a source only if it is https: or http:."""
    path = write_registry(
        tmp_path, "mine", url="ftp://example.org/a", homepage=homepage
    )
    read_page(Registry.from_file(path), tmp_path)
    page = read_variant(tmp_path, "mine")
    links = [found["href"] for tag, found in page.elements if tag == "a"]
    assert links == ["../index.html", homepage]
    assert "ftp://example.org/a" in page.text


@pytest.mark.parametrize("relative", [True, False])
def test_a_file_on_this_machine_is_shown_by_its_name(
    relative: bool, tmp_path: Path
) -> None:
    """Pages that others read have no folder of it, as whatever URL it is written."""
    file = tmp_path / "secret folder" / "my 100%.txt"
    url = "file:secret%20folder/my%20100%25.txt" if relative else file.as_uri()
    mirror = "https://example.org/my.txt"
    sources = [{"url": one, "sha256": "1" * 64} for one in (url, mirror)]
    path = write_registry(tmp_path, "mine", sources=sources)
    index = read_page(Registry.from_file(path), tmp_path)
    own = read_variant(tmp_path, "mine")
    items = [" ".join(text.split()) for text in own.text.split("my 100%.txt")]
    assert len(items) == 2 and mirror in items[1]
    for page in (index, own):
        whole = f"{page.text}{page.elements}{page.code}"
        assert "secret" not in whole and tmp_path.name not in whole


@pytest.mark.parametrize("name", ["index", "variants/glove.6B.50d-first10k"])
def test_a_page_needs_nothing_and_allows_nothing_else(name: str, site: Path) -> None:
    """All is inside, and the policy allows the style and the script by hash alone."""
    page = Page((site / f"{name}.html").read_text(encoding="utf-8"))
    assert page.values("src") == []
    assert not [name for _, names in page.skeleton for name in names if name == "style"]
    assert not [n for _, names in page.skeleton for n in names if n.startswith("on")]
    (policy,) = (c for c in page.values("content") if c.startswith("default-src"))
    for kind in ("style", "script"):
        digest = hashlib.sha256(page.code[kind].encode()).digest()
        assert f"{kind}-src 'sha256-{base64.b64encode(digest).decode()}';" in policy
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy and "http" not in policy
    # The policy stands before all that it is for.
    tags = [tag for tag, _ in page.skeleton]
    assert tags.index("meta") < tags.index("link") < tags.index("style")


def test_the_pages_are_well_formed(page: Page, site: Path) -> None:
    """Elements nest, ids are unique, links lead somewhere, each control has a label."""
    ids = Counter(page.values("id"))
    assert max(ids.values()) == 1
    assert set(Registry.default()) <= set(ids)
    tags = [tag for tag, _ in page.skeleton]
    assert tags.count("label") == tags.count("select") + tags.count("input")
    size = (site / "index.html").stat().st_size
    assert size < 60_000 + 1_500 * len(Registry.default())
    files = sorted((site / "variants").iterdir())
    assert [file.name for file in files] == sorted(
        f"{name}.html" for name in Registry.default()
    )
    for file in (site / "index.html", *files):
        assert file.stat().st_size < 40_000 or file.name == "index.html"
        for url in Page(file.read_text(encoding="utf-8")).values("href"):
            if not url.startswith(("http", "data:")):
                target, _, fragment = url.partition("#")
                assert (file.parent / target).is_file(), url
                is_index = (file.parent / target).resolve() == site / "index.html"
                assert not fragment or (is_index and fragment in ids), url


def test_a_large_family_is_linked_from_each_of_its_pages(tmp_path: Path) -> None:
    """The link leads to the card with just these variants, whatever their names."""
    cards = {"one": [f"abc.{n}" for n in range(9)], "two": [f"x{n}" for n in range(10)]}
    (tmp_path / "r.yaml").write_text(
        "groups:\n  fam: {url: 'https://example.org/a'}\nvariants:\n"
        + "".join(
            f"  {name}: {{group: fam, corpus: {corpus}}}\n"
            for corpus, names in cards.items()
            for name in names
        )
        + "  fam: {url: 'https://example.org/b'}\n"
    )
    index = read_page(Registry.from_file(tmp_path / "r.yaml"), tmp_path)
    articles = [found["id"] for tag, found in index.elements if tag == "article"]
    for names in cards.values():
        for name in names:
            page = read_variant(tmp_path, name)
            assert f"all {len(names)} of fam" in page.text
            (link,) = (u for u in page.values("href") if u.startswith("../index.html#"))
            card = articles.index(link.partition("#")[2])
            assert [n for n, place in index.cards.items() if place == card] == names


def test_the_same_registry_gives_the_same_bytes(site: Path, tmp_path: Path) -> None:
    """Another process, folder and seed of hash() give the same pages, pathless."""
    folder = tmp_path / "site"
    done = subprocess.run(
        [sys.executable, "-m", "glove_registry", "catalogue", "--output", folder],
        env={**os.environ, "PYTHONHASHSEED": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert (done.stdout, done.stderr) == (f"{folder / 'index.html'}\n", "")
    written = {name: (folder / name).read_bytes() for name in list_files(folder)}
    assert written == {name: (site / name).read_bytes() for name in list_files(site)}
    package = Path(glove_registry.__file__).parent.parent
    for path in (package, tmp_path, site.parent):
        assert not [name for name in written if str(path).encode() in written[name]]


def test_the_page_of_a_variant_goes_with_it(tmp_path: Path) -> None:
    """Pages of variants that are gone are removed; what the user put there stays."""
    folder = tmp_path / "site"
    both = tmp_path / "both.yaml"
    both.write_text(
        "variants:\n"
        "  old: {url: 'https://example.org/a'}\n"
        "  new: {url: 'https://example.org/b'}\n"
    )
    read_page(Registry.from_file(both), folder)
    own = ["variants/notes.html", "variants/old.txt", "about.html"]
    for name in own:
        (folder / name).write_text("mine, with glove_registry catalogue in it")
    written = ["index.html", "variants/new.html", "variants/old.html"]
    assert list_files(folder) == sorted(written + own)
    path = write_registry(tmp_path, "new", url="https://example.org/b")
    read_page(Registry.from_file(path), folder)
    assert list_files(folder) == sorted([*written[:2], *own])
    for name in own:
        assert (folder / name).read_text().startswith("mine")


MARK = '<meta name="generator" content="glove_registry catalogue 0.1.0">'
START = '<!DOCTYPE html>\n<html lang="en">\n<head>\n'


@pytest.mark.parametrize(
    "text",
    [
        MARK,
        f"<p>Its pages begin with {MARK}</p>",
        f"{START}<!-- as in\n{MARK}\n-->",
        f"{START}<title>a</title>\n{MARK}",
        f"{START}<meta name=\"description\" content='{MARK}'>",
        f"\n{START}{MARK}",
    ],
    ids=("alone", "quoted", "comment", "title", "attribute", "shifted"),
)
def test_a_page_that_quotes_the_mark_stays(text: str, tmp_path: Path) -> None:
    """Only what begins as every page of a catalogue is removed or replaced."""
    path = write_registry(tmp_path, "mine", url="https://example.org/a")
    folder = tmp_path / "site"
    index = write_catalogue(Registry.from_file(path), folder)
    notes = folder / "variants" / "notes.html"
    notes.write_text(text)
    write_catalogue(Registry.from_file(path), folder)
    assert notes.read_text() == text
    index.write_text(text)
    with pytest.raises(OutputError, match="not written by this command"):
        write_catalogue(Registry.from_file(path), folder)
    assert index.read_text() == text


def test_pages_of_other_releases_and_line_ends_are_its_own(tmp_path: Path) -> None:
    """A folder that was written before, and checked out by git, can be written."""
    path = write_registry(tmp_path, "mine", url="https://example.org/a")
    folder = tmp_path / "site"
    write_catalogue(Registry.from_file(path), folder)
    old = folder / "variants" / "old.html"
    text = f"{START}<meta charset='utf-8'>\n{MARK}\n".replace("\n", "\r\n")
    old.write_bytes(text.encode())
    write_catalogue(Registry.from_file(path), folder)
    assert not old.exists()


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_links_are_not_followed(tmp_path: Path) -> None:
    """Where a link leads, nothing is written or removed, and the link stays."""
    path = write_registry(tmp_path, "mine", url="https://example.org/a")
    registry = Registry.from_file(path)
    page = write_catalogue(registry, tmp_path / "other").parent / "variants/mine.html"
    (page.parent / "old.html").write_bytes(page.read_bytes())
    before = list_files(tmp_path / "other")
    site = tmp_path / "site"
    site.mkdir()
    for link, target in (
        (site / "variants", page.parent),
        (site / "variants", tmp_path / "nowhere"),
        (site / "index.html", page),
    ):
        link.symlink_to(target)
        with pytest.raises(OutputError, match="cannot write") as found:
            write_catalogue(registry, site)
        assert str(link) in str(found.value)
        assert [*site.iterdir()] == [link] and link.is_symlink()
        link.unlink()
    assert list_files(tmp_path / "other") == before


@pytest.mark.parametrize("name", ["index.html", "variants/mine.html"])
def test_a_file_of_the_user_is_not_replaced(name: str, tmp_path: Path) -> None:
    """Where a page would be, it is an error that names it, and nothing is written."""
    path = write_registry(tmp_path, "mine", url="https://example.org/a")
    file = tmp_path / "site" / name
    file.parent.mkdir(parents=True)
    file.write_text("<title>My own page</title>")
    with pytest.raises(OutputError, match="not written by this command") as found:
        write_catalogue(Registry.from_file(path), tmp_path / "site")
    assert str(file) in str(found.value)
    assert list_files(tmp_path / "site") == [name]
    assert file.read_text() == "<title>My own page</title>"


def test_a_page_that_has_not_changed_is_not_written(tmp_path: Path) -> None:
    """Its time stays that of the last change, for tools that copy what is newer."""
    path = write_registry(tmp_path, "mine", url="https://example.org/a")
    page = write_catalogue(Registry.from_file(path), tmp_path / "site")
    os.utime(page, (1, 1))
    write_catalogue(Registry.from_file(path), tmp_path / "site")
    assert page.stat().st_mtime == 1
    path = write_registry(tmp_path, "mine", url="https://example.org/a", corpus="c")
    write_catalogue(Registry.from_file(path), tmp_path / "site")
    assert page.stat().st_mtime > 1


def test_the_command_takes_a_registry(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """--registry puts its entries on the page, and --json gives the path."""
    path = write_registry(tmp_path, "mine", url="https://example.org/a")
    folder = tmp_path / "deep" / "site"
    options = ["--output", str(folder), "--registry", str(path), "--json"]
    assert main(["catalogue", *options]) == 0
    written = Path(json.loads(capsys.readouterr().out)["path"])
    assert written == folder / "index.html"
    page = Page(written.read_text(encoding="utf-8"))
    assert {"mine", *Registry.default()} <= set(page.values("id"))
    # Others have to be able to read it: a web server, for example.
    umask = os.umask(0)
    os.umask(umask)
    assert written.stat().st_mode & 0o777 == 0o666 & ~umask


@pytest.mark.parametrize("place", ["file", "file/below", "page"])
def test_what_cannot_be_written_is_one_sentence(
    place: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file for a folder, or a folder for the page: one line, exit 1, nothing left."""
    (tmp_path / "file").write_text("mine")
    (tmp_path / "page" / "index.html").mkdir(parents=True)
    assert main(["catalogue", "--output", str(tmp_path / place)]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"glove-registry: cannot write {tmp_path / place}")
    assert err.count("\n") == 1
    left = [path for path in list_files(tmp_path) if not path.startswith("cache")]
    assert left == ["file"]


def test_a_page_is_replaced_as_a_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If writing breaks off, the pages that were there stay, and nothing else."""
    path = write_registry(tmp_path, "mine", url="https://example.org/a")
    folder = tmp_path / "site"
    page = write_catalogue(Registry.from_file(path), folder)
    before = page.read_bytes()
    path = write_registry(tmp_path, "mine", url="https://example.org/other")

    def write_half(path: Path, content: bytes) -> int:
        with path.open("wb") as file:
            file.write(content[:1000])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", write_half)
    with pytest.raises(OutputError, match="No space left"):
        write_catalogue(Registry.from_file(path), folder)
    assert list_files(folder) == ["index.html", "variants/mine.html"]
    assert page.read_bytes() == before
