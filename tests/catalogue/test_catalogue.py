"""The catalogue page says what the registry says, and no text of it is markup."""

import ast
import base64
import hashlib
import json
import os
import re
import subprocess
import sys
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import pytest
from entries import SMALL, list_files, sha256, write_registry
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import glove_registry
from glove_registry import Registry
from glove_registry.catalogue import write_catalogue
from glove_registry.cli import main

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
        for _, found in self._open:
            if what := found.get("data-copy"):
                self.copied[what] = self.copied.get(what, "") + data

    def handle_comment(self, data: str) -> None:
        """Take a comment; the page has none."""
        self.comments.append(data)

    def values(self, name: str) -> list[str]:
        """Give all values of an attribute."""
        return [found[name] or "" for _, found in self.elements if name in found]


def read_page(registry: Registry, folder: Path) -> Page:
    """Write the page of a registry and read it."""
    return Page(write_catalogue(registry, folder).read_text(encoding="utf-8"))


@pytest.fixture
def page(tmp_path: Path) -> Page:
    """The page of the built-in registry."""
    return read_page(Registry.default(), tmp_path)


def test_every_fact_of_every_variant_is_on_the_page(page: Page) -> None:
    """Names, shapes, sizes, URLs, checksums, licences and citations are all there."""
    for variant in Registry.default().list_revisions():
        facts: list[object] = [
            variant.name,
            variant.revision,
            variant.corpus,
            variant.license,
            variant.description,
            variant.homepage,
            variant.dimension,
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
    unknown = [v for v in Registry.default().list_variants() if v.anchor is None]
    note = "no checksum: has to be trusted on first use"
    assert page.text.count(note) == len(unknown) > 0
    for variant in unknown:
        assert f"{variant.name}\n{variant.corpus}\n{note}" in page.text


def test_each_load_line_asks_for_its_variant(page: Page) -> None:
    """A load line names one variant, and trust where there is no checksum only."""
    registry = Registry.default()
    expected = {variant.reference for variant in registry.list_revisions()}
    expected |= set(registry)
    for reference in expected:
        call = ast.parse(page.copied[f"the load line of {reference}"]).body[0]
        assert isinstance(call, ast.Expr) and isinstance(call.value, ast.Call)
        assert ast.unparse(call.value.func) == "glove_registry.load"
        assert [ast.literal_eval(a) for a in call.value.args] == [reference]
        given = {k.arg: ast.literal_eval(k.value) for k in call.value.keywords}
        trusted = registry.find(reference).anchor is None
        assert given == ({"trust_on_first_use": True} if trusted else {})


def test_a_load_line_of_ones_own_registry_loads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The line of an entry that is not known anyway names its file, and works there."""
    (tmp_path / "v.txt").write_bytes(SMALL)
    path = write_registry(tmp_path, "mine", url="file:v.txt", sha256=sha256(SMALL))
    page = read_page(Registry.over_default(path), tmp_path / "site")
    assert "registry=" not in page.copied["the load line of glove.6B.50d"]
    line = page.copied["the load line of mine"]
    monkeypatch.chdir(tmp_path)
    assert "film" in eval(line, {"glove_registry": glove_registry})
    # What GLOVE_REGISTRY_PATH names is known to every load.
    monkeypatch.setenv("GLOVE_REGISTRY_PATH", str(path))
    page = read_page(Registry.default(), tmp_path / "site")
    line = page.copied["the load line of mine"]
    assert "registry=" not in line
    assert "film" in eval(line, {"glove_registry": glove_registry})


def write_texts(folder: Path, texts: list[str]) -> Registry:
    """Make a registry with a text in every field that takes any."""
    fields = ("corpus", "license", "description", "citation", "tokens")
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
    """See that a page with these texts has the elements of one with plain texts."""
    expected = read_page(write_texts(folder, ["a", "b", "c", "d", "e", "f"]), folder)
    page = read_page(write_texts(folder, texts), folder)
    assert page.skeleton == expected.skeleton
    assert page.comments == []
    shown = UNSEEN.sub("", page.text)
    assert all(UNSEEN.sub("", text) in shown for text in texts)
    for url in page.values("href"):
        assert re.match(r"https?://|#mine$|data:image/svg", url, re.IGNORECASE), url
    (facts,) = json.loads(page.code["application/json"])
    # A filter offers what the facts hold: else it would find nothing.
    assert {facts["corpus"], facts["license"]} <= set(page.values("value"))


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_is_text(text: str, tmp_path: Path) -> None:
    """Wherever an entry has markup or code, the page shows it letter by letter."""
    check_texts(tmp_path, [text] * 6)


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
        min_size=6,
        max_size=6,
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
    page = read_page(Registry.from_file(path), tmp_path)
    links = [found["href"] for tag, found in page.elements if tag == "a"]
    assert links == ["#mine", homepage]
    assert "ftp://example.org/a" in page.text


def test_the_page_needs_nothing_and_allows_nothing_else(page: Page) -> None:
    """All is inside, and the policy allows the style and the script by hash alone."""
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


def test_the_page_is_well_formed(page: Page, tmp_path: Path) -> None:
    """Elements nest, ids are unique, and each control has a label."""
    ids = Counter(page.values("id"))
    assert max(ids.values()) == 1
    assert set(Registry.default()) <= set(ids)
    tags = [tag for tag, _ in page.skeleton]
    assert tags.count("label") == tags.count("select") + tags.count("input")
    size = (tmp_path / "index.html").stat().st_size
    assert size < 100_000 + 3_000 * len(Registry.default())


def test_the_same_registry_gives_the_same_bytes(tmp_path: Path) -> None:
    """Two processes, two folders and two seeds of hash() give one page, pathless."""
    pages = []
    for seed in ("1", "2"):
        folder = tmp_path / seed
        done = subprocess.run(
            [sys.executable, "-m", "glove_registry", "catalogue", "--output", folder],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout == f"{folder / 'index.html'}\n"
        pages.append((folder / "index.html").read_bytes())
    assert pages[0] == pages[1]
    package = Path(glove_registry.__file__).parent.parent
    assert str(package).encode() not in pages[0]


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
    assert list_files(tmp_path) == ["file"]


def test_a_page_is_replaced_as_a_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If writing breaks off, the page that was there stays, and nothing else."""
    page = write_catalogue(Registry.default(), tmp_path)
    before = page.read_bytes()

    def write_half(path: Path, content: bytes) -> int:
        with path.open("wb") as file:
            file.write(content[:1000])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", write_half)
    with pytest.raises(glove_registry.errors.OutputError, match="No space left"):
        write_catalogue(Registry.default(), tmp_path)
    assert list_files(tmp_path) == ["index.html"]
    assert page.read_bytes() == before
