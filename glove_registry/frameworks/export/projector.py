"""A folder that TensorBoard's projector opens as a log folder.

The files are those of
https://github.com/tensorflow/tensorboard/blob/master/docs/tensorboard_projector_plugin.ipynb
and https://projector.tensorflow.org, which loads the two tables by hand.
"""

import json
from pathlib import Path

from ...lookup.rows import Rows
from .blocks import iterate_blocks
from .numbers import format_rows

VECTORS, LABELS, CONFIG = "vectors.tsv", "metadata.tsv", "projector_config.pbtxt"


def write_projector(rows: Rows, folder: Path) -> None:
    """Write a table of numbers, one of labels without a header, and what says so."""
    with (
        (folder / VECTORS).open("xb") as numbers,
        (folder / LABELS).open("xb") as labels,
    ):
        for tokens, vectors in iterate_blocks(rows):
            numbers.writelines(line + b"\n" for line in format_rows(vectors, "\t"))
            labels.writelines(_make_label(token) + b"\n" for token in tokens)
    # JSON's strings, in ASCII, are text of protobuf's as well.
    (folder / CONFIG).write_text(
        "embeddings {\n"
        f"  tensor_name: {json.dumps(rows.name)}\n"
        f'  tensor_path: "{VECTORS}"\n'
        f'  metadata_path: "{LABELS}"\n'
        "}\n",
        encoding="ascii",
    )


def _make_label(token: bytes) -> bytes:
    """Make a label that is one line of one column of valid UTF-8.

    The projector splits a line at tabs, cuts white space off, and skips a line of which
    nothing is left, after which each label is that of another point. White space other
    than the blank, and bytes that are not UTF-8, so are written as in Python.
    """
    word = token.decode("utf-8", "backslashreplace")
    label = "".join(map(_show, word)) if not word.isprintable() else word
    # Blanks alone, or nothing at all.
    return (label if label.strip() else repr(label)).encode()


def _show(letter: str) -> str:
    # JavaScript takes the byte order mark for white space, too.
    if (letter.isspace() and letter != " ") or letter == "\ufeff":
        return letter.encode("unicode_escape").decode("ascii")
    return letter
