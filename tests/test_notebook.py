"""In a notebook with a real kernel: tables, plots, progress, and short errors."""

from collections.abc import Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import nbformat
import pytest
from entries import SMALL, sha256, write_registry
from nbclient import NotebookClient

import glove_registry
from glove_registry import Vectors
from glove_registry.messages.html import format_html_facts, format_html_table
from glove_registry.registry.variant_list import VariantList

CELLS = """
import glove_registry
vectors = glove_registry.load("glove.6B.50d-first10k")
vectors
---
glove_registry.list_variants("twitter")
---
glove_registry.search("twitter 100")
---
glove_registry.info("glove.6B.50d")
---
vectors.most_similar("film", topn=2)
---
counts = {"the": 3, "Film": 2, "<b>zzzqx": 1}
vectors.coverage(counts)
---
vectors.coverage(counts).plot()
---
vectors.plot(["film", "movie"])
---
def find(name):
    return glove_registry.load(name)

find("glove.6B.50")
---
glove_registry.load("mine", registry="registry.yaml", progress=True)
"""


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> list[list[Any]]:
    """What the cells show."""
    folder = tmp_path_factory.mktemp("notebook")
    (folder / "v.txt").write_bytes(SMALL)
    write_registry(folder, "mine", url="file:v.txt", sha256=sha256(SMALL))
    make: Any = nbformat.v4  # not typed
    cells = [make.new_code_cell(one.strip()) for one in CELLS.split("---")]
    book = make.new_notebook(cells=cells)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GLOVE_REGISTRY_CACHE", str(folder / "cache"))
        patch.setenv("PYTHONPATH", str(Path(glove_registry.__file__).parents[1]))
        client = NotebookClient(
            book,
            timeout=120,
            allow_errors=True,
            resources={"metadata": {"path": str(folder)}},
        )
        client.execute()
    return [cell.outputs for cell in book.cells]


class Table(HTMLParser):
    """Reads the cells of a table, and which tags and attributes there are."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.rows: list[list[str]] = []
        self.feed(html)

    def handle_starttag(
        self, tag: str, attrs: Sequence[tuple[str, str | None]]
    ) -> None:
        """Begin a row, or a cell in it."""
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_data(self, data: str) -> None:
        """Add text to the last cell."""
        if self.rows:
            self.rows[-1][-1] += data


def read_table(outputs: list[Any]) -> list[list[str]]:
    """Return the rows of a cell's table, which has no script, colour or link."""
    html = outputs[-1]["data"]["text/html"]
    table = Table(html)
    assert table.tags <= {"table", "thead", "tbody", "tr", "th", "td", "p"}
    assert table.attributes <= {"style"}
    assert "color" not in html
    assert "background" not in html
    assert len(html) < 10_000
    return table.rows


def test_what_is_shown_is_a_table(outputs: list[list[Any]], sample: Vectors) -> None:
    """Vectors, lists, variants, neighbours and coverage are small plain tables."""
    facts = dict(read_table(outputs[0]))
    assert facts["vectors"] == sample.name
    assert facts["words"] == "10,000"
    assert facts["first words"] == " ".join(list(sample)[:5])

    header, *rows = read_table(outputs[1])
    assert header[:3] == ["name", "language", "dimension"]
    found = glove_registry.list_variants("twitter")
    assert [row[0] for row in rows] == [variant.name for variant in found]
    assert [row[0] for row in read_table(outputs[2])[1:]] == ["glove.twitter.27B.100d"]

    variant = glove_registry.info("glove.6B.50d")
    facts = dict(read_table(outputs[3]))
    assert facts["name"] == variant.name
    assert facts["rows"] == "400,000"
    assert variant.sources[0].url in facts["sources"]
    assert f"sha256 {variant.sources[0].sha256}" in facts["sources"]
    assert f"sha256 {variant.member.sha256}" in facts["member"]

    header, *rows = read_table(outputs[4])
    near = sample.most_similar("film", topn=2)
    assert rows == [[word, f"{score:.4f}"] for word, score in near]

    rows = read_table(outputs[5])
    assert rows[1][:3] == ["found", "2", "66.7 %"]
    assert any("'<b>zzzqx'" in row[-1] for row in rows)


def test_plots_show_without_a_magic_command(outputs: list[list[Any]]) -> None:
    """A plot as the last line of a cell is a picture, once."""
    for cell in outputs[6:8]:
        (output,) = cell
        assert output["data"]["image/png"].startswith("iVBOR")


def test_an_error_ends_in_its_sentence(outputs: list[list[Any]]) -> None:
    """A wrong name shows the user's lines and the sentence, and nothing else."""
    (error,) = outputs[8]
    with pytest.raises(glove_registry.errors.UnknownVariantError) as caught:
        glove_registry.load("glove.6B.50")
    assert error["traceback"] == [
        'line 4: find("glove.6B.50")',
        "line 2: return glove_registry.load(name)",
        f"UnknownVariantError: {caught.value}",
    ]


def test_progress_is_a_widget(outputs: list[list[Any]]) -> None:
    """A first load has a bar of widgets, and nothing on standard error."""
    kinds = {kind for output in outputs[9] for kind in output.get("data", ())}
    assert "application/vnd.jupyter.widget-view+json" in kinds
    assert not any(output.get("name") == "stderr" for output in outputs[9])


def test_all_that_a_table_shows_is_escaped() -> None:
    """No text becomes a tag, an entity or a control character."""
    odd = "<script>alert(1)</script> &amp; \x1b[31m\u202e\"'"
    for html in (
        format_html_table((odd,), [[odd]], notes=[odd]),
        format_html_facts([(odd, odd), ("none", None), ("empty", ())]),
    ):
        assert "<script" not in html
        assert html.isprintable()
        shown = odd.replace("\x1b", r"\x1b").replace("\u202e", r"\u202e")
        assert Table(html).rows[0][0] == shown
        assert "none" not in html


def test_a_long_list_is_cut() -> None:
    """A notebook shows sixty variants, and how many more there are."""
    found = glove_registry.list_variants()
    assert isinstance(found, VariantList)
    html = found._repr_html_()
    assert len(Table(html).rows) == 1 + 60
    assert f"<p>and {len(found) - 60:,} more</p>" in html


def test_a_prompt_shows_variants_briefly() -> None:
    """A variant is its name, and a list of them a table of a line for each."""
    variant = glove_registry.info("glove.6B.50d")
    assert repr(variant) == f"<Variant glove.6B.50d@{variant.revision}>"
    found = glove_registry.list_variants("fasttext.wiki.de")
    assert repr(found[0]) == f"<Variant {found[0].name}>"
    header, *lines = repr(found).splitlines()
    assert header.split()[:3] == ["name", "language", "dimension"]
    assert [line.split()[0] for line in lines] == [each.name for each in found]
    every = glove_registry.list_variants()
    *_, last = lines = repr(every).splitlines()
    assert (len(lines), last) == (1 + 60 + 1, f"and {len(every) - 60:,} more")
    assert repr(VariantList()).split() == header.split()


def test_a_variant_shows_who_attests_its_checksum(tmp_path: Path) -> None:
    """The table in a notebook says how many sources give each sha256."""
    write_registry(
        *(tmp_path, "mine"), url="file:v.txt", sha256=sha256(SMALL), attested=2
    )
    mine = glove_registry.info("mine", registry=tmp_path / "registry.yaml")
    facts = dict(Table(mine._repr_html_()).rows)
    assert facts["sources"].endswith(
        f"v.txt; sha256 {sha256(SMALL)}; attested by 2 independent public sources"
    )
    assert "member" not in facts


def test_an_evaluation_is_a_table(sample: Vectors, tmp_path: Path) -> None:
    """The cells are those of the text, and the notes stand below."""
    registry = tmp_path / "registry.yaml"
    pairs = tmp_path / "pairs.txt"
    pairs.write_text("film\tmovie\t9\nfilm\tking\t1\nking\tqueen\t8\n")
    registry.write_text(
        f"benchmarks:\n  pairs:\n    task: similarity\n    url: {pairs.as_uri()}\n"
        f"    sha256: {sha256(pairs.read_bytes())}\n"
    )
    evaluation = sample.evaluate("pairs", registry=registry)
    header, first, *_ = Table(evaluation._repr_html_()).rows
    assert header == ["", sample.name]
    assert first[0] == "pairs"
    assert first[1] in str(evaluation)
