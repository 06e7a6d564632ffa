"""safetensors: a tensor of numbers, and one of the words of its rows.

The file is a length in 8 bytes, that many bytes of JSON, then the tensors
(https://github.com/huggingface/safetensors#format). Words are bytes of UTF-8 with line
feeds between them (U8), as `Vectors.export` writes them.
"""

import json
import math
import os
import re
from itertools import pairwise
from typing import IO, Any, NamedTuple

import numpy as np

from ..errors import FormatError
from ..messages.printable import quote
from .arrays import (
    Numbers,
    find_size,
    list_arrays,
    open_arrays,
    open_spooled,
    split_lines,
)
from .start import Expected, Opened, Start

_BEGINNING = re.compile(rb".{4}\x00{4}\{\s*\"", re.DOTALL)
# A byte of JSON can take 30 of memory.
_LONGEST_HEADER = 1 << 20
_MOST_AXES = 8
_DAMAGED = "the header of this safetensors file is damaged"
DTYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2", "U8": "|u1"}


class Tensor(NamedTuple):
    """A tensor of a type that is read."""

    name: str
    kind: str
    shape: tuple[int, ...]
    start: int  # in the file
    size: int


def recognize(start: Start) -> bool:
    """Return whether a length and JSON come first."""
    return is_safetensors(start.bytes)


def is_safetensors(beginning: bytes) -> bool:
    """Return whether a file with this beginning is one of tensors."""
    return _BEGINNING.match(beginning) is not None


def open_rows(start: Start, expected: Expected) -> Opened:
    """Open the numbers and words of a file that has one tensor of each."""
    if not recognize(start):
        raise FormatError("expected a length and JSON, as safetensors files begin")
    return open_spooled(start, expected, _open_rows)


def _open_rows(file: IO[bytes], expected: Expected) -> Opened:
    header, begin = _read_header(file)
    tensors = _list_tensors(header, begin, find_size(file))
    numbers = [t for t in tensors if t.kind != "U8" and len(t.shape) == 2]
    words = [t for t in tensors if t.kind == "U8" and len(t.shape) == 1]
    if len(numbers) != 1 or len(words) != 1:
        hint = "; if the words are in another file, pass words=" if numbers else ""
        listed = list_arrays((t.name, t.shape) for t in tensors)
        raise FormatError(
            "expected a tensor of numbers with two dimensions and one of words (U8), "
            f"found {listed}{hint}"
        )
    ((rows, words_of),) = zip(numbers, words, strict=True)
    opened = open_arrays(
        Numbers(_Range(file, rows), rows.shape, np.dtype(DTYPES[rows.kind])),
        split_lines(_Range(file, words_of)),
        expected,
    )
    metadata = header.get("__metadata__")
    if isinstance(metadata, dict):
        opened = opened._replace(tokenizer=metadata.get("tokenizer"))
    return opened


def read_tensors(file: IO[bytes]) -> list[Tensor]:
    """Return the tensors of a file that hold numbers or bytes.

    Raises `FormatError` if the header is damaged or promises what the file has not.
    """
    return _list_tensors(*_read_header(file), find_size(file))


def _read_header(file: IO[bytes]) -> tuple[dict[str, Any], int]:
    """Return the header, and where tensors begin."""
    total = find_size(file)
    file.seek(0)
    length = int.from_bytes(file.read(8), "little")
    if length > min(_LONGEST_HEADER, total - 8):
        raise FormatError(
            f"the header of this safetensors file should have {length:,} bytes: it is "
            "damaged or cut off"
        )
    try:
        header = json.loads(file.read(length), object_pairs_hook=_refuse_repeats)
    except (ValueError, RecursionError):
        header = None
    if not isinstance(header, dict):
        raise FormatError(_DAMAGED)
    return header, 8 + length


def _refuse_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name is repeated, which the format forbids")
    return found


def _list_tensors(header: dict[str, Any], begin: int, total: int) -> list[Tensor]:
    try:
        tensors = [
            _check(name, facts, begin, total)
            for name, facts in header.items()
            if name != "__metadata__" and facts["dtype"] in DTYPES
        ]
    except FormatError:
        raise
    except (ValueError, LookupError, TypeError):
        raise FormatError(_DAMAGED) from None
    ordered = sorted(tensors, key=lambda tensor: (tensor.start, tensor.size))
    for one, other in pairwise(ordered):
        if one.start + one.size > other.start:
            raise FormatError(
                f"the tensors {quote(one.name)} and {quote(other.name)} share bytes: "
                "the file is damaged"
            )
    return tensors


def _check(name: str, facts: Any, start: int, total: int) -> Tensor:
    kind, shape = facts["dtype"], tuple(facts["shape"])
    begin, end = facts["data_offsets"]
    # Before anything is multiplied: such numbers can be of any type and size.
    numbers = (*shape, begin, end)
    fit = len(shape) <= _MOST_AXES and all(
        type(number) is int and 0 <= number <= total for number in numbers
    )
    if (
        not fit
        or end - begin != math.prod(shape) * np.dtype(DTYPES[kind]).itemsize
        or start + end > total
    ):
        raise FormatError(
            f"the tensor {quote(name)} does not fit the file: it is damaged"
        )
    return Tensor(name, kind, shape, start + begin, end - begin)


class _Range:
    """The bytes of a tensor as a stream; others may read the file, too."""

    def __init__(self, file: IO[bytes], tensor: Tensor) -> None:
        self._file = file
        self._at, self._end = tensor.start, tensor.start + tensor.size

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes, and none at the end."""
        self._file.seek(self._at, os.SEEK_SET)
        piece = self._file.read(min(size, self._end - self._at))
        self._at += len(piece)
        return piece
