"""The files of a store are numpy's own, and what they say of themselves is held."""

import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glove_registry.store.layout import (
    DamagedStoreError,
    make_header,
    map_array,
    write_array,
)


@given(
    dtype=st.sampled_from(["<f4", "<i4", "<i8"]),
    shape=st.lists(st.integers(0, 2**40), min_size=1, max_size=2).map(tuple),
)
def test_a_header_is_the_one_that_numpy_writes(
    dtype: str, shape: tuple[int, ...]
) -> None:
    """A header has the very bytes of numpy's own, so that anybody can read the file."""
    file = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        file, {"descr": dtype, "fortran_order": False, "shape": shape}
    )
    assert make_header(dtype, shape) == file.getvalue()


def test_an_array_is_read_by_numpy_and_mapped_here(tmp_path: Path) -> None:
    """What is written is read by numpy, and mapped read-only as it was."""
    array = np.arange(12, dtype=np.float32).reshape(4, 3)
    path = tmp_path / "a.npy"
    write_array(path, array)
    assert (np.load(path, allow_pickle=False) == array).all()
    mapped = map_array(path, "<f4", (4, 3))
    assert (mapped == array).all()
    assert not mapped.flags.writeable
    with pytest.raises(DamagedStoreError, match=r"a\.npy"):
        map_array(path, "<f4", (3, 4))
