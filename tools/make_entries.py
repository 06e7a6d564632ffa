"""Write the entries of registry.yaml that a table of public checksums gives.

    python tools/make_entries.py TABLE

The table is text separated by tabs, with a header and the columns of `Row`. The
entries of `FAMILIES`, which differ in their language, are written between two comments.
All others are written by hand, and compared with their rows. A row without an entry has
a reason in `LEFT_OUT`. Running the script again changes nothing.
"""

import csv
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path

from glove_registry import Registry
from glove_registry.cache.publish import publish

REGISTRY = Path(__file__).parents[1] / "registry.yaml"
BEGIN = "  # Written by tools/make_entries.py from a table of public checksums.\n"
END = "  # End of what tools/make_entries.py writes.\n"

# By their group in registry.yaml: the names of their rows, and the kind and the URL of
# the file, where {} is what stands for the language in the name.
FAMILIES = {
    "fasttext.cc": (
        r"fasttext\.cc\.([a-z-]+)\.300d",
        "file (gz archive)",
        "https://dl.fbaipublicfiles.com/fasttext/vectors-crawl/cc.{}.300.vec.gz",
    ),
    "fasttext.wiki": (
        r"fasttext\.wiki\.([a-z-]+)\.300d",
        "file (plain text, no archive)",
        "https://dl.fbaipublicfiles.com/fasttext/vectors-wiki/wiki.{}.vec",
    ),
}

# Codes of Wikipedia that mean something else in BCP 47, or nothing: as MediaWiki maps
# them (LanguageCode.php) or, for bh and no, the language of these two editions.
LANGUAGES = {
    "als": "gsw",
    "bat-smg": "sgs",
    "be-x-old": "be-tarask",
    "bh": "bho",
    "cbk-zam": "cbk",
    "eml": "egl",
    "fiu-vro": "vro",
    "map-bms": "jv-x-bms",
    "mo": "ro-Cyrl-MD",
    "nds-nl": "nds-NL",
    "no": "nb",
    "nrm": "nrf",
    "roa-rup": "rup",
    "roa-tara": "nap-x-tara",
    "simple": "en-simple",
    "zh-classical": "lzh",
    "zh-min-nan": "nan",
    "zh-yue": "yue",
}

# What a reader of an entry should know.
DESCRIPTIONS = {
    "fasttext.wiki.en.300d": (
        "One public list gives another checksum, which others give for wiki.en.zip."
    ),
}

# What torchtext calls the same files (`torchtext.vocab.pretrained_aliases`).
ALIASES = {
    "fasttext.wiki.en.300d": "[fasttext.en.300d]",
    "fasttext.wiki.simple.300d": "[fasttext.simple.300d]",
}

# The entries of rows that the table calls otherwise.
ENTRIES = {
    "fasttext.wiki.en.300d.zip (bin+vec)": "fasttext.wiki.en.bin",
    "glove.twitter.27B.25d (member)": "glove.twitter.27B.25d",
    "numberbatch.en.19.08 (text)": "numberbatch.en.19.08",
}

LEFT_OUT = {
    "paragram-sl999": "its format and its licence are not stated by its authors",
    "paragram-ws353": "its format and its licence are not stated by its authors",
}


@dataclass(frozen=True)
class Row:
    """One row of the table; what is not known is empty."""

    name: str
    url: str
    bytes: str
    sha256: str
    kind: str
    format: str
    dimension: str
    rows: str
    licence: str
    source1: str
    source2: str

    @property
    def attested(self) -> int:
        """How many sources give the checksum; one in parentheses gives other facts."""
        sources = (self.source1, self.source2)
        return sum(bool(re.match(r"(?!\(|INFERRED)\S", source)) for source in sources)


class TableError(Exception):
    """The table and registry.yaml do not agree; the argument says in what."""


def read_table(path: Path) -> list[Row]:
    """Read the rows of a table."""
    with path.open(encoding="utf-8", newline="") as file:
        header, *lines = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
    expected = [field.name for field in fields(Row)]
    if header != expected:
        raise TableError(f"expected the columns {expected}, found {header}")
    return [Row(*line) for line in lines]


def make_registry(rows: Iterable[Row], text: str) -> str:
    """Return the text of a registry file with the entries of the table's families."""
    before, _, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not end:
        raise TableError(f"expected the lines {BEGIN!r} and {END!r}")
    made = sorted((group, row.name, row) for row, group in _find_families(rows))
    entries = "".join("\n" + _write(row, group) for group, _, row in made)
    return f"{before}{BEGIN}{entries}\n{END}{after}"


def find_differences(rows: Iterable[Row], registry: Registry) -> Iterator[str]:
    """Yield in what the entries of a registry differ from the rows of the table."""
    for row in rows:
        name = ENTRIES.get(row.name, row.name)
        if row.name in LEFT_OUT:
            continue
        if name not in registry:
            yield f"{row.name}: expected an entry, or a reason in LEFT_OUT"
            continue
        variant = registry.find(name)
        # The row is about the file at the URL, or about the text inside it.
        of_member = row.kind == "member"
        part = variant.member if of_member else variant.sources[0]
        for what, in_table, in_entry in (
            ("url", "" if of_member else row.url, variant.sources[0].url),
            ("sha256", row.sha256, part.sha256),
            ("bytes", row.bytes, part.bytes),
            ("dimension", row.dimension, variant.dimension),
            ("rows", row.rows, variant.rows),
        ):
            if in_table and in_table != str(in_entry):
                yield f"{name}: {what} is {in_table} in the table, {in_entry} here"
        # Further sources may be known than those of the table.
        if (part.attested or 0) < row.attested:
            yield f"{name}: attested by {row.attested}, {part.attested} here"


def _find_families(rows: Iterable[Row]) -> Iterator[tuple[Row, str]]:
    for row in rows:
        for group, (pattern, kind, url) in FAMILIES.items():
            if match := re.fullmatch(pattern, row.name):
                if (row.kind, row.url) != (kind, url.format(match[1])):
                    raise TableError(f"{row.name}: expected {kind} at {url}")
                yield row, group


def _write(row: Row, group: str) -> str:
    code = re.sub(FAMILIES[group][0], r"\1", row.name)
    facts = {
        "group": group,
        "aliases": ALIASES.get(row.name),
        "language": LANGUAGES.get(code, code),
        "rows": row.rows,
        "url": row.url,
        "bytes": row.bytes,
        "sha256": row.sha256,
        "attested": row.attested,
        "description": DESCRIPTIONS.get(row.name),
    }
    lines = [f"    {name}: {value}\n" for name, value in facts.items() if value]
    return f"  {row.name}:\n{''.join(lines)}"


def main(table: str) -> int:
    """Write registry.yaml, and say in what it differs from the table."""
    rows = read_table(Path(table))
    text = make_registry(rows, REGISTRY.read_text(encoding="utf-8"))
    with publish(REGISTRY) as part:
        part.write_text(text, encoding="utf-8")
        # Raises if there are faults, and nothing is written.
        differences = list(find_differences(rows, Registry.from_file(part)))
    print(*differences, sep="\n", end="\n" * bool(differences))
    return bool(differences)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
