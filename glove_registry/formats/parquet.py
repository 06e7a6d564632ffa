"""Parquet: a column of words, and a column of lists or one column for each number."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from ..errors import FormatError, GloveRegistryError
from ..messages.printable import shorten
from .arrays import check_dimension, check_tokens, convert, open_spooled
from .block import BLOCK_BYTES, Block
from .start import Expected, Opened, Start
from .tokens import TokenChecker

_MARK = b"PAR1"
_INDEX = "__index_level_"
# Decoded at once. How long words and lists are is only known afterwards, as pages may
# state one for many rows.
_MOST_ROWS = 256


def recognize(start: Start) -> bool:
    """Return whether a file begins with the mark, and no word does."""
    return start.bytes.startswith(_MARK) and start.bytes[4:5] in (b"\x15", b"\x14", b"")


def open_rows(start: Start, expected: Expected) -> Opened:
    """Open the columns of a table."""
    if not start.bytes.startswith(_MARK):
        raise FormatError("expected PAR1, with which Parquet files begin")
    return open_spooled(start, expected, _open_rows)


def _open_rows(file: IO[bytes], expected: Expected) -> Opened:
    import pyarrow as pa
    import pyarrow.parquet as pq

    with _as_format_error():
        table = pq.ParquetFile(file)
        word, numbers = _find_columns(table.schema_arrow, pa.types)
    # One row alone, as nothing tells how long its list is.
    first = next(_read_blocks(table, word, numbers, 1), None)
    if first is None:
        raise FormatError("the table has no rows")
    dimension = first.values.shape[1]
    check_dimension(dimension, expected.dimension)
    step = min(_MOST_ROWS, 1 + BLOCK_BYTES // (4 * dimension))
    blocks = _read_blocks(table, word, numbers, step)
    checker = TokenChecker(dimension, expected, unit="row", is_text=False)
    rows = table.metadata.num_rows
    tokenizer = _read_tokenizer(table.schema_arrow.metadata or {})
    return Opened(dimension, checker.check(blocks), rows, tokenizer=tokenizer)


def _read_tokenizer(metadata: dict[bytes, bytes]) -> object:
    """Return what an export of this package says of texts."""
    try:
        provenance = json.loads(metadata.get(b"glove_registry", b""))
    except (ValueError, RecursionError):
        return None
    return provenance.get("tokenizer") if isinstance(provenance, dict) else None


@contextmanager
def _as_format_error() -> Iterator[None]:
    import pyarrow as pa

    try:
        yield
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        if isinstance(error, GloveRegistryError):
            raise
        reason = shorten(str(error), 200)
        raise FormatError(f"the table cannot be read ({reason})") from error


def _find_columns(schema: Any, types: Any) -> tuple[str, list[str]]:
    """Return the column of words, and those of numbers."""
    texts = [f.name for f in schema if _is_text(f.type, types)]
    # Row numbers of pandas are no vectors; an index of words has that name as well.
    columns = [f for f in schema if not f.name.startswith(_INDEX) or f.name in texts]
    lists = [f.name for f in columns if _is_list(f.type, types)]
    floats = [f.name for f in columns if types.is_floating(f.type)]
    if len(texts) == 1 and len({*schema.names}) == len(schema.names):
        if len(lists) == 1:
            return texts[0], lists
        # Which of several kinds are the vectors could only be guessed.
        if floats and len(columns) == 1 + len(floats):
            return texts[0], floats
    listed = ", ".join(
        f"{shorten(f.name, 80)}: {shorten(str(f.type), 80)}" for f in [*schema][:10]
    )
    raise FormatError(
        "expected a column of words and one of lists of numbers, or one for each "
        f"number and nothing else, each with a name of its own, found {listed}"
    )


def _is_text(kind: Any, types: Any) -> bool:
    # Repeated texts may be kept once, as of a category of pandas.
    name = str(kind.value_type if types.is_dictionary(kind) else kind)
    return name.removeprefix("large_").removesuffix("_view") in ("string", "binary")


def _is_list(kind: Any, types: Any) -> bool:
    return bool(
        types.is_list(kind)
        or types.is_large_list(kind)
        or types.is_fixed_size_list(kind)
    ) and bool(types.is_floating(kind.value_type))


def _read_blocks(
    table: Any, word: str, numbers: list[str], step: int
) -> Iterator[Block]:
    first = 1
    dimension = None
    batches = table.iter_batches(step, columns=[word, *numbers])
    while True:
        with _as_format_error():
            batch = next(batches, None)
        if batch is None:
            return
        if not len(batch):
            continue
        if any(batch.column(name).null_count for name in (word, *numbers)):
            raise FormatError("the table has missing values")
        # As bytes: of a damaged file, these need not be UTF-8.
        tokens = batch.column(word).cast("large_binary").to_pylist()
        check_tokens(tokens, first)
        values = _stack(batch, numbers)
        if dimension not in (None, values.shape[1]):
            raise FormatError(f"row {first:,} has another number of numbers")
        dimension = values.shape[1]
        yield Block(tokens, convert(values, first))
        first += len(tokens)


def _stack(batch: Any, numbers: list[str]) -> NDArray[Any]:
    columns = [batch.column(name) for name in numbers]
    if not hasattr(columns[0], "flatten"):
        return np.stack([c.to_numpy(zero_copy_only=False) for c in columns], axis=1)
    flat = columns[0].flatten()
    if flat.null_count:
        raise FormatError("the table has missing values")
    values: NDArray[Any] = flat.to_numpy(zero_copy_only=False)
    lengths = {len(row) for row in columns[0]}
    if len(lengths) != 1 or 0 in lengths:
        raise FormatError("the lists of numbers are empty or of different lengths")
    return values.reshape(len(batch), -1)
