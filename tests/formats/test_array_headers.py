"""Headers of npz, safetensors and Parquet: what they say is compared with the file."""

import io
import json
import re
import struct
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import safetensors.numpy

from glove_registry import open_file
from glove_registry.errors import FormatError
from glove_registry.formats import open_vectors, read_vectors
from glove_registry.formats.arrays import read_exactly
from glove_registry.formats.block import BLOCK_BYTES

WORDS = ["the", "of"]
NUMBERS = np.array([[0.5, -1], [2, 3]], np.float32)
ONE = np.ones((1, 2), np.float32)


def join(words: list[str]) -> np.ndarray:
    """Return words as bytes with line feeds between them."""
    return np.frombuffer("\n".join(words).encode(), np.uint8)


def make_array(array: np.ndarray) -> bytes:
    """Return a .npy file."""
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def make_npz(**arrays: Any) -> bytes:
    """Return an archive of arrays."""
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def make_parquet(metadata: dict[str, str] | None = None, /, **columns: Any) -> bytes:
    """Return a table, with metadata."""
    file = io.BytesIO()
    pq.write_table(pa.table(columns).replace_schema_metadata(metadata), file)
    return file.getvalue()


def read_rows(content: bytes, form: Any) -> list[tuple[str, list[float]]]:
    """Return the rows of a file."""
    return [
        (token.decode(), numbers)
        for block in read_vectors(io.BytesIO(content), format=form)
        for token, numbers in zip(block.tokens, block.values.tolist(), strict=True)
    ]


MANY = dict.fromkeys("abcdefghijk", np.ones((1, 1), np.float32))


@pytest.mark.parametrize(
    ("form", "content"),
    [
        ("npz", make_npz(**MANY)),
        ("safetensors", safetensors.numpy.save(MANY)),
        ("parquet", make_parquet(**{name: [1.0] for name in MANY})),
    ],
)
def test_ten_of_many_arrays_are_listed(form: str, content: bytes) -> None:
    """An error stays short, however many arrays or columns a file has."""
    with pytest.raises(FormatError) as caught:
        read_rows(content, form)
    listed = re.findall(r"\b([a-k])(?:' of|: double)", str(caught.value))
    assert "".join(listed) == "abcdefghij"


TENSORS = {"v": ONE, "w": join(["a"])}


@pytest.mark.parametrize(
    ("content", "tokenizer"),
    [
        (make_npz(v=ONE, w=np.array(["a"]), tokenizer=np.array("words")), "words"),
        (make_npz(v=ONE, w=np.array(["a"]), other=np.array("words")), None),
        (make_npz(v=ONE, tokenizer=np.array(["words"])), None),
        (safetensors.numpy.save(TENSORS, {"tokenizer": "words"}), "words"),
        (safetensors.numpy.save(TENSORS, {"other": "words"}), None),
        (
            make_parquet(
                {"glove_registry": '{"tokenizer": "words"}'}, w=["a"], x=[1.0]
            ),
            "words",
        ),
        (make_parquet({"glove_registry": '["tokenizer"]'}, w=["a"], x=[1.0]), None),
        (make_parquet({"glove_registry": "{"}, w=["a"], x=[1.0]), None),
        (make_parquet({"other": '{"tokenizer": "words"}'}, w=["a"], x=[1.0]), None),
    ],
)
def test_the_tokenizer_that_a_file_states(
    content: bytes, tokenizer: str | None
) -> None:
    """It is read where an export writes it, and nothing else is taken for it."""
    opened = open_vectors(io.BytesIO(content))
    assert sum(len(block.tokens) for block in opened.blocks) == 1
    assert opened.tokenizer == tokenizer


def write_tensor(facts: object) -> bytes:
    """Return a safetensors file whose only tensor has these facts."""
    text = json.dumps({"v": facts}).encode()
    return struct.pack("<Q", len(text)) + text + bytes(16)


@pytest.mark.parametrize("shape", [["a", 1], [1] * 9, [-1, 1], [1.0, 1]])
@pytest.mark.parametrize("offsets", [[0, 0], [1, 0], [0, -1], [0, 4], ["a", 4]])
def test_no_impossible_shape_is_used(
    shape: list[object], offsets: list[object], tmp_path: Path
) -> None:
    """A tensor of such a shape is damage, whatever size its offsets give it."""
    facts = {"dtype": "F32", "shape": shape, "data_offsets": offsets}
    with pytest.raises(FormatError, match="'v' does not fit the file"):
        read_rows(write_tensor(facts), "safetensors")
    (tmp_path / "v").write_bytes(write_tensor(facts))
    with pytest.raises(FormatError, match="'v' does not fit the file"):
        open_file(tmp_path / "v", words=["a"])


@pytest.mark.parametrize(
    "facts",
    [
        7,
        [],
        {},
        {"dtype": []},
        {"dtype": "F32"},
        {"dtype": "F32", "shape": 7, "data_offsets": [0, 4]},
        {"dtype": "F32", "shape": [1, 1], "data_offsets": 7},
        {"dtype": "F32", "shape": [1, 1], "data_offsets": [0, 4, 8]},
    ],
)
def test_facts_of_a_tensor_that_are_none(facts: object) -> None:
    """JSON of any other form is a damaged header."""
    with pytest.raises(FormatError, match="header of this safetensors file is damaged"):
        read_rows(write_tensor(facts), "safetensors")


def write_header(header: str, data: bytes) -> bytes:
    """Return a safetensors file with a header and the bytes of its tensors."""
    text = header.encode()
    return struct.pack("<Q", len(text)) + text + data


@pytest.mark.parametrize(
    ("second", "message"),
    [
        ('"w": {"dtype": "U8", "shape": [1], "data_offsets": [8, 9]}', None),
        ('"v": {"dtype": "F32", "shape": [1, 2], "data_offsets": [0, 8]}', "header"),
        ('"w": {"dtype": "U8", "shape": [1], "shape": [1]}', "header"),
        ('"w": {"dtype": "U8", "shape": [1], "data_offsets": [7, 8]}', "'v' and 'w'"),
        ('"w": {"dtype": "U8", "shape": [1], "data_offsets": [0, 1]}', "'w' and 'v'"),
    ],
)
def test_a_header_means_one_thing(
    second: str, message: str | None, tmp_path: Path
) -> None:
    """By the format, no name is repeated and no two tensors share a byte."""
    first = '"v": {"dtype": "F32", "shape": [1, 2], "data_offsets": [0, 8]}'
    content = write_header(f"{{{first}, {second}}}", bytes(8) + b"a")
    if message is None:
        assert read_rows(content, "safetensors") == [("a", [0, 0])]
        return
    with pytest.raises(FormatError, match=f"{message}.* damaged"):
        read_rows(content, "safetensors")
    (tmp_path / "v").write_bytes(content)
    with pytest.raises(FormatError, match=f"{message}.* damaged"):
        open_file(tmp_path / "v", words=["a"])


def test_a_file_of_tensors_that_lacks_a_byte(tmp_path: Path) -> None:
    """Header and tensors are compared with the size of the file, to the byte."""
    content = safetensors.numpy.save({"v": NUMBERS, "w": join(WORDS)})
    begin = 8 + int.from_bytes(content[:8], "little")
    with pytest.raises(FormatError, match=f"should have {begin - 8} bytes: .* cut off"):
        read_rows(content[: begin - 1], "safetensors")
    with pytest.raises(FormatError, match="does not fit the file"):
        read_rows(content[:-1], "safetensors")
    (tmp_path / "v").write_bytes(safetensors.numpy.save({"v": NUMBERS})[:-1])
    with pytest.raises(FormatError, match="does not fit the file"):
        open_file(tmp_path / "v", words=WORDS)


def test_tensors_of_other_types_are_left_out() -> None:
    """Whole numbers beside vectors and words do not matter, and metadata neither."""
    ids: np.ndarray = np.arange(5)
    content = safetensors.numpy.save(
        {"ids": ids, "v": NUMBERS, "w": join(WORDS)}, {"dtype": "F32"}
    )
    assert read_rows(content, "safetensors") == [
        *zip(WORDS, NUMBERS.tolist(), strict=True)
    ]


def write_padded(descr: str, size: int) -> bytes:
    """Return an archive of one word, whose array has a header of so many bytes."""
    header = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': (1,), }}"
    text = header.encode().ljust(size - 1) + b"\n"
    array = b"\x93NUMPY\x01\0" + struct.pack("<H", len(text)) + text
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("w.npy", array + b"a\0\0\0")
        archive.writestr("v.npy", make_array(ONE))
    return file.getvalue()


def test_the_bounds_of_an_array() -> None:
    """A header has up to 4,096 bytes, and a word up to four for each of its own."""
    assert read_rows(write_padded("<U1", 4096), "npz") == [("a", [1, 1])]
    with pytest.raises(FormatError, match=r"'w\.npy' has no readable header"):
        read_rows(write_padded("<U1", 4097), "npz")
    longest = "a" * 65_536
    content = make_npz(v=ONE, w=np.array([longest]))
    assert read_rows(content, "npz") == [(longest, [1, 1])]
    with pytest.raises(FormatError, match="words have 262,148 bytes each"):
        read_rows(make_npz(v=ONE, w=np.array([longest + "a"])), "npz")
    with pytest.raises(FormatError, match="words have 0 bytes each"):
        read_rows(write_padded("<U0", 100), "npz")


def test_a_stream_is_read_on_to_the_last_byte() -> None:
    """A stream may give fewer bytes than it is asked for."""

    class Slow(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return super().read(min(size or 0, 1))

    stream = Slow(b"abcd")
    assert [read_exactly(stream, size) for size in (3, 0, 2)] == [b"abc", b"", b"d"]


def test_no_header_is_believed(tmp_path: Path) -> None:
    """A header of more than the file holds is an error, before anything is made."""
    header = b"{'descr': '<f4', 'fortran_order': False, 'shape': (2000000, 16000), }"
    array = b"\x93NUMPY\x01\0" + struct.pack("<H", len(header) + 1) + header + b"\n"
    path = tmp_path / "v.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("v.npy", array)
        archive.writestr("w.npy", make_array(np.array(WORDS)))
    with pytest.raises(FormatError, match="the file is cut off or damaged"):
        open_file(path)
    text = json.dumps(
        {"v": {"dtype": "F32", "shape": [2**40, 2], "data_offsets": [0, 2**43]}}
    ).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text)
    with pytest.raises(FormatError, match="'v' does not fit the file"):
        open_file(path)
    for shape in (["a", 10**13], [10**4000] * 300, [1] * 9):
        text = json.dumps(
            {"v": {"dtype": "F32", "shape": shape, "data_offsets": [0, 4]}}
        ).encode()
        path.write_bytes(struct.pack("<Q", len(text)) + text + bytes(4))
        with pytest.raises(FormatError, match="is damaged"):
            open_file(path)
    path.write_bytes(struct.pack("<Q", 2**31) + text)
    with pytest.raises(FormatError, match="should have 2,147,483,648 bytes"):
        open_file(path)


def shape_as(shape: str) -> bytes:
    """Return an archive of a word and of numbers whose header has another shape."""
    header = b"{'descr': '<f4', 'fortran_order': False, 'shape': %s, }\n"
    text = header % shape.encode()
    array = b"\x93NUMPY\1\0" + struct.pack("<H", len(text)) + text + bytes(8)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("v.npy", array)
        archive.writestr("w.npy", make_array(np.array(["a"])))
    return file.getvalue()


@pytest.mark.parametrize("shape", ["(-1, 2)", "(1, -2)", "(-1, -2)", "(0, 2)"])
def test_no_array_has_fewer_rows_or_numbers_than_one(shape: str) -> None:
    """A header with a size of zero or below is refused for its shape."""
    with pytest.raises(FormatError, match=re.escape(f"array of shape {shape}")):
        read_rows(shape_as(shape), "npz")
    assert read_rows(shape_as("(1, 2)"), "npz") == [("a", [0, 0])]


def test_an_npz_of_many_arrays() -> None:
    """A hundred arrays are looked through, and of more not even the headers."""
    others = {f"x{number}": np.zeros(1, np.int32) for number in range(98)}
    most = make_npz(v=ONE, w=np.array(["a"]), **others)
    assert read_rows(most, "npz") == [("a", [1, 1])]
    with pytest.raises(FormatError, match=r"101 arrays .* at most 100"):
        read_rows(make_npz(v=ONE, w=np.array(["a"]), y=ONE, **others), "npz")


def test_a_long_header_of_tensors() -> None:
    """A header of 1 MiB is read, and a longer one is not."""
    plain = safetensors.numpy.save(TENSORS)
    length = int.from_bytes(plain[:8], "little")
    header, rest = plain[8 : 8 + length], plain[8 + length :]
    for size in (1 << 20, (1 << 20) + 1):
        content = struct.pack("<Q", size) + header.ljust(size) + rest
        if size == 1 << 20:
            assert read_rows(content, "safetensors") == [("a", [1, 1])]
        else:
            with pytest.raises(FormatError, match="should have 1,048,577 bytes"):
                read_rows(content, "safetensors")


@pytest.mark.parametrize("form", ["npz", "safetensors"])
def test_long_words_end_a_block(form: str) -> None:
    """A block is bounded by the bytes of its words, not by its numbers alone."""
    words = [f"{number}".ljust(60_000, "a") for number in range(300)]
    arrays = {"v": np.ones((300, 1), np.float32), "w": join(words)}
    content = make_npz(**arrays) if form == "npz" else safetensors.numpy.save(arrays)
    blocks = list(read_vectors(io.BytesIO(content), format=form))
    assert [token.decode() for block in blocks for token in block.tokens] == words
    most = BLOCK_BYTES + 60_000
    assert all(sum(map(len, block.tokens)) <= most for block in blocks)


LONG = "n" * 20_000


def write_member(name: str, content: bytes) -> bytes:
    """Return an archive of one file."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(name, content)
    return file.getvalue()


@pytest.mark.parametrize(
    ("form", "content"),
    [
        ("npz", make_npz(v=np.zeros(1, [(f"field{i}", "f4") for i in range(100)]))),
        ("npz", make_npz(**{LONG: ONE})),
        ("npz", make_npz(**{LONG: np.asfortranarray(np.eye(2)), "w": join(["a"])})),
        ("npz", write_member(LONG + ".npy", b"no array")),
        ("parquet", make_parquet(**{LONG: [1.0]})),
        ("safetensors", safetensors.numpy.save({LONG: ONE})),
        ("safetensors", safetensors.numpy.save({LONG: ONE})[:-1]),
    ],
)
def test_no_name_makes_a_message_long(form: str, content: bytes) -> None:
    """Names and types are shortened, however long a header has them."""
    with pytest.raises(FormatError) as caught:
        read_rows(content, form)
    assert len(str(caught.value)) < 500
