"""The site of the documentation: whole, self-contained, and usable in a browser."""

import os
import pydoc
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from html import unescape
from html.parser import HTMLParser
from inspect import Parameter, isfunction, signature
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urldefrag

import pytest
from chromium import Chromium

import glove_registry
from glove_registry import Registry, Vectors, analysis, errors

pytestmark = pytest.mark.slow

CHECKOUT = Path(__file__).parent.parent
DESKTOP, PHONE = (1280, 900), (390, 844)


class Parsed(HTMLParser):
    """The anchors of a page, its links, and what it loads."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.anchors, self.links, self.loaded = {""}, set[str](), set[str]()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what a tag names or asks for."""
        found = {name: value or "" for name, value in attrs}
        self.anchors |= {found[name] for name in ("id", "name") if name in found}
        if tag == "a" and "href" in found:
            self.links.add(found["href"])
        elif tag == "link" or "src" in found:
            self.loaded.add(found.get("href", found.get("src", "")))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built as `make docs` does, without a warning."""
    folder = tmp_path_factory.mktemp("site").resolve() / "built"
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "-d", str(folder)],
        cwd=CHECKOUT,
        env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, Parsed]:
    """Each page of the site, parsed."""
    return {path: Parsed(path) for path in sorted(site.rglob("*.html"))}


def test_every_link_leads_somewhere(pages: dict[Path, Parsed], site: Path) -> None:
    """A link within the site names a file that is there, and a place on that page."""
    assert len(pages) > 30
    for path, page in pages.items():
        if path.name == "404.html":  # its links are those of the root of a server
            continue
        for link in page.links | page.loaded:
            if re.match(r"https?:|mailto:|data:|javascript:", link):
                continue
            name, anchor = map(unquote, urldefrag(link))
            target = (path.parent / name).resolve() if name else path
            assert target.is_relative_to(site), (path, link)
            assert target.is_file(), (path, link)
            # The catalogue has searches as well: #q=fasttext.wiki
            if target.suffix == ".html" and "=" not in anchor:
                assert anchor in pages[target].anchors, (path, link)


def test_nothing_is_loaded_from_elsewhere(
    pages: dict[Path, Parsed], site: Path
) -> None:
    """Scripts, styles, pictures and fonts are files of the site."""
    for path, page in pages.items():
        assert not [one for one in page.loaded if re.match(r"(\w+:)?//", one)], path
    for style in site.rglob("*.css"):
        assert not re.search(r"(url\(|@import)\W*(https?:)?//", style.read_text())


def test_the_reference_has_all_public_names(pages: dict[Path, Parsed]) -> None:
    """Each public function, class, error and method can be linked to."""
    found = set[str]().union(*(page.anchors for page in pages.values()))
    names = {*glove_registry.__all__, "TextEmbedder"} - {"analysis", "errors"}
    wanted = {f"glove_registry.{name}" for name in names}
    wanted |= {f"glove_registry.errors.{name}" for name in errors.__all__}
    wanted |= {
        f"glove_registry.Vectors.{name}"
        for name, value in vars(Vectors).items()
        if isfunction(value) and not name.startswith("_")
    }
    assert wanted <= found, wanted - found
    ends = {name.rpartition(".")[2] for name in found if ".analysis." in name}
    assert set(analysis.__all__) <= ends


def test_docstrings_are_rendered(site: Path) -> None:
    """No role or link of reStructuredText is left, and types are as written."""
    for path in (site / "reference").glob("*.html"):
        html = path.read_text(encoding="utf-8")
        assert not re.search(r"\u2013\s*<div[^>]*>\s*</div>|<code></code>", html), path
        text = re.sub(r"<[^>]+>", "", html)
        left = re.search(r":(func|class|meth):|`_|::$|path - like", text, re.MULTILINE)
        assert not left, (path, left)


@pytest.fixture
def browser(running: Chromium) -> Iterator[Chromium]:
    """The browser; at the end of a test nothing was complained of or loaded."""
    yield running
    complaints, requests = running.complaints[:], running.requests[:]
    running.complaints.clear()
    running.requests.clear()
    assert not complaints
    assert not [one for one in requests if not re.match("file:|data:|about:", one)]


def wait(browser: Chromium, code: str) -> Any:
    """Return the value of an expression as soon as it is true."""
    end = time.monotonic() + 20
    while not (value := browser.run(code)):
        assert time.monotonic() < end, code
        time.sleep(0.05)
    return value


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_pages_fit_the_screen(
    browser: Chromium, pages: dict[Path, Parsed], size: tuple[int, int]
) -> None:
    """No page scrolls sideways, whether read at a desk or on a phone."""
    browser.resize(*size, phone=size == PHONE)
    for path in pages:
        # Catalogue and explorer have tests of their own.
        if not {"404.html", "catalogue", "explorer.html"} & {*path.parts}:
            browser.open(path.as_uri())
            width = browser.run("document.documentElement.scrollWidth")
            assert width <= size[0], (path.name, width)


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_search_finds_a_method(
    browser: Chromium, site: Path, size: tuple[int, int]
) -> None:
    """A name typed into the search leads to its place, from a disk, too."""
    browser.resize(*size, phone=size == PHONE)
    browser.open((site / "index.html").as_uri())
    button = "label.md-header__button[for=__search]"
    browser.click(button if size == PHONE else "input.md-search__input")
    wait(browser, "document.activeElement?.name === 'query'")
    browser.type("doesnt_match")
    browser.press("Shift")  # the search looks at what was typed when a key goes up
    found = wait(browser, "document.querySelector('.md-search-result__link')?.href")
    assert "doesnt_match" in browser.run(
        "document.querySelector('.md-search-result__list').textContent"
    )
    assert found.startswith(site.as_uri())


@pytest.mark.parametrize(
    ("query", "page"),
    [
        ("most_similar", "reference/vectors.html"),
        ("fetch --from", ".html"),
        ("--from", ".html"),
        ('"--from"', ".html"),
        ("vectors: oov=~^*", ".html"),
        ("oov", "layer.html"),
        ("out-of-vocabulary", "layer.html"),
        ("unknown word", "words.html"),
        ("word without a vector", "layer.html"),
        ("own vectors", "jobs.html"),
        ("multiprocessing", "clusters.html"),
        ("air-gapped", "downloads.html"),
        ("offline", "downloads.html"),
        ("GPU", "layer.html"),
        ("normalize", "words.html"),
        ("float16", "number-types.html"),
        ("evaluation", "evaluation.html"),
    ],
)
def test_the_search_finds_what_readers_ask(
    browser: Chromium, site: Path, query: str, page: str
) -> None:
    """The words of a newcomer, and code with dashes, lead to a page on the subject."""
    browser.resize(*DESKTOP)
    browser.open((site / "index.html").as_uri())
    browser.click("input.md-search__input")
    wait(browser, "document.activeElement?.name === 'query'")
    browser.type(query)
    browser.press("Shift")
    links = "[...document.querySelectorAll('.md-search-result__item > a:first-child')]"
    wait(browser, f"{links}.length")
    found = browser.run(f"{links}.slice(0, 3).map(a => a.pathname)")
    assert [one for one in found if one.endswith(page)], found


def test_the_overview_lists_all_guides(site: Path, pages: dict[Path, Parsed]) -> None:
    """Each guide of the navigation has a line on the page of all guides."""
    listed = {urldefrag(link)[0] for link in pages[site / "guides.html"].links}
    config = (CHECKOUT / "mkdocs.yml").read_text(encoding="utf-8")
    guides = config.partition("- Guides:")[2].partition("- Reference:")[0]
    names = re.findall(r"([\w-]+)\.md", guides)
    assert len(names) > 15
    assert {f"{name}.html" for name in names} <= listed | {"guides.html"}


def _read(html: str) -> str:
    text = unescape(re.sub(r"<[^>]+>", "", html)).rpartition("np.")[2]
    return str(int(text.replace("_", ""))) if re.match(r"[\d_]+$", text) else text


def test_rows_of_parameters_have_their_own_defaults(site: Path) -> None:
    """Each parameter in the reference has the default of its function's signature."""
    checked = 0
    for path in (site / "reference").glob("*.html"):
        html = path.read_text(encoding="utf-8")
        parts = re.split(r'<h[2-4] id="(glove_registry\.[\w.]+)"', html)[1:]
        for name, part in zip(parts[::2], parts[1::2], strict=True):
            found = pydoc.locate(name)
            if not isfunction(found):
                continue
            parameters = signature(found).parameters
            rows = part.partition("Parameters:")[2].partition("doc-section-title")[0]
            row = r"<li[^>]*>\s*<b><code>\**(\w+)</code></b>(.*?)</li>"
            for own, shown in re.findall(row, rows, re.DOTALL):
                default = re.search(r"default:\s*<code>(.*?)</code>", shown)
                wanted = parameters[own].default
                if default is None:
                    assert wanted is Parameter.empty, (name, own)
                else:
                    named = getattr(wanted, "__name__", "")
                    assert _read(default[1]) in (repr(wanted), named), (name, own)
                assert not re.search("OovRule|StrPath|VariantName|Pooling", shown)
                checked += 1
    assert checked > 150


def test_the_menu_of_a_phone_leads_to_a_page(browser: Chromium, site: Path) -> None:
    """The menu opens, and its links lead from a section to a page."""
    browser.resize(*PHONE, phone=True)
    browser.open((site / "index.html").as_uri())
    browser.click("label.md-header__button[for=__drawer]")
    wait(browser, "document.querySelector('#__drawer').checked")
    menu = "document.querySelector('.md-sidebar--primary')"
    wait(browser, f"{menu}.getBoundingClientRect().x === 0")
    href = browser.run(
        f"[...{menu}.querySelectorAll('a')]"
        ".find(a => a.textContent.trim() === 'Similar words and analogies').href"
    )
    assert href == (site / "words.html").as_uri()


def test_the_catalogue_is_part_of_the_site(browser: Chromium, site: Path) -> None:
    """Each built-in variant has its page, to which the navigation leads."""
    browser.resize(*DESKTOP)
    browser.open((site / "index.html").as_uri())
    browser.follow(".md-tabs a[href*=catalogue]")
    wait(browser, "document.querySelector('a[href$=\"glove.6B.50d.html\"]')?.href")
    names = {path.stem for path in (site / "catalogue" / "variants").glob("*.html")}
    assert names == {variant.name for variant in Registry.default().list_variants()}


def test_dark_mode_follows_the_system(browser: Chromium, site: Path) -> None:
    """A reader who prefers dark gets dark, and can switch to light."""
    browser.resize(*DESKTOP)
    browser.prefer("dark")
    browser.open((site / "index.html").as_uri())
    scheme = "document.body.getAttribute('data-md-color-scheme')"
    assert browser.run(scheme) == "slate"
    browser.click("form[data-md-component=palette] label:not([hidden])")
    wait(browser, f"{scheme} === 'default'")
    browser.prefer("light")
