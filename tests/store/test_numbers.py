"""What each type of numbers makes of float32."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from glove_registry.errors import FormatError
from glove_registry.store.numbers import (
    NUMBER_TYPES,
    NumberType,
    decode_numbers,
    encode_numbers,
)

FLOAT32 = np.finfo(np.float32)
SMALLEST = float(FLOAT32.smallest_subnormal)
LARGEST = float(FLOAT32.max)


def blocks(limit: float) -> st.SearchStrategy[NDArray[np.float32]]:
    """Blocks of numbers of every size up to a limit, subnormal ones and zeros too."""
    numbers = st.one_of(
        st.floats(-limit, limit, width=32),
        st.floats(-1000 * SMALLEST, 1000 * SMALLEST, width=32),
        st.floats(-4, 4, width=32),
        st.sampled_from([0.0, -0.0, limit, -limit, SMALLEST, -SMALLEST]),
    )
    shapes = hnp.array_shapes(min_dims=2, max_dims=2, max_side=6)
    return hnp.arrays(np.float32, shapes, elements=numbers)


@given(blocks(LARGEST))
def test_float32_is_stored_as_it_is(block: NDArray[np.float32]) -> None:
    """Each bit of a float32 comes back."""
    numbers, scales = encode_numbers(block, "float32")
    assert scales is None
    assert decode_numbers(numbers, scales).tobytes() == block.tobytes()


@given(blocks(65_519.0))
def test_float16_is_rounded_as_by_numpy(block: NDArray[np.float32]) -> None:
    """A number becomes the nearest float16, and is never infinite."""
    numbers, scales = encode_numbers(block, "float16")
    assert scales is None
    assert numbers.tobytes() == block.astype("<f2").tobytes()
    decoded = decode_numbers(numbers, scales)
    assert decoded.dtype == np.float32
    assert [float(x) for x in decoded.flat] == [float(x) for x in numbers.flat]
    assert np.isfinite(decoded).all()


def test_every_float16_is_read_as_by_numpy() -> None:
    """All 63,488 finite numbers have the bits that numpy's own conversion gives."""
    every = np.arange(1 << 16, dtype="<u2").view("<f2")
    finite = every[np.isfinite(every)].reshape(-1, 512)
    assert finite.size == 63_488
    assert decode_numbers(finite, None).tobytes() == finite.astype(np.float32).tobytes()


@pytest.mark.parametrize("number", [65_520.0, -65_520.0, 1e30, -LARGEST])
def test_no_number_becomes_infinite(number: float) -> None:
    """A number beyond the range of float16 is refused, and the largest in it is not."""
    fits = float(np.nextafter(np.float32(65_520), np.float32(0)))
    block = np.array([[1, fits], [-fits, 0]], np.float32)
    assert encode_numbers(block, "float16")[0].tolist() == [[1, 65_504], [-65_504, 0]]
    block[1, 1] = number
    with pytest.raises(FormatError, match=r"from -65,504 to 65,504, found -?[\d,.e+]+"):
        encode_numbers(block, "float16")


@given(blocks(LARGEST))
def test_int8_is_off_by_half_a_step_at_most(block: NDArray[np.float32]) -> None:
    """A number comes back within half of its row's scale, its largest as the largest.

    Half a step and the rounding of the quotient and the product, in float32.
    """
    numbers, scales = encode_numbers(block, "int8")
    assert scales is not None
    assert numbers.dtype == np.int8
    assert scales.dtype == np.float32
    decoded = decode_numbers(numbers, scales)
    assert decoded.dtype == np.float32
    assert np.isfinite(decoded).all()
    for row, integers, scale, found in zip(
        block.tolist(), numbers.tolist(), scales.tolist(), decoded.tolist(), strict=True
    ):
        largest = max(map(abs, row))
        assert max(map(abs, integers)) <= 127
        # A row of zeros stays one, and no other becomes one.
        assert (scale == 0) == (largest == 0) == (not any(integers))
        # Subnormal numbers are multiples of the smallest one.
        assert abs(scale - largest / 127) <= max(scale * 2**-23, SMALLEST)
        for number, integer, back in zip(row, integers, found, strict=True):
            assert abs(number - back) <= scale * (0.5 + 127 * 2**-22)
            assert abs(back - integer * scale) <= abs(back) * 2**-24
            if abs(number) == largest >= 127 * float(FLOAT32.tiny):
                assert abs(integer) == 127


def test_int8_is_rounded_half_to_even() -> None:
    """Numbers between two steps become the even one, the others the nearest."""
    block = np.array([[127, 0.5, 1.5, -2.5, 2.51], [-12.7, 0.1, 0.24, 0, 0]])
    numbers, scales = encode_numbers(block.astype(np.float32), "int8")
    assert numbers.tolist() == [[127, 0, 2, -2, 3], [-127, 1, 2, 0, 0]]
    assert scales is not None
    assert scales.tolist() == [1, float(np.float32(12.7) / np.float32(127))]


def test_a_scale_is_a_127th_of_the_largest_number() -> None:
    """Except for the smallest and largest numbers, a scale is the plain quotient."""
    random = np.random.default_rng(0)
    block = random.normal(size=(1000, 9)).astype(np.float32)
    block *= (10.0 ** random.integers(-30, 30, (1000, 1))).astype(np.float32)
    _, scales = encode_numbers(block, "int8")
    assert scales is not None
    assert scales.tobytes() == (abs(block).max(axis=1) / np.float32(127)).tobytes()


@pytest.mark.parametrize("dtype", NUMBER_TYPES)
def test_any_layout_of_a_block_is_stored_alike(dtype: NumberType) -> None:
    """A block in another order or byte order has the same bytes, and is not changed."""
    plain = np.random.default_rng(1).normal(size=(4, 6)).astype(np.float32)
    others: list[NDArray[Any]] = [
        np.asfortranarray(plain),
        np.repeat(plain, 2, axis=1)[:, ::2],
        plain.astype(">f4"),
    ]
    for block in others:
        block.flags.writeable = False
        for found, expected in zip(
            encode_numbers(block, dtype), encode_numbers(plain, dtype), strict=True
        ):
            if expected is None:
                assert found is None
            else:
                assert found is not None
                assert found.tobytes() == expected.tobytes()
                assert found.flags.c_contiguous


@pytest.mark.parametrize("dtype", NUMBER_TYPES)
def test_no_rows_are_no_error(dtype: NumberType) -> None:
    """A block without rows is encoded and decoded."""
    numbers, scales = encode_numbers(np.empty((0, 3), np.float32), dtype)
    assert decode_numbers(numbers, scales).shape == (0, 3)
