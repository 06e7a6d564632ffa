"""Numbers and words that lie in files of their own, read into memory."""

import json
import math
import tempfile
from collections.abc import Callable, Mapping
from numbers import Integral
from pathlib import Path
from typing import Any, Literal, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from ..cache.files import open_regular
from ..errors import FetchError, FormatError
from ..messages.printable import quote, shorten
from .arrays import check_dimension, check_shape, find_size, list_arrays, widen
from .block import BLOCK_BYTES, LONGEST_LINE, Block
from .npz import Array, list_members
from .safetensors import DTYPES, Tensor, is_safetensors, read_tensors
from .spool import fill
from .start import Expected
from .tokens import TokenChecker

# TensorBoard's projector: numbers, labels, and the words where labels are not exact.
NUMBERS, LABELS, WORDS = "vectors.tsv", "metadata.tsv", "words.txt"

_ROWS = 10_000  # are checked at a time


class _HasShape(Protocol):
    @property
    def shape(self) -> tuple[int, ...]: ...


_Shaped = TypeVar("_Shaped", bound=_HasShape)


def read_numbers(path: Path) -> NDArray[Any]:
    """Return the matrix of a .npy, .npz or safetensors file, mapped.

    Raises `FormatError` if the file has none, or more than one.
    """
    try:
        with path.open("rb") as file:
            beginning = file.read(64)
            if is_safetensors(beginning):
                tensors = {t.name: t for t in read_tensors(file) if t.kind != "U8"}
                return _map_tensor(path, _pick(tensors))
            if beginning.startswith(b"PK\x03\x04"):
                arrays = {array.name: array for array in list_members(file)}
                return _unpack(_pick(arrays))
        if beginning.startswith(b"\x93NUMPY"):
            return _pick({"": _map_array(path)})
        raise FormatError(
            "with words=, expected a file of numbers alone (.npy, .npz or "
            "safetensors); leave words out for other files"
        )
    except FormatError as error:
        raise FormatError(f"{path}: {error}") from error


def _pick(arrays: Mapping[str, _Shaped]) -> _Shaped:
    found = {name: a for name, a in arrays.items() if len(a.shape) == 2}
    if len(found) != 1:
        listed = list_arrays((name, a.shape) for name, a in arrays.items())
        raise FormatError(
            f"expected one array with two dimensions, found {listed or 'none'}"
        )
    (chosen,) = found.values()
    check_shape(chosen.shape)
    return chosen


def _map_array(path: Path) -> NDArray[Any]:
    try:
        mapped: NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
    except Exception as error:  # numpy raises many kinds for damaged files
        raise FormatError(
            "it is damaged, or holds objects, which are pickles and never loaded"
        ) from error
    return mapped


def _unpack(array: Array) -> NDArray[Any]:
    """Return an array of an archive, mapped from a temporary file without a name.

    Unlike memory, the disk has room for what a small archive may unpack to, or else the
    error says so.
    """
    if array.dtype.hasobject:
        raise FormatError(
            f"the array {quote(array.name)} holds objects, which are pickles and never "
            "loaded"
        )
    with tempfile.TemporaryFile() as file:
        stream = array.open()
        fill(file, iter(lambda: stream.read(BLOCK_BYTES), b""), None)
        expected = math.prod(array.shape) * array.dtype.itemsize
        if find_size(file) != expected:
            raise FormatError(
                f"the array {quote(array.name)} should have {expected:,} bytes, found "
                f"{find_size(file):,}: the file is damaged"
            )
        order: Literal["F", "C"] = "F" if array.in_fortran_order else "C"
        return np.memmap(file, array.dtype, "r", shape=array.shape, order=order)


def _map_tensor(path: Path, tensor: Tensor) -> NDArray[Any]:
    numbers: NDArray[Any] = np.memmap(
        path, DTYPES[tensor.kind], "r", tensor.start, tensor.shape
    )
    return widen(numbers) if tensor.kind == "BF16" else numbers


def read_words(path: Path) -> list[str]:
    """Return the words of a file: one on each line, or JSON.

    JSON is a list of words, or a mapping of words to rows from 0 on.
    """
    text = path.read_bytes()
    try:
        if path.suffix.lower() == ".json":
            return _order(json.loads(text), path)
        lines = (
            text.decode("utf-8-sig", "surrogateescape").removesuffix("\n").split("\n")
        )
    except (ValueError, RecursionError) as error:
        if isinstance(error, FormatError):
            raise
        raise FormatError(
            f"{path}: expected words in UTF-8, one on each line, or JSON"
        ) from error
    return [line.removesuffix("\r") for line in lines]


def check_words(
    words: list[str], matrix: NDArray[np.float32], warn: Callable[[str], None]
) -> list[str]:
    """Return words as `TokenChecker` hands them out; call `warn` for what is odd."""
    blocks = (
        Block(
            [word.encode("utf-8", "surrogateescape") for word in words[i : i + _ROWS]],
            matrix[i : i + _ROWS],
        )
        for i in range(0, len(words), _ROWS)
    )
    rows, dimension = matrix.shape
    expected = Expected(dimension, rows, warn)
    checker = TokenChecker(dimension, expected, unit="row", is_text=False)
    return [
        token.decode("utf-8", "surrogateescape")
        for block in checker.check(blocks)
        for token in block.tokens
    ]


def _order(words: Any, path: Path) -> list[str]:
    try:
        words = order_words(words) if isinstance(words, dict) else words
    except FormatError as error:
        raise FormatError(f"{path}: {error}") from None
    if not isinstance(words, list):
        raise FormatError(f"{path}: expected a list of words, or words and their rows")
    for word in words:
        if not isinstance(word, str):
            raise FormatError(f"{path}: a word is a text, found {quote(word)}")
    return words


def order_words(rows: Mapping[str, Any]) -> list[str]:
    """Return words in the order of their rows; raise `FormatError` if that is none."""
    words = {
        int(row): word
        for word, row in rows.items()
        if isinstance(row, Integral) and not isinstance(row, bool)
    }
    for row in range(len(rows)):
        if row not in words:
            hint = "; indices of a Tokenizer begin at 1" if row == 0 else ""
            raise FormatError(
                f"expected the row of each word, from 0 to {len(rows) - 1:,} and each "
                f"once, found no word with row {row:,}{hint}"
            )
    return [words[row] for row in range(len(rows))]


def is_projector(path: Path) -> bool:
    """Return whether a folder is one of TensorBoard's projector."""
    return (path / NUMBERS).is_file() and (path / LABELS).is_file()


def read_projector(path: Path) -> tuple[list[str], NDArray[np.float32]]:
    """Return the words and numbers of a projector's folder."""
    import pyarrow as pa
    import pyarrow.csv

    for name in (NUMBERS, LABELS):
        check_readable(path / name)
    with (path / NUMBERS).open("rb") as file:
        count = file.readline(LONGEST_LINE).count(b"\t") + 1
    try:
        check_dimension(count)
    except FormatError as error:
        raise FormatError(f"{path / NUMBERS}: {error}") from None
    types = {f"f{i}": pa.float64() for i in range(count)}
    options = {
        "convert_options": pa.csv.ConvertOptions(column_types=types, null_values=[]),
        "read_options": pa.csv.ReadOptions(autogenerate_column_names=True),
        "parse_options": pa.csv.ParseOptions(delimiter="\t", quote_char=False),
    }
    try:
        table = pa.csv.read_csv(path / NUMBERS, **options)
        with np.errstate(over="ignore"):  # what is infinite is refused later
            columns = [column.to_numpy().astype(np.float32) for column in table.columns]
    except (pa.ArrowException, ValueError) as error:
        raise FormatError(
            f"{path / NUMBERS}: expected numbers: {shorten(str(error), 200)}"
        ) from error
    numbers = np.stack(columns, axis=1)
    if (path / WORDS).is_file():
        exact = (path / WORDS).read_bytes().decode("utf-8", "surrogateescape")
        return exact.split("\n"), numbers
    words = read_words(path / LABELS)
    if "\t" in words[0]:
        # Of several columns, the first line has their names.
        words = [line.partition("\t")[0] for line in words[1:]]
    return words, numbers


def check_readable(path: Path) -> None:
    """Raise `FetchError` if a path is not that of a regular file that can be read."""
    try:
        open_regular(path).close()
    except OSError as error:
        raise FetchError(f"{path} cannot be read ({error.strerror})") from error
