"""What every page shares: strict templates, text that stays text, one complete file."""

import base64
import errno
import hashlib
import re
from pathlib import Path

import pytest
from jinja2 import UndefinedError

from glove_registry.cache.outputs import write_new
from glove_registry.errors import OutputError
from glove_registry.pages import clean, make_one_line, make_renderer, write_page

PAGE = """{% extends "base.html" %}
{% block title %}{{ title }}{% endblock %}
{% block body %}
<p>{{ text|shout }}</p>
{% endblock %}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A template with a style and a script of its own."""
    folder = tmp_path / "templates"
    folder.mkdir()
    (folder / "mine.html").write_text(PAGE)
    (folder / "mine.css").write_text("p { color: red; }\n")
    (folder / "mine.js").write_text("if (1 < 2 && {{}}) {}\n")
    return folder


def render(folder: Path, **values: object) -> str:
    """Render the page of the folder."""
    return make_renderer(folder, {"shout": str.upper})(
        "mine.html", styles=["mine.css"], scripts=["mine.js", "copy.js"], **values
    )


def test_a_page_holds_its_style_and_scripts_and_allows_no_other(folder: Path) -> None:
    """The base style, then the own one, and the scripts stand in it with their hash."""
    page = render(folder, title="a", text="b")
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="(.*)"', page)
    for kind, parts in (
        ("style", ["color-scheme", "p { color: red; }"]),
        ("script", ["if (1 < 2 && {{}}) {}", "[data-copy]"]),
    ):
        (code,) = re.findall(f"(?s)<{kind}>(.*)</{kind}>", page)
        assert [part for part in parts if part in code] == parts
        assert code.index(parts[0]) < code.index(parts[1])
        digest = base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()
        assert f"{kind}-src &#39;sha256-{digest}&#39;;" in policy
    assert policy.startswith("default-src &#39;none&#39;;")


def test_whatever_a_template_inserts_is_text(folder: Path) -> None:
    """Markup is escaped, and what HTML cannot hold is replaced, after any filter."""
    page = render(folder, title="</title>&\x1b", text="<b>\x00")
    assert "<title>&lt;/title&gt;&amp;\ufffd</title>" in page
    assert "<p>&lt;B&gt;\ufffd</p>" in page


def test_a_value_that_is_missing_is_an_error(folder: Path) -> None:
    """A template that uses what it is not given fails, instead of leaving a gap."""
    with pytest.raises(UndefinedError):
        render(folder, text="a")


def test_what_html_cannot_write_is_replaced() -> None:
    """Halves of surrogate pairs, which no file could hold, become U+FFFD."""
    assert clean("a\ud800\0b\udfff") == "a\ufffd\ufffdb\ufffd"
    assert clean("a\U000e0041b\u200c") == "a\ufffdb\u200c"
    assert make_one_line(" a\n\tb\x1b ") == "a b\ufffd"
    assert make_one_line(None) == ""


def test_a_page_is_written_in_utf8_into_a_new_folder(tmp_path: Path) -> None:
    """Folders are created, and a page takes the place of an older one."""
    page = tmp_path / "a" / "b" / "page.html"
    for text in ("old", "größer"):
        write_page(page, text)
        assert page.read_bytes().decode() == text
    assert list(page.parent.iterdir()) == [page]


def test_a_place_that_cannot_be_written_is_an_output_error(tmp_path: Path) -> None:
    """The error names what is in the way, and says what to do."""
    (tmp_path / "file").write_text("mine")
    (tmp_path / "link").symlink_to("nowhere")
    (tmp_path / "page.html").mkdir()
    for page, in_the_way in (
        ("file/page.html", "file"),
        ("file/below/page.html", "file/below"),
        ("link/page.html", "link"),
        ("page.html", "page.html"),
    ):
        with pytest.raises(OutputError) as found:
            write_page(tmp_path / page, "text")
        assert f"cannot write {tmp_path / in_the_way} (" in str(found.value)
        assert "): name a folder that can be created or written to" in str(found.value)
    assert {path.name for path in tmp_path.iterdir()} == {"file", "link", "page.html"}


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EIO])
def test_a_full_disk_is_told_from_a_folder_that_is_not_writable(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error of a page, as that of an export, says what helps."""

    def fail(path: Path, content: bytes) -> int:
        raise OSError(number, "no", str(path))

    monkeypatch.setattr(Path, "write_bytes", fail)
    is_full = number != errno.EIO
    with pytest.raises(OutputError) as found:
        write_page(tmp_path / "page.html", "text")
    assert f"cannot write {tmp_path / 'page.html'} (no): " in str(found.value)
    assert ("free some disk space, or name a folder" in str(found.value)) == is_full
    with pytest.raises(OutputError) as found:
        write_new(tmp_path / "file.npz", lambda path: path.write_bytes(b""))
    assert ("free some disk space, or choose another" in str(found.value)) == is_full
    assert list(tmp_path.iterdir()) == []
