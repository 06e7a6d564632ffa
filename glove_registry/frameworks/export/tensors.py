"""A safetensors file, written row by row.

The form is a length in 8 bytes, that many bytes of JSON, then the tensors
(https://github.com/huggingface/safetensors#format). The library's own writer takes
whole tensors and copies each; without it, nothing is held and nothing is required.
"""

import json
from typing import BinaryIO

from ...lookup.rows import Rows
from .blocks import count_token_bytes, iterate_blocks, join_tokens


def write_tensors(rows: Rows, file: BinaryIO) -> None:
    """Write ``vectors`` and ``words``, which is as in an .npz, and the provenance.

    Words are no metadata: a header may have 100 MB, and JSON holds no bytes that are
    not UTF-8.
    """
    size = 4 * len(rows) * rows.dimension
    letters = count_token_bytes(rows)
    header = {
        # All metadata are strings; what is not known has none.
        "__metadata__": {
            key: str(value)
            for key, value in rows.provenance.items()
            if value is not None
        },
        "vectors": {
            "dtype": "F32",
            "shape": [len(rows), rows.dimension],
            "data_offsets": [0, size],
        },
        "words": {
            "dtype": "U8",
            "shape": [letters],
            "data_offsets": [size, size + letters],
        },
    }
    text = json.dumps(header).encode()
    # Blanks until the numbers begin at a multiple of 8, so that they can be mapped.
    text += b" " * (-len(text) % 8)
    file.write(len(text).to_bytes(8, "little") + text)
    for _, vectors in iterate_blocks(rows):
        file.write(vectors.tobytes())
    for piece in join_tokens(rows):
        file.write(piece)
