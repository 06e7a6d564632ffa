"""Write a store from blocks of rows, and publish it.

The files are written into a temporary folder, the manifest comes last, and a rename
gives the folder its name: a store that has its name is complete.
"""

import os
import shutil
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from ..cache.files import NotRegularError
from ..cache.publish import flush, flush_folder
from ..errors import CacheError
from ..formats import Block
from .index import build_index
from .layout import (
    FILES,
    FORMAT_VERSION,
    TOKEN_OFFSETS,
    TOKENS,
    VECTORS,
    DamagedStoreError,
    Manifest,
    make_header,
    record_file,
    write_array,
)


def write_store(folder: Path, blocks: Iterable[Block]) -> Manifest:
    r"""Write the files of a store, except its manifest, into a folder made here.

    It must be on the file system that the store is published to. The manifest that is
    returned has an empty provenance.

    Examples
    --------
    >>> import io, tempfile
    >>> from glove_registry.formats import read_vectors
    >>> root = tempfile.TemporaryDirectory()
    >>> folder = Path(root.name, "new")
    >>> blocks = read_vectors(io.BytesIO(b"the 1 2\nof 3 4\n"))
    >>> manifest = write_store(folder, blocks)
    >>> store = publish_store(folder, manifest, [Path(root.name, "store")])
    >>> (store / "tokens.txt").read_text()
    'the\nof\n'
    >>> root.cleanup()
    """
    folder.mkdir()
    rows, dimension = _write_rows(folder, blocks)
    # Hashing releases the interpreter's lock: the largest file is hashed while the
    # index is built.
    with ThreadPoolExecutor(1) as pool:
        vectors = pool.submit(record_file, folder / VECTORS)
        distinct = build_index(folder)
        files = {name: record_file(folder / name) for name in FILES if name != VECTORS}
        files[VECTORS] = vectors.result()
    return Manifest(
        format_version=FORMAT_VERSION,
        rows=rows,
        dimension=dimension,
        distinct=distinct,
        provenance={},
        files=files,
    )


def copy_store(source: Path, folder: Path) -> Manifest | None:
    """Copy the files of a store into a new folder, as hard links where possible.

    Return its manifest; None if the source is damaged, or is removed meanwhile.
    """
    folder.mkdir()
    try:
        manifest = Manifest.read(source)
        for name, record in manifest.files.items():
            try:
                os.link(source / name, folder / name)
            except OSError:
                # Some file systems have no links, and not every user's file has them.
                shutil.copyfile(source / name, folder / name)
            if record_file(folder / name) != record:
                return None
    except (DamagedStoreError, FileNotFoundError, NotRegularError):
        return None
    return manifest


def publish_store(folder: Path, manifest: Manifest, targets: Iterable[Path]) -> Path:
    """Write the manifest of a store, flush the store to the disk and rename it.

    It gets the first of the names that nothing else has, and raises `CacheError` if all
    are taken. If another process has published the same text meanwhile, the name of
    that store is returned, which is left as it is.
    """
    manifest.write(folder)
    flush(folder)
    for target in targets:
        try:
            folder.rename(target)
        except OSError:
            if not os.path.lexists(target):
                raise
            try:
                found = Manifest.read(target)
            except DamagedStoreError:
                continue
            if any(
                found.provenance.get(digest) != manifest.provenance.get(digest)
                for digest in ("sha256", "key")
            ):
                continue
        flush_folder(target.parent)
        return target
    raise CacheError(f"the store cannot be named {target}, which exists: remove it")


def _write_rows(folder: Path, blocks: Iterable[Block]) -> tuple[int, int]:
    """Write vectors and tokens; return the number of rows and the dimension."""
    rows = dimension = start = 0
    lengths = []
    with (
        (folder / VECTORS).open("wb") as vectors,
        (folder / TOKENS).open("wb") as tokens,
    ):
        for block in blocks:
            if not rows:
                dimension = block.values.shape[1]
                # The number of rows is known at the end.
                start = vectors.write(make_header("<f4", (0, dimension)))
            vectors.write(np.ascontiguousarray(block.values).data)
            tokens.write(b"\n".join(block.tokens) + b"\n")
            lengths.append(np.fromiter(map(len, block.tokens), np.int64))
            rows += len(block.tokens)
        vectors.seek(0)
        if vectors.write(make_header("<f4", (rows, dimension))) != start:
            raise AssertionError("the header of vectors.npy outgrew its space")
    offsets = np.zeros(rows + 1, np.int64)
    np.cumsum(np.concatenate(lengths) + 1, out=offsets[1:])
    write_array(folder / TOKEN_OFFSETS, offsets)
    return rows, dimension
