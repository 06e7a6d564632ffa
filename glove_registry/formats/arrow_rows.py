"""Rows of text by arrow's parser of CSV, where the compiled one is missing."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import csv


def read_rows(
    lines: bytes, dimension: int, guessed: bool
) -> tuple[list[bytes], NDArray[np.float32], list[int]]:
    """Read lines, each with its line feed, as far as that is certain.

    Parameters
    ----------
    lines : bytes
    dimension : int
        Numbers in a row.
    guessed : bool
        Whether rows whose token contains white space are left; here, all are.

    Returns
    -------
    tokens : list of bytes
        To the end of the lines, or to the first that is too short for a row. A row
        that is left is here as a whole, without its line end and spaces before that.
    numbers : buffer of float32
        For each token, `dimension` of them; those of rows that are left are undefined.
    left : list of int
        Which rows are left, in their order.
    """
    parsed = _read_table(lines, dimension)
    if parsed is None:
        # Spaces and carriage returns before line ends are rare, and arrow refuses them:
        # they are removed only then.
        lines = lines.replace(b"\r\n", b"\n")
        if b" \n" in lines:
            lines = b"\n".join(line.rstrip(b" ") for line in lines.split(b"\n"))
        parsed = _read_table(lines, dimension)
    if parsed is not None:
        return *parsed, []
    return _read_simple_rows(lines.split(b"\n")[:-1], dimension)


def _read_simple_rows(
    rows: list[bytes], dimension: int
) -> tuple[list[bytes], NDArray[np.float32], list[int]]:
    """Read rows of exactly `dimension` spaces by arrow, and leave the few others."""
    spaces = [row.count(b" ") for row in rows]
    # Memory is allocated only for rows that are long enough: short ones cost a file
    # next to nothing, and could ask for any amount.
    short = (i for i, count in enumerate(spaces, 1) if count < dimension)
    rows = rows[: next(short, len(rows))]
    values = np.empty((len(rows), dimension), np.float32)
    simple = [
        i
        for i, row in enumerate(rows)
        if spaces[i] == dimension and not _has_white_space(row)
    ]
    if not simple:
        return rows, values, list(range(len(rows)))
    parsed = _read_table(b"".join(rows[i] + b"\n" for i in simple), dimension)
    if parsed is None:
        return rows, values, list(range(len(rows)))
    tokens, values[simple] = parsed
    for i, token in zip(simple, tokens, strict=True):
        rows[i] = token
    return rows, values, sorted(set(range(len(rows))).difference(simple))


def _read_table(
    lines: bytes, dimension: int
) -> tuple[list[bytes], NDArray[np.float32]] | None:
    """Parse rows of exactly `dimension` spaces; return None if any row is different."""
    # Arrow would remove a byte-order mark from the first token.
    if _has_white_space(lines) or lines.startswith(b"\xef\xbb\xbf"):
        return None
    # It would make a row of any number of columns from an empty line. A real row has a
    # space and a digit for each, and a line feed. (Counted by numpy, which is three
    # times as fast as bytes.count.)
    count = np.count_nonzero(np.frombuffer(lines, np.uint8) == ord("\n"))
    if count * (2 * dimension + 1) > len(lines):
        return None
    names = [str(i) for i in range(dimension + 1)]
    try:
        table = csv.read_csv(
            pa.BufferReader(lines),
            read_options=csv.ReadOptions(
                column_names=names, use_threads=False, block_size=len(lines) + 1
            ),
            # Quotes, escapes and words for "missing" are ordinary tokens here.
            parse_options=csv.ParseOptions(
                delimiter=" ",
                quote_char=False,
                double_quote=False,
                escape_char=False,
                newlines_in_values=False,
                ignore_empty_lines=False,
            ),
            # By way of float64, so that the result is float32(float(text)) to the bit.
            convert_options=csv.ConvertOptions(
                check_utf8=False,
                column_types=dict.fromkeys(names, pa.float64()) | {"0": pa.binary()},
                null_values=[],
                strings_can_be_null=False,
            ),
        )
    except pa.ArrowInvalid:
        return None
    table = table.combine_chunks()
    # Column by column, then turned at once: twice as fast as into the columns of rows.
    columns = np.empty((dimension, table.num_rows), np.float32)
    with np.errstate(over="ignore"):
        for i in range(dimension):
            # Not by to_numpy(), which imports pandas wherever that is installed.
            columns[i] = np.from_dlpack(table.column(i + 1).chunk(0))
    if not np.isfinite(columns).all():
        return None
    return table.column(0).to_pylist(), np.ascontiguousarray(columns.T)


def _has_white_space(lines: bytes) -> bool:
    # Arrow ends a line at b"\r" too, and ignores b"\t" around a number.
    return b"\r" in lines or b"\t" in lines
