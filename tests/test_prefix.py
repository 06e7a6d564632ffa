"""Of a file of many languages, the rows that a prefix marks, without it."""

import io
import json
import warnings
from pathlib import Path

import numpy as np
import pytest
from entries import sha256
from fasttext_files import write_matrix, write_model
from written_files import FORMS, Row, blocks_of

import glove_registry
from glove_registry.cli import main
from glove_registry.errors import FormatError
from glove_registry.formats import read_vectors

# As Numberbatch calls its terms; the second word and the last one are the same.
TERMS = [
    "/c/de/film",
    "/c/en/film",
    "/c/en/new_york",
    "/c/en/",
    "/c/en/#",
    "/c/ene/no",
    "/c/fr/été",
    "/c/en/été",
    "/c/en//c/en/x",
    "/c/fr/film",
]
ENGLISH = ["film", "new_york", "#", "été", "/c/en/x"]
PLACES = [1, 2, 4, 7, 8]
ROWS: list[Row] = [(t.encode(), (str(i + 1), f"0.{i}5")) for i, t in enumerate(TERMS)]
TEXT = FORMS["word2vec"](ROWS)


@pytest.mark.parametrize("size", [16, 1 << 21])
@pytest.mark.parametrize("form", FORMS)
def test_rows_with_the_prefix_are_kept_without_it(form: str, size: int) -> None:
    """Whatever the format, these rows are the variant, and alone count as its rows."""
    content = FORMS[form](ROWS)
    with blocks_of(size):
        for known in ({}, {"rows": len(ENGLISH)}):
            blocks = [*read_vectors(io.BytesIO(content), prefix="/c/en/", **known)]
            found = [token.decode() for block in blocks for token in block.tokens]
            assert found == ENGLISH
            values = np.concatenate([block.values for block in blocks])
            assert values[:, 0].tolist() == [place + 1 for place in PLACES]
            assert all(block.tokens for block in blocks)
        for rows in (len(TERMS), len(ENGLISH) + 1):
            with pytest.raises(FormatError, match=f"holds 5 rows, expected {rows}"):
                [*read_vectors(io.BytesIO(content), prefix="/c/en/", rows=rows)]


def test_the_header_is_compared_with_all_rows() -> None:
    """A file that is cut off within another language is recognized."""
    cut = TEXT[: TEXT.rindex(b"/c/fr")]
    with pytest.raises(FormatError, match="it may be cut off"):
        [*read_vectors(io.BytesIO(cut), prefix="/c/en/")]


def test_a_prefix_that_no_token_has() -> None:
    """The error names the prefix and the first token, which shows the right one."""
    with pytest.raises(FormatError, match=r"the prefix '/c/it/': .* '/c/de/film'"):
        [*read_vectors(io.BytesIO(TEXT), prefix="/c/it/")]


def test_the_warning_leads_to_the_prefix() -> None:
    """Without it there is a warning that names it; with it, none."""
    content = FORMS["glove"]([row for row in ROWS if row[0].startswith(b"/c/en/")])
    with pytest.warns(UserWarning, match=r"begins with .*`prefix:` in an entry"):
        [*read_vectors(io.BytesIO(content))]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert [*read_vectors(io.BytesIO(content), prefix="/c/en/")]


def test_n_grams_have_no_prefix() -> None:
    """A model whose n-grams are hashed with the prefix is refused."""
    matrix = write_matrix([[1.0, 2.0]] * 4)
    model = write_model([b"/c/en/a"], matrix, 2, lengths=(3, 6), buckets=3)
    with pytest.raises(FormatError, match="leave prefix out"):
        [*read_vectors(io.BytesIO(model), prefix="/c/en/")]


def test_an_open_file(tmp_path: Path) -> None:
    """Each prefix gives vectors of its own, which say so, now and the next time."""
    path = tmp_path / "terms.txt"
    path.write_bytes(TEXT)
    for _ in range(2):
        english = glove_registry.open_file(path, prefix="/c/en/", rows=5)
        french = glove_registry.open_file(path, prefix="/c/fr/")
        assert [*english.tokens] == ENGLISH
        assert [*french.tokens] == ["été", "film"]
        assert english["film"].tolist() == [2, np.float32("0.15")]
        assert english.provenance["prefix"] == "/c/en/"
    for prefix in ("", " ", 3, "\ud800"):
        with pytest.raises(FormatError, match="expected what tokens begin with"):
            glove_registry.open_file(path, prefix=prefix)  # type: ignore[arg-type]


def test_entries_of_one_text(tmp_path: Path, cache_root: Path) -> None:
    """Entries that read a text alike share its bytes; those that do not, do not."""
    (tmp_path / "terms.txt").write_bytes(TEXT)
    file = {"url": "file:terms.txt", "sha256": sha256(TEXT)}
    prefixes = {"en": "/c/en/", "also-en": "/c/en/", "fr": "/c/fr/", "all": None}
    registry = tmp_path / "registry.yaml"

    def write(prefixes: dict[str, str | None]) -> None:
        entries = {
            name: {**file, "prefix": prefix} if prefix else file
            for name, prefix in prefixes.items()
        }
        registry.write_text(json.dumps({"variants": entries}))

    def count(name: str) -> int:
        with warnings.catch_warnings():
            # Only where no prefix is stated, there is one about it.
            warnings.simplefilter("error" if prefixes[name] else "ignore")
            return len(glove_registry.load(name, registry=registry))

    write(prefixes)
    found = {name: count(name) for name in (*prefixes, *prefixes)}
    assert found == {"en": 5, "also-en": 5, "fr": 2, "all": 10}
    stores = cache_root.glob("stores/*/vectors.npy")
    assert len({path.stat().st_ino for path in stores}) == 3
    # An entry that changes is compiled again.
    prefixes["en"] = "/c/fr/"
    write(prefixes)
    assert (count("en"), count("also-en")) == (2, 5)


def test_an_entry_of_add(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The prefix is written into the entry, whose rows are those that have it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "terms.txt").write_bytes(TEXT)
    command = ["add", "terms.txt", "--name", "lab.en", "--to", "registry.yaml"]
    assert main([*command, "--prefix", "/c/en/"]) == 0
    vectors = glove_registry.load("lab.en", registry="registry.yaml")
    assert [*vectors.tokens] == ENGLISH
    variant = glove_registry.info("lab.en", registry="registry.yaml")
    assert (variant.prefix, variant.rows) == ("/c/en/", 5)
