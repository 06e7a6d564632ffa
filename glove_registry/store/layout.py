"""How vectors lie on disk: a folder of plain files and a manifest with their hashes.

::

    manifest.json       what the store holds, and each file's exact size and sha256
    vectors.npy         (rows, dimension) float32, float16 or int8: a plain numpy file
    scales.npy          (rows,) float32, with int8 alone: what a row is multiplied by
    tokens.txt          the tokens, one per line, in row order
    token-offsets.npy   (rows + 1,) int64: where in tokens.txt each token begins
    index.npy           (2 x distinct tokens,) int32: a hash table, see `index`

of a release with vectors of n-grams, also::

    ngrams.npy          (rows, dimension) of the same type as the vectors
    ngram-scales.npy    (rows,) float32, with int8 alone
    ngram-rows.npy      (rows, 2) int32: buckets in ascending order and the row of each,
                        if not all have one

A folder that has its final name is complete and is never written to again. The sha256
of an array is that of its numbers: the header before them follows from the manifest.
"""

import os
import stat
from collections.abc import Mapping
from io import BufferedReader
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from xxhash import xxh3_128

from ..cache.files import NotRegularError, open_regular, read_regular
from ..cache.places import FORMAT_VERSION, MANIFEST, NumberType
from ..cache.records import parse_table, spell_table
from ..errors import CacheError
from .numbers import DESCRS

if TYPE_CHECKING:
    from ..registry import Variant

VECTORS = "vectors.npy"
SCALES = "scales.npy"
TOKENS = "tokens.txt"
TOKEN_OFFSETS = "token-offsets.npy"  # noqa: S105 - a file, not a secret
INDEX = "index.npy"
NGRAMS = "ngrams.npy"
NGRAM_SCALES = "ngram-scales.npy"
NGRAM_ROWS = "ngram-rows.npy"

_PIECE = 1 << 18  # bytes hashed at a time
# What every provenance has.
REQUIRED = {"name", "revision", "sha256", "bytes"}

_DIGITS = 21  # of the largest number of rows
_NUMPY_1_0 = b"\x93NUMPY\x01\x00"


class DamagedStoreError(CacheError):
    """A folder is not a complete store; its content can be compiled again."""


def holds_text_of(manifest: "Manifest", variant: "Variant") -> bool:
    """Return whether a store holds the text of a variant, by complete digests.

    The digest is that of the text or, if the entry has none, that of the file at its
    URL: this is the text itself, or an archive that was verified with it.
    """
    origin = manifest.provenance
    if variant.member.sha256:
        return bool(origin["sha256"] == variant.member.sha256)
    archived = origin.get("url_sha256"), origin.get("member")
    return variant.anchor is not None and (
        variant.anchor == origin["sha256"]
        or archived == (variant.anchor, variant.member.name)
    )


# Not dataclasses, here and in all that a later `load` imports: to make one takes longer
# than to open a store.
class FileRecord(NamedTuple):
    """Size of one file of a store, and hashes of its content.

    The content of an array is what follows the header. sha256 is for `verify`. xxh3 is
    thirty times faster, and finds accidental damage as surely: files that look-ups
    depend on are hashed whenever a store is opened.
    """

    bytes: int
    sha256: str
    xxh3_128: str


class NgramRecord(NamedTuple):
    """Which n-grams of words have vectors, see `ngrams`."""

    shortest: int
    longest: int
    buckets: int
    rows: int
    has_all: bool  # whether each bucket has the row of its number
    hashes: int = 0  # of floret, for each n-gram; 0: they are fastText's


class Manifest(NamedTuple):
    """The manifest of a store.

    Attributes
    ----------
    format_version : int
        Version of the layout; stores of another version are not opened.
    rows, dimension : int
        Shape of the vectors.
    distinct : int
        Number of distinct tokens. A repeated token is looked up at its first row.
    dtype : {"float32", "float16", "int8"}
        Type of the numbers in the file; they are read as float32.
    provenance : mapping
        Where the vectors came from, as plain JSON values.
    files : mapping of str to FileRecord
    ngrams : NgramRecord or None
        None if only words have vectors.
    """

    format_version: int
    rows: int
    dimension: int
    distinct: int
    dtype: NumberType
    provenance: Mapping[str, Any]
    files: Mapping[str, FileRecord]
    ngrams: NgramRecord | None = None

    @property
    def arrays(self) -> dict[str, tuple[str, tuple[int, ...]]]:
        """Type and shape of each array, by the name of its file."""
        for number in (self.rows, self.dimension, self.distinct, *(self.ngrams or ())):
            if not isinstance(number, int):
                raise TypeError(f"{number!r} is not a whole number")
        arrays: dict[str, tuple[str, tuple[int, ...]]] = {
            VECTORS: (DESCRS[self.dtype], (self.rows, self.dimension)),
            TOKEN_OFFSETS: ("<i8", (self.rows + 1,)),
            INDEX: ("<i4", (2 * self.distinct,)),
        }
        if self.dtype == "int8":
            arrays[SCALES] = ("<f4", (self.rows,))
        if self.ngrams is not None:
            rows = self.ngrams.rows
            arrays[NGRAMS] = (DESCRS[self.dtype], (rows, self.dimension))
            if self.dtype == "int8":
                arrays[NGRAM_SCALES] = ("<f4", (rows,))
            if not self.ngrams.has_all:
                arrays[NGRAM_ROWS] = ("<i4", (rows, 2))
        return arrays

    def make_header(self, name: str) -> bytes:
        """Return what precedes the content of a file: nothing, but for an array."""
        return make_header(*self.arrays[name]) if name in self.arrays else b""

    def open_file(self, folder: Path, name: str) -> BufferedReader:
        """Open a file at its content; raise `DamagedStoreError` if it does not fit.

        A header is compared, not parsed: numpy trusts a wrong one, and raises errors of
        many kinds for a damaged one.
        """
        header = self.make_header(name)
        file = open_regular(folder / name)
        size = os.fstat(file.fileno()).st_size
        if size != self.files[name].bytes or file.read(len(header)) != header:
            file.close()
            raise DamagedStoreError(f"{folder / name} does not match its manifest")
        return file

    def open_unchanged(self, folder: Path, name: str) -> BufferedReader:
        """Open a file; raise `DamagedStoreError` if any byte of it has changed."""
        file = self.open_file(folder, name)
        # Not by hashlib.file_digest: to import hashlib loads OpenSSL.
        digest = xxh3_128()
        while piece := file.read(_PIECE):
            digest.update(piece)
        if digest.hexdigest() != self.files[name].xxh3_128:
            file.close()
            raise DamagedStoreError(f"{folder / name} has changed")
        return file

    def map_array(self, folder: Path, name: str) -> NDArray[Any]:
        """Map an array; raises as `open_file` does."""
        with self.open_file(folder, name) as file:
            return self._map(file, name)

    def map_unchanged(self, folder: Path, name: str) -> NDArray[Any]:
        """Map an array; raises as `open_unchanged` does."""
        with self.open_unchanged(folder, name) as file:
            return self._map(file, name)

    def _map(self, file: BufferedReader, name: str) -> NDArray[Any]:
        descr, shape = self.arrays[name]
        start = len(self.make_header(name))
        return np.memmap(file, descr, "r", offset=start, shape=shape)

    def has_changed(self, folder: Path, name: str) -> bool:
        """Return whether any byte of a file has changed, by its sha256."""
        import hashlib  # not needed on the warm path

        try:
            with self.open_file(folder, name) as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        except DamagedStoreError:
            return True
        return digest != self.files[name].sha256

    def write(self, folder: Path) -> None:
        """Write the manifest into a folder."""
        files = {name: record._asdict() for name, record in self.files.items()}
        given = {**self._asdict(), "files": files}
        # Left out if there are none, as in stores that were written before.
        del given["ngrams"]
        if self.ngrams is not None:
            given["ngrams"] = self.ngrams._asdict()
        text = spell_table(given, indent=2) + "\n"
        (folder / MANIFEST).write_text(text, encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> "Manifest":
        """Read the manifest of a folder, and check the sizes of all its files.

        Raises
        ------
        DamagedStoreError
            The folder is not a complete store of this version.
        OSError
            It cannot be read, so that its state is unknown.
        """
        try:
            given = parse_table(read_regular(folder / MANIFEST))
            if given["format_version"] != FORMAT_VERSION:
                raise DamagedStoreError(
                    f"{folder} is a store of format {given['format_version']}, "
                    f"expected {FORMAT_VERSION}"
                )
            files = {
                name: FileRecord(**record) for name, record in given["files"].items()
            }
            if "ngrams" in given:
                given["ngrams"] = NgramRecord(**given["ngrams"])
            manifest = cls(**{**given, "files": files})
            if files.keys() != {TOKENS, *manifest.arrays}:
                raise DamagedStoreError(f"{folder} has other files than expected")
            if not manifest.provenance.keys() >= REQUIRED:
                raise DamagedStoreError(f"{folder} has an incomplete provenance")
            for name, record in files.items():
                status = os.stat(folder / name)
                if not stat.S_ISREG(status.st_mode):
                    raise DamagedStoreError(f"{folder / name} is not a regular file")
                if status.st_size != record.bytes:
                    raise DamagedStoreError(
                        f"{folder / name} has {status.st_size:,} bytes, its manifest "
                        f"says {record.bytes:,}"
                    )
        except (FileNotFoundError, NotADirectoryError, NotRegularError) as error:
            raise DamagedStoreError(
                f"{folder} is not a complete store "
                f"({Path(error.filename).name}: {error.strerror})"
            ) from error
        except (
            ValueError,
            LookupError,
            TypeError,
            AttributeError,
            RecursionError,
        ) as error:
            raise DamagedStoreError(f"{folder} has no readable manifest") from error
        return manifest


def make_header(descr: str, shape: tuple[int, ...]) -> bytes:
    """Return the header of a numpy file of format 1.0.

    Not by numpy, so that an array has the same bytes under every version of it:
    https://numpy.org/neps/nep-0001-npy-format.html.
    """
    fields = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}"
    # As by numpy, the length does not depend on the number of rows: see `writer`.
    fields += " " * (_DIGITS - len(str(shape[0])))
    padding = -(len(_NUMPY_1_0) + 2 + len(fields) + 1) % 64
    text = f"{fields}{' ' * padding}\n".encode("latin-1")
    return _NUMPY_1_0 + len(text).to_bytes(2, "little") + text
