"""A Parquet table of words and vectors."""

import json
from typing import BinaryIO

import numpy as np

from ...lookup.rows import Rows
from .blocks import iterate_blocks, iterate_tokens


def write_parquet(rows: Rows, file: BinaryIO) -> None:
    """Write the columns ``word`` and ``vector``, a list of fixed size of float32.

    ``word`` is of strings; of bytes if one of them is not UTF-8, since a string of
    Parquet's is. The schema's metadata have the provenance, as JSON.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    word = pa.string() if _are_utf8(rows) else pa.binary()
    schema = pa.schema(
        {"word": word, "vector": pa.list_(pa.float32(), rows.dimension)},
        {"glove_registry": json.dumps(rows.provenance)},
    )
    # No dictionary: hardly a number, and no word, stands twice.
    with pq.ParquetWriter(file, schema, use_dictionary=False) as writer:
        for tokens, vectors in iterate_blocks(rows):
            numbers = pa.array(np.ascontiguousarray(vectors).ravel())
            columns = [
                pa.array(tokens, pa.binary()).cast(word),
                pa.FixedSizeListArray.from_arrays(numbers, rows.dimension),
            ]
            writer.write_table(pa.Table.from_arrays(columns, schema=schema))


def _are_utf8(rows: Rows) -> bool:
    try:
        for tokens in iterate_tokens(rows):
            b"\n".join(tokens).decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
