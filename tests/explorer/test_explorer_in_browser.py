"""The page that explores words in a browser, compared with plain numpy."""

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pytest
from chromium import Chromium
from numpy.typing import NDArray
from readable import FAINT
from test_explorer_page import ODD, make_odd

import glove_registry
from glove_registry import Vectors, from_arrays
from glove_registry.messages.printable import make_line

pytestmark = pytest.mark.slow

DESKTOP, PHONE = (1280, 900), (390, 844)
COUNT = 5_000

ANSWERS = (
    "[...document.querySelectorAll('.column')].map((column) =>"
    " [...column.querySelectorAll('.words li')].map((item) =>"
    "  [item.querySelector('button').title, item.querySelector('.score').textContent]))"
)
TEXT = "document.querySelector('.answers').innerText"
OPTIONS = (
    "[...document.querySelectorAll('[role=option]')].filter((e) => e.checkVisibility())"
    ".map((e) => e.textContent)"
)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory, sample: Vectors) -> Path:
    """A page of one release."""
    explorer = sample.explore(words=COUNT, projection="pca")
    return explorer.save(tmp_path_factory.mktemp("page") / "page.html")


@pytest.fixture
def browser(running: Chromium, page: Path) -> Iterator[Chromium]:
    """The browser with the page, about which nothing may be found to complain."""
    running.resize(*DESKTOP)
    running.send(
        "Emulation.setEmulatedMedia",
        features=[{"name": "prefers-reduced-motion", "value": "reduce"}],
    )
    running.requests.clear()
    running.open(page.as_uri())
    yield running
    complaints, running.complaints = running.complaints, []
    assert complaints == []
    # A page asks for itself alone.
    asked = {url.partition("#")[0] for url in running.requests}
    asked = {url for url in asked if not url.startswith(("about:", "data:"))}
    assert asked and all(url.startswith("file:") for url in asked)
    pages = {"page.html", "frame.html", "alone.html"}
    assert {url.rpartition("/")[2] for url in asked} <= pages


def write(browser: Chromium, field: str, text: str) -> None:
    """Type into a field, in place of what is there."""
    browser.press("Escape")  # suggestions of another field may lie over it
    browser.click(f"[id='page:{field}']")
    browser.press("a", command="selectAll")
    browser.type(text)


def ask(browser: Chromium, text: str) -> list[tuple[str, str]]:
    """Type a word and enter it; return the answers of the first release."""
    write(browser, "word", text)
    browser.press("Enter")
    return read(browser)[0]


def read(browser: Chromium) -> list[list[tuple[str, str]]]:
    """Return the words and scores of each column."""
    return [[tuple(pair) for pair in column] for column in browser.run(ANSWERS)]


def round_rows(vectors: Vectors, count: int = COUNT) -> NDArray[np.float64]:
    """Return the directions of the first rows, rounded to 127 steps, by plain numpy."""
    rows = vectors.matrix[:count]
    steps = np.rint(rows / (np.abs(rows).max(axis=1, keepdims=True) / np.float32(127)))
    wide = steps.astype(np.float64)
    return np.asarray(wide / np.linalg.norm(wide, axis=1)[:, None])


def list_best(
    vectors: Vectors, scores: NDArray[np.float64], excluded: list[int]
) -> list[tuple[str, str]]:
    """Return the words with the 15 best scores, as the page shows them."""
    scores = scores.copy()
    scores[excluded] = -np.inf
    best = np.argsort(-scores, kind="stable")[:15]
    return [(vectors.tokens[int(i)], show_score(scores[i])) for i in best]


def show_score(score: float) -> str:
    """Return a score with two digits."""
    return f"{score:.2f}".replace("-", "\N{MINUS SIGN}")


def test_neighbours_are_those_of_numpy(browser: Chromium, sample: Vectors) -> None:
    """For each word that is typed, words, order and scores are equal to numpy's."""
    directions = round_rows(sample)
    for word in ("film", "the", "france", "2009", "--", "king"):
        row = sample.row(word)
        expected = list_best(sample, directions @ directions[row], [row])
        assert ask(browser, word) == expected


def test_neighbours_are_those_of_most_similar(
    browser: Chromium, sample: Vectors
) -> None:
    """Beside the exact scores, none is off by more than the page says and shows."""
    said = browser.run("releases[0].error")
    assert f"none is off by more than {said:.3f}" in browser.run(
        "document.querySelector('footer').innerText"
    )
    same = 0
    for word in ("film", "france", "river", "bad", "computer"):
        near = dict(sample.most_similar(word, topn=40, restrict=COUNT))
        for found, score in ask(browser, word):
            # The scores of 1,000 words were measured, of these perhaps not.
            assert float(score) == pytest.approx(near[found], abs=1.5 * said + 0.005)
        exact = sample.most_similar(word, topn=15, restrict=COUNT).words
        same += len({*exact} & {found for found, _ in read(browser)[0]})
    assert same >= 0.95 * 75


def test_two_words_are_compared(browser: Chromium, sample: Vectors) -> None:
    """Their cosine, which neighbour each is of the other, and words near to both."""
    directions = round_rows(sample)
    browser.click("[value=pair] + span")
    write(browser, "one", "film")
    write(browser, "other", "book")
    browser.press("Enter")
    film, book = sample.row("film"), sample.row("book")
    cosine = float(directions[film] @ directions[book])
    assert browser.run("document.querySelector('.large').textContent") == (
        show_score(cosine)
    )
    text = browser.run(TEXT)
    for row, other, name, other_name in (
        (film, book, "film", "book"),
        (book, film, "book", "film"),
    ):
        scores = directions @ directions[row]
        rank = 1 + sum(
            scores[i] > scores[other] + 1e-12 for i in range(COUNT) if i != row
        )
        ending = {1: "st", 2: "nd", 3: "rd"}.get(rank % 10, "th")
        ending = "th" if rank % 100 in (11, 12, 13) else ending
        place = "nearest" if rank == 1 else f"{rank:,}{ending} nearest"
        assert f"{other_name} is the {place} word to {name}" in text
    both = directions[film] + directions[book]
    scores = directions @ (both / np.linalg.norm(both))
    assert read(browser)[0] == list_best(sample, scores, [film, book])


def test_an_analogy_is_completed(browser: Chromium, sample: Vectors) -> None:
    """By 3CosAdd, as `Vectors.analogy` does, without the words of the question."""
    directions = round_rows(sample)
    browser.click("[value=analogy] + span")
    for words in (("man", "king", "woman"), ("paris", "france", "berlin")):
        for field, word in zip("abc", words, strict=True):
            write(browser, field, word)
        browser.press("Enter")
        a, b, c = map(sample.row, words)
        target = directions[b] - directions[a] + directions[c]
        scores = directions @ (target / np.linalg.norm(target))
        assert read(browser)[0] == list_best(sample, scores, [a, b, c])
        best = sample.analogy(*words, topn=1, restrict=COUNT).words
        assert [word for word, _ in read(browser)[0][:1]] == best


def test_a_word_that_is_pressed_is_the_next_question(
    browser: Chromium, sample: Vectors
) -> None:
    """Its neighbours follow; the way back of the browser leads to the word before."""
    (first, _), *_ = ask(browser, "river")
    browser.click(".words li button")
    directions = round_rows(sample)
    row = sample.row(first)
    expected = list_best(sample, directions @ directions[row], [row])
    assert read(browser)[0] == expected
    assert browser.run("document.getElementById('page:word').value") == first
    go_back(browser)
    assert browser.run("document.getElementById('page:word').value") == "river"
    assert read(browser)[0][0][0] == first


def test_suggestions_are_the_most_frequent_words(
    browser: Chromium, sample: Vectors
) -> None:
    """Those that begin so, then those that contain it; arrows and Enter choose one."""
    words = list(sample)[:COUNT]
    for text in ("fil", "FILM", "ght", "n't"):
        write(browser, "word", text)
        lower = text.lower()
        found = [w for w in words if w == lower]
        found += [w for w in words if w.startswith(lower)]
        found += [w for w in words if lower in w]
        assert browser.run(OPTIONS) == list(dict.fromkeys(found))[:8]
    write(browser, "word", "fil")
    options = browser.run(OPTIONS)
    browser.press("ArrowDown")
    browser.press("ArrowDown")
    chosen = "document.querySelector('[aria-selected=true]').textContent"
    assert browser.run(chosen) == options[1]
    described = "document.activeElement.getAttribute('aria-activedescendant')"
    assert (
        browser.run(f"document.getElementById({described}).textContent") == (options[1])
    )
    browser.press("Enter")
    assert browser.run(OPTIONS) == []
    assert f"Nearest to {options[1]}" in browser.run(TEXT)
    write(browser, "word", "fil")
    browser.click("[role=option]:nth-child(3)")
    assert f"Nearest to {options[2]}" in browser.run(TEXT)
    write(browser, "word", "fil")
    browser.press("Escape")
    assert browser.run(OPTIONS) == []


def test_words_are_found_in_another_case(browser: Chromium) -> None:
    """As look-ups do; and a word that the page lacks is named, with the number."""
    assert ask(browser, "FiLM") == ask(browser, "film") == ask(browser, " film ")
    assert ask(browser, "zzzqx") == []
    assert browser.run(TEXT).strip() == (
        "zzzqx is not among this page\u2019s 5,000 words."
    )
    browser.click("[value=analogy] + span")
    write(browser, "a", "zzzqx")
    write(browser, "b", "king")
    write(browser, "c", "flim")
    browser.press("Enter")
    assert browser.run(TEXT).count("is not among") == 2


def test_the_address_leads_to_the_same_page(browser: Chromium, page: Path) -> None:
    """Words, kind of question and view of the map are in it, and can be edited."""
    found = ask(browser, "river")
    browser.click("[name=closer]")
    browser.run("new Promise((done) => setTimeout(done, 400))")
    address = browser.run("location.href")
    view = browser.run("map.view")
    browser.open(address)
    assert read(browser)[0] == found
    again = browser.run("map.view")
    assert again == pytest.approx(view, rel=1e-3)
    browser.open(f"{page.as_uri()}#a=film&b=book")
    assert browser.run("document.querySelector('.large').textContent")
    for odd in (
        "#view=1,x,3&c=&word=%F0%9F",
        "#map=nothing&a=1",
        "#view=0,0,-5",
        "#&=",
    ):
        browser.open(page.as_uri() + odd)
        assert browser.run("map.view.zoom") > 0


def go_back(browser: Chromium) -> None:
    """Press the browser's way back, and wait until the page has followed."""
    browser.run(
        "new Promise((done) => { addEventListener('hashchange', () => "
        "setTimeout(done), {once: true}); history.back(); })"
    )


def test_the_address_has_what_was_asked(browser: Chromium, page: Path) -> None:
    """Not what is typed, or another form that is opened, while the map moves."""
    ask(browser, "river")
    write(browser, "word", "qqq")
    browser.click("[name=closer]")
    browser.wait("location.hash.includes('view=')")
    assert browser.run("location.hash").startswith("#word=river&view=")
    browser.click("[value=pair] + span")
    write(browser, "one", "dog")
    browser.click("[name=closer]")
    browser.run("new Promise((done) => setTimeout(done, 400))")
    assert browser.run("location.hash").startswith("#a=coffee&b=tea&view=")
    # Half a question is none.
    browser.open(f"{page.as_uri()}#a=film&b=")
    assert browser.run("location.hash") == "#word=music"
    assert "Nearest to music" in browser.run(TEXT)


def test_releases_of_one_name_are_told_apart(
    browser: Chromium, sample: Vectors, tmp_path: Path
) -> None:
    """By a number behind the name; and the address says which of them the map shows."""
    small = sample.subset(list(sample)[:500])
    address = sample.explore(small, words=COUNT, projection="pca").save(
        tmp_path / "page.html"
    )
    browser.open(address.as_uri())
    names = "[...document.querySelectorAll('h2')].map((e) => e.textContent)"
    assert browser.run(names) == [sample.name, f"{sample.name} (2)"]
    browser.run(
        "(() => { const s = document.querySelector('[name=map]'); s.value = '1';"
        " s.dispatchEvent(new Event('change')); })()"
    )
    browser.open(browser.run("location.href"))
    assert browser.run("document.querySelector('[name=map]').value") == "1"
    assert browser.run("map.release === releases[1]")
    for odd in ("0", "3", "1.5", "-1", "x", ""):
        browser.open(f"{address.as_uri()}#map={odd}")
        assert browser.run("document.querySelector('[name=map]').value") == "0"


def find_point(browser: Chromium, word: str) -> tuple[float, float]:
    """Return where a word is in the window."""
    x, y = browser.run(
        "(() => { const box = map.top.getBoundingClientRect();"
        f" const row = releases[0].rows.get({json.dumps(word)});"
        " return [box.left + map.camera.left(releases[0].points[2 * row]),"
        " box.top + map.camera.top(releases[0].points[2 * row + 1])]; })()"
    )
    return x, y


def test_the_map_can_be_moved_and_pressed(browser: Chromium, sample: Vectors) -> None:
    """Wheel, mouse, keys and buttons move it; a point can be asked about."""
    ask(browser, "film")
    browser.run("scrollTo(0, 0)")
    x, y = find_point(browser, "film")
    before = browser.run("map.view.zoom")
    browser.point("mouseWheel", x, y, turn=-2_000)
    browser.run("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
    assert browser.run("map.view.zoom") > 2 * before
    # What is under the mouse stays there.
    assert find_point(browser, "film") == pytest.approx((x, y), abs=2)
    browser.point("mousePressed", x, y)
    for step in range(1, 6):
        browser.point("mouseMoved", x + 8 * step, y + 4 * step, held=True)
    browser.point("mouseReleased", x + 40, y + 20)
    assert find_point(browser, "film") == pytest.approx((x + 40, y + 20), abs=6)
    assert "Nearest to film" in browser.run(TEXT)
    (near, _), *_ = read(browser)[0]
    for _ in range(12):  # until no other word is as near to its point
        browser.click("[name=closer]")
    browser.run(f"map.flyTo([releases[0].rows.get({json.dumps(near)})])")
    at = find_point(browser, near)
    browser.point("mouseMoved", *at)
    browser.run("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
    hovered = browser.run("releases[0].words[map.hovered]")
    browser.point("mousePressed", *at)
    browser.point("mouseReleased", *at)
    assert hovered == near
    assert f"Nearest to {near}" in browser.run(TEXT)
    browser.run("map.top.focus()")
    keys = {}
    for key in ("ArrowDown", "+", "-", "0"):
        browser.press(key)
        keys[key] = browser.run("map.view")
    assert keys["+"]["zoom"] == pytest.approx(1.5 * keys["-"]["zoom"])
    assert keys["0"] == {"x": 0, "y": 0, "zoom": 1}


def test_points_are_drawn_where_they_are(browser: Chromium) -> None:
    """At the place of a point there is colour, and none where no word is near."""
    browser.run("map.view = {x: 0, y: 0, zoom: 1}")
    read_pixel = (
        "(([x, y]) => { map.points.draw(map.camera, [1, 0, 0], 1);"
        " const pixel = new Uint8Array(4);"
        " map.points.gl.readPixels(Math.round(x), Math.round(map.camera.height - y), 1,"
        " 1, map.points.gl.RGBA, map.points.gl.UNSIGNED_BYTE, pixel);"
        " return [...pixel]; })"
    )
    place = (
        "[map.camera.left(releases[0].points[0]), "
        "map.camera.top(releases[0].points[1])]"
    )
    assert browser.run(f"{read_pixel}({place})")[0] > 100
    assert browser.run(f"{read_pixel}([3, 3])") == [0, 0, 0, 0]
    # Reading back is what a driver complains about.
    browser.complaints = [c for c in browser.complaints if "ReadPixels" not in c]


def test_labels_do_not_cover_each_other(browser: Chromium) -> None:
    """Frequent words are written on the map, and no two at the same place."""
    for view in ("{x: 0, y: 0, zoom: 1}", "{x: 0.1, y: -0.2, zoom: 9}"):
        browser.run(f"map.view = {view}")
        browser.run(
            "new Promise((done) => requestAnimationFrame(() => setTimeout(done)))"
        )
        boxes = np.array(browser.run("map.labels.boxes"))
        boxes = boxes[boxes[:, 2] - boxes[:, 0] != 10]  # the others are of points
        assert len(boxes) > 30
        for i, (left, top, right, bottom) in enumerate(boxes):
            others = np.delete(boxes, i, axis=0)
            assert not (
                (left < others[:, 2])
                & (others[:, 0] < right)
                & (top < others[:, 3])
                & (others[:, 1] < bottom)
            ).any()


def test_several_releases_answer_side_by_side(
    browser: Chromium, sample: Vectors, tmp_path: Path
) -> None:
    """Each in a column of its own; the map is that of the one that is chosen."""
    small = sample.subset([*list(sample)[100:900], "film"])
    page = sample.explore(small, words=COUNT, projection="pca").save(
        tmp_path / "page.html"
    )
    browser.open(page.as_uri())
    first = ask(browser, "film")
    columns = read(browser)
    near = small.most_similar("film", topn=3).words
    assert [word for word, _ in columns[1][:3]] == near
    assert columns[0] == first != columns[1]
    browser.run(
        "(() => { const s = document.querySelector('[name=map]'); s.value = '1';"
        " s.dispatchEvent(new Event('change')); })()"
    )
    assert browser.run("map.release === releases[1]")
    marked = browser.run("map.marks.near.map((row) => releases[1].words[row])")
    assert marked[:3] == near
    write(browser, "word", "the")
    browser.press("Enter")
    columns = read(browser)
    assert columns[0] and not columns[1]
    assert "the is not among this page\u2019s 800 words" in browser.run(TEXT)


def test_odd_words_are_harmless_and_found(browser: Chromium, tmp_path: Path) -> None:
    """Markup, controls, halves of characters, long words: each is text."""
    odd = make_odd()
    page = odd.explore(projection="pca").save(tmp_path / "page.html")
    browser.resize(*PHONE, phone=True)
    browser.open(page.as_uri())
    shown = browser.run("releases[0].shown")
    assert len({*shown}) == len(ODD)
    codes = browser.run(
        "releases[0].words.map((word) => [...word].map((c) => c.codePointAt(0)))"
    )
    assert codes == [list(map(ord, word)) for word in ODD]
    for row, text in enumerate(shown):
        browser.run(f"ask('near', [{json.dumps(text)}], true)")
        assert browser.run("map.marks.asked") == [row]
        assert browser.run("document.documentElement.scrollWidth") == PHONE[0]
    for row, word in enumerate(ODD):
        if word.isprintable():
            assert browser.run(f"releases[0].find({json.dumps(word)})") == row
    assert shown[ODD.index("\u202egnp.exe")] == "\\u202egnp.exe"
    assert shown[ODD.index("\udc80")] == "\\udc80"
    # As on a terminal, but for the joiners of emoji and of scripts.
    for row, word in enumerate(ODD):
        if not {"\\", "\u200d"}.intersection(word):
            assert shown[row] == make_line(word)
    assert browser.run("releases[0].find('constructor')") is None


def test_words_that_look_alike_are_told_apart(
    browser: Chromium, tmp_path: Path
) -> None:
    """Each is shown as Python's repr has it, and found by a button or an address."""
    words = ["\\xa0", "\xa0", "\\t", "\t", "\r", "\\o/", "\\", "\\\\", "a"]
    matrix = np.random.default_rng(4).normal(size=(len(words), 3)).astype(np.float32)
    odd = from_arrays(words, matrix, name="alike")
    address = odd.explore(projection="pca").save(tmp_path / "page.html").as_uri()
    browser.open(address)
    shown = [repr(word)[1:-1] for word in words]
    assert browser.run("releases[0].shown") == shown
    for row, text in enumerate(shown):
        browser.open(f"{address}#word={'a' if text != 'a' else quote(shown[0])}")
        browser.run(
            "[...document.querySelectorAll('.words button')]"
            f".find((button) => button.title === {json.dumps(text)}).click()"
        )
        assert browser.run("found[0].asked") == [row]
        browser.open(browser.run("location.href"))
        assert browser.run("found[0].asked") == [row]
    # What is shown otherwise is found as it is typed, too.
    assert browser.run("releases[0].find('\\\\o/')") == words.index("\\o/")


def test_zeros_are_near_to_nothing(browser: Chromium, tmp_path: Path) -> None:
    """A word with a vector of zeros is said to be one, and is no word's neighbour."""
    matrix = np.array([[0, 0], [0, 0], [1, 2], [2, 4], [-1, -2], [3, 6], [-1, 1]])
    odd = from_arrays(list("abcdefg"), matrix.astype(np.float32), name="zeros")
    address = odd.explore(projection="pca").save(tmp_path / "page.html").as_uri()
    zeros = "{} has a vector of zeros, which is near to nothing."
    for question, expected in (
        ("", "Nearest to c"),
        ("#word=a", zeros.format("a")),
        ("#a=a&b=b", zeros.format("a") + " " + zeros.format("b")),
        ("#a=c&b=b", zeros.format("b")),
        ("#a=c&b=d&c=a", zeros.format("a")),
    ):
        browser.open(address + question)
        assert browser.run(TEXT).partition("\n")[0].strip() == expected
    browser.open(f"{address}#word=c")
    assert sorted(word for word, _ in read(browser)[0]) == ["d", "e", "f", "g"]
    # Opposite directions have no middle, which is said.
    browser.open(f"{address}#a=c&b=e")
    assert read(browser) == [[]]
    assert browser.run(TEXT).endswith("cancel out, so that no word is near.")
    alone = from_arrays(["a", "b"], [[0.0, 0.0], [1.0, 2.0]], name="alone")
    address = alone.explore(projection="pca").save(tmp_path / "alone.html").as_uri()
    browser.open(f"{address}#word=b")
    assert browser.run(TEXT).endswith("This page has no other words.")
    address = f"{tmp_path.as_uri()}/page.html"
    # What is as near is said to be.
    browser.open(f"{address}#a=c&b=d")
    assert "d is the nearest word to c, as is 1 other" in browser.run(TEXT)
    # Something typed is repeated as it was typed.
    browser.open(f"{address}#word={quote(chr(92) + 'xa0')}")
    assert browser.run(TEXT).startswith(r"\xa0 is not among")


def test_long_words_are_cut_before_they_are_escaped(browser: Chromium) -> None:
    """A thousand of 20,000 characters take no second; all are cut where they should."""
    for word in (
        "film",
        "\U0001f600" * 9,
        "a" + "\U0001f600" * 9,
        "\u202e" * 9,
        "\t" * 9,
    ):
        whole = word if word.isprintable() else repr(word)[1:-1]
        for most in range(2, 30):
            expected = whole if len(whole) <= most else whole[: most - 1] + "\u2026"
            assert browser.run(f"showShort({json.dumps(word)}, {most})") == expected
    took = browser.run(
        "(() => { const word = '\\u202e'.repeat(20000), begin = performance.now();"
        " for (let i = 0; i < 1000; i++) showShort(word, 24);"
        " return performance.now() - begin; })()"
    )
    assert took < 1_000


def test_without_webgl_all_else_works(
    browser: Chromium, page: Path, sample: Vectors
) -> None:
    """The page says that there is no map, and answers."""
    added = browser.send(
        "Page.addScriptToEvaluateOnNewDocument",
        source="const get = HTMLCanvasElement.prototype.getContext;"
        "HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {"
        " return kind === 'webgl2' ? null : get.call(this, kind, ...rest); }",
    )
    try:
        browser.open(page.as_uri())
        assert "offers no WebGL 2" in browser.run(
            "document.querySelector('.sky').innerText"
        )
        directions = round_rows(sample)
        row = sample.row("film")
        expected = list_best(sample, directions @ directions[row], [row])
        assert ask(browser, "film") == expected
        assert not browser.run("document.querySelector('.controls').checkVisibility()")
        # The first question can be gone back to, too.
        go_back(browser)
        assert "Nearest to music" in browser.run(TEXT)
    finally:
        browser.send("Page.removeScriptToEvaluateOnNewDocument", **added)


def test_a_frame_of_a_notebook_works(
    browser: Chromium, sample: Vectors, tmp_path: Path
) -> None:
    """Without an origin and an address of its own, the page still answers."""
    frame = sample.explore(words=300, projection="pca")._repr_html_()
    path = tmp_path / "frame.html"
    path.write_text(f"<!DOCTYPE html><meta charset=utf-8>{frame}", encoding="utf-8")
    browser.open(path.as_uri())
    word, title, *place = browser.run_in_frame(
        "(() => { const { title } = document.querySelector('.words button');"
        " document.querySelector('.words button').click();"
        " return [title, document.querySelector('h2').textContent, origin,"
        " location.href]; })()"
    )
    assert word in sample
    assert title == f"Nearest to {word}"
    assert place == ["null", "about:srcdoc"]


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=("desktop", "phone"))
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_light_and_dark_can_be_read(
    browser: Chromium, scheme: str, size: tuple[int, int], page: Path
) -> None:
    """Each text stands out from its background, and nothing is cut off at the side."""
    browser.resize(*size, phone=size == PHONE)
    browser.prefer(scheme)
    for fragment in (
        "#word=film",
        "#a=film&b=book",
        "#a=man&b=king&c=woman",
        "#word=q",
    ):
        browser.open(f"{page.as_uri()}#{fragment}")
        assert browser.run(FAINT) == []
        assert browser.run("document.documentElement.scrollWidth") == size[0]
    background = browser.run("getComputedStyle(document.body).backgroundColor")
    assert (sum(map(int, background[4:-1].split(","))) > 3 * 127) == (scheme == "light")


def test_everything_that_can_be_used_has_a_name(browser: Chromium) -> None:
    """To a screen reader no control is nameless, and answers are announced."""
    ask(browser, "film")
    found = browser.read_accessible()
    for role in ("combobox", "button", "radio", "heading", "image"):
        assert found[role] and all(found[role]), role
    assert browser.run("document.querySelector('[role=status]').textContent") == (
        "Nearest to film"
    )


PAN = """new Promise((done) => {
  const counts = {frames: 0, uploads: 0, drawn: [], written: 0};
  const {gl} = map.points, {drawArrays} = gl;
  gl.bufferData = () => counts.uploads++;
  gl.drawArrays = (kind, first, count) => {
    counts.drawn.push(count);
    drawArrays.call(gl, kind, first, count);
  };
  const {fillText} = map.context;
  map.context.fillText = (...text) => {
    counts.written++;
    fillText.apply(map.context, text);
  };
  const step = () => {
    if (++counts.frames > 60) { done(counts); return; }
    const angle = counts.frames / 8;
    const [x, y] = [0.2 * Math.cos(angle), 0.2 * Math.sin(angle)];
    map.view = {x, y, zoom: 1 + counts.frames / 20};
    requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
})"""


def test_a_frame_of_a_hundred_thousand_words_is_one_call(
    browser: Chromium, real_text: Path, tmp_path: Path
) -> None:
    """While the map moves, points are not uploaded again, and few words are written.

    All of them have their neighbours.
    """
    vectors = glove_registry.open_file(real_text)
    page = vectors.explore(words=100_000, projection="pca")
    browser.open(page.save(tmp_path / "page.html").as_uri())
    counts = browser.run(PAN)
    assert counts["uploads"] == 0
    assert 50 < len(counts["drawn"]) <= counts["frames"] + 1
    assert set(counts["drawn"]) == {100_000}
    # Of the 100,000, so many at most for a screen.
    assert counts["written"] < 500 * counts["frames"]
    browser.run("ask('near', ['film'], false)")
    directions = round_rows(vectors, 100_000)
    row = vectors.row("film")
    expected = list_best(vectors, directions @ directions[row], [row])
    assert read(browser)[0] == expected
