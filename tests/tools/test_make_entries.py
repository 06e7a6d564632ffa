"""The script writes the entries that a table of public checksums gives."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest
from entries import sha256

from glove_registry import Registry
from glove_registry.errors import RegistryError
from glove_registry.registry.languages import normalize_language

CHECKOUT = Path(__file__).parents[2]
TABLE = CHECKOUT.parent / "shared" / "facts" / "checksums.tsv"
HEADER = "name url bytes sha256 kind format dimension rows licence source1 source2"
WIKI = "https://dl.fbaipublicfiles.com/fasttext/vectors-wiki/wiki.{}.vec"
PLAIN = "file (plain text, no archive)"
A, B = sha256(b"a"), sha256(b"b")

# The columns, separated by | here.
ROWS = [
    tuple(line.split("|"))
    for line in (
        f"fasttext.wiki.no.300d|{WIKI.format('no')}|12|{A}|{PLAIN}||300|7||one|two",
        f"fasttext.wiki.de.300d|{WIKI.format('de')}||{B}|{PLAIN}||300|||one|(a size)",
        f"by.hand|https://a.org/b.gz|3|{A}|file (gz archive)|||||a list|",
        f"by.hand|member of b.gz||{B}|member||2|||a list|",
    )
]

REGISTRY = f"""groups:
  fasttext.wiki: {{dimension: 300}}

variants:
  by.hand:
    url: https://a.org/b.gz
    bytes: 3
    sha256: {A}
    attested: 2
    dimension: 2
    member: {{sha256: {B}, attested: 1}}

  # Written by tools/make_entries.py from a table of public checksums.
  # End of what tools/make_entries.py writes.
# The end.
"""
MADE = f"""
  fasttext.wiki.de.300d:
    group: fasttext.wiki
    language: de
    url: {WIKI.format("de")}
    sha256: {B}
    attested: 1

  fasttext.wiki.no.300d:
    group: fasttext.wiki
    language: nb
    rows: 7
    url: {WIKI.format("no")}
    bytes: 12
    sha256: {A}
    attested: 2

  # End of"""


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script as a module."""
    path = CHECKOUT / "tools" / "make_entries.py"
    spec = importlib.util.spec_from_file_location("make_entries", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "make_entries", module)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def registry(
    tmp_path: Path, script: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A registry file that the script writes to."""
    path = tmp_path / "registry.yaml"
    path.write_text(REGISTRY)
    monkeypatch.setattr(script, "REGISTRY", path)
    return path


def write_table(folder: Path, *rows: tuple[str, ...]) -> str:
    """Write a table, and return its path."""
    path = folder / "table.tsv"
    lines = ["\t".join(row) for row in (HEADER.split(), *rows)]
    path.write_text("\n".join(lines) + "\n")
    return str(path)


def test_families_are_written_between_the_comments(
    script: ModuleType, registry: Path, tmp_path: Path
) -> None:
    """Entries are sorted and valid, the rest stays, a second run changes nothing."""
    table = write_table(tmp_path, *ROWS)
    expected = REGISTRY.replace("  # End of", MADE)
    for _ in range(2):
        assert script.main(table) == 0
        assert registry.read_text() == expected
    variant = Registry.from_file(registry).find("fasttext.wiki.no.300d")
    assert (variant.language, variant.dimension, variant.rows) == ("nb", 300, 7)


@pytest.mark.parametrize(
    ("column", "value", "told"),
    [
        (1, "https://a.org/other.gz", "by.hand: url is https://a.org/other.gz"),
        (2, "4", "by.hand: bytes is 4 in the table, 3 here"),
        (3, B, f"by.hand: sha256 is {B} in the table, {A} here"),
        (7, "9", "by.hand: rows is 9 in the table, None here"),
        (0, "no.entry", "no.entry: expected an entry"),
    ],
)
def test_what_is_written_by_hand_is_compared(
    script: ModuleType,
    registry: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    column: int,
    value: str,
    told: str,
) -> None:
    """Each fact in which an entry differs from its row is named, and is an error."""
    row = list(ROWS[2])
    row[column] = value
    assert script.main(write_table(tmp_path, tuple(row), *ROWS[3:])) == 1
    assert capsys.readouterr().out.startswith(told)


def test_a_checksum_is_never_said_to_have_fewer_sources(
    script: ModuleType, registry: Path, tmp_path: Path
) -> None:
    """An entry may know more sources than the table, but not fewer."""
    registry.write_text(REGISTRY.replace("attested: 1", "attested: 3"))
    assert script.main(write_table(tmp_path, *ROWS[2:])) == 0
    registry.write_text(REGISTRY.replace(", attested: 1", ""))
    assert script.main(write_table(tmp_path, *ROWS[2:])) == 1


def test_a_row_of_another_kind_is_refused(
    script: ModuleType, registry: Path, tmp_path: Path
) -> None:
    """A checksum that may be of an archive is never written as that of a text."""
    row = list(ROWS[0])
    row[4] = "archive"
    with pytest.raises(script.TableError, match=r"fasttext\.wiki\.no\.300d"):
        script.main(write_table(tmp_path, tuple(row)))
    assert registry.read_text() == REGISTRY


def test_the_empty_file_is_never_written(
    script: ModuleType, registry: Path, tmp_path: Path
) -> None:
    """The checksum of a failed download, which a public list has, is an error."""
    row = list(ROWS[0])
    row[3] = sha256(b"")
    with pytest.raises(RegistryError, match="an empty file"):
        script.main(write_table(tmp_path, tuple(row)))
    assert registry.read_text() == REGISTRY


def test_all_tags_are_tags(script: ModuleType) -> None:
    """Each code of Wikipedia leads to a tag of BCP 47 in its usual form."""
    for tag in script.LANGUAGES.values():
        assert normalize_language(tag) == tag


@pytest.mark.skipif(not TABLE.is_file(), reason="the table is not beside the checkout")
def test_the_registry_is_what_the_table_gives(script: ModuleType) -> None:
    """Every row of the table has its entry, or a reason to be left out."""
    rows = script.read_table(TABLE)
    text = script.REGISTRY.read_text(encoding="utf-8")
    assert script.make_registry(rows, text) == text
    assert list(script.find_differences(rows, Registry.default())) == []
