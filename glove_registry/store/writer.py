"""Write a store: blocks of rows come in, a published folder goes out.

Everything is written into a folder of its own. The manifest comes last, then a rename
gives the folder its name: whoever sees the name sees all of it.
"""

import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

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


class StoreWriter:
    r"""A store that is being written.

    Parameters
    ----------
    folder : Path
        A new folder to write it in, on the file system that it is published to.

    Examples
    --------
    >>> import io, tempfile
    >>> from glove_registry.formats import read_vectors
    >>> folder = tempfile.TemporaryDirectory()
    >>> writer = StoreWriter(Path(folder.name, "new"))
    >>> writer.write(read_vectors(io.BytesIO(b"the 1 2\nof 3 4\n")))
    >>> targets = [Path(folder.name, "store")]
    >>> store = writer.publish(targets, {"name": "small"})
    >>> (store / "tokens.txt").read_text()
    'the\nof\n'
    >>> folder.cleanup()
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self._folder = folder
        self._rows = 0
        self._dimension = 0

    def write(self, blocks: Iterable[Block]) -> None:
        """Write all rows."""
        lengths = []
        with (
            (self._folder / VECTORS).open("wb") as vectors,
            (self._folder / TOKENS).open("wb") as tokens,
        ):
            start = 0
            for block in blocks:
                if not self._rows:
                    self._dimension = block.values.shape[1]
                    # Room for the header; its numbers are known at the end.
                    start = vectors.write(make_header("<f4", (0, self._dimension)))
                vectors.write(np.ascontiguousarray(block.values).data)
                tokens.write(b"\n".join(block.tokens) + b"\n")
                lengths.append(np.fromiter(map(len, block.tokens), np.int64))
                self._rows += len(block.tokens)
            vectors.seek(0)
            header = make_header("<f4", (self._rows, self._dimension))
            if vectors.write(header) != start:
                raise AssertionError("the header of vectors.npy outgrew its room")
        offsets = np.zeros(self._rows + 1, np.int64)
        np.cumsum(np.concatenate(lengths) + 1, out=offsets[1:])
        write_array(self._folder / TOKEN_OFFSETS, offsets)

    def publish(self, targets: Iterable[Path], provenance: Mapping[str, Any]) -> Path:
        """Complete the store, give it a name, and return the path that it has then.

        See `publish_folder`.
        """
        # Hashing leaves the interpreter's lock, so that the largest file is hashed
        # while the index is built.
        with ThreadPoolExecutor(1) as pool:
            vectors = pool.submit(record_file, self._folder / VECTORS)
            distinct = build_index(self._folder, _Lines(self._folder / TOKENS))
            records = {
                name: record_file(self._folder / name)
                for name in FILES
                if name != VECTORS
            }
            records[VECTORS] = vectors.result()
        manifest = Manifest(
            format_version=FORMAT_VERSION,
            rows=self._rows,
            dimension=self._dimension,
            distinct=distinct,
            provenance=provenance,
            files=records,
        )
        return publish_folder(self._folder, manifest, targets)


def copy_store(source: Path, folder: Path) -> Manifest | None:
    """Copy the files of a store, by hard links where there can be any.

    Parameters
    ----------
    source : Path
        A store.
    folder : Path
        A new folder, to be published by `publish_folder`.

    Returns
    -------
    Manifest or None
        Of the source; None if its files are not what it says, or are removed meanwhile.
    """
    folder.mkdir()
    try:
        manifest = Manifest.read(source)
        for name, record in manifest.files.items():
            try:
                os.link(source / name, folder / name)
            except OSError:
                # Not on every file system, nor of every user's files.
                shutil.copyfile(source / name, folder / name)
            if record_file(folder / name) != record:
                return None
    except (DamagedStoreError, FileNotFoundError, NotRegularError):
        return None
    return manifest


def publish_folder(folder: Path, manifest: Manifest, targets: Iterable[Path]) -> Path:
    """Give a folder with the files of a store its manifest and its name.

    Parameters
    ----------
    folder : Path
    manifest : Manifest
    targets : iterable of Path
        The names that it can have, in a folder that exists. It gets the first one that
        is not the store of another text.

    Returns
    -------
    Path
        The name that it has. If another process has published the same text meanwhile,
        that store is left as it is.
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
                there = Manifest.read(target)
            except DamagedStoreError:
                continue
            if any(
                there.provenance.get(digest) != manifest.provenance.get(digest)
                for digest in ("sha256", "key")
            ):
                continue
        flush_folder(target.parent)
        return target
    raise CacheError(
        f"the store cannot be given its name, as {target} is in the way: remove it"
    )


class _Lines:
    """The lines of a file without their ends, each time it is gone through."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __iter__(self) -> Iterator[bytes]:
        with self._path.open("rb") as file:
            for line in file:
                yield line[:-1]
