"""The writers of all formats: each writes vectors to a path where nothing exists."""

import json
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ...errors import OutputError
from ...formats import apart
from ...lookup.oov import refuse_overflow
from ...lookup.rows import Rows

FileNumberType: TypeAlias = Literal["float32", "float16"]
_DESCRS = {"float32": "<f4", "float16": "<f2"}

# Numbers in a block: a few MB of float32, a few tens of MB as text.
_NUMBERS = 1 << 19


def write_word2vec(vectors: Rows, path: Path) -> None:
    """Write a line of counts, then for each token a line: token, space, numbers."""
    _refuse_spaces(vectors)
    with path.open("xb") as file:
        file.write(_make_header(vectors))
        for tokens, block in _iterate_distinct(vectors):
            lines = _format_rows(block, " ")
            for token, line in zip(tokens, lines, strict=True):
                file.write(b"%b %b\n" % (token, line))


def write_word2vec_binary(vectors: Rows, path: Path) -> None:
    """Write a line of counts, then each token, a space and little-endian float32."""
    _refuse_spaces(vectors)
    with path.open("xb") as file:
        file.write(_make_header(vectors))
        for tokens, block in _iterate_distinct(vectors):
            # Without line feeds between rows, as gensim; readers accept both.
            for token, vector in zip(tokens, block, strict=True):
                file.write(b"%b %b" % (token, vector.tobytes()))


def write_npz(vectors: Rows, path: Path, dtype: FileNumberType = "float32") -> None:
    """Write ``vectors``, ``words`` and a stated ``tokenizer``, readable without pickle.

    ``words`` holds the tokens' UTF-8, separated by line feeds, as uint8. An array of
    str would give each word the space of the longest one: 9 GB for the 2,196,017 words
    of glove.840B.300d if one of them had 1,000 letters, which is GloVe's limit.
    """
    # Stored, as vectors hardly compress. Members have the zip format's default date, so
    # that the same vectors give the same file.
    with zipfile.ZipFile(path, "x", zipfile.ZIP_STORED) as archive:
        with _open_member(archive, "vectors.npy") as member:
            shape = len(vectors), vectors.dimension
            _write_header(member, _DESCRS[dtype], shape)
            for _, block in _iterate_blocks(vectors, dtype):
                member.write(block.tobytes())
        with _open_member(archive, "words.npy") as member:
            _write_header(member, "|u1", (_count_bytes(vectors),))
            for piece in _join_tokens(vectors):
                member.write(piece)
        if tokenizer := vectors.provenance["tokenizer"]:
            with _open_member(archive, "tokenizer.npy") as member:
                _write_header(member, f"<U{len(tokenizer)}", ())
                member.write(tokenizer.encode("utf-32-le"))


def write_safetensors(
    vectors: Rows,
    path: Path,
    dtype: FileNumberType = "float32",
    metadata: Mapping[str, Any] | None = None,
) -> None:
    """Write ``vectors`` and ``words``, as in an npz, with metadata.

    These are the provenance, unless others are given, and the type of the numbers.

    Words are not metadata: a header is limited to 100 MB, and JSON cannot hold bytes
    that are not UTF-8.

    Notes
    -----
    The file is a length in 8 bytes, that many bytes of JSON, then the tensors
    (https://github.com/huggingface/safetensors#format). The library's own writer copies
    whole tensors; this one holds a block at a time.
    """
    size = len(vectors) * vectors.dimension * np.dtype(_DESCRS[dtype]).itemsize
    length = _count_bytes(vectors)
    header = {
        # Metadata are strings; what is unknown is left out.
        "__metadata__": {
            key: str(value)
            for key, value in _state_type(metadata or vectors.provenance, dtype).items()
            if value is not None
        },
        "vectors": {
            "dtype": {"float32": "F32", "float16": "F16"}[dtype],
            "shape": [len(vectors), vectors.dimension],
            "data_offsets": [0, size],
        },
        "words": {
            "dtype": "U8",
            "shape": [length],
            "data_offsets": [size, size + length],
        },
    }
    text = json.dumps(header).encode()
    # Padded with spaces so that the numbers are aligned and can be mapped.
    text += b" " * (-len(text) % 8)
    with path.open("xb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for _, block in _iterate_blocks(vectors, dtype):
            file.write(block.tobytes())
        for piece in _join_tokens(vectors):
            file.write(piece)


def write_parquet(vectors: Rows, path: Path, dtype: FileNumberType = "float32") -> None:
    """Write the columns ``word``, and ``vector``: lists of numbers of a fixed size.

    Words are strings, or bytes if one of them is not UTF-8, which Parquet's strings
    must be. The schema's metadata hold the provenance as JSON, with the type of the
    numbers in the file.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    word = pa.string() if _is_utf8(vectors) else pa.binary()
    schema = pa.schema(
        {
            "word": word,
            "vector": pa.list_(pa.from_numpy_dtype(dtype), vectors.dimension),
        },
        {"glove_registry": json.dumps(_state_type(vectors.provenance, dtype))},
    )
    with (
        path.open("xb") as file,
        # No dictionary, as hardly any value repeats.
        pq.ParquetWriter(file, schema, use_dictionary=False) as writer,
    ):
        for tokens, block in _iterate_blocks(vectors, dtype):
            numbers = pa.array(np.ascontiguousarray(block).ravel())
            columns = [
                pa.array(tokens, pa.binary()).cast(word),
                pa.FixedSizeListArray.from_arrays(numbers, vectors.dimension),
            ]
            writer.write_table(pa.Table.from_arrays(columns, schema=schema))


def write_projector(vectors: Rows, path: Path) -> None:
    """Write a log folder of TensorBoard's: numbers, labels and a configuration.

    Notes
    -----
    The files are those of
    https://github.com/tensorflow/tensorboard/blob/master/docs/tensorboard_projector_plugin.ipynb;
    https://projector.tensorflow.org loads the two tables, too. ``words.txt`` is for
    `open_file`, where a label is not the word itself.
    """
    path.mkdir()
    are_exact = True
    with (
        (path / apart.NUMBERS).open("xb") as numbers,
        (path / apart.LABELS).open("xb") as labels,
    ):
        for tokens, block in _iterate_blocks(vectors):
            numbers.writelines(line + b"\n" for line in _format_rows(block, "\t"))
            made = [*map(_make_label, tokens)]
            labels.writelines(label + b"\n" for label in made)
            are_exact = are_exact and made == tokens
    if not are_exact:
        with (path / apart.WORDS).open("xb") as words:
            words.writelines(_join_tokens(vectors))
    # A string of ASCII JSON is one of protobuf's text format, too.
    (path / "projector_config.pbtxt").write_text(
        "embeddings {\n"
        f"  tensor_name: {json.dumps(vectors.name)}\n"
        '  tensor_path: "vectors.tsv"\n'
        '  metadata_path: "metadata.tsv"\n'
        "}\n",
        encoding="ascii",
    )


def _state_type(origin: Mapping[str, Any], dtype: FileNumberType) -> dict[str, Any]:
    """Return where vectors come from, with the type of their numbers in the file."""
    rounded = origin.get("rounded_to") or (dtype if dtype != "float32" else None)
    return {**origin, "dtype": dtype, "rounded_to": rounded}


def _iterate_blocks(
    vectors: Rows, dtype: FileNumberType = "float32"
) -> Iterator[tuple[list[bytes], NDArray[Any]]]:
    """Yield the tokens, as in the file, and the vectors of all rows, in order."""
    step = max(1, _NUMBERS // vectors.dimension)
    for start, block in vectors.blocks(step):
        tokens = vectors.tokens.read_bytes(np.arange(start, start + len(block)))
        with refuse_overflow(
            f"{vectors.name} has numbers that are too large for {dtype}: leave dtype "
            "out, to write float32"
        ):
            # On most machines, float32 is not converted.
            numbers = block.astype(_DESCRS[dtype], copy=False)
        yield tokens, numbers


def _refuse_spaces(vectors: Rows) -> None:
    # Before anything is written: in both formats, a token ends at the first space.
    for tokens, _ in _iterate_blocks(vectors):
        for token in tokens:
            if b" " in token:
                word = ascii(token.decode("utf-8", "surrogateescape"))
                raise OutputError(
                    f"the token {word} contains a space, which word2vec's formats "
                    "cannot hold: export to npz, safetensors or parquet, and use "
                    "KeyedVectors(dimension).add_vectors(words, vectors) for gensim"
                )


def _make_header(vectors: Rows) -> bytes:
    return b"%d %d\n" % (vectors.provenance["distinct"], vectors.dimension)


def _iterate_distinct(
    vectors: Rows,
) -> Iterator[tuple[list[bytes], NDArray[np.float32]]]:
    """Yield blocks with only the first row of each token.

    gensim skips further ones, but counts them: its list of words would end in as many
    None.
    """
    start = 0
    for tokens, block in _iterate_blocks(vectors):
        if vectors.provenance["distinct"] < len(vectors):
            words = [token.decode("utf-8", "surrogateescape") for token in tokens]
            first = vectors.rows(words) == np.arange(start, start + len(words))
            start += len(words)
            block = block[first]
            tokens = [t for t, is_first in zip(tokens, first, strict=True) if is_first]
        yield tokens, block


def _format_rows(block: NDArray[np.float32], separator: str) -> list[bytes]:
    """Return each row as text, by the fewest digits that give the same float32."""
    # Arrow's compiled digits are as short as those of numpy's repr and several times
    # faster; "%.9g" is as exact, but writes 0.418 as 0.418000013.
    import pyarrow as pa
    import pyarrow.compute as pc

    n, dimension = block.shape
    digits = pc.cast(pa.array(np.ascontiguousarray(block).ravel()), pa.string())
    offsets = pa.array(np.arange(n + 1, dtype=np.int32) * dimension)
    lines = pc.binary_join(pa.ListArray.from_arrays(offsets, digits), separator)
    return [line.encode("ascii") for line in lines.to_pylist()]


def _make_label(token: bytes) -> bytes:
    """Return a label that is one line of one column of valid UTF-8.

    The projector splits lines at tabs, strips white space and skips empty lines, after
    which every label would belong to another point. So white space other than spaces,
    and bytes that are not UTF-8, are written as Python's escapes.
    """
    word = token.decode("utf-8", "backslashreplace")
    label = word if word.isprintable() else "".join(map(_escape_space, word))
    # Spaces alone, or nothing at all.
    return (label if label.strip() else repr(label)).encode()


def _escape_space(letter: str) -> str:
    # JavaScript counts the byte order mark as white space, too.
    if (letter.isspace() and letter != " ") or letter == "\ufeff":
        return letter.encode("unicode_escape").decode("ascii")
    return letter


def _join_tokens(vectors: Rows) -> Iterator[bytes]:
    """Yield all tokens, separated by line feeds, which no token contains."""
    separator = b""
    for tokens, _ in _iterate_blocks(vectors):
        yield separator + b"\n".join(tokens)
        separator = b"\n"


def _count_bytes(vectors: Rows) -> int:
    return sum(map(len, _join_tokens(vectors)))


def _open_member(archive: zipfile.ZipFile, name: str) -> Any:
    return archive.open(zipfile.ZipInfo(name), "w", force_zip64=True)


def _write_header(member: Any, kind: str, shape: tuple[int, ...]) -> None:
    np.lib.format.write_array_header_1_0(
        member, {"descr": kind, "fortran_order": False, "shape": shape}
    )


def _is_utf8(vectors: Rows) -> bool:
    try:
        for piece in _join_tokens(vectors):
            piece.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
