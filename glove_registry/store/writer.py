"""Write a store: blocks of rows come in, a published folder goes out.

Everything is written into a folder of its own beside the final one. The manifest comes
last, then a rename gives the folder its name: whoever sees the name sees all of it.
"""

import os
import secrets
import shutil
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from ..errors import CacheError
from ..formats import Block
from .index import build_index
from .layout import (
    FILES,
    FORMAT_VERSION,
    TOKEN_OFFSETS,
    TOKENS,
    VECTORS,
    Manifest,
    make_header,
    record_file,
    write_array,
)


class StoreWriter:
    r"""A store that is being written; a context manager that leaves nothing half.

    Parameters
    ----------
    workspace : Path
        Where it is written; must be on the file system it is published to.
    name : str
        Whose vectors they are, to tell one folder there from another.

    Examples
    --------
    >>> import io, tempfile
    >>> from glove_registry.formats import read_vectors
    >>> folder = tempfile.TemporaryDirectory()
    >>> with StoreWriter(Path(folder.name), "small") as writer:
    ...     writer.write(read_vectors(io.BytesIO(b"the 1 2\nof 3 4\n")))
    ...     store = writer.publish(Path(folder.name, "store"), {"name": "small"})
    >>> (store / "tokens.txt").read_text()
    'the\nof\n'
    >>> folder.cleanup()
    """

    def __init__(self, workspace: Path, name: str) -> None:
        self._folder = _make_folder(workspace, name)
        self._rows = 0
        self._dimension = 0

    def __enter__(self) -> "StoreWriter":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # After publish() there is nothing of that name any more.
        shutil.rmtree(self._folder, ignore_errors=True)

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

    def publish(self, target: Path, provenance: Mapping[str, Any]) -> Path:
        """Complete the store and give it its name, the folder `target`.

        If another process has published the same store meanwhile, that one is left
        as it is.
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
        Manifest(
            format_version=FORMAT_VERSION,
            rows=self._rows,
            dimension=self._dimension,
            distinct=distinct,
            provenance=provenance,
            files=records,
        ).write(self._folder)
        for path in self._folder.iterdir():
            _flush_to_disk(path)
        _flush_to_disk(self._folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._folder.rename(target)
        except OSError:
            if not target.is_dir():
                raise
            # Somebody else was first: the same bytes under the same name.
            Manifest.read(target)
        _flush_to_disk(target.parent)
        return target


def set_aside(folder: Path, workspace: Path) -> None:
    """Move a damaged store out of the way, so that a whole one can be published.

    Renamed first and deleted then: processes that have its files mapped keep them.
    """
    if not folder.exists():
        return
    aside = _make_folder(workspace, f"{folder.name}-damaged")
    try:
        folder.rename(aside / folder.name)
    except FileNotFoundError:
        pass
    except OSError as error:
        raise CacheError(
            f"{folder} is damaged and cannot be moved away ({error.strerror}): "
            "remove it"
        ) from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)


class _Lines:
    """The lines of a file without their ends, each time it is gone through."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __iter__(self) -> Iterator[bytes]:
        with self._path.open("rb") as file:
            for line in file:
                yield line[:-1]


def _flush_to_disk(path: Path) -> None:
    if path.is_dir():
        # Some file systems cannot flush folders: the rename is atomic there all the
        # same, only its moment on disk is not known.
        with suppress(OSError):
            _flush(path, os.O_RDONLY)
    else:
        _flush(path, os.O_RDWR)


def _flush(path: Path, mode: int) -> None:
    descriptor = os.open(path, mode)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _make_folder(workspace: Path, name: str) -> Path:
    # Not tempfile.mkdtemp: its folders are their owner's alone, and a cache can be
    # shared; this one takes the umask's permissions.
    folder = workspace / f"{name}-{os.getpid()}-{secrets.token_hex(4)}"
    folder.mkdir(parents=True)
    return folder
