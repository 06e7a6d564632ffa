"""Write a store from blocks of rows, and publish it.

The files are written into a temporary folder, the manifest comes last, and a rename
gives the folder its name: a store that has its name is complete.
"""

import hashlib
import os
import shutil
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import replace
from itertools import chain
from mmap import mmap
from pathlib import Path
from typing import Self

import numpy as np
from xxhash import xxh3_128

from ..cache.files import NotRegularError
from ..cache.publish import flush, flush_folder
from ..errors import CacheError
from ..formats import Block
from .index import build_table, hash_tokens
from .layout import (
    FORMAT_VERSION,
    INDEX,
    SCALES,
    TOKEN_OFFSETS,
    TOKENS,
    VECTORS,
    DamagedStoreError,
    FileRecord,
    Manifest,
)
from .numbers import NumberType, encode
from .tokens import TokenBytes


def write_store(
    folder: Path, blocks: Iterable[Block], dtype: NumberType = "float32"
) -> Manifest:
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
    blocks = iter(blocks)
    first = next(blocks)
    draft = Manifest(
        format_version=FORMAT_VERSION,
        rows=0,
        dimension=first.values.shape[1],
        distinct=0,
        dtype=dtype,
        provenance={},
        files={},
    )
    with ExitStack() as stack:
        files = {
            name: stack.enter_context(_HashedFile(folder / name, draft))
            for name in (TOKENS, *draft.arrays)
            if name != INDEX
        }
        rows = end = 0
        hashes = []
        files[TOKEN_OFFSETS].write(np.zeros(1, "<i8").data)
        for block in chain([first], blocks):
            numbers, scales = encode(block.values, dtype)
            files[VECTORS].write(numbers.data)
            if scales is not None:
                files[SCALES].write(scales.data)
            tokens = TokenBytes.join(block.tokens)
            files[TOKENS].write(tokens.text)
            files[TOKEN_OFFSETS].write((tokens.offsets[1:] + end).data)
            hashes.append(hash_tokens(block.tokens))
            rows += len(tokens)
            end += len(tokens.text)
        manifest = replace(draft, rows=rows)
        records = {name: file.finish(manifest) for name, file in files.items()}
    manifest = replace(manifest, files=records)
    table = build_table(hashes, TokenBytes.map(folder, manifest))
    manifest = replace(manifest, distinct=len(table) // 2)
    with _HashedFile(folder / INDEX, manifest) as file:
        file.write(table.data)
        records[INDEX] = file.finish(manifest)
    return manifest


def copy_store(source: Path, folder: Path) -> Manifest | None:
    """Copy the files of a store into a new folder, as hard links where possible.

    Return its manifest; None if the source is damaged, or is removed meanwhile.
    """
    folder.mkdir()
    try:
        manifest = Manifest.read(source)
        for name in manifest.files:
            try:
                os.link(source / name, folder / name)
            except OSError:
                # Some file systems have no links, and not every user's file has them.
                shutil.copyfile(source / name, folder / name)
            if manifest.has_changed(folder, name):
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


class _HashedFile:
    """A new file of a store, hashed while it is written.

    The header of an array is written at the end, when the number of rows is known.
    """

    def __init__(self, path: Path, draft: Manifest) -> None:
        self._file = path.open("wb")
        self._name = path.name
        self._start = self._file.seek(len(draft.make_header(path.name)))
        self._sha256 = hashlib.sha256()
        self._xxh3 = xxh3_128()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def write(self, content: bytes | memoryview | mmap) -> None:
        """Write and hash."""
        self._sha256.update(content)
        self._xxh3.update(content)
        self._file.write(content)

    def finish(self, manifest: Manifest) -> FileRecord:
        """Write the header, and return what the manifest says of the file."""
        size = self._file.tell()
        self._file.seek(0)
        if self._file.write(manifest.make_header(self._name)) != self._start:
            raise AssertionError(f"the header of {self._name} outgrew its space")
        self._file.close()
        return FileRecord(size, self._sha256.hexdigest(), self._xxh3.hexdigest())
