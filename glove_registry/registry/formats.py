"""The formats of vectors: one row says all that differs between them.

To add a format, write a module of its name and add a row here.
"""

from dataclasses import dataclass
from typing import Literal

Format = Literal[
    "glove",
    "word2vec",
    "word2vec-binary",
    "tsv",
    "npz",
    "safetensors",
    "parquet",
    "fasttext",
    "floret",
]
"""Names of the formats of vectors."""


@dataclass(frozen=True, slots=True)
class FileFormat:
    """How files of one format are recognized, read and called."""

    # As in an entry. The module of that name in `glove_registry.formats`, with
    # underscores for hyphens, has two functions:
    # - ``recognize(start)`` returns whether a `Start` is that of such a file;
    # - ``open_rows(start, expected)`` returns the `Opened` rows of one, or raises
    #   `FormatError`, with the number of the line or row.
    name: Format
    label: str  # what `add` calls a file
    header: bool  # whether the number of rows comes first


# A file is read by the last one that recognizes it.
_ROWS = (
    FileFormat("glove", "GloVe text without a header", header=False),
    FileFormat("word2vec", "word2vec text with a header", header=True),
    FileFormat("word2vec-binary", "word2vec binary with a header", header=True),
    FileFormat("tsv", "text separated by tabs", header=False),
    FileFormat("npz", "a numpy archive of numbers and words", header=True),
    FileFormat("safetensors", "a safetensors file of numbers and words", header=True),
    FileFormat("parquet", "a Parquet table of words and numbers", header=True),
    FileFormat("fasttext", "fastText model", header=False),
    FileFormat("floret", "floret table", header=False),
)
FORMATS: dict[str, FileFormat] = {row.name: row for row in _ROWS}
