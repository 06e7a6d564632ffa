"""The catalogue in a browser: it searches, copies, fits a phone, stays silent."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from chromium import Chromium
from entries import write_registry
from readable import FAINT

from glove_registry import Registry, Variant, load
from glove_registry.catalogue import write_catalogue
from glove_registry.catalogue.entries import collect_entries, make_cards
from glove_registry.download import estimate_costs
from glove_registry.registry.languages import name_language

pytestmark = pytest.mark.slow

DESKTOP, PHONE = (1280, 900), (360, 740)
LONG = "Vectors" * 40

OPEN_ALL = "document.querySelectorAll('details').forEach((d) => { d.open = true; })"
SHOWN = (
    "[...document.querySelectorAll('tbody tr')]"
    ".filter((e) => !e.closest('[hidden]')).map((e) => e.id)"
)
COUNT = "document.querySelector('.count').textContent"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """The page of all variants of the built-in registry."""
    return write_catalogue(Registry.default(), tmp_path / "site")


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
    # Pages ask for themselves, and for nothing else of the network or the disk.
    asked = {url for url in running.requests if not url.startswith(("data:", "about:"))}
    assert all(url.startswith(tmp_path.as_uri()) for url in asked)
    assert all(url.partition("#")[0].endswith(".html") for url in asked)


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


def group(names: list[str]) -> list[str]:
    """Return names with those of one card together, where the first of them is."""
    cards = make_cards(collect_entries(Registry.default(), None))
    number = {entry.name: i for i, card in enumerate(cards) for entry in card.entries}
    first: dict[int, int] = {}
    for place, name in enumerate(names):
        first.setdefault(number[name], place)
    return sorted(names, key=lambda name: first[number[name]])


def list_all() -> list[str]:
    """Return all names in the order of the page."""
    return group(list(Registry.default()))


def test_the_page_opens_silently(browser: Chromium) -> None:
    """From a file and without a network all variants are shown, and nothing else."""
    names = list_all()
    assert browser.run(SHOWN) == names
    assert browser.run(COUNT) == f"{len(names)} variants"
    assert not browser.run("document.querySelector('.empty').checkVisibility()")


def describe(variant: Variant) -> str:
    """Return what a search covers."""
    language = f"{name_language(variant.language or '')} ({variant.language})"
    described: tuple[object, ...] = variant.name, language, variant.corpus
    described += variant.description, *variant.aliases
    return " ".join(map(str, described)).lower()


def test_a_search_finds_names_corpora_descriptions_and_checksums(
    browser: Chromium,
) -> None:
    """All words are looked for, in any case, languages too; a checksum by its start."""
    for text in (
        *("TWITTER", "wikipedia gigaword", "first 10,000", "50d", "cc"),
        *("glove-wiki-gigaword-100", "glove.840B"),
        *("german wikipedia", "(de)"),
    ):
        words = text.lower().split()
        expected = [v.name for v in heads() if all(w in describe(v) for w in words)]
        assert expected, text
        search(browser, text)
        assert browser.run(SHOWN) == group(expected), text
    search(browser, "republished")  # a description of a revision alone
    expected = [v.name for v in heads() if len(v.revisions) > 1]
    assert browser.run(SHOWN) == group(expected)
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
    assert browser.run(SHOWN) == group([v.name for v in heads() if v.cased])


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
        assert browser.run(COUNT) == f"{found} of {len(Registry.default())} variants"
        choose(browser, name, "")


def test_variants_can_be_sorted(browser: Chromium) -> None:
    """By words, size, dimension and name; what is not stated comes last.

    The rows of a card are sorted, and the cards by their first row.
    """
    by_name = {v.name: v for v in heads()}
    variants = [by_name[name] for name in list_all()]
    costs = zip(variants, estimate_costs(variants, None), strict=True)
    disk = {v.name: cost.disk for v, cost in costs}
    unknown = 10**18
    keys: dict[str, Callable[[Variant], int]] = {
        "words": lambda v: -(v.row_count or -unknown),
        "bytes": lambda v: unknown if v.download.bytes is None else v.download.bytes,
        "disk": lambda v: disk[v.name] or unknown,
        "dimension": lambda v: v.dimension or unknown,
    }
    for order, key in keys.items():
        choose(browser, "sort", order)
        expected = group([v.name for v in sorted(variants, key=key)])
        assert browser.run(SHOWN) == expected, order
    choose(browser, "sort", "name")
    names = browser.run(SHOWN)
    assert names.index("glove.6B.50d") < names.index("glove.6B.100d")
    choose(browser, "sort", "")
    assert browser.run(SHOWN) == list_all()


def test_a_family_is_folded_until_it_is_looked_into(browser: Chromium) -> None:
    """Its languages are behind a line; a search opens it, and shows the code of one."""
    row = "document.getElementById('fasttext.wiki.de.300d')"
    assert not browser.run(f"{row}.checkVisibility()")
    search(browser, "german wikipedia")
    assert browser.run(f"{row}.checkVisibility()")
    choose(browser, "language", "German (de)")
    example = f"{row}.closest('article').querySelector('.code')"
    code = (
        'import glove_registry\nvectors = glove_registry.load("fasttext.wiki.de.300d")'
    )
    assert browser.run(f"{example}.textContent") == code
    button = f"{example}.nextElementSibling.textContent"
    assert browser.run(button) == "Copy the code of fasttext.wiki.de.300d"
    browser.click(".reset")
    assert not browser.run(f"{row}.checkVisibility()")
    assert "wiki.af." in browser.run(f"{example}.textContent")


def test_nothing_found_offers_a_way_back(browser: Chromium) -> None:
    """Where nothing is found, it is said, and one button shows all again."""
    choose(browser, "case", "cased")
    search(browser, "nosuchvectors")
    assert browser.run(SHOWN) == []
    assert "0 of" in browser.run(COUNT)
    browser.click(".empty button")
    assert browser.run(SHOWN) == list_all()
    assert browser.run("location.hash") == ""
    assert browser.run("document.activeElement.name") == "q"
    search(browser, "twitter")
    browser.click(".reset")
    assert browser.run(SHOWN) == list_all()


def test_a_link_to_a_variant_leads_to_it(browser: Chromium, site: Path) -> None:
    """#NAME shows that variant, though a filter had hidden it."""
    browser.open(f"{site.as_uri()}#glove.42B.300d")
    top = "document.getElementById('glove.42B.300d').getBoundingClientRect().top"
    assert 0 <= browser.run(top) < DESKTOP[1]
    # Behind a line, too.
    browser.open(f"{site.as_uri()}#fasttext.wiki.de.300d")
    assert browser.run("document.getElementById('fasttext.wiki.de.300d').offsetTop")
    search(browser, "twitter")
    go_to(browser, "#glove.42B.300d")
    assert browser.run(SHOWN) == list_all()
    assert 0 <= browser.run(top) < DESKTOP[1]


def test_a_variant_leads_to_its_family(browser: Chromium, site: Path) -> None:
    """The link of its page opens the card of all its languages, and scrolls there."""
    browser.open((site.parent / "variants/fasttext.wiki.de.300d.html").as_uri())
    url = browser.run("document.querySelector('a[href*=\"#\"]').href")
    browser.open(url)
    row = "document.getElementById('fasttext.wiki.de.300d')"
    assert browser.run(f"{row}.checkVisibility()")
    assert browser.run(SHOWN) == list_all()
    top = f"{row}.closest('article').getBoundingClientRect().top"
    assert 0 <= browser.run(top) < DESKTOP[1]
    # No filter hides a part of it.
    search(browser, "german wikipedia")
    go_to(browser, f"#{url.partition('#')[2]}")
    assert browser.run(SHOWN) == list_all()


def paste(browser: Chromium) -> str:
    """Paste into a new field of several lines, and return its text."""
    browser.run(
        "(() => { const field = document.createElement('textarea');"
        " document.body.append(field); field.focus(); })()"
    )
    browser.press("v", command="paste")
    return str(browser.run("document.activeElement.value"))


CODE = 'import glove_registry\nvectors = glove_registry.load("glove.6B.100d")'
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
def test_the_code_is_copied(browser: Chromium, before: str, label: str) -> None:
    """The button copies the code with its import, or at least selects it."""
    browser.run(before)
    browser.click("[id='glove.6B.100d'] .copy")
    said = browser.run(
        "new Promise((done) => {"
        " const said = document.getElementById('page:copied');"
        " const look = () =>"
        "  said.textContent ? done(said.textContent) : setTimeout(look, 10);"
        " look(); })"
    )
    assert said == f"{label} the code of glove.6B.100d"
    if label == "Selected":
        assert browser.run("String(getSelection())").strip() == CODE
    else:
        assert paste(browser) == CODE


def test_a_variant_has_a_page_that_is_linked(browser: Chromium, site: Path) -> None:
    """A click leads to it and back; it shows what Python knows, and copies, too."""
    browser.follow("[id='glove.6B.100d'] a")
    page = site.parent / "variants" / "glove.6B.100d.html"
    assert browser.run("document.title") == "glove.6B.100d: word vectors"
    assert browser.run("location.href") == page.as_uri()
    text = browser.run("document.body.innerText")
    variant = Registry.default().find("glove.6B.100d")
    for fact in (
        variant.corpus,
        str(variant.choose_when).strip(),
        variant.license,
        variant.member.sha256,
        variant.sources[0].url,
        f"{variant.row_count:,}",
        *str(variant.citation).strip().splitlines(),
    ):
        assert str(fact).strip() in text
    browser.click("section .copy")
    browser.wait("document.getElementById('page:copied').textContent")
    assert paste(browser) == CODE
    browser.follow("nav a")
    assert browser.run("location.href") == site.as_uri()


def test_neighbours_are_shown_as_python_finds_them(
    browser: Chromium, site: Path
) -> None:
    """Words and cosines on the page of the sample are those of `most_similar`."""
    name = "glove.6B.50d-first10k"
    browser.open((site.parent / "variants" / f"{name}.html").as_uri())
    rows = browser.run(
        "[...document.querySelectorAll('section')]"
        ".find((s) => s.querySelector('h2').innerText === 'Similar words')"
        ".querySelector('dl').innerText.split('\\n')"
    )
    vectors = load(name)
    found = dict(zip(rows[::2], rows[1::2], strict=True))
    assert len(found) == 4
    for word, text in found.items():
        neighbours = vectors.most_similar(word, topn=5)
        assert text.split() == [
            part for other, cosine in neighbours for part in (other, f"{cosine:.2f}")
        ]


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
        f"Copy the code of {first}",
        first,
        f"Copy the code of {first}",
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
    found = browser.read_accessible()
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
        choose_when=LONG,
        aliases=["b" * 100],
    )
    browser.resize(width, PHONE[1], phone=width < 1000)
    page = write_catalogue(Registry.over_default(path), tmp_path / "long")
    variants = page.parent / "variants"
    for path in (
        page,
        variants / f"{'a' * 100}.html",
        variants / "glove.840B.300d.html",
        variants / "glove.6B.50d-first10k.html",
    ):
        browser.open(path.as_uri())
        browser.run(OPEN_ALL)
        assert browser.run("document.documentElement.scrollWidth") == width
        assert browser.run("innerWidth") == width
        # Nor is anything cut off within: each text ends inside what holds it.
        assert browser.run(
            "[...document.querySelectorAll('article *:not(.unseen), section *')].every("
            "(e) => e.getBoundingClientRect().right <= "
            "e.closest('article, main').getBoundingClientRect().right + 0.5)"
        )


@pytest.mark.parametrize("name", ["", "glove.6B.50d-first10k", "glove.2024.dolma.300d"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=("desktop", "phone"))
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_light_and_dark_can_be_read(
    browser: Chromium,
    scheme: str,
    size: tuple[int, int],
    name: str,
    site: Path,
    tmp_path: Path,
) -> None:
    """Each text stands out from its background; a picture is left to look at."""
    browser.resize(*size, phone=size == PHONE)
    browser.prefer(scheme)
    if name:
        browser.open((site.parent / "variants" / f"{name}.html").as_uri())
    else:
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
        assert browser.run(SHOWN) == list_all()
        controls = "input, select, button"
        assert not browser.run(
            f"[...document.querySelectorAll('{controls}')]"
            ".some((e) => e.checkVisibility())"
        )
        browser.click("summary")
        assert browser.run(
            "document.getElementById('fasttext.wiki.de.300d').checkVisibility()"
        )
    finally:
        browser.send("Emulation.setScriptExecutionDisabled", value=False)


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
        choose_when=attack,
    )
    page = write_catalogue(Registry.over_default(path), tmp_path / "hostile")
    browser.open((page.parent / "variants" / "location.html").as_uri())
    assert browser.run("document.querySelectorAll('img, main script').length") == 0
    assert browser.run("typeof hit") == "undefined"
    browser.open(page.as_uri())
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
