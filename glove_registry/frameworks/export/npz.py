"""A numpy archive of two arrays, which needs no pickle to be read."""

import zipfile
from typing import Any, BinaryIO

import numpy as np

from ...lookup.rows import Rows
from .blocks import count_token_bytes, iterate_blocks, join_tokens


def write_npz(rows: Rows, file: BinaryIO) -> None:
    """Write ``vectors`` and ``words``.

    ``words`` is the tokens' UTF-8 with line feeds between them, as uint8. numpy's own
    arrays of str give each word the room of the longest one: 9 GB for the 2,196,017
    words of glove.840B.300d if one of them has 1,000 letters, which is GloVe's limit.
    """
    # Stored, not deflated: the numbers would hardly shrink, and take long to read.
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        with _open_member(archive, "vectors.npy") as member:
            _write_header(member, "<f4", (len(rows), rows.dimension))
            for _, vectors in iterate_blocks(rows):
                member.write(vectors.tobytes())
        with _open_member(archive, "words.npy") as member:
            _write_header(member, "|u1", (count_token_bytes(rows),))
            for piece in join_tokens(rows):
                member.write(piece)


def _open_member(archive: zipfile.ZipFile, name: str) -> Any:
    # A date of its own, so that the same vectors give the same file.
    return archive.open(zipfile.ZipInfo(name), "w", force_zip64=True)


def _write_header(member: Any, kind: str, shape: tuple[int, ...]) -> None:
    np.lib.format.write_array_header_1_0(
        member, {"descr": kind, "fortran_order": False, "shape": shape}
    )
