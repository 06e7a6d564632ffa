"""Files of other kinds, and only these, are recognized by their first bytes."""

import struct

import pytest

from glove_registry.formats.signatures import recognize, recognize_binary


@pytest.mark.parametrize(
    ("code", "what"), [("d", "output of the GloVe program"), ("f", "bare float32")]
)
def test_bare_numbers(code: str, what: str) -> None:
    """Four or more numbers without words are recognized by their sizes."""
    good = [0.5, -0.25, 999.0, -2e-9]

    def write(numbers: list[float]) -> bytes:
        return struct.pack(f"<{len(numbers)}{code}", *numbers)

    for numbers in (good, good * 8, good * 8 + [0.0, 1e9, float("nan")]):
        found = recognize(write(numbers))
        assert found is not None, numbers
        assert what in found
    assert recognize(write(good) + b"\1\2\3") is not None
    assert recognize(write(good)[:-1]) is None
    for odd in (0.0, 1000.0, -1001.0, 1e-10, float("nan"), float("inf")):
        for place in range(4):
            assert recognize(write([*good[:place], odd, *good[place + 1 :]])) is None
        assert recognize(write([*good * 7, *good[:3], odd])) is None


@pytest.mark.parametrize(
    ("start", "what"),
    [
        (b"\x1f\x8b\x08", "a gz inside"),
        (b"\x80\x04" + b"x" * 400 + b"gensim", "a pickle of gensim"),
        (b"\x80\x04" + b"x" * 401 + b"gensim", "a pickle, which"),
        (b"\x80\x01", None),
        (b"BZh91AY&SY", "a bz2"),
        (b"BZh01AY&SY", None),
        (b"\x93NUMPY\x01", "a numpy array"),
        (b"the 1 2\n", None),
        (b"", None),
    ],
)
def test_marks_that_no_text_begins_with(start: bytes, what: str | None) -> None:
    """Files of other programs are recognized by their very first bytes."""
    for recognized in (recognize_binary(start), recognize(start)):
        assert (what is None) == (recognized is None)
        assert what is None or what in str(recognized)
    assert recognize_binary(b"x" + start) is None
