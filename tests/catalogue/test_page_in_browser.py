"""The catalogue page in a browser: it searches, copies, fits a phone, stays silent."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from chromium import NAMES, Chromium, find_chromium
from entries import write_registry

from glove_registry import Registry, Variant
from glove_registry.catalogue import write_catalogue
from glove_registry.download import estimate_costs
from glove_registry.registry.languages import name_language

pytestmark = pytest.mark.slow

DESKTOP, PHONE = (1280, 900), (360, 740)
LONG = "Vectors" * 40

# Each text on the screen with less contrast to its background than WCAG 2.2 asks for in
# https://www.w3.org/TR/WCAG22/#contrast-minimum, by the formulas given there.
FAINT = """(() => {
  const parse = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = (colour) => {
    const [r, g, b] = parse(colour).map((c) => c / 255).map(
      (c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const below = (e) => {
    const colour = getComputedStyle(e).backgroundColor;
    return parse(colour)[3] === 0 ? below(e.parentElement) : colour;
  };
  const faint = [];
  for (const e of document.querySelectorAll("body *")) {
    const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
    if (!(own || e.value) || !e.getClientRects().length) continue;
    const [a, b] = [light(getComputedStyle(e).color), light(below(e))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) faint.push(`${e.tagName} ${e.className} ${ratio}`);
  }
  return faint;
})()"""
OPEN_ALL = "document.querySelectorAll('details').forEach((d) => { d.open = true; })"
SHOWN = (
    "[...document.querySelectorAll('article')]"
    ".filter((e) => e.checkVisibility()).map((e) => e.id)"
)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    """A browser, or no test of this module goes on."""
    command = find_chromium()
    if command is None:
        reason = f"needs one of {', '.join(NAMES)}: apt-get install chromium"
        if os.environ.get("CI"):
            pytest.fail(f"{reason}; with CI set nothing is skipped")
        pytest.skip(reason)
    with Chromium(command, tmp_path_factory.mktemp("profile")) as browser:
        yield browser


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """The page of the built-in registry."""
    return write_catalogue(Registry.default(), tmp_path)


@pytest.fixture
def browser(running: Chromium, site: Path, tmp_path: Path) -> Iterator[Chromium]:
    """The browser with the page, about which nothing may be found to complain."""
    running.resize(*DESKTOP)
    running.prefer("light")
    running.requests.clear()
    running.open(site.as_uri())
    yield running
    complaints, running.complaints = running.complaints, []
    assert complaints == []
    # A page asks for itself, and for nothing else of the network or the disk.
    asked = {url for url in running.requests if not url.startswith(("data:", "about:"))}
    assert all(url.startswith(tmp_path.as_uri()) for url in asked)
    assert {url.partition("#")[0].rpartition("/")[2] for url in asked} == {"index.html"}


def choose(browser: Chromium, name: str, value: str) -> None:
    """Choose a value of one of the page's filters."""
    browser.run(
        f"(() => {{ const s = document.querySelector('select[name={name}]');"
        f"s.value = {json.dumps(value)};"
        "s.dispatchEvent(new Event('input', {bubbles: true})); })()"
    )


def go_to(browser: Chromium, fragment: str) -> None:
    """Change the page's address as a person or a link does."""
    browser.run(
        "new Promise((done) => {"
        " addEventListener('hashchange', () => setTimeout(done), {once: true});"
        f" location.hash = {json.dumps(fragment)}; }})"
    )


def search(browser: Chromium, text: str) -> None:
    """Type into the field for searching, in place of what is there."""
    browser.click("[name=q]")
    browser.press("a", command="selectAll")
    browser.type(text)


def heads() -> list[Variant]:
    """Give the default revisions of the built-in registry."""
    return Registry.default().list_variants()


def test_the_page_opens_silently(browser: Chromium) -> None:
    """From a file and without a network all variants are shown, and nothing else."""
    names = list(Registry.default())
    assert browser.run(SHOWN) == names
    assert browser.run("document.querySelector('.count').textContent") == (
        f"{len(names)} variants"
    )
    assert not browser.run("document.querySelector('.empty').checkVisibility()")


def describe(variant: Variant) -> str:
    """Return what a search covers."""
    language = f"{name_language(variant.language or '')} ({variant.language})"
    described = variant.name, language, variant.corpus, variant.description
    return " ".join(map(str, described)).lower()


def test_a_search_finds_names_corpora_descriptions_and_checksums(
    browser: Chromium,
) -> None:
    """All words are looked for, in any case, languages too; a checksum by its start."""
    for text in (
        *("TWITTER", "wikipedia gigaword", "first 10,000", "50d", "cc"),
        *("german wikipedia", "(de)"),
    ):
        words = text.lower().split()
        expected = [v.name for v in heads() if all(w in describe(v) for w in words)]
        assert expected, text
        search(browser, text)
        assert browser.run(SHOWN) == expected, text
    search(browser, "republished")  # a description of a revision alone
    assert browser.run(SHOWN) == [v.name for v in heads() if len(v.revisions) > 1]
    (variant,) = (v for v in heads() if v.name == "glove.840B.300d")
    search(browser, str(variant.member.sha256).upper())
    assert browser.run(SHOWN) == ["glove.840B.300d"]


def test_filters_narrow_together_and_can_be_linked(
    browser: Chromium, site: Path
) -> None:
    """Filters and search hold at once; the address leads to the same page again."""
    choose(browser, "corpus", "Common Crawl")
    choose(browser, "dimension", "300")
    expected = [v.name for v in heads() if v.corpus == "Common Crawl"]
    assert browser.run(SHOWN) == expected
    choose(browser, "license", "PDDL-1.0")
    choose(browser, "case", "cased")
    choose(browser, "size", "2 GB and more")
    search(browser, "glove 840")
    assert browser.run(SHOWN) == ["glove.840B.300d"]
    address = browser.run("location.href")
    assert address.startswith(site.as_uri() + "#")
    browser.open(address)
    assert browser.run(SHOWN) == ["glove.840B.300d"]
    assert browser.run("document.querySelector('[name=q]').value") == "glove 840"
    # Somebody edits the address.
    go_to(browser, "#case=cased&dimension=7&nothing=1")
    assert browser.run(SHOWN) == [v.name for v in heads() if v.cased]


def test_each_choice_of_each_filter_finds_as_many_as_it_says(
    browser: Chromium,
) -> None:
    """No choice is empty, and the numbers beside them are right."""
    choices = browser.run(
        "[...document.querySelectorAll('select[data-facet] option')]"
        ".filter((o) => o.value).map((o) => [o.parentElement.name, o.value, o.text])"
    )
    assert {name for name, _, _ in choices} == {
        "corpus",
        "dimension",
        "language",
        "case",
        "license",
        "size",
    }
    # Of the many languages, some.
    some = [one for one in choices if one[0] != "language" or len(one[1]) % 8 == 0]
    for name, value, text in some:
        choose(browser, name, value)
        found = len(browser.run(SHOWN))
        assert found and text == f"{value} ({found})"
        assert browser.run("document.querySelector('.count').textContent") == (
            f"{found} of {len(Registry.default())} variants"
        )
        choose(browser, name, "")


def test_variants_can_be_sorted(browser: Chromium) -> None:
    """By words, size, dimension and name; what is not stated comes last."""
    variants = heads()
    choose(browser, "sort", "words")
    stated = sorted(
        (v for v in variants if v.row_count), key=lambda v: -(v.row_count or 0)
    )
    unknown = [v for v in variants if not v.rows]
    assert browser.run(SHOWN) == [v.name for v in (*stated, *unknown)]
    choose(browser, "sort", "bytes")
    sizes = {
        v.name: 10**18 if v.download.bytes is None else v.download.bytes
        for v in variants
    }
    assert browser.run(SHOWN) == sorted(sizes, key=lambda name: sizes[name])
    choose(browser, "sort", "disk")
    costs = zip(variants, estimate_costs(variants, None), strict=True)
    disk = {v.name: cost.disk or 10**18 for v, cost in costs}
    assert browser.run(SHOWN) == sorted(disk, key=lambda name: disk[name])
    choose(browser, "sort", "dimension")
    dimensions = {v.name: v.dimension or 0 for v in variants}
    assert browser.run(SHOWN) == sorted(dimensions, key=lambda n: dimensions[n])
    choose(browser, "sort", "name")
    names = browser.run(SHOWN)
    assert names.index("glove.6B.50d") < names.index("glove.6B.100d")
    choose(browser, "sort", "")
    assert browser.run(SHOWN) == [v.name for v in variants]


def test_nothing_found_offers_a_way_back(browser: Chromium) -> None:
    """Where nothing is found, it is said, and one button shows all again."""
    choose(browser, "case", "cased")
    search(browser, "no such vectors")
    assert browser.run(SHOWN) == []
    assert "0 of" in browser.run("document.querySelector('.count').textContent")
    browser.click(".empty button")
    assert browser.run(SHOWN) == list(Registry.default())
    assert browser.run("location.hash") == ""
    assert browser.run("document.activeElement.name") == "q"
    search(browser, "twitter")
    browser.click(".reset")
    assert browser.run(SHOWN) == list(Registry.default())


def test_a_link_to_a_variant_leads_to_it(browser: Chromium, site: Path) -> None:
    """#NAME shows that variant, though a filter had hidden it."""
    browser.open(f"{site.as_uri()}#glove.42B.300d")
    top = "document.getElementById('glove.42B.300d').getBoundingClientRect().top"
    assert 0 <= browser.run(top) < DESKTOP[1]
    search(browser, "twitter")
    go_to(browser, "#glove.42B.300d")
    assert browser.run(SHOWN) == list(Registry.default())
    assert 0 <= browser.run(top) < DESKTOP[1]


NO_CLIPBOARD = "delete Navigator.prototype.clipboard;"


@pytest.mark.parametrize(
    ("before", "label"),
    [
        ("", "Copied"),
        (NO_CLIPBOARD, "Copied"),
        ("navigator.clipboard.writeText = () => Promise.reject(Error())", "Copied"),
        (f"{NO_CLIPBOARD} document.execCommand = () => false", "Selected"),
    ],
    ids=("a clipboard", "no clipboard", "clipboard refused", "no way to copy"),
)
def test_the_load_line_is_copied(browser: Chromium, before: str, label: str) -> None:
    """The button copies the line, or at least selects it, and says so."""
    browser.run(before)
    browser.click("[id='glove.42B.300d'] .line .copy")
    said = browser.run(
        "new Promise((done) => {"
        " const said = document.getElementById('page:copied');"
        " const look = () =>"
        "  said.textContent ? done(said.textContent) : setTimeout(look, 10);"
        " look(); })"
    )
    assert said == f"{label} the load line of glove.42B.300d"
    line = 'glove_registry.load("glove.42B.300d")'
    if label == "Selected":
        assert browser.run("String(getSelection())").strip() == line
        return
    browser.click("[name=q]")
    browser.press("v", command="paste")
    assert browser.run("document.querySelector('[name=q]').value") == line


def test_a_keyboard_is_enough(browser: Chromium) -> None:
    """Tab reaches the search, the filters and the variants; Enter opens and copies."""
    reached = []
    for _ in range(12):
        browser.press("Tab")
        reached.append(
            browser.run(
                "(({name, tagName, textContent}) => name || textContent || tagName)"
                "(document.activeElement)"
            )
        )
    names = ["q", "corpus", "dimension", "language", "case", "license", "size"]
    names += ["sort", "Reset"]
    first = next(iter(Registry.default()))
    assert reached == [
        *names,
        first,
        f"Copy the load line of {first}",
        "Checksums, sources and citation",
    ]
    browser.run("document.querySelector('summary').focus()")
    browser.press("Enter")
    assert browser.run("document.querySelector('details').open")
    browser.click("[name=q]")
    browser.type("twitter")
    browser.press("Enter")  # which must not send a form anywhere
    assert len(browser.run(SHOWN)) == 4


def test_everything_that_can_be_used_has_a_name(browser: Chromium) -> None:
    """To a screen reader no control is nameless, and the count is a live region."""
    browser.send("Accessibility.enable")
    nodes = browser.send("Accessibility.getFullAXTree")["nodes"]
    browser.send("Accessibility.disable")
    found: dict[str, list[str]] = {}
    for node in nodes:
        if not node["ignored"]:
            name = node.get("name", {}).get("value", "")
            found.setdefault(node["role"]["value"], []).append(name)
    for role in ("searchbox", "combobox", "button", "link", "heading"):
        assert found[role] and all(found[role]), role
    assert "Variants" in found["search"]
    live = "[...document.querySelectorAll('[role=status]')].map((e) => e.className)"
    assert browser.run(live) == ["count", "unseen"]


@pytest.mark.parametrize("width", [320, 360, 768, 1024, 1280])
def test_no_width_scrolls_sideways(
    browser: Chromium, width: int, tmp_path: Path
) -> None:
    """With all opened, the page is as wide as the screen, whatever an entry says."""
    path = write_registry(
        tmp_path,
        "a" * 100,
        url=f"https://example.org/{LONG}.zip",
        member=f"{LONG}.txt",
        corpus=LONG,
        description=LONG,
        license=LONG,
        homepage=f"https://example.org/{LONG}",
        citation=LONG,
    )
    browser.resize(width, PHONE[1], phone=width < 1000)
    page = write_catalogue(Registry.over_default(path), tmp_path / "long")
    browser.open(page.as_uri())
    browser.run(OPEN_ALL)
    assert browser.run("document.documentElement.scrollWidth") == width
    assert browser.run("innerWidth") == width
    # Nor is anything cut off within: each text ends inside its entry.
    assert browser.run(
        "[...document.querySelectorAll('article *')].every((e) => "
        "e.getBoundingClientRect().right <= "
        "e.closest('article').getBoundingClientRect().right)"
    )


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=("desktop", "phone"))
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_light_and_dark_can_be_read(
    browser: Chromium, scheme: str, size: tuple[int, int], tmp_path: Path
) -> None:
    """Each text stands out from its background; a picture is left to look at."""
    browser.resize(*size, phone=size == PHONE)
    browser.prefer(scheme)
    browser.run(OPEN_ALL)
    browser.run("document.querySelector('.empty').hidden = false")
    assert browser.run(FAINT) == []
    background = browser.run("getComputedStyle(document.body).backgroundColor")
    assert (sum(map(int, background[4:-1].split(","))) > 3 * 127) == (scheme == "light")
    picture = browser.shoot(tmp_path / f"{scheme}-{size[0]}.png")
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_it_can_be_read_without_javascript(browser: Chromium, site: Path) -> None:
    """Without scripts all is there, opens, and no control stands there useless."""
    browser.send("Emulation.setScriptExecutionDisabled", value=True)
    try:
        browser.open(site.as_uri())
        assert browser.run(SHOWN) == list(Registry.default())
        controls = "input, select, button"
        assert not browser.run(
            f"[...document.querySelectorAll('{controls}')]"
            ".some((e) => e.checkVisibility())"
        )
        browser.click("[id='glove.42B.300d'] summary")
        text = browser.run("document.getElementById('glove.42B.300d').innerText")
    finally:
        browser.send("Emulation.setScriptExecutionDisabled", value=False)
    for source in Registry.default().find("glove.42B.300d").sources:
        assert source.url in text and str(source.sha256) in text


def test_a_hostile_entry_does_nothing(browser: Chromium, tmp_path: Path) -> None:
    """What would run if it were markup is shown, searched and filtered as text."""
    attack = "</script><script>hit = 1</script><img src=x onerror='hit = 1'>"
    path = write_registry(
        tmp_path,
        "location",  # an id that is also the name of something in every browser
        url="https://example.org/a.zip",
        member=attack,
        corpus=attack,
        description=attack,
        license=attack,
        homepage='https://h/\'onclick="hit=1"><script>hit=1</script>',
        citation=attack,
        tokens=attack,
    )
    page = write_catalogue(Registry.over_default(path), tmp_path / "hostile")
    browser.open(page.as_uri())
    browser.run(OPEN_ALL)
    choose(browser, "corpus", attack)
    assert browser.run(SHOWN) == ["location"]
    search(browser, "onerror='hit")
    assert browser.run(SHOWN) == ["location"]
    assert browser.run("document.querySelectorAll('img, article script').length") == 0
    assert browser.run("typeof hit") == "undefined"
    # Had any of it become an element, the policy would still not let it run.
    assert (
        browser.run(
            "new Promise((done) => {"
            " addEventListener('securitypolicyviolation', (e) =>"
            "  done(e.effectiveDirective));"
            " const s = document.createElement('script'); s.textContent = 'hit = 1';"
            " document.body.append(s); })"
        )
        == "script-src-elem"
    )
    assert browser.run("typeof hit") == "undefined"
    browser.complaints.pop()  # what the browser says of that, in words of its own
