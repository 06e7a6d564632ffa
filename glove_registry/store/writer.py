"""Write a store from blocks of rows, and publish it.

The files are written into a temporary folder, the manifest comes last, and a rename
gives the folder its name: a store that has its name is complete.
"""

import os
import shutil
from array import array
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from itertools import chain
from pathlib import Path

import numpy as np

from ..cache.files import NotRegularError
from ..cache.places import FORMAT_VERSION
from ..cache.publish import flush, flush_folder
from ..errors import CacheError, FormatError
from ..formats import Block, Ngrams
from .hashed_file import HashedFile, no_limit
from .index import MOST_ROWS, build_table, hash_tokens
from .layout import (
    INDEX,
    NGRAM_ROWS,
    NGRAM_SCALES,
    NGRAMS,
    SCALES,
    TOKEN_OFFSETS,
    TOKENS,
    VECTORS,
    DamagedStoreError,
    Manifest,
    NgramRecord,
)
from .numbers import NumberType, encode_numbers
from .tokens import TokenBytes

# Blocks of rows that wait to be written, at most.
AHEAD = 2


def write_store(
    folder: Path,
    blocks: Iterable[Block],
    dtype: NumberType = "float32",
    ngrams: Ngrams | None = None,
    leave_room: Callable[[int], None] = no_limit,
) -> Manifest:
    r"""Write the files of a store, except its manifest, into a folder made here.

    It must be on the file system that the store is published to. The vectors of words
    are written as they are, with or without n-grams, which are read after them. If
    there are n-grams alone, the only block is empty. The manifest that is returned has
    an empty provenance. `leave_room` is called with a number of bytes before they are
    written, and may raise an error.

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
        ngrams=None if ngrams is None else describe_ngrams(ngrams),
    )
    with _RowFiles(folder, draft, leave_room) as files, ThreadPoolExecutor(1) as pool:
        # Hashing and writing release the interpreter's lock: meanwhile the next rows
        # are read.
        written: deque[Future[None]] = deque()
        for block in chain([first], blocks):
            written.append(pool.submit(files.write, block))
            if len(written) > AHEAD:
                written.popleft().result()
        for future in written:
            future.result()
        if ngrams is not None:
            files.write_ngrams(ngrams)
        manifest = files.finish()
    hashes = np.frombuffer(files.hashes, np.uint64)
    table = build_table(hashes, TokenBytes.map(folder, manifest))
    manifest = manifest._replace(distinct=len(table) // 2)
    with HashedFile(folder, INDEX, manifest, leave_room) as file:
        file.write(table.data)
        return manifest._replace(files={**manifest.files, INDEX: file.finish(manifest)})


def describe_ngrams(ngrams: Ngrams) -> NgramRecord:
    """Return what a manifest says of n-grams."""
    known = ngrams.shortest, ngrams.longest, ngrams.buckets, ngrams.count
    return NgramRecord(*known, has_all=ngrams.kept is None, hashes=ngrams.hashes)


class _RowFiles(ExitStack):
    """The files that have something of each row, and of each n-gram, as they grow."""

    def __init__(
        self, folder: Path, draft: Manifest, leave_room: Callable[[int], None]
    ) -> None:
        super().__init__()
        self.hashes = array("Q")
        self._draft = draft
        self._rows = self._bytes = 0
        self._files = {
            name: self.enter_context(HashedFile(folder, name, draft, leave_room))
            for name in (TOKENS, *draft.arrays)
            if name != INDEX
        }
        self._files[TOKEN_OFFSETS].write(np.zeros(1, "<i8").data)

    def write(self, block: Block) -> None:
        """Write some rows; raise `FormatError` if they are too many for the index."""
        if self._rows + len(block.tokens) > MOST_ROWS:
            raise FormatError(
                f"the file holds more than {MOST_ROWS:,} rows, the most that can be "
                "looked up: leave some out"
            )
        files = self._files
        numbers, scales = encode_numbers(block.values, self._draft.dtype)
        files[VECTORS].write(numbers.data)
        if scales is not None:
            files[SCALES].write(scales.data)
        tokens = TokenBytes.join(block.tokens)
        files[TOKENS].write(tokens.text)
        files[TOKEN_OFFSETS].write((tokens.offsets[1:] + self._bytes).data)
        self.hashes.frombytes(hash_tokens(block.tokens).tobytes())
        self._rows += len(tokens)
        self._bytes += len(tokens.text)

    def write_ngrams(self, ngrams: Ngrams) -> None:
        """Write all n-grams."""
        for values in ngrams.blocks:
            numbers, scales = encode_numbers(values, self._draft.dtype)
            self._files[NGRAMS].write(numbers.data)
            if scales is not None:
                self._files[NGRAM_SCALES].write(scales.data)
        if ngrams.kept is not None:
            self._files[NGRAM_ROWS].write(np.ascontiguousarray(ngrams.kept).data)

    def finish(self) -> Manifest:
        """Close the files; return a manifest that lacks the index."""
        manifest = self._draft._replace(rows=self._rows)
        files = {name: file.finish(manifest) for name, file in self._files.items()}
        return manifest._replace(files=files)


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
            if found.dtype != manifest.dtype or any(
                found.provenance.get(digest) != manifest.provenance.get(digest)
                for digest in ("sha256", "key")
            ):
                continue
        flush_folder(target.parent)
        return target
    raise CacheError(f"the store cannot be named {target}, which exists: remove it")
