"""The page that explores words: what is in it, and where it goes."""

import base64
import json
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from glove_registry import Vectors, from_arrays
from glove_registry.cli import main
from glove_registry.errors import OutputError

ODD = [
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "{{ releases }}",
    "\"'&amp;`${1}",
    "\u202egnp.exe",
    "\U0001f469\u200d\U0001f680",
    "\udc80",
    "__proto__",
    "Film",
    "film",
    "FILM",
    "x" * 1_000,
    "two words",
    "\u2028",
    "a" + "\u0301" * 50,
    "\u0e34" * 9,
    "\u3164",
    "\u115f\u1160",
    "\U000e0100a\ufe00",
    "\u2764\ufe0f",
]


class Blocks(HTMLParser):
    """Reads the data of a page, and how many scripts would run."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.data: dict[str, str] = {}
        self.scripts = 0
        self.frames: list[dict[str, str | None]] = []
        self._id: str | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a script or a frame."""
        found = dict(attrs)
        if tag == "script":
            self._id = found.get("id")
            self.scripts += "type" not in found
        if tag == "iframe":
            self.frames.append(found)

    def handle_data(self, data: str) -> None:
        """Keep what is in a block with an id."""
        if self._id:
            self.data[self._id] = data
            self._id = None

    def read(self, name: str, dtype: str) -> Any:
        """Return an array of the page."""
        return np.frombuffer(base64.b64decode(self.data[f"page:{name}"]), dtype)


def make_odd() -> Vectors:
    """Return vectors of words that could do harm, or be taken for each other."""
    matrix = np.random.default_rng(3).normal(size=(len(ODD), 5)).astype(np.float32)
    return from_arrays(ODD, matrix, name="odd")


def test_the_page_has_the_words_and_their_numbers(sample: Vectors) -> None:
    """Words, numbers and points are those of each release, in its order."""
    odd = make_odd()
    page = sample.explore(odd, words=200, projection="pca")
    assert page.names == [sample.name, "odd"]
    assert page.words == [200, len(ODD)]
    blocks = Blocks(page.html)
    assert blocks.scripts == 1
    first, second = json.loads(blocks.data["page:releases"])
    assert first["words"] == list(sample)[:200]
    assert second["words"] == ODD
    assert (first["total"], first["dimension"], first["license"]) == (
        *sample.shape,
        sample.license,
    )
    assert first["sha256"] == sample.provenance["sha256"]
    steps = np.rint(sample.matrix[7] / np.abs(sample.matrix[7]).max() * 127)
    numbers = blocks.read("numbers-0", "i1").reshape(200, 50)
    assert np.abs(numbers[7] - steps).max() <= 1
    assert blocks.read("points-1", "<f4").shape == (2 * len(ODD),)


def test_the_same_vectors_give_the_same_page(sample: Vectors) -> None:
    """Nothing in it depends on the time, the place or the run."""
    one, other = (sample.explore(words=50, projection="pca").html for _ in range(2))
    assert one == other


def test_a_notebook_shows_it_in_a_frame(sample: Vectors) -> None:
    """The frame holds the page, whose script has no part in the notebook."""
    page = sample.explore(words=20, projection="pca")
    (frame,) = Blocks(page._repr_html_()).frames
    assert frame["srcdoc"] == page.html
    assert frame["sandbox"] == "allow-scripts"


def test_it_is_saved_whole_and_replaces_nothing(
    sample: Vectors, tmp_path: Path
) -> None:
    """The file is the page, byte for byte; a file that exists is kept."""
    page = sample.explore(words=20, projection="pca")
    path = page.save(tmp_path / "page.html")
    assert path.read_bytes() == page.html.encode()
    path.write_text("mine")
    with pytest.raises(OutputError, match="already exists, and nothing is replaced"):
        page.save(path)
    assert path.read_text() == "mine"
    assert [each.name for each in tmp_path.glob("page*")] == ["page.html"]


def test_the_command_writes_what_the_method_does(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], sample: Vectors
) -> None:
    """It prints the path, says how large the page is, and takes several names."""
    path = tmp_path / "page.html"
    name = sample.name
    arguments = ["--words", "30", "--projection", "pca", "--output", str(path)]
    assert main(["explore", name, name, *arguments]) == 0
    shown = capsys.readouterr()
    assert shown.out == f"{path}\n"
    size = f"{path.stat().st_size / 1000:.0f} kB"
    assert f"the page has 30 words and 30 words and takes {size}" in shown.err
    expected = sample.explore(sample, words=30, projection="pca")
    assert path.read_bytes() == expected.html.encode()
    path.unlink()
    assert main(["explore", name, "--json", *arguments]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts == {
        "names": [name],
        "words": [30],
        "bytes": path.stat().st_size,
        "path": str(path),
    }


def test_the_command_refuses_before_it_downloads(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No words, a wrong name, a file that exists: one sentence, and nothing fetched."""
    there = tmp_path / "there.html"
    there.write_text("mine")
    new = ["--output", str(tmp_path / "new.html")]
    with pytest.raises(SystemExit) as ended:
        main(["explore", "glove.6B.50d", "--words", "0", *new])
    assert ended.value.code == 2
    assert "--words: expected a whole number from 1 on" in capsys.readouterr().err
    assert main(["explore", "glove.6B.50d", "glove.6B.51d", *new]) == 2
    assert "glove.6B.51d" in capsys.readouterr().err
    assert main(["explore", "glove.6B.50d", "--output", str(there)]) == 1
    assert "already exists" in capsys.readouterr().err
    assert there.read_text() == "mine"
    assert not (tmp_path / "new.html").exists()
    assert not (tmp_path / "cache" / "stores").exists()


def test_the_command_tells_mistakes_in_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """UMAP that is not installed is one line, and exit status 1."""
    monkeypatch.setitem(sys.modules, "umap", None)
    page = tmp_path / "page.html"
    arguments = ["--projection", "umap", "--output", str(page)]
    assert main(["explore", "glove.6B.50d-first10k", "--words", "50", *arguments]) == 1
    assert capsys.readouterr().err == (
        "glove-registry: the projection 'umap' needs UMAP: install umap-learn, or use "
        "'pca'\n"
    )
    assert not page.exists()
