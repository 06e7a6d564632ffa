"""Files of other kinds, and only these, are recognized by their first bytes."""

import struct

import pytest

from glove_registry.formats.signatures import recognize, recognize_binary

# Parameters of a fastText model of 2016; four of them identify it.
OLD = [100, 5, 5, 5, 5, 1, 2, 1, 2_000_000, 0, 0, 100]
PLACES = {"dimension": 0, "window": 1, "loss": 6, "model": 7}


def make_old_fasttext(**changed: int) -> bytes:
    """Return the parameters, with some changed."""
    numbers = [*OLD]
    for name, number in changed.items():
        numbers[PLACES[name]] = number
    return struct.pack("<12i", *numbers)


@pytest.mark.parametrize(
    ("name", "smallest", "largest"),
    [("dimension", 1, 16_384), ("window", 1, 100), ("loss", 1, 3), ("model", 1, 3)],
)
def test_an_old_fasttext_model(name: str, smallest: int, largest: int) -> None:
    """Parameters are recognized by their ranges, both bounds included."""
    for number in (smallest, largest):
        found = recognize(make_old_fasttext(**{name: number}))
        assert found is not None
        assert "fastText model" in found
    for number in (smallest - 1, largest + 1, -1):
        assert recognize(make_old_fasttext(**{name: number})) is None


def test_an_old_fasttext_model_that_is_cut_off() -> None:
    """All twelve parameters are needed, and anything may follow them."""
    assert recognize(make_old_fasttext()[:-1]) is None
    assert recognize(make_old_fasttext() + b"x") is not None


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
