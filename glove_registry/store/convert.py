"""Write a store anew from another: in another number type, or from one of format 1.

Format 1 had the same vectors, tokens and offsets; its manifest has the sha256 of whole
files, and its index is not needed.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from ..cache.digests import hash_file
from ..cache.files import NotRegularError, read_regular
from ..cache.places import MANIFEST
from ..formats import Block, Ngrams
from ..registry import Member, Source, Variant
from .layout import (
    INDEX,
    NGRAM_ROWS,
    NGRAMS,
    REQUIRED,
    TOKEN_OFFSETS,
    TOKENS,
    VECTORS,
    DamagedStoreError,
    FileRecord,
    Manifest,
)
from .matrix import Matrix
from .numbers import NumberType
from .tokens import TokenBytes
from .writer import write_store

OLD_VERSION = 1

_FILES = (VECTORS, TOKENS, TOKEN_OFFSETS)
_BLOCK_BYTES = 1 << 21


def read_old_manifest(folder: Path) -> Manifest | None:
    """Return the manifest of a store of format 1; None if there is none."""
    try:
        given = json.loads(read_regular(folder / MANIFEST))
        if given["format_version"] != OLD_VERSION:
            return None
        files = {
            name: FileRecord(**given["files"][name], xxh3_128="") for name in _FILES
        }
        origin = given["provenance"]
        # It names the sha256 of an archive even if only the member was read: only
        # the key of its entry shows which.
        source = Source(url="", sha256=origin["url_sha256"])
        member = Member(name=origin["member"])
        if Variant(name="", sources=(source,), member=member).key != origin["key"]:
            origin = {**origin, "url_sha256": None}
        known = {"dtype": "float32", "files": files, "provenance": origin}
        manifest = Manifest(**{**given, **known})
        # `arrays` raises for an invalid manifest.
        return manifest if manifest.arrays and origin.keys() >= REQUIRED else None
    except (
        OSError,
        ValueError,
        LookupError,
        TypeError,
        AttributeError,
        RecursionError,
    ):
        return None


def convert_store(
    source: Path, manifest: Manifest, folder: Path, dtype: NumberType
) -> Manifest | None:
    """Write the vectors of a store into a new folder, as those of another.

    Parameters
    ----------
    source : Path
        A store of float32.
    manifest : Manifest
        Its manifest.
    folder : Path
        As for `write_store`.
    dtype : {"float32", "float16", "int8"}

    Returns
    -------
    Manifest or None
        With the same provenance; None if the source is damaged, or is removed
        meanwhile.

    Raises
    ------
    FormatError
        A number is beyond the range of float16.
    """
    try:
        needed = manifest.files.keys() - {INDEX}
        if any(_has_changed(source, manifest, name) for name in needed):
            return None
        blocks = _read_blocks(source, manifest)
        made = write_store(folder, blocks, dtype, _read_ngrams(source, manifest))
    except (DamagedStoreError, FileNotFoundError, NotRegularError):
        return None
    return made._replace(provenance=manifest.provenance)


def _has_changed(folder: Path, manifest: Manifest, name: str) -> bool:
    if manifest.format_version == OLD_VERSION:
        # Their size is compared when they are opened.
        return hash_file(folder / name) != manifest.files[name].sha256
    return manifest.has_changed(folder, name)


def _read_blocks(folder: Path, manifest: Manifest) -> Iterator[Block]:
    vectors = Matrix(folder, manifest)
    with manifest.open_file(folder, TOKENS) as file:
        tokens = TokenBytes(file.read(), manifest.map_array(folder, TOKEN_OFFSETS))
    if not manifest.rows:
        yield Block([], np.empty((0, manifest.dimension), np.float32))
    for start, values in vectors.blocks(_find_step(manifest)):
        rows = np.arange(start, start + len(values))
        yield Block(tokens.take(rows), values)


def _read_ngrams(folder: Path, manifest: Manifest) -> Ngrams | None:
    if manifest.ngrams is None:
        return None
    shortest, longest, buckets, count, has_all, hashes = manifest.ngrams
    kept = None if has_all else manifest.map_array(folder, NGRAM_ROWS)
    matrix = Matrix(folder, manifest, NGRAMS)
    blocks = (values for _, values in matrix.blocks(_find_step(manifest)))
    return Ngrams(shortest, longest, buckets, count, kept, blocks, hashes)


def _find_step(manifest: Manifest) -> int:
    return max(1, _BLOCK_BYTES // (4 * manifest.dimension))
