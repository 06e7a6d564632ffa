"""numpy's archives: an array of numbers, and one of the words of its rows.

Words are bytes of UTF-8 with line feeds between them (uint8), as `Vectors.export`
writes them, or an array of str or bytes. Arrays of objects are pickles, never loaded.
"""

from collections.abc import Callable, Iterator
from typing import IO, NamedTuple

import numpy as np

from ..download.containers import is_npz, list_zipped, open_zipped
from ..errors import FormatError, GloveRegistryError
from ..messages.printable import quote, shorten
from .arrays import Numbers, open_arrays, open_spooled, read_exactly, split_lines
from .block import BLOCK_BYTES, LONGEST_TOKEN, ByteStream
from .start import Expected, Opened, Start

_LONGEST_HEADER = 1 << 12
# Each is found in the directory anew, and its beginning is kept.
_MOST_MEMBERS = 100


class Array(NamedTuple):
    """An array in the archive."""

    name: str
    shape: tuple[int, ...]
    dtype: np.dtype[np.generic]
    in_fortran_order: bool
    open: Callable[[], ByteStream]  # at its content


def recognize(start: Start) -> bool:
    """Return whether a zip archive begins with an array."""
    return is_npz(start.bytes)


def open_rows(start: Start, expected: Expected) -> Opened:
    """Open the numbers and words of an archive that has one array of each."""
    if not recognize(start):
        raise FormatError("expected an archive of numpy arrays (.npz)")
    return open_spooled(start, expected, _open_rows)


def _open_rows(file: IO[bytes], expected: Expected) -> Opened:
    arrays = list_members(file)
    numbers = _choose(arrays, "of numbers with two dimensions", _are_numbers)
    words = _choose(arrays, "of words", _are_words)
    for array in (numbers, words):
        if array.in_fortran_order:
            raise FormatError(
                f"the array {quote(array.name)} is in Fortran's order: write it again, "
                "as numpy.ascontiguousarray() returns it"
            )
    opened = open_arrays(
        Numbers(numbers.open(), numbers.shape, numbers.dtype),
        _read_words(words),
        expected,
    )
    return opened._replace(tokenizer=_read_tokenizer(arrays))


def list_members(file: IO[bytes]) -> list[Array]:
    """Return the arrays in an archive, of which only the headers are read."""
    members = list_zipped(file)
    if len(members) > _MOST_MEMBERS:
        raise FormatError(
            f"the archive holds {len(members):,} arrays and other files, expected at "
            f"most {_MOST_MEMBERS}: save the words and their numbers alone"
        )
    return [
        _open(file, member.name) for member in members if member.name.endswith(".npy")
    ]


def _are_numbers(array: Array) -> bool:
    return array.dtype.kind == "f" and len(array.shape) == 2


def _are_words(array: Array) -> bool:
    return (array.dtype.kind in "US" and array.shape != ()) or (
        array.dtype == np.uint8 and len(array.shape) == 1
    )


def _read_tokenizer(arrays: list[Array]) -> str | None:
    """Return the text of the array that says how texts become words."""
    for array in arrays:
        size = array.dtype.itemsize
        is_text = array.dtype.kind == "U" and array.shape == ()
        if array.name == "tokenizer" and is_text and size <= _LONGEST_HEADER:
            # To the end of the member, where its checksum is compared.
            data = read_exactly(array.open(), size + 1)
            return data.decode("utf-32-le", "replace")
    return None


def _choose(arrays: list[Array], what: str, fits: Callable[[Array], bool]) -> Array:
    found = [array for array in arrays if fits(array)]
    if len(found) == 1:
        return found[0]
    listed = ", ".join(
        f"{quote(a.name)} of {shorten(f'{a.shape} {a.dtype}', 80)}" for a in arrays[:10]
    )
    hint = ""
    if any(array.dtype.hasobject for array in arrays):
        hint = "; arrays of objects are pickles, which are never loaded: save str"
    elif fits is _are_numbers and any(a.dtype.kind in "iu" for a in arrays):
        hint = "; whole numbers are not taken for vectors: save them as float32"
    elif not found:
        hint = "; if they are in another file, pass words="
    raise FormatError(
        f"expected one array {what} in the archive, found {len(found)} ({listed}){hint}"
    )


def _open(file: IO[bytes], name: str) -> Array:
    stream = _Whole(open_zipped(file, name).__enter__())
    try:
        version = np.lib.format.read_magic(stream)  # type: ignore[arg-type]
        read = {
            (1, 0): np.lib.format.read_array_header_1_0,
            (2, 0): np.lib.format.read_array_header_2_0,
        }[version]
        shape, order, dtype = read(stream, max_header_size=_LONGEST_HEADER)  # type: ignore[arg-type]
    except GloveRegistryError:
        raise
    except Exception as error:  # numpy raises many kinds for a damaged header
        raise FormatError(f"the array {quote(name)} has no readable header") from error
    return Array(name.removesuffix(".npy"), shape, dtype, order, lambda: stream)


class _Whole:
    """A stream that returns as many bytes as are asked for, as numpy expects."""

    def __init__(self, stream: ByteStream) -> None:
        self._stream = stream

    def read(self, size: int, /) -> bytes:
        """Return `size` bytes, or what is left."""
        return read_exactly(self._stream, size)


def _read_words(words: Array) -> Iterator[bytes]:
    if words.dtype == np.uint8:
        yield from split_lines(words.open())
        return
    stream, width = words.open(), words.dtype.itemsize
    if not 0 < width <= 4 * LONGEST_TOKEN:
        raise FormatError(f"the words have {width:,} bytes each: expected fewer")
    step = max(1, BLOCK_BYTES // width) * width
    while data := read_exactly(stream, step):
        for word in np.frombuffer(data, words.dtype, len(data) // width).tolist():
            yield word if isinstance(word, bytes) else _encode(word)


def _encode(word: str) -> bytes:
    try:
        return word.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError as error:
        raise FormatError(f"the word {quote(word)} is not valid Unicode") from error
